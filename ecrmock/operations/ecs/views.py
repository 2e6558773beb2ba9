"""What ECS shows of its state. Views copy: a reply shares nothing with the state."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import ClusterTypeDef, TagTypeDef

    from ecrmock.ecs.state import Cluster

_STATISTICS: Final = (
    "runningEC2TasksCount",
    "runningFargateTasksCount",
    "pendingEC2TasksCount",
    "pendingFargateTasksCount",
    "activeEC2ServiceCount",
    "activeFargateServiceCount",
    "drainingEC2ServiceCount",
    "drainingFargateServiceCount",
)


def cluster(found: Cluster, include: Collection[str]) -> ClusterTypeDef:
    """Show a cluster, with the parts that *include* names. Source: ECS API reference, Cluster."""
    shown: ClusterTypeDef = {
        "clusterArn": found.arn,
        "clusterName": found.name,
        "status": found.status,
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
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
        shown["statistics"] = [{"name": name, "value": "0"} for name in _STATISTICS]
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
