"""`aws.tasks.get`: a hand on a task that is there, and what it lets happen."""

from __future__ import annotations

from contextlib import suppress

import pytest

from ecrmock import UsageError, mock_aws
from tests.tasks.stage import (
    NOON,
    OTHER_ACCOUNT,
    PULL_FAILURE,
    ROLES,
    Stage,
    container,
    side,
)

BY = {"arn": lambda arn: arn, "id": lambda arn: arn.rpartition("/")[2]}


@pytest.fixture
def running(stage):
    """A task of an essential container and one that is not, which runs: its ARN."""
    stage.define(container(), side())
    return stage.running()


# ------------------------------------------------------------------------- finding a task


@pytest.mark.parametrize("by", BY)
def test_a_task_is_found_by_its_arn_and_by_its_id(by, instant):
    instant.define()
    arn = instant.run()

    task = instant.aws.tasks.get(BY[by](arn))

    assert (task.arn, task.id, task.status) == (arn, arn.rpartition("/")[2], "RUNNING")
    assert (task.stopped_reason, task.denial) == (None, None)


def test_a_task_of_another_cluster_is_found_by_its_id(instant):
    instant.define()
    instant.ecs.create_cluster(clusterName="prod")
    arn = instant.run(cluster="prod")

    assert instant.aws.tasks.get(BY["id"](arn)).arn == arn


@pytest.mark.parametrize("where", [{"region_name": "eu-west-1"}, {"account_id": OTHER_ACCOUNT}])
def test_a_task_of_another_account_or_region_is_found_by_its_arn(where, instant):
    instant.ecs = instant.aws.client("ecs", **where)
    instant.ecs.create_cluster(clusterName="default")
    owner = where.get("account_id", "123456789012")
    instant.define(executionRoleArn=f"arn:aws:iam::{owner}:role/exec")
    arn = instant.run()

    task = instant.aws.tasks.get(arn)

    assert task.arn == arn
    with pytest.raises(UsageError, match="there is no task"):
        instant.aws.tasks.get(BY["id"](arn))


@pytest.mark.parametrize(
    "given",
    ["0" * 32, "nonsense", "", f"arn:aws:ecs:us-east-1:123456789012:task/default/{'0' * 32}"],
)
def test_a_task_that_is_not_there_is_refused(given, instant):
    with pytest.raises(UsageError, match="there is no task"):
        instant.aws.tasks.get(given)


@pytest.mark.parametrize("given", [None, 5, {"taskArn": "arn"}], ids=["None", "number", "task"])
def test_what_is_no_text_is_refused_with_words(given, instant):
    with pytest.raises(UsageError, match="task"):
        instant.aws.tasks.get(given)


def test_the_cluster_of_an_arn_counts(instant):
    instant.define()
    arn = instant.run()

    with pytest.raises(UsageError, match="there is no task"):
        instant.aws.tasks.get(arn.replace("task/default/", "task/prod/"))


def test_a_stopped_task_is_there_for_an_hour(instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run())
    task.exit(0)
    instant.aws.clock.advance(minutes=59)
    status = task.status

    instant.aws.clock.advance(minutes=2)

    assert status == "STOPPED"
    with pytest.raises(UsageError, match=r"gone.*hour"):
        _ = task.status
    with pytest.raises(UsageError, match="there is no task"):
        instant.aws.tasks.get(task.id)


def test_a_handle_is_shown_in_one_line(instant):
    instant.define()
    arn = instant.run()

    assert repr(instant.aws.tasks.get(arn)) == f"<task {arn} RUNNING>"


def test_a_handle_of_a_task_that_is_gone_can_be_shown(instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run())
    task.exit(0)
    instant.aws.clock.advance(hours=2)

    assert task.id in repr(task)


# ------------------------------------------------------------------------------- exiting


@pytest.mark.parametrize(("codes", "shown"), [((), 0), ((3,), 3), (({"app": 4},), 4)])
def test_exit_ends_the_first_essential_container_now(codes, shown, stage, running):
    now = stage.aws.clock.now

    stage.aws.tasks.get(running).exit(*codes)

    task = stage.task(running)
    assert stage.container(running)["exitCode"] == shown
    assert 0 <= (task["executionStoppedAt"] - now).total_seconds() < 0.1
    assert stage.until(running, "STOPPED")["stopCode"] == "EssentialContainerExited"


def test_exit_takes_a_code_for_each_container(instant):
    instant.define(container(), side())
    arn = instant.run()

    instant.aws.tasks.get(arn).exit({"app": 1, "side": 2})

    assert instant.exit_codes(arn) == {"app": 1, "side": 2}
    assert instant.task(arn)["lastStatus"] == "STOPPED"


def test_exit_of_a_container_that_is_not_essential_is_told_and_the_task_runs_on(stage, running):
    stage.aws.tasks.get(running).exit({"side": 5})
    stage.aws.clock.advance(minutes=5)

    assert stage.exit_codes(running) == {"app": None, "side": 5}
    assert stage.task(running)["desiredStatus"] == "RUNNING"
    assert stage.story(running)[-1] == (4, "RUNNING", "RUNNING")


def test_a_container_that_is_being_stopped_can_exit_by_itself(stage, running):
    stage.ecs.stop_task(task=running)
    stage.until(running, "STOPPING")

    stage.aws.tasks.get(running).exit({"app": 0, "side": 143})

    task = stage.until(running, "STOPPED")
    assert stage.exit_codes(running) == {"app": 0, "side": 143}
    assert task["stopCode"] == "UserInitiated"
    assert (task["stoppedAt"] - task["executionStoppedAt"]).total_seconds() < 21


def test_exit_before_the_container_runs_is_refused(stage):
    stage.define()
    task = stage.aws.tasks.get(stage.run())

    with pytest.raises(UsageError, match="'app' does not run: it is PENDING"):
        task.exit(1)


def test_exit_after_the_task_has_stopped_is_refused(instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run())
    task.exit(0)

    with pytest.raises(UsageError, match="'app' does not run: it is STOPPED"):
        task.exit(1)


@pytest.mark.parametrize(
    ("codes", "says"),
    [
        (256, "exit code is 256; give a number from 0 to 255"),
        (-1, "exit code is -1"),
        (True, "exit code is True"),
        ("1", "exit code is '1'"),
        ({"app": 300}, "exit code is 300"),
        ({"web": 0}, "no container 'web'; it has app, side"),
        ({"app": 0, "web": 0}, "no container 'web'"),
    ],
)
def test_exit_with_what_cannot_be_is_refused_and_nothing_happens(codes, says, stage, running):
    before = stage.task(running)

    with pytest.raises(UsageError, match=says):
        stage.aws.tasks.get(running).exit(codes)

    stage.aws.clock.advance(minutes=1)
    assert stage.task(running) == before


def test_exit_of_no_container_is_refused(stage, running):
    with pytest.raises(UsageError):
        stage.aws.tasks.get(running).exit({})


def test_the_rest_of_a_script_is_forgotten_when_a_test_ends_the_container(stage):
    stage.define()
    stage.aws.tasks.on_run("worker", exit_code=9, after=60)
    arn = stage.running()

    stage.aws.tasks.get(arn).exit(1)
    stage.aws.clock.advance(minutes=5)

    assert stage.exit_codes(arn) == {"app": 1}
    assert stage.story(arn)[-1][0] == 5


# ------------------------------------------------------------------------------- failing


@pytest.mark.parametrize("status", ["PROVISIONING", "PENDING", "ACTIVATING"])
def test_fail_before_a_task_runs_fails_its_start(status, stage):
    stage.define()
    arn = stage.run()
    stage.until(arn, status)

    stage.aws.tasks.get(arn).fail(PULL_FAILURE)

    task = stage.until(arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", PULL_FAILURE)
    assert "startedAt" not in task
    assert stage.exit_codes(arn) == {"app": None}


def test_fail_while_a_task_runs_ends_its_container_with_that_reason(stage, running):
    text = "ContainerRuntimeError: gone"

    stage.aws.tasks.get(running).fail(text)

    task = stage.until(running, "STOPPED")
    assert task["stopCode"] == "EssentialContainerExited"
    assert stage.container(running)["reason"] == text
    assert "exitCode" not in stage.container(running)


def test_fail_in_instant_is_over_when_it_returns(instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run())

    task.fail("ContainerRuntimeError: gone")

    assert task.status == "STOPPED"
    assert task.stopped_reason == "Essential container in task exited"


def test_fail_of_a_task_that_is_stopping_or_has_stopped_is_refused(stage, running):
    task = stage.aws.tasks.get(running)
    stage.ecs.stop_task(task=running)
    with pytest.raises(UsageError, match="the task is RUNNING and wanted no more"):
        task.fail(PULL_FAILURE)
    stage.until(running, "STOPPED")

    with pytest.raises(UsageError, match="the task is STOPPED"):
        task.fail(PULL_FAILURE)


@pytest.mark.parametrize("text", [None, 5, "no colon"])
def test_fail_for_a_reason_that_is_none_is_refused(text, stage, running):
    with pytest.raises(UsageError, match="CannotStartContainerError"):
        stage.aws.tasks.get(running).fail(text)


# --------------------------------------------------------------------------------- Spot


def test_spot_capacity_can_be_taken_back(stage):
    stage.define(container(stopTimeout=120))
    arn = stage.run_spot()
    stage.until(arn, "RUNNING")

    stage.aws.tasks.get(arn).interrupt_spot()
    warned = stage.task(arn)
    ended = stage.until(arn, "STOPPED")

    assert (warned["lastStatus"], warned["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert (ended["stopCode"], ended["stoppedReason"]) == (
        "SpotInterruption",
        "Your Spot Task was interrupted.",
    )
    taken = ended["executionStoppedAt"] - warned["stoppingAt"]
    assert taken.total_seconds() == pytest.approx(120, abs=0.01)
    assert stage.exit_codes(arn) == {"app": 137}
    assert [version for version, *_ in stage.story(arn)] == [1, 2, 3, 4, 5, 6]


def test_after_the_warning_a_container_can_end_in_time(stage):
    stage.define(container(stopTimeout=120))
    arn = stage.run_spot()
    stage.until(arn, "RUNNING")
    task = stage.aws.tasks.get(arn)
    task.interrupt_spot()
    stage.aws.clock.advance(seconds=10)

    task.exit(0)

    ended = stage.until(arn, "STOPPED")
    assert (stage.exit_codes(arn), ended["stopCode"]) == ({"app": 0}, "SpotInterruption")


def test_a_spot_task_can_be_interrupted_before_it_runs(stage):
    stage.define()
    arn = stage.run_spot()

    stage.aws.tasks.get(arn).interrupt_spot()

    task = stage.until(arn, "STOPPED")
    assert task["stopCode"] == "SpotInterruption"
    assert "startedAt" not in task


def test_only_spot_capacity_is_taken_back(stage, running):
    with pytest.raises(UsageError, match="only tasks on FARGATE_SPOT are interrupted"):
        stage.aws.tasks.get(running).interrupt_spot()


def test_a_spot_task_that_has_stopped_is_not_interrupted(instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run_spot())
    task.exit(0)

    with pytest.raises(UsageError, match="STOPPED"):
        task.interrupt_spot()


def test_a_spot_task_that_has_stopped_stays_as_it_was(instant):
    instant.define()
    arn = instant.run_spot()
    task = instant.aws.tasks.get(arn)
    task.exit(0)
    before = instant.task(arn)
    with suppress(UsageError):
        task.interrupt_spot()

    assert instant.task(arn) == before


# --------------------------------------------------------------------- which world it is of


def test_a_handle_reads_without_changing_anything(stage, running):
    before = stage.task(running), stage.aws.clock.now, list(stage.aws.events)
    task = stage.aws.tasks.get(running)

    for _ in range(10):
        _ = (task.arn, task.id, task.status, task.stopped_reason, task.denial, repr(task))

    assert (stage.task(running), stage.aws.clock.now, list(stage.aws.events)) == before


def test_a_handle_follows_its_mock_through_a_restore(stage, running):
    task = stage.aws.tasks.get(running)
    saved = stage.aws.snapshot()
    task.exit(0)
    stage.until(running, "STOPPED")

    stage.aws.restore(saved)

    assert task.status == "RUNNING"


def test_a_handle_does_not_see_the_tasks_of_another_mock(instant):
    instant.define()
    arn = instant.run()
    with mock_aws(now=NOON, seed=1) as aws:
        other = Stage(aws)
        other.define(executionRoleArn=f"{ROLES}exec")

        with pytest.raises(UsageError, match="there is no task"):
            aws.tasks.get(arn)
