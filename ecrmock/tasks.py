"""Floor 9: what tasks do in a test: scripts for those to come, and a hand on those that are there.

aws.tasks.on_run("worker", exit_code=1, after=30)
aws.tasks.get(arn).exit({"app": 137})
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ecrmock import scripting
from ecrmock.core import arn
from ecrmock.core.errors import UsageError
from ecrmock.ecs import exits, starting, stopping
from ecrmock.gateway.passing import acting

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Container, Health, Task
    from ecrmock.gateway.pipeline import Gateway
    from ecrmock.iam.decide import Decision
    from ecrmock.scripting import Duration
    from ecrmock.steering import Home


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
                options from *exit_code* on; `{}` is what containers do without a word, so that
                `sequence=[{}]` takes an earlier wish back.

        Raises:
            UsageError: options that cannot be, or that say nothing.
        """
        selector = scripting.selector(family, image, container)
        outcome = {
            "exit_code": exit_code,
            "after": after,
            "health": health,
            "fail_to_start": fail_to_start,
            "oom": oom,
        }
        if sequence is None:
            outcomes = [scripting.script(outcome)]
        elif any(value is not None and value is not False for value in outcome.values()):
            raise UsageError("give a sequence or one outcome, not both")
        else:
            outcomes = [scripting.script(one) for one in scripting.read_sequence(sequence)]
        if not outcomes:
            raise UsageError("the sequence is empty; give an outcome for each run")
        if sequence is None and not outcomes[0].says_something:
            raise UsageError(
                f"nothing is said; give one of {', '.join(scripting.OUTCOME)}, or a sequence"
            )
        with self._aws.gateway.lock:
            self._aws.gateway.world.scripts.add(selector, outcomes)

    def get(self, task: str) -> TaskHandle:
        """Return a task by its ARN, or by its id in the mock's own account and region.

        Raises:
            UsageError: there is none, or not any more.
        """
        handle = TaskHandle(self._aws.gateway, self._place(task))
        if not handle.is_there:
            raise UsageError(f"there is no task {task!r}; stopped tasks are gone after an hour")
        return handle

    def _place(self, given: str) -> _Place:
        if not isinstance(given, str):
            raise UsageError(f"the task is {given!r}; give its ARN or its id, a text")
        parsed = arn.parse(given)
        if parsed is None:
            return _Place(self._aws.account_id, self._aws.region_name, "", given)
        cluster, _, task_id = parsed.name.rpartition("/")
        return _Place(parsed.account_id, parsed.region, cluster, task_id)


class _Place(NamedTuple):
    """Where a task is; a cluster without a name is any."""

    account_id: str
    region: str
    cluster: str
    task_id: str


class TaskHandle:
    """A task that is there: what it is now, and what a test lets happen to it."""

    def __init__(self, gateway: Gateway, place: _Place) -> None:
        self._gateway = gateway
        self._place = place
        self.id = place.task_id

    def __repr__(self) -> str:
        """Show the task in one line."""
        found = self._find()
        return (
            f"<task {self.id} is gone>"
            if found is None
            else f"<task {found.arn} {found.last_status}>"
        )

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
    def assumed(self) -> tuple[str, ...]:
        """What was taken to exist for it of which the world has never heard."""
        return tuple(self._task().assumed)

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
            if not wanted:
                raise UsageError("no container is named; give codes by container, {'app': 0}")
            for name, code in wanted.items():
                scripting.check_code(code)
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
        scripting.check_failure(reason, "reason")

        def happen(site: Site, task: Task) -> None:
            if task.desired_status == "STOPPED":
                raise UsageError(f"the task is {task.last_status} and wanted no more")
            if task.execution_stopped_at is not None:
                raise UsageError(f"the task is {task.last_status} and coming to its end already")
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
                scripting.check_health(value)
                _running(task, name)
                if name not in checked:
                    raise UsageError(f"the container {name!r} has no health check")
            for name, value in wanted.items():
                starting.set_health(site, task, _container(task, name), value)

        self._do(happen)

    def interrupt_spot(self) -> None:
        """Take the Spot capacity of the task back: it is warned, and gone in two minutes at most.

        Raises:
            UsageError: the task is not on FARGATE_SPOT, or has stopped.
        """

        def happen(site: Site, task: Task) -> None:
            if task.capacity_provider != "FARGATE_SPOT":
                raise UsageError(
                    f"the task's capacity provider is {task.capacity_provider}; "
                    f"only tasks on FARGATE_SPOT are interrupted"
                )
            if task.stopped_at is not None:
                raise UsageError("the task is STOPPED already")
            stopping.interrupt_spot(site, task)

        self._do(happen)

    def _find(self) -> Task | None:
        account_id, region, wanted, task_id = self._place
        with self._gateway.lock:
            found = self._gateway.world.ecs_regions.get((account_id, region))
            clusters = {} if found is None else found.clusters
            tasks = (
                one.tasks.get(task_id) for one in clusters.values() if wanted in ("", one.name)
            )
            return next((task for task in tasks if task is not None), None)

    def _task(self) -> Task:
        """Return the task as the world has it.

        Raises:
            UsageError: it is not there any more.
        """
        found = self._find()
        if found is None:
            raise UsageError(f"the task {self.id!r} is gone: stopped tasks are gone after an hour")
        return found

    def _do(self, happen: Callable[[Site, Task], None]) -> None:
        with acting(self._gateway) as world:
            happen(world.site(*self._place[:2]), self._task())


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
        raise UsageError(
            f"the container {name!r} does not run: it is {found.last_status}. One that is PENDING "
            f"starts as the clock moves: aws.clock.run_until(lambda: task.status == 'RUNNING')"
        )
    return found
