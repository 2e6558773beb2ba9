"""TagResource, UntagResource, ListTagsForResource: the tags of whatever has an ARN in ECS."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import arn
from ecrmock.ecs import tagging
from ecrmock.ecs.errors import ClusterNotFoundException, InvalidParameterException
from ecrmock.operations.ecs import views
from ecrmock.operations.table import Call, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

    from ecrmock.ecs.state import Cluster, Region

Tags = dict[str, str]


@operation("ecs", "TagResource")
def tag_resource(call: Call, request: TagResourceRequestTypeDef) -> Reply:
    """Add or overwrite tags. Source: ECS API reference, TagResource."""
    tagging.add(_tags_of(call, request["resourceArn"]), pairs(request["tags"], "key", "value"))
    return {}


@operation("ecs", "UntagResource")
def untag_resource(call: Call, request: UntagResourceRequestTypeDef) -> Reply:
    """Remove tags. Source: ECS API reference, UntagResource."""
    tagging.remove(_tags_of(call, request["resourceArn"]), request["tagKeys"])
    return {}


@operation("ecs", "ListTagsForResource")
def list_tags_for_resource(call: Call, request: ListTagsForResourceRequestTypeDef) -> Reply:
    """Show the tags. Source: ECS API reference, ListTagsForResource."""
    return {"tags": views.tags(_tags_of(call, request["resourceArn"]))}


def _tags_of(call: Call, given: str) -> Tags:
    """Return the tags of the resource of an ARN.

    Raises:
        InvalidParameterException: it is no ARN of something in this account and region that ECS
            tags, or of something that is not there.
        ClusterNotFoundException: there is no such cluster.
    """
    parsed = arn.parse(given)
    find = None if parsed is None else _FINDERS.get(parsed.kind)
    if parsed is None or find is None or not parsed.name:
        raise InvalidParameterException.arn()
    found = find(call.ecs_region, parsed.name)
    if found is not None:
        return found
    if parsed.kind == "cluster":
        raise ClusterNotFoundException.missing()
    raise InvalidParameterException.not_found(parsed.kind.replace("-", " "))


def _of_cluster(region: Region, name: str) -> Tags | None:
    found = region.clusters.get(name)
    return None if found is None or found.status == "INACTIVE" else found.tags


def _of_task_definition(region: Region, name: str) -> Tags | None:
    family, _, revision = name.rpartition(":")
    if not revision.isascii() or not revision.isdigit():
        return None
    found = region.task_definitions.get((family, int(revision)))
    return None if found is None else found.tags


def _of_task(region: Region, name: str) -> Tags | None:
    for cluster in _clusters(region, name):
        found = cluster.tasks.get(name.rpartition("/")[2])
        if found is not None:
            return found.tags
    return None


def _of_instance(region: Region, name: str) -> Tags | None:
    for cluster in _clusters(region, name):
        found = cluster.instances.get(name.rpartition("/")[2])
        if found is not None and found.status != "INACTIVE":
            return found.tags
    return None


def _clusters(region: Region, name: str) -> list[Cluster]:
    """Return the cluster that a long ARN names, or all for a short one."""
    place, slash, _ = name.rpartition("/")
    if not slash:
        return list(region.clusters.values())
    found = region.clusters.get(place)
    return [] if found is None else [found]


def _nothing(region: Region, name: str) -> Tags | None:
    """Find nothing: these are not built yet, so there are none."""
    return None


_FINDERS: Final[dict[str, Callable[[Any, str], Tags | None]]] = {
    "cluster": _of_cluster,
    "container-instance": _of_instance,
    "task": _of_task,
    "task-definition": _of_task_definition,
    "capacity-provider": _nothing,
    "daemon": _nothing,
    "daemon-task-definition": _nothing,
    "service": _nothing,
    "task-set": _nothing,
}
