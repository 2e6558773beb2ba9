"""`tasks_running` and `tasks_stopped`: right in every mode, and nobody really waits."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import WaiterError

from ecrmock import mock_aws
from tests.tasks.stage import CHECK, EC2, FARGATE, NOON, PULL_FAILURE, Stage, container
from tests.tasks.stage import after as waits_for

DELAY, ATTEMPTS = 6, 100
MODES = {
    "instant": {},
    "instant-standing": {"now": NOON},
    "virtual": {"time": "virtual", "now": NOON},
}


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """Record, on any thread, what is really slept; and sleep none of it."""
    recorded = []

    async def sleep(delay, result=None):
        recorded.append(delay)
        return result

    monkeypatch.setattr(time, "sleep", recorded.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    yield recorded
    assert [each for each in recorded if each] == []


@pytest.fixture(params=MODES.values(), ids=MODES.keys())
def waiting(request):
    """Run tasks on Fargate in each mode that belongs to the test."""
    with mock_aws(**request.param) as aws:
        yield Stage(aws)


def wait(stage, name, *arns, **config):
    options = {"WaiterConfig": config} if config else {}
    stage.ecs.get_waiter(name).wait(tasks=list(arns), **options)


@pytest.mark.parametrize("launch", [FARGATE, EC2])
@pytest.mark.parametrize("options", MODES.values(), ids=MODES.keys())
def test_tasks_running_ends_when_they_run(options, launch):
    with mock_aws(**options) as aws:
        stage = Stage(aws, launch)
        stage.define()
        arns = [stage.run() for _ in range(3)]

        wait(stage, "tasks_running", *arns)

        assert [stage.task(arn)["lastStatus"] for arn in arns] == ["RUNNING"] * 3


def test_tasks_stopped_ends_when_their_script_ends(waiting):
    waiting.define()
    waiting.aws.tasks.on_run("worker", sequence=[{"exit_code": 1, "after": 30}, 0])
    arns = [waiting.run(), waiting.run()]

    wait(waiting, "tasks_stopped", *arns)

    assert [waiting.exit_codes(arn)["app"] for arn in arns] == [1, 0]


def test_tasks_stopped_follows_a_stop(waiting):
    waiting.define()
    arn = waiting.run()
    wait(waiting, "tasks_running", arn)
    waiting.ecs.stop_task(task=arn)

    wait(waiting, "tasks_stopped", arn)

    assert waiting.task(arn)["stopCode"] == "UserInitiated"


def test_in_instant_tasks_running_asks_once_and_takes_no_time(instant):
    instant.define()
    arn = instant.run()
    before = instant.aws.clock.now

    wait(instant, "tasks_running", arn)

    assert instant.aws.clock.now == before
    assert len(instant.aws.calls("ecs.DescribeTasks")) == 1


def test_in_virtual_tasks_running_takes_whole_delays_of_the_clock(stage):
    stage.define()
    arn = stage.run()
    before = stage.aws.clock.now

    wait(stage, "tasks_running", arn)

    assert stage.aws.clock.now - before == timedelta(seconds=4 * DELAY)
    assert len(stage.aws.calls("ecs.DescribeTasks")) == 5


def test_a_wait_for_running_fails_as_soon_as_the_task_has_stopped(waiting):
    waiting.define()
    waiting.aws.tasks.on_run("worker", fail_to_start=PULL_FAILURE)
    arn = waiting.run()
    before = waiting.aws.clock.now

    with pytest.raises(WaiterError, match="STOPPED") as caught:
        wait(waiting, "tasks_running", arn)

    assert caught.value.last_response["tasks"][0]["stoppedReason"] == PULL_FAILURE
    assert waiting.aws.clock.now - before < timedelta(minutes=1)


def test_a_wait_for_a_task_that_is_not_there_fails_at_once(waiting):
    before = waiting.aws.clock.now

    with pytest.raises(WaiterError, match="MISSING"):
        wait(waiting, "tasks_running", "0" * 32)

    assert waiting.aws.clock.now - before < timedelta(seconds=DELAY)
    assert len(waiting.aws.calls("ecs.DescribeTasks")) == 1


def test_a_wait_for_a_task_that_never_stops_fails_after_its_attempts(waiting):
    waiting.define()
    arn = waiting.run()
    before = waiting.aws.clock.now

    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        wait(waiting, "tasks_stopped", arn)

    passed = waiting.aws.clock.now - before
    assert passed >= timedelta(seconds=DELAY * (ATTEMPTS - 1))
    assert passed < timedelta(seconds=DELAY * ATTEMPTS)
    assert waiting.task(arn)["lastStatus"] == "RUNNING"


def test_a_wait_for_a_task_whose_dependency_never_gets_well_fails_after_its_attempts(waiting):
    check = {**CHECK, "interval": 5, "retries": 1}
    waiting.define(
        container(dependsOn=waits_for("db", "HEALTHY")), container("db", healthCheck=check)
    )
    waiting.aws.tasks.on_run("worker", container="db", health="UNHEALTHY")
    arn = waiting.run()

    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        wait(waiting, "tasks_running", arn)

    assert waiting.task(arn)["lastStatus"] == "ACTIVATING"


@pytest.mark.parametrize(("after", "is_over"), [(59, True), (90, False)])
def test_the_configuration_of_one_waiting_counts(after, is_over, instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=0, after=after)
    arn = instant.run()

    if not is_over:
        with pytest.raises(WaiterError):
            wait(instant, "tasks_stopped", arn, Delay=30, MaxAttempts=3)
    else:
        wait(instant, "tasks_stopped", arn, Delay=30, MaxAttempts=3)

    assert instant.aws.clock.now - NOON == pytest.approx(timedelta(minutes=1), abs=timedelta(0, 1))


def test_all_tasks_of_a_wait_must_get_there(stage):
    stage.define()
    stage.aws.tasks.on_run("worker", sequence=[{"exit_code": 0, "after": 30}, {}])
    arns = [stage.run(), stage.run()]

    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        wait(stage, "tasks_stopped", *arns)

    assert [stage.task(arn)["lastStatus"] for arn in arns] == ["STOPPED", "RUNNING"]


def test_a_waiter_of_a_client_that_is_older_than_the_mock_takes_its_clock():
    keys = {"aws_access_key_id": "a-key", "aws_secret_access_key": "a-secret"}
    waiter = boto3.client("ecs", region_name="us-east-1", **keys).get_waiter("tasks_running")
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws)
        stage.define()
        arn = stage.run()

        waiter.wait(tasks=[arn])

        assert aws.clock.now > NOON + timedelta(seconds=19)


def test_a_waiter_on_another_thread_moves_the_clock_too(stage):
    stage.define()
    arn = stage.run()

    thread = threading.Thread(target=wait, args=(stage, "tasks_running", arn))
    thread.start()
    thread.join()

    assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_what_comes_due_while_a_waiter_waits_happens_on_the_way(instant):
    instant.define()
    instant.define(family="other")
    instant.aws.tasks.on_run("worker", exit_code=0, after=100)
    instant.aws.tasks.on_run("other", exit_code=0, after=20)
    arn, other = instant.run(), instant.run("other")

    wait(instant, "tasks_stopped", arn)

    ended = instant.task(other)["executionStoppedAt"] - instant.task(other)["startedAt"]
    assert ended.total_seconds() == pytest.approx(20, abs=0.1)


def test_the_code_of_a_user_that_polls_with_time_sleep_ends_in_virtual(stage, slept):
    stage.define()
    stage.aws.tasks.on_run("worker", exit_code=2, after=45)
    arn = stage.run()

    while stage.task(arn)["lastStatus"] != "STOPPED":
        time.sleep(5)

    assert stage.exit_codes(arn) == {"app": 2}


def test_the_code_of_a_user_that_polls_with_asyncio_sleep_ends_in_virtual():
    async def poll():
        async with mock_aws(time="virtual", now=NOON) as aws:
            stage = Stage(aws)
            stage.define()
            stage.aws.tasks.on_run("worker", exit_code=2, after=45)
            arn = stage.run()
            while stage.task(arn)["lastStatus"] != "STOPPED":  # noqa: ASYNC110 - as users poll
                await asyncio.sleep(5)
            return stage.exit_codes(arn)

    assert asyncio.run(poll()) == {"app": 2}


def test_in_real_a_waiter_really_waits(slept):
    with mock_aws(time="real", rate=1000) as aws:
        stage = Stage(aws)
        stage.define()
        arn = stage.run()

        with pytest.raises(WaiterError):
            wait(stage, "tasks_stopped", arn, Delay=5, MaxAttempts=3)

    assert slept == [5, 5]
    slept.clear()
