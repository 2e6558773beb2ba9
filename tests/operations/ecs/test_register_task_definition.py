"""RegisterTaskDefinition: defaults, what is echoed, sizes, roles, limits, revisions."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from threading import Barrier

import pytest

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures" / "task_definitions"
NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=timezone.utc)
ROLES = {
    "taskRoleArn": "arn:aws:iam::123456789012:role/app-task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
}
AWSLOGS = {
    "logDriver": "awslogs",
    "options": {"awslogs-group": "/ecs/app", "awslogs-region": "us-east-1"},
}
FARGATE = {
    "requiresCompatibilities": ["FARGATE"],
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
}
CHECK = {"command": ["CMD-SHELL", "true"]}
OPEN = ("requiresAttributes", "enableFaultInjection")  # whether a plain definition has them


def container(name="app", **members) -> dict:
    return {"name": name, "image": "nginx", "memory": 128} | members


@pytest.fixture
def register(ecs):
    """Register one definition and return it as the answer shows it."""

    def register(*containers: dict, **members) -> dict:
        members = {"family": "app", "containerDefinitions": list(containers) or [container()]} | (
            members
        )
        return ecs.register_task_definition(**members)["taskDefinition"]

    return register


# ----------------------------------------------------------------------------- defaults


def test_a_plain_definition_is_answered_with_the_defaults_and_nothing_else(ecs, register, account):
    definition = register()

    assert not definition.get("enableFaultInjection")
    compatibilities = set(definition.pop("compatibilities"))
    assert compatibilities - {"MANAGED_INSTANCES"} == {"EC2", "EXTERNAL"}
    assert isinstance(definition.pop("registeredAt"), datetime)
    assert definition.pop("registeredBy")
    assert {key: value for key, value in definition.items() if key not in OPEN} == {
        "taskDefinitionArn": f"arn:aws:ecs:us-east-1:{account}:task-definition/app:1",
        "family": "app",
        "revision": 1,
        "status": "ACTIVE",
        "volumes": [],
        "placementConstraints": [],
        "containerDefinitions": [
            {
                "name": "app",
                "image": "nginx",
                "memory": 128,
                "cpu": 0,
                "essential": True,
                "environment": [],
                "mountPoints": [],
                "portMappings": [],
                "systemControls": [],
                "volumesFrom": [],
            }
        ],
    }


def test_a_definition_is_registered_by_who_calls(door, register):
    definition = register()

    assert definition["registeredBy"] == door.client("sts").get_caller_identity()["Arn"]


@pytest.mark.ecrmock(time="virtual", now=NOW)
def test_a_definition_is_registered_at_the_present_of_the_mock(door, register):
    definition = register()

    assert definition["registeredAt"] == door.aws.clock.now


@pytest.mark.parametrize(
    ("network", "host_port"), [(None, 0), ("bridge", 0), ("host", 80), ("awsvpc", 80)]
)
def test_a_port_mapping_gets_a_protocol_and_a_host_port(register, network, host_port):
    members = {} if network is None else {"networkMode": network}

    definition = register(container(portMappings=[{"containerPort": 80}]), **members)

    mappings = definition["containerDefinitions"][0]["portMappings"]
    assert mappings == [{"containerPort": 80, "hostPort": host_port, "protocol": "tcp"}]


def test_a_range_of_ports_gets_no_host_port(register):
    definition = register(container(portMappings=[{"containerPortRange": "8000-8010"}]))

    mappings = definition["containerDefinitions"][0]["portMappings"]
    assert mappings == [{"containerPortRange": "8000-8010", "protocol": "tcp"}]


def test_a_protocol_that_nobody_knows_is_tcp(unchecked):
    mapping = {"containerPort": 80, "protocol": "sctp"}

    response = unchecked.register_task_definition(
        family="app", containerDefinitions=[container(portMappings=[mapping])]
    )

    shown = response["taskDefinition"]["containerDefinitions"][0]["portMappings"][0]
    assert shown["protocol"] == "tcp"


def test_a_health_check_gets_its_defaults_but_no_start_period(register):
    definition = register(container(healthCheck=CHECK))

    assert definition["containerDefinitions"][0]["healthCheck"] == CHECK | {
        "interval": 30,
        "timeout": 5,
        "retries": 3,
    }


# ------------------------------------------------------------------------------ the echo


def test_lists_that_were_sent_empty_are_shown_empty(register):
    members = ("command", "entryPoint", "links", "dnsServers", "ulimits", "secrets", "dependsOn")

    definition = register(container(**{member: [] for member in members}))

    shown = definition["containerDefinitions"][0]
    assert {member: shown.get(member) for member in members} == {each: [] for each in members}


def test_secret_options_of_a_log_are_shown_when_they_were_sent(register):
    sent, plain = register(
        container("sent", logConfiguration=AWSLOGS | {"secretOptions": []}),
        container("plain", logConfiguration=AWSLOGS),
    )["containerDefinitions"]

    assert sent["logConfiguration"] == AWSLOGS | {"secretOptions": []}
    assert plain["logConfiguration"] == AWSLOGS


def test_containers_and_their_environment_keep_the_order_in_which_they_came(register):
    environment = [{"name": name, "value": name.lower()} for name in ("C", "A", "B")]
    names = ["web", "app", "cache"]

    definition = register(*(container(name, environment=environment) for name in names))

    shown = definition["containerDefinitions"]
    assert [each["name"] for each in shown] == names
    assert [each["environment"] for each in shown] == [environment] * 3


def test_what_a_task_may_have_is_shown_only_when_it_was_sent(register):
    members = {
        "runtimePlatform": {"operatingSystemFamily": "LINUX", "cpuArchitecture": "ARM64"},
        "ephemeralStorage": {"sizeInGiB": 30},
        "pidMode": "task",
        "enableFaultInjection": True,
    }

    plain, full = register(**FARGATE), register(**FARGATE, **members)

    assert not {"runtimePlatform", "ephemeralStorage", "pidMode", "ipcMode"} & set(plain)
    assert {member: full[member] for member in members} == members


def test_tags_are_answered_only_when_they_were_sent(ecs):
    tags = [{"key": "team", "value": "a"}, {"key": "stage", "value": ""}]

    plain = ecs.register_task_definition(family="app", containerDefinitions=[container()])
    tagged = ecs.register_task_definition(
        family="app", containerDefinitions=[container()], tags=tags
    )

    assert plain.get("tags", []) == []
    assert tagged["tags"] == tags
    assert "tags" not in tagged["taskDefinition"]


def test_an_empty_list_of_tags_is_refused(ecs, refusal):
    refused = refusal(
        ecs.register_task_definition, family="app", containerDefinitions=[container()], tags=[]
    )

    assert refused == ("ClientException", "Tags can not be empty.")


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.json")), ids=lambda path: path.stem)
def test_a_definition_of_the_real_world_registers(ecs, path):
    sent = json.loads(path.read_text(encoding="utf-8"))

    response = ecs.register_task_definition(**sent)

    definition = response["taskDefinition"]
    assert set(sent["requiresCompatibilities"]) <= set(definition["compatibilities"])
    assert set(sent) - {"tags"} <= set(definition)
    assert response.get("tags", []) == sent.get("tags", [])


# ------------------------------------------------------------------------ sizes and roles


@pytest.mark.parametrize(
    ("member", "sent", "shown"),
    [
        ("cpu", "256", "256"),
        ("cpu", ".25 vCPU", "256"),
        ("cpu", "0.25 vcpu", "256"),
        ("cpu", "1 vCPU", "1024"),
        ("memory", "512", "512"),
        ("memory", "0.5GB", "512"),
        ("memory", "1 GB", "1024"),
    ],
)
def test_a_size_is_shown_in_units_and_mebibytes(register, member, sent, shown):
    assert register(**{member: sent})[member] == shown


def test_a_container_may_go_without_memory_when_the_task_has_some(register):
    definition = register({"name": "app", "image": "nginx"}, memory="512")

    assert not {"memory", "memoryReservation"} & set(definition["containerDefinitions"][0])


def test_the_short_name_of_a_role_becomes_its_arn(register, account):
    definition = register(taskRoleArn="app-task", executionRoleArn="runner")

    assert definition["taskRoleArn"] == f"arn:aws:iam::{account}:role/app-task"
    assert definition["executionRoleArn"] == f"arn:aws:iam::{account}:role/runner"


@pytest.mark.parametrize(
    ("cpu", "least", "most"),
    [
        ("256", "512", "2048"),
        ("512", "1024", "4096"),
        ("1024", "2048", "8192"),
        ("2048", "4096", "16384"),
        ("4096", "8192", "30720"),
        ("8192", "16384", "61440"),
        ("16384", "32768", "122880"),
    ],
)
def test_fargate_takes_each_size_from_the_least_memory_to_the_most(register, cpu, least, most):
    sizes = [
        register(**FARGATE | {"cpu": cpu, "memory": memory})["memory"] for memory in (least, most)
    ]

    assert sizes == [least, most]


# ------------------------------------------------------------------------------- limits


def files(number: int) -> list[dict]:
    return [{"value": f"arn:aws:s3:::config/{n}.env", "type": "s3"} for n in range(number)]


@pytest.mark.parametrize(
    ("task", "members"),
    [
        ({"family": "x" * 255}, {}),
        ({}, {"memory": 128, "memoryReservation": 128}),
        ({"cpu": "256", "memory": "128"}, {"cpu": 256, "memory": 128}),
        ({}, {"healthCheck": CHECK | {"interval": 5, "timeout": 2, "retries": 1}}),
        ({}, {"healthCheck": CHECK | {"interval": 300, "timeout": 60, "retries": 10}}),
        ({}, {"healthCheck": CHECK | {"startPeriod": 300}}),
        (FARGATE, {"startTimeout": 2, "stopTimeout": 120}),
        ({}, {"restartPolicy": {"enabled": True, "restartAttemptPeriod": 60}}),
        ({}, {"restartPolicy": {"enabled": True, "restartAttemptPeriod": 1800}}),
        (FARGATE | {"ephemeralStorage": {"sizeInGiB": 21}}, {}),
        (FARGATE | {"ephemeralStorage": {"sizeInGiB": 200}}, {}),
        (FARGATE, {"linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}}}),
        (ROLES, {"environmentFiles": files(10)}),
        ({}, {"environment": [{"name": "BLOB", "value": "x" * 60_000}]}),
        (
            {"networkMode": "awsvpc"},
            {"portMappings": [{"containerPort": 53, "protocol": p} for p in ("tcp", "udp")]},
        ),
    ],
    ids=[
        "family of 255 characters",
        "memory as its reservation",
        "as much as the task has",
        "shortest health check",
        "longest health check",
        "longest start period",
        "timeouts on Fargate",
        "shortest restart period",
        "longest restart period",
        "least storage",
        "most storage",
        "SYS_PTRACE on Fargate",
        "ten environment files",
        "nearly 64 KiB",
        "one port over TCP and UDP",
    ],
)
def test_a_limit_itself_is_accepted(register, task, members):
    definition = register(container(**members), **task)

    assert definition["status"] == "ACTIVE"


def test_a_definition_has_ten_containers_at_most(ecs, register, refusal):
    containers = [container(f"app-{number}") for number in range(11)]

    accepted = register(*containers[:10])
    refused = refusal(ecs.register_task_definition, family="app", containerDefinitions=containers)

    assert len(accepted["containerDefinitions"]) == 10
    assert refused.code == "ClientException"


# ----------------------------------------------------------------------------- revisions


def test_revisions_count_up_in_each_family_by_itself(register):
    made = [register(family=family) for family in ("web", "app", "web", "web", "app")]

    assert [each["revision"] for each in made] == [1, 1, 2, 3, 2]
    assert made[3]["taskDefinitionArn"].endswith(":task-definition/web:3")


def test_a_revision_is_never_used_again(ecs, register):
    for _ in range(2):
        arn = register()["taskDefinitionArn"]
        ecs.deregister_task_definition(taskDefinition=arn)
    ecs.delete_task_definitions(taskDefinitions=["app:1", "app:2"])

    assert register()["revision"] == 3


def test_families_are_of_one_region_and_one_account(door, register, other_account):
    register()
    others = [
        door.client("ecs", region_name="eu-west-1"),
        door.client("ecs", account_id=other_account),
    ]

    made = [
        each.register_task_definition(family="app", containerDefinitions=[container()])
        for each in others
    ]

    assert [each["taskDefinition"]["revision"] for each in made] == [1, 1]
    assert [each["taskDefinition"]["taskDefinitionArn"] for each in made] == [
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:1",
        f"arn:aws:ecs:us-east-1:{other_account}:task-definition/app:1",
    ]


def test_120_threads_that_register_one_family_get_120_revisions(ecs, register):
    barrier = Barrier(120)

    def register_one(_number: int) -> int:
        barrier.wait(timeout=60)
        return register()["revision"]

    with ThreadPoolExecutor(120) as pool:
        revisions = list(pool.map(register_one, range(120)))

    assert sorted(revisions) == list(range(1, 121))
    pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix="app")
    assert sum(len(page["taskDefinitionArns"]) for page in pages) == 120


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-northwest-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov")]
)
def test_a_definition_is_named_as_its_partition_names_it(door, region, partition, account):
    ecs = door.client("ecs", region_name=region)

    response = ecs.register_task_definition(
        family="app", containerDefinitions=[container()], taskRoleArn="app-task"
    )

    definition = response["taskDefinition"]
    prefix = f"arn:{partition}:ecs:{region}:{account}:task-definition/"
    assert definition["taskDefinitionArn"] == f"{prefix}app:1"
    assert definition["taskRoleArn"] == f"arn:{partition}:iam::{account}:role/app-task"
