"""The resources of ECS that a call is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecs import clusters, identifiers, task_definitions
from ecrmock.ecs.errors import InvalidParameterException
from ecrmock.operations.resources import Resource, resolver, tagged

if TYPE_CHECKING:
    from ecrmock.core.arn import Arn
    from ecrmock.operations.table import Call, Request


@tagged("ecs")
def tagged_resource(call: Call, arn: Arn | None) -> None:
    """Refuse the ARN of what ECS cannot tag here, before anybody asks who may.

    Raises:
        InvalidParameterException: it is none of ECS in this account and region.
    """
    own = (call.partition, "ecs", call.region, call.account_id)
    if arn is None or arn[:4] != own:
        raise InvalidParameterException.arn()


@resolver("ecs", "cluster")
def named_clusters(call: Call, request: Request) -> list[Resource]:
    """Return the clusters that a request names, by default the cluster `default`."""
    region = call.ecs_region
    if "clusterName" in request:  # a name to be, which CreateCluster itself judges
        names = [request["clusterName"]]
    else:
        given = request.get("clusters") or [request.get("cluster") or clusters.DEFAULT_NAME]
        names = [identifiers.cluster_name(region, one) for one in given]
    return [Resource(identifiers.cluster_arn(region, n), call.account_id) for n in names]


@resolver("ecs", "task-definition")
def named_task_definitions(call: Call, request: Request) -> list[Resource]:
    """Return the task definitions that a request names, of a family the latest ACTIVE revision.

    One that is about to be registered has no revision yet. Source: captured denials.
    """
    region = call.ecs_region
    if "family" in request:
        names = [f"{request['family']}:*"]
    else:
        given = request.get("taskDefinitions") or [request.get("taskDefinition", "")]
        names = [_revision(call, one) for one in given]
    at = identifiers.arn_of(region, "task-definition")
    return [Resource(f"{at}/{name}", call.account_id) for name in names]


def _revision(call: Call, given: str) -> str:
    region = call.ecs_region
    found = task_definitions.find(region, given)
    if found is not None:
        return f"{found.family}:{found.revision}"
    family, revision = task_definitions.split(region, given)
    return f"{family}:{'*' if revision is None else revision}"


@resolver("ecs", "task")
def named_tasks(call: Call, request: Request) -> list[Resource]:
    """Return the tasks that a request names; every task of the cluster where it names none."""
    given = request.get("tasks") or [request.get("task", "*")]
    words = "task" if "command" in request else None
    return _members(call, request, "task", given, words=words)


@resolver("ecs", "container-instance")
def named_instances(call: Call, request: Request) -> list[Resource]:
    """Return the container instances that a request names; else every one of the cluster."""
    given = request.get("containerInstances")
    if given is None and "attributes" in request:
        given = [entry.get("targetId", "*") for entry in request["attributes"]]
    return _members(
        call, request, "container-instance", given or [request.get("containerInstance", "*")]
    )


def _members(
    call: Call, request: Request, kind: str, given: list[str], *, words: str | None = None
) -> list[Resource]:
    region = call.ecs_region
    name = identifiers.cluster_name(region, request.get("cluster") or clusters.DEFAULT_NAME)
    at = f"{identifiers.arn_of(region, kind)}/{name}"
    ids = [
        one if one == "*" else identifiers.member_id(region, name, one, kind, words=words)
        for one in given
    ]
    return [Resource(f"{at}/{one}", call.account_id) for one in ids]
