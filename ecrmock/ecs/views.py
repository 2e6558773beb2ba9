"""Tasks and container instances by the service's own member names.

Stands on this floor because the replies of the API and the events on the bus share it. Views copy:
what they return shares nothing with the state but what never changes.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.ecs.state import Container, Instance, Interface, Task

Json = dict[str, Any]

_AGENT: Final = "ExecuteCommandAgent"
_TIMES: Final = {
    "connectivityAt": "connected_at",
    "pullStartedAt": "pull_started_at",
    "pullStoppedAt": "pull_stopped_at",
    "startedAt": "started_at",
    "executionStoppedAt": "execution_stopped_at",
    "stoppingAt": "stopping_at",
    "stoppedAt": "stopped_at",
}
_OPTIONAL_OF_A_CONTAINER: Final = {
    "imageDigest": "image_digest",
    "runtimeId": "runtime_id",
    "reason": "reason",
}
_OPTIONAL: Final = {
    "availabilityZone": "availability_zone",
    "capacityProviderName": "capacity_provider",
    "cpu": "cpu",
    "memory": "memory",
    "platformVersion": "platform_version",
    "startedBy": "started_by",
    "stopCode": "stop_code",
    "stoppedReason": "stopped_reason",
}


def task(found: Task, cluster_arn: str) -> Json:
    """Show what the API and the events have in common. Source: ECS API reference, Task."""
    shown: Json = {
        "attachments": attachments(found),
        "attributes": [{"name": "ecs.cpu-architecture", "value": found.architecture}],
        "clusterArn": cluster_arn,
        "containers": [container(found, one) for one in found.containers],
        "createdAt": found.created_at,
        "desiredStatus": found.desired_status,
        "enableExecuteCommand": found.is_exec_enabled,
        "group": found.group,
        "launchType": found.launch_type,
        "lastStatus": found.last_status,
        "overrides": overrides(found),
        "taskArn": found.arn,
        "taskDefinitionArn": found.definition.arn,
        "version": found.version,
    }
    for members in (_OPTIONAL, _TIMES):
        for member, attribute in members.items():
            value = getattr(found, attribute)
            if value is not None:
                shown[member] = value
    if found.connected_at is not None:
        shown["connectivity"] = "CONNECTED"
    if found.instance_id is not None:
        base, _, _ = cluster_arn.rpartition(":cluster/")
        at = f"{base}:container-instance/{found.cluster}/{found.instance_id}"
        shown["containerInstanceArn"] = at
    if found.ephemeral_gib is not None:
        shown["ephemeralStorage"] = {"sizeInGiB": found.ephemeral_gib}
    return shown


def container(of: Task, found: Container) -> Json:
    """Show a container. Source: ECS API reference, Container."""
    given = next(c for c in of.definition.containers if c["name"] == found.name)
    override: Json = next(
        (o for o in of.overrides.get("containerOverrides", ()) if o.get("name") == found.name), {}
    )
    shown: Json = {"containerArn": _container_arn(of, found)}
    if found.exit_code is not None:
        shown["exitCode"] = found.exit_code
    shown |= {"lastStatus": found.last_status, "name": found.name, "image": found.image}
    for member, attribute in _OPTIONAL_OF_A_CONTAINER.items():
        value = getattr(found, attribute)
        if value is not None:
            shown[member] = value
    shown |= {
        "taskArn": of.arn,
        "networkInterfaces": _interfaces(of),
        "cpu": str(override.get("cpu", given["cpu"])),
    }
    if of.path in ("ec2", "external"):
        shown["networkBindings"] = copy.deepcopy(found.ports)
    for member in ("memory", "memoryReservation"):
        value = override.get(member, given.get(member))
        if value is not None:
            shown[member] = str(value)
    if found.gpus:
        shown["gpuIds"] = list(found.gpus)
    if of.is_exec_enabled:
        shown["managedAgents"] = [_managed_agent(found)]
    return shown


def overrides(of: Task) -> Json:
    """Show the overrides: every container stands there, with what was given for it."""
    given = {one.get("name"): one for one in of.overrides.get("containerOverrides", ())}
    shown: Json = {
        "containerOverrides": [
            copy.deepcopy(given.get(one.name)) or {"name": one.name} for one in of.containers
        ],
        "inferenceAcceleratorOverrides": [],
    }
    for member, value in of.overrides.items():
        if member not in shown:
            shown[member] = copy.deepcopy(value)
    return shown


def attachments(of: Task) -> list[Json]:
    """Show the network interface and the volume of a task."""
    shown = []
    if of.interface is not None:
        entry = {
            "id": of.interface.id,
            "type": "ElasticNetworkInterface",
            "status": of.interface.status,
            "details": _details(of.interface),
        }
        shown.append(entry)
    if of.volume is not None:
        shown.append(copy.deepcopy(of.volume))
    return shown


def instance(found: Instance, *, whole: bool = True) -> Json:
    """Show a container instance. Source: ECS API reference, ContainerInstance.

    Args:
        found: which one.
        whole: resources with all value members, as the API shows them; an event has one each.
    """
    shown: Json = {
        "containerInstanceArn": found.arn,
        "ec2InstanceId": found.ec2_instance_id,
        "version": found.version,
        "versionInfo": {
            "agentVersion": found.agent_version,
            **({"agentHash": found.agent_hash} if found.agent_hash else {}),
            "dockerVersion": found.docker_version,
        },
        "remainingResources": remaining_resources(found, whole=whole),
        "registeredResources": registered_resources(found, whole=whole),
        "status": found.status,
        "agentConnected": found.agent_connected,
        "attributes": _attributes(found),
    }
    return shown


def registered_resources(found: Instance, *, whole: bool) -> list[Json]:
    """Show what an instance has: a list that is made once, and never changed."""
    shown = found.shown_resources.get(whole)
    if shown is None:
        amounts = {"CPU": found.cpu, "MEMORY": found.memory}
        sets = {"PORTS": found.reserved_ports, "PORTS_UDP": found.reserved_udp_ports}
        shown = _resources(amounts, {**sets, "GPU": found.gpu_ids or None}, whole=whole)
        found.shown_resources[whole] = shown
    return shown


def remaining_resources(found: Instance, *, whole: bool) -> list[Json]:
    """Show what is left of an instance; its ports are those that are taken."""
    amounts = {"CPU": found.free_cpu, "MEMORY": found.free_memory}
    sets = {
        "PORTS": (*found.reserved_ports, *found.used_ports),
        "PORTS_UDP": (*found.reserved_udp_ports, *found.used_udp_ports),
    }
    return _resources(
        amounts, {**sets, "GPU": found.free_gpus if found.gpu_ids else None}, whole=whole
    )


def health(of: Task) -> str:
    """Roll the health of the essential containers up. Source: ECS API reference, Task."""
    essential = {c["name"] for c in of.definition.containers if c["essential"]}
    found = {one.health for one in of.containers if one.name in essential}
    for worst in ("UNHEALTHY", "UNKNOWN"):
        if worst in found:
            return worst
    return "HEALTHY"


def _container_arn(of: Task, found: Container) -> str:
    base, _, _ = of.arn.partition(":task/")
    return f"{base}:container/{of.cluster}/{of.id}/{found.id}"


def _interfaces(of: Task) -> list[Json]:
    interface = of.interface
    if interface is None or not interface.address:
        return []
    return [{"attachmentId": interface.id, "privateIpv4Address": interface.address}]


def _details(interface: Interface) -> list[Json]:
    known = {
        "subnetId": interface.subnet_id,
        "networkInterfaceId": interface.interface_id,
        "macAddress": interface.mac_address,
        "privateDnsName": interface.private_dns_name,
        "privateIPv4Address": interface.address,
    }
    return [{"name": name, "value": value} for name, value in known.items() if value]


def _managed_agent(found: Container) -> Json:
    shown: Json = {"name": _AGENT, "lastStatus": found.last_status}
    if found.started_at is not None:
        shown["lastStartedAt"] = found.started_at
    return shown


def _attributes(found: Instance) -> list[Json]:
    """Show attributes: a list that is made anew when they change, and never changed itself."""
    if found.shown_attributes is None:
        found.shown_attributes = [
            {"name": name} if value is None else {"name": name, "value": value}
            for name, value in found.attributes.items()
        ]
    return found.shown_attributes


def _resources(
    amounts: Mapping[str, int], sets: Mapping[str, Sequence[str] | None], *, whole: bool
) -> list[Json]:
    """Show resources, as the API does, which has every value member, or as events do.

    A set that is None is one that the instance does not have.
    """
    zeros = _ZEROS if whole else {}
    shown: list[Json] = [
        {"name": name, "type": "INTEGER", **zeros, "integerValue": amount}
        for name, amount in amounts.items()
    ]
    if whole:
        zeros = {**_ZEROS, "integerValue": 0}
    shown.extend(
        {"name": name, "type": "STRINGSET", **zeros, "stringSetValue": list(values)}
        for name, values in sets.items()
        if values is not None
    )
    return shown


_ZEROS: Final[Json] = {"doubleValue": 0.0, "longValue": 0}


def iso(moment: datetime) -> str:
    """Return a UTC moment as events write it: milliseconds without zeros behind them."""
    text = moment.isoformat(timespec="milliseconds").removesuffix("+00:00")
    return text.rstrip("0").removesuffix(".") + "Z"
