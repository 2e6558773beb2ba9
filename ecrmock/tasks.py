"""Floor 9: what tasks do in a test: scripts for those to come, and a hand on those that are there.

aws.tasks.on_run("worker", exit_code=1, after=30)
aws.tasks.get(arn).exit({"app": 137})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, get_args

from ecrmock import reactions
from ecrmock.core import arn
from ecrmock.core.errors import UsageError
from ecrmock.ecs import exits, starting, stopping
from ecrmock.ecs.state import Container, Health, Script, Task

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.iam.decide import Decision

MAX_EXIT_CODE: Final = 255
_HEALTHS: Final[tuple[str, ...]] = get_args(Health)
_OUTCOME: Final = ("exit_code", "after", "health", "fail_to_start", "oom")

Duration = float | timedelta


class Home(Protocol):
    """What is needed of the mock that the tasks are in."""

    @property
    def gateway(self) -> Gateway:
        """The way into the world."""

    @property
    def account_id(self) -> str:
        """Whose tasks they are, where an id alone is given."""

    @property
    def region_name(self) -> str:
        """Where they are, the same."""


class Tasks:
    """Scripts for tasks to come, and tasks that are there: `aws.tasks`."""

    def __init__(self, aws: Home) -> None:
        self._aws = aws

    def on_run(
        self,
        family: str | None = None,
        *,
        image: str | None = None,
        container: str | None = None,
        exit_code: int | None = None,
        after: Duration | None = None,
        health: Health | None = None,
        fail_to_start: str | None = None,
        oom: bool = False,
        sequence: Iterable[int | Mapping[str, Any]] | None = None,
    ) -> None:
        """Say what containers do from their next start on; what was said last counts.

        Args:
            family: only those of this task definition.
            image: only those of this image: the whole reference, or its repository.
            container: only those of this name; without it and *image*, the first essential one.
            exit_code: exit with it.
            after: how long after the start, in seconds or as a timedelta; at once without it.
            health: the first result of the health check.
            fail_to_start: do not start at all, for this reason, written as AWS does:
                `CannotStartContainerError: ...`.
            oom: be killed for using too much memory.
            sequence: one outcome for each run, the last one stays: an exit code, or a dict of the
                options from *exit_code* on.

        Raises:
            UsageError: options that cannot be, or that say nothing.
        """
        selector = Script(family, image, container)
        outcome = {
            "exit_code": exit_code,
            "after": after,
            "health": health,
            "fail_to_start": fail_to_start,
            "oom": oom,
        }
        if sequence is None:
            outcomes = [_script(selector, outcome)]
        elif any(value not in (None, False) for value in outcome.values()):
            raise UsageError("give a sequence or one outcome, not both")
        else:
            runs = [_as_outcome(entry) for entry in sequence]
            outcomes = [_script(selector, one) for one in runs]
        if not outcomes:
            raise UsageError("the sequence is empty; give an outcome for each run")
        with self._aws.gateway.lock:
            self._aws.gateway.world.scripts.add(selector, outcomes)

    def get(self, task: str) -> TaskHandle:
        """Return a task by its ARN, or by its id in the mock's own account and region.

        Raises:
            UsageError: there is none, or not any more.
        """
        handle = TaskHandle(self._aws.gateway, *self._place(task))
        if not handle.is_there:
            raise UsageError(f"there is no task {task!r}; stopped tasks are gone after an hour")
        return handle

    def _place(self, given: str) -> tuple[str, str, str]:
        parsed = arn.parse(given)
        if parsed is None:
            return self._aws.account_id, self._aws.region_name, given
        return parsed.account_id, parsed.region, parsed.name.rpartition("/")[2]


class TaskHandle:
    """A task that is there: what it is now, and what a test lets happen to it."""

    def __init__(self, gateway: Gateway, account_id: str, region: str, task_id: str) -> None:
        self._gateway = gateway
        self._place = (account_id, region)
        self.id = task_id

    def __repr__(self) -> str:
        """Show the task in one line."""
        return f"<task {self.arn} {self.status}>"

    @property
    def is_there(self) -> bool:
        """Whether the task is there: one that has stopped is shown for an hour."""
        return self._find() is not None

    @property
    def arn(self) -> str:
        """Its ARN."""
        return self._task().arn

    @property
    def status(self) -> str:
        """Its last status."""
        return self._task().last_status

    @property
    def stopped_reason(self) -> str | None:
        """Why it stops or has stopped."""
        return self._task().stopped_reason

    @property
    def denial(self) -> Decision | None:
        """The decision for which its image was not pulled: `task.denial.explain()`."""
        return self._task().denial

    def exit(self, codes: int | Mapping[str, int] = 0) -> None:
        """Let containers exit now.

        Args:
            codes: the exit code of the first essential container, or codes by container name.

        Raises:
            UsageError: a container does not run, or is none.
        """

        def happen(site: Site, task: Task) -> None:
            wanted = codes if isinstance(codes, Mapping) else {_essential(task): codes}
            for name, code in wanted.items():
                _check_code(code)
                _running(task, name)
            for name, code in wanted.items():
                container = _container(task, name)
                if container.last_status == "RUNNING":
                    exits.end(site, task, container, code)

        self._do(happen)

    def fail(self, reason: str) -> None:
        """Let the task fail: to start, or where it runs, with its first essential container.

        Args:
            reason: written as AWS does: `CannotPullContainerError: ...`.

        Raises:
            UsageError: the task has stopped, or is stopping.
        """

        def happen(site: Site, task: Task) -> None:
            if task.desired_status == "STOPPED":
                raise UsageError(f"the task is {task.last_status} and wanted no more")
            name = _essential(task)
            container = _container(task, name)
            if container.last_status == "RUNNING":
                exits.end(site, task, container, None, reason=reason)
            else:
                starting.fail(site, task, name, reason)

        self._do(happen)

    def set_health(self, health: Health | Mapping[str, Health]) -> None:
        """Let health checks have a result now.

        Args:
            health: of every running container with a check, or by container name.

        Raises:
            UsageError: it is no health, or a container has no health check or does not run.
        """

        def happen(site: Site, task: Task) -> None:
            checked = [
                one.name
                for one in task.containers
                if stopping.given(task, one).get("healthCheck") and one.last_status == "RUNNING"
            ]
            wanted = health if isinstance(health, Mapping) else dict.fromkeys(checked, health)
            if not wanted:
                raise UsageError("no running container of the task has a health check")
            for name, value in wanted.items():
                _check_health(value)
                _running(task, name)
                if name not in checked:
                    raise UsageError(f"the container {name!r} has no health check")
            for name, value in wanted.items():
                starting.set_health(site, task, _container(task, name), value)

        self._do(happen)

    def interrupt_spot(self) -> None:
        """Take the Spot capacity of the task back: it is warned, and gone in two minutes at most.

        Raises:
            UsageError: the task is not on FARGATE_SPOT.
        """

        def happen(site: Site, task: Task) -> None:
            if task.capacity_provider != "FARGATE_SPOT":
                raise UsageError(
                    f"the task's capacity provider is {task.capacity_provider}; "
                    f"only tasks on FARGATE_SPOT are interrupted"
                )
            stopping.interrupt_spot(site, task)

        self._do(happen)

    def _find(self) -> Task | None:
        region = self._gateway.world.ecs_region(*self._place)
        tasks = (cluster.tasks.get(self.id) for cluster in region.clusters.values())
        return next((task for task in tasks if task is not None), None)

    def _task(self) -> Task:
        """Return the task as the world has it.

        Raises:
            UsageError: it is not there any more.
        """
        found = self._find()
        if found is None:
            raise UsageError(f"the task {self.id!r} is gone; stopped tasks are for an hour")
        return found

    def _do(self, happen: Callable[[Site, Task], None]) -> None:
        with self._gateway.lock:
            world = self._gateway.world
            reactions.catch_up(world)
            task = self._task()
            world.core.clock.tick()
            happen(world.site(*self._place), task)
            reactions.settle(world)
        if self._gateway.after_call is not None:
            self._gateway.after_call()


def _as_outcome(entry: int | Mapping[str, Any]) -> dict[str, Any]:
    """Read one entry of a sequence."""
    if isinstance(entry, int):
        return {"exit_code": entry}
    unknown = [name for name in entry if name not in _OUTCOME]
    if unknown:
        raise UsageError(f"an outcome has no {unknown[0]!r}; it has {', '.join(_OUTCOME)}")
    return dict(entry)


def _script(selector: Script, outcome: Mapping[str, Any]) -> Script:
    """Check one outcome and make it a script."""
    code, health = outcome.get("exit_code"), outcome.get("health")
    text, is_oom, after = outcome.get("fail_to_start"), outcome.get("oom"), outcome.get("after")
    ends = code is not None or bool(is_oom)
    if code is not None:
        _check_code(code)
    if health is not None:
        _check_health(health)
    if text is not None and (not isinstance(text, str) or ":" not in text):
        raise UsageError(
            f"fail_to_start is {text!r}; give it as AWS writes it: 'CannotStartContainerError: ...'"
        )
    if code is not None and is_oom:
        raise UsageError("a container that is out of memory exits with 137; give one of the two")
    if text is not None and (ends or health is not None):
        raise UsageError("a container that does not start neither exits nor has a health")
    if after is not None and not ends:
        raise UsageError("after says when a container exits; give exit_code or oom with it")
    return Script(
        selector.family,
        selector.image,
        selector.container,
        exit_code=code,
        after_ms=None if after is None else _milliseconds(after),
        health=health,
        fail_to_start=text,
        is_oom=bool(is_oom),
    )


def _milliseconds(after: Duration) -> int:
    try:
        delta = after if isinstance(after, timedelta) else timedelta(seconds=after)
    except (TypeError, OverflowError, ValueError):
        delta = timedelta(-1)
    if delta < timedelta(0):
        raise UsageError(f"after is {after!r}; give seconds, or a timedelta, from 0 on")
    return int(delta / timedelta(milliseconds=1))


def _check_code(code: object) -> None:
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= MAX_EXIT_CODE:
        raise UsageError(f"an exit code is {code!r}; give a number from 0 to {MAX_EXIT_CODE}")


def _check_health(health: object) -> None:
    if health not in _HEALTHS:
        raise UsageError(f"health is {health!r}; give one of {', '.join(_HEALTHS)}")


def _essential(task: Task) -> str:
    return next(one.name for one in task.containers if stopping.is_essential(task, one))


def _container(task: Task, name: str) -> Container:
    for one in task.containers:
        if one.name == name:
            return one
    names = ", ".join(one.name for one in task.containers)
    raise UsageError(f"the task has no container {name!r}; it has {names}")


def _running(task: Task, name: str) -> Container:
    found = _container(task, name)
    if found.last_status != "RUNNING":
        raise UsageError(f"the container {name!r} does not run: it is {found.last_status}")
    return found
