"""Time that a caller waits: on the mock's clock, but in a `real` world on the machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock import reactions
from ecrmock.core import clock
from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    from ecrmock.gateway.pipeline import Gateway


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


def advance(gateway: Gateway, ms: int) -> None:
    """Move the clock of a world on, and let happen what is due on the way.

    Raises:
        UsageError: the calendar ends before.
    """
    with gateway.lock:
        world = gateway.world
        if world.core.clock.now_ms + ms > clock.LAST_MS:
            raise UsageError("the clock cannot go beyond the year 9999")
        reactions.run_until(world, world.core.clock.now_ms + ms)
        reactions.settle(world)
        gateway.patience.reset()
    if gateway.after_call is not None:
        gateway.after_call()
