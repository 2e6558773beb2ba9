"""Every definition that AWS's rules allow registers, and is shown as it was sent."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import boto3
import pytest

from ecrmock import mock_aws

pytest.importorskip("hypothesis")

from botocore.validate import ParamValidator
from hypothesis import given, settings

from tests.operations.ecs.definitions import FARGATE_SIZES, task_definitions
from tests.wire import judges

API = "com.amazonaws.ecs.capability.docker-remote-api."
LONG, SHORT = "com.amazonaws.ecs.capability.", "ecs.capability."
LISTS = ("environment", "mountPoints", "portMappings", "volumesFrom", "systemControls")
API_VERSIONS = {"1.17", "1.18", "1.19", "1.21", "1.24", "1.25", "1.29"}
LOGS = "logConfiguration"
ADDED = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
)


@pytest.fixture(scope="module")
def ecs():
    """One client for all examples: a definition is a revision of one of a few families."""
    with mock_aws() as aws:
        yield boto3.client("ecs", region_name=aws.region_name)


def register(ecs, definition: dict[str, Any]) -> dict[str, Any]:
    response = ecs.register_task_definition(**deepcopy(definition))
    response.pop("ResponseMetadata")
    return response


# ------------------------------------------------------------------- what is sent comes back


def plain_size(size: str) -> str:
    """Return a size as it is shown: units of cpu, or MiB."""
    for unit in ("vcpu", "gb"):
        if size.lower().endswith(unit):
            return str(int(float(size[: -len(unit)]) * 1024))
    return size


def with_port_defaults(mapping: dict[str, Any], network: str | None) -> dict[str, Any]:
    shown = {"protocol": "tcp"} | mapping
    if "containerPort" in mapping:
        same = network in ("awsvpc", "host")
        shown.setdefault("hostPort", mapping["containerPort"] if same else 0)
    return shown


def shown(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a definition with the documented defaults."""
    found = {"volumes": [], "placementConstraints": []} | deepcopy(definition)
    found.pop("tags", None)
    for size in ("cpu", "memory"):
        if size in found:
            found[size] = plain_size(found[size])
    for container in found["containerDefinitions"]:
        for member in LISTS:
            container.setdefault(member, [])
        container.setdefault("cpu", 0)
        container.setdefault("essential", True)
        network = definition.get("networkMode")
        ports = [with_port_defaults(each, network) for each in container["portMappings"]]
        container["portMappings"] = ports
        if "healthCheck" in container:
            defaults = {"interval": 30, "timeout": 5, "retries": 3}
            container["healthCheck"] = defaults | container["healthCheck"]
    return found


@given(definition=task_definitions())
def test_a_definition_is_described_as_it_was_sent_but_for_the_defaults(ecs, definition):
    arn = register(ecs, definition)["taskDefinition"]["taskDefinitionArn"]

    described = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])

    echoed = {k: v for k, v in described["taskDefinition"].items() if k not in ADDED}
    if "enableFaultInjection" not in definition:
        assert not echoed.pop("enableFaultInjection", False)
    assert echoed == shown(definition)
    assert described["tags"] == definition.get("tags", [])


@given(definition=task_definitions())
def test_register_answers_what_describe_does_and_counts_revisions(ecs, definition):
    first = register(ecs, definition)["taskDefinition"]
    second = register(ecs, definition)["taskDefinition"]

    described = ecs.describe_task_definition(taskDefinition=definition["family"])

    assert described["taskDefinition"] == second
    assert second["revision"] == first["revision"] + 1
    changing = ("taskDefinitionArn", "revision", "registeredAt")
    assert [{k: v for k, v in each.items() if k not in changing} for each in (first, second)] == [
        {k: v for k, v in first.items() if k not in changing}
    ] * 2


@given(definition=task_definitions())
def test_replies_are_what_the_model_allows(ecs, definition):
    registered = register(ecs, definition)
    described = ecs.describe_task_definition(taskDefinition=definition["family"])
    described.pop("ResponseMetadata")

    for operation, reply in (
        ("RegisterTaskDefinition", registered),
        ("DescribeTaskDefinition", described),
    ):
        shape = judges.operation_model("ecs", operation).output_shape
        report = ParamValidator().validate(reply, shape)
        assert not report.has_errors(), report.generate_report()


# ------------------------------------------------------------------------ what it requires


def container_attributes(container: dict[str, Any], definition: dict[str, Any]) -> set[str]:
    """Return what one container asks of an instance, without versions of Docker's API."""
    has_role = "executionRoleArn" in definition
    found = set()
    if ".dkr.ecr." in container["image"]:
        found |= {f"{LONG}ecr-auth"} | ({f"{SHORT}execution-role-ecr-pull"} if has_role else set())
    if log := container.get("logConfiguration"):
        found.add(f"{LONG}logging-driver.{log['logDriver']}")
        if log["logDriver"] == "awslogs" and has_role:
            found.add(f"{SHORT}execution-role-awslogs")
    for secrets, use in (
        (container.get("secrets", []), "environment-variables"),
        ((log or {}).get("secretOptions", []), "bootstrap.log-driver"),
    ):
        for secret in secrets:
            store = "asm" if ":secretsmanager:" in secret["valueFrom"] else "ssm"
            found.add(f"{SHORT}secrets.{store}.{use}")
    for option in container.get("dockerSecurityOptions", []):
        kinds = {"apparmor": "apparmor", "label": "selinux"}
        found |= {f"{LONG}{kind}" for name, kind in kinds.items() if option.startswith(name + ":")}
    if "firelensConfiguration" in container:
        found.add(f"{SHORT}firelens.{container['firelensConfiguration']['type']}")
    asked = {
        f"{SHORT}container-health-check": "healthCheck" in container,
        f"{LONG}privileged-container": container.get("privileged"),
        f"{SHORT}container-ordering": {"dependsOn", "startTimeout", "stopTimeout"} & set(container),
        f"{SHORT}env-files.s3": container.get("environmentFiles"),
        f"{SHORT}network.container-port-range": any(
            "containerPortRange" in mapping for mapping in container.get("portMappings", [])
        ),
        f"{SHORT}container-restart-policy": container.get("restartPolicy", {}).get("enabled"),
    }
    return found | {name for name, wanted in asked.items() if wanted}


def volume_attributes(volume: dict[str, Any]) -> set[str]:
    if "efsVolumeConfiguration" in volume:
        encrypted = volume["efsVolumeConfiguration"]["transitEncryption"] == "ENABLED"
        return {f"{SHORT}efs"} | ({f"{SHORT}efsAuth"} if encrypted else set())
    if "dockerVolumeConfiguration" in volume:
        return {f"{SHORT}docker-plugin.{volume['dockerVolumeConfiguration']['driver']}"}
    return {f"{SHORT}storage.ebs-task-volume-attach"} if "configuredAtLaunch" in volume else set()


def attributes(definition: dict[str, Any]) -> set[str]:
    """Return what a definition asks of an instance, without versions of Docker's API."""
    found = set().union(
        *(container_attributes(each, definition) for each in definition["containerDefinitions"]),
        *(volume_attributes(each) for each in definition.get("volumes", [])),
    )
    network = definition.get("networkMode")
    role = "task-iam-role-network-host" if network == "host" else "task-iam-role"
    asked = {
        f"{SHORT}task-eni": network == "awsvpc",
        f"{LONG}{role}": "taskRoleArn" in definition,
        f"{SHORT}pid-ipc-namespace-sharing": {"pidMode", "ipcMode"} & set(definition),
        f"{SHORT}aws-appmesh": "proxyConfiguration" in definition,
        f"{SHORT}fault-injection": definition.get("enableFaultInjection"),
        f"{SHORT}task-cpu-mem-limit": not for_fargate(definition)
        and {"cpu", "memory"} & set(definition),
    }
    return found | {name for name, wanted in asked.items() if wanted}


def undecided(definition: dict[str, Any]) -> set[str]:
    """Return attributes of which nobody knows whether such a definition has them."""
    found = {f"{SHORT}increased-task-cpu-limit"}  # above ten vCPU
    if definition.get("networkMode") == "none":
        found.add(f"{LONG}task-iam-role")
    if definition.get("networkMode") == "awsvpc" and not for_fargate(definition):
        found.add(f"{SHORT}task-cpu-mem-limit")
    return found


def api_versions(definition: dict[str, Any]) -> set[str]:
    """Return the versions of Docker's API that a definition needs for sure."""
    containers, volumes = definition["containerDefinitions"], definition.get("volumes", [])
    linux = [each.get("linuxParameters", {}) for each in containers]
    logs = [each.get("logConfiguration", {}) for each in containers]
    asked = {
        "1.18": definition.get("networkMode") == "awsvpc",
        "1.19": any(each.get("logDriver") == "awslogs" for each in logs),
        "1.21": any("memoryReservation" in each for each in containers),
        "1.25": any(each.get("initProcessEnabled") for each in linux)
        or any({"dockerVolumeConfiguration", "efsVolumeConfiguration"} & set(v) for v in volumes),
    }
    return {version for version, wanted in asked.items() if wanted}


def for_fargate(definition: dict[str, Any]) -> bool:
    return "FARGATE" in definition.get("requiresCompatibilities", [])


@given(definition=task_definitions())
def test_a_definition_requires_the_attributes_of_what_it_uses(ecs, definition):
    answer = register(ecs, definition)["taskDefinition"]

    listed = [each["name"] for each in answer.get("requiresAttributes", [])]
    found = {name for name in listed if not name.startswith(API)}
    versions = {name.removeprefix(API) for name in listed if name.startswith(API)}
    open_questions = undecided(definition)
    assert len(set(listed)) == len(listed)
    assert found - open_questions == attributes(definition) - open_questions
    assert api_versions(definition) <= versions <= API_VERSIONS
    if any("healthCheck" in each for each in definition["containerDefinitions"]):
        assert versions & {"1.24", "1.29"}
    if "requiresAttributes" in answer:
        assert listed


# ------------------------------------------------------------------------- where it can run


def fargate_objects(definition: dict[str, Any]) -> bool:
    """Tell whether an awsvpc definition has something that the rules of Fargate refuse."""
    containers = definition["containerDefinitions"]
    linux = [each.get("linuxParameters", {}) for each in containers]
    drivers = [each["logConfiguration"]["logDriver"] for each in containers if LOGS in each]
    volumes = definition.get("volumes", [])
    without_role = "executionRoleArn" not in definition
    return (
        not has_fargate_size(definition)
        or bool({"ipcMode", "placementConstraints"} & set(definition))
        or definition.get("pidMode") == "host"
        or any(each.get("privileged") for each in containers)
        or any({"resourceRequirements", "dockerSecurityOptions"} & set(e) for e in containers)
        or any({"devices", "maxSwap", "sharedMemorySize"} & set(each) for each in linux)
        or any("NET_ADMIN" in each.get("capabilities", {}).get("add", []) for each in linux)
        or not set(drivers) <= {"awslogs", "awsfirelens"}
        or (without_role and "awslogs" in drivers)
        or (without_role and any(".dkr.ecr." in each["image"] for each in containers))
        or any({"host", "dockerVolumeConfiguration"} & set(each) for each in volumes)
    )


def has_fargate_size(definition: dict[str, Any]) -> bool:
    if not {"cpu", "memory"} <= set(definition):
        return False
    cpu, memory = (int(plain_size(definition[each])) for each in ("cpu", "memory"))
    return memory in FARGATE_SIZES.get(cpu, ())


def fargate_may_object(definition: dict[str, Any]) -> bool:
    """Tell whether a definition has something of which no rule of Fargate speaks."""
    containers = definition["containerDefinitions"]
    linux = [each.get("linuxParameters", {}) for each in containers]
    return any("ulimits" in each for each in containers) or any(
        {"tmpfs", "swappiness"} & set(each) for each in linux
    )


def check_compatibilities(definition: dict[str, Any], found: set[str]) -> None:
    """Compare with what is known; a definition may have more that nobody knows."""
    volumes = definition.get("volumes", [])
    if for_fargate(definition):
        allowed = {"EC2", "FARGATE"}
        platform = definition.get("runtimePlatform", {}).get("operatingSystemFamily", "LINUX")
        if platform == "LINUX":
            allowed.add("MANAGED_INSTANCES")
        # Whether ephemeral storage, which EC2 refuses, takes EC2 from the list was not captured.
        assert allowed - ({"EC2"} if "ephemeralStorage" in definition else set()) <= found
        assert found <= allowed
        return
    assert "EC2" in found
    assert found <= {"EC2", "EXTERNAL", "FARGATE", "MANAGED_INSTANCES"}
    if definition.get("networkMode") == "awsvpc":
        assert "EXTERNAL" not in found
        if fargate_objects(definition) or not fargate_may_object(definition):
            assert ("FARGATE" in found) == (not fargate_objects(definition))
        return
    assert "FARGATE" not in found
    if any("efsVolumeConfiguration" in each for each in volumes):
        assert "EXTERNAL" not in found
    elif not any("configuredAtLaunch" in each for each in volumes):
        assert "EXTERNAL" in found


@given(definition=task_definitions())
def test_a_definition_is_compatible_with_what_its_members_allow(ecs, definition):
    answer = register(ecs, definition)["taskDefinition"]

    compatibilities = answer["compatibilities"]
    assert len(set(compatibilities)) == len(compatibilities)
    assert set(definition.get("requiresCompatibilities", [])) <= set(compatibilities)
    check_compatibilities(definition, set(compatibilities))


@settings(max_examples=20)
@given(definition=task_definitions())
def test_a_definition_that_was_described_registers_again(ecs, definition):
    described = register(ecs, definition)["taskDefinition"]
    members = judges.operation_model("ecs", "RegisterTaskDefinition").input_shape.members
    again = {key: described[key] for key in members if key in described}

    second = register(ecs, again)["taskDefinition"]

    changing = ("taskDefinitionArn", "revision", "registeredAt")
    assert {k: v for k, v in second.items() if k not in changing} == {
        k: v for k, v in described.items() if k not in changing
    }
