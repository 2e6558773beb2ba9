"""Waiters and retries of async clients: their time passes on the mock's clock, nobody waits."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from botocore.waiter import WaiterModel

from ecrmock import mock_aws

pytestmark = pytest.mark.aio

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
DELAY, ATTEMPTS = 30, 8
MODEL = {
    "version": 2,
    "waiters": {
        "RepositoryExists": {
            "operation": "DescribeRepositories",
            "delay": DELAY,
            "maxAttempts": ATTEMPTS,
            "acceptors": [
                {"matcher": "status", "expected": 200, "state": "success"},
                {"matcher": "error", "expected": "RepositoryNotFoundException", "state": "retry"},
            ],
        }
    },
}


@pytest.fixture
def slept(monkeypatch):
    """Record what `asyncio.sleep` is asked for, so that a test can see that nobody waited."""
    recorded = []
    original = asyncio.sleep

    async def sleep(delay, result=None):
        recorded.append(delay)
        return await original(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return recorded


@pytest.fixture
def make_waiter(aiobotocore):
    from aiobotocore.waiter import create_waiter_with_client

    def make(client):
        return create_waiter_with_client("RepositoryExists", WaiterModel(MODEL), client)

    return make


def longest(slept):
    return max(slept, default=0)


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", ["instant", "virtual"])
async def test_a_waiter_that_fails_takes_its_time_on_the_clock(mode, session, make_waiter, slept):
    async with mock_aws(time=mode, now=NOON) as aws, session.create_client("ecr") as ecr:
        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            await make_waiter(ecr).wait(repositoryNames=["team/app"])

        assert aws.clock.now == NOON + timedelta(seconds=DELAY * (ATTEMPTS - 1))
        assert len(aws.calls("ecr.DescribeRepositories")) == ATTEMPTS
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_a_waiter_that_succeeds_at_once_takes_no_time(session, make_waiter, slept):
    async with mock_aws(now=NOON) as aws, session.create_client("ecr") as ecr:
        await ecr.create_repository(repositoryName="team/app")
        before = aws.clock.now

        await make_waiter(ecr).wait(repositoryNames=["team/app"])

        assert aws.clock.now == before
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_a_waiter_sees_what_became_true_while_it_waited(session, make_waiter, slept):
    async with mock_aws(now=NOON) as aws, session.create_client("ecr") as ecr:
        late = NOON + timedelta(minutes=2)
        aws.faults.add(
            "ecr.DescribeRepositories",
            error="RepositoryNotFoundException",
            when=lambda request: aws.clock.now < late,
        )
        await ecr.create_repository(repositoryName="team/app")

        await make_waiter(ecr).wait(repositoryNames=["team/app"])

        assert late <= aws.clock.now < late + timedelta(seconds=DELAY)
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_a_waiter_takes_the_delay_and_attempts_that_it_is_told(session, make_waiter, slept):
    config = {"Delay": 600, "MaxAttempts": 3}
    async with mock_aws(now=NOON) as aws, session.create_client("ecr") as ecr:
        with pytest.raises(WaiterError):
            await make_waiter(ecr).wait(repositoryNames=["team/app"], WaiterConfig=config)

        assert aws.clock.now == NOON + timedelta(minutes=20)
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_waiters_at_the_same_time_wait_on_their_own_clocks(session, make_waiter, slept):
    async def work(attempts):
        async with mock_aws(now=NOON) as aws, session.create_client("ecr") as ecr:
            config = {"Delay": 60, "MaxAttempts": attempts}
            with pytest.raises(WaiterError):
                await make_waiter(ecr).wait(repositoryNames=["team/app"], WaiterConfig=config)
            return aws.clock.now - NOON

    passed = await asyncio.gather(*map(work, range(1, 6)))

    assert passed == [timedelta(minutes=number) for number in range(5)]
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_in_real_a_waiter_sleeps_on_the_event_loop(session, make_waiter, slept):
    async with mock_aws(time="real"), session.create_client("ecr") as ecr:
        with pytest.raises(WaiterError):
            await make_waiter(ecr).wait(repositoryNames=["team/app"])

    assert [delay for delay in slept if delay] == [DELAY] * (ATTEMPTS - 1)


@pytest.mark.asyncio
async def test_other_users_of_asyncio_in_the_waiter_module_are_untouched(aiobotocore):
    import aiobotocore.waiter

    with mock_aws():
        assert aiobotocore.waiter.asyncio.gather is asyncio.gather
    assert aiobotocore.waiter.asyncio is asyncio


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
async def test_retries_meet_the_fault_and_take_their_time_on_the_clock(mode, session, slept):
    config = Config(retries={"mode": mode, "total_max_attempts": 4})
    async with mock_aws(now=NOON) as aws, session.create_client("ecr", config=config) as ecr:
        fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=3)

        reply = await ecr.describe_repositories()

        assert reply["ResponseMetadata"]["RetryAttempts"] == 3
        assert fault.fired == 3
        assert aws.clock.now > NOON
    assert longest(slept) == 0


@pytest.mark.asyncio
@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
async def test_retries_end_after_their_attempts(mode, session, slept):
    config = Config(retries={"mode": mode, "total_max_attempts": 3})
    async with mock_aws() as aws, session.create_client("ecr", config=config) as ecr:
        aws.faults.add("ecr.DescribeRepositories", error="ThrottlingException")

        with pytest.raises(ClientError, match=r"reached max retries: 2"):
            await ecr.describe_repositories()

        assert len(aws.calls) == 3
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_what_is_no_fault_of_the_service_is_not_retried(session):
    async with mock_aws() as aws, session.create_client("ecr") as ecr:
        with pytest.raises(ecr.exceptions.RepositoryNotFoundException):
            await ecr.list_images(repositoryName="team/app")

        assert len(aws.calls) == 1


@pytest.mark.asyncio
async def test_latency_passes_on_the_clock(session, slept):
    async with mock_aws(now=NOON) as aws, session.create_client("ecr") as ecr:
        aws.faults.add("ecr.DescribeRepositories", latency=90)

        await ecr.describe_repositories()

        assert aws.clock.now == NOON + timedelta(seconds=90)
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_in_virtual_asyncio_sleep_of_the_test_moves_the_clock(slept):
    async with mock_aws(time="virtual", now=NOON) as aws:
        await asyncio.sleep(3600)

        assert aws.clock.now == NOON + timedelta(hours=1)
    assert longest(slept) == 0


@pytest.mark.asyncio
async def test_in_virtual_a_task_made_in_the_mock_sleeps_on_its_clock(slept):
    async with mock_aws(time="virtual", now=NOON) as aws:
        await asyncio.create_task(asyncio.sleep(60))

        assert aws.clock.now == NOON + timedelta(minutes=1)
    assert longest(slept) == 0
