"""Floor 9: what the user holds: a world with its clock, journal, events, faults and clients.

Callables of the user live here and never in the world, so that a world can be copied.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, overload

from ecrmock import world as worlds
from ecrmock.core import env
from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.gateway.pipeline import Gateway
from ecrmock.intercept import active, environment
from ecrmock.intercept.passing import advance
from ecrmock.options import DEFAULT_REGION, Options, check_account, check_region
from ecrmock.server.downloads import Downloads

if TYPE_CHECKING:
    from ecrmock.core.bus import Event
    from ecrmock.gateway.faults import Fault, Faults
    from ecrmock.gateway.journal import Journal

_CLOSED_PORT: Final = "http://127.0.0.1:9"
_STEP_MS: Final = 1000


class NotStarted(EcrmockError):
    """No mock is active where one is needed."""

    def __init__(self) -> None:
        super().__init__("no mock_aws is active here: it was not started, or has been stopped")


class TimeLimitReached(EcrmockError, TimeoutError):
    """A condition did not come true on the mock's clock in the time that it was given."""


class Clock:
    """The time of a mock, UTC: `aws.clock`."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    @property
    def now(self) -> datetime:
        """The present. Reading it changes nothing."""
        return self._aws.gateway.world.core.clock.now

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move on, and let happen what is due on the way.

        Args:
            delta: how far; or
            parts: the same as `timedelta` takes it: `minutes=5`.

        Returns: the new present.
        """
        if delta is not None and not isinstance(delta, timedelta):
            raise UsageError(f"advance takes a timedelta or its parts, not {delta!r}")
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

    def __init__(self, aws: Aws) -> None:
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

    def __init__(self, world: worlds.World) -> None:
        self.world = world


class Aws:
    """A world and the ways to look at it and to steer it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = Clock(self)
        self.events = Events(self)
        self._session: Any = None
        self._fill(self._new_world())
        self._mounted = active.Mounted(
            self,
            services=frozenset(options.services),
            passthrough=tuple(options.passthrough),
            sleeps=options.sleeps,
        )

    @property
    def calls(self) -> Journal:
        """What was asked and answered: `aws.calls[-1]`, `aws.calls("ecr.PutImage")`."""
        return self.gateway.journal

    @property
    def faults(self) -> Faults:
        """The errors and delays that were asked for: `aws.faults.add("ecr.PutImage", ...)`."""
        return self.gateway.faults

    @property
    def region_name(self) -> str:
        """The region of clients that name none."""
        if self.options.region_name is DEFAULT_REGION:
            return env.read("AWS_DEFAULT_REGION") or str(DEFAULT_REGION)
        return self.options.region_name

    @property
    def account_id(self) -> str:
        """The account of clients that name none."""
        return self.options.account_id

    def client(
        self,
        service_name: str,
        *,
        account_id: str | None = None,
        region_name: str | None = None,
        **options: Any,
    ) -> Any:
        """Make a botocore client whose calls this world answers, whichever mock is innermost.

        Args:
            service_name: for example `ecr`.
            account_id: whose administrator calls; by default the mock's own account.
            region_name: by default the mock's.
            options: what `botocore.session.Session.create_client` takes besides.

        Raises:
            NotStarted: the mock is not started, or has been stopped.
            UsageError: a region or account that is none.
        """
        if not self._mounted.is_open:
            raise NotStarted
        if region_name is not None:
            check_region(region_name)
        if account_id is not None:
            check_account(account_id)
        if self._session is None:
            import botocore.session

            self._session = botocore.session.Session()
        client = self._session.create_client(
            service_name,
            region_name=region_name or self.region_name,
            aws_access_key_id=account_id or environment.ACCESS_KEY,
            aws_secret_access_key=environment.SECRET_KEY,
            **options,
        )
        if service_name in self.options.services:
            active.own(client, self._mounted)
        return client

    def snapshot(self) -> Snapshot:
        """Return the state as it is now: resources, clock, timers, ids and events.

        The journal and the faults are not part of it.
        """
        with self.gateway.lock:
            return Snapshot(self.gateway.world.copy())

    def restore(self, saved: Snapshot) -> None:
        """Go back to a state; it can be restored as often as wanted."""
        if not isinstance(saved, Snapshot):
            raise UsageError(f"restore takes what snapshot returned, not {type(saved).__name__}")
        with self.gateway.lock:
            self.gateway.world = saved.world.copy()
            self.events.forget()

    def checkpoint(self) -> Checkpoint:
        """Return what `roll_back` goes back to; a decorated class takes one for its tests."""
        return Checkpoint(
            self.snapshot(), len(self.calls), self.faults.state(), self.events.subscribers()
        )

    def roll_back(self, to: Checkpoint) -> None:
        """Go back to a checkpoint, the journal, the faults and the subscribers included."""
        self.restore(to.snapshot)
        self.calls.rewind(to.calls)
        self.faults.restore(to.faults)
        self.events.subscribers(to.subscribers)

    def subprocess_env(self, *, server: bool = False) -> dict[str, str]:
        """Return the environment for a child process that must not reach AWS.

        It is the present environment with fake credentials, without profiles, and with an
        endpoint where nobody listens, so that every call fails at once.

        Args:
            server: point the child at this world over HTTP; not available yet.
        """
        if server:
            raise UsageError(
                "subprocess_env(server=True) needs the HTTP server, which is not built"
            )
        values = environment.wanted(self.region_name, replace_region=True)
        values.update(AWS_ENDPOINT_URL=_CLOSED_PORT, AWS_MAX_ATTEMPTS="1", NO_PROXY="*")
        merged = {**env.environ, **values}
        return {name: value for name, value in merged.items() if value is not None}

    def _new_world(self) -> worlds.World:
        options = self.options
        return worlds.make(
            account_id=options.account_id,
            mode=options.time,
            now=options.now,
            seed=options.seed,
            strict=options.strict,
            rate=options.rate,
        )

    def _fill(self, world: worlds.World) -> None:
        """Begin anew with *world*."""
        self.gateway = Gateway(world, page_size=self.options.page_size)
        self.gateway.after_call = self.events.tell
        self._downloads = Downloads(self.gateway)
        self.gateway.download_url = self._downloads.url_for
        self.events.forget()
