"""Making tasks of a task definition: containers, network, what they hold, and the first event."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import arn
from ecrmock.ecs import accounting, events, identifiers, launch_rules, placement, stages
from ecrmock.ecs.state import Container, Held, Interface, Task
from ecrmock.ecs.task_rules.rule import read_size

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Instance, TaskDefinition

Json = dict[str, Any]

EPHEMERAL_GIB: Final = 20
"""What a task on Fargate has when it asks for nothing. Source: ECS API reference."""
_ZONES: Final = "abc"
_ARCHITECTURE: Final = "ecs.cpu-architecture"
_FIXED_PORTS: Final = ("bridge", "host")


@dataclass(frozen=True)
class Launch:
    """What RunTask and StartTask ask of every task that they make.

    Attributes:
        definition: what it is a copy of.
        overrides: as they were given, by the service's own member names.
        network: the `awsvpcConfiguration` as it was given.
        group: the task group.
        can_assume: tells whether ECS may assume a role for the task.
        started_by: what the caller says of itself.
        platform_version: of Fargate, as it was given.
        is_exec_enabled: whether commands can be run in it.
        tags: resource tags.
        volumes: configurations of volumes, as they were given.
    """

    definition: TaskDefinition
    overrides: Json
    network: Json | None
    group: str
    can_assume: Callable[[str], bool]
    started_by: str | None = None
    platform_version: str | None = None
    is_exec_enabled: bool = False
    tags: tuple[tuple[str, str], ...] = ()
    volumes: tuple[Json, ...] = ()

    @property
    def execution_role(self) -> str | None:
        """The ARN of the role that pulls images and writes logs."""
        return self._role("executionRoleArn")

    @property
    def task_role(self) -> str | None:
        """The ARN of the role that the containers have."""
        return self._role("taskRoleArn")

    @cached_property
    def container_overrides(self) -> dict[str, Json]:
        """The overrides of containers, by their names."""
        return {one["name"]: one for one in self.overrides.get("containerOverrides", ())}

    def _role(self, member: str) -> str | None:
        found: str | None = self.overrides.get(member) or self.definition.document.get(member)
        _, partition, _, _, account_id, _ = self.definition.arn.split(":", 5)
        return None if found is None else arn.of_role(found, partition, account_id)

    def of_container(self, container: Json, member: str) -> Any:
        """Return a member of a container, as it is overridden or else defined."""
        override = self.container_overrides.get(container["name"], {})
        return override.get(member, container.get(member))


def held(launch: Launch) -> Held:
    """Return what a task takes of an instance.

    Source: ECS API reference, ContainerDefinition, cpu and memoryReservation.
    """
    containers = launch.definition.containers
    cpu, memory = (_size(launch, kind) for kind in ("cpu", "memory"))
    if cpu is None:
        cpu = sum(launch.of_container(one, "cpu") or 0 for one in containers)
    if memory is None:
        memory = sum(
            launch.of_container(one, "memoryReservation") or launch.of_container(one, "memory") or 0
            for one in containers
        )
    ports: dict[str, list[str]] = {"tcp": [], "udp": []}
    if launch.definition.network_mode in _FIXED_PORTS:
        for one in containers:
            for entry in one["portMappings"]:
                if entry.get("hostPort"):
                    ports[entry["protocol"]].append(str(entry["hostPort"]))
    return Held(
        cpu=cpu,
        memory=memory,
        ports=tuple(ports["tcp"]),
        udp_ports=tuple(ports["udp"]),
        interfaces=1 if launch.definition.network_mode == "awsvpc" else 0,
        gpus_by_container=tuple(_gpus(launch, one) for one in containers),
    )


def make(
    site: Site,
    cluster: Cluster,
    launch: Launch,
    kind: str,
    instance: Instance | None,
    *,
    held: Held | None = None,
    provider: str | None = None,
) -> Task:
    """Make a task, take what it needs of its instance, tell of both, and set it on its way."""
    definition = launch.definition
    task_id = site.core.ids.hex(32)
    path = _path(kind, definition)
    subnet = _subnet(cluster, launch, instance)
    task = Task(
        seq=site.region.next_seq,
        id=task_id,
        arn=f"{identifiers.arn_of(site.region, 'task')}/{cluster.name}/{task_id}",
        cluster=cluster.name,
        definition=definition,
        path=path,
        launch_type=kind,  # type: ignore[arg-type]  # one of the three, by now
        group=launch.group,
        created_at=site.now,
        containers=[_container(site, launch, one) for one in definition.containers],
        overrides=copy.deepcopy(launch.overrides),
        availability_zone=_zone(site, cluster, subnet, instance),
        architecture=_architecture(definition, instance),
        last_status=stages.FIRST_STATUS[path],
        capacity_provider=provider,
        started_by=launch.started_by,
        execution_role_arn=launch.execution_role,
        task_role_arn=launch.task_role,
        is_exec_enabled=launch.is_exec_enabled,
        tags=dict(launch.tags),
        cpu=_shown_size(launch, instance, "cpu"),
        memory=_shown_size(launch, instance, "memory"),
    )
    _equip(site, launch, task, instance, subnet)
    site.region.next_seq += 1
    definition.task_count += 1
    cluster.tasks[task.id] = task
    cluster.wanted.add(task.seq, task)
    if instance is not None and held is not None:
        accounting.reserve(site, instance, task, held)
    stages.tally(site, task, 1)
    events.publish_task(site, task)
    stages.next_stage(site, task, stages.START[path], "")
    return task


def _equip(
    site: Site, launch: Launch, task: Task, instance: Instance | None, subnet: str | None
) -> None:
    """Give a task its network interface, its volume, and what Fargate or its agent says of it."""
    if subnet is not None:
        task.interface = Interface(site.core.ids.uuid(), subnet)
    if launch.volumes:
        task.volume = _volume(site, launch.volumes[0])
    if instance is None:
        task.platform_version = launch_rules.platform_of(launch)
        task.platform_family = launch_rules.platform_family(launch)
        task.ephemeral_gib = _ephemeral(launch)
    else:
        task.connected_at = task.created_at  # the agent is, or it would not have been chosen


def _path(kind: str, definition: TaskDefinition) -> str:
    if kind == "FARGATE":
        return "fargate"
    if kind == "EXTERNAL":
        return "external"
    return "awsvpc" if definition.network_mode == "awsvpc" else "ec2"


def _container(site: Site, launch: Launch, given: Json) -> Container:
    script = site.scripts.next_for(launch.definition, given)
    return Container(given["name"], site.core.ids.uuid(), given["image"], script=script)


def _shown_size(launch: Launch, instance: Instance | None, kind: str) -> str | None:
    """Return the CPU or the memory that a task shows. Source: captured tasks."""
    size = _size(launch, kind)
    if size is None and instance is not None:
        size = sum(_container_size(launch, one, kind) for one in launch.definition.containers)
    return None if size is None else str(size)


def _container_size(launch: Launch, container: Json, kind: str) -> int:
    size = launch.of_container(container, kind)
    if size is None and kind == "memory":
        size = launch.of_container(container, "memoryReservation")
    return int(size or 0)


def _size(launch: Launch, kind: str) -> int | None:
    text = launch.overrides.get(kind, launch.definition.document.get(kind))
    return None if text is None else read_size(kind, text)


def _gpus(launch: Launch, container: Json) -> int:
    wanted = launch.of_container(container, "resourceRequirements") or ()
    return sum(int(entry["value"]) for entry in wanted if entry["type"] == "GPU")


def _ephemeral(launch: Launch) -> int:
    given = launch.overrides.get("ephemeralStorage") or launch.definition.document.get(
        "ephemeralStorage", {}
    )
    return int(given.get("sizeInGiB", EPHEMERAL_GIB))


def _subnet(cluster: Cluster, launch: Launch, instance: Instance | None) -> str | None:
    """Return the subnet of a task's interface: they take turns, those of an instance's zone."""
    if launch.network is None:
        return None
    subnets: Sequence[str] = launch.network["subnets"]
    zone = None if instance is None else instance.attributes.get(placement.ZONE)
    if zone:
        subnets = placement.subnets_in(cluster, subnets, zone)
    return subnets[len(cluster.tasks) % len(subnets)]


def _zone(site: Site, cluster: Cluster, subnet: str | None, instance: Instance | None) -> str:
    """Return the zone of a task. Assumed: on Fargate the name of an unknown subnet decides."""
    if instance is not None:
        return instance.attributes.get(placement.ZONE) or ""
    name = subnet or ""
    known = placement.zone_of(cluster, name)
    return known or site.region.name + _ZONES[zlib.crc32(name.encode()) % len(_ZONES)]


def _architecture(definition: TaskDefinition, instance: Instance | None) -> str:
    if instance is not None:
        return instance.attributes.get(_ARCHITECTURE) or "x86_64"
    given = definition.document.get("runtimePlatform", {})
    return str(given.get("cpuArchitecture", "X86_64")).lower()


def _volume(site: Site, given: Json) -> Json:
    """Return the attachment of an EBS volume. Source: captured tasks."""
    ebs = given.get("managedEBSVolume", {})
    ends = ebs.get("terminationPolicy", {}).get("deleteOnTermination", True)
    details = {
        "roleArn": ebs.get("roleArn", ""),
        "volumeName": given["name"],
        "deleteOnTermination": str(bool(ends)).lower(),
        "volumeId": f"vol-0{site.core.ids.hex(16)}",
    }
    return {
        "id": site.core.ids.uuid(),
        "type": "AmazonElasticBlockStorage",
        "status": "CREATED",
        "details": [{"name": name, "value": value} for name, value in details.items()],
    }
