"""What every answer has around it, and who is let in at all."""

from __future__ import annotations

import re

import pytest
from botocore import UNSIGNED
from botocore.config import Config

UUID = "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"

READS = {"ecr": "describe_repositories", "ecs": "list_clusters", "sts": "get_caller_identity"}


@pytest.mark.parametrize("service", READS)
def test_an_answer_has_a_request_id_and_status_200(door, service):
    response = getattr(door.client(service), READS[service])()

    metadata = response["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert re.fullmatch(UUID, metadata["RequestId"])
    assert metadata["RetryAttempts"] == 0


@pytest.mark.parametrize("service", ["ecr", "ecs"])
def test_an_answer_says_that_it_is_json(door, service):
    response = getattr(door.client(service), READS[service])()

    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert headers["x-amzn-requestid"] == response["ResponseMetadata"]["RequestId"]


def test_each_answer_has_a_request_id_of_its_own(door):
    ecr = door.client("ecr")

    ids = {ecr.describe_repositories()["ResponseMetadata"]["RequestId"] for _number in range(5)}

    assert len(ids) == 5


def test_an_error_is_of_the_class_that_the_client_names(door):
    ecr = door.client("ecr")

    with pytest.raises(ecr.exceptions.RepositoryNotFoundException) as caught:
        ecr.list_images(repositoryName="none")

    assert caught.value.operation_name == "ListImages"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize(
    ("service", "operation"), [("ecr", "describe_repositories"), ("ecs", "list_clusters")]
)
def test_an_unsigned_call_is_refused(door, error_of, service, operation):
    client = door.client(service, config=Config(signature_version=UNSIGNED))

    response = error_of(getattr(client, operation))

    assert response["Error"]["Code"] == "MissingAuthenticationTokenException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_the_refusal_of_an_unsigned_call_to_ecr_has_this_text(door, refusal):
    client = door.client("ecr", config=Config(signature_version=UNSIGNED))

    refused = refusal(client.describe_repositories)

    assert refused == ("MissingAuthenticationTokenException", "Missing Authentication Token")


def test_an_unsigned_call_changes_nothing(door, refusal):
    client = door.client("ecr", config=Config(signature_version=UNSIGNED))

    refusal(client.create_repository, repositoryName="app")

    assert door.client("ecr").describe_repositories()["repositories"] == []
