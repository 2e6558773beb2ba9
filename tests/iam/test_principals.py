"""Principals: the administrator, services, unique ids."""

from __future__ import annotations

import re

import pytest

from ecrmock.iam import principals
from ecrmock.iam.decide import decide


def test_the_administrator_is_a_user_and_not_the_root():
    administrator = principals.administrator("aws-cn", "123456789012")

    assert administrator.arn == "arn:aws-cn:iam::123456789012:user/administrator"
    assert administrator.account_id == "123456789012"


@pytest.mark.parametrize(
    "action", ["ecr:PutImage", "ecs:RunTask", "iam:PassRole", "sts:AssumeRole"]
)
def test_the_administrator_may_do_everything_in_its_account(action):
    administrator = principals.administrator("aws", "123456789012")

    decision = decide(administrator, action, "*", "123456789012")

    assert decision.is_allowed


def test_the_administrator_may_do_nothing_in_another_account():
    administrator = principals.administrator("aws", "123456789012")

    decision = decide(administrator, "ecr:PutImage", "*", "999988887777")

    assert not decision.is_allowed


def test_a_unique_id_has_the_form_that_iam_gives_it():
    made = principals.unique_id("AIDA", "arn:aws:iam::123456789012:user/ci")

    assert re.fullmatch("AIDA[A-Z0-9]{17}", made)


def test_a_unique_id_is_of_one_arn():
    first, again, other = (
        principals.unique_id("AIDA", f"arn:aws:iam::123456789012:user/{name}")
        for name in ("ci", "ci", "dev")
    )

    assert first == again
    assert first != other


def test_a_service_has_no_account_and_no_policies():
    service = principals.service("ecs-tasks.amazonaws.com")

    assert (service.arn, service.account_id) == ("ecs-tasks.amazonaws.com", "")
    assert service.policies == ()
