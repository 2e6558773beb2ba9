"""The resources of ECS that a call is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecs import clusters, identifiers
from ecrmock.operations.resources import Resource, resolver

if TYPE_CHECKING:
    from ecrmock.operations.table import Call, Request


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
