"""What ECS shows of its state. Views copy: a reply shares nothing with the state."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import views as shared

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ClusterTypeDef, TagTypeDef

    from ecrmock.ecs.state import Cluster, Instance, Task, TaskDefinition

Json = dict[str, Any]

_SERVICES: Final = (
    "activeEC2ServiceCount",
    "activeFargateServiceCount",
    "drainingEC2ServiceCount",
    "drainingFargateServiceCount",
)
_LAUNCHED: Final = {"EC2": "EC2", "FARGATE": "Fargate"}


def cluster(found: Cluster, include: Collection[str]) -> ClusterTypeDef:
    """Show a cluster, with the parts that *include* names. Source: ECS API reference, Cluster."""
    shown: ClusterTypeDef = {
        "clusterArn": found.arn,
        "clusterName": found.name,
        "status": found.status,
        "registeredContainerInstancesCount": len(found.instance_order),
        "runningTasksCount": sum(found.counts.running.values()),
        "pendingTasksCount": sum(found.counts.pending.values()),
        "activeServicesCount": 0,
        "statistics": [],
        "tags": tags(found.tags) if "TAGS" in include else [],
        "settings": [],
        "capacityProviders": list(found.providers),
        "defaultCapacityProviderStrategy": [
            {"capacityProvider": item.provider, "weight": item.weight, "base": item.base}
            for item in found.default_strategy
        ],
    }
    if "STATISTICS" in include:
        shown["statistics"] = _statistics(found)
    if "SETTINGS" in include:
        shown["settings"] = [{"name": "containerInsights", "value": found.insights}]
    if "CONFIGURATIONS" in include and found.configuration is not None:
        shown["configuration"] = copy.deepcopy(found.configuration)  # type: ignore[typeddict-item]
    if found.namespace_arn is not None:
        shown["serviceConnectDefaults"] = {"namespace": found.namespace_arn}
    return shown


def tags(found: dict[str, str]) -> list[TagTypeDef]:
    """Show resource tags."""
    return [{"key": key, "value": value} for key, value in found.items()]


def task_definition(found: TaskDefinition) -> Json:
    """Show a task definition. Source: ECS API reference, TaskDefinition."""
    shown: Json = {
        "taskDefinitionArn": found.arn,
        **copy.deepcopy(found.document),
        "revision": found.revision,
        "status": found.status,
        "compatibilities": list(found.compatibilities),
        "registeredAt": found.registered_at,
        "registeredBy": found.registered_by,
    }
    if found.required_attributes:
        shown["requiresAttributes"] = [{"name": name} for name in found.required_attributes]
    if found.deregistered_at is not None:
        shown["deregisteredAt"] = found.deregistered_at
    if found.delete_requested_at is not None:
        shown["deleteRequestedAt"] = found.delete_requested_at
    return shown


def task(found: Task, of: Cluster, *, with_tags: bool = False, is_new: bool = False) -> Json:
    """Show a task. Source: ECS API reference, Task.

    Args:
        found: which one.
        of: the cluster that it is in.
        with_tags: whether its tags were asked for.
        is_new: whether it was just made, so that nothing is known of its health.
    """
    shown = shared.task(found, of.arn)
    shown["tags"] = tags(found.tags) if with_tags else []
    if not is_new:
        shown["healthStatus"] = shared.health(found)
        for entry, container in zip(shown["containers"], found.containers, strict=True):
            entry["healthStatus"] = container.health
            entry.setdefault("networkBindings", [])
    if found.launch_type == "FARGATE":
        shown["platformFamily"] = found.platform_family
        shown["fargateEphemeralStorage"] = dict(shown["ephemeralStorage"])
    return shown


def instance(found: Instance, include: Collection[str]) -> Json:
    """Show a container instance. Source: ECS API reference, ContainerInstance."""
    shown = shared.instance(found)
    shown |= {
        "runningTasksCount": found.running_count,
        "pendingTasksCount": found.pending_count,
        "registeredAt": found.registered_at,
        "attachments": [],
        "tags": tags(found.tags) if "TAGS" in include else [],
    }
    if found.agent_update_status is not None:
        shown["agentUpdateStatus"] = found.agent_update_status
    if "CONTAINER_INSTANCE_HEALTH" in include:
        shown["healthStatus"] = _instance_health(found)
    return shown


def _instance_health(found: Instance) -> Json:
    """Show the health of an instance. Assumed: it is well while its agent is connected."""
    status = "OK" if found.agent_connected else "INSUFFICIENT_DATA"
    entry = {
        "type": "CONTAINER_RUNTIME",
        "status": status,
        "lastUpdated": found.registered_at,
        "lastStatusChange": found.registered_at,
    }
    return {"overallStatus": status, "details": [entry]}


def _statistics(found: Cluster) -> list[Any]:
    """Count tasks by launch type. There are no services yet."""
    shown = {
        f"{words}{launched}TasksCount": counts[kind]
        for words, counts in (("running", found.counts.running), ("pending", found.counts.pending))
        for kind, launched in _LAUNCHED.items()
    }
    values = {**shown, **dict.fromkeys(_SERVICES, 0)}
    return [{"name": name, "value": str(value)} for name, value in values.items()]
