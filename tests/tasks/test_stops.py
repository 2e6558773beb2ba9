"""StopTask at every moment of a life, and beside everything else that ends a task."""

from __future__ import annotations

import pytest

from ecrmock import UsageError
from tests.tasks.stage import CHECK, container, side
from tests.tasks.stage import after as waits_for


def ends(stage, arn):
    """Return when a task was asked to stop and what followed, in seconds since then."""
    task = stage.until(arn, "STOPPED")
    since = task["stoppingAt"]
    return {
        name: round((task[name] - since).total_seconds(), 1)
        for name in ("executionStoppedAt", "stoppedAt")
        if name in task
    }


def test_on_fargate_a_stop_takes_a_minute(stage):
    stage.define()
    arn = stage.running()

    stage.ecs.stop_task(task=arn)

    assert ends(stage, arn) == {"executionStoppedAt": 41, "stoppedAt": 61}
    assert stage.story(arn)[3:] == [
        (4, "RUNNING", "STOPPED"),
        (5, "DEPROVISIONING", "STOPPED"),
        (6, "STOPPED", "STOPPED"),
    ]


def test_on_an_instance_a_stop_takes_half_a_minute(on_ec2):
    on_ec2.define()
    arn = on_ec2.running()

    on_ec2.ecs.stop_task(task=arn)

    assert ends(on_ec2, arn) == {"executionStoppedAt": 31, "stoppedAt": 32}
    assert on_ec2.story(arn)[2:] == [(3, "RUNNING", "STOPPED"), (4, "STOPPED", "STOPPED")]


@pytest.mark.parametrize(("timeout", "taken"), [(2, 2), (120, 120), (None, 30)])
def test_a_container_has_its_stop_timeout(timeout, taken, on_ec2):
    members = {} if timeout is None else {"stopTimeout": timeout}
    on_ec2.define(container(**members))
    arn = on_ec2.running()

    on_ec2.ecs.stop_task(task=arn)

    assert ends(on_ec2, arn)["executionStoppedAt"] == 1 + taken


def test_a_task_stops_with_its_slowest_container(on_ec2):
    on_ec2.define(container(stopTimeout=10), side(stopTimeout=60))
    arn = on_ec2.running()

    on_ec2.ecs.stop_task(task=arn)

    assert ends(on_ec2, arn) == {"executionStoppedAt": 11, "stoppedAt": 62}
    assert on_ec2.exit_codes(arn) == {"app": 137, "side": 137}


@pytest.mark.parametrize("at", [0, 4, 8, 13, 18, 18.5])
def test_a_task_that_is_stopped_before_it_runs_never_ran(at, stage):
    stage.define(container(), side())
    arn = stage.run()
    stage.aws.clock.advance(seconds=at)

    stage.ecs.stop_task(task=arn)

    task = stage.until(arn, "STOPPED")
    assert task["stopCode"] == "UserInitiated"
    assert {"startedAt", "executionStoppedAt"} & set(task) == set()
    assert stage.exit_codes(arn) == {"app": None, "side": None}
    stage.aws.clock.advance(minutes=5)
    assert stage.task(arn) == task


@pytest.mark.parametrize("at", [0, 3, 8, 8.5])
def test_on_an_instance_too(at, on_ec2):
    on_ec2.define()
    arn = on_ec2.run()
    on_ec2.aws.clock.advance(seconds=at)

    on_ec2.ecs.stop_task(task=arn)

    task = on_ec2.until(arn, "STOPPED")
    assert {"startedAt", "executionStoppedAt"} & set(task) == set()
    assert "exitCode" not in on_ec2.container(arn)


def test_the_first_reason_stays(either):
    either.define()
    arn = either.running()
    either.ecs.stop_task(task=arn, reason="first")
    version = either.task(arn)["version"]

    again = either.ecs.stop_task(task=arn, reason="second")["task"]
    version_again = either.task(arn)["version"]
    task = either.until(arn, "STOPPED")
    after = either.ecs.stop_task(task=arn, reason="third")["task"]

    assert (again["stoppedReason"], task["stoppedReason"]) == ("first", "first")
    assert (version, after["version"]) == (version_again, task["version"])


def test_a_script_that_ends_before_the_kill_keeps_its_exit_code(either):
    either.define()
    either.aws.tasks.on_run("worker", exit_code=7, after=20)
    arn = either.running()
    either.aws.clock.advance(seconds=5)

    either.ecs.stop_task(task=arn)

    task = either.until(arn, "STOPPED")
    assert (either.exit_codes(arn), task["stopCode"]) == ({"app": 7}, "UserInitiated")
    assert either.after_start(arn, "executionStoppedAt") == pytest.approx(20, abs=0.1)


def test_a_script_that_would_end_after_the_kill_does_not(either):
    either.define()
    either.aws.tasks.on_run("worker", exit_code=7, after=600)
    arn = either.running()

    either.ecs.stop_task(task=arn)

    task = either.until(arn, "STOPPED")
    either.aws.clock.advance(minutes=20)
    assert either.exit_codes(arn) == {"app": 137}
    assert either.task(arn) == task


def test_a_stop_after_the_exit_and_before_it_is_noticed_is_a_stop_by_the_user(stage):
    stage.define()
    arn = stage.running()
    stage.aws.tasks.get(arn).exit(3)
    stage.aws.clock.advance(seconds=5)

    stage.ecs.stop_task(task=arn)

    task = stage.until(arn, "STOPPED")
    stage.aws.clock.advance(minutes=1)
    assert stage.task(arn) == task
    assert (stage.exit_codes(arn), task["stopCode"]) == ({"app": 3}, "UserInitiated")
    versions = [version for version, *_ in stage.story(arn)]
    assert versions == list(range(1, len(versions) + 1))


def test_a_stop_after_the_warning_of_spot_changes_nothing(stage):
    stage.define(container(stopTimeout=100))
    arn = stage.run_spot()
    stage.until(arn, "RUNNING")
    stage.aws.tasks.get(arn).interrupt_spot()
    stage.aws.clock.advance(seconds=10)

    stage.ecs.stop_task(task=arn)

    task = stage.until(arn, "STOPPED")
    assert task["stopCode"] == "SpotInterruption"
    taken = task["executionStoppedAt"] - task["stoppingAt"]
    assert taken.total_seconds() == pytest.approx(100, abs=0.1)


def test_the_warning_of_spot_does_not_rewrite_a_stop(stage):
    stage.define()
    arn = stage.run_spot()
    stage.until(arn, "RUNNING")
    stage.ecs.stop_task(task=arn, reason="mine")
    stage.aws.clock.advance(seconds=3)

    stage.aws.tasks.get(arn).interrupt_spot()

    task = stage.until(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "mine")


@pytest.mark.parametrize("wanted", [120, 30])
def test_spot_gives_two_minutes_at_most(wanted, stage):
    stage.define(container(stopTimeout=wanted))
    arn = stage.run_spot()
    stage.until(arn, "RUNNING")

    stage.aws.tasks.get(arn).interrupt_spot()

    assert ends(stage, arn) == {"executionStoppedAt": wanted, "stoppedAt": wanted + 20}


def test_a_failure_after_an_essential_container_has_exited_does_not_rewrite_its_time(stage):
    stage.define(
        container(dependsOn=waits_for("db", "HEALTHY")), container("db", healthCheck=CHECK)
    )
    arn = stage.run()
    stage.aws.clock.advance(seconds=20)
    stage.aws.tasks.get(arn).exit({"db": 3})
    first = stage.task(arn)["executionStoppedAt"]
    stage.aws.clock.advance(seconds=5)

    try:
        stage.aws.tasks.get(arn).fail("ContainerRuntimeError: gone")
    except UsageError:  # which would be as good an answer
        return

    assert stage.until(arn, "STOPPED")["executionStoppedAt"] == first
