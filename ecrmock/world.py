"""Floor 3: one world, all accounts and regions of it, as plain data.

A world can be copied whole; copies share nothing but the bytes of layers.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ecrmock.core import BlobStore, Bus, Clock, Core, Ids, Timers
from ecrmock.ecr.state import Registry
from ecrmock.ecs.behaviour import Scripts
from ecrmock.ecs.site import Site
from ecrmock.ecs.state import Region
from ecrmock.iam.state import Iam

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core.clock import Mode

DEFAULT_ACCOUNT: Final = "123456789012"
DEFAULT_REGION: Final = "us-east-1"

Place = tuple[str, str]
"""An account and a region."""


@dataclass(slots=True)
class World:
    """Everything that ecrmock remembers."""

    core: Core
    account_id: str = DEFAULT_ACCOUNT
    """The account of whoever does not say otherwise."""
    seed: int = 0
    strict: bool = False
    registries: dict[Place, Registry] = field(default_factory=dict)
    ecs_regions: dict[Place, Region] = field(default_factory=dict)
    iam: Iam = field(default_factory=Iam)
    scripts: Scripts = field(default_factory=Scripts)
    """What a test wants containers to do."""

    def registry(self, account_id: str, region: str) -> Registry:
        """Return the registry of an account in a region; every account has one."""
        place = (account_id, region)
        found = self.registries.get(place)
        if found is None:
            found = self.registries[place] = Registry(account_id, region)
        return found

    def ecs_region(self, account_id: str, region: str) -> Region:
        """Return what an account has of ECS in a region."""
        place = (account_id, region)
        found = self.ecs_regions.get(place)
        if found is None:
            found = self.ecs_regions[place] = Region(account_id, region)
        return found

    def site(self, account_id: str, region: str) -> Site:
        """Return what everything draws on that happens to tasks of an account in a region."""
        return Site(self.core, self.ecs_region(account_id, region), self.scripts)

    def copy(self) -> World:
        """Return a world of its own that is as this one is now."""
        return copy.deepcopy(self)


def make(
    *,
    account_id: str = DEFAULT_ACCOUNT,
    mode: Mode = "instant",
    now: datetime | None = None,
    seed: int = 0,
    strict: bool = False,
    rate: float = 1.0,
) -> World:
    """Make an empty world. The arguments are those of `mock_aws`."""
    core = Core(Clock(mode, now, rate), Timers(), Ids(seed), Bus(), BlobStore())
    return World(core, account_id=account_id, seed=seed, strict=strict)
