"""`aws.iam.role`: what it takes, and what it refuses."""

from __future__ import annotations

import json

import pytest

from ecrmock import UsageError, mock_aws
from ecrmock.core.errors import EcrmockError
from ecrmock.iam import roles
from ecrmock.iam.documents import ConditionNotModelled, PolicyElementNotModelled
from ecrmock.roles import Iam

ACCOUNT, OTHER = "123456789012", "999988887777"
TASKS, INSTANCES = "ecs-tasks.amazonaws.com", "ec2.amazonaws.com"
PULL_ONLY = "AmazonEC2ContainerRegistryPullOnly"
LIST = {"Effect": "Allow", "Action": "ecr:ListImages", "Resource": "*"}


def document(*statements: dict) -> dict:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusting(principal: object, action: str = "sts:AssumeRole", **more) -> dict:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


@pytest.fixture
def aws():
    with mock_aws() as aws:
        yield aws


@pytest.fixture
def iam(aws):
    return Iam(aws)


@pytest.fixture
def made(aws):
    """Return the role of an ARN as the world has it."""
    return lambda role: roles.find(aws.gateway.world.iam, role.arn)


@pytest.fixture
def trusts(aws):
    """Tell whether a role lets a service assume it."""

    def trusts(role, service: str) -> bool:
        return roles.can_be_assumed(aws.gateway.world.iam, role.arn, service).is_allowed

    return trusts


def names_of(role) -> list[str]:
    return [policy.name for policy in role.policies]


def test_a_role_is_of_the_mocks_account(iam, made):
    role = iam.role("ci")

    assert (role.name, role.arn) == ("ci", f"arn:aws:iam::{ACCOUNT}:role/ci")
    assert made(role).policies == ()


def test_a_role_can_be_of_another_account(iam, made):
    role = iam.role("ci", account_id=OTHER)

    assert role.arn == f"arn:aws:iam::{OTHER}:role/ci"
    assert made(role).account_id == OTHER


def test_a_role_is_of_the_partition_of_the_mocks_region():
    with mock_aws(region_name="cn-north-1") as aws:
        role = Iam(aws).role("ci", trust=OTHER)

    assert role.arn == f"arn:aws-cn:iam::{ACCOUNT}:role/ci"


@pytest.mark.parametrize(
    "policy",
    [PULL_ONLY, f"arn:aws:iam::aws:policy/{PULL_ONLY}"],
    ids=["name", "ARN"],
)
def test_a_policy_of_aws_is_given_by_name_or_arn(iam, made, policy):
    role = iam.role("ci", policies=[policy])

    assert names_of(made(role)) == [PULL_ONLY]


@pytest.mark.parametrize("form", [dict, json.dumps], ids=["dict", "JSON text"])
def test_a_document_is_given_as_dict_or_text(iam, made, form):
    role = iam.role("ci", policies=[PULL_ONLY, form(document(LIST))])

    assert names_of(made(role)) == [PULL_ONLY, "policy 2"]


def test_a_role_that_is_made_again_has_the_new_policies_alone(iam, made):
    iam.role("ci", policies=["AdministratorAccess"], trust=INSTANCES)

    role = iam.role("ci", policies=[document(LIST)])

    assert names_of(made(role)) == ["policy 1"]


def test_a_role_that_is_made_again_is_trusted_as_before_or_as_is_said(iam, trusts):
    iam.role("ci", trust=INSTANCES)

    again = iam.role("ci")
    before = (trusts(again, INSTANCES), trusts(again, TASKS))
    other = iam.role("ci", trust=TASKS)

    assert before == (True, False)
    assert (trusts(other, INSTANCES), trusts(other, TASKS)) == (False, True)


@pytest.mark.parametrize(
    "trust",
    [
        TASKS,
        [OTHER, TASKS],
        trusting({"Service": TASKS}),
        json.dumps(trusting({"Service": [TASKS]})),
        "*",
    ],
    ids=["service", "list", "dict", "JSON text", "everyone"],
)
def test_a_service_is_trusted_in_any_way_of_saying_it(iam, trusts, trust):
    assert trusts(iam.role("ci", trust=trust), TASKS)


@pytest.mark.parametrize(
    "trust", [OTHER, f"arn:aws:iam::{OTHER}:user/a", [INSTANCES]], ids=["account", "ARN", "list"]
)
def test_who_is_not_named_is_not_trusted(iam, trusts, trust):
    assert not trusts(iam.role("ci", trust=trust), TASKS)


def test_an_account_stands_for_its_root(iam, made):
    role = made(iam.role("ci", trust=[OTHER, f"arn:aws:iam::{ACCOUNT}:user/a"]))

    assert role.trust.statements[0].principals == (
        f"arn:aws:iam::{OTHER}:root",
        f"arn:aws:iam::{ACCOUNT}:user/a",
    )


def test_a_condition_of_a_trust_policy_is_refused_when_it_decides(iam, trusts):
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    role = iam.role("ci", trust=trusting({"Service": TASKS}, Condition=condition))

    assert not trusts(role, INSTANCES)
    with pytest.raises(ConditionNotModelled, match="SourceAccount"):
        trusts(role, TASKS)


def test_roles_are_part_of_snapshots(aws, iam, made):
    kept = iam.role("kept", policies=[PULL_ONLY])
    saved = aws.snapshot()
    gone = iam.role("gone")
    iam.role("kept", policies=["AdministratorAccess"])

    aws.restore(saved)

    assert names_of(made(kept)) == [PULL_ONLY]
    assert made(gone) is None


# ------------------------------------------------------------------------------- refused


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 65, None, 7, "ä"], ids=repr)
def test_a_name_that_iam_does_not_take_is_refused(iam, name):
    with pytest.raises(UsageError, match="name is"):
        iam.role(name)


@pytest.mark.parametrize("account_id", ["", "1234", 123456789012], ids=repr)
def test_an_account_that_is_none_is_refused(iam, account_id):
    with pytest.raises(UsageError, match="account_id"):
        iam.role("ci", account_id=account_id)


def test_an_unknown_policy_is_refused_with_the_nearest_names(iam):
    with pytest.raises(UsageError, match=PULL_ONLY):
        iam.role("ci", policies=["AmazonEC2ContainerRegistryPulOnly"])


def test_a_policy_that_is_like_no_other_is_refused_with_all_names(iam):
    with pytest.raises(UsageError) as caught:
        iam.role("ci", policies=["xyz"])

    assert PULL_ONLY in str(caught.value)
    assert "AmazonECS_FullAccess" in str(caught.value)


def test_a_policy_under_the_path_of_another_is_refused(iam):
    with pytest.raises(UsageError, match=f"write '{PULL_ONLY}'"):
        iam.role("ci", policies=[f"arn:aws:iam::{ACCOUNT}:policy/{PULL_ONLY}"])


@pytest.mark.parametrize(
    "policies", [PULL_ONLY, document(LIST), 7, None], ids=["name", "document", "number", "None"]
)
def test_policies_are_a_list(iam, policies):
    with pytest.raises(UsageError, match="give a list"):
        iam.role("ci", policies=policies)


@pytest.mark.parametrize("item", [7, None, ["a"], "{no JSON"], ids=repr)
def test_an_item_that_is_no_policy_is_refused(iam, item):
    with pytest.raises(UsageError, match="polic"):
        iam.role("ci", policies=[item])


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": "*"},
        LIST | {"Resource": "arn:aws:ecr:*:*:repository/${aws:username}"},
    ],
    ids=["NotAction", "NotResource", "variable"],
)
def test_an_element_that_is_not_judged_is_refused_at_once(iam, statement):
    with pytest.raises(PolicyElementNotModelled):
        iam.role("ci", policies=[document(statement)])


@pytest.mark.parametrize(
    "trust",
    [
        "ecs-tasks",
        "1234",
        "arn:aws:s3:::bucket",
        f"arn:aws:iam::{ACCOUNT}:role/*",
        [],
        7,
        [7],
        "{no JSON",
        trusting("*", "ecr:PutImage"),
        document(),
        document(LIST),
    ],
    ids=repr,
)
def test_a_trust_that_is_none_is_refused(iam, trust):
    with pytest.raises(EcrmockError) as caught:
        iam.role("ci", trust=trust)

    assert isinstance(caught.value, ValueError)


def test_a_role_that_is_refused_leaves_the_one_that_is_there(iam, made):
    role = iam.role("ci", policies=[PULL_ONLY])

    with pytest.raises(UsageError):
        iam.role("ci", policies=["NoSuchPolicy"])

    assert names_of(made(role)) == [PULL_ONLY]
