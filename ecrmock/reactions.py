"""Floor 3: what happens by itself, and when: one table from the kind of a timer to a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ecrmock.core.errors import EcrmockError
from ecrmock.ecr import deletion, layers

if TYPE_CHECKING:
    from ecrmock.core.timers import Timer
    from ecrmock.world import World

MAX_STEPS: Final = 100_000
"""More timers than this in one settling are taken for a loop."""


class WorldDoesNotSettle(EcrmockError):
    """Timers keep making timers."""

    def __init__(self) -> None:
        super().__init__(
            f"the world made more than {MAX_STEPS} steps without coming to rest. This is a fault "
            f"of ecrmock: please report what the test did."
        )


def _expire_upload(world: World, account_id: str, region: str, upload_id: str) -> None:
    layers.expire(world.registry(account_id, region), upload_id)


def _drop_layers(world: World, account_id: str, region: str, repository_name: str) -> None:
    repository = world.registry(account_id, region).repositories.get(repository_name)
    if repository is not None:
        deletion.drop_expired(world.core, repository)


REACTIONS: Final[dict[str, Callable[..., None]]] = {
    deletion.DROP_LAYERS: _drop_layers,
    layers.UPLOAD_EXPIRES: _expire_upload,
}


def catch_up(world: World) -> None:
    """Let everything happen that is due by now."""
    due = world.core.timers.next_due_ms()
    if due is not None:
        now = world.core.clock.now_ms
        if due <= now:
            run_until(world, now)


def run_until(world: World, ms: int) -> None:
    """Let everything happen that is due by *ms*, each at its own time, and move the clock there."""
    for _ in range(MAX_STEPS):
        timer = world.core.timers.pop_due(ms)
        if timer is None:
            world.core.clock.move_to(ms)
            return
        world.core.clock.move_to(timer.due_ms)
        _fire(world, timer)
    raise WorldDoesNotSettle


def settle(world: World) -> None:
    """In an `instant` world, let all transitions happen now, in the order of their times."""
    if world.core.clock.mode != "instant":
        return
    for _ in range(MAX_STEPS):
        timer = world.core.timers.pop_transition()
        if timer is None:
            return
        _fire(world, timer)
    raise WorldDoesNotSettle


def _fire(world: World, timer: Timer) -> None:
    world.core.clock.tick()
    REACTIONS[timer.kind](world, **timer.payload)
