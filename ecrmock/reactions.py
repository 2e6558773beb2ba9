"""Floor 3: what happens by itself, and when: one table from the kind of a timer to a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ecrmock import pulling
from ecrmock.core.errors import EcrmockError
from ecrmock.ecr import deletion, layers
from ecrmock.ecs import exits, instances, starting, stopping

if TYPE_CHECKING:
    from ecrmock.core.timers import Timer
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Container, Task
    from ecrmock.world import World

MAX_STEPS: Final = 100_000
"""More timers than this while no second passes are taken for a loop."""
_SECOND_MS: Final = 1000


class WorldDoesNotSettle(EcrmockError):
    """Timers keep making timers."""

    def __init__(self) -> None:
        super().__init__(
            f"the world made {MAX_STEPS} steps and more in a second of its time. This is a fault "
            f"of ecrmock: please report what the test did."
        )


def _expire_upload(world: World, account_id: str, region: str, upload_id: str) -> None:
    layers.expire(world.registry(account_id, region), upload_id)


def _drop_layers(world: World, account_id: str, region: str, repository_name: str) -> None:
    repository = world.registry(account_id, region).repositories.get(repository_name)
    if repository is not None:
        deletion.drop_expired(world.core, repository)


def _to_task(change: Callable[[Site, Task], None]) -> Callable[..., None]:
    """Make a reaction of what happens to a task, unless its way has changed meanwhile."""

    def react(
        world: World, *, account_id: str, region: str, cluster: str, task_id: str, generation: str
    ) -> None:
        site = world.site(account_id, region)
        task = site.region.clusters[cluster].tasks.get(task_id)
        if task is not None and str(task.generation) == generation:
            change(site, task)

    return react


def _to_container(change: Callable[[Site, Task, Container], None]) -> Callable[..., None]:
    """Make a reaction of what happens to a container, unless it has started anew or stopped."""

    def react(
        world: World,
        *,
        account_id: str,
        region: str,
        cluster: str,
        task_id: str,
        generation: str,  # noqa: ARG001 - what befalls a container outlives a change of the way
        container: str,
        start: str,
    ) -> None:
        site = world.site(account_id, region)
        task = site.region.clusters[cluster].tasks.get(task_id)
        if task is None:
            return
        found = next(one for one in task.containers if one.name == container)
        if found.last_status != "STOPPED" and str(found.starts) == start:
            change(site, task, found)

    return react


def _pulled(world: World, region: str, **ids: str) -> None:
    def end(site: Site, task: Task) -> None:
        starting.pulled(site, task, lambda of, image: pulling.pull(world, of, image, region))

    _to_task(end)(world, region=region, **ids)


def _prune_task(
    world: World, *, account_id: str, region: str, cluster: str, task_id: str, **_: str
) -> None:
    stopping.prune(world.site(account_id, region), cluster, task_id)


def _to_instance(change: Callable[[Site, str, str], None]) -> Callable[..., None]:
    def react(world: World, account_id: str, region: str, cluster: str, instance_id: str) -> None:
        change(world.site(account_id, region), cluster, instance_id)

    return react


REACTIONS: Final[dict[str, Callable[..., None]]] = {
    deletion.DROP_LAYERS: _drop_layers,
    layers.UPLOAD_EXPIRES: _expire_upload,
    "ecs.attach": _to_task(starting.attach),
    "ecs.pend": _to_task(starting.pend),
    "ecs.pull": _to_task(starting.pull),
    "ecs.pulled": _pulled,
    "ecs.start": _to_task(starting.start),
    "ecs.container_started": _to_container(starting.container_started),
    "ecs.container_checked": _to_container(starting.container_checked),
    "ecs.container_exited": _to_container(exits.scripted),
    "ecs.container_killed": _to_container(stopping.container_killed),
    "ecs.start_timed_out": _to_container(starting.start_timed_out),
    "ecs.notice": _to_task(stopping.notice),
    "ecs.deactivate": _to_task(stopping.deactivate),
    "ecs.signal": _to_task(stopping.signal),
    "ecs.deprovision": _to_task(stopping.deprovision),
    "ecs.stopped": _to_task(stopping.stopped),
    "ecs.abandoned": _to_task(stopping.abandoned),
    "ecs.prune": _prune_task,
    "ecs.agent_updated": _to_instance(instances.agent_updated),
    "ecs.prune_instance": _to_instance(instances.prune),
}
"""What each kind of timer does."""


def awaited(world: World, text: str) -> Timer | None:
    """Return the next thing that is to happen to a task whose id stands in *text*."""
    for timer in world.core.timers:
        task_id = timer.payload.get("task_id")
        if task_id is None or task_id not in text:
            continue
        region = world.ecs_region(timer.payload["account_id"], timer.payload["region"])
        task = region.clusters[timer.payload["cluster"]].tasks.get(task_id)
        if task is not None and task.stopped_at is None and _acts(task, timer):
            return timer
    return None


def _acts(task: Task, timer: Timer) -> bool:
    """Tell whether a timer of a task will change something, as far as can be seen now."""
    name = timer.payload.get("container")
    if name is None:
        return str(task.generation) == timer.payload["generation"]
    found = next(one for one in task.containers if one.name == name)
    if timer.kind == "ecs.start_timed_out" and task.started_at is not None:
        return False
    return found.last_status != "STOPPED" and str(found.starts) == timer.payload["start"]


def catch_up(world: World) -> None:
    """Let everything happen that is due by now."""
    due = world.core.timers.next_due_ms()
    if due is not None:
        now = world.core.clock.now_ms
        if due <= now:
            run_until(world, now)


class Progress:
    """Sees to it that time passes while things happen."""

    def __init__(self) -> None:
        self._since = 0
        self._steps = 0

    def note(self, ms: int) -> None:
        """Count a step at *ms*.

        Raises:
            WorldDoesNotSettle: there were too many within a second.
        """
        if ms > self._since + _SECOND_MS:
            self._since, self._steps = ms, 0
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise WorldDoesNotSettle


def run_until(world: World, ms: int) -> None:
    """Let everything happen that is due by *ms*, each at its own time, and move the clock there."""
    progress = Progress()
    while step(world, ms):
        progress.note(world.core.clock.now_ms)


def step(world: World, ms: int) -> bool:
    """Let the next thing happen that is due by *ms*, with what an `instant` world makes of it.

    Returns: whether there was one; if not, the clock stands at *ms*.
    """
    core = world.core
    timer = core.timers.pop_due(ms)
    if timer is None:
        core.clock.move_to(ms)
        return False
    with core.clock.at(timer.due_ms):
        _react(world, timer)
        settle(world)
    return True


def settle(world: World) -> None:
    """In an `instant` world, let all transitions happen now, in the order of their times."""
    if world.core.clock.mode != "instant":
        return
    for _ in range(MAX_STEPS):
        timer = world.core.timers.pop_transition()
        if timer is None:
            return
        world.core.clock.tick()
        _react(world, timer)
    raise WorldDoesNotSettle


def _react(world: World, timer: Timer) -> None:
    """Do what a timer stands for; what ecrmock refuses by name is tried again with the clock."""
    try:
        REACTIONS[timer.kind](world, **timer.payload)
    except EcrmockError:
        world.core.timers.set_aside(timer)
        raise
