"""Clients of a mock that has ended are refused at once: nothing is sent, nothing is retried."""

from __future__ import annotations

import asyncio
import threading

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import RealCallRefused, mock_aws

RETRY_MODES = ["legacy", "standard", "adaptive"]
each_retry_mode = pytest.mark.parametrize("mode", RETRY_MODES)


def retrying(mode):
    return Config(retries={"mode": mode, "max_attempts": 5})


def attempts_of(client):
    """Count from now on how often a client sets out to send a request."""
    counted = []
    client.meta.events.register_first("before-send", lambda **kwargs: counted.append(1))
    return counted


def by_the_handle(aws, mode):
    return aws.client("ecr", config=retrying(mode))


def by_boto3(aws, mode):
    return boto3.client("ecr", config=retrying(mode))


def of_a_foreign_service(aws, mode):
    return boto3.client("s3", config=retrying(mode))


MAKERS = [by_the_handle, by_boto3, of_a_foreign_service]
each_maker = pytest.mark.parametrize("make", MAKERS, ids=lambda each: each.__name__)


def call(client):
    if client.meta.service_model.service_name == "s3":
        return client.list_buckets()
    return client.describe_repositories()


@each_retry_mode
@each_maker
def test_a_client_of_an_ended_mock_sends_nothing(make, mode, sends, sleeps):
    with mock_aws() as aws:
        client = make(aws, mode)
    attempts = attempts_of(client)

    with pytest.raises(RealCallRefused):
        call(client)

    assert (len(attempts), sends, sleeps) == (1, [], [])


@each_retry_mode
def test_a_thread_that_outlives_its_mock_sends_nothing(mode, sends, sleeps):
    ended, caught = threading.Event(), []

    def work(client):
        client.describe_repositories()
        ended.wait()
        try:
            client.describe_repositories()
        except RealCallRefused as error:
            caught.append(error)

    with mock_aws() as aws:
        client = by_boto3(aws, mode)
        thread = threading.Thread(target=work, args=(client,))
        thread.start()
    ended.set()
    thread.join()

    assert (len(caught), sends, sleeps) == (1, [], [])


def test_a_task_that_outlives_its_mock_sends_nothing(sends, sleeps):
    async def late(client, ended):
        await ended.wait()
        client.describe_repositories()

    async def main():
        ended = asyncio.Event()
        async with mock_aws():
            task = asyncio.ensure_future(late(boto3.client("ecr"), ended))
            await asyncio.sleep(0)
        ended.set()
        with pytest.raises(RealCallRefused):
            await task

    asyncio.run(main())

    assert (sends, sleeps) == ([], [])


def test_a_client_of_an_ended_mock_is_answered_by_the_next_one():
    with mock_aws():
        client = boto3.client("ecr")

    with mock_aws():
        found = client.describe_repositories()["repositories"]

    assert found == []


def test_a_client_that_belongs_to_an_ended_mock_is_not_answered_by_another(sends):
    with mock_aws() as ended:
        client = ended.client("ecr")

    with mock_aws() as other, pytest.raises(RealCallRefused):
        client.describe_repositories()

    assert (len(other.calls), sends) == (0, [])


def test_a_client_of_the_inner_mock_is_answered_by_the_outer_when_the_inner_has_ended():
    with mock_aws():
        boto3.client("ecr").create_repository(repositoryName="of-the-outer")
        with mock_aws():
            client = boto3.client("ecr")
        found = client.describe_repositories()["repositories"]

    assert [each["repositoryName"] for each in found] == ["of-the-outer"]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param("DescribeRepositories", id="the operation"),
        pytest.param("https://api.ecr.us-east-1.amazonaws.com/", id="the URL"),
        pytest.param(__file__, id="where the client was made"),
        pytest.param("Use the client while a mock is active", id="what to do"),
    ],
)
def test_a_refusal_says(part):
    with mock_aws():
        client = boto3.client("ecr")

    with pytest.raises(RealCallRefused) as caught:
        client.describe_repositories()

    assert part in str(caught.value)


def test_a_refusal_is_no_error_of_aws():
    assert not issubclass(RealCallRefused, ClientError)
