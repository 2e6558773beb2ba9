"""Clients of any age, origin and thread are answered, and nothing is sent."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
import botocore.session
import pytest

from ecrmock import RealCallRefused, mock_aws

KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "secret"}


def names(client):
    return [each["repositoryName"] for each in client.describe_repositories()["repositories"]]


BEFORE_THE_IMPORT = """
import json
from urllib3.connectionpool import HTTPConnectionPool
import boto3, botocore.session

sent = []
HTTPConnectionPool.urlopen = lambda pool, *args, **kwargs: sent.append(pool.host)
keys = {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"}
clients = [
    boto3.client("ecr", "us-east-1", **keys),
    boto3.Session(region_name="us-east-1", **keys).client("ecr"),
    botocore.session.Session().create_client("ecr", "us-east-1", **keys),
]

import ecrmock

with ecrmock.mock_aws() as aws:
    clients[0].create_repository(repositoryName="web-app")
    seen = [len(each.describe_repositories()["repositories"]) for each in clients]
print(json.dumps({"sent": sent, "seen": seen}))
"""


def test_clients_made_before_the_import_of_ecrmock_are_answered():
    command = [sys.executable, "-c", BEFORE_THE_IMPORT]

    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert json.loads(done.stdout) == {"sent": [], "seen": [1, 1, 1]}


def by_the_default_session():
    return boto3.client("ecr", "us-east-1", **KEYS)


def by_a_session_of_its_own():
    return boto3.Session(region_name="us-east-1", **KEYS).client("ecr")


def by_botocore():
    return botocore.session.Session().create_client("ecr", "us-east-1", **KEYS)


def with_an_endpoint():
    return boto3.client("ecr", "us-east-1", endpoint_url="http://127.0.0.1:9", **KEYS)


MAKERS = [by_the_default_session, by_a_session_of_its_own, by_botocore, with_an_endpoint]
each_maker = pytest.mark.parametrize("make", MAKERS, ids=lambda each: each.__name__)


@each_maker
def test_a_client_made_before_the_mock_is_answered(make, sends):
    client = make()

    with mock_aws():
        client.create_repository(repositoryName="web-app")
        seen = names(client)

    assert (seen, sends) == (["web-app"], [])


@each_maker
def test_a_client_made_inside_the_mock_is_answered(make, sends):
    with mock_aws():
        client = make()
        client.create_repository(repositoryName="web-app")
        seen = names(client)

    assert (seen, sends) == (["web-app"], [])


def test_a_client_made_inside_one_mock_is_answered_by_the_next(sends):
    with mock_aws():
        client = by_botocore()
        client.create_repository(repositoryName="web-app")

    with mock_aws():
        seen = names(client)

    assert (seen, sends) == ([], [])


def test_a_client_that_a_session_made_before_still_finds_the_mock(sends):
    session = boto3.Session(region_name="us-east-1", **KEYS)

    with mock_aws():
        session.client("ecr").create_repository(repositoryName="web-app")
        seen = names(session.client("ecr"))

    assert (seen, sends) == (["web-app"], [])


def test_a_client_that_a_module_keeps_is_answered_in_every_mock(outside, sends):
    cached = outside("ecr")
    seen = []

    for number in range(3):
        with mock_aws():
            cached.create_repository(repositoryName=f"repository-{number}")
            seen.append(names(cached))

    assert seen == [["repository-0"], ["repository-1"], ["repository-2"]]
    assert sends == []


def test_the_client_under_a_resource_of_a_foreign_service_is_refused(sends):
    ec2 = boto3.resource("ec2", "us-east-1", **KEYS)

    with mock_aws(), pytest.raises(RealCallRefused, match="ec2"):
        ec2.meta.client.describe_instances()

    assert sends == []


def test_a_client_on_a_thread_started_inside_is_answered(outside, sends):
    client = outside("ecr")
    seen = []

    with mock_aws():
        client.create_repository(repositoryName="web-app")
        thread = threading.Thread(target=lambda: seen.extend(names(client)))
        thread.start()
        thread.join()

    assert (seen, sends) == (["web-app"], [])


def test_a_client_on_a_thread_that_is_older_than_the_mock_is_answered(outside, sends):
    client = outside("ecr")

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(threading.get_ident).result()
        with mock_aws():
            client.create_repository(repositoryName="web-app")
            seen = pool.submit(names, client).result()

    assert (seen, sends) == (["web-app"], [])


def test_a_client_made_on_another_thread_is_answered_here(sends):
    with ThreadPoolExecutor(max_workers=1) as pool:
        client = pool.submit(by_botocore).result()

    with mock_aws():
        seen = names(client)

    assert (seen, sends) == ([], [])


def test_a_mock_started_on_another_thread_answers_here(outside, sends):
    client = outside("ecr")
    aws = mock_aws()

    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(aws.start).result()
        client.create_repository(repositoryName="web-app")
        seen = names(client)
        pool.submit(aws.stop).result()

    assert (seen, sends) == (["web-app"], [])
