"""The stages that tasks go through, as tables, and the step from one to the next.

A path is how a task gets its network and its place: on Fargate, on an instance with an interface of
its own, or on an instance's network. A stage says what happens (`starting.py`, `stopping.py`),
how long after the stage before, which status the task shows from then on, and whether ECS tells of
it: a change that is told counts in the task's version.

Source: ECS developer guide, task lifecycle; the delays and versions come from captured tasks.
Assumed: how the delays part among the stages, and that ACTIVATING on Fargate, DEACTIVATING and
STOPPING are shown without an event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ecrmock.ecs import accounting, events

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Container, Task

Path = Literal["fargate", "awsvpc", "ec2", "external"]


class Stage(NamedTuple):
    """One stage of a path."""

    name: str
    delay_s: int
    """Since the stage before."""
    status: str | None = None
    """What the task shows from then on; None for what it showed before."""
    is_told: bool = False


FIRST_STATUS: Final[dict[str, str]] = {
    "fargate": "PROVISIONING",
    "awsvpc": "PROVISIONING",
    "ec2": "PENDING",
    "external": "PENDING",
}
"""What a task shows when it is made."""

_HOST_START: Final = (
    Stage("pull", 3),
    Stage("pulled", 5),
    Stage("start", 1),
)
START: Final[dict[str, tuple[Stage, ...]]] = {
    "fargate": (
        Stage("attach", 4),
        Stage("pend", 4, "PENDING", is_told=True),
        Stage("pull", 5),
        Stage("pulled", 5, "ACTIVATING"),
        Stage("start", 1),
    ),
    "awsvpc": (
        Stage("attach", 8, "PENDING", is_told=True),
        Stage("pull", 5),
        Stage("pulled", 5, "ACTIVATING", is_told=True),
        Stage("start", 1),
    ),
    "ec2": _HOST_START,
    "external": _HOST_START,
}
"""From the making of a task to the moment at which its containers start."""

_HOST_STOP: Final = (Stage("signal", 1, "STOPPING"),)
_INTERFACE_STOP: Final = (
    Stage("deactivate", 1, "DEACTIVATING"),
    Stage("signal", 10, "STOPPING"),
)
STOP: Final[dict[str, tuple[Stage, ...]]] = {
    "fargate": _INTERFACE_STOP,
    "awsvpc": _INTERFACE_STOP,
    "ec2": _HOST_STOP,
    "external": _HOST_STOP,
}
"""From the wish that a task stops to the signal that its containers get."""

NOTICE_S: Final[dict[str, int]] = {"fargate": 10, "awsvpc": 10, "ec2": 0, "external": 0}
"""How long after the end of an essential container ECS stops the task."""

_HOST_END: Final = (Stage("stopped", 1, "STOPPED", is_told=True),)
_INTERFACE_END: Final = (
    Stage("deprovision", 0, "DEPROVISIONING", is_told=True),
    Stage("stopped", 20, "STOPPED", is_told=True),
)
END: Final[dict[str, tuple[Stage, ...]]] = {
    "fargate": _INTERFACE_END,
    "awsvpc": _INTERFACE_END,
    "ec2": _HOST_END,
    "external": _HOST_END,
}
"""From the end of the last container to that of the task."""

CONTAINER_START_S: Final = 1
"""From when nothing holds a container back to its start."""
PRUNE_S: Final = 3600
"""How long stopped tasks are shown. Source: ECS developer guide, DescribeTasks."""

_WAITING: Final = ("PROVISIONING", "PENDING", "ACTIVATING")


def schedule(
    site: Site,
    task: Task,
    kind: str,
    delay_s: float,
    *,
    is_appointment: bool = False,
    **payload: str,
) -> None:
    """Let something happen to a task, unless its way has changed by then.

    Args:
        site: where the task is.
        task: which one.
        kind: a row of the table in `reactions.py`, without the service.
        delay_s: seconds from now; what is no appointment goes by the clock's rate.
        is_appointment: whether it waits for its time in every world.
        payload: ids beside those of the task.
    """
    clock, timers = site.core.clock, site.core.timers
    if is_appointment:
        add, due = timers.schedule_appointment, clock.now_ms + int(delay_s * 1000)
    else:
        add, due = timers.schedule_transition, clock.now_ms + clock.delay_ms(delay_s)
    add(
        f"ecs.{kind}",
        due,
        account_id=site.region.account_id,
        region=site.region.name,
        cluster=task.cluster,
        task_id=task.id,
        generation=str(task.generation),
        **payload,
    )


def schedule_container(
    site: Site,
    task: Task,
    container: Container,
    kind: str,
    delay_s: float,
    *,
    is_appointment: bool = False,
) -> None:
    """Let something happen to a container, unless it has started anew or stopped by then.

    The arguments are those of `schedule`.
    """
    schedule(
        site,
        task,
        kind,
        delay_s,
        is_appointment=is_appointment,
        container=container.name,
        start=str(container.starts),
    )


def next_stage(site: Site, task: Task, table: tuple[Stage, ...], done: str) -> None:
    """Schedule the stage that follows *done* in a table; with an empty *done*, the first."""
    names = [stage.name for stage in table]
    index = names.index(done) + 1 if done else 0
    if index < len(table):
        schedule(site, task, table[index].name, table[index].delay_s)


def enter(site: Site, task: Task, stage: Stage) -> None:
    """Show what a stage shows, and tell of it if it is told."""
    if stage.status is not None:
        set_status(site, task, stage.status)
    if stage.is_told:
        tell(site, task)


def find(table: tuple[Stage, ...], name: str) -> Stage:
    """Return a stage of a table by its name."""
    return next(stage for stage in table if stage.name == name)


def tell(site: Site, task: Task) -> None:
    """Count a change of a task and publish it."""
    task.version += 1
    events.publish_task(site, task)


def set_status(site: Site, task: Task, status: str) -> None:
    """Set what a task shows, and keep the counts of its cluster and its instance right."""
    tally(site, task, -1)
    task.last_status = status
    tally(site, task, 1)


def set_desired(site: Site, task: Task) -> None:
    """Let a task be wanted no longer."""
    if task.desired_status == "STOPPED":
        return
    tally(site, task, -1)
    task.desired_status = "STOPPED"
    tally(site, task, 1)
    cluster = site.cluster_of(task)
    cluster.unwanted.add(cluster.wanted.pop(task.seq).seq, task)
    accounting.leave_group(site, task)


def tally(site: Site, task: Task, by: int) -> None:
    """Count a task where it stands now, or take it out of the count."""
    cluster: Cluster = site.cluster_of(task)
    is_running, is_waiting = task.last_status == "RUNNING", task.last_status in _WAITING
    if is_running:
        cluster.counts.running[task.launch_type] += by
    elif is_waiting:
        cluster.counts.pending[task.launch_type] += by
    if task.instance_id is None or task.desired_status == "STOPPED":
        return
    instance = cluster.instances[task.instance_id]
    if is_running:
        instance.running_count += by
    elif is_waiting:
        instance.pending_count += by
