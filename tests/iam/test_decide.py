"""Decisions: the verdict, its reason, the facts behind it."""

from __future__ import annotations

import pytest

from ecrmock.iam import documents
from ecrmock.iam.decide import decide
from ecrmock.iam.principals import Principal

ACCOUNT, OTHER = "123456789012", "999988887777"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/team/app"
NO_IDENTITY = "because no identity-based policy allows the ecr:PutImage action"
NO_RESOURCE = "because no resource-based policy allows the ecr:PutImage action"


def statement(effect: str, action="ecr:PutImage", resource="*", **more) -> dict:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def principal(*policies: list[dict]) -> Principal:
    """Make a user with one policy for each list of statements."""
    made = tuple(
        documents.parse(f"policy-{number}", {"Statement": statements})
        for number, statements in enumerate(policies)
    )
    return Principal(f"arn:aws:iam::{ACCOUNT}:user/ci", ACCOUNT, "AIDAEXAMPLE", made)


def verdict_of(*policies, action="ecr:PutImage", resource=REPOSITORY, owner=ACCOUNT):
    decision = decide(principal(*policies), action, resource, owner)
    return decision.verdict, decision.reason


def test_what_a_policy_allows_is_allowed():
    decision = decide(principal([statement("Allow")]), "ecr:PutImage", REPOSITORY, ACCOUNT)

    assert decision.is_allowed
    assert (decision.verdict, decision.reason) == ("Allowed", "")


@pytest.mark.parametrize(
    "policies",
    [
        [],
        [[statement("Allow", action="ecr:DescribeImages")]],
        [[statement("Allow", resource=REPOSITORY + "2")]],
    ],
    ids=["no policy", "another action", "another resource"],
)
def test_what_nothing_allows_is_denied_implicitly(policies):
    decision = decide(principal(*policies), "ecr:PutImage", REPOSITORY, ACCOUNT)

    assert not decision.is_allowed
    assert (decision.verdict, decision.reason) == ("ImplicitlyDenied", NO_IDENTITY)


@pytest.mark.parametrize(
    "policies",
    [
        [[statement("Allow"), statement("Deny")]],
        [[statement("Deny"), statement("Allow")]],
        [[statement("Allow")], [statement("Deny")]],
        [[statement("Deny", action="*")]],
    ],
    ids=["after", "before", "in another policy", "alone"],
)
def test_an_explicit_deny_wins(policies):
    verdict = verdict_of(*policies)

    assert verdict == ("ExplicitlyDenied", "with an explicit deny in an identity-based policy")


def test_a_deny_of_something_else_does_not_count():
    verdict, _reason = verdict_of([statement("Allow"), statement("Deny", action="ecr:Delete*")])

    assert verdict == "Allowed"


def test_any_of_several_policies_may_allow():
    verdict, _reason = verdict_of([statement("Allow", action="ecs:*")], [statement("Allow")])

    assert verdict == "Allowed"


# --------------------------------------------------------------- another account


def test_a_resource_of_another_account_needs_a_policy_there():
    verdict = verdict_of([statement("Allow", action="*")], owner=OTHER)

    assert verdict == ("ImplicitlyDenied", NO_RESOURCE)


def test_a_resource_of_another_account_that_is_not_allowed_here_names_the_identity_policy():
    verdict = verdict_of([statement("Allow", action="ecs:*")], owner=OTHER)

    assert verdict == ("ImplicitlyDenied", NO_IDENTITY)


def test_an_explicit_deny_wins_for_a_resource_of_another_account():
    verdict, _reason = verdict_of([statement("Allow"), statement("Deny")], owner=OTHER)

    assert verdict == "ExplicitlyDenied"


# ---------------------------------------------------------------------- matching


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True),
        ("ecr:*", True),
        ("ecr:Put*", True),
        ("ECR:putimage", True),
        ("ecr:Put?mage", True),
        (["ecs:*", "ecr:PutImage"], True),
        ("ecr:Put", False),
        ("ecs:*", False),
    ],
    ids=str,
)
def test_an_action_matches_whatever_its_case(pattern, fits):
    verdict, _reason = verdict_of([statement("Allow", action=pattern)])

    assert (verdict == "Allowed") is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("*", True),
        (REPOSITORY, True),
        ("arn:aws:ecr:*:*:repository/*", True),
        ("arn:aws:ecr:us-east-1:123456789012:repository/team/*", True),
        ("arn:aws:ecr:us-east-?:123456789012:repository/*/app", True),
        (["arn:aws:ecr:*:*:repository/x", REPOSITORY], True),
        (REPOSITORY.upper(), False),
        ("arn:aws:ecr:eu-west-1:*:repository/*", False),
        ("arn:aws:ecr:*:*:repository/team", False),
        ("arn:aws-cn:ecr:*:*:repository/*", False),
    ],
    ids=str,
)
def test_a_resource_matches_in_its_case(pattern, fits):
    verdict, _reason = verdict_of([statement("Allow", resource=pattern)])

    assert (verdict == "Allowed") is fits


@pytest.mark.parametrize(("pattern", "fits"), [("*", True), ("arn:aws:ecr:*:*:*", False)])
def test_an_action_without_resources_needs_a_plain_star(pattern, fits):
    policy = [statement("Allow", action="ecr:GetAuthorizationToken", resource=pattern)]

    verdict, _reason = verdict_of(policy, action="ecr:GetAuthorizationToken", resource="*")

    assert (verdict == "Allowed") is fits


def test_a_star_in_an_arn_does_not_reach_over_its_first_five_colons():
    policy = [statement("Allow", resource="arn:aws:ecs:*:111122223333:service/web")]
    resource = "arn:aws:ecs:us-east-2:999999999999:service/a:111122223333:service/web"

    verdict, _reason = verdict_of(policy, resource=resource)

    assert verdict == "ImplicitlyDenied"


def test_a_star_in_the_last_part_of_an_arn_reaches_over_colons():
    policy = [statement("Allow", resource="arn:aws:ecs:*:*:task-definition/*")]
    resource = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/web:7"

    verdict, _reason = verdict_of(policy, resource=resource)

    assert verdict == "Allowed"


# ------------------------------------------------------------------- explanations


def test_the_facts_say_how_each_statement_bears_on_the_question():
    asked = principal(
        [statement("Allow", action="ecs:*")],
        [statement("Allow", resource="arn:aws:ecr:*:*:repository/x"), statement("Deny")],
    )

    facts = decide(asked, "ecr:PutImage", REPOSITORY, ACCOUNT).facts()

    assert [(f.policy.name, f.action_matches, f.resource_matches, f.applies) for f in facts] == [
        ("policy-0", False, True, False),
        ("policy-1", True, False, False),
        ("policy-1", True, True, True),
    ]


def test_an_explanation_names_the_question_each_statement_and_the_verdict():
    asked = principal([statement("Allow", action="ecs:*", Sid="Tasks"), statement("Deny")])

    lines = decide(asked, "ecr:PutImage", REPOSITORY, ACCOUNT).explain().splitlines()

    assert lines[0] == f"{asked.arn} ecr:PutImage on {REPOSITORY}"
    assert "policy-0 Tasks: Allow, Action does not match, Resource matches" in lines[1]
    assert "policy-0 statement: Deny, Action matches, Resource matches" in lines[2]
    assert lines[3].startswith("ExplicitlyDenied")


def test_explaining_an_allowed_action_ends_with_the_verdict():
    decision = decide(principal([statement("Allow")]), "ecr:PutImage", REPOSITORY, ACCOUNT)

    assert decision.explain().splitlines()[-1] == "Allowed"
