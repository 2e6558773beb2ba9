"""The modes of time: what is over when a call returns, what waits, and what moves the clock."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from dateutil.parser import isoparse

from ecrmock import TimeLimitReached, mock_aws
from tests.tasks.stage import (
    EC2,
    FARGATE,
    NOON,
    PULL_FAILURE,
    START_FAILURE,
    Stage,
    container,
    moments,
    side,
)
from tests.tasks.stage import after as waits_for

MILLISECOND = timedelta(milliseconds=1)
LAUNCHES = [FARGATE, EC2]


def let_be(stage, arn):
    """Do nothing."""


def stop(stage, arn):
    stage.ecs.stop_task(task=arn)


def leave(stage, arn):
    stage.aws.tasks.get(arn).exit({"app": 3})


def leave_aside(stage, arn):
    stage.aws.tasks.get(arn).exit({"side": 3})


def crash(stage, arn):
    stage.aws.tasks.get(arn).fail("ContainerRuntimeError: gone")


SCENES = {
    "run": ({}, let_be),
    "stopped": ({}, stop),
    "exit": ({}, leave),
    "exit-aside": ({}, leave_aside),
    "crash": ({}, crash),
    "scripted-exit": ({"exit_code": 1}, let_be),
    "out-of-memory": ({"oom": True}, let_be),
    "no-pull": ({"fail_to_start": PULL_FAILURE}, let_be),
    "no-start": ({"fail_to_start": START_FAILURE}, let_be),
}
scenes = pytest.mark.parametrize(("script", "act"), SCENES.values(), ids=SCENES.keys())
launches = pytest.mark.parametrize("launch", LAUNCHES)


def play(launch, script, act, **options):
    """Run a task, let something happen, wait for all that follows; return the stage and its ARN."""
    with mock_aws(now=NOON, **options) as aws:
        stage = Stage(aws, launch)
        stage.define(container(), side(dependsOn=waits_for("app", "START")))
        if script:
            aws.tasks.on_run("worker", container="app", **script)
        arn = stage.run()
        if options.get("time") == "virtual":
            aws.clock.advance(minutes=5)
        act(stage, arn)
        if options.get("time") == "virtual":
            aws.clock.advance(minutes=5)
        return stage.task(arn), stage.story(arn), stage.details(arn)


@launches
@scenes
def test_instant_tells_the_story_that_virtual_tells(launch, script, act):
    instant, virtual = (play(launch, script, act, time=mode) for mode in ("instant", "virtual"))

    assert instant[1] == virtual[1]
    for key in ("lastStatus", "desiredStatus", "stopCode", "stoppedReason", "version"):
        assert instant[0].get(key) == virtual[0].get(key)
    shown = [
        [(one["name"], one["lastStatus"], one.get("exitCode")) for one in task["containers"]]
        for task in (instant[0], virtual[0])
    ]
    assert shown[0] == shown[1]


@launches
@scenes
def test_in_instant_each_moment_is_a_millisecond_after_the_one_before(launch, script, act):
    task, _, _ = play(launch, script, act)

    shown = moments(task)
    if launch == EC2:  # it is connected when it is created, and bridges have no stage between
        del shown["connectivityAt"]
        shown.pop("stoppingAt", None)
    if script.get("fail_to_start") == PULL_FAILURE:  # which is when its execution stopped
        del shown["pullStoppedAt"]
    steps = [later - earlier for earlier, later in pairwise(sorted(shown.values()))]
    assert min(steps) >= MILLISECOND


@scenes
def test_in_instant_self_made_ends_come_in_the_order_of_aws(script, act):
    task, _, _ = play(FARGATE, script, act)

    shown = moments(task)
    if act is stop:  # the request comes before the end of the containers
        shown["stoppingAt"], shown["executionStoppedAt"] = (
            shown["executionStoppedAt"],
            shown["stoppingAt"],
        )
    assert list(shown.values()) == sorted(shown.values())


@launches
@scenes
def test_later_versions_have_later_times(launch, script, act):
    _, story, details = play(launch, script, act)

    assert [version for version, *_ in story] == list(range(1, len(story) + 1))
    times = [isoparse(detail["updatedAt"]) for detail in details]
    assert times == sorted(set(times))


def test_in_instant_each_write_returns_when_all_that_follows_is_over(instant):
    instant.define()
    arn = instant.run()
    after_run = instant.task(arn)["lastStatus"]
    reply = instant.ecs.stop_task(task=arn)["task"]

    task = instant.task(arn)

    assert after_run == "RUNNING"
    assert (reply["lastStatus"], reply["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert (task["lastStatus"], task["attachments"][0]["status"]) == ("STOPPED", "DELETED")


def test_in_instant_only_milliseconds_pass(instant):
    instant.define()
    for _ in range(10):
        instant.ecs.stop_task(task=instant.run())

    assert instant.aws.clock.now - NOON < timedelta(seconds=1)


# -------------------------------------------------------------------------- appointments


def test_in_instant_the_two_minutes_of_spot_are_an_appointment(instant):
    instant.define(container(stopTimeout=120))
    arn = instant.run_spot()

    instant.aws.tasks.get(arn).interrupt_spot()
    warned = instant.task(arn)
    instant.aws.clock.advance(seconds=119)
    just_before = instant.statuses(arn)
    instant.aws.clock.advance(seconds=1)

    assert (warned["lastStatus"], warned["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert just_before == {"app": "RUNNING"}
    assert instant.task(arn)["lastStatus"] == "STOPPED"


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_a_stopped_task_is_gone_an_hour_after_it_stopped(mode):
    with mock_aws(time=mode, now=NOON) as aws:
        stage = Stage(aws)
        stage.define()
        aws.tasks.on_run("worker", exit_code=0)
        arn = stage.run()
        ended = stage.until(arn, "STOPPED")["stoppedAt"]
        aws.clock.advance(ended + timedelta(hours=1) - MILLISECOND - aws.clock.now)
        still = stage.ecs.list_tasks(desiredStatus="STOPPED")["taskArns"]

        aws.clock.advance(milliseconds=1)

        failures = stage.ecs.describe_tasks(tasks=[arn])["failures"]
        assert still == [arn]
        assert failures == [{"arn": arn, "reason": "MISSING"}]
        assert stage.ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == []


def test_an_instant_clock_without_now_reaches_appointments_by_itself(machine):
    with mock_aws() as aws:
        stage = Stage(aws)
        stage.define()
        aws.tasks.on_run("worker", exit_code=0, after=30)
        arn = stage.run()
        machine[0] += 29
        before = stage.statuses(arn)

        machine[0] += 2

        assert (before, stage.statuses(arn)) == ({"app": "RUNNING"}, {"app": "STOPPED"})


def test_two_reads_after_an_appointment_was_reached_are_equal(machine):
    with mock_aws() as aws:
        stage = Stage(aws)
        stage.define()
        aws.tasks.on_run("worker", exit_code=0, after=30)
        arn = stage.run()
        machine[0] += 31

        first, second = stage.task(arn), stage.task(arn)

        assert first == second


# ------------------------------------------------------------------------------- virtual


def test_in_virtual_nothing_moves_by_itself(stage, machine):
    stage.define()
    arn = stage.run()
    before = stage.task(arn)

    machine[0] += 3600
    for number in range(10):
        stage.ecs.create_cluster(clusterName=f"other-{number}")

    assert stage.task(arn) == before
    assert stage.aws.clock.now - NOON < timedelta(seconds=1)


def test_in_virtual_time_sleep_moves_it(stage):
    stage.define()
    arn = stage.run()

    time.sleep(19)

    assert stage.task(arn)["lastStatus"] == "RUNNING"


@launches
@pytest.mark.parametrize("act", [let_be, stop, leave], ids=["run", "stop", "exit"])
def test_one_long_step_is_as_good_as_many_short_ones(launch, act):
    def history(steps):
        with mock_aws(time="virtual", now=NOON, seed=3) as aws:
            stage = Stage(aws, launch)
            stage.define(container(), side())
            aws.tasks.on_run("worker", container="side", exit_code=1, after=7)
            arn = stage.run()
            for step in steps:
                aws.clock.advance(milliseconds=step)
            act(stage, arn)
            for step in steps:
                aws.clock.advance(milliseconds=step)
            return stage.task(arn), list(aws.events), aws.clock.now

    assert history([120_000]) == history([250] * 480)


def test_what_is_due_happens_at_its_own_time_and_not_at_the_end_of_the_step(stage):
    stage.define()
    stage.aws.tasks.on_run("worker", exit_code=0, after=60)
    arn = stage.run()

    stage.aws.clock.advance(minutes=30)

    task = stage.task(arn)
    since = {name: (at - task["createdAt"]).total_seconds() for name, at in moments(task).items()}
    assert since == {
        "createdAt": 0,
        "connectivityAt": 4,
        "pullStartedAt": 13,
        "pullStoppedAt": 18,
        "startedAt": 19,
        "executionStoppedAt": 79,
        "stoppingAt": 89,
        "stoppedAt": 109,
    }


def test_run_until_stops_at_the_very_moment(stage):
    stage.define()
    arn = stage.run()

    reached = stage.aws.clock.run_until(lambda: stage.task(arn)["lastStatus"] == "RUNNING")

    assert reached == stage.aws.clock.now == stage.task(arn)["startedAt"]


def test_run_until_gives_up_on_a_task_that_runs_on(stage):
    stage.define()
    arn = stage.running()
    before = stage.aws.clock.now

    with pytest.raises(TimeLimitReached, match="0:10:00"):
        stage.aws.clock.run_until(
            lambda: stage.task(arn)["lastStatus"] == "STOPPED", limit=timedelta(minutes=10)
        )

    assert stage.aws.clock.now == before + timedelta(minutes=10)
