"""Clusters: making, finding, changing and deleting them.

Source: ECS API reference. A deleted cluster stays, INACTIVE, and its name can be used again.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ecrmock.core import Core, arn
from ecrmock.ecs import capacity, identifiers, tagging
from ecrmock.ecs.errors import (
    ClusterContainsContainerInstancesException,
    ClusterContainsTasksException,
    ClusterNotFoundException,
    InvalidParameterException,
    NamespaceNotFoundException,
)
from ecrmock.ecs.state import Cluster, Region, StrategyItem

DEFAULT_NAME: Final = "default"
INSIGHTS: Final = ("enabled", "disabled", "enhanced")
_NAMESPACE: Final = re.compile(r'[^<>"/]{0,1024}', re.DOTALL)
_NAME: Final = re.compile(r"[a-zA-Z0-9\-_]{1,255}")


@dataclass(slots=True, frozen=True)
class Changes:
    """What a request wants of a cluster; None leaves a part as it is."""

    insights: str | None = None
    configuration: dict[str, Any] | None = None
    providers: tuple[str, ...] | None = None
    default_strategy: tuple[StrategyItem, ...] | None = None
    namespace: str | None = None
    """Name or ARN of a Cloud Map namespace; the empty name takes the default away."""


def find(region: Region, given: str) -> Cluster | None:
    """Return a cluster by name or ARN, INACTIVE ones too; None when there is none.

    Raises:
        InvalidParameterException: *given* is malformed or of another account or region.
    """
    return region.clusters.get(identifiers.cluster_name(region, given))


def get(region: Region, given: str) -> Cluster:
    """Return a cluster by name or ARN, INACTIVE ones too.

    Raises:
        ClusterNotFoundException: there is none.
        InvalidParameterException: *given* is malformed or of another account or region.
    """
    cluster = find(region, given)
    if cluster is None:
        raise ClusterNotFoundException.missing()
    return cluster


def get_active(region: Region, given: str) -> Cluster:
    """Return a cluster that is not INACTIVE.

    Raises:
        ClusterNotFoundException: there is none, or it was deleted.
        InvalidParameterException: *given* is malformed or of another account or region.
    """
    cluster = get(region, given)
    if cluster.status == "INACTIVE":
        raise ClusterNotFoundException.inactive()
    return cluster


def walk(region: Region, after: int | None) -> Iterator[Cluster]:
    """Walk the clusters that are not INACTIVE in the order in which they were made."""
    for _, name in region.cluster_order.items_after(after):
        yield region.clusters[name]


def create(
    core: Core,
    region: Region,
    name: str,
    changes: Changes,
    *,
    resource_tags: Sequence[tuple[str, str]] = (),
) -> Cluster:
    """Make a cluster, or return the active one of that name if it is as asked for.

    Raises:
        InvalidParameterException: the name or a setting is malformed, a provider is not known,
            or the active cluster of that name differs.
        NamespaceNotFoundException: the ARN of a namespace that is not there.

    Source: ECS API reference, CreateCluster.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidParameterException.cluster_name()
    tagging.check({}, resource_tags)
    _check(changes, changes.providers or ())
    existing = region.clusters.get(name)
    if existing is not None and existing.status == "ACTIVE":
        if not _is_as_asked(region, existing, changes):
            raise InvalidParameterException.inconsistent()
        return existing
    cluster = Cluster(region.next_seq, name, identifiers.cluster_arn(region, name))
    cluster.tags.update(resource_tags)
    _apply(core, region, cluster, changes)
    region.next_seq += 1
    region.clusters[name] = cluster
    region.cluster_order.add(cluster.seq, name)
    return cluster


def update(core: Core, region: Region, cluster: Cluster, changes: Changes) -> None:
    """Change a cluster.

    Raises:
        InvalidParameterException: a setting is malformed.
        NamespaceNotFoundException: the ARN of a namespace that is not there.

    Source: ECS API reference, UpdateCluster and UpdateClusterSettings.
    """
    _check(changes, cluster.providers)
    _apply(core, region, cluster, changes)


def delete(region: Region, cluster: Cluster) -> None:
    """Make a cluster INACTIVE. Assumed: one that is already stays so, without an error.

    Raises:
        ClusterContainsContainerInstancesException: it has instances that are not INACTIVE.
        ClusterContainsTasksException: it has tasks that have not stopped.

    Source: ECS API reference, DeleteCluster. Assumed: instances are seen before tasks.
    """
    if cluster.status == "ACTIVE":
        if len(cluster.instance_order):
            raise ClusterContainsContainerInstancesException
        if any(task.stopped_at is None for task in cluster.tasks.values()):
            raise ClusterContainsTasksException
        cluster.status = "INACTIVE"
        region.cluster_order.pop(cluster.seq)


def _check(changes: Changes, providers: Sequence[str]) -> None:
    """Refuse what a cluster cannot be, before anything changes."""
    if changes.insights is not None and changes.insights not in INSIGHTS:
        raise InvalidParameterException.setting()
    capacity.check_providers(changes.providers or ())
    capacity.check_default_strategy(changes.default_strategy or (), providers)
    command = (changes.configuration or {}).get("executeCommandConfiguration", {})
    logs = command.get("logConfiguration")
    if logs is not None and command.get("logging") != "OVERRIDE":
        raise InvalidParameterException.log_override()
    if command.get("logging") == "OVERRIDE" and not (
        logs and (logs.get("cloudWatchLogGroupName") or logs.get("s3BucketName"))
    ):
        raise InvalidParameterException.log_destination()
    namespace = changes.namespace or ""
    if namespace.startswith("arn:"):
        if arn.parse(namespace) is None:
            raise NamespaceNotFoundException(namespace)
    elif _NAMESPACE.fullmatch(namespace) is None:
        raise InvalidParameterException.namespace_name()


def _is_as_asked(region: Region, cluster: Cluster, changes: Changes) -> bool:
    """Tell whether a cluster already is what a request wants."""
    wanted = (
        (changes.insights, cluster.insights),
        (changes.configuration, cluster.configuration),
        (changes.providers, cluster.providers),
        (changes.default_strategy, cluster.default_strategy),
        (_known_namespace(region, changes.namespace), cluster.namespace_arn),
    )
    return all(asked is None or asked == present for asked, present in wanted)


def _known_namespace(region: Region, given: str | None) -> str | None:
    if not given or given.startswith("arn:"):
        return given
    return region.namespaces.get(given, "a namespace that is not there yet")


def _apply(core: Core, region: Region, cluster: Cluster, changes: Changes) -> None:
    if changes.insights is not None:
        cluster.insights = changes.insights
    if changes.configuration is not None:
        cluster.configuration = copy.deepcopy(changes.configuration)
    if changes.providers is not None:
        cluster.providers = changes.providers
    if changes.default_strategy is not None:
        cluster.default_strategy = changes.default_strategy
    if changes.namespace is not None:
        cluster.namespace_arn = _namespace_arn(core, region, changes.namespace)


def _namespace_arn(core: Core, region: Region, given: str) -> str | None:
    """Return the ARN of a namespace; a name that is not there yet is made.

    Source: ECS API reference, ClusterServiceConnectDefaultsRequest.
    """
    if not given:
        return None
    if given.startswith("arn:"):
        return given
    if given not in region.namespaces:
        partition = arn.partition_of(region.name)
        region.namespaces[given] = (
            f"arn:{partition}:servicediscovery:{region.name}:{region.account_id}:"
            f"namespace/ns-{core.ids.hex(16)}"
        )
    return region.namespaces[given]
