"""The words of a refusal, as each service was seen to write them.

What botocore's own validation would stop is sent with that turned off; operations that are not
built are asked below the gateway.
"""

from __future__ import annotations

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import mock_aws
from ecrmock.operations import table
from ecrmock.wire import models, wording

UNCHECKED = Config(parameter_validation=False)
REPOSITORY = (
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
    r"(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*"
)
PREFIX = r"([a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)"
MUTABILITIES = "[IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]"
ARN = "arn:aws:ecr:us-east-1:123456789012:repository/web"
IMAGE = {"imageTag": "1"}


def refusal(service, operation, request):
    """Return code and message of what a service answers to a request."""
    if operation in table.built(service):
        with mock_aws():
            client = boto3.client(service, config=UNCHECKED)
            with pytest.raises(ClientError) as caught:
                getattr(client, xform_name(operation))(**request)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]
    found = []
    models.load(service).operation(operation).check(request, None, found)
    error = wording.refusal(service, operation, found)
    return error.code, error.message


ECR = [
    # operation, request, parameter, constraint. Source: ECR reference and captured texts.
    (
        "CreateRepository",
        {"repositoryName": "Web"},
        "repositoryName",
        f"must satisfy regular expression '{REPOSITORY}'",
    ),
    (
        "DescribeImages",
        {"repositoryName": "a//b"},
        "repositoryName",
        f"must satisfy regular expression '{REPOSITORY}'",
    ),
    (
        "CreateRepository",
        {"repositoryName": "a"},
        "repositoryName",
        "must have length greater than or equal to 2",
    ),
    (
        "CreateRepository",
        {"repositoryName": "a" * 257},
        "repositoryName",
        "must have length less than or equal to 256",
    ),
    ("CreateRepository", {}, "repositoryName", "must not be null"),
    (
        "DescribeRepositories",
        {"registryId": "12345"},
        "registryId",
        "must satisfy regular expression [0-9]{12}",
    ),
    (
        "GetAuthorizationToken",
        {"registryIds": ["123456789012", "12345"]},
        "registryIds",
        (
            "Member must satisfy constraint: "
            "[Member must satisfy regular expression pattern: [0-9]{12}]"
        ),
    ),
    (
        "BatchGetImage",
        {"repositoryName": "web", "imageIds": []},
        "imageIds",
        "Member must have length greater than or equal to 1",
    ),
    (
        "DescribeImages",
        {"repositoryName": "web", "imageIds": [IMAGE] * 101},
        "imageIds",
        "Member must have length less than or equal to 100",
    ),
    (
        "DescribeRepositories",
        {"maxResults": 1001},
        "maxResults",
        "Member must have value less than or equal to 1000",
    ),
    (
        "ListImages",
        {"repositoryName": "web", "maxResults": 0},
        "maxResults",
        "Member must have value greater than or equal to 1",
    ),
    (
        "CreateRepository",
        {"repositoryName": "web", "imageTagMutability": "SOMETIMES"},
        "imageTagMutability",
        f"Member must satisfy enum value set: {MUTABILITIES}",
    ),
    (
        "PutImageTagMutability",
        {"repositoryName": "web"},
        "imageTagMutability",
        "Member must not be null",
    ),
    (
        "TagResource",
        {"resourceArn": ARN, "tags": [{"Key": "a", "Value": "b"}, {"Value": "c"}]},
        "tags.2.member.key",
        "Member must not be null",
    ),
    (
        "CreateRepository",
        {"repositoryName": "web", "tags": [{"Key": "a"}]},
        "tags.1.member.value",
        "Member must not be null",
    ),
    (
        "CreatePullThroughCacheRule",
        {"ecrRepositoryPrefix": "Hub", "upstreamRegistryUrl": "public.ecr.aws"},
        "ecrRepositoryPrefix",
        f"Member must satisfy regular expression pattern: {PREFIX}",
    ),
    (
        "CreateRepositoryCreationTemplate",
        {"prefix": "web", "appliedFor": ["NEVER"]},
        "appliedFor",
        (
            "Member must satisfy constraint: [Member must satisfy enum value set: "
            "[REPLICATION, PULL_THROUGH_CACHE, CREATE_ON_PUSH]]"
        ),
    ),
    (
        "PutLifecyclePolicy",
        {"repositoryName": "web", "lifecyclePolicyText": "x" * 99},
        "lifecyclePolicyText",
        "Member must have length greater than or equal to 100",
    ),
    (
        "PutImage",
        {"repositoryName": "web", "imageManifest": ""},
        "imageManifest",
        "Member must have length greater than or equal to 1",
    ),
]


@pytest.mark.parametrize(
    ("operation", "request_sent", "parameter", "constraint"),
    ECR,
    ids=[f"{operation}-{parameter}-{text[:48]}" for operation, _, parameter, text in ECR],
)
def test_ecr_names_the_parameter_and_the_constraint(operation, request_sent, parameter, constraint):
    code, message = refusal("ecr", operation, request_sent)

    assert code == "InvalidParameterException"
    assert message == (
        f"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
    )


def test_ecr_names_one_parameter_at_a_time():
    request = {"repositoryName": "A", "imageTagMutability": "SOMETIMES"}

    _, message = refusal("ecr", "CreateRepository", request)

    assert message == (
        "Invalid parameter at 'repositoryName' failed to satisfy constraint: "
        "'must have length greater than or equal to 2'"
    )


INVALID, CLIENT = "InvalidParameterException", "ClientException"
ECS = [
    # operation, request, code, message. Source: captured texts; the values are the model's.
    (
        "DescribeClusters",
        {"include": ["EVERYTHING"]},
        INVALID,
        "include should be one of [ATTACHMENTS,CONFIGURATIONS,SETTINGS,STATISTICS,TAGS]",
    ),
    (
        "RunTask",
        {"taskDefinition": "web", "launchType": "MOON"},
        INVALID,
        "launch type should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]",
    ),
    (
        "RegisterTaskDefinition",
        {"family": "web", "containerDefinitions": [], "networkMode": "moon"},
        CLIENT,
        "network mode should be one of [bridge,host,awsvpc,none]",
    ),
    ("DeleteCluster", {}, INVALID, "cluster cannot be null."),
    ("UpdateClusterSettings", {"cluster": "web"}, INVALID, "settings cannot be null."),
    ("RegisterTaskDefinition", {"containerDefinitions": []}, CLIENT, "family cannot be null."),
]


@pytest.mark.parametrize(
    ("operation", "request_sent", "code", "message"),
    ECS,
    ids=[f"{operation}-{message[:36]}" for operation, _, _, message in ECS],
)
def test_ecs_names_the_parameter_in_words(operation, request_sent, code, message):
    assert refusal("ecs", operation, request_sent) == (code, message)


QUERY = [
    # service, operation, request, message. Source: STS and IAM API references, common errors.
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "a"},
        (
            "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy "
            "constraint: Member must have length greater than or equal to 2"
        ),
    ),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "a b"},
        (
            "1 validation error detected: Value 'a b' at 'roleSessionName' failed to satisfy "
            r"constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
        ),
    ),
    (
        "sts",
        "AssumeRole",
        {
            "RoleArn": "arn:aws:iam::123456789012:role/r",
            "RoleSessionName": "ab",
            "DurationSeconds": 899,
        },
        (
            "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy "
            "constraint: Member must have value greater than or equal to 900"
        ),
    ),
    (
        "iam",
        "UpdateAccessKey",
        {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Asleep"},
        (
            "1 validation error detected: Value 'Asleep' at 'status' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Active, Inactive, Expired]"
        ),
    ),
    (
        "iam",
        "GetRole",
        {},
        (
            "1 validation error detected: Value null at 'roleName' failed to satisfy "
            "constraint: Member must not be null"
        ),
    ),
    (
        "iam",
        "TagRole",
        {"RoleName": "r", "Tags": [{"Key": "k" * 129, "Value": "v"}]},
        (
            f"1 validation error detected: Value '{'k' * 129}' at 'tags.1.member.key' failed to "
            "satisfy constraint: Member must have length less than or equal to 128"
        ),
    ),
    (
        "sts",
        "AssumeRole",
        {"RoleArn": "r", "RoleSessionName": "a"},
        (
            "2 validation errors detected: Value 'r' at 'roleArn' failed to satisfy constraint: "
            "Member must have length greater than or equal to 20; Value 'a' at 'roleSessionName' "
            "failed to satisfy constraint: Member must have length greater than or equal to 2"
        ),
    ),
]


@pytest.mark.parametrize(
    ("service", "operation", "request_sent", "message"),
    QUERY,
    ids=["length", "pattern", "range", "enum", "required", "inside a list", "two"],
)
def test_sts_and_iam_count_and_quote_what_they_refuse(service, operation, request_sent, message):
    assert refusal(service, operation, request_sent) == ("ValidationError", message)
