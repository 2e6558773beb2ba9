"""What a task definition asks of the place where it runs, as RegisterTaskDefinition answers it."""

from __future__ import annotations

import pytest

ECR_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/fp-app:v1"
ROLES = {
    "taskRoleArn": "arn:aws:iam::123456789012:role/app-task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
}
FARGATE = {
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
}
AWSLOGS = {
    "logDriver": "awslogs",
    "options": {
        "awslogs-group": "/ecs/fp-app",
        "awslogs-region": "us-east-1",
        "awslogs-stream-prefix": "app",
    },
}
LONG, SHORT = "com.amazonaws.ecs.capability.", "ecs.capability."
API = f"{LONG}docker-remote-api."


def container(**members) -> dict:
    return {"name": "app", "image": "nginx", "memory": 128} | members


def attributes(definition: dict) -> set[str]:
    return {each["name"] for each in definition.get("requiresAttributes", [])}


@pytest.fixture
def register(ecs):
    """Register one definition and return it as the answer shows it."""

    def register(*containers: dict, **members) -> dict:
        members = {"family": "app", "containerDefinitions": list(containers) or [container()]} | (
            members
        )
        return ecs.register_task_definition(**members)["taskDefinition"]

    return register


def test_awsvpc_alone_requires_an_eni_and_an_api_version(register):
    assert attributes(register(networkMode="awsvpc")) == {f"{API}1.18", f"{SHORT}task-eni"}


def test_the_captured_definition_requires_the_captured_attributes(register):
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:fp-a1B2c3"
    app = {
        "name": "fp-app",
        "image": ECR_IMAGE,
        "portMappings": [{"containerPort": 8080}],
        "secrets": [{"name": "TOKEN", "valueFrom": secret}],
        "logConfiguration": AWSLOGS,
    }

    definition = register(app, **FARGATE, **ROLES)

    assert attributes(definition) == {
        f"{LONG}logging-driver.awslogs",
        f"{SHORT}execution-role-awslogs",
        f"{LONG}ecr-auth",
        f"{API}1.19",
        f"{SHORT}secrets.asm.environment-variables",
        f"{LONG}task-iam-role",
        f"{SHORT}execution-role-ecr-pull",
        f"{API}1.18",
        f"{SHORT}task-eni",
    }


def test_an_ecr_image_without_an_execution_role_requires_ecr_auth_alone(register):
    found = attributes(register(container(image=ECR_IMAGE)))

    assert {each for each in found if not each.startswith(API)} == {f"{LONG}ecr-auth"}


def test_a_task_role_in_the_network_of_the_host_requires_an_attribute_of_its_own(register):
    found = attributes(register(networkMode="host", taskRoleArn=ROLES["taskRoleArn"]))

    assert {each for each in found if not each.startswith(API)} == {
        f"{LONG}task-iam-role-network-host"
    }


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (FARGATE, {"EC2", "FARGATE", "MANAGED_INSTANCES"}),
        (
            FARGATE
            | {
                "cpu": "1024",
                "memory": "2048",
                "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
            },
            {"EC2", "FARGATE"},
        ),
        ({"networkMode": "awsvpc"}, {"EC2"}),
        ({"networkMode": "awsvpc", "cpu": "256", "memory": "4096"}, {"EC2"}),
        ({"networkMode": "awsvpc", "cpu": "256", "memory": "512", "ipcMode": "task"}, {"EC2"}),
        ({"networkMode": "awsvpc", "cpu": "256", "memory": "512"}, {"EC2", "FARGATE"}),
        ({"networkMode": "bridge"}, {"EC2", "EXTERNAL"}),
        ({"networkMode": "host"}, {"EC2", "EXTERNAL"}),
    ],
    ids=[
        "Fargate",
        "Fargate on Windows",
        "awsvpc without sizes",
        "awsvpc with a size that Fargate has not",
        "awsvpc with what Fargate refuses",
        "awsvpc that Fargate takes",
        "bridge",
        "host",
    ],
)
def test_a_definition_is_compatible_with_each_launch_type_that_takes_it(
    register, members, expected
):
    compatibilities = set(register(**members)["compatibilities"])

    if "requiresCompatibilities" not in members:  # whether the newest takes these is not known
        compatibilities.discard("MANAGED_INSTANCES")
    assert compatibilities == expected


def test_a_definition_with_an_efs_volume_cannot_run_on_external_instances(register):
    efs = {"fileSystemId": "fs-0a1b2c3d4e5f60718"}

    definition = register(volumes=[{"name": "data", "efsVolumeConfiguration": efs}])

    assert "EXTERNAL" not in definition["compatibilities"]
