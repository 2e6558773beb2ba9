"""Logins to the registry with the credentials of a role: its policies count for every request."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from ecrmock import Server
from ecrmock.roles import Iam
from tests.registry.client import Registry, image

PULL_ONLY = "AmazonEC2ContainerRegistryPullOnly"
TOKEN_ONLY = {
    "Statement": {"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}
}
MADE = image("of a role")


@pytest.fixture
def server():
    with Server() as server:
        server.client("ecr").create_repository(repositoryName="app")
        Registry(server).push(MADE, "v1")
        yield server
        server.check()


@pytest.fixture
def iam(server):
    return Iam(server.aws)


@pytest.fixture
def log_in(server):
    """Log in as a session of a role."""

    def log_in(role_arn: str) -> Registry:
        answer = server.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="pull")
        keys = answer["Credentials"]
        return Registry(
            server,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )

    return log_in


def test_a_role_that_may_pull_pulls_and_does_not_push(iam, log_in):
    registry = log_in(iam.role("ci", policies=[PULL_ONLY]).arn)

    pulled, pushed = registry.manifest("v1"), registry.put(MADE, "v2")

    assert (pulled.status, pulled.body) == (200, MADE.content)
    assert pushed.status == 403
    assert pushed.refusal.code == "DENIED"
    assert "assumed-role/ci/pull is not authorized to perform: ecr:" in pushed.refusal.message


def test_a_role_with_a_token_alone_does_not_pull(iam, log_in):
    registry = log_in(iam.role("ci", policies=[TOKEN_ONLY]).arn)

    answer = registry.manifest("v1")

    assert answer.status == 403
    assert "ecr:BatchGetImage" in answer.refusal.message
    assert answer.refusal.message.endswith(
        "because no identity-based policy allows the ecr:BatchGetImage action"
    )


def test_a_role_without_policies_gets_no_token(iam, log_in):
    role = iam.role("ci")

    with pytest.raises(ClientError, match="ecr:GetAuthorizationToken on resource: \\*"):
        log_in(role.arn)


def test_a_role_that_nobody_made_pulls_and_pushes(log_in):
    registry = log_in("arn:aws:iam::123456789012:role/deploy")

    assert registry.manifest("v1").status == 200
    assert registry.put(MADE, "v2").status == 201


def test_the_policies_of_a_role_count_for_logins_of_before(iam, log_in):
    registry = log_in(iam.role("ci", policies=[PULL_ONLY]).arn)

    iam.role("ci", policies=[TOKEN_ONLY])

    assert registry.manifest("v1").status == 403


def test_a_login_outlasts_the_session_that_it_was_made_with(server, iam, log_in):
    registry = log_in(iam.role("ci", policies=[PULL_ONLY]).arn)

    server.aws.clock.advance(hours=11)

    assert registry.manifest("v1").status == 200
