"""CreateCluster, DescribeClusters, ListClusters, UpdateCluster(Settings), DeleteCluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import clusters, identifiers
from ecrmock.ecs.errors import InvalidParameterException
from ecrmock.ecs.state import Cluster, StrategyItem
from ecrmock.operations.ecs import views
from ecrmock.operations.table import Call, Page, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        CreateClusterRequestTypeDef,
        DeleteClusterRequestTypeDef,
        DescribeClustersRequestTypeDef,
        ListClustersRequestTypeDef,
        UpdateClusterRequestTypeDef,
        UpdateClusterSettingsRequestTypeDef,
    )

MAX_DESCRIBED: Final = 100
_ECHOED: Final = ("TAGS", "SETTINGS", "CONFIGURATIONS")
"""The parts of a cluster that a change shows without being asked."""


@operation("ecs", "CreateCluster")
def create_cluster(call: Call, request: CreateClusterRequestTypeDef) -> Reply:
    """Make a cluster. Source: ECS API reference, CreateCluster."""
    cluster = clusters.create(
        call.core,
        call.ecs_region,
        request.get("clusterName", clusters.DEFAULT_NAME),
        _changes(request),
        resource_tags=pairs(request.get("tags", ()), "key", "value"),
    )
    return {"cluster": views.cluster(cluster, _ECHOED)}


@operation("ecs", "DescribeClusters")
def describe_clusters(call: Call, request: DescribeClustersRequestTypeDef) -> Reply:
    """Show clusters by name or ARN, in the order asked for.

    Source: ECS API reference, DescribeClusters. Assumed: they are shown in the order asked for.
    """
    given = request.get("clusters") or [clusters.DEFAULT_NAME]
    if len(given) > MAX_DESCRIBED:
        raise InvalidParameterException.too_many("clusters", MAX_DESCRIBED)
    region = call.ecs_region
    found: list[Cluster] = []
    failures = []
    for one in given:
        cluster = clusters.find(region, one)
        if cluster is None:
            name = identifiers.cluster_name(region, one)
            arn = identifiers.cluster_arn(region, name)
            failures.append({"arn": arn, "reason": "MISSING"})
        else:
            found.append(cluster)
    include = request.get("include", ())
    shown = [views.cluster(cluster, include) for cluster in found]
    return {"clusters": shown, "failures": failures}


@operation("ecs", "ListClusters")
def list_clusters(call: Call, request: ListClustersRequestTypeDef) -> Page:
    """List the ARNs of the clusters that are not INACTIVE.

    Source: ECS API reference, ListClusters. Assumed: they are listed as they were made.
    """
    region = call.ecs_region

    def walk(after: int | None) -> Iterator[tuple[int, Cluster]]:
        return ((cluster.seq, cluster) for cluster in clusters.walk(region, after))

    return Page("clusterArns", walk, lambda cluster: cluster.arn)


@operation("ecs", "UpdateCluster")
def update_cluster(call: Call, request: UpdateClusterRequestTypeDef) -> Reply:
    """Change settings, configuration or defaults. Source: ECS API reference, UpdateCluster."""
    return _update(call, request)


@operation("ecs", "UpdateClusterSettings")
def update_cluster_settings(call: Call, request: UpdateClusterSettingsRequestTypeDef) -> Reply:
    """Change settings. Source: ECS API reference, UpdateClusterSettings."""
    return _update(call, request)


@operation("ecs", "DeleteCluster")
def delete_cluster(call: Call, request: DeleteClusterRequestTypeDef) -> Reply:
    """Make a cluster INACTIVE. Source: ECS API reference, DeleteCluster."""
    region = call.ecs_region
    cluster = clusters.get(region, request["cluster"])
    clusters.delete(region, cluster)
    return {"cluster": views.cluster(cluster, ())}


def read_strategy(given: Iterable[Mapping[str, Any]]) -> tuple[StrategyItem, ...]:
    """Read a capacity provider strategy."""
    return tuple(
        StrategyItem(item["capacityProvider"], item.get("weight", 0), item.get("base", 0))
        for item in given
    )


def _update(call: Call, request: Mapping[str, Any]) -> Reply:
    region = call.ecs_region
    cluster = clusters.get_active(region, request["cluster"])
    clusters.update(call.core, region, cluster, _changes(request))
    return {"cluster": views.cluster(cluster, _ECHOED)}


def _changes(request: Mapping[str, Any]) -> clusters.Changes:
    """Read what a request wants of a cluster; of two values for one setting the last counts."""
    settings = {s.get("name"): s.get("value", "") for s in request.get("settings", ())}
    providers = request.get("capacityProviders")
    strategy = request.get("defaultCapacityProviderStrategy")
    return clusters.Changes(
        insights=settings.get("containerInsights"),
        configuration=request.get("configuration"),
        providers=None if providers is None else tuple(providers),
        default_strategy=None if strategy is None else read_strategy(strategy),
        namespace=request.get("serviceConnectDefaults", {}).get("namespace"),
    )
