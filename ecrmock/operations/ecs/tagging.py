"""TagResource, UntagResource, ListTagsForResource: the resource tags of clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecrmock.core import arn
from ecrmock.ecs import clusters
from ecrmock.ecs.errors import ClusterNotFoundException, InvalidParameterException
from ecrmock.operations.ecs import views
from ecrmock.operations.table import Call, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

    from ecrmock.ecs.state import Cluster

_TAGGABLE: Final = {
    "capacity-provider": "capacity provider",
    "container-instance": "container instance",
    "daemon": "daemon",
    "daemon-task-definition": "daemon task definition",
    "service": "service",
    "task": "task",
    "task-definition": "task definition",
    "task-set": "task set",
}


@operation("ecs", "TagResource")
def tag_resource(call: Call, request: TagResourceRequestTypeDef) -> Reply:
    """Add or overwrite tags. Source: ECS API reference, TagResource."""
    clusters.tag(_tagged(call, request["resourceArn"]), pairs(request["tags"], "key", "value"))
    return {}


@operation("ecs", "UntagResource")
def untag_resource(call: Call, request: UntagResourceRequestTypeDef) -> Reply:
    """Remove tags. Source: ECS API reference, UntagResource."""
    clusters.untag(_tagged(call, request["resourceArn"]), request["tagKeys"])
    return {}


@operation("ecs", "ListTagsForResource")
def list_tags_for_resource(call: Call, request: ListTagsForResourceRequestTypeDef) -> Reply:
    """Show the tags. Source: ECS API reference, ListTagsForResource."""
    return {"tags": views.tags(_tagged(call, request["resourceArn"]).tags)}


def _tagged(call: Call, given: str) -> Cluster:
    """Return the resource of an ARN.

    Raises:
        InvalidParameterException: it is no ARN of something in this account and region that ECS
            tags, or of something that is not there.
        ClusterNotFoundException: there is no such cluster.
    """
    parsed = arn.parse(given)
    own = (call.partition, "ecs", call.region, call.account_id)
    if parsed is None or parsed[:4] != own:
        raise InvalidParameterException.arn()
    if parsed.kind in _TAGGABLE:
        raise InvalidParameterException.not_found(_TAGGABLE[parsed.kind])
    if parsed.kind != "cluster" or not parsed.name:
        raise InvalidParameterException.arn()
    cluster = call.ecs_region.clusters.get(parsed.name)
    if cluster is None or cluster.status == "INACTIVE":
        raise ClusterNotFoundException.missing()
    return cluster
