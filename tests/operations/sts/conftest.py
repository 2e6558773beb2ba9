"""Roles, and clients that act as their sessions."""

from __future__ import annotations

import pytest

from ecrmock.roles import Iam


@pytest.fixture
def iam(door):
    return Iam(door.aws)


@pytest.fixture
def sts(door):
    """The administrator's client."""
    return door.client("sts")


@pytest.fixture
def assume(sts):
    """Assume a role, by default as the administrator, and return its credentials."""

    def assume(role_arn: str, *, by=sts, session="build", **more) -> dict[str, object]:
        answer = by.assume_role(RoleArn=role_arn, RoleSessionName=session, **more)
        return answer["Credentials"]

    return assume


@pytest.fixture
def acting(door):
    """Make a client that signs with credentials as AssumeRole gives them."""

    def acting(service: str, credentials, **options):
        keys = {
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials.get("SessionToken"),
        }
        return door.client(service, **(keys | options))

    return acting


@pytest.fixture
def act_as(assume, acting):
    """Make a client of a fresh session of a role."""
    return lambda service, role_arn, **more: acting(service, assume(role_arn, **more))
