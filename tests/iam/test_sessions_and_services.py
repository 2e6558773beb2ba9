"""Decisions on sessions of roles, on services of AWS, and by trust policies."""

from __future__ import annotations

import pytest

from ecrmock.iam import documents, principals
from ecrmock.iam.decide import decide
from ecrmock.iam.principals import Principal

ACCOUNT, OTHER = "123456789012", "999988887777"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/ci"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
THEIRS = f"arn:aws:iam::{ACCOUNT}:role/theirs"
TASKS = "ecs-tasks.amazonaws.com"

NO_IDENTITY = "because no identity-based policy allows the sts:AssumeRole action"
NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"


def session(*actions: str) -> Principal:
    statements = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}] if actions else []
    policies = [documents.parse("given", {"Statement": statements})] if actions else []
    return Principal(SESSION, ACCOUNT, "AROAEXAMPLE:build", tuple(policies), role_arn=ROLE)


def policy(principal: object, effect="Allow", action="ecr:*", kind="resource"):
    statement = {"Effect": effect, "Principal": principal, "Action": action}
    return documents.parse("attached", {"Statement": statement}, kind=kind)


def trust(principal: object, effect="Allow", action="sts:AssumeRole"):
    return policy(principal, effect, action, "trust")


def assumes(caller: Principal, trusted, owner: str = ACCOUNT) -> tuple[str, str]:
    decision = decide(caller, "sts:AssumeRole", THEIRS, owner, trusted)
    return decision.verdict, decision.reason


# -------------------------------------------------------------------- sessions of a role


@pytest.mark.parametrize("named", [ROLE, SESSION, "*"])
def test_a_repository_policy_grants_to_a_session_by_its_role_or_itself(named):
    decision = decide(session(), "ecr:PutImage", REPOSITORY, ACCOUNT, policy({"AWS": named}))

    assert decision.is_allowed


@pytest.mark.parametrize("named", [ROLE, SESSION, ROOT, "*"])
def test_a_repository_policy_denies_a_session_by_any_of_its_names(named):
    denied = policy({"AWS": named}, "Deny")

    decision = decide(session("*"), "ecr:PutImage", REPOSITORY, ACCOUNT, denied)

    assert decision.verdict == "ExplicitlyDenied"


@pytest.mark.parametrize("named", [ROLE, SESSION, ROOT])
def test_a_session_is_let_into_another_account_by_any_of_its_names(named):
    granted = policy({"AWS": named})

    decision = decide(session("ecr:*"), "ecr:PutImage", REPOSITORY, OTHER, granted)

    assert decision.is_allowed


@pytest.mark.parametrize(
    "named",
    [
        ROOT,
        f"arn:aws:iam::{ACCOUNT}:role/ci",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/other",
        f"arn:aws:iam::{ACCOUNT}:user/ci",
    ],
    ids=["its account", "a role without the path", "another session", "a user"],
)
def test_a_session_without_policies_gets_nothing_from_a_grant_to(named):
    decision = decide(session(), "ecr:PutImage", REPOSITORY, ACCOUNT, policy({"AWS": named}))

    assert decision.verdict == "ImplicitlyDenied"


def test_a_session_may_do_what_the_policies_of_its_role_say():
    allowed = decide(session("ecr:PutImage"), "ecr:PutImage", REPOSITORY, ACCOUNT)
    denied = decide(session("ecr:PutImage"), "ecr:ListImages", REPOSITORY, ACCOUNT)

    assert (allowed.is_allowed, denied.is_allowed) == (True, False)


# ----------------------------------------------------------------------- trust policies


@pytest.mark.parametrize("named", [ROLE, SESSION, "*"])
def test_a_trust_policy_that_names_the_caller_is_enough_in_one_account(named):
    assert assumes(session(), trust({"AWS": named})) == ("Allowed", "")


def test_a_trust_policy_that_names_the_account_leaves_it_to_the_caller():
    trusted = trust({"AWS": ROOT})

    assert assumes(session("sts:AssumeRole"), trusted) == ("Allowed", "")
    assert assumes(session(), trusted) == ("ImplicitlyDenied", NO_IDENTITY)


@pytest.mark.parametrize(
    "trusted",
    [
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/ci"}),
        trust({"AWS": OTHER}),
        trust({"Service": TASKS}),
        trust("*", action="sts:TagSession"),
    ],
    ids=["a user", "another account", "a service", "another action"],
)
def test_who_is_not_trusted_does_not_get_in_by_its_own_policies(trusted):
    assert assumes(session("*"), trusted) == ("ImplicitlyDenied", NO_TRUST)


def test_a_deny_of_a_trust_policy_is_named():
    verdict = assumes(session("*"), trust("*", "Deny"))

    assert verdict == ("ExplicitlyDenied", "with an explicit deny in the role trust policy")


@pytest.mark.parametrize("named", [ROLE, ROOT, "*"])
def test_a_role_of_another_account_takes_both_policies(named):
    trusted = trust({"AWS": named})

    assert assumes(session("sts:*"), trusted, OTHER) == ("Allowed", "")
    assert assumes(session(), trusted, OTHER) == ("ImplicitlyDenied", NO_IDENTITY)


def test_a_role_of_another_account_that_does_not_trust_is_refused():
    verdict = assumes(session("sts:*"), trust({"AWS": OTHER}), OTHER)

    assert verdict == ("ImplicitlyDenied", NO_TRUST)


# ------------------------------------------------------------------------------ services


@pytest.mark.parametrize("owner", [ACCOUNT, OTHER])
@pytest.mark.parametrize("named", [{"Service": TASKS}, {"Service": ["x.amazonaws.com", TASKS]}])
def test_a_service_needs_only_to_be_trusted(named, owner):
    assert assumes(principals.service(TASKS), trust(named), owner) == ("Allowed", "")


@pytest.mark.parametrize(
    "named",
    [{"Service": "ec2.amazonaws.com"}, {"AWS": ROOT}, {"AWS": ROLE}],
    ids=["another service", "an account", "a role"],
)
def test_a_service_that_is_not_named_is_not_trusted(named):
    verdict = assumes(principals.service(TASKS), trust(named))

    assert verdict == ("ImplicitlyDenied", NO_TRUST)


def test_a_service_can_be_denied():
    verdict, _reason = assumes(principals.service(TASKS), trust({"Service": TASKS}, "Deny"))

    assert verdict == "ExplicitlyDenied"


def test_a_decision_on_a_service_explains_itself():
    decision = decide(
        principals.service(TASKS), "sts:AssumeRole", THEIRS, ACCOUNT, trust({"AWS": ROOT})
    )

    lines = decision.explain().splitlines()

    assert lines[0] == f"{TASKS} sts:AssumeRole on {THEIRS}"
    assert "Principal does not match" in lines[1]
    assert lines[-1] == f"ImplicitlyDenied {NO_TRUST}"
