"""Floor 9: test classes, of pytest and of unittest, in one world each.

The world begins before `setup_class` or `setUpClass`, and each test starts from a copy of what the
class and its fixtures made. pytest says when a test begins and when its own fixtures do; elsewhere
a test begins with its set-up. Classes inside a class live in its world.
"""

from __future__ import annotations

import inspect
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    import unittest
    from types import TracebackType

_STATE: Final = "_ecrmock_state"
_OUTER: Final = "_ecrmock_outer"
_FACTORY: Final = "_ecrmock_factory"
_DECORATED: Final = "_ecrmock_decorated"
_READY: Final = "_ecrmock_ready"


class Mock(Protocol):
    """What is put around functions and classes."""

    def start(self) -> Any:
        """Begin to answer."""

    def stop(self) -> None:
        """Answer no more."""

    def checkpoint(self) -> Any:
        """Return what a test may change."""

    def roll_back(self, to: Any) -> None:
        """Go back to a checkpoint."""

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


class State:
    """The one world of a decorated class, and of those inside it, while its tests run."""

    def __init__(self, factory: Factory) -> None:
        self.mock = factory()
        self.setups = 0
        """How many set-ups of classes have not been torn down."""
        self.is_busy = False
        """Whether a set-up or tear-down is running; one that it calls by super() is part of it."""
        self._bases: dict[type, Any] = {}
        """What each class made."""
        self._met: set[type] = set()
        self._is_driven = False
        self._is_ready = False

    def enter(self, cls: type) -> None:
        """Go back to what the class around *cls* made: the set-up of *cls* begins."""
        outer = vars(cls).get(_OUTER)
        if outer in self._bases:
            self.mock.roll_back(self._bases[outer])

    def remember(self, cls: type) -> None:
        """Take the present for what *cls* made."""
        self._bases[cls] = self.mock.checkpoint()

    def begin(self, cls: type) -> None:
        """Go back to what *cls* made: pytest begins a test."""
        self._is_driven, self._is_ready = True, False
        made = next((each for each in _chain(cls) if each in self._bases), None)
        if made is not None:
            self.mock.roll_back(self._bases[made])

    def come_to_test(self, cls: type) -> None:
        """Remember what *cls* made: pytest comes to what belongs to this test alone."""
        self._is_driven = True
        if not self._is_ready:
            self._is_ready = True
            self.remember(cls)

    def set_up(self, cls: type) -> None:
        """Do both where pytest does not say: the set-up of a test begins."""
        if self._is_driven:
            return
        if cls in self._met:
            self.mock.roll_back(self._bases[cls])
        else:
            self._met.add(cls)
            self.remember(cls)


def state_of(cls: type | None) -> State | None:
    """Return the world that the tests of a class run in, or None when it has none now."""
    if cls is None:
        return None
    state: State | None = vars(_chain(cls)[-1]).get(_STATE)
    return state


def place(around: list[type]) -> None:
    """Say which classes are around which for the next test, the outermost first.

    A class inside a class is inside its subclasses as well, one after the other.
    """
    for outer, inner in itertools.pairwise(around):
        known = vars(inner).get(_OUTER)
        if known is not None and vars(outer).get(_FACTORY) is not None:
            setattr(inner, _OUTER, outer)


def _chain(cls: type) -> list[type]:
    """Return a class and those around it, the innermost first."""
    chain = [cls]
    while (outer := vars(chain[-1]).get(_OUTER)) is not None:
        chain.append(outer)
    return chain


def _start(cls: type) -> State:
    outermost = _chain(cls)[-1]
    state = State(vars(outermost)[_FACTORY])
    state.mock.start()
    setattr(outermost, _STATE, state)
    return state


def _stop(cls: type) -> None:
    state = state_of(cls)
    if state is not None:
        delattr(_chain(cls)[-1], _STATE)
        state.mock.stop()


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
    setattr(cls, _DECORATED, cls)
    _cover(cls, factory)
    return cls


def _cover(cls: type, factory: Factory) -> None:
    """Cover a class and those inside it, but those that were decorated by themselves."""
    setattr(cls, _FACTORY, factory)
    unittest = sys.modules.get("unittest")  # if it is not loaded, no class is one of its
    if unittest is not None and issubclass(cls, unittest.TestCase):
        _cover_test_case(cls, factory)
    else:
        _cover_plain(cls)
        for inner in _inner_classes(cls):
            if vars(inner).get(_DECORATED) is not inner:
                setattr(inner, _OUTER, cls)
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
        if isinstance(value, type)
        and value.__qualname__ == f"{cls.__qualname__}.{value.__name__}"
        and _has_tests(value)
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


def _cover_test_case(cls: type[unittest.TestCase], factory: Factory) -> None:
    """Start before `setUpClass`, stop after the class's clean-ups, copy before each test."""
    set_up = vars(cls).get("setUpClass")
    run_one = cls.run

    def setUpClass(klass: type[unittest.TestCase]) -> None:
        if state_of(klass) is None:
            _start(klass)
            klass.addClassCleanup(_stop, klass)
        if set_up is not None:
            set_up.__get__(None, klass)()
        else:
            super(cls, klass).setUpClass()  # type: ignore[misc]

    def run(self: unittest.TestCase, result: Any = None) -> Any:
        state = state_of(type(self))
        if getattr(self, _READY, False):  # called by super()
            return run_one(self, result)
        setattr(self, _READY, True)
        try:
            if state is None:  # a test that runs without its class
                with factory():
                    return run_one(self, result)
            state.set_up(type(self))
            return run_one(self, result)
        finally:
            setattr(self, _READY, False)

    cls.setUpClass = classmethod(setUpClass)  # type: ignore[assignment]
    cls.run = run  # type: ignore[method-assign]


def _cover_plain(cls: type) -> None:
    """Start before `setup_class`, stop after `teardown_class`, copy before each test.

    pytest calls the set-up of an outer class for the classes inside it too, so what is started
    is counted, and a test is made ready once however often its set-up is called.
    """
    original = {name: vars(cls).get(name) for name in ("setup_class", "teardown_class")}

    def setup_class(klass: type) -> None:
        with _entering(cls, klass):
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
            state = state_of(type(self))
            if state is not None:
                state.set_up(type(self))
        _call(cls, self, "setup_method", original, method)
        if stage is None:
            setattr(self, _READY, "done")

    return setup_method


@contextmanager
def _entering(cls: type, klass: type) -> Iterator[None]:
    """Start a world around the set-up of *cls*, unless this is a set-up called by super().

    pytest runs the set-up of *cls* for *klass*, which is *cls* or a class inside it.
    """
    state = state_of(klass)
    if state is not None and state.is_busy:
        yield
        return
    if state is None:
        state = _start(klass)
    state.setups += 1
    state.is_busy = True
    try:
        state.enter(cls)
        yield
        state.remember(cls)
    except BaseException:
        _leave(klass, state)
        raise
    finally:
        state.is_busy = False


@contextmanager
def _leaving(klass: type) -> Iterator[None]:
    """Stop a class's world after its last tear-down."""
    state = state_of(klass)
    if state is None or state.is_busy:
        yield
        return
    state.is_busy = True
    try:
        yield
    finally:
        state.is_busy = False
        _leave(klass, state)


def _leave(klass: type, state: State) -> None:
    state.setups -= 1
    if state.setups == 0 and state_of(klass) is state:
        _stop(klass)


def _call(cls: type, holder: Any, name: str, own: Any, argument: Any) -> None:
    """Call a set-up or tear-down as pytest does: with its argument only if it takes one."""
    klass = holder if isinstance(holder, type) else type(holder)
    if own is None and not issubclass(klass, cls):  # a class inside it
        own = next((vars(base)[name] for base in cls.__mro__[1:] if name in vars(base)), None)
        if own is None:
            return
    if own is None:
        bound = getattr(super(cls, holder), name, None)
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
