"""`time.sleep` and `asyncio.sleep` in a world that owns its time: they move the mock's clock.

Only on the thread or task that started the mock; other threads really sleep. A `sleep` that was
imported by name before (`from time import sleep`) is not reached.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, Final

from ecrmock.gateway.passing import advance
from ecrmock.intercept import active
from ecrmock.intercept.patches import Patch


def sleep(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `time.sleep`."""

    @functools.wraps(original)
    def _sleep(seconds: float, /) -> None:
        mounted = active.bound()
        here = threading.get_ident()  # a thread that asyncio lends has the context, too
        if mounted is None or not mounted.sleeps or mounted.thread != here:
            original(seconds)
        else:
            original(min(seconds, 0))  # refuses what sleep refuses
            advance(mounted.gateway, int(seconds * 1000))

    return _sleep


def sleep_async(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `asyncio.sleep`; other tasks get their turn all the same."""

    @functools.wraps(original)
    async def _sleep(delay: float, result: Any = None) -> Any:
        mounted = active.bound()
        if mounted is None or not mounted.sleeps:
            return await original(delay, result)
        advance(mounted.gateway, max(0, int(delay * 1000)))
        return await original(0, result)

    return _sleep


PATCHES: Final = (
    Patch("time", "sleep", sleep),
    Patch("asyncio", "sleep", sleep_async),
)
