"""Floor 10: `mock_aws`, the door for tests: decorator, context manager, `start` and `stop`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from ecrmock import decorate
from ecrmock.handle import Aws
from ecrmock.intercept import active, environment, switch
from ecrmock.options import DEFAULT_REGION, Options
from ecrmock.steering import NotStarted
from ecrmock.wire import models
from ecrmock.world import DEFAULT_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from types import TracebackType

    from typing_extensions import Self

    from ecrmock.core.clock import Mode
    from ecrmock.world import World

T = TypeVar("T", bound=Callable[..., Any])


class MockAws(Aws):
    """One mock: a world of its own that answers from `start` to `stop`.

    Started again while it is started, it is shared; stopped and started anew, it begins empty.
    """

    def __init__(self, options: Options, world: World | None = None) -> None:
        super().__init__(options)
        self._depth = 0
        self._layer: environment.Layer | None = None
        self._lock = threading.RLock()
        self._is_fresh = True
        if world is not None:
            self._fill(world)

    def start(self) -> Self:
        """Begin to answer calls, and return the mock itself."""
        with self._lock:
            if self._depth == 0:
                self._begin()
            self._depth += 1
        return self

    def stop(self) -> None:
        """Answer no more, once it was stopped as often as started. Mocks may stop in any order.

        Raises:
            NotStarted: it is not started.
        """
        with self._lock:
            if self._depth == 0:
                raise NotStarted
            self._depth -= 1
            if self._depth == 0:
                self._end()

    def correct_notes(self, noted: list[Any], absent: object) -> None:
        """Let pytest's monkeypatch, which outlives this mock, restore what was there before it."""
        if self._layer is not None:
            environment.correct(self._layer, noted, absent)

    def fork(self) -> MockAws:
        """Return a mock with a world of its own that is as this one is now.

        Its `client` works as long as any mock is active; entered, it answers like any other mock.
        """
        with self.gateway.lock:
            other = MockAws(self.options, self.gateway.world.copy())
        other._mounted.is_open = True
        return other

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    async def __aenter__(self) -> Self:
        """Start."""
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def __call__(self, target: T) -> T:
        """Decorate a function or class: each call and each class gets a mock of its own."""
        decorated: T = decorate.decorate(target, lambda: MockAws(self.options))
        return decorated

    def _begin(self) -> None:
        if not self._is_fresh:
            self._fill(self._new_world())
        self._is_fresh = False
        explicit = self.options.region_name is not DEFAULT_REGION
        self._layer = environment.Layer(
            environment.wanted(self.region_name, replace_region=explicit)
        )
        switch.turn_on(self._mounted, self._layer)

    def _end(self) -> None:
        assert self._layer is not None  # noqa: S101 - set by _begin
        switch.turn_off(self._mounted, self._layer)
        self._close_servers()


@overload
def mock_aws(target: T, /) -> T: ...
@overload
def mock_aws(
    *,
    region_name: str = DEFAULT_REGION,
    account_id: str = DEFAULT_ACCOUNT,
    time: Mode = "instant",
    now: datetime | None = None,
    seed: int = 0,
    strict: bool = False,
    services: Iterable[str] = models.SERVICES,
    passthrough: Iterable[str] = (),
    page_size: int | None = None,
    patch_sleep: bool | None = None,
    rate: float = 1.0,
) -> MockAws: ...
def mock_aws(
    target: Any = None,
    /,
    *,
    region_name: str = DEFAULT_REGION,
    account_id: str = DEFAULT_ACCOUNT,
    time: Mode = "instant",
    now: datetime | None = None,
    seed: int = 0,
    strict: bool = False,
    services: Iterable[str] = models.SERVICES,
    passthrough: Iterable[str] = (),
    page_size: int | None = None,
    patch_sleep: bool | None = None,
    rate: float = 1.0,
) -> Any:
    """Mock AWS: a decorator with and without arguments, a context manager, an object to start.

    Args:
        target: what is decorated, without arguments.
        region_name: the region of clients that name none. Given, it also takes the place of
            `AWS_DEFAULT_REGION`; not given, one from the environment goes before.
        account_id: the account of clients that do not say otherwise. A client whose access key
            id is twelve digits is of that account.
        time: `instant` (what AWS does by itself in minutes is done when a call returns),
            `virtual` (it takes its time, on a clock that the test moves) or `real`.
        now: where the clock begins, UTC; with it an `instant` clock stands still.
        seed: where ids and chance begin. One seed and one `now` give one history.
        strict: refuse what the world has never heard of, where AWS would look it up elsewhere.
        services: the services that are answered.
        passthrough: endpoint URLs; their calls, and those below them, go over the wire.
        page_size: the most items on a page of any list; 1 makes every list page.
        patch_sleep: whether `time.sleep` and `asyncio.sleep` on the thread or task that started
            the mock move its clock; by default in `virtual`.
        rate: what realistic delays are multiplied with in `real`.

    Raises:
        UsageError: an option has a value that it cannot have.
    """
    options = Options(
        region_name=region_name,
        account_id=account_id,
        time=time,
        now=now,
        seed=seed,
        strict=strict,
        services=services,
        passthrough=passthrough,
        page_size=page_size,
        patch_sleep=patch_sleep,
        rate=rate,
    )
    if target is None:
        return MockAws(options)
    return decorate.decorate(target, lambda: MockAws(options))


def current() -> MockAws:
    """Return the mock that answers here, for code that was not handed it.

    Raises:
        NotStarted: no mock is active.
    """
    mounted = active.current()
    if mounted is None:
        raise NotStarted
    holder: MockAws = mounted.holder
    return holder
