"""The managed policies of AWS that are known, and how they are named."""

from __future__ import annotations

import pytest

from ecrmock.iam import managed
from ecrmock.iam.decide import decide
from ecrmock.iam.principals import Principal

ACCOUNT = "123456789012"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
PULL_ONLY = "AmazonEC2ContainerRegistryPullOnly"
EXECUTION = "AmazonECSTaskExecutionRolePolicy"


def may(policy: str, action: str, resource: str = "*") -> bool:
    user = Principal(f"arn:aws:iam::{ACCOUNT}:user/u", ACCOUNT, "AIDAX", (managed.get(policy),))
    return decide(user, action, resource, ACCOUNT).is_allowed


@pytest.mark.parametrize("name", managed.names())
def test_every_policy_can_be_read(name):
    policy = managed.get(name)

    assert policy.name == name
    assert policy.statements


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        (PULL_ONLY, PULL_ONLY),
        (f"arn:aws:iam::aws:policy/{PULL_ONLY}", PULL_ONLY),
        (f"arn:aws-cn:iam::aws:policy/{PULL_ONLY}", PULL_ONLY),
        (EXECUTION, EXECUTION),
        (f"service-role/{EXECUTION}", EXECUTION),
        (f"arn:aws:iam::aws:policy/service-role/{EXECUTION}", EXECUTION),
    ],
)
def test_a_policy_is_found_by_name_path_and_arn(reference, name):
    assert managed.find(reference) is managed.get(name)


@pytest.mark.parametrize(
    "reference",
    [
        "NoSuchPolicy",
        PULL_ONLY.lower(),
        f"service-role/{PULL_ONLY}",
        f"arn:aws:iam::aws:policy/{EXECUTION}",
        f"arn:aws:iam::{ACCOUNT}:policy/{PULL_ONLY}",
        "arn:aws:iam::aws:policy/",
        "",
    ],
)
def test_nothing_is_found_under_another_name_path_or_arn(reference):
    assert managed.find(reference) is None


def test_an_unknown_policy_is_a_key_error():
    with pytest.raises(KeyError):
        managed.get("NoSuchPolicy")


@pytest.mark.parametrize(
    ("policy", "action", "allowed"),
    [
        (PULL_ONLY, "ecr:BatchGetImage", True),
        (PULL_ONLY, "ecr:GetAuthorizationToken", True),
        (PULL_ONLY, "ecr:BatchCheckLayerAvailability", False),
        (PULL_ONLY, "ecr:PutImage", False),
        (EXECUTION, "ecr:GetDownloadUrlForLayer", True),
        (EXECUTION, "logs:CreateLogStream", True),
        (EXECUTION, "ecr:DescribeImages", False),
        ("AmazonEC2ContainerRegistryPowerUser", "ecr:PutImage", True),
        ("AmazonEC2ContainerRegistryPowerUser", "ecr:DeleteRepository", False),
        ("AmazonEC2ContainerRegistryFullAccess", "ecr:DeleteRepository", True),
        ("AmazonEC2ContainerServiceforEC2Role", "ecr:BatchGetImage", True),
        ("AmazonEC2ContainerServiceforEC2Role", "ecs:RegisterContainerInstance", True),
        ("AmazonElasticContainerRegistryPublicReadOnly", "ecr-public:PutImage", False),
        ("AdministratorAccess", "iam:PassRole", True),
    ],
)
def test_a_policy_permits_what_aws_says(policy, action, allowed):
    assert may(policy, action, REPOSITORY if action != "ecr:GetAuthorizationToken" else "*") is (
        allowed
    )
