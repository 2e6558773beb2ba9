"""`time.sleep` and `asyncio.sleep` where the mock owns the time, and where it does not."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock import mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
MINUTE = timedelta(minutes=1)

OWNS_TIME = [
    pytest.param({"time": "virtual"}, id="virtual"),
    pytest.param({"time": "instant", "patch_sleep": True}, id="instant, asked to"),
]
LEAVES_TIME = [
    pytest.param({"time": "instant"}, id="instant"),
    pytest.param({"time": "virtual", "patch_sleep": False}, id="virtual, asked not to"),
]
where_it_owns_time = pytest.mark.parametrize("options", OWNS_TIME)
where_it_leaves_time = pytest.mark.parametrize("options", LEAVES_TIME)


@pytest.fixture
def async_sleeps(monkeypatch):
    """Count the seconds that `asyncio.sleep` is asked for instead of sleeping."""
    asked, original = [], asyncio.sleep

    async def sleep(delay, result=None):
        asked.append(delay)
        return await original(0, result)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return asked


@where_it_owns_time
def test_sleeping_moves_the_clock(options, sleeps):
    with mock_aws(now=NOON, **options) as aws:
        time.sleep(60)

    assert (aws.clock.now, sum(sleeps)) == (NOON + MINUTE, 0)


@where_it_leaves_time
def test_sleeping_really_sleeps(options, sleeps):
    with mock_aws(now=NOON, **options) as aws:
        time.sleep(60)

    assert (aws.clock.now, sleeps) == (NOON, [60])


@where_it_leaves_time
def test_the_function_is_not_replaced(options):
    before = time.sleep, asyncio.sleep

    with mock_aws(**options):
        inside = time.sleep, asyncio.sleep

    assert inside == before


@where_it_owns_time
def test_the_functions_are_their_own_afterwards(options):
    before = time.sleep, asyncio.sleep

    with mock_aws(**options):
        assert (time.sleep, asyncio.sleep) != before

    assert (time.sleep, asyncio.sleep) == before


def test_parts_of_a_second_count(sleeps):
    with mock_aws(now=NOON, time="virtual") as aws:
        time.sleep(0.25)

    assert aws.clock.now - NOON == timedelta(milliseconds=250)


@pytest.mark.parametrize(("value", "error"), [(-1, ValueError), ("1", TypeError)])
def test_what_sleep_refuses_is_refused(value, error):
    with mock_aws(now=NOON, time="virtual") as aws, pytest.raises(error):
        time.sleep(value)

    assert aws.clock.now == NOON


def test_sleeping_lets_happen_what_is_due(sleeps):
    with mock_aws(now=NOON, time="virtual") as aws:
        ecr = aws.client("ecr")
        ecr.create_repository(repositoryName="web-app")
        upload = ecr.initiate_layer_upload(repositoryName="web-app")["uploadId"]
        time.sleep(timedelta(days=2).total_seconds())

        with pytest.raises(ecr.exceptions.UploadNotFoundException):
            ecr.upload_layer_part(
                repositoryName="web-app",
                uploadId=upload,
                partFirstByte=0,
                partLastByte=0,
                layerPartBlob=b"x",
            )


def test_another_thread_really_sleeps(sleeps):
    with mock_aws(now=NOON, time="virtual") as aws:
        thread = threading.Thread(target=time.sleep, args=(60,))
        thread.start()
        thread.join()

    assert (aws.clock.now, sleeps) == (NOON, [60])


def test_a_thread_that_asyncio_lends_really_sleeps(sleeps):
    async def main():
        async with mock_aws(now=NOON, time="virtual") as aws:
            await asyncio.to_thread(time.sleep, 60)
            return aws.clock.now

    now = asyncio.run(main())

    assert (now, sleeps) == (NOON, [60])


# ------------------------------------------------------------------------------ asyncio


@where_it_owns_time
def test_sleeping_in_a_task_moves_the_clock(options, async_sleeps):
    async def main():
        async with mock_aws(now=NOON, **options) as aws:
            result = await asyncio.sleep(60, "the result")
            return aws.clock.now, result

    moved = asyncio.run(main())

    assert (moved, sum(async_sleeps)) == ((NOON + MINUTE, "the result"), 0)


@where_it_leaves_time
def test_sleeping_in_a_task_really_sleeps(options, async_sleeps):
    async def main():
        async with mock_aws(now=NOON, **options) as aws:
            await asyncio.sleep(60)
            return aws.clock.now

    now = asyncio.run(main())

    assert (now, async_sleeps) == (NOON, [60])


def test_another_task_really_sleeps(async_sleeps):
    async def other(started):
        await started.wait()
        await asyncio.sleep(60)

    async def main():
        started = asyncio.Event()
        task = asyncio.ensure_future(other(started))
        async with mock_aws(now=NOON, time="virtual") as aws:
            started.set()
            await task
            return aws.clock.now

    now = asyncio.run(main())

    assert (now, async_sleeps) == (NOON, [60])


def test_a_task_that_sleeps_lets_others_run(async_sleeps):
    order = []

    async def other():
        order.append("other")

    async def main():
        async with mock_aws(time="virtual"):
            task = asyncio.ensure_future(other())
            await asyncio.sleep(60)
            order.append("sleeper")
            await task

    asyncio.run(main())

    assert order == ["other", "sleeper"]


def test_a_negative_delay_takes_no_time(async_sleeps):
    async def main():
        async with mock_aws(now=NOON, time="virtual") as aws:
            await asyncio.sleep(-60)
            return aws.clock.now

    assert asyncio.run(main()) == NOON
