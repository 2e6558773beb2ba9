"""In a `real` world, what is due happens when it is due, though nobody calls."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

from ecrmock import reactions

if TYPE_CHECKING:
    from ecrmock.gateway.pipeline import Gateway

    class Home(Protocol):
        """What holds a world."""

        @property
        def gateway(self) -> Gateway:
            """The way into the world."""


_LONGEST_WAIT_SECONDS: Final = 0.25


def start(home: Home) -> threading.Event:
    """Start the one thread that looks after the time of a world, and return what stops it."""
    stopped = threading.Event()
    threading.Thread(target=_run, args=(home, stopped), name="ecrmock-ticker", daemon=True).start()
    return stopped


def _run(home: Home, stopped: threading.Event) -> None:
    wait = _LONGEST_WAIT_SECONDS
    while not stopped.wait(wait):
        gateway = home.gateway
        with gateway.lock:
            reactions.catch_up(gateway.world)
            core = gateway.world.core
            due = core.timers.next_due_ms()
            left = _LONGEST_WAIT_SECONDS if due is None else (due - core.clock.now_ms) / 1000
        if gateway.after_call is not None:
            gateway.after_call()
        wait = min(max(left, 0.001), _LONGEST_WAIT_SECONDS)
