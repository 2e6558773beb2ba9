"""Tasks by async clients: run, waited for and stopped, on the mock's clock; nobody waits."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import WaiterError

from ecrmock import mock_aws

pytestmark = pytest.mark.aio

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
DELAY, ATTEMPTS = 6, 100
ROLE = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
both_times = pytest.mark.parametrize("mode", ["instant", "virtual"])


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """Record, of both kinds, what is really slept; and sleep none of it."""
    recorded, original = [], asyncio.sleep

    async def sleep(delay, result=None):
        recorded.append(delay)
        return await original(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "sleep", recorded.append)
    yield recorded
    assert [each for each in recorded if each] == []


async def define(ecs, family="worker"):
    """Make a cluster and a definition for Fargate."""
    await ecs.create_cluster(clusterName="default")
    await ecs.register_task_definition(
        family=family,
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=ROLE,
        containerDefinitions=[{"name": "app", "image": "nginx"}],
    )


async def run(ecs, family="worker", **options):
    """Run a task and return its ARN."""
    reply = await ecs.run_task(
        taskDefinition=family,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
        **options,
    )
    return reply["tasks"][0]["taskArn"]


async def describe(ecs, arn):
    return (await ecs.describe_tasks(tasks=[arn]))["tasks"][0]


@pytest.mark.asyncio
@both_times
async def test_tasks_running_ends_when_they_run(mode, session):
    async with mock_aws(time=mode, now=NOON), session.create_client("ecs") as ecs:
        await define(ecs)
        arn = await run(ecs)

        await ecs.get_waiter("tasks_running").wait(tasks=[arn])

        assert (await describe(ecs, arn))["lastStatus"] == "RUNNING"


@pytest.mark.asyncio
@both_times
async def test_tasks_stopped_ends_when_the_script_does(mode, session):
    async with mock_aws(time=mode, now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)
        aws.tasks.on_run("worker", exit_code=3, after=30)
        arn = await run(ecs)

        await ecs.get_waiter("tasks_stopped").wait(tasks=[arn])

        task = await describe(ecs, arn)
        assert task["containers"][0]["exitCode"] == 3
        assert aws.clock.now >= NOON + timedelta(seconds=30)


@pytest.mark.asyncio
async def test_tasks_stopped_follows_a_stop(session):
    async with mock_aws(time="virtual", now=NOON), session.create_client("ecs") as ecs:
        await define(ecs)
        arn = await run(ecs)
        await ecs.get_waiter("tasks_running").wait(tasks=[arn])
        await ecs.stop_task(task=arn)

        await ecs.get_waiter("tasks_stopped").wait(tasks=[arn])

        assert (await describe(ecs, arn))["stopCode"] == "UserInitiated"


@pytest.mark.asyncio
@both_times
async def test_a_wait_for_running_fails_as_soon_as_the_task_has_stopped(mode, session):
    async with mock_aws(time=mode, now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)
        aws.tasks.on_run("worker", fail_to_start="CannotPullContainerError: gone")
        arn = await run(ecs)

        with pytest.raises(WaiterError, match="STOPPED"):
            await ecs.get_waiter("tasks_running").wait(tasks=[arn])

        assert aws.clock.now - NOON < timedelta(minutes=1)


@pytest.mark.asyncio
@both_times
async def test_a_wait_for_a_task_that_never_stops_fails_after_its_attempts(mode, session):
    async with mock_aws(time=mode, now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)
        arn = await run(ecs)
        before = aws.clock.now

        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            await ecs.get_waiter("tasks_stopped").wait(tasks=[arn])

        assert aws.clock.now - before == timedelta(seconds=DELAY * (ATTEMPTS - 1))


@pytest.mark.asyncio
async def test_asyncio_sleep_moves_a_task_on(session):
    async with mock_aws(time="virtual", now=NOON), session.create_client("ecs") as ecs:
        await define(ecs)
        arn = await run(ecs)

        await asyncio.sleep(19)

        assert (await describe(ecs, arn))["lastStatus"] == "RUNNING"


@pytest.mark.asyncio
async def test_waiters_of_several_coroutines_in_one_mock_all_end(session):
    async with mock_aws(time="virtual", now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)
        aws.tasks.on_run("worker", exit_code=0, after=20)
        arns = [await run(ecs) for _ in range(10)]
        waiter = ecs.get_waiter("tasks_stopped")

        await asyncio.gather(*(waiter.wait(tasks=[arn]) for arn in arns))

        statuses = {(await describe(ecs, arn))["lastStatus"] for arn in arns}
        assert statuses == {"STOPPED"}


@pytest.mark.asyncio
async def test_mocks_at_the_same_time_keep_their_tasks_and_scripts_apart(session):
    async def work(code):
        async with mock_aws(time="virtual", now=NOON) as aws, session.create_client("ecs") as ecs:
            await define(ecs)
            aws.tasks.on_run("worker", exit_code=code, after=code)
            arn = await run(ecs)
            await ecs.get_waiter("tasks_stopped").wait(tasks=[arn])
            task = await describe(ecs, arn)
            return task["containers"][0]["exitCode"], len(aws.events)

    ended = await asyncio.gather(*map(work, range(1, 6)))

    assert ended == [(code, 5) for code in range(1, 6)]


@pytest.mark.asyncio
async def test_a_sync_client_and_an_async_one_see_the_same_tasks(session):
    async with mock_aws(now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)
        arn = await run(ecs)

        aws.tasks.get(arn).exit(5)

        seen = aws.client("ecs").describe_tasks(tasks=[arn])["tasks"]
        assert seen == [await describe(ecs, arn)]
        assert seen[0]["containers"][0]["exitCode"] == 5


@pytest.mark.asyncio
async def test_many_coroutines_that_run_tasks_get_one_each(session):
    async with mock_aws(now=NOON) as aws, session.create_client("ecs") as ecs:
        await define(ecs)

        arns = await asyncio.gather(*(run(ecs) for _ in range(30)))

        pages = ecs.get_paginator("list_tasks").paginate()
        listed = {arn async for page in pages for arn in page["taskArns"]}
        assert len(set(arns)) == 30
        assert listed == set(arns)
        assert len(aws.calls("ecs.RunTask")) == 30
