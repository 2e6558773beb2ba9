"""Floor 9: the clock and the events of a mock, and its state as something to keep.

Callables of the user live here and never in the world, so that a world can be copied.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, overload

from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.gateway.passing import advance

if TYPE_CHECKING:
    from ecrmock.core.bus import Event
    from ecrmock.gateway.faults import Fault
    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.world import World

_STEP_MS: Final = 1000
_PARTS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds", "microseconds")


class HasGateway(Protocol):
    """What holds a world."""

    gateway: Gateway


class Home(Protocol):
    """What the parts of a handle need of the mock that they belong to."""

    @property
    def gateway(self) -> Gateway:
        """The way into the world."""

    @property
    def account_id(self) -> str:
        """The account that is used when none is named."""

    @property
    def region_name(self) -> str:
        """The region that is used when none is named."""


class NotStarted(EcrmockError):
    """No mock is active where one is needed."""

    def __init__(self) -> None:
        super().__init__("no mock_aws is active here: it was not started, or has been stopped")


class TimeLimitReached(EcrmockError, TimeoutError):
    """A condition did not come true on the mock's clock in the time that it was given."""


class Clock:
    """The time of a mock, UTC: `aws.clock`."""

    def __init__(self, aws: HasGateway) -> None:
        self._aws = aws

    @property
    def now(self) -> datetime:
        """The present. Reading it changes nothing."""
        gateway = self._aws.gateway
        with gateway.lock:  # while something happens, it is the time at which that was due
            return gateway.world.core.clock.now

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move on, and let happen what is due on the way.

        Args:
            delta: how far; or
            parts: the same as `timedelta` takes it: `minutes=5`.

        Returns: the new present.
        """
        if delta is not None and not isinstance(delta, timedelta):
            raise UsageError(f"advance takes a timedelta or its parts, not {delta!r}")
        unknown = [name for name in parts if name not in _PARTS]
        if unknown:
            raise UsageError(f"advance has no {unknown[0]!r}; it has {', '.join(_PARTS)}")
        step = timedelta(**parts) if delta is None else delta
        if delta is not None and parts:
            raise UsageError("give a timedelta or its parts, not both")
        if step < timedelta(0):
            raise UsageError(f"the clock cannot go back by {-step}; use snapshot and restore")
        advance(self._aws.gateway, int(step / timedelta(milliseconds=1)))
        return self.now

    def run_until(
        self, condition: Callable[[], object], *, limit: timedelta = timedelta(hours=1)
    ) -> datetime:
        """Move on until *condition* is true; it is asked after each timer and each second.

        Raises:
            TimeLimitReached: it was still false after *limit*.

        Returns: the moment at which it was true.
        """
        gateway = self._aws.gateway
        start = gateway.world.core.clock.now_ms
        end = start + int(limit / timedelta(milliseconds=1))
        while not condition():
            now = gateway.world.core.clock.now_ms
            if now >= end:
                raise TimeLimitReached(f"the condition was still false after {limit}")
            due = gateway.world.core.timers.next_due_ms()
            step = _STEP_MS if due is None else min(_STEP_MS, max(due - now, 1))
            advance(gateway, min(step, end - now))
        return self.now


class Events:
    """What happened, as EventBridge shapes it, the oldest first: `aws.events`."""

    def __init__(self, aws: HasGateway) -> None:
        self._aws = aws
        self._subscribers: list[tuple[Callable[[dict[str, Any]], object], Any, Any]] = []
        self._told = 0
        self._telling = threading.Lock()

    def __len__(self) -> int:
        """Count the events."""
        return len(self._all)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Walk the events, the oldest first."""
        return iter([event.envelope() for event in self._all])

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """Return an event by its place; `[-1]` is the last."""
        found = self._all[index]
        return [e.envelope() for e in found] if isinstance(found, list) else found.envelope()

    def subscribe(
        self,
        function: Callable[[dict[str, Any]], object],
        *,
        source: str | None = None,
        detail_type: str | None = None,
    ) -> None:
        """Call *function* with each event to come, after the call that caused it.

        It runs outside the mock's lock and may call AWS itself.

        Args:
            function: gets the event.
            source: only events of this source, for example `aws.ecr`.
            detail_type: only events of this type, for example `ECR Image Action`.
        """
        if not callable(function):
            raise UsageError(f"subscribe takes a function, not {function!r}")
        self._subscribers.append((function, source, detail_type))

    def subscribers(self, replace: list[Any] | None = None) -> list[Any]:
        """Return who subscribed; with *replace*, put others in their place first."""
        if replace is not None:
            self._subscribers = list(replace)
        return list(self._subscribers)

    def tell(self) -> None:
        """Tell the subscribers what they have not heard yet; what they cause waits its turn."""
        if not self._subscribers:
            self._told = len(self._all)
            return
        while self._told < len(self._all):  # once more, for what came while somebody left
            if not self._telling.acquire(blocking=False):
                return
            try:
                while self._told < len(self._all):
                    event = self._all[self._told]
                    self._told += 1
                    self._tell_one(event)
            finally:
                self._telling.release()

    def forget(self) -> None:
        """Take what is there for told, after the world was replaced."""
        self._told = len(self._all)

    @property
    def _all(self) -> list[Event]:
        return self._aws.gateway.world.core.bus.events

    def _tell_one(self, event: Event) -> None:
        for function, source, detail_type in list(self._subscribers):
            if source in (None, event.source) and detail_type in (None, event.detail_type):
                function(event.envelope())


class Checkpoint(NamedTuple):
    """All that one test may change of a mock: its state, and what was noted and asked for."""

    snapshot: Snapshot
    calls: int
    faults: list[tuple[Fault, int]]
    subscribers: list[Any]


class Snapshot:
    """The state of a world at one moment. Opaque; `aws.restore` takes it."""

    __slots__ = ("world",)

    def __init__(self, world: World) -> None:
        self.world = world
