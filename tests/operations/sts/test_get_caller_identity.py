"""GetCallerIdentity: who calls, in which account and partition."""

from __future__ import annotations

import pytest


def identity_of(client) -> dict[str, str]:
    response = client.get_caller_identity()
    response.pop("ResponseMetadata")
    return response


def test_the_caller_is_the_administrator_of_the_mocks_account(door, account):
    identity = identity_of(door.client("sts"))

    assert set(identity) == {"UserId", "Account", "Arn"}
    assert identity["Account"] == account
    assert identity["Arn"] == f"arn:aws:iam::{account}:user/administrator"
    assert identity["UserId"].startswith("AIDA")


@pytest.mark.ecrmock(account_id="444455556666")
def test_the_account_of_the_mock_is_the_callers(door):
    identity = identity_of(door.client("sts"))

    assert identity["Account"] == "444455556666"


def test_an_access_key_of_twelve_digits_is_of_that_account(door, other_account):
    identity = identity_of(door.client("sts", account_id=other_account))

    assert identity["Account"] == other_account
    assert identity["Arn"] == f"arn:aws:iam::{other_account}:user/administrator"


def test_any_other_access_key_is_of_the_mocks_account(door, account):
    sts = door.client(
        "sts", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="unused"
    )

    identity = identity_of(sts)

    assert identity["Account"] == account


def test_a_user_has_one_id_and_users_of_two_accounts_have_two(door, other_account):
    first, again = (identity_of(door.client("sts"))["UserId"] for _number in range(2))
    other = identity_of(door.client("sts", account_id=other_account))["UserId"]

    assert first == again
    assert other != first


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_arn_is_of_the_partition_of_the_region(door, account, region, partition):
    identity = identity_of(door.client("sts", region_name=region))

    assert identity["Arn"] == f"arn:{partition}:iam::{account}:user/administrator"
