"""`aws.clock`: when it moves, by what, and what comes due on the way."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock import EcrmockError, TimeLimitReached, UsageError, current, mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)
A_DAY = timedelta(days=1)

still = pytest.mark.parametrize("mode", ["instant", "virtual"])


def begin_upload(aws):
    """Begin an upload; return a function that adds to it."""
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="team/app")
    upload = ecr.initiate_layer_upload(repositoryName="team/app")["uploadId"]

    def add(first=0):
        ecr.upload_layer_part(
            repositoryName="team/app",
            uploadId=upload,
            partFirstByte=first,
            partLastByte=first,
            layerPartBlob=b"x",
        )

    return add


@still
def test_with_now_it_begins_there_and_stands_still(mode):
    with mock_aws(time=mode, now=NOON) as aws:
        first = aws.clock.now
        for _ in range(100):
            aws.client("ecr").describe_repositories()

        assert first == NOON
        assert aws.clock.now == NOON


def test_an_instant_clock_without_now_follows_the_machine(monkeypatch):
    machine = [NOON.timestamp()]
    monkeypatch.setattr("ecrmock.core.clock.time.time", lambda: machine[0])
    with mock_aws() as aws:
        aws.clock.advance(hours=1)
        machine[0] += 60

        assert aws.clock.now == NOON + timedelta(hours=1, minutes=1)


def test_a_virtual_clock_without_now_begins_at_the_machines_time_and_stands_still(monkeypatch):
    machine = [NOON.timestamp()]
    monkeypatch.setattr("ecrmock.core.clock.time.time", lambda: machine[0])
    with mock_aws(time="virtual") as aws:
        machine[0] += 60

        assert aws.clock.now == NOON


def test_a_clock_never_goes_back_when_the_machines_does(monkeypatch):
    machine = [NOON.timestamp()]
    monkeypatch.setattr("ecrmock.core.clock.time.time", lambda: machine[0])
    with mock_aws() as aws:
        aws.client("ecr").create_repository(repositoryName="team/app")
        before = aws.clock.now
        machine[0] -= 3600

        assert aws.clock.now >= before


WRITES = {
    "CreateRepository": lambda aws: aws.client("ecr").create_repository(repositoryName="team/b"),
    "DeleteRepository": lambda aws: aws.client("ecr").delete_repository(repositoryName="team/a"),
    "InitiateLayerUpload": lambda aws: aws.client("ecr").initiate_layer_upload(
        repositoryName="team/a"
    ),
    "CreateCluster": lambda aws: aws.client("ecs").create_cluster(clusterName="blue"),
}
READS = {
    "DescribeRepositories": lambda aws: aws.client("ecr").describe_repositories(),
    "ListImages": lambda aws: aws.client("ecr").list_images(repositoryName="team/a"),
    "ListClusters": lambda aws: aws.client("ecs").list_clusters(),
    "GetCallerIdentity": lambda aws: aws.client("sts").get_caller_identity(),
    "calls": lambda aws: (repr(aws.calls), list(aws.events)),
    "snapshot": lambda aws: aws.snapshot(),
}


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        aws.client("ecr").create_repository(repositoryName="team/a")
        yield aws


@pytest.mark.parametrize("name", WRITES)
def test_a_write_moves_it_by_a_millisecond_at_least(name, aws):
    before = aws.clock.now

    WRITES[name](aws)

    assert MILLISECOND <= aws.clock.now - before < timedelta(seconds=1)


@pytest.mark.parametrize("name", READS)
def test_a_read_moves_it_by_nothing(name, aws):
    before = aws.clock.now

    READS[name](aws)

    assert aws.clock.now == before


def test_what_is_made_later_has_a_later_time(aws):
    ecr = aws.client("ecr")
    made = [
        ecr.create_repository(repositoryName=f"team/{number}")["repository"]["createdAt"]
        for number in range(20)
    ]

    assert made == sorted(set(made))


@pytest.mark.parametrize(
    ("arguments", "parts", "step"),
    [
        ((), {"minutes": 5}, timedelta(minutes=5)),
        ((), {"days": 1, "hours": 2, "milliseconds": 3}, timedelta(1, 7200, 3000)),
        ((), {"seconds": 0.5}, timedelta(seconds=0.5)),
        ((timedelta(weeks=3),), {}, timedelta(weeks=3)),
        ((timedelta(0),), {}, timedelta(0)),
    ],
    ids=["minutes", "several", "half-a-second", "timedelta", "nothing"],
)
def test_advance_moves_it_and_returns_the_new_present(arguments, parts, step, aws):
    before = aws.clock.now

    returned = aws.clock.advance(*arguments, **parts)

    assert returned == aws.clock.now == before + step


@pytest.mark.parametrize(
    ("arguments", "parts", "says"),
    [
        ((timedelta(minutes=-5),), {}, "cannot go back by 0:05:00"),
        ((), {"hours": -1}, "cannot go back by 1:00:00"),
        ((timedelta(minutes=5),), {"minutes": 5}, "not both"),
    ],
    ids=["negative-timedelta", "negative-part", "both"],
)
def test_advance_refuses_what_makes_no_sense(arguments, parts, says, aws):
    before = aws.clock.now

    with pytest.raises(UsageError, match=says):
        aws.clock.advance(*arguments, **parts)

    assert aws.clock.now == before


def test_its_present_is_utc(aws):
    assert aws.clock.now.tzinfo is timezone.utc


def test_run_until_returns_the_moment_at_which_the_condition_came_true(aws):
    began = aws.clock.now

    reached = aws.clock.run_until(lambda: aws.clock.now - began >= timedelta(minutes=10))

    assert reached == aws.clock.now == began + timedelta(minutes=10)


def test_run_until_moves_nothing_where_the_condition_is_true_already(aws):
    began = aws.clock.now

    assert aws.clock.run_until(lambda: True) == began


def test_run_until_gives_up_at_its_limit_and_says_it(aws):
    began = aws.clock.now

    with pytest.raises(TimeLimitReached, match="0:00:30"):
        aws.clock.run_until(lambda: False, limit=timedelta(seconds=30))

    assert aws.clock.now == began + timedelta(seconds=30)


def test_run_until_has_an_hour_by_default(aws):
    began = aws.clock.now

    with pytest.raises(TimeLimitReached, match="1:00:00"):
        aws.clock.run_until(lambda: False)

    assert aws.clock.now == began + timedelta(hours=1)


@pytest.mark.parametrize("kind", [EcrmockError, TimeoutError])
def test_a_time_limit_is_an_error_of_both_kinds(kind):
    assert issubclass(TimeLimitReached, kind)


def test_run_until_asks_after_each_thing_that_comes_due(aws):
    add = begin_upload(aws)
    began = aws.clock.now
    uploads = aws.gateway.world.registry("123456789012", "us-east-1").uploads

    reached = aws.clock.run_until(lambda: not uploads, limit=timedelta(days=2))

    assert A_DAY - timedelta(seconds=1) <= reached - began <= A_DAY + MILLISECOND
    with pytest.raises(Exception, match="UploadNotFoundException"):
        add()


@still
def test_an_upload_expires_a_day_after_it_was_begun(mode):
    with mock_aws(time=mode, now=NOON) as aws:
        add = begin_upload(aws)
        aws.clock.advance(A_DAY - timedelta(minutes=1))
        add()

        aws.clock.advance(minutes=1)

        with pytest.raises(aws.client("ecr").exceptions.ClientError, match="UploadNotFound"):
            add(first=1)


def test_an_upload_does_not_expire_by_reads_alone(aws):
    add = begin_upload(aws)
    for _ in range(100):
        aws.client("ecr").describe_repositories()

    add()

    assert aws.calls[-1].error is None


class TestSleep:
    """In a `virtual` mock sleep moves the clock; elsewhere it sleeps."""

    @pytest.fixture
    def slept(self, monkeypatch):
        """Record real sleeps instead of taking them."""
        recorded = []
        monkeypatch.setattr(time, "sleep", recorded.append)
        return recorded

    def test_in_virtual_it_moves_the_clock_and_nobody_waits(self, slept):
        with mock_aws(time="virtual", now=NOON) as aws:
            time.sleep(3600)

            assert aws.clock.now == NOON + timedelta(hours=1)
        assert [seconds for seconds in slept if seconds > 0] == []

    def test_in_virtual_what_comes_due_meanwhile_happens(self, slept):
        with mock_aws(time="virtual", now=NOON) as aws:
            add = begin_upload(aws)

            time.sleep(A_DAY.total_seconds())

            with pytest.raises(Exception, match="UploadNotFoundException"):
                add()

    def test_in_instant_it_sleeps(self, slept):
        with mock_aws(now=NOON) as aws:
            time.sleep(3600)

            assert aws.clock.now == NOON
        assert slept == [3600]

    @pytest.mark.parametrize(("mode", "asked"), [("instant", True), ("virtual", False)])
    def test_patch_sleep_says_otherwise(self, mode, asked, slept):
        with mock_aws(time=mode, now=NOON, patch_sleep=asked) as aws:
            time.sleep(3600)

            assert aws.clock.now - NOON == (timedelta(hours=1) if asked else timedelta(0))
        assert (3600 in slept) is not asked

    def test_afterwards_it_sleeps_again(self, slept):
        original = time.sleep
        with mock_aws(time="virtual"):
            pass

        assert time.sleep is original

    def test_asyncio_sleep_moves_the_clock_too_and_lets_others_run(self):
        async def work():
            async with mock_aws(time="virtual", now=NOON) as aws:
                ran = []
                other = asyncio.ensure_future(asyncio.to_thread(ran.append, 1))
                result = await asyncio.sleep(3600, "result")
                await other
                return aws.clock.now, ran, result

        assert asyncio.run(work()) == (NOON + timedelta(hours=1), [1], "result")

    def test_another_thread_really_sleeps(self, slept):
        async def work():
            with mock_aws(time="virtual", now=NOON) as aws:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(None, lambda: time.sleep(3600))
                return aws.clock.now

        assert asyncio.run(work()) == NOON
        assert slept == [3600]

    def test_a_negative_sleep_is_refused_as_ever(self):
        with mock_aws(time="virtual"), pytest.raises(ValueError, match="negative"):
            time.sleep(-1)


def test_a_nested_mock_has_a_clock_of_its_own(aws):
    before = aws.clock.now
    with mock_aws(now=NOON + A_DAY):
        current().clock.advance(days=30)

    assert aws.clock.now == before
