"""What one account holds in one region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ecrmock.core.sorted_map import SortedMap

ClusterStatus = Literal["ACTIVE", "INACTIVE"]


@dataclass(slots=True, frozen=True)
class StrategyItem:
    """One part of a capacity provider strategy."""

    provider: str
    weight: int = 0
    base: int = 0


@dataclass(slots=True)
class Cluster:
    """A named group of services, tasks and instances."""

    seq: int
    """The place in the order in which clusters were made."""
    name: str
    arn: str
    status: ClusterStatus = "ACTIVE"
    insights: str = "disabled"
    """The value of the setting `containerInsights`."""
    configuration: dict[str, Any] | None = None
    """As it was given, by the service's own member names."""
    providers: tuple[str, ...] = ()
    default_strategy: tuple[StrategyItem, ...] = ()
    namespace_arn: str | None = None
    """The Cloud Map namespace that Service Connect uses by default."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Region:
    """Amazon ECS of one account in one region."""

    account_id: str
    name: str
    clusters: dict[str, Cluster] = field(default_factory=dict)
    """By name; clusters that were deleted stay, INACTIVE."""
    cluster_order: SortedMap[int, str] = field(default_factory=SortedMap)
    """The names of the clusters that are not INACTIVE, in the order in which they were made."""
    next_seq: int = 0
    namespaces: dict[str, str] = field(default_factory=dict)
    """Cloud Map namespaces that clusters brought about: name to ARN."""
