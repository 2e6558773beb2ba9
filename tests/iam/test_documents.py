"""Policy documents: what is read, and what is refused by name."""

from __future__ import annotations

import copy
import json

import pytest

from ecrmock.core.errors import AwsError, EcrmockError
from ecrmock.iam import documents
from ecrmock.iam.documents import PolicyElementNotModelled, PolicyIsMalformed, Statement

ALLOW = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}


def parse(*statements, **elements):
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return documents.parse("test", document | elements)


def test_a_statement_is_read():
    policy = parse(
        {
            "Sid": "Push",
            "Effect": "Deny",
            "Action": ["ecr:PutImage", "ecr:InitiateLayerUpload"],
            "Resource": ["arn:aws:ecr:*:*:repository/a", "arn:aws:ecr:*:*:repository/b"],
        }
    )

    assert policy.name == "test"
    assert policy.statements == (
        Statement(
            "Deny",
            ("ecr:PutImage", "ecr:InitiateLayerUpload"),
            ("arn:aws:ecr:*:*:repository/a", "arn:aws:ecr:*:*:repository/b"),
            "Push",
        ),
    )


def test_a_single_value_stands_for_a_list_of_one():
    policy = documents.parse("test", {"Version": "2012-10-17", "Statement": ALLOW})

    assert policy.statements == (Statement("Allow", ("ecr:*",), ("*",)),)


def test_statements_keep_their_order():
    policy = parse(ALLOW | {"Sid": "First"}, ALLOW | {"Sid": "Second"})

    assert [statement.sid for statement in policy.statements] == ["First", "Second"]


@pytest.mark.parametrize(
    "element",
    ["Condition", "NotPrincipal", "NotAction", "NotResource"],
)
def test_an_element_that_is_not_judged_is_refused_by_name(element):
    with pytest.raises(PolicyElementNotModelled, match=repr(element)) as caught:
        parse(ALLOW | {element: {}})

    assert isinstance(caught.value, EcrmockError)
    assert not isinstance(caught.value, AwsError)


@pytest.mark.parametrize("element", ["Principal", "Resources", "action"])
def test_an_element_that_identity_policies_do_not_have_is_refused_by_name(element):
    with pytest.raises(PolicyIsMalformed, match=repr(element)):
        parse(ALLOW | {element: {}})


def test_the_element_is_found_in_any_statement():
    with pytest.raises(PolicyElementNotModelled, match="Condition"):
        parse(ALLOW, ALLOW | {"Condition": {}})


@pytest.mark.parametrize("effect", ["allow", "DENY", "", "Permit", None])
def test_an_effect_is_allow_or_deny(effect):
    with pytest.raises(EcrmockError):
        parse(ALLOW | {"Effect": effect})


@pytest.mark.parametrize("missing", ["Effect", "Action", "Resource"])
def test_a_statement_without_a_needed_element_is_refused_by_its_name(missing):
    statement = {name: value for name, value in ALLOW.items() if name != missing}

    with pytest.raises(EcrmockError, match=missing):
        parse(statement)


def test_an_unknown_element_of_the_document_is_refused_by_name():
    with pytest.raises(EcrmockError, match="Statements"):
        parse(ALLOW, Statements=[])


def test_a_policy_variable_is_not_taken_for_plain_text():
    with pytest.raises(EcrmockError):
        parse(ALLOW | {"Resource": "arn:aws:ecr:*:*:repository/${aws:username}/*"})


@pytest.mark.parametrize("kind", ["Service", "Federated"])
def test_everyone_of_a_kind_that_is_no_account_is_refused_by_name(kind):
    statement = {"Effect": "Allow", "Principal": {kind: "*"}, "Action": "ecr:*"}

    with pytest.raises(PolicyElementNotModelled, match=kind):
        documents.parse("test", {"Statement": statement}, kind="resource")


def test_a_copy_of_a_policy_is_the_policy_itself():
    policy = parse(ALLOW)

    assert copy.deepcopy([policy])[0] is policy


# --------------------------------------------------------------------------- conditions


def test_a_condition_can_be_kept_unread():
    condition = {"StringEquals": {"ecs:CreateAction": ["CreateCluster"]}}
    document = {"Statement": ALLOW | {"Condition": condition}}

    policy = documents.parse("test", document, keep_conditions=True)

    assert json.loads(policy.statements[0].condition) == condition


def test_a_condition_without_operators_is_none():
    document = {"Statement": ALLOW | {"Condition": {}}}

    policy = documents.parse("test", document, keep_conditions=True)

    assert policy.statements[0].condition == ""


@pytest.mark.parametrize("condition", [None, "", [], 1], ids=repr)
def test_a_condition_is_an_object(condition):
    document = {"Statement": ALLOW | {"Condition": condition}}

    with pytest.raises(PolicyIsMalformed, match="Condition"):
        documents.parse("test", document, keep_conditions=True)


@pytest.mark.parametrize("element", ["NotPrincipal", "NotAction", "NotResource"])
def test_other_elements_are_refused_where_a_condition_is_kept(element):
    document = {"Statement": ALLOW | {element: {}}}

    with pytest.raises(PolicyElementNotModelled, match=repr(element)):
        documents.parse("test", document, keep_conditions=True)


# ----------------------------------------------------------------------- trust policies


def test_a_trust_policy_is_read():
    principal = {"AWS": "123456789012", "Service": "ecs-tasks.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}

    policy = documents.parse("test", {"Statement": statement}, kind="trust")

    assert policy.kind == "trust"
    assert policy.statements[0].principals == (
        "arn:aws:iam::123456789012:root",
        "ecs-tasks.amazonaws.com",
    )


def test_a_trust_policy_has_no_resource():
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}

    with pytest.raises(PolicyIsMalformed, match="Resource"):
        documents.parse("test", {"Statement": statement}, kind="trust")


@pytest.mark.parametrize("missing", ["Effect", "Principal", "Action"])
def test_a_trust_policy_without_a_needed_element_is_refused_by_its_name(missing):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    del statement[missing]

    with pytest.raises(PolicyIsMalformed, match=missing):
        documents.parse("test", {"Statement": statement}, kind="trust")
