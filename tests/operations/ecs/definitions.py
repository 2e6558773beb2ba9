"""Hypothesis strategies of task definitions that AWS's rules allow.

What is left out because the rules about it are not known well enough: Windows on EC2, FSx and S3
Files volumes, credential specs, splunk.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.operations.ecs.containers import (
    EXECUTION_ROLE,
    TASK_ROLE,
    Launch,
    add_what_ec2_alone_takes,
    booleans,
    plain_containers,
    port_mappings,
    rarely,
    sometimes,
    variables,
    words,
)

FARGATE_SIZES = {
    256: (512, 1024, 2048),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
WINDOWS_SIZES = (1024, 2048, 4096)

names = st.sampled_from(["app", "web-1", "side_car", "A", "x" * 40, "0"])

LAUNCHES = (
    Launch(None, fargate=False),
    Launch("bridge", fargate=False),
    Launch("bridge", fargate=False, compatibilities=("EC2", "EXTERNAL")),
    Launch("host", fargate=False, compatibilities=("EC2",)),
    Launch("none", fargate=False),
    Launch("awsvpc", fargate=False),
    Launch("awsvpc", fargate=False, compatibilities=("EC2",)),
    Launch("awsvpc", fargate=True, compatibilities=("FARGATE",)),
    Launch("awsvpc", fargate=True, compatibilities=("EC2", "FARGATE")),
    Launch("awsvpc", fargate=True, windows=True, compatibilities=("FARGATE",)),
)


def spellings(units: int, *, memory: bool) -> st.SearchStrategy[str]:
    """Write a size in one of the ways that the API takes."""
    whole, half = divmod(units, 1024)
    texts = [str(units)]
    if memory and not half:
        texts += [f"{whole} GB", f"{whole}GB"]
    elif not memory and not half:
        texts += [f"{whole} vCPU", f"{whole} vcpu"]
    elif not memory and units in (256, 512):
        texts += {256: [".25 vCPU", "0.25 vcpu"], 512: [".5 vCPU", "0.5 vCPU"]}[units]
    elif memory and units == 512:
        texts += ["0.5GB", ".5 GB"]
    return st.sampled_from(texts)


def connect(draw, launch: Launch, containers: list[dict[str, Any]]) -> None:
    """Let containers depend on earlier ones, link to them and take their volumes."""
    for number, container in enumerate(containers):
        for earlier in containers[:number]:
            conditions = ["START"]
            if not earlier.get("essential", True):
                conditions += ["COMPLETE", "SUCCESS"]
            if "healthCheck" in earlier:
                conditions.append("HEALTHY")
            if rarely(draw, 4):
                condition = draw(st.sampled_from(conditions))
                dependency = {"containerName": earlier["name"], "condition": condition}
                container.setdefault("dependsOn", []).append(dependency)
            if launch.is_bridge and rarely(draw, 8):
                container.setdefault("links", []).append(f"{earlier['name']}:peer")
            if rarely(draw, 8):
                taken = {"sourceContainer": earlier["name"], "readOnly": True}
                container.setdefault("volumesFrom", []).append(taken)


def divide(draw, containers: list[dict[str, Any]], cpu: int | None, memory: int | None) -> None:
    """Give each container its share of cpu and memory."""
    each_cpu = (cpu or 4096) // len(containers)
    each_memory = (memory or 8192) // len(containers)
    for container in containers:
        sometimes(draw, st.integers(0, each_cpu), container, "cpu")
        hard = draw(st.integers(6, each_memory))
        soft = draw(st.integers(6, hard))
        given = [{"memory": hard}, {"memoryReservation": soft}]
        given.append({"memory": hard, "memoryReservation": soft})
        container.update(draw(st.sampled_from(given if memory is None else [*given, {}])))


# ------------------------------------------------------------------------------ the volumes


@st.composite
def volumes(draw, launch: Launch, name: str) -> dict[str, Any]:
    """A volume with all the values said that AWS might add."""
    efs: dict[str, Any] = {"fileSystemId": "fs-0a1b2c3d4e5f60718", "rootDirectory": "/"}
    point = {"accessPointId": "fsap-0a1b2c3d4e5f60718", "iam": "ENABLED"}
    encrypted = {"transitEncryption": "ENABLED", "transitEncryptionPort": 2999}
    kinds: list[dict[str, Any]] = [{}]
    if launch.takes_shared_storage:
        kinds += [
            {"efsVolumeConfiguration": efs | {"transitEncryption": "DISABLED"}},
            {"efsVolumeConfiguration": efs | encrypted | {"authorizationConfig": point}},
        ]
    if not launch.fargate:
        docker = {"scope": "shared", "driver": "local", "autoprovision": draw(booleans)}
        kinds += [
            {"host": {"sourcePath": "/srv/data"}},
            {"dockerVolumeConfiguration": docker},
            {"dockerVolumeConfiguration": {"scope": "task", "driver": "rexray"}},
        ]
    return {"name": name} | draw(st.sampled_from(kinds))


def mount(draw, launch: Launch, definition: dict[str, Any]) -> None:
    """Add volumes, and mount points of containers on them."""
    containers = definition["containerDefinitions"]
    made = [draw(volumes(launch, name)) for name in draw(st.sampled_from([[], ["a"], ["a", "b"]]))]
    if launch.takes_shared_storage and rarely(draw, 6):
        made.append({"name": "ebs", "configuredAtLaunch": True})
    for volume in made:
        mounted = {"sourceVolume": volume["name"], "containerPath": f"/mnt/{volume['name']}"}
        sometimes(draw, booleans, mounted, "readOnly")
        if "configuredAtLaunch" in volume or draw(booleans):
            draw(st.sampled_from(containers)).setdefault("mountPoints", []).append(mounted)
    if made or draw(booleans):
        definition["volumes"] = made


# ---------------------------------------------------------------------------- the definition


def add_sizes(draw, launch: Launch, definition: dict[str, Any]) -> tuple[int | None, int | None]:
    """Say cpu and memory of the task in some spelling; return them in units and MiB."""
    cpu = memory = None
    if launch.fargate:
        cpu = draw(st.sampled_from(WINDOWS_SIZES if launch.windows else tuple(FARGATE_SIZES)))
        memory = draw(st.sampled_from(list(FARGATE_SIZES[cpu])))
    else:
        cpu = draw(st.sampled_from([None, 128, 256, 1024, 2048]))
        memory = draw(st.sampled_from([None, 300, 512, 1024, 4096]))
    if cpu is not None:
        definition["cpu"] = draw(spellings(cpu, memory=False))
    if memory is not None:
        definition["memory"] = draw(spellings(memory, memory=True))
    return cpu, memory


def add_task_members(draw, launch: Launch, definition: dict[str, Any]) -> None:
    """Add members of the task that the launch type takes."""
    tags = st.dictionaries(variables, words, min_size=1, max_size=3)
    if draw(booleans):
        pairs = draw(tags).items()
        definition["tags"] = [{"key": key, "value": value} for key, value in pairs]
    if launch.windows:
        definition["runtimePlatform"] = {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}
        return
    platform = {"operatingSystemFamily": "LINUX", "cpuArchitecture": "X86_64"}
    platforms = [platform, platform | {"cpuArchitecture": "ARM64"}]
    sometimes(draw, st.sampled_from(platforms), definition, "runtimePlatform")
    sometimes(
        draw,
        st.sampled_from(["task"] if launch.fargate else ["task", "host"]),
        definition,
        "pidMode",
    )
    if launch.compatibilities == ("FARGATE",):
        storage = st.integers(21, 200).map(lambda size: {"sizeInGiB": size})
        sometimes(draw, storage, definition, "ephemeralStorage")
    if not launch.fargate:
        sometimes(draw, st.sampled_from(["host", "task", "none"]), definition, "ipcMode")
        expression = "attribute:ecs.instance-type =~ m5.*"
        constraint = {"type": "memberOf", "expression": expression}
        sometimes(draw, st.just([constraint]), definition, "placementConstraints")
    if launch.network == "awsvpc":
        sometimes(draw, booleans, definition, "enableFaultInjection")


def add_sidecars(draw, launch: Launch, definition: dict[str, Any]) -> None:
    """Add a log router or a proxy beside the other containers."""
    containers = definition["containerDefinitions"]
    if launch.windows:
        return
    if rarely(draw, 6):
        router = {"name": "log-router", "image": "fluent-bit", "memory": 6, "cpu": 0}
        kind = draw(st.sampled_from(["fluentbit", "fluentd"]))
        containers.append(router | {"firelensConfiguration": {"type": kind}})
        containers[0]["logConfiguration"] = {
            "logDriver": "awsfirelens",
            "options": {"Name": "null"},
        }
    if launch.network == "awsvpc" and rarely(draw, 6):
        containers.append({"name": "envoy", "image": "envoy", "memory": 6, "cpu": 0})
        properties = {
            "IgnoredUID": "1337",
            "ProxyIngressPort": "15000",
            "ProxyEgressPort": "15001",
            "AppPorts": "8080",
            "EgressIgnoredIPs": "169.254.170.2",
        }
        definition["proxyConfiguration"] = {
            "type": "APPMESH",
            "containerName": "envoy",
            "properties": [{"name": k, "value": v} for k, v in properties.items()],
        }


@st.composite
def task_definitions(draw) -> dict[str, Any]:
    """Parameters of RegisterTaskDefinition that break no rule."""
    launch = draw(st.sampled_from(LAUNCHES))
    definition: dict[str, Any] = {"family": draw(st.sampled_from(["web", "Web_1-x", "f" * 255]))}
    if launch.network is not None:
        definition["networkMode"] = launch.network
    if launch.compatibilities is not None:
        definition["requiresCompatibilities"] = list(launch.compatibilities)
    sometimes(draw, st.just(TASK_ROLE), definition, "taskRoleArn")
    if execution_role := draw(booleans):
        definition["executionRoleArn"] = EXECUTION_ROLE
    cpu, memory = add_sizes(draw, launch, definition)
    free = {"tcp": list(range(8000, 8500, 10)), "udp": list(range(8000, 8500, 10))}
    containers = [
        draw(plain_containers(launch, name, execution_role=execution_role))
        for name in draw(st.lists(names, min_size=1, max_size=4, unique=True))
    ]
    least = draw(st.integers(0, len(containers) - 1))
    for number, container in enumerate(containers):
        sometimes(draw, booleans if number != least else st.just(True), container, "essential")
        if launch.network != "none":
            sometimes(draw, port_mappings(launch, free), container, "portMappings")
        if not launch.fargate:
            add_what_ec2_alone_takes(draw, launch, container)
    connect(draw, launch, containers)
    definition["containerDefinitions"] = draw(st.permutations(containers))
    add_sidecars(draw, launch, definition)
    divide(draw, containers, cpu, None if memory is None else memory - 12)
    mount(draw, launch, definition)
    add_task_members(draw, launch, definition)
    return definition
