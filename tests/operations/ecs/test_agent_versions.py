"""The version of an agent decides which tasks its instance can take."""

from __future__ import annotations

import pytest

from tests.operations.ecs.hosts import ECR_IMAGE, Hosts, container, subnets

ROLE = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
LONG, SHORT = "com.amazonaws.ecs.capability.", "ecs.capability."
LOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/ecs/app", "awslogs-region": "us-east-1"},
}
VERSIONS = ("1.6.0", "1.7.0", "1.15.2", "1.16.0", "1.105.1")


@pytest.fixture
def hosts(door):
    """One instance for each of some versions, named by it."""
    hosts = Hosts(door)
    for version in VERSIONS:
        hosts.add(version, agent_version=version)
    return hosts


def capabilities(hosts, version: str) -> set[str]:
    return {each["name"] for each in hosts.show(version)["attributes"]}


def test_an_image_of_ecr_needs_agent_1_7_0(hosts):
    hosts.define(container(image=ECR_IMAGE))

    outcome = hosts.start(*VERSIONS)

    assert outcome.placed == ["1.7.0", "1.15.2", "1.16.0", "1.105.1"]
    assert outcome.failures == [("1.6.0", "ATTRIBUTE")]


def test_an_image_of_ecr_pulled_by_an_execution_role_needs_agent_1_16_0(hosts):
    hosts.define(container(image=ECR_IMAGE), executionRoleArn=ROLE)

    outcome = hosts.start(*VERSIONS)

    assert outcome.placed == ["1.16.0", "1.105.1"]
    assert outcome.failures == [(v, "ATTRIBUTE") for v in ("1.6.0", "1.7.0", "1.15.2")]


@pytest.mark.parametrize("image", ["nginx", "public.ecr.aws/nginx/nginx:1.27", "ghcr.io/a/b"])
@pytest.mark.parametrize("members", [{}, {"executionRoleArn": ROLE}], ids=["no role", "role"])
def test_other_images_need_neither(hosts, image, members):
    hosts.define(container(image=image), **members)

    outcome = hosts.start(*VERSIONS)

    assert outcome.placed == list(VERSIONS)
    assert outcome.failures == []


def test_one_image_of_ecr_among_containers_is_enough(hosts):
    hosts.define(container(), container("side", image=ECR_IMAGE))

    outcome = hosts.start("1.6.0", "1.7.0")

    assert outcome.placed == ["1.7.0"]


def test_an_old_agent_is_a_placement_failure_and_no_task(hosts):
    for version in VERSIONS[1:]:
        hosts.deregister(version)
    hosts.define(container(image=ECR_IMAGE))

    outcome = hosts.run(count=3)

    assert outcome.tasks == []
    assert outcome.failures == [("1.6.0", "ATTRIBUTE")]
    assert hosts.ecs.list_tasks(desiredStatus="STOPPED")["taskArns"] == []


def test_run_task_passes_over_agents_that_are_too_old(hosts):
    hosts.define(container(image=ECR_IMAGE), executionRoleArn=ROLE)

    outcome = hosts.run(count=6)

    assert set(outcome.placed) == {"1.16.0", "1.105.1"}
    assert outcome.failures == []


def test_agents_advertise_what_the_image_needs(hosts):
    ecr, role = f"{LONG}ecr-auth", f"{SHORT}execution-role-ecr-pull"

    assert [ecr in capabilities(hosts, version) for version in VERSIONS] == [False] + [True] * 4
    assert [role in capabilities(hosts, version) for version in VERSIONS] == [False] * 3 + [
        True
    ] * 2


@pytest.mark.parametrize(
    ("members", "task"),
    [
        pytest.param({}, {"taskRoleArn": ROLE}, id="a task role"),
        pytest.param({}, {"cpu": "256", "memory": "512"}, id="a size of the task"),
        pytest.param({}, {"networkMode": "awsvpc"}, id="an interface"),
        pytest.param({"logConfiguration": LOGS}, {}, id="awslogs"),
        pytest.param({"healthCheck": {"command": ["CMD", "true"]}}, {}, id="a health check"),
        pytest.param(
            {"secrets": [{"name": "A", "valueFrom": "/app/a"}]},
            {"executionRoleArn": ROLE},
            id="a secret",
        ),
    ],
)
def test_agents_are_taken_if_and_only_if_they_have_every_required_attribute(hosts, members, task):
    hosts.define(container(**members), **task)
    definition = hosts.ecs.describe_task_definition(taskDefinition="web")["taskDefinition"]
    required = {each["name"] for each in definition["requiresAttributes"]}
    network = {"networkConfiguration": subnets()} if "networkMode" in task else {}

    outcome = hosts.start(*VERSIONS, **network)

    able = [version for version in VERSIONS if required <= capabilities(hosts, version)]
    assert outcome.placed == able
    assert {reason for _, reason in outcome.failures} <= {"ATTRIBUTE"}
    assert "1.6.0" not in able
    assert "1.105.1" in able
