"""What one account holds in one region."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from ecrmock.core.sorted_map import SortedMap

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.ecs.placement import Refusal
    from ecrmock.iam.decide import Decision

ClusterStatus = Literal["ACTIVE", "INACTIVE"]
TaskDefinitionStatus = Literal["ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"]
InstanceStatus = Literal["ACTIVE", "DRAINING", "INACTIVE"]
DesiredStatus = Literal["RUNNING", "STOPPED"]
LaunchType = Literal["EC2", "FARGATE", "EXTERNAL"]
Health = Literal["HEALTHY", "UNHEALTHY", "UNKNOWN"]
Json = dict[str, Any]


@dataclass(slots=True, frozen=True)
class StrategyItem:
    """One part of a capacity provider strategy."""

    provider: str
    weight: int = 0
    base: int = 0


# ------------------------------------------------------------------------- task definitions


@dataclass(slots=True)
class Family:
    """The revisions of one task definition."""

    name: str
    last_revision: int = 0
    """Numbers are never used again."""
    active: list[int] = field(default_factory=list)
    """The revisions that are ACTIVE, ascending."""


@dataclass(slots=True)
class TaskDefinition:
    """One revision."""

    family: str
    revision: int
    arn: str
    document: Json
    """As it was registered, with defaults, by the service's own member names."""
    required_attributes: tuple[str, ...]
    compatibilities: tuple[str, ...]
    registered_at: datetime
    registered_by: str
    status: TaskDefinitionStatus = "ACTIVE"
    deregistered_at: datetime | None = None
    delete_requested_at: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)
    task_count: int = 0
    """Tasks made of it that have not stopped."""

    @property
    def key(self) -> tuple[str, int]:
        """Its family and its revision."""
        return (self.family, self.revision)

    @property
    def containers(self) -> list[Json]:
        """The container definitions."""
        found: list[Json] = self.document["containerDefinitions"]
        return found

    @property
    def network_mode(self) -> str:
        """The network mode; `bridge` when none is said. Source: ECS API reference."""
        return str(self.document.get("networkMode", "bridge"))


# ------------------------------------------------------------------------------------- tasks


@dataclass(slots=True)
class Container:
    """A container of a task."""

    name: str
    id: str
    image: str
    last_status: Literal["PENDING", "RUNNING", "STOPPED"] = "PENDING"
    image_digest: str | None = None
    runtime_id: str | None = None
    exit_code: int | None = None
    reason: str | None = None
    health: Health = "UNKNOWN"
    is_judged: bool = False
    """Whether its health has been told since it started."""
    started_at: datetime | None = None
    """When it last started; a restart counts."""
    is_starting: bool = False
    """Whether its start is on the way."""
    starts: int = 0
    """How often it started, so that what was to happen after an earlier start can be told."""
    is_signalled: bool = False
    """Whether it was told to stop."""
    script: Script | None = None
    """What a test wants it to do."""
    ports: list[Json] = field(default_factory=list)
    """Its network bindings, by the service's own member names."""
    gpus: tuple[str, ...] = ()


@dataclass(slots=True)
class Interface:
    """The elastic network interface of a task."""

    id: str
    """Of the attachment."""
    subnet_id: str
    status: str = "PRECREATED"
    interface_id: str = ""
    mac_address: str = ""
    address: str = ""
    private_dns_name: str = ""


@dataclass(slots=True)
class Task:
    """A running copy of a task definition."""

    seq: int
    """The place in the order in which tasks were made."""
    id: str
    arn: str
    cluster: str
    definition: TaskDefinition
    """The revision that it was made of, which stays with it when it is deleted."""
    path: str
    """Which table of stages it goes through."""
    launch_type: LaunchType
    group: str
    created_at: datetime
    containers: list[Container]
    overrides: Json
    cpu: str | None
    memory: str | None
    availability_zone: str
    architecture: str
    last_status: str = "PENDING"
    desired_status: DesiredStatus = "RUNNING"
    version: int = 1
    is_abandoned: bool = False
    """Whether its instance is gone, so that nobody reports its containers."""
    generation: int = 0
    """Goes up when the way that lies ahead changes, so that what was on it can be told."""
    capacity_provider: str | None = None
    platform_version: str | None = None
    platform_family: str | None = None
    ephemeral_gib: int | None = None
    instance_id: str | None = None
    interface: Interface | None = None
    volume: Json | None = None
    """Its EBS volume, as an attachment."""
    started_by: str | None = None
    execution_role_arn: str | None = None
    task_role_arn: str | None = None
    is_exec_enabled: bool = False
    connected_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    held: Held | None = None
    """What it takes of its container instance."""
    assumed: list[str] = field(default_factory=list)
    """What was taken to exist for it of which the world has never heard."""
    denial: Decision | None = None
    """Why its image could not be pulled, where that is a matter of permissions."""
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Script:
    """What a test wants a container to do in one run."""

    exit_code: int | None = None
    after_ms: int | None = None
    """How long after it started; None for at once."""
    health: Health | None = None
    fail_to_start: str | None = None
    is_oom: bool = False

    @property
    def says_something(self) -> bool:
        """Whether it wants anything but what all containers do."""
        given = (self.exit_code, self.health, self.fail_to_start)
        return self.is_oom or any(value is not None for value in given)


# --------------------------------------------------------------------------------- instances


@dataclass(slots=True, frozen=True)
class Held:
    """What a task takes of a container instance."""

    cpu: int = 0
    memory: int = 0
    ports: tuple[str, ...] = ()
    udp_ports: tuple[str, ...] = ()
    interfaces: int = 0
    gpus_by_container: tuple[int, ...] = ()

    @property
    def gpus(self) -> int:
        """How many GPUs all containers take together."""
        return sum(self.gpus_by_container)


@dataclass(slots=True)
class Instance:
    """A container instance: what it registered, and what is left of it."""

    seq: int
    id: str
    arn: str
    cluster: str
    ec2_instance_id: str
    registered_at: datetime
    agent_version: str
    agent_hash: str
    docker_version: str
    role_arn: str | None
    """Whose permissions the agent has; None for those of an administrator."""
    cpu: int
    memory: int
    reserved_ports: tuple[str, ...]
    reserved_udp_ports: tuple[str, ...]
    gpu_ids: tuple[str, ...]
    max_interfaces: int
    attributes: dict[str, str | None]
    custom_attributes: set[str] = field(default_factory=set)
    """The names of those that PutAttributes gave."""
    is_external: bool = False
    profile: int | None = None
    """A number that instances share whose attributes are the same; None until it is asked for."""
    shown_attributes: list[Json] | None = None
    """The attributes as they are shown; None until they are asked for."""
    shown_resources: dict[bool, list[Json]] = field(default_factory=dict)
    """What it has as it is shown, with all value members or without."""
    filed_as: Any = None
    """Where it stands in `Cluster.alike`."""
    status: InstanceStatus = "ACTIVE"
    agent_connected: bool = True
    agent_update_status: str | None = None
    version: int = 1
    free_cpu: int = 0
    free_memory: int = 0
    used_ports: list[str] = field(default_factory=list)
    used_udp_ports: list[str] = field(default_factory=list)
    free_gpus: list[str] = field(default_factory=list)
    interfaces: int = 0
    """How many network interfaces tasks have."""
    next_port: int = 0
    """The host port that the next mapping gets which names none."""
    tasks: dict[str, None] = field(default_factory=dict)
    """The ids of its tasks that have not stopped, in the order in which they were placed."""
    groups: Counter[str] = field(default_factory=Counter)
    """How many tasks of each group it runs; those that are stopping do not count."""
    running_count: int = 0
    pending_count: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def running_tasks_count(self) -> int:
        """What the cluster query language calls `runningTasksCount`."""
        return self.running_count

    @property
    def task_groups(self) -> Counter[str]:
        """What the cluster query language calls `task:group`."""
        return self.groups


# ---------------------------------------------------------------------------------- clusters


@dataclass(slots=True)
class Counts:
    """How many tasks of a cluster are where. Tasks with a stopped desire still count."""

    running: Counter[str] = field(default_factory=Counter)
    """By launch type."""
    pending: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Cluster:
    """A named group of services, tasks and instances."""

    seq: int
    """The place in the order in which clusters were made."""
    name: str
    arn: str
    status: ClusterStatus = "ACTIVE"
    insights: str = "disabled"
    """The value of the setting `containerInsights`."""
    configuration: Json | None = None
    """As it was given, by the service's own member names."""
    providers: tuple[str, ...] = ()
    default_strategy: tuple[StrategyItem, ...] = ()
    namespace_arn: str | None = None
    """The Cloud Map namespace that Service Connect uses by default."""
    tags: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    """By id; stopped ones stay for an hour."""
    wanted: SortedMap[int, Task] = field(default_factory=SortedMap)
    """The tasks whose desired status is RUNNING, in the order in which they were made."""
    unwanted: SortedMap[int, Task] = field(default_factory=SortedMap)
    """The tasks whose desired status is STOPPED, in that order."""
    counts: Counts = field(default_factory=Counts)
    instances: dict[str, Instance] = field(default_factory=dict)
    """By id; those that were deregistered stay for an hour, INACTIVE."""
    instance_order: SortedMap[int, Instance] = field(default_factory=SortedMap)
    """The instances that are not INACTIVE, in the order in which they were made."""
    alike: dict[Any, list[int]] = field(default_factory=dict)
    """Instances that are alike in all that placement asks of them, by what that is."""
    profiles: dict[Any, int] = field(default_factory=dict)
    """Numbers for what instances are."""
    run_tokens: dict[str, RunToken] = field(default_factory=dict)
    """What RunTask made for a client token."""


@dataclass(slots=True, frozen=True)
class RunToken:
    """What one client token stood for."""

    request: str
    task_ids: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    made_ms: int


@dataclass(slots=True)
class Region:
    """Amazon ECS of one account in one region."""

    account_id: str
    name: str
    clusters: dict[str, Cluster] = field(default_factory=dict)
    """By name; clusters that were deleted stay, INACTIVE."""
    cluster_order: SortedMap[int, str] = field(default_factory=SortedMap)
    """The names of the clusters that are not INACTIVE, in the order in which they were made."""
    next_seq: int = 0
    next_address: int = 0
    """How many private addresses tasks have had."""
    namespaces: dict[str, str] = field(default_factory=dict)
    """Cloud Map namespaces that clusters brought about: name to ARN."""
    families: SortedMap[str, Family] = field(default_factory=SortedMap)
    task_definitions: SortedMap[tuple[str, int], TaskDefinition] = field(default_factory=SortedMap)
    """All revisions that are not gone, by family and revision."""
