"""Tasks that are there: finding and listing them, and what can be asked of them.

Source: ECS API reference. How they come to run and to their end stands in `starting.py` and
`stopping.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecrmock.ecs import identifiers
from ecrmock.ecs.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.core import Core
    from ecrmock.ecs.state import Cluster, Container, DesiredStatus, Json, Region, Task

_SESSION_DIGITS: Final = 17


@dataclass(slots=True, frozen=True)
class Filter:
    """Which tasks a list is to have; None asks nothing."""

    desired_status: DesiredStatus | None = "RUNNING"
    """None for one that no task ever has."""
    instance_id: str | None = None
    family: str | None = None
    started_by: str | None = None
    launch_type: str | None = None

    def fits(self, task: Task) -> bool:
        """Tell whether a task is one of them, whatever its desired status."""
        wanted = (
            (self.instance_id, task.instance_id),
            (self.family, task.definition.family),
            (self.started_by, task.started_by),
            (self.launch_type, task.launch_type),
        )
        return all(asked is None or asked == present for asked, present in wanted)


def find(region: Region, cluster: Cluster, given: str, *, words: str | None = None) -> Task | None:
    """Return a task by id or ARN; None when it is not there, or not any more.

    Raises:
        InvalidParameterException: *given* is malformed, or of another cluster.
    """
    return cluster.tasks.get(
        identifiers.member_id(region, cluster.name, given, "task", words=words)
    )


def get(region: Region, cluster: Cluster, given: str, *, words: str | None = None) -> Task:
    """Return a task by id or ARN.

    Raises:
        InvalidParameterException: there is none, or *given* is malformed.
    """
    found = find(region, cluster, given, words=words)
    if found is None:
        raise InvalidParameterException.no_task()
    return found


def walk(cluster: Cluster, after: int | None, wanted: Filter) -> Iterator[tuple[int, Task]]:
    """Walk tasks in the order in which they were made, beginning behind *after*."""
    if wanted.desired_status is None:
        return
    found = cluster.wanted if wanted.desired_status == "RUNNING" else cluster.unwanted
    for seq, task in found.items_after(after):
        if wanted.fits(task):
            yield seq, task


def reach(task: Task, name: str | None) -> Container:
    """Return the container of a task that a command can be run in.

    Raises:
        InvalidParameterException: the task takes no commands, does not run, or has no such
            container. Assumed: the texts about containers.

    Source: ECS API reference, ExecuteCommand.
    """
    if name is None and len(task.containers) > 1:
        raise InvalidParameterException(
            "The container name must be specified when the task has several containers."
        )
    found = next((one for one in task.containers if name in (None, one.name)), None)
    if found is None:
        raise InvalidParameterException(f"The container {name} is not in the task.")
    runs = task.last_status == "RUNNING" and found.last_status == "RUNNING"
    if not task.is_exec_enabled or not runs:
        raise InvalidParameterException.no_exec()
    return found


def session(core: Core, region: Region, domain: str) -> Json:
    """Return a session to run a command through; nobody listens at its URL."""
    session_id = f"ecs-execute-command-{core.ids.hex(_SESSION_DIGITS)}"
    host = f"wss://ssmmessages.{region.name}.{domain}"
    return {
        "sessionId": session_id,
        "streamUrl": f"{host}/v1/data-channel/{session_id}?role=publish_subscribe",
        "tokenValue": core.ids.base62(64),
    }
