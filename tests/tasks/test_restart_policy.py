"""`restartPolicy`: which exits of a container are followed by a new start, and what shows it.

Source: the agent's restart tracker; the period is counted from the last start.
"""

from __future__ import annotations

import pytest

from tests.tasks.stage import container, side

PERIOD = 60


def policy(**members):
    """Return a restart policy of one minute."""
    return {"enabled": True, "restartAttemptPeriod": PERIOD, **members}


@pytest.mark.parametrize("code", [0, 1, 255])
def test_a_container_that_ran_long_enough_starts_again(code, either):
    either.define(container(restartPolicy=policy()))
    either.aws.tasks.on_run("worker", exit_code=code, after=PERIOD + 1)
    arn = either.running()
    started = either.task(arn)["startedAt"]

    either.aws.clock.advance(seconds=PERIOD + 30)

    task = either.task(arn)
    assert (task["lastStatus"], task["desiredStatus"]) == ("RUNNING", "RUNNING")
    assert task["startedAt"] == started
    assert either.statuses(arn) == {"app": "RUNNING"}


def test_a_restart_emits_nothing(stage):
    stage.define(container(restartPolicy=policy()))
    stage.aws.tasks.on_run("worker", exit_code=1, after=PERIOD + 1)
    arn = stage.running()
    before = stage.story(arn)

    stage.aws.clock.advance(minutes=10)

    assert stage.story(arn) == before
    assert stage.task(arn)["version"] == before[-1][0]


def test_a_container_that_exits_too_soon_does_not_start_again(either):
    either.define(container(restartPolicy=policy()))
    either.aws.tasks.on_run("worker", exit_code=1, after=PERIOD - 1)

    arn = either.run()

    task = either.until(arn, "STOPPED")
    assert task["stopCode"] == "EssentialContainerExited"
    assert either.exit_codes(arn) == {"app": 1}
    assert either.after_start(arn, "executionStoppedAt") == pytest.approx(PERIOD - 1, abs=0.1)


@pytest.mark.parametrize(("after", "again"), [(299, False), (301, True)])
def test_the_period_is_five_minutes_where_none_is_given(after, again, stage):
    stage.define(container(restartPolicy={"enabled": True}))
    stage.aws.tasks.on_run("worker", exit_code=1, after=after)
    arn = stage.running()

    stage.aws.clock.advance(seconds=after + 60)

    assert stage.task(arn)["lastStatus"] == ("RUNNING" if again else "STOPPED")


@pytest.mark.parametrize(("code", "again"), [(0, False), (3, False), (1, True)])
def test_exit_codes_can_be_ignored(code, again, stage):
    stage.define(container(restartPolicy=policy(ignoredExitCodes=[0, 3])))
    stage.aws.tasks.on_run("worker", exit_code=code, after=PERIOD + 1)
    arn = stage.running()

    stage.aws.clock.advance(seconds=PERIOD * 2)

    assert stage.task(arn)["lastStatus"] == ("RUNNING" if again else "STOPPED")


def test_a_policy_that_is_off_restarts_nothing(stage):
    stage.define(container(restartPolicy={"enabled": False}))
    stage.aws.tasks.on_run("worker", exit_code=1, after=1000)

    arn = stage.run()

    assert stage.until(arn, "STOPPED")["stopCode"] == "EssentialContainerExited"


def test_a_container_that_is_not_essential_starts_again_too(stage):
    stage.define(container(), side(restartPolicy=policy()))
    stage.aws.tasks.on_run("worker", container="side", exit_code=1, after=PERIOD + 1)
    arn = stage.running()

    stage.aws.clock.advance(seconds=PERIOD + 30)

    assert stage.statuses(arn) == {"app": "RUNNING", "side": "RUNNING"}


def test_the_period_counts_from_the_last_restart(stage):
    stage.define(container(restartPolicy=policy()))
    arn = stage.running()
    task = stage.aws.tasks.get(arn)
    stage.aws.clock.advance(seconds=PERIOD + 1)
    task.exit(1)
    stage.aws.clock.advance(seconds=30)
    after_first = stage.statuses(arn)

    task.exit(1)

    assert after_first == {"app": "RUNNING"}
    assert stage.until(arn, "STOPPED")["stopCode"] == "EssentialContainerExited"


def test_out_of_memory_restarts_like_any_exit(stage):
    stage.define(container(restartPolicy=policy()))
    stage.aws.tasks.on_run("worker", oom=True, after=PERIOD + 1)
    arn = stage.running()

    stage.aws.clock.advance(seconds=PERIOD + 30)

    assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_a_task_that_is_stopped_restarts_nothing(stage):
    stage.define(container(restartPolicy=policy()))
    arn = stage.running()
    stage.aws.clock.advance(minutes=5)

    stage.ecs.stop_task(task=arn)

    task = stage.until(arn, "STOPPED")
    assert task["stopCode"] == "UserInitiated"
    assert stage.exit_codes(arn) == {"app": 137}


def test_a_container_without_an_exit_code_does_not_start_again(stage):
    stage.define(container(restartPolicy=policy()))
    arn = stage.running()
    stage.aws.clock.advance(minutes=5)

    stage.aws.tasks.get(arn).fail("ContainerRuntimeError: gone")

    assert stage.until(arn, "STOPPED")["stopCode"] == "EssentialContainerExited"


def test_in_instant_the_first_exit_is_an_appointment_and_the_call_ends(instant):
    instant.define(container(restartPolicy=policy()))
    instant.aws.tasks.on_run("worker", exit_code=1, after=PERIOD + 1)

    arn = instant.run()
    instant.aws.clock.advance(hours=3)

    assert instant.task(arn)["lastStatus"] == "RUNNING"


def test_in_instant_an_exit_at_once_is_too_soon_for_a_restart(instant):
    instant.define(container(restartPolicy=policy()))
    instant.aws.tasks.on_run("worker", exit_code=1)

    assert instant.task(instant.run())["lastStatus"] == "STOPPED"


def test_a_restarted_container_is_checked_anew(stage):
    check = {"command": ["CMD", "x"], "interval": 10}
    stage.define(container(restartPolicy=policy(), healthCheck=check))
    stage.aws.tasks.on_run("worker", exit_code=1, after=PERIOD + 1)
    arn = stage.running()
    stage.aws.clock.advance(seconds=PERIOD)
    before = stage.task(arn)["healthStatus"]

    stage.aws.clock.advance(seconds=PERIOD)

    assert (before, stage.task(arn)["healthStatus"]) == ("HEALTHY", "HEALTHY")


def test_a_long_time_of_restarts_is_no_world_that_does_not_settle(stage, monkeypatch):
    monkeypatch.setattr("ecrmock.reactions.MAX_STEPS", 100)
    stage.define(container(restartPolicy=policy()))
    stage.aws.tasks.on_run("worker", exit_code=1, after=PERIOD + 1)
    arn = stage.running()

    stage.aws.clock.advance(hours=12)

    assert stage.task(arn)["lastStatus"] == "RUNNING"
