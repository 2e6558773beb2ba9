"""Who asks again and again for what cannot change by itself is told so.

In a world that owns its time a loop that polls without moving the clock never ends. A read that is
repeated often enough, while something is yet to happen to what it reads, warns once: what is to
come, and when. Where the clock stands still altogether, it is raised in the end.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Final

from ecrmock import reactions
from ecrmock.core.clock import to_datetime

if TYPE_CHECKING:
    from ecrmock.gateway.exchange import Exchange
    from ecrmock.world import World

MOST_READS: Final = 20
TOO_MANY_READS: Final = 2000


class NothingMoves(UserWarning):
    """A read was repeated while only the mock's clock could change its answer."""


class Patience:
    """Counts how often the last read was repeated."""

    def __init__(self) -> None:
        self._name = ""
        self._request: dict[str, Any] = {}
        self._count = 0

    def reset(self) -> None:
        """Begin anew: time has passed, or something else was asked."""
        self._count = 0

    def note(self, exchange: Exchange, world: World) -> None:
        """Count a call, and warn when it is one read too many."""
        if exchange.entry.writes or exchange.error is not None:
            self._count = 0
            return
        if self._count and (exchange.name, exchange.request) == (self._name, self._request):
            self._count += 1
        else:
            self._name, self._request, self._count = exchange.name, exchange.request, 1
        if world.core.clock.mode == "real":
            return
        if self._count == MOST_READS:
            text = _what_is_due(exchange, world, MOST_READS)
            if text is not None:
                warnings.warn(text, NothingMoves, stacklevel=3)
        elif self._count == TOO_MANY_READS and not world.core.clock.follows:
            text = _what_is_due(exchange, world, TOO_MANY_READS)
            if text is not None:
                raise NothingMoves(text)


def _what_is_due(exchange: Exchange, world: World, count: int) -> str | None:
    """Say what is yet to happen to what a call reads; None when nothing is."""
    timer = reactions.awaited(world, str(exchange.request))
    if timer is None:
        return None
    due = to_datetime(timer.due_ms)
    seconds = (due - world.core.clock.now).total_seconds()
    what = timer.kind.partition(".")[2].replace("_", " ")
    return (
        f"{exchange.name} was asked {count} times with one answer, which only the mock's clock "
        f"changes: '{what}' of task {timer.payload['task_id']} is due at {due.isoformat()}. "
        f"Move the clock, for example by aws.clock.advance(seconds={seconds:g})."
    )
