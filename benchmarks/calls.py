"""Rows 1 and 2: a warm call, and a whole test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from typing import Any

import boto3
import moto
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.stub import Stubber

from benchmarks.measure import Party, Row, compare, paired, timed
from ecrmock import mock_aws

ROUNDS = 400
TEST_ROUNDS = 30
KEYS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "x",
    "aws_secret_access_key": "y",
}
ARN = "arn:aws:ecr:us-east-1:123456789012:repository/app"


def _repository() -> dict[str, Any]:
    return {
        "repositoryArn": ARN,
        "registryId": "123456789012",
        "repositoryName": "app",
        "repositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/app",
        "createdAt": datetime.now(tz=timezone.utc),
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }


def warm_call() -> list[Row]:
    """Time `describe_repositories` of one; before each, the repository is made anew."""
    stubbed = boto3.client("ecr", **KEYS)
    stubber = Stubber(stubbed)
    stubber.activate()

    def with_stubber() -> float:
        answer = {"repositories": [_repository()]}

        def work() -> None:
            stubber.add_response("describe_repositories", answer)
            stubbed.describe_repositories(repositoryNames=["app"])

        return timed(work)

    def with_mock(client: Any) -> Party:
        def party() -> float:
            client.delete_repository(repositoryName="app")
            client.create_repository(repositoryName="app")
            return timed(lambda: client.describe_repositories(repositoryNames=["app"]))

        return party

    with moto.mock_aws():
        theirs = boto3.client("ecr", **KEYS)
        theirs.create_repository(repositoryName="app")
        with mock_aws():
            ours = boto3.client("ecr", **KEYS)
            ours.create_repository(repositoryName="app")

            def with_moto() -> float:
                with moto_alone():
                    return with_mock(theirs)()

            parties = {"ecrmock": with_mock(ours), "Stubber": with_stubber, "moto": with_moto}
            times = paired(parties, ROUNDS)
    what = "a warm call, describe_repositories of one"
    return [
        compare(what, times, "ecrmock", "Stubber", at_most=1.3),
        compare(what, times, "ecrmock", "moto", at_least=8),
    ]


@contextmanager
def moto_alone() -> Iterator[None]:
    """Let calls pass by the innermost ecrmock, as if it were not there."""
    from ecrmock.intercept import active

    started = list(active._started)
    active._started.clear()
    try:
        yield
    finally:
        active._started.extend(started)


def _ten_calls(ecr: Any, ecs: Any) -> None:
    for number in range(3):
        ecr.create_repository(repositoryName=f"app-{number}")
    ecr.describe_repositories()
    ecr.describe_repositories(repositoryNames=["app-0"])
    ecr.delete_repository(repositoryName="app-0")
    ecs.create_cluster(clusterName="prod")
    ecs.list_clusters()
    ecs.describe_clusters(clusters=["prod"])
    ecs.delete_cluster(cluster="prod")


def _a_test(mock: Callable[[], Any], *, fresh: bool) -> Party:
    def work() -> None:
        with mock():
            maker: Any = boto3.Session() if fresh else boto3
            _ten_calls(
                maker.client("ecr", region_name="us-east-1"),
                maker.client("ecs", region_name="us-east-1"),
            )

    return lambda: timed(work)


@contextmanager
def canned() -> Iterator[None]:
    """Answer every call with nothing, at the place where ecrmock answers."""
    response = AWSResponse("https://example.invalid", 200, {}, None)

    def make_request(*_: Any) -> Any:
        return response, {"ResponseMetadata": {}}

    original = BaseClient._make_request
    BaseClient._make_request = make_request
    try:
        yield
    finally:
        BaseClient._make_request = original


@contextmanager
def canned_with_keys() -> Iterator[None]:
    """The same with credentials in the environment, as a test without a mock has them."""
    import os
    from unittest import mock

    with ExitStack() as stack:
        stack.enter_context(
            mock.patch.dict(os.environ, AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y")
        )
        stack.enter_context(canned())
        yield


def whole_test() -> list[Row]:
    """Time a test: enter, two clients, ten calls, exit."""
    fresh = paired(
        {
            "ecrmock": _a_test(mock_aws, fresh=True),
            "moto": _a_test(moto.mock_aws, fresh=True),
        },
        TEST_ROUNDS,
        clean=True,
    )
    default = paired(
        {
            "ecrmock": _a_test(mock_aws, fresh=False),
            "moto": _a_test(moto.mock_aws, fresh=False),
            "_make_request canned": _a_test(canned_with_keys, fresh=False),
        },
        TEST_ROUNDS,
        clean=True,
    )
    return [
        compare("a test, fresh boto3.Session", fresh, "ecrmock", "moto", at_least=4),
        compare("a test, default session", default, "ecrmock", "moto", at_least=7),
        compare("a test, default session", default, "ecrmock", "_make_request canned", at_most=1.3),
    ]
