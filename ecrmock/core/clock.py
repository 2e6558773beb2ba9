"""The clock of one world: UTC, millisecond steps, never backwards.

The only module that reads the machine's time or sleeps.

| mode      | stands still                         | follows the machine                   |
|-----------|--------------------------------------|---------------------------------------|
| `instant` | with a start given                   | without one, plus what was advanced   |
| `virtual` | always, but for what advances it     |                                       |
| `real`    |                                      | always, plus what was advanced        |
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Final, Literal, get_args

Mode = Literal["instant", "virtual", "real"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
LAST_MS: Final = (datetime(9999, 1, 1, tzinfo=timezone.utc) - _EPOCH) // _MILLISECOND
"""Where clocks end: a year before Python's calendar does, so that things can still be due."""


def wall_ms() -> int:
    """Return the machine's time in milliseconds since the epoch."""
    return int(time.time() * 1000)


def sleep(seconds: float) -> None:
    """Really wait. Used only where the `real` mode asks for it."""
    time.sleep(seconds)


def to_ms(moment: datetime) -> int:
    """Return *moment* in milliseconds since the epoch; a naive moment counts as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return (moment - _EPOCH) // _MILLISECOND


def to_datetime(ms: int) -> datetime:
    """Return the UTC moment *ms* milliseconds after the epoch."""
    return _EPOCH + timedelta(milliseconds=ms)


@dataclass(slots=True)
class Clock:
    """The time of one world.

    Args:
        mode: see the table above.
        start: where the clock begins, UTC; without one, the machine's time.
        rate: in `real` mode, what realistic delays are multiplied with.
    """

    mode: Mode = "instant"
    start: datetime | None = None
    rate: float = 1.0
    follows: bool = field(init=False)
    _offset_ms: int = field(init=False, default=0)
    _floor_ms: int = field(init=False)
    _pinned_ms: int | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set the clock going, or to its start."""
        wall = wall_ms()
        first = wall if self.start is None else to_ms(self.start)
        self.follows = self.mode == "real" or (self.mode == "instant" and self.start is None)
        self._offset_ms = first - wall
        self._floor_ms = first

    @property
    def now_ms(self) -> int:
        """The present, in milliseconds since the epoch. Reading it changes nothing."""
        if self._pinned_ms is not None:
            return self._pinned_ms
        if self.follows:
            return max(self._floor_ms, wall_ms() + self._offset_ms)
        return self._floor_ms

    @property
    def now(self) -> datetime:
        """The present, UTC. Reading it changes nothing."""
        return to_datetime(self.now_ms)

    def delay_ms(self, seconds: float) -> int:
        """Return in milliseconds how long what takes *seconds* at AWS takes in this world."""
        rate = self.rate if self.mode == "real" else 1.0
        return int(seconds * 1000 * rate)

    def tick(self) -> int:
        """Move on by the least step, so that what follows is later than what was.

        Returns: the new present in milliseconds since the epoch.
        """
        self._floor_ms = max(self.now_ms, self._floor_ms + 1)
        if self._pinned_ms is not None:
            self._pinned_ms = self._floor_ms
        return self._floor_ms

    @contextmanager
    def at(self, ms: int) -> Iterator[None]:
        """Let it be *ms*, milliseconds since the epoch, while something happens that was due then.

        It is later than what was all the same. Afterwards the clock goes on as it would.
        """
        self._floor_ms = self._pinned_ms = max(ms, self._floor_ms + 1)
        try:
            yield
        finally:
            self._pinned_ms = None

    def move_to(self, ms: int) -> None:
        """Move on to *ms*, milliseconds since the epoch; a moment already past changes nothing."""
        if self.follows:
            self._offset_ms = max(self._offset_ms, ms - wall_ms())
        self._floor_ms = max(self._floor_ms, ms)
