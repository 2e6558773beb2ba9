"""How containers end by themselves, and what that means for their task.

Source: ECS developer guide, essential containers and restart policies; the agent's own rules.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ecrmock.ecs import stages, starting, stopping

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Container, Task

_RESTART_S: Final = 300
"""Source: ECS API reference, ContainerRestartPolicy.restartAttemptPeriod."""
_OUT_OF_MEMORY: Final = "OutOfMemoryError: {} killed due to memory usage"


def scripted(site: Site, task: Task, container: Container) -> None:
    """End a container as its script says."""
    script = container.script
    assert script is not None  # noqa: S101 - who has none is not scheduled to end
    if script.is_oom:
        word = "container" if task.launch_type == "FARGATE" else "Container"
        end(
            site,
            task,
            container,
            stopping.KILLED,
            reason=_OUT_OF_MEMORY.format(word),
        )
    else:
        end(site, task, container, script.exit_code)


def end(
    site: Site,
    task: Task,
    container: Container,
    code: int | None,
    *,
    reason: str | None = None,
) -> None:
    """End a running container; it may start again, and the task may end with it.

    Args:
        site: where.
        task: whose.
        container: which one.
        code: its exit code; None when nobody knows it.
        reason: why, where it did not simply exit.
    """
    if _restarts(site, task, container, code):
        container.script = site.scripts.next_for(task.definition, stopping.given(task, container))
        container.last_status, container.exit_code = "STOPPED", code
        starts = container.starts
        starting.run(site, task, container)
        if container.starts == starts and not stopping.is_essential(task, container):
            _tell_of_exit(site, task)  # it did not start again
        return
    container.reason = None if reason is None else reason[: stopping.MAX_REASON]
    if task.desired_status == "STOPPED":
        stopping.container_ended(site, task, container, code)
        return
    container.last_status = "STOPPED"
    container.exit_code = code
    if task.execution_stopped_at is not None:
        stopping.signal_containers(site, task, then_end=False)
        stopping.end_if_stopped(site, task)
    elif stopping.is_essential(task, container):
        stopping.end_essential(site, task)
    else:
        _tell_of_exit(site, task)


def _tell_of_exit(site: Site, task: Task) -> None:
    """Let go on what waited for a container that is not essential, and tell of its end."""
    version = task.version
    starting.advance(site, task)
    if task.version == version and task.started_at is not None:
        stages.tell(site, task)


def _restarts(site: Site, task: Task, container: Container, code: int | None) -> bool:
    """Tell whether a container that exited starts again."""
    policy = stopping.given(task, container).get("restartPolicy") or {}
    if not policy.get("enabled") or task.desired_status == "STOPPED" or container.is_signalled:
        return False
    if code is None or code in policy.get("ignoredExitCodes", ()) or container.started_at is None:
        return False
    period = timedelta(seconds=policy.get("restartAttemptPeriod", _RESTART_S))
    return site.now - container.started_at >= period
