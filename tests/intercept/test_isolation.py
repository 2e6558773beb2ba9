"""Whose state is whose: mocks inside mocks, threads, tasks, and stopping in any order."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.exceptions import ClientError

import ecrmock
from ecrmock import mock_aws

THREADS, ROUNDS, TASKS = 120, 20, 50
NAMES = ("first", "second", "third")


def names(client):
    return [each["repositoryName"] for each in client.describe_repositories()["repositories"]]


@pytest.fixture
def eager_switching():
    """Let the interpreter switch between threads at every chance it has."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def create(client, name):
    """Create a repository; return how that ended."""
    try:
        client.create_repository(repositoryName=name)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "created"


def test_of_many_threads_that_create_one_repository_one_succeeds(outside, sends, eager_switching):
    client = outside("ecr")
    barrier = threading.Barrier(THREADS)

    def one(_number):
        seen = []
        for number in range(ROUNDS):
            barrier.wait()
            seen.append(create(client, f"repository-{number}"))
        return seen

    with mock_aws() as aws, ThreadPoolExecutor(THREADS) as pool:
        seen = list(pool.map(one, range(THREADS)))

    expected = ["RepositoryAlreadyExistsException"] * (THREADS - 1) + ["created"]
    assert [sorted(each) for each in zip(*seen, strict=True)] == [expected] * ROUNDS
    assert (len(aws.calls), sends) == (THREADS * ROUNDS, [])


def test_threads_with_a_mock_each_see_their_own_state(outside, environment):
    client, before = outside("ecr"), dict(environment)
    barrier = threading.Barrier(20)

    def one(number):
        barrier.wait()
        with mock_aws():
            client.create_repository(repositoryName=f"repository-{number}")
            return names(client)

    with ThreadPoolExecutor(20) as pool:
        seen = list(pool.map(one, range(20)))

    assert seen == [[f"repository-{number}"] for number in range(20)]
    assert dict(environment) == before


def test_tasks_with_a_mock_and_clients_of_their_own_see_their_own_state(environment, sends):
    before = dict(environment)

    async def one(number):
        async with mock_aws() as aws:
            await asyncio.sleep(0)
            client = boto3.client("ecr", region_name="us-east-1")
            client.create_repository(repositoryName=f"repository-{number}")
            await asyncio.sleep(0)
            return names(client), len(aws.calls)

    async def main():
        return await asyncio.gather(*(one(number) for number in range(TASKS)))

    seen = asyncio.run(main())

    assert seen == [([f"repository-{number}"], 2) for number in range(TASKS)]
    assert (dict(environment) == before, sends) == (True, [])


def test_a_task_of_a_mock_is_answered_by_it_though_another_started_later(outside):
    client = outside("ecr")

    async def child():
        await asyncio.sleep(0)
        return names(client)

    async def main():
        async with mock_aws():
            client.create_repository(repositoryName="of-the-outer")
            task = asyncio.ensure_future(child())
            async with mock_aws():
                return await task

    assert asyncio.run(main()) == ["of-the-outer"]


def test_one_mock_entered_twice_is_shared(outside):
    client, aws = outside("ecr"), mock_aws()

    with aws:
        client.create_repository(repositoryName="web-app")
        with aws:
            inside = names(client)
        outside_again = names(client)

    assert (inside, outside_again) == (["web-app"], ["web-app"])


def test_one_mock_started_again_begins_empty(outside):
    client, aws = outside("ecr"), mock_aws()
    with aws:
        client.create_repository(repositoryName="web-app")

    with aws:
        seen = names(client)

    assert (seen, len(aws.calls)) == ([], 1)


def test_a_mock_that_was_stopped_once_too_often_says_so():
    aws = mock_aws()
    aws.start()
    aws.stop()

    with pytest.raises(ecrmock.NotStarted):
        aws.stop()


@pytest.mark.parametrize("order", [*itertools.permutations(range(3))], ids=str)
def test_mocks_may_stop_in_any_order(order, outside, environment):
    client, before = outside("ecr"), dict(environment)
    mocks = [mock_aws(), mock_aws(), mock_aws()]
    for aws, name in zip(mocks, NAMES, strict=True):
        aws.start()
        client.create_repository(repositoryName=name)
    left, seen, expected = list(range(3)), [], []

    for number in order[:-1]:
        mocks[number].stop()
        left.remove(number)
        seen.append(names(client))
        expected.append([NAMES[left[-1]]])
    mocks[order[-1]].stop()

    assert seen == expected
    assert dict(environment) == before


def test_a_client_of_a_mock_is_answered_by_it_inside_another():
    with mock_aws() as outer:
        client = outer.client("ecr")
        client.create_repository(repositoryName="of-the-outer")
        with mock_aws():
            seen = names(client)

    assert seen == ["of-the-outer"]
