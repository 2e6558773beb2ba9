"""How tasks come to their end: asked to, by themselves, or without ever having begun.

Source: ECS developer guide, stopped tasks error codes; captured tasks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

from ecrmock.ecs import accounting, stages, task_definitions

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Container, Task

StopCode = Literal[
    "TaskFailedToStart", "EssentialContainerExited", "UserInitiated", "SpotInterruption"
]

STOP_TIMEOUT_S: Final = 30
MAX_SPOT_S: Final = 120
"""Source: ECS developer guide, stopTimeout and Fargate Spot."""
MAX_REASON: Final = 1024
"""Characters of a container's reason. Source: the agent's own limit."""
KILLED: Final = 137
"""The exit code of a container that did not heed its signal. Assumed: unscripted ones do not."""
BY_USER: Final = "Task stopped by user"
ESSENTIAL: Final = "Essential container in task exited"
INTERRUPTED: Final = "Your Spot Task was interrupted."
DEREGISTERED: Final = "Container instance deregistration forced by user"


def request(site: Site, task: Task, code: StopCode, reason: str) -> None:
    """Ask a task to stop; one that is stopping already goes on as it was.

    Source: ECS API reference, StopTask.
    """
    if task.desired_status == "STOPPED":
        return
    _want_no_more(site, task, code, reason)
    stages.tell(site, task)
    stages.next_stage(site, task, stages.STOP[task.path], "")


def interrupt_spot(site: Site, task: Task) -> None:
    """Take the capacity of a Spot task back: the warning and the signal come together.

    Its containers have their stop timeout, two minutes at most, on the clock in every world.
    Source: ECS developer guide, Fargate Spot termination notices.
    """
    if task.desired_status == "STOPPED":
        return
    _want_no_more(site, task, "SpotInterruption", INTERRUPTED)
    stages.tell(site, task)
    signal_containers(site, task, is_appointment=True)


def abandon(site: Site, task: Task, code: StopCode, reason: str) -> None:
    """Stop a task whose instance is gone: nobody reports its containers. Assumed: in a second."""
    task.is_abandoned = True
    task.generation += 1
    if task.desired_status != "STOPPED":
        _want_no_more(site, task, code, reason)
        stages.tell(site, task)
    stages.schedule(site, task, "abandoned", 1)


def abandoned(site: Site, task: Task) -> None:
    """Show the containers of a task as stopped, whose instance is gone, and end it."""
    for container in task.containers:
        container.last_status = "STOPPED"
    task.stopping_at = task.stopping_at or site.now
    _end(site, task, stages.find(stages.END["ec2"], "stopped"))


def fail_to_start(
    site: Site,
    task: Task,
    reason: str,
    container_reasons: dict[str, str],
) -> None:
    """End a task that never ran.

    Args:
        site: where.
        task: which one.
        reason: why, as the task says it.
        container_reasons: why, as containers say it, by their names.
    """
    task.generation += 1
    stages.set_desired(site, task)
    task.stop_code, task.stopped_reason = "TaskFailedToStart", reason
    now = site.now
    task.execution_stopped_at = now
    for container in task.containers:
        reason_of_it = container_reasons.get(container.name)
        if reason_of_it is not None:
            container.reason = reason_of_it[:MAX_REASON]
    stages.set_status(site, task, "STOPPING")
    if not stages.NOTICE_S[task.path]:
        task.stopping_at = now
    stages.tell(site, task)
    signal_containers(site, task)
    if stages.NOTICE_S[task.path]:
        stages.schedule(site, task, "notice", stages.NOTICE_S[task.path])


def end_essential(site: Site, task: Task) -> None:
    """Let the end of an essential container bring the task to its end."""
    task.generation += 1
    if task.execution_stopped_at is None:
        task.execution_stopped_at = site.now
    signal_containers(site, task, then_end=False)
    delay = stages.NOTICE_S[task.path]
    if delay:
        stages.schedule(site, task, "notice", delay)
    else:
        notice(site, task)


def notice(site: Site, task: Task) -> None:
    """Let ECS see that a task has come to its end."""
    task.stopping_at = site.now
    if task.desired_status != "STOPPED":
        stages.set_desired(site, task)
        task.stop_code, task.stopped_reason = "EssentialContainerExited", ESSENTIAL
        if not _all_stopped(task):
            stages.set_status(site, task, "STOPPING")
            stages.tell(site, task)
    signal_containers(site, task, then_end=False)
    end_if_stopped(site, task)


def deactivate(site: Site, task: Task) -> None:
    """Take a task out of what sends it traffic."""
    table = stages.STOP[task.path]
    stages.enter(site, task, stages.find(table, "deactivate"))
    stages.next_stage(site, task, table, "deactivate")


def signal(site: Site, task: Task) -> None:
    """Tell the containers of a task to stop."""
    stages.enter(site, task, stages.find(stages.STOP[task.path], "signal"))
    signal_containers(site, task)


def signal_containers(
    site: Site,
    task: Task,
    *,
    is_appointment: bool = False,
    then_end: bool = True,
) -> None:
    """Tell those containers to stop on which no running one depends; they get their time.

    Args:
        site: where.
        task: whose.
        is_appointment: whether the time passes on the clock in every world.
        then_end: whether the task ends where none is left.
    """
    for container in task.containers:
        if container.last_status == "PENDING":
            container.last_status = "STOPPED"
    running = [one for one in task.containers if one.last_status == "RUNNING"]
    needed = _needed_by(task, running)
    for container in running:
        if container.name in needed or container.is_signalled:
            continue
        container.is_signalled = True
        timeout = stop_timeout(task, container)
        if is_appointment:
            assert task.stopping_at is not None  # noqa: S101 - the warning set it
            passed = (site.now - task.stopping_at).total_seconds()
            timeout = min(timeout, max(0, MAX_SPOT_S - int(passed)))
        stages.schedule_container(
            site,
            task,
            container,
            "container_killed",
            timeout,
            is_appointment=is_appointment,
        )
    if not running and then_end:
        end_if_stopped(site, task)


def stop_timeout(task: Task, container: Container) -> int:
    """Return how many seconds a container has after its signal.

    Source: ECS API reference, ContainerDefinition.stopTimeout.
    """
    return int(given(task, container).get("stopTimeout") or STOP_TIMEOUT_S)


def container_killed(site: Site, task: Task, container: Container) -> None:
    """Kill a container that did not stop in its time."""
    container_ended(site, task, container, KILLED)


def container_ended(site: Site, task: Task, container: Container, code: int | None) -> None:
    """Let a container of a task that is stopping be over, and the next have their signal."""
    container.last_status = "STOPPED"
    container.exit_code = code
    if task.execution_stopped_at is None and is_essential(task, container):
        task.execution_stopped_at = site.now
    is_appointment = task.stop_code == "SpotInterruption"
    signal_containers(site, task, is_appointment=is_appointment, then_end=False)
    end_if_stopped(site, task)


def end_if_stopped(site: Site, task: Task) -> None:
    """Bring a task to its end once its containers have stopped and ECS has seen it."""
    if task.is_abandoned or not _all_stopped(task):
        return
    if task.stopping_at is None or task.stopped_at is not None:
        return
    task.generation += 1
    table = stages.END[task.path]
    first = table[0]
    if first.delay_s:
        stages.next_stage(site, task, table, "")
    elif task.last_status != first.status:
        deprovision(site, task)


def deprovision(site: Site, task: Task) -> None:
    """Take the network interface of a task away."""
    table = stages.END[task.path]
    if task.interface is not None:
        task.interface.status = "DETACHED"
    stages.enter(site, task, stages.find(table, "deprovision"))
    stages.next_stage(site, task, table, "deprovision")


def stopped(site: Site, task: Task) -> None:
    """End a task."""
    _end(site, task, stages.find(stages.END[task.path], "stopped"))


def prune(site: Site, cluster_name: str, task_id: str) -> None:
    """Forget a stopped task."""
    cluster = site.region.clusters[cluster_name]
    task = cluster.tasks.pop(task_id, None)
    if task is not None:
        cluster.unwanted.pop(task.seq)


def _end(site: Site, task: Task, last: stages.Stage) -> None:
    task.stopped_at = site.now
    task.generation += 1
    if task.interface is not None:
        task.interface.status = "DELETED"
    if task.volume is not None:
        task.volume["status"] = "DELETED"
    task.tags.clear()
    stages.enter(site, task, last)
    accounting.release(site, task)
    definition = task.definition
    definition.task_count -= 1
    task_definitions.drop_deleted(site.region, definition)
    stages.schedule(site, task, "prune", stages.PRUNE_S, is_appointment=True)


def _want_no_more(site: Site, task: Task, code: StopCode, reason: str) -> None:
    task.generation += 1
    stages.set_desired(site, task)
    task.stop_code, task.stopped_reason = code, reason
    task.stopping_at = site.now
    task.tags.clear()  # Source: ECS API reference, StopTask


def _all_stopped(task: Task) -> bool:
    return all(one.last_status == "STOPPED" for one in task.containers)


def given(task: Task, container: Container) -> dict[str, Any]:
    """Return what the task definition says of a container."""
    return next(c for c in task.definition.containers if c["name"] == container.name)


def is_essential(task: Task, container: Container) -> bool:
    """Tell whether a task ends with one of its containers."""
    return bool(given(task, container)["essential"])


def _needed_by(task: Task, running: Iterable[Container]) -> set[str]:
    """Return the names that running containers depend on: they stop later."""
    names = {container.name for container in running}
    return {
        entry["containerName"]
        for definition in task.definition.containers
        if definition["name"] in names
        for entry in definition.get("dependsOn", ())
    }
