"""Putting a mock around functions and classes, each in its own kind.

Knows no mock: it is handed a factory of them.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    import unittest
    from types import TracebackType


class Mock(Protocol):
    """What is put around functions and classes."""

    def start(self) -> Any:
        """Begin to answer."""

    def stop(self) -> None:
        """Answer no more."""

    def snapshot(self) -> Any:
        """Return the state."""

    def restore(self, saved: Any) -> None:
        """Go back to a state."""

    def __enter__(self) -> Any:
        """Start."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None:
        """Stop."""


Factory = Callable[[], Mock]
T = TypeVar("T", bound=Callable[..., Any])

_STATE: Final = "_ecrmock_state"
_READY: Final = "_ecrmock_ready"


def decorate(target: Any, factory: Factory) -> Any:
    """Put a mock around *target*: a function of any kind, or a test class.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(target, type):
        return decorate_class(target, factory)
    if isinstance(target, (staticmethod, classmethod)):
        return type(target)(wrap(target.__func__, factory))
    if type(target).__name__ == "FixtureFunctionDefinition":
        raise UsageError(
            "put @mock_aws below @pytest.fixture, so that the fixture's body is mocked"
        )
    if not callable(target):
        raise UsageError(f"mock_aws decorates functions and classes, not {target!r}")
    return wrap(target, factory)


def wrap(function: T, factory: Factory) -> T:
    """Put a mock around each call of a function, coroutine, generator or async generator."""
    if inspect.iscoroutinefunction(function):
        return _around_coroutine(function, factory)  # type: ignore[return-value]
    if inspect.isasyncgenfunction(function):
        return _around_async_generator(function, factory)  # type: ignore[return-value]
    if inspect.isgeneratorfunction(function):
        return _around_generator(function, factory)  # type: ignore[return-value]
    return _around_function(function, factory)  # type: ignore[return-value]


def _around_function(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            result = function(*args, **kwargs)
        if inspect.iscoroutine(result):
            result.close()
            name = getattr(function, "__qualname__", repr(function))
            raise UsageError(
                f"{name} is an ordinary function that returned a coroutine, which would run when "
                f"the mock has ended; make it async def, or use async with mock_aws()"
            )
        return result

    return wrapper


def _around_coroutine(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            return await function(*args, **kwargs)

    return wrapper


def _around_generator(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            return (yield from function(*args, **kwargs))

    return wrapper


def _around_async_generator(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            inner = function(*args, **kwargs)
            try:
                item = await inner.__anext__()
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:  # noqa: PERF203 - each step may end in its own way
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - all of it belongs to inner
                        item = await inner.athrow(error)
                    else:
                        item = await inner.asend(sent)
            except StopAsyncIteration:
                return

    return wrapper


class _State:
    """The one world of a decorated class while its tests run."""

    def __init__(self, factory: Factory) -> None:
        self.mock = factory()
        self.setups = 0
        self.is_busy = False
        """Whether a set-up or tear-down is running; one that it calls by super() is part of it."""
        self.base: Any = None

    def ready(self) -> None:
        """Give the next test a copy of the state that the class began with."""
        if self.base is None:
            self.base = self.mock.snapshot()
        else:
            self.mock.restore(self.base)


def decorate_class(cls: type, factory: Factory) -> type:
    """Give a test class, its subclasses and the test classes inside it a world each.

    Raises:
        UsageError: nothing in the class looks like a test.
    """
    if not _has_tests(cls):
        raise UsageError(
            f"{cls.__qualname__} has no test: nothing whose name begins with 'test'. mock_aws "
            f"decorates unittest and pytest classes; decorate functions, or the test classes "
            f"themselves"
        )
    _cover(cls, factory)
    return cls


def _cover(cls: type, factory: Factory) -> None:
    unittest = sys.modules.get("unittest")  # if it is not loaded, no class is one of its
    if unittest is not None and issubclass(cls, unittest.TestCase):
        _cover_test_case(cls, factory)
    else:
        _cover_plain(cls, factory)
        for inner in _inner_classes(cls):
            _cover(inner, factory)
    _cover_subclasses(cls, factory)


def _has_tests(cls: type) -> bool:
    return any(name.startswith("test") for name in dir(cls)) or any(
        _has_tests(inner) for inner in _inner_classes(cls)
    )


def _inner_classes(cls: type) -> list[type]:
    return [
        value
        for value in vars(cls).values()
        if isinstance(value, type) and value.__qualname__ == f"{cls.__qualname__}.{value.__name__}"
    ]


def _cover_subclasses(cls: type, factory: Factory) -> None:
    """Cover each subclass as it is made, so that one that overrides set-up is covered too."""
    original = vars(cls).get("__init_subclass__")

    def __init_subclass__(sub: Any, /, **kwargs: Any) -> None:  # noqa: N807
        if original is not None:
            original.__get__(None, sub)(**kwargs)
        else:
            super(cls, sub).__init_subclass__(**kwargs)  # type: ignore[arg-type]
        _cover(sub, factory)

    cls.__init_subclass__ = classmethod(__init_subclass__)  # type: ignore[assignment]


def _state_of(cls: type) -> _State | None:
    state: _State | None = vars(cls).get(_STATE)
    return state


def _cover_test_case(cls: type[unittest.TestCase], factory: Factory) -> None:
    """Start before `setUpClass`, stop after the class's clean-ups, copy before each test."""
    set_up = vars(cls).get("setUpClass")
    run_one = cls.run

    def setUpClass(klass: type[unittest.TestCase]) -> None:
        if _state_of(klass) is None:
            state = _State(factory)
            state.mock.start()
            setattr(klass, _STATE, state)
            klass.addClassCleanup(_stop, klass)
        if set_up is not None:
            set_up.__get__(None, klass)()
        else:
            super(cls, klass).setUpClass()  # type: ignore[misc]

    def run(self: unittest.TestCase, result: Any = None) -> Any:
        state = _state_of(type(self))
        if getattr(self, _READY, False):  # called by super()
            return run_one(self, result)
        setattr(self, _READY, True)
        try:
            if state is None:  # a test that runs without its class
                with factory():
                    return run_one(self, result)
            state.ready()
            return run_one(self, result)
        finally:
            setattr(self, _READY, False)

    cls.setUpClass = classmethod(setUpClass)  # type: ignore[assignment]
    cls.run = run  # type: ignore[method-assign]


def _stop(klass: type) -> None:
    state = _state_of(klass)
    if state is not None:
        delattr(klass, _STATE)
        state.mock.stop()


def _cover_plain(cls: type, factory: Factory) -> None:
    """Start before `setup_class`, stop after `teardown_class`, copy before each test.

    pytest calls the set-up of an outer class for the classes inside it too, so what is started
    is counted by class, and a test is made ready once however often its set-up is called.
    """
    original = {name: vars(cls).get(name) for name in ("setup_class", "teardown_class")}

    def setup_class(klass: type) -> None:
        with _entering(klass, factory):
            _call(cls, klass, "setup_class", original["setup_class"], klass)

    def teardown_class(klass: type) -> None:
        with _leaving(klass):
            _call(cls, klass, "teardown_class", original["teardown_class"], klass)

    cls.setup_class = classmethod(setup_class)  # type: ignore[attr-defined]
    cls.teardown_class = classmethod(teardown_class)  # type: ignore[attr-defined]
    cls.setup_method = _covered_setup_method(cls)  # type: ignore[attr-defined]


def _covered_setup_method(cls: type) -> Callable[..., None]:
    original = vars(cls).get("setup_method")

    def setup_method(self: Any, method: Any = None) -> None:
        stage = getattr(self, _READY, None)
        if stage == "done":
            return
        if stage is None:
            setattr(self, _READY, "running")
            state = _state_of(type(self))
            if state is not None:
                state.ready()
        _call(cls, self, "setup_method", original, method)
        if stage is None:
            setattr(self, _READY, "done")

    return setup_method


@contextmanager
def _entering(klass: type, factory: Factory) -> Iterator[None]:
    """Start a class's world around its set-up, unless this is a set-up called by super()."""
    state = _state_of(klass)
    if state is not None and state.is_busy:
        yield
        return
    if state is None:
        state = _State(factory)
        state.mock.start()
        setattr(klass, _STATE, state)
    state.setups += 1
    state.is_busy = True
    try:
        yield
    except BaseException:
        _leave(klass, state)
        raise
    finally:
        state.is_busy = False


@contextmanager
def _leaving(klass: type) -> Iterator[None]:
    """Stop a class's world after its last tear-down."""
    state = _state_of(klass)
    if state is None or state.is_busy:
        yield
        return
    state.is_busy = True
    try:
        yield
    finally:
        state.is_busy = False
        _leave(klass, state)


def _leave(klass: type, state: _State) -> None:
    state.setups -= 1
    if state.setups == 0 and _state_of(klass) is state:
        _stop(klass)


def _call(cls: type, holder: Any, name: str, own: Any, argument: Any) -> None:
    """Call a set-up or tear-down as pytest does: with its argument only if it takes one."""
    if own is None:
        klass = holder if isinstance(holder, type) else type(holder)
        bound = getattr(super(cls, holder), name, None) if issubclass(klass, cls) else None
        if bound is None:
            return
    elif isinstance(holder, type):
        bound = own.__get__(None, holder)
    else:
        bound = own.__get__(holder, type(holder))
    takes = [
        p
        for p in inspect.signature(bound).parameters.values()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.VAR_POSITIONAL)
    ]
    if takes:
        bound(argument)
    else:
        bound()
