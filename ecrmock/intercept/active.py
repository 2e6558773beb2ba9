"""Which world answers a call.

The one bound to the current context (so that concurrent async tests do not mix), else the one
started last in the process (so that threads are covered). A world that has stopped answers nobody.
"""

from __future__ import annotations

import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from ecrmock.gateway.pipeline import Gateway


class Mounted:
    """A mock and what it answers inside this process."""

    __slots__ = ("holder", "is_open", "passthrough", "services", "sleeps", "thread")

    def __init__(
        self,
        holder: Any,
        *,
        services: frozenset[str],
        passthrough: tuple[str, ...] = (),
        sleeps: bool = False,
    ) -> None:
        self.holder = holder
        """What the user holds; its gateway answers."""
        self.is_open = False
        """Whether clients that belong to it alone are answered."""
        self.services = services
        self.passthrough = passthrough
        """Endpoint URLs whose calls go over the wire, and so do those below them."""
        self.sleeps = sleeps
        """Whether `time.sleep` on the thread that started it moves the clock instead."""
        self.thread = 0
        """The thread that started it."""

    @property
    def gateway(self) -> Gateway:
        """What answers."""
        gateway: Gateway = self.holder.gateway
        return gateway

    def lets_pass(self, url: str) -> bool:
        """Tell whether *url* is one of `passthrough`, or lies below one."""
        return any(
            url == allowed or url.startswith((allowed.rstrip("/") + "/", allowed + "?"))
            for allowed in self.passthrough
        )


_bound: Final[ContextVar[tuple[Mounted, ...]]] = ContextVar("ecrmock_bound", default=())
_started: list[Mounted] = []
_owned: Final[WeakKeyDictionary[Any, Mounted]] = WeakKeyDictionary()
_lock: Final = threading.Lock()
served_ports: Final[set[int]] = set()
"""Where servers of this process listen; calls to them go over the wire."""
_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_served(url: str) -> bool:
    """Tell whether *url* leads to a server of this process."""
    if not served_ports:
        return False
    parts = urlsplit(url)
    return parts.hostname in _HERE and parts.port in served_ports


def mount(mounted: Mounted) -> None:
    """Let *mounted* answer, here and in new threads, before those mounted earlier."""
    mounted.is_open = True
    mounted.thread = threading.get_ident()
    with _lock:
        _started.append(mounted)
    _bound.set((*_bound.get(), mounted))


def unmount(mounted: Mounted) -> None:
    """Let *mounted* answer no more, wherever it stands in the order."""
    mounted.is_open = False
    with _lock:
        _started[:] = [other for other in _started if other is not mounted]
    _bound.set(tuple(other for other in _bound.get() if other is not mounted))


def own(client: Any, mounted: Mounted) -> None:
    """Let the calls of *client* be answered by *mounted* alone."""
    _owned[client] = mounted


def owner(client: Any) -> Mounted | None:
    """Return what *client* was given to by `own`, whether it is open or not."""
    return _owned.get(client) if _owned else None


def current() -> Mounted | None:
    """Return what answers in this context, or None."""
    here = bound()
    if here is not None:
        return here
    try:
        return _started[-1]
    except IndexError:
        return None


def bound() -> Mounted | None:
    """Return what was mounted in this very context, or None."""
    for mounted in reversed(_bound.get()):
        if mounted in _started:
            return mounted
    return None


def count() -> int:
    """Count what is mounted in the process."""
    return len(_started)
