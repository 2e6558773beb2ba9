"""Time that passes in a world, and what a test does to it by hand, outside the calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ecrmock import reactions
from ecrmock.core import clock
from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.world import World


def let_pass(gateway: Gateway, seconds: float, real_seconds: float) -> None:
    """Let time pass in the world of *gateway*.

    Args:
        gateway: whose world.
        seconds: how long on the mock's clock.
        real_seconds: how long on the machine's, where the world is `real`.
    """
    if gateway.world.core.clock.mode == "real":
        clock.sleep(real_seconds)
    else:
        advance(gateway, int(seconds * 1000))


@contextmanager
def acting(gateway: Gateway) -> Iterator[World]:
    """Let a test act on a world by hand: nobody else does, and what follows from it happens.

    Yields: the world, at a moment of its own.
    """
    with gateway.lock:
        world = gateway.world
        reactions.catch_up(world)
        world.core.clock.tick()
        yield world
        reactions.settle(world)
        world.core.take_assumed()  # no call of the journal is to blame
        gateway.patience.reset()
    if gateway.after_call is not None:
        gateway.after_call()


def advance(gateway: Gateway, ms: int) -> None:
    """Move the clock of a world on, and let happen what is due on the way.

    Who listens to events is told between one thing and the next.

    Raises:
        UsageError: the calendar ends before.
    """
    end = gateway.world.core.clock.now_ms + ms
    if end > clock.LAST_MS:
        raise UsageError("the clock cannot go beyond the year 9999")
    with gateway.lock:
        gateway.world.core.timers.rearm()
    progress = reactions.Progress()
    fired = True
    while fired:
        with gateway.lock:
            core = gateway.world.core
            fired = reactions.step(gateway.world, end)
            progress.note(core.clock.now_ms)
            core.take_assumed()  # no call of the journal is to blame
            gateway.patience.reset()
        if gateway.after_call is not None:
            gateway.after_call()
