"""Retries are botocore's own, in each of its modes, but the waiting is the mock's."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
MODES = ["legacy", "standard", "adaptive"]
ERRORS = ["ServerException", "ThrottlingException"]

each_mode = pytest.mark.parametrize("mode", MODES)
each_error = pytest.mark.parametrize("error", ERRORS)


@pytest.fixture
def aws(sends, sleeps):
    """Start a mock whose clock stands still; nothing may be sent or slept in these tests."""
    with mock_aws(now=NOON) as aws:
        yield aws
    assert (sends, sleeps) == ([], [])


def client(aws, mode, attempts=5):
    return aws.client("ecr", config=Config(retries={"mode": mode, "total_max_attempts": attempts}))


@each_error
@each_mode
def test_an_error_that_passes_is_retried(mode, error, aws):
    aws.faults.add("ecr.DescribeRepositories", error=error, times=2)

    answer = client(aws, mode).describe_repositories()

    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert [call.error and call.error.code for call in aws.calls] == [error, error, None]


@pytest.mark.parametrize("attempts", [1, 2, 4])
@each_error
@each_mode
def test_no_more_attempts_are_made_than_the_client_allows(mode, error, attempts, aws):
    aws.faults.add("ecr.DescribeRepositories", error=error)

    with pytest.raises(ClientError) as caught:
        client(aws, mode, attempts).describe_repositories()

    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == attempts - 1
    assert len(aws.calls) == attempts


@each_mode
def test_an_error_tells_that_the_attempts_were_used_up(mode, aws):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException")

    with pytest.raises(ClientError, match=r"reached max retries: 2"):
        client(aws, mode, 3).describe_repositories()


@each_mode
def test_the_attempts_of_the_environment_are_honoured(mode, aws, environment):
    environment.update(AWS_MAX_ATTEMPTS="2", AWS_RETRY_MODE=mode)
    aws.faults.add("ecr.DescribeRepositories", error="ServerException")

    with pytest.raises(ClientError):
        aws.client("ecr").describe_repositories()

    assert len(aws.calls) == 2


@each_mode
def test_an_error_of_the_caller_is_not_retried(mode, aws):
    with pytest.raises(ClientError):
        client(aws, mode).describe_repositories(repositoryNames=["absent"])

    assert len(aws.calls) == 1


@each_error
@each_mode
def test_the_time_between_attempts_passes_on_the_clock(mode, error, aws):
    aws.faults.add("ecr.DescribeRepositories", error=error, times=3)

    client(aws, mode).describe_repositories()

    longest = timedelta(seconds=1 + 2 + 4)
    assert timedelta(0) < aws.clock.now - NOON <= longest


@each_mode
def test_a_call_that_is_not_retried_takes_no_time(mode, aws):
    client(aws, mode).describe_repositories()

    assert aws.clock.now == NOON


def test_one_seed_gives_one_delay():
    def delay(seed):
        with mock_aws(now=NOON, seed=seed) as aws:
            aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=3)
            client(aws, "standard").describe_repositories()
            return aws.clock.now - NOON

    assert delay(1) == delay(1) != delay(2)


def test_a_handler_of_the_test_decides_as_it_would_on_the_wire(aws):
    ecr = client(aws, "standard")
    ecr.meta.events.register_first(
        "needs-retry.ecr", lambda attempts, **kwargs: 1 if attempts < 3 else None
    )

    answer = ecr.describe_repositories()

    assert (answer["ResponseMetadata"]["RetryAttempts"], len(aws.calls)) == (2, 2 + 1)


@each_mode
def test_a_throttled_client_is_not_slowed_down_afterwards(mode, aws):
    aws.faults.add("ecr.DescribeRepositories", error="ThrottlingException", times=1)
    ecr = client(aws, mode)

    for _ in range(20):
        ecr.describe_repositories()

    assert len(aws.calls) == 21


@each_mode
def test_a_real_world_waits_as_long_as_botocore_says(mode, sleeps):
    with mock_aws(time="real") as aws:
        aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=2)
        client(aws, mode).describe_repositories()

    assert len(sleeps) == 2
