"""Conditions are not read: a decision that depends on one is refused by name, and no other is."""

from __future__ import annotations

import pytest

from ecrmock.core.errors import NotModelled
from ecrmock.iam import documents
from ecrmock.iam.decide import decide
from ecrmock.iam.documents import ConditionNotModelled, PolicyElementNotModelled
from ecrmock.iam.principals import Principal

ACCOUNT, OTHER = "123456789012", "999988887777"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app"
CONDITION = {"StringEquals": {"aws:PrincipalTag/team": "a"}}


def statement(effect: str, action="ecr:PutImage", resource="*", **more) -> dict:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def perhaps(effect: str, action="ecr:PutImage", resource="*", **more) -> dict:
    return statement(effect, action, resource, Condition=CONDITION, **more)


def user(*statements: dict) -> Principal:
    policy = documents.parse("given", {"Statement": list(statements)}, keep_conditions=True)
    return Principal(f"arn:aws:iam::{ACCOUNT}:user/ci", ACCOUNT, "AIDAEXAMPLE", (policy,))


def attached(*statements: dict) -> documents.Policy:
    named = [{"Principal": "*", **each} for each in statements]
    return documents.parse("attached", {"Statement": named}, kind="resource", keep_conditions=True)


def ask(principal: Principal, policy: documents.Policy | None = None, owner: str = ACCOUNT) -> str:
    return decide(principal, "ecr:PutImage", REPOSITORY, owner, policy).verdict


@pytest.mark.parametrize(
    "statements",
    [
        [perhaps("Allow")],
        [perhaps("Deny")],
        [statement("Allow"), perhaps("Deny")],
        [perhaps("Allow", action="*"), statement("Allow", action="ecs:*")],
    ],
    ids=["allowed perhaps", "denied perhaps", "allowed or denied", "beside another"],
)
def test_a_verdict_that_depends_on_a_condition_is_refused_by_name(statements):
    with pytest.raises(ConditionNotModelled, match="'Condition'") as caught:
        ask(user(*statements))

    assert isinstance(caught.value, PolicyElementNotModelled)
    assert isinstance(caught.value, NotModelled)


def test_the_refusal_says_which_statement_asks_what():
    asked = user(perhaps("Allow", Sid="OnlyTeamA"))

    with pytest.raises(ConditionNotModelled) as caught:
        ask(asked)

    for part in ("ecr:PutImage", REPOSITORY, "'OnlyTeamA'", "'given'", "aws:PrincipalTag/team"):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([perhaps("Allow"), statement("Allow")], "Allowed"),
        ([perhaps("Allow"), statement("Deny")], "ExplicitlyDenied"),
        ([perhaps("Deny"), statement("Deny")], "ExplicitlyDenied"),
        ([perhaps("Allow", action="ecs:*")], "ImplicitlyDenied"),
        ([perhaps("Deny", action="ecs:*"), statement("Allow")], "Allowed"),
        ([perhaps("Deny", resource=REPOSITORY + "2"), statement("Allow")], "Allowed"),
    ],
    ids=[
        "allowed anyway",
        "denied anyway",
        "denied in any case",
        "another action is allowed",
        "another action is denied",
        "another resource is denied",
    ],
)
def test_a_verdict_that_does_not_depend_on_a_condition_is_given(statements, verdict):
    assert ask(user(*statements)) == verdict


@pytest.mark.parametrize(
    ("policy", "owner", "verdict"),
    [
        (attached(perhaps("Allow")), ACCOUNT, "Allowed"),
        (attached(statement("Deny"), perhaps("Allow")), ACCOUNT, "ExplicitlyDenied"),
        (attached(statement("Allow"), perhaps("Allow")), OTHER, "Allowed"),
        (
            attached(perhaps("Deny", Principal={"AWS": f"arn:aws:iam::{OTHER}:user/x"})),
            ACCOUNT,
            "Allowed",
        ),
    ],
    ids=["allowed by identity", "denied there", "allowed there anyway", "of somebody else"],
)
def test_a_condition_of_a_resource_is_passed_over_where_nothing_depends_on_it(
    policy, owner, verdict
):
    assert ask(user(statement("Allow")), policy, owner) == verdict


@pytest.mark.parametrize(
    ("policy", "owner"),
    [(attached(perhaps("Deny")), ACCOUNT), (attached(perhaps("Allow")), OTHER)],
    ids=["denied perhaps", "granted perhaps to another account"],
)
def test_a_condition_of_a_resource_is_refused_where_the_verdict_depends_on_it(policy, owner):
    with pytest.raises(ConditionNotModelled, match="'attached'"):
        ask(user(statement("Allow")), policy, owner)


def test_a_conditional_grant_to_an_account_that_may_not_itself_changes_nothing():
    verdict = ask(user(statement("Allow", action="ecs:*")), attached(perhaps("Allow")), OTHER)

    assert verdict == "ImplicitlyDenied"


def test_an_explanation_says_that_a_condition_was_not_read():
    asked = user(perhaps("Allow", Sid="Perhaps"), statement("Allow"))

    decision = decide(asked, "ecr:PutImage", REPOSITORY, ACCOUNT)

    assert "Condition is not read" in decision.explain().splitlines()[1]
    assert [fact.applies for fact in decision.facts()] == [False, True]
