"""Roles that were made, roles that are taken to exist, and who acts in their name."""

from __future__ import annotations

import pytest

from ecrmock.iam import managed, roles, trust
from ecrmock.iam.decide import decide
from ecrmock.iam.principals import administrator
from ecrmock.iam.state import Iam

ACCOUNT, OTHER = "123456789012", "999988887777"
CI = f"arn:aws:iam::{ACCOUNT}:role/ci"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
TASKS = "ecs-tasks.amazonaws.com"


@pytest.fixture
def iam():
    return Iam()


def make(iam: Iam, name="ci", *policies: str, trusted=None):
    return roles.put(
        iam,
        name,
        account_id=ACCOUNT,
        partition="aws",
        policies=tuple(map(managed.get, policies)),
        trusted=trusted,
    )


def may(principal, action: str, owner: str = ACCOUNT) -> bool:
    return decide(principal, action, REPOSITORY, owner).is_allowed


# ---------------------------------------------------------------------------- made roles


def test_a_role_has_an_arn_and_an_id_of_iams_form(iam):
    role = make(iam)

    assert role.arn == CI
    assert (role.unique_id[:4], len(role.unique_id)) == ("AROA", 21)
    assert (role.path, role.max_session_seconds) == ("/", 3600)


def test_a_role_is_found_by_its_whole_arn(iam):
    role = make(iam)

    assert roles.find(iam, CI) is role
    assert roles.find(iam, CI + "2") is None
    assert roles.find(iam, f"arn:aws:iam::{OTHER}:role/ci") is None


def test_a_role_that_is_made_again_keeps_its_id_and_trust_and_gets_other_policies(iam):
    first = make(iam, "ci", "AdministratorAccess", trusted=trust.of_unknown_for(TASKS))
    before = (first.unique_id, first.trust)

    again = make(iam, "ci", "AmazonEC2ContainerRegistryPullOnly")

    assert (again.unique_id, again.trust) == before
    assert [policy.name for policy in again.policies] == ["AmazonEC2ContainerRegistryPullOnly"]


def test_a_session_of_a_role_has_the_names_of_both_and_the_policies_of_the_role(iam):
    role = make(iam, "ci", "AmazonEC2ContainerRegistryPullOnly")

    principal = roles.principal_of(role, "build-7")

    assert principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7"
    assert principal.account_id == ACCOUNT
    assert principal.unique_id == f"{role.unique_id}:build-7"
    assert principal.role_arn == CI
    assert may(principal, "ecr:BatchGetImage")
    assert not may(principal, "ecr:PutImage")


def test_the_policies_of_a_role_count_at_the_time_of_use(iam):
    make(iam, "ci", "AdministratorAccess")
    before = roles.act_as(iam, CI, "s")

    make(iam, "ci")

    assert may(before, "ecr:PutImage")
    assert not may(roles.act_as(iam, CI, "s"), "ecr:PutImage")


# ------------------------------------------------------------------------- unknown roles


def test_a_role_that_nobody_made_acts_as_an_administrator_of_its_account(iam):
    principal = roles.act_as(iam, f"arn:aws:iam::{OTHER}:role/team/deploy", "s")

    assert principal.arn == f"arn:aws:sts::{OTHER}:assumed-role/deploy/s"
    assert may(principal, "ecr:PutImage", OTHER)
    assert not may(principal, "ecr:PutImage", ACCOUNT)


def test_a_decision_for_a_role_that_nobody_made_says_so(iam):
    principal = roles.act_as(iam, CI, "s")

    text = decide(principal, "ecr:PutImage", REPOSITORY, ACCOUNT).explain()

    assert "role that was never made" in text


def test_a_role_that_nobody_made_keeps_its_id_when_it_is_made(iam):
    before = roles.act_as(iam, CI, "s").unique_id

    make(iam)

    assert roles.act_as(iam, CI, "s").unique_id == before


def test_a_strict_world_has_no_roles_but_those_that_were_made(iam):
    make(iam)

    assert roles.act_as(iam, CI, "s", strict=True) is not None
    assert not roles.is_taken_to_exist(iam, CI + "2", strict=True)
    assert roles.act_as(iam, CI + "2", "s", strict=True) is None


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/team/ci",
        f"arn:aws-cn:iam::{ACCOUNT}:role/ci",
        f"arn:aws:iam::{ACCOUNT}:user/ci",
        f"arn:aws:iam::{ACCOUNT}:role/",
        f"arn:aws:iam:us-east-1:{ACCOUNT}:role/new",
        "arn:aws:iam::1234:role/new",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/s",
        "ci",
        "",
    ],
    ids=[
        "a path that the role of the name has not",
        "another partition",
        "a user",
        "no name",
        "a region",
        "a short account",
        "a session",
        "a name alone",
        "nothing",
    ],
)
def test_what_cannot_be_a_role_is_not_taken_for_one(iam, arn):
    make(iam)

    assert not roles.is_taken_to_exist(iam, arn)
    assert roles.act_as(iam, arn, "s") is None
    assert not roles.can_be_assumed(iam, arn, TASKS).is_allowed


# --------------------------------------------------------------------- ARNs of sessions


def test_the_arn_of_a_session_leads_to_its_role(iam):
    role = make(iam, "ci", "AmazonEC2ContainerRegistryPullOnly")

    principal = roles.of_session(iam, f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/s")

    assert principal == roles.principal_of(role, "s")


def test_the_arn_of_a_session_of_a_role_that_nobody_made_is_an_administrators(iam):
    principal = roles.of_session(iam, f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/s")

    assert principal == roles.act_as(iam, f"arn:aws:iam::{ACCOUNT}:role/deploy", "s")


def test_the_arn_of_a_session_of_a_role_that_is_not_there_may_do_nothing(iam):
    principal = roles.of_session(iam, f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/s", strict=True)

    assert not may(principal, "ecr:ListImages")


# --------------------------------------------------------------------------------- trust


@pytest.mark.parametrize("service", [TASKS, "ec2.amazonaws.com", "ecs.amazonaws.com"])
def test_a_role_that_was_given_no_trust_is_for_tasks_and_instances(iam, service):
    make(iam)

    assert roles.can_be_assumed(iam, CI, service).is_allowed
    assert not roles.can_be_assumed(iam, CI, "lambda.amazonaws.com").is_allowed


def test_a_role_that_was_given_no_trust_trusts_its_account_and_no_other(iam):
    make(iam)
    ours, theirs = administrator("aws", ACCOUNT), administrator("aws", OTHER)

    trusted = roles.trust_of(iam, CI, ours)

    assert decide(ours, "sts:AssumeRole", CI, ACCOUNT, trusted).is_allowed
    assert not decide(theirs, "sts:AssumeRole", CI, ACCOUNT, trusted).is_allowed


def test_a_service_that_is_not_trusted_cannot_assume_a_role(iam):
    make(iam, trusted=trust.of_unknown_for("ec2.amazonaws.com"))

    decision = roles.can_be_assumed(iam, CI, TASKS)

    assert decision.verdict == "ImplicitlyDenied"
    assert decision.reason == "because no role trust policy allows the sts:AssumeRole action"


def test_a_role_that_nobody_made_can_be_assumed_by_any_service_but_not_in_a_strict_world(iam):
    assert roles.can_be_assumed(iam, CI, "lambda.amazonaws.com").is_allowed
    assert not roles.can_be_assumed(iam, CI, TASKS, strict=True).is_allowed


@pytest.mark.parametrize("account", [ACCOUNT, OTHER])
def test_a_role_that_nobody_made_trusts_the_account_that_asks(iam, account):
    caller = administrator("aws", account)

    trusted = roles.trust_of(iam, CI, caller)

    assert decide(caller, "sts:AssumeRole", CI, ACCOUNT, trusted).is_allowed
