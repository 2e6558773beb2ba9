"""Where tasks live: one account's ECS in one region, with the time and the scripts of its world."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core import Core
    from ecrmock.ecs.behaviour import Scripts
    from ecrmock.ecs.state import Cluster, Region, Task


class Site(NamedTuple):
    """What everything that happens to a task draws on."""

    core: Core
    region: Region
    scripts: Scripts

    @property
    def now(self) -> datetime:
        """The present, UTC."""
        return self.core.clock.now

    def cluster_of(self, task: Task) -> Cluster:
        """Return the cluster that a task is in."""
        return self.region.clusters[task.cluster]
