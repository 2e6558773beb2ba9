"""What the credentials of a session are good for: its role's policies, until they expire."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
ROLE = "arn:aws:iam::123456789012:role/ci"
SESSION = "arn:aws:sts::123456789012:assumed-role/ci/build"
READ_ONLY = "AmazonEC2ContainerRegistryReadOnly"
EXPIRED = "The security token included in the request is expired"
INVALID = "The security token included in the request is invalid."


class Case(NamedTuple):
    """A call, and how its service spells the errors of a token."""

    service: str
    call: str
    expired: str
    invalid: str


JSON_ERRORS = ("ExpiredTokenException", "UnrecognizedClientException")
ECR = Case("ecr", "describe_repositories", *JSON_ERRORS)
ECS = Case("ecs", "list_clusters", *JSON_ERRORS)
STS = Case("sts", "get_caller_identity", "ExpiredToken", "InvalidClientTokenId")

every_service = pytest.mark.parametrize(
    "each", [ECR, ECS, STS], ids=[case.service for case in (ECR, ECS, STS)]
)
standing_still = pytest.mark.ecrmock(now=NOW)


def denial(action: str, resource: str) -> tuple[str, str]:
    text = f"User: {SESSION} is not authorized to perform: {action} on resource: {resource}"
    return (
        "AccessDeniedException",
        f"{text} because no identity-based policy allows the {action} action",
    )


@pytest.fixture
def repository(door):
    door.client("ecr").create_repository(repositoryName="app")
    return "arn:aws:ecr:us-east-1:123456789012:repository/app"


def test_the_caller_is_the_session(act_as, sts, iam):
    iam.role("ci")
    user = sts.assume_role(RoleArn=ROLE, RoleSessionName="build")["AssumedRoleUser"]

    identity = act_as("sts", ROLE).get_caller_identity()

    assert identity["Arn"] == SESSION == user["Arn"]
    assert identity["UserId"] == user["AssumedRoleId"]
    assert identity["Account"] == "123456789012"


def test_a_session_may_do_what_the_policies_of_its_role_say(act_as, iam, refusal, repository):
    iam.role("ci", policies=[READ_ONLY])
    ecr = act_as("ecr", ROLE)

    shown = ecr.describe_repositories()["repositories"]
    refused = refusal(ecr.delete_repository, repositoryName="app")

    assert [each["repositoryArn"] for each in shown] == [repository]
    assert refused == denial("ecr:DeleteRepository", repository)


def test_the_policies_of_a_role_count_at_the_time_of_use(act_as, iam, refusal, repository):
    iam.role("ci", policies=["AdministratorAccess"])
    ecr = act_as("ecr", ROLE)
    ecr.list_images(repositoryName="app")

    iam.role("ci")

    refused = refusal(ecr.list_images, repositoryName="app")
    assert refused == denial("ecr:ListImages", repository)


def test_a_role_that_nobody_made_does_everything_in_its_account(act_as, other_account):
    ecr = act_as("ecr", f"arn:aws:iam::{other_account}:role/deploy")

    made = ecr.create_repository(repositoryName="app")["repository"]

    assert made["registryId"] == other_account


def test_a_session_is_held_to_its_role_from_when_that_is_made(act_as, iam, refusal, repository):
    ecr = act_as("ecr", ROLE)
    ecr.list_images(repositoryName="app")

    iam.role("ci", policies=[])

    assert refusal(ecr.list_images, repositoryName="app").code == "AccessDeniedException"


@pytest.mark.parametrize("named", [ROLE, SESSION])
def test_a_repository_policy_grants_to_the_role_or_the_session(
    door, act_as, iam, repository, named
):
    iam.role("ci")
    statement = {"Effect": "Allow", "Principal": {"AWS": named}, "Action": "ecr:ListImages"}
    door.client("ecr").set_repository_policy(
        repositoryName="app", policyText=json.dumps({"Statement": statement})
    )

    ecr = act_as("ecr", ROLE)

    assert ecr.list_images(repositoryName="app")["imageIds"] == []


def test_a_condition_that_decides_is_refused_by_name(act_as, iam, repository):
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    statement = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*", "Condition": condition}
    iam.role("ci", policies=[{"Statement": statement}])
    ecr = act_as("ecr", ROLE)

    with pytest.raises((NotImplementedError, ClientError), match="'Condition'"):
        ecr.list_images(repositoryName="app")


def test_a_condition_that_does_not_decide_is_passed_over(act_as, iam, repository):
    iam.role("ci", policies=["AmazonEC2ContainerServiceforEC2Role", READ_ONLY])
    ecr = act_as("ecr", ROLE)

    assert ecr.list_images(repositoryName="app")["imageIds"] == []


# -------------------------------------------------------------------------------- expiry


@standing_still
@every_service
def test_credentials_expire_on_the_mocks_clock(door, act_as, refusal, each):
    client = act_as(each.service, ROLE, DurationSeconds=900)
    door.aws.clock.advance(seconds=899)
    getattr(client, each.call)()

    door.aws.clock.advance(seconds=1)

    assert refusal(getattr(client, each.call)) == (each.expired, EXPIRED)


@standing_still
def test_other_credentials_go_on_when_some_expire(door, act_as, refusal):
    short = act_as("sts", ROLE, DurationSeconds=900)
    long = act_as("sts", ROLE)

    door.aws.clock.advance(minutes=20)

    assert refusal(short.get_caller_identity).code == "ExpiredToken"
    assert long.get_caller_identity()["Arn"] == SESSION
    assert door.client("sts").get_caller_identity()["Arn"].endswith(":user/administrator")


@standing_still
@pytest.mark.parametrize(("each", "status"), [(ECR, 400), (STS, 403)])
def test_an_expired_token_has_the_status_of_its_kind_of_service(
    door, act_as, error_of, each, status
):
    client = act_as(each.service, ROLE)
    door.aws.clock.advance(hours=1)

    response = error_of(getattr(client, each.call))

    assert response["ResponseMetadata"]["HTTPStatusCode"] == status


# ------------------------------------------------------------------------- session tokens


@pytest.mark.parametrize("token", ["another", None], ids=["wrong", "missing"])
@every_service
def test_a_key_is_good_with_its_own_session_token_alone(assume, acting, refusal, each, token):
    client = acting(each.service, assume(ROLE) | {"SessionToken": token})

    assert refusal(getattr(client, each.call)) == (each.invalid, INVALID)


def test_the_session_token_of_another_session_does_not_do(assume, acting, refusal):
    first, second = assume(ROLE), assume(ROLE)
    client = acting("ecr", first | {"SessionToken": second["SessionToken"]})

    assert refusal(client.describe_repositories) == ("UnrecognizedClientException", INVALID)


def test_a_key_with_a_token_that_no_mock_gave_out_is_the_administrators(acting):
    keys = {"AccessKeyId": "ASIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x", "SessionToken": "fake"}

    identity = acting("sts", keys).get_caller_identity()

    assert identity["Arn"] == "arn:aws:iam::123456789012:user/administrator"


# ----------------------------------------------------------------------------- snapshots


def test_a_snapshot_has_the_sessions_of_its_time(door, act_as, refusal):
    before = act_as("sts", ROLE, session="before")
    saved = door.aws.snapshot()
    after = act_as("sts", ROLE, session="after")

    door.aws.restore(saved)

    assert before.get_caller_identity()["Arn"].endswith("ci/before")
    assert refusal(after.get_caller_identity) == ("InvalidClientTokenId", INVALID)


def test_sessions_after_a_restore_are_the_same_again(door, assume):
    saved = door.aws.snapshot()
    first = assume(ROLE)

    door.aws.restore(saved)
    again = assume(ROLE)

    assert first["AccessKeyId"] == again["AccessKeyId"]
    assert first["SessionToken"] == again["SessionToken"]
