"""Waiters of our services take their time on the mock's clock; all others really wait."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

import botocore.waiter
import moto  # before any client is made, or it would not reach them
import pytest
from botocore.exceptions import WaiterError
from botocore.stub import Stubber
from botocore.waiter import WaiterModel, create_waiter_with_client

from ecrmock import mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
DELAY, MOST = 15, 40
MODEL = WaiterModel(
    {
        "version": 2,
        "waiters": {
            "RepositoryExists": {
                "operation": "DescribeRepositories",
                "delay": DELAY,
                "maxAttempts": MOST,
                "acceptors": [
                    {"state": "success", "matcher": "status", "expected": 200},
                    {
                        "state": "retry",
                        "matcher": "error",
                        "expected": "RepositoryNotFoundException",
                    },
                ],
            },
            "ClusterActive": {
                "operation": "DescribeClusters",
                "delay": DELAY,
                "maxAttempts": MOST,
                "acceptors": [
                    {
                        "state": "success",
                        "matcher": "path",
                        "argument": "clusters[0].status",
                        "expected": "ACTIVE",
                    },
                ],
            },
        },
    }
)


def repository_exists(client):
    return create_waiter_with_client("RepositoryExists", MODEL, client)


def create_before_attempt(client, number):
    """Let a repository come into being just before the waiter asks for the *number*th time."""
    asked = []

    def create(**kwargs):
        asked.append(1)
        if len(asked) == number:
            client.create_repository(repositoryName="web-app")

    client.meta.events.register_first("before-call.ecr.DescribeRepositories", create)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_a_waiter_takes_its_time_on_the_clock(mode, outside, sleeps):
    client = outside("ecr")
    create_before_attempt(client, 4)

    with mock_aws(time=mode, now=NOON) as aws:
        repository_exists(client).wait(repositoryNames=["web-app"])
        taken = aws.clock.now - NOON

    assert timedelta(0) <= taken - 3 * timedelta(seconds=DELAY) < timedelta(seconds=1)
    assert sleeps == []


def test_a_waiter_moves_a_clock_that_follows_the_machine(outside, sleeps):
    client = outside("ecr")
    create_before_attempt(client, 4)

    with mock_aws() as aws:
        before = aws.clock.now
        repository_exists(client).wait(repositoryNames=["web-app"])
        taken = aws.clock.now - before

    assert taken >= 3 * timedelta(seconds=DELAY)
    assert sleeps == []


@pytest.mark.parametrize(
    ("service", "waiter", "parameters"),
    [
        pytest.param("ecr", "RepositoryExists", {"repositoryNames": ["web-app"]}, id="ecr"),
        pytest.param("ecs", "ClusterActive", {"clusters": ["prod"]}, id="ecs"),
    ],
)
def test_a_waiter_that_waits_in_vain_fails_at_once(service, waiter, parameters, outside, sleeps):
    client = outside(service)

    with mock_aws(now=NOON) as aws:
        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            create_waiter_with_client(waiter, MODEL, client).wait(**parameters)
        taken = aws.clock.now - NOON

    assert (len(aws.calls), taken) == (MOST, (MOST - 1) * timedelta(seconds=DELAY))
    assert sleeps == []


def test_the_configuration_of_one_waiting_counts(outside, sleeps):
    with mock_aws(now=NOON) as aws:
        with pytest.raises(WaiterError):
            repository_exists(outside("ecr")).wait(
                repositoryNames=["web-app"], WaiterConfig={"Delay": 600, "MaxAttempts": 3}
            )
        taken = aws.clock.now - NOON

    assert (len(aws.calls), taken) == (3, timedelta(minutes=20))


def test_a_waiter_that_is_older_than_the_mock_takes_its_clock(outside, sleeps):
    waiter = repository_exists(outside("ecr"))

    with mock_aws(now=NOON) as aws, pytest.raises(WaiterError):
        waiter.wait(repositoryNames=["web-app"])

    assert (aws.clock.now > NOON, sleeps) == (True, [])


def test_a_waiter_takes_the_clock_of_the_mock_that_answers_it(sleeps):
    with mock_aws(now=NOON) as outer:
        client = outer.client("ecr")
        with mock_aws(now=NOON) as inner, pytest.raises(WaiterError):
            repository_exists(client).wait(repositoryNames=["web-app"])

    assert (outer.clock.now > NOON, inner.clock.now) == (True, NOON)


def test_a_waiter_in_a_real_world_really_waits(outside, sleeps):
    with mock_aws(time="real") as aws, pytest.raises(WaiterError):
        repository_exists(outside("ecr")).wait(repositoryNames=["web-app"])

    assert (len(aws.calls), sleeps) == (MOST, [DELAY] * (MOST - 1))


# ------------------------------------------------------------------ waiters of others


def test_a_waiter_of_a_foreign_service_really_waits(outside, sleeps):
    s3 = outside("s3")

    with moto.mock_aws(), mock_aws(now=NOON) as aws, pytest.raises(WaiterError):
        s3.get_waiter("bucket_exists").wait(
            Bucket="absent", WaiterConfig={"Delay": 5, "MaxAttempts": 3}
        )

    assert (sleeps, aws.clock.now) == ([5, 5], NOON)


def test_a_waiter_whose_calls_are_let_through_really_waits(outside, server, sleeps):
    ecs = outside("ecs", endpoint_url=server.url)

    with mock_aws(now=NOON, passthrough=[server.url]) as aws, pytest.raises(WaiterError):
        create_waiter_with_client("ClusterActive", MODEL, ecs).wait(
            clusters=["prod"], WaiterConfig={"Delay": 5, "MaxAttempts": 3}
        )

    assert (len(server.asked), sleeps, aws.clock.now) == (3, [5, 5], NOON)


def test_a_waiter_outside_of_any_mock_really_waits(outside, sleeps):
    client = outside("ecr")
    stubber = Stubber(client)
    for _ in range(3):
        stubber.add_client_error("describe_repositories", "RepositoryNotFoundException")

    with stubber, pytest.raises(WaiterError):
        repository_exists(client).wait(WaiterConfig={"Delay": 5, "MaxAttempts": 3})

    assert sleeps == [5, 5]


def test_botocore_has_its_own_clock_again_afterwards():
    with mock_aws():
        pass

    assert botocore.waiter.time is time
