"""Floor 0: clock, timers, ids, events, bytes and names that every service shares.

Knows nothing but the standard library.
"""

from dataclasses import dataclass

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


__all__ = ["BlobStore", "Bus", "Clock", "Core", "Ids", "Timers"]
