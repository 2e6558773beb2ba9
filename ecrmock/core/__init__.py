"""Floor 0: clock, timers, ids, events, bytes and names that every service shares.

Knows nothing but the standard library.
"""

from dataclasses import dataclass, field

from ecrmock.core.blobs import BlobStore
from ecrmock.core.bus import Bus
from ecrmock.core.clock import Clock
from ecrmock.core.ids import Ids
from ecrmock.core.timers import Timers


@dataclass(slots=True)
class Core:
    """What every part of one world draws on: its time, its chance, its events and its bytes."""

    clock: Clock
    timers: Timers
    ids: Ids
    bus: Bus
    blobs: BlobStore
    assumed: list[str] = field(default_factory=list)
    """What was taken to exist since the journal last asked."""

    def assume(self, what: str) -> None:
        """Note that something was taken to exist of which the world has never heard."""
        if what not in self.assumed:
            self.assumed.append(what)

    def take_assumed(self) -> tuple[str, ...]:
        """Return what was noted, and begin anew."""
        taken = tuple(self.assumed)
        self.assumed.clear()
        return taken


__all__ = ["BlobStore", "Bus", "Clock", "Core", "Ids", "Timers"]
