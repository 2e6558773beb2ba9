"""`dependsOn`: when containers start, what if one never can, and in which order they end."""

from __future__ import annotations

import pytest

from tests.tasks.stage import CHECK, PULL_FAILURE, START_FAILURE, container, moments, side
from tests.tasks.stage import after as waits_for

NEVER = "TaskDependencyError: Task dependencies cannot be resolved, taskArn: "


def watch_starts(stage, arn, *, within=300):
    """Return when each container began to run, in whole seconds after the first one."""
    began = {}

    def look():
        for name, status in stage.statuses(arn).items():
            if status == "RUNNING":
                began.setdefault(name, stage.aws.clock.now)
        return stage.task(arn)["lastStatus"] == "RUNNING"

    for _ in range(within):
        if look():
            break
        stage.aws.clock.advance(seconds=1)
    first = min(began.values())
    return {name: round((moment - first).total_seconds()) for name, moment in began.items()}


def test_start_comes_a_second_after_the_dependency_runs(either):
    either.define(container(dependsOn=waits_for("db", "START")), container("db"))

    starts = watch_starts(either, either.run())

    assert starts == {"db": 0, "app": 1}


def test_start_does_not_wait_for_a_dependency_that_fails_to_exit(stage):
    stage.define(container(dependsOn=waits_for("db", "START")), side("db"))
    stage.aws.tasks.on_run("worker", container="db", exit_code=1)

    arn = stage.running()

    assert stage.statuses(arn) == {"app": "RUNNING", "db": "STOPPED"}


@pytest.mark.parametrize("condition", ["COMPLETE", "SUCCESS"])
def test_a_container_that_is_waited_for_ends_by_itself(condition, either):
    either.define(container(dependsOn=waits_for("init", condition)), side("init"))

    arn = either.run()
    starts = watch_starts(either, arn)

    assert starts == {"init": 0, "app": 2}
    assert either.exit_codes(arn) == {"app": None, "init": 0}


@pytest.mark.parametrize("condition", ["COMPLETE", "SUCCESS"])
def test_a_container_that_is_waited_for_takes_the_time_of_its_script(condition, stage):
    stage.define(container(dependsOn=waits_for("init", condition)), side("init"))
    stage.aws.tasks.on_run("worker", container="init", exit_code=0, after=45)

    starts = watch_starts(stage, stage.run())

    assert starts == {"init": 0, "app": 46}


def test_complete_takes_any_exit_code(stage):
    stage.define(container(dependsOn=waits_for("init", "COMPLETE")), side("init"))
    stage.aws.tasks.on_run("worker", container="init", exit_code=7)

    arn = stage.running()

    assert stage.exit_codes(arn) == {"app": None, "init": 7}


def test_success_takes_no_failure(either):
    either.define(container(dependsOn=waits_for("init", "SUCCESS")), side("init"))
    either.aws.tasks.on_run("worker", container="init", exit_code=7, after=5)

    arn = either.run()

    task = either.until(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == (
        "TaskFailedToStart",
        "Task failed to start",
    )
    assert "startedAt" not in task
    assert either.exit_codes(arn) == {"app": None, "init": 7}
    assert either.container(arn)["reason"] == NEVER + arn


@pytest.mark.parametrize("condition", ["START", "COMPLETE", "SUCCESS", "HEALTHY"])
@pytest.mark.parametrize("text", [PULL_FAILURE, START_FAILURE], ids=["pull", "start"])
def test_nothing_starts_after_a_dependency_that_never_does(text, condition, either):
    dependency = side("init", healthCheck=CHECK)
    either.define(container(dependsOn=waits_for("init", condition)), dependency)
    either.aws.tasks.on_run("worker", container="init", fail_to_start=text)

    arn = either.run()

    task = either.until(arn, "STOPPED")
    assert task["stopCode"] == "TaskFailedToStart"
    assert either.exit_codes(arn) == {"app": None, "init": None}
    assert "startedAt" not in task


def test_healthy_waits_for_the_first_check_that_succeeds(either):
    check = {**CHECK, "interval": 10}
    dependency = container("db", healthCheck=check)
    either.define(container(dependsOn=waits_for("db", "HEALTHY")), dependency)

    starts = watch_starts(either, either.run())

    assert starts == {"db": 0, "app": 11}


def test_healthy_waits_as_long_as_the_dependency_is_unhealthy(stage):
    dependency = container("db", healthCheck={**CHECK, "interval": 5, "retries": 1})
    stage.define(container(dependsOn=waits_for("db", "HEALTHY")), dependency)
    stage.aws.tasks.on_run("worker", container="db", health="UNHEALTHY")
    arn = stage.run()
    stage.aws.clock.advance(minutes=10)
    waiting = stage.task(arn)

    stage.aws.tasks.get(arn).set_health({"db": "HEALTHY"})
    stage.aws.clock.advance(seconds=1)

    assert (waiting["lastStatus"], waiting["desiredStatus"]) == ("ACTIVATING", "RUNNING")
    assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_healthy_is_lost_when_the_dependency_stops_before_it(stage):
    stage.define(container(dependsOn=waits_for("db", "HEALTHY")), side("db", healthCheck=CHECK))
    stage.aws.tasks.on_run("worker", container="db", exit_code=0, after=10)

    arn = stage.run()

    assert stage.until(arn, "STOPPED")["stopCode"] == "TaskFailedToStart"
    assert stage.exit_codes(arn) == {"app": None, "db": 0}


# -------------------------------------------------------------------------- start time-outs


@pytest.mark.parametrize(
    ("condition", "script"),
    [
        ("COMPLETE", {"exit_code": 0, "after": 60}),
        ("SUCCESS", {"exit_code": 0, "after": 60}),
        ("HEALTHY", {"health": "UNKNOWN"}),
        ("HEALTHY", {"health": "UNHEALTHY"}),
    ],
)
def test_a_dependent_gives_up_after_the_start_timeout_of_its_dependency(condition, script, stage):
    dependency = side("init", healthCheck=CHECK, startTimeout=20, stopTimeout=2)
    stage.define(container(dependsOn=waits_for("init", condition)), dependency)
    stage.aws.tasks.on_run("worker", container="init", **script)
    arn = stage.run()
    stage.aws.clock.run_until(lambda: stage.statuses(arn)["init"] == "RUNNING")
    began = stage.aws.clock.now

    stage.aws.clock.run_until(lambda: stage.task(arn)["desiredStatus"] == "STOPPED")

    assert (stage.aws.clock.now - began).total_seconds() == pytest.approx(20, abs=1)
    task = stage.until(arn, "STOPPED")
    assert (task["stopCode"], "startedAt" in task) == ("TaskFailedToStart", False)
    assert "exitCode" not in stage.container(arn)


def test_a_start_timeout_that_is_kept_does_nothing(stage):
    dependency = side("init", startTimeout=20)
    stage.define(container(dependsOn=waits_for("init", "SUCCESS")), dependency)
    stage.aws.tasks.on_run("worker", container="init", exit_code=0, after=19)

    arn = stage.running()
    stage.aws.clock.advance(minutes=5)

    assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_a_start_timeout_means_nothing_where_only_the_start_is_waited_for(stage):
    stage.define(container(dependsOn=waits_for("db", "START")), container("db", startTimeout=2))

    arn = stage.running()
    stage.aws.clock.advance(minutes=5)

    assert stage.task(arn)["lastStatus"] == "RUNNING"


# ------------------------------------------------------------------------- chains, and tasks


def test_a_chain_starts_link_by_link(stage):
    stage.define(
        container(dependsOn=waits_for("cache", "HEALTHY")),
        container(
            "cache",
            healthCheck={**CHECK, "interval": 5},
            dependsOn=waits_for("migrate", "SUCCESS"),
        ),
        side("migrate", dependsOn=waits_for("db", "START")),
        container("db"),
    )

    starts = watch_starts(stage, stage.run())

    assert starts == {"db": 0, "migrate": 1, "cache": 3, "app": 9}


def test_all_dependencies_must_be_met(stage):
    stage.define(
        container(dependsOn=waits_for("a", "SUCCESS") + waits_for("b", "COMPLETE")),
        side("a"),
        side("b"),
    )
    stage.aws.tasks.on_run("worker", container="b", exit_code=1, after=30)

    starts = watch_starts(stage, stage.run())

    assert starts == {"a": 0, "b": 0, "app": 31}


def test_a_task_runs_only_when_its_last_container_does(stage):
    stage.define(container(), side("late", dependsOn=waits_for("init", "SUCCESS")), side("init"))
    stage.aws.tasks.on_run("worker", container="init", exit_code=0, after=20)
    arn = stage.run()
    stage.aws.clock.advance(seconds=30)
    meanwhile = stage.task(arn)["lastStatus"], stage.statuses(arn)

    task = stage.until(arn, "RUNNING")

    assert meanwhile == (
        "ACTIVATING",
        {"app": "RUNNING", "late": "PENDING", "init": "RUNNING"},
    )
    assert (task["startedAt"] - task["pullStoppedAt"]).total_seconds() == pytest.approx(22, abs=0.1)
    assert stage.story(arn)[-1] == (3, "RUNNING", "RUNNING")


def test_an_essential_container_that_exits_while_others_wait_stops_the_task(stage):
    stage.define(
        container(dependsOn=waits_for("db", "HEALTHY")), container("db", healthCheck=CHECK)
    )
    stage.aws.tasks.on_run("worker", container="db", exit_code=3, after=5)

    arn = stage.run()

    stage.until(arn, "STOPPED")
    assert stage.exit_codes(arn) == {"app": None, "db": 3}
    assert stage.statuses(arn) == {"app": "STOPPED", "db": "STOPPED"}


def test_a_task_can_be_stopped_while_a_container_waits(stage):
    stage.define(container(dependsOn=waits_for("init", "SUCCESS")), side("init", stopTimeout=5))
    stage.aws.tasks.on_run("worker", container="init", exit_code=0, after=3600)
    arn = stage.run()
    stage.aws.clock.advance(minutes=1)

    stage.ecs.stop_task(task=arn)

    task = stage.until(arn, "STOPPED")
    assert (task["stopCode"], "startedAt" in task) == ("UserInitiated", False)
    assert stage.exit_codes(arn) == {"app": None, "init": 137}


def test_in_instant_a_chain_is_complete_when_run_task_returns(instant):
    instant.define(
        container(dependsOn=waits_for("db", "HEALTHY") + waits_for("init", "SUCCESS")),
        container("db", healthCheck=CHECK),
        side("init", dependsOn=waits_for("db", "START")),
    )

    arn = instant.run()

    task = instant.task(arn)
    assert task["lastStatus"] == "RUNNING"
    assert instant.statuses(arn) == {"app": "RUNNING", "db": "RUNNING", "init": "STOPPED"}
    assert list(moments(task).values()) == sorted(set(moments(task).values()))


# --------------------------------------------------------------------------- the order of ends


def test_dependents_stop_before_what_they_depend_on(either):
    either.define(
        container(dependsOn=waits_for("db", "START"), stopTimeout=10),
        container("db", stopTimeout=20),
    )
    arn = either.running()
    either.ecs.stop_task(task=arn)
    either.until(arn, "STOPPING")
    signalled = either.aws.clock.now

    ends = {}
    for name in ("app", "db"):
        either.aws.clock.run_until(lambda one=name: either.statuses(arn)[one] == "STOPPED")
        ends[name] = round((either.aws.clock.now - signalled).total_seconds())

    assert ends == {"app": 10, "db": 30}
    assert either.exit_codes(arn) == {"app": 137, "db": 137}


def test_what_is_depended_on_gets_its_signal_as_soon_as_its_dependent_is_gone(stage):
    stage.define(
        container(dependsOn=waits_for("db", "START"), stopTimeout=100),
        container("db", stopTimeout=20),
    )
    arn = stage.running()
    stage.ecs.stop_task(task=arn)
    stage.until(arn, "STOPPING")
    stage.aws.clock.advance(seconds=3)

    stage.aws.tasks.get(arn).exit({"app": 0})
    gone = stage.aws.clock.now
    stage.aws.clock.run_until(lambda: stage.statuses(arn)["db"] == "STOPPED")

    assert (stage.aws.clock.now - gone).total_seconds() == pytest.approx(20, abs=0.1)
    assert stage.exit_codes(arn) == {"app": 0, "db": 137}


def test_containers_without_dependencies_stop_together(either):
    either.define(container(stopTimeout=5), container("other", stopTimeout=5))
    arn = either.running()
    either.ecs.stop_task(task=arn)
    either.until(arn, "STOPPING")

    either.aws.clock.advance(seconds=4)
    before = either.statuses(arn)
    either.aws.clock.advance(seconds=1)

    assert before == {"app": "RUNNING", "other": "RUNNING"}
    assert either.statuses(arn) == {"app": "STOPPED", "other": "STOPPED"}


def test_when_an_essential_container_exits_its_dependents_stop_first_too(stage):
    stage.define(
        container("web", dependsOn=waits_for("proxy", "START"), stopTimeout=10),
        container("proxy", dependsOn=waits_for("db", "START"), stopTimeout=10),
        container("db", stopTimeout=10),
        container("job"),
    )
    arn = stage.running()
    stage.aws.tasks.get(arn).exit({"job": 0})
    began = stage.aws.clock.now

    ends = {}
    for name in ("web", "proxy", "db"):
        stage.aws.clock.run_until(lambda one=name: stage.statuses(arn)[one] == "STOPPED")
        ends[name] = round((stage.aws.clock.now - began).total_seconds())

    assert ends == {"web": 10, "proxy": 20, "db": 30}
