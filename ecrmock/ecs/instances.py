"""Container instances: registering, finding, listing, draining and deregistering them.

Source: ECS API reference. Assumed: AWS's own attributes cannot be put or deleted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.ecs import accounting, agent, events, identifiers, stopping, tagging
from ecrmock.ecs.errors import (
    AttributeLimitExceededException,
    ClientException,
    InvalidParameterException,
    NoUpdateAvailableException,
    TargetNotFoundException,
    UpdateInProgressException,
)
from ecrmock.ecs.state import Instance

if TYPE_CHECKING:
    from ecrmock.ecs.query_language import Expression
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, InstanceStatus, Region

MAX_CUSTOM_ATTRIBUTES: Final = 10
"""Source: ECS API reference, PutAttributes."""
_NAME: Final = re.compile(r"[A-Za-z0-9_./\\-]{1,128}")
_VALUE: Final = re.compile(r"(?! )[A-Za-z0-9_.@/\\: -]{1,128}(?<! )")
STATUSES: Final = ("ACTIVE", "DRAINING")
_OWN: Final = ("ecs.", "com.amazonaws.ecs.")
_INSTANCE_TYPE: Final = "ecs.instance-type"
_DEFAULT_INTERFACES: Final = 2
"""Assumed: of an instance whose type does not say."""
_UPDATE_S: Final = 60
"""Assumed: how long the update of an agent takes."""
_SHOWN_S: Final = 3600
"""How long a deregistered instance is shown. Source: ECS API reference, ContainerInstance."""


@dataclass(slots=True, frozen=True)
class Registration:
    """What an agent tells of its instance.

    Attributes:
        identity: the identity document of the EC2 instance; empty for one that is elsewhere.
        agent_version: of the agent.
        docker_version: as `versionInfo` has it.
        agent_hash: the same.
        cpu: units.
        memory: MiB.
        ports: TCP ports that are taken from the start.
        udp_ports: the same for UDP.
        gpu_ids: the GPUs.
        max_interfaces: network interfaces that tasks can have.
        attributes: by name; those without a value have None.
        role_arn: whose permissions the agent has.
        resource_tags: its tags.
    """

    identity: dict[str, Any]
    agent_version: str
    docker_version: str
    agent_hash: str
    cpu: int
    memory: int
    ports: tuple[str, ...]
    udp_ports: tuple[str, ...]
    gpu_ids: tuple[str, ...]
    attributes: dict[str, str | None]
    role_arn: str | None
    resource_tags: tuple[tuple[str, str], ...] = ()
    max_interfaces: int = _DEFAULT_INTERFACES


class Attribute(NamedTuple):
    """An attribute of an instance."""

    name: str
    value: str | None
    target_id: str


def read_identity(text: str) -> dict[str, Any]:
    """Read an instance identity document.

    Raises:
        ClientException: it is no JSON object. Assumed: the text.

    Source: EC2 user guide, instance identity documents.
    """
    if not text:
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ClientException("Instance identity document is not valid.")
    return found


def register(site: Site, cluster: Cluster, told: Registration) -> Instance:
    """Add an instance to a cluster. Source: ECS API reference, RegisterContainerInstance."""
    tagging.check({}, told.resource_tags)
    ids = site.core.ids
    instance_id = ids.hex(32)
    ec2_id = str(told.identity.get("instanceId") or f"mi-0{ids.hex(16)}")
    instance = Instance(
        seq=site.region.next_seq,
        id=instance_id,
        arn=f"{identifiers.arn_of(site.region, 'container-instance')}/{cluster.name}/{instance_id}",
        cluster=cluster.name,
        ec2_instance_id=ec2_id,
        registered_at=site.now,
        agent_version=told.agent_version,
        agent_hash=told.agent_hash,
        docker_version=told.docker_version,
        role_arn=told.role_arn,
        cpu=told.cpu,
        memory=told.memory,
        reserved_ports=told.ports,
        reserved_udp_ports=told.udp_ports,
        gpu_ids=told.gpu_ids,
        max_interfaces=told.max_interfaces,
        attributes={**told.attributes, **_server_attributes(told.identity)},
        custom_attributes={name for name in told.attributes if not name.startswith(_OWN)},
        is_external=not told.identity,
        free_cpu=told.cpu,
        free_memory=told.memory,
        free_gpus=sorted(told.gpu_ids),
        tags=dict(told.resource_tags),
    )
    site.region.next_seq += 1
    cluster.instances[instance.id] = instance
    cluster.instance_order.add(instance.seq, instance)
    accounting.refile(cluster, instance)
    events.announce_instance(site, instance)
    return instance


def register_again(
    site: Site, cluster: Cluster, instance: Instance, told: Registration
) -> Instance:
    """Take what an agent that has started anew tells of its instance.

    Raises:
        ClientException: it is an instance of another type, or was deregistered.
    """
    _check_active(instance)
    given = _server_attributes(told.identity).get(_INSTANCE_TYPE)
    if given is not None and given != instance.attributes.get(_INSTANCE_TYPE, given):
        raise ClientException("Container instance type changes are not supported.")
    server = _server_attributes(told.identity)
    instance.attributes = {**instance.attributes, **told.attributes, **server}
    instance.agent_version = told.agent_version
    instance.agent_hash, instance.docker_version = told.agent_hash, told.docker_version
    instance.agent_connected = True
    _changed(site, cluster, instance)
    return instance


def _server_attributes(identity: dict[str, Any]) -> dict[str, str | None]:
    """Return what ECS itself knows of an EC2 instance. Source: captured instances."""
    told = {
        "ecs.availability-zone": identity.get("availabilityZone"),
        _INSTANCE_TYPE: identity.get("instanceType"),
        "ecs.ami-id": identity.get("imageId"),
        "ecs.cpu-architecture": identity.get("architecture"),
    }
    return {name: str(value) for name, value in told.items() if value}


def _check_active(instance: Instance) -> None:
    """Refuse an instance that was deregistered. Assumed: the error and its text."""
    if instance.status == "INACTIVE":
        raise ClientException("The referenced container instance was inactive.")


def find(region: Region, cluster: Cluster, given: str) -> Instance | None:
    """Return an instance by id or ARN, INACTIVE ones too; None when there is none.

    Raises:
        InvalidParameterException: *given* is malformed or of another cluster.
    """
    found = identifiers.member_id(region, cluster.name, given, "container-instance")
    return cluster.instances.get(found)


def get(region: Region, cluster: Cluster, given: str) -> Instance:
    """Return an instance by id or ARN, INACTIVE ones too.

    Raises:
        InvalidParameterException: there is none, or *given* is malformed. Assumed: the code and
            the text.
    """
    found = find(region, cluster, given)
    if found is None:
        raise InvalidParameterException("The referenced container instance was not found.")
    return found


def walk(
    cluster: Cluster, after: int | None, *, status: str | None, query: Expression | None
) -> Iterator[Instance]:
    """Walk the instances that are not INACTIVE as they registered, beginning behind *after*."""
    for _, instance in cluster.instance_order.items_after(after):
        if status is not None and instance.status != status:
            continue
        if query is None or query.matches(instance):
            yield instance


def set_state(site: Site, cluster: Cluster, instance: Instance, status: InstanceStatus) -> None:
    """Let an instance drain, or be ACTIVE again; tasks of their own stay as they are.

    Source: ECS API reference, UpdateContainerInstancesState.
    """
    if instance.status != status:
        instance.status = status
        _changed(site, cluster, instance)


def deregister(site: Site, cluster: Cluster, instance: Instance, *, force: bool) -> None:
    """Take an instance out of a cluster.

    Raises:
        InvalidParameterException: tasks run on it and *force* is false.

    Source: ECS API reference, DeregisterContainerInstance.
    """
    if instance.status == "INACTIVE":
        return
    running = [cluster.tasks[task_id] for task_id in instance.tasks]
    if running and not force:
        raise InvalidParameterException("Found running tasks on the instance.")
    for task in running:
        stopping.abandon(site, task, "UserInitiated", stopping.DEREGISTERED)
    instance.status = "INACTIVE"
    instance.agent_connected = False
    cluster.instance_order.pop(instance.seq)
    _changed(site, cluster, instance)
    due = site.core.clock.now_ms + _SHOWN_S * 1000
    site.core.timers.schedule_appointment("ecs.prune_instance", due, **_ids(site, instance))


def prune(site: Site, cluster_name: str, instance_id: str) -> None:
    """Forget a deregistered instance."""
    site.region.clusters[cluster_name].instances.pop(instance_id, None)


def update_agent(site: Site, cluster: Cluster, instance: Instance) -> None:
    """Begin to bring the agent of an instance up to date.

    Raises:
        ClientException: the instance was deregistered.
        NoUpdateAvailableException: its agent is.
        UpdateInProgressException: an update has begun already.

    Source: ECS API reference, UpdateContainerAgent.
    """
    _check_active(instance)
    if instance.agent_update_status == "PENDING":
        raise UpdateInProgressException("An agent update is already in progress.")
    if agent.compare(instance.agent_version, agent.LATEST) >= 0:
        raise NoUpdateAvailableException
    instance.agent_update_status = "PENDING"
    _changed(site, cluster, instance)
    due = site.core.clock.now_ms + site.core.clock.delay_ms(_UPDATE_S)
    site.core.timers.schedule_transition("ecs.agent_updated", due, **_ids(site, instance))


def _ids(site: Site, instance: Instance) -> dict[str, str]:
    return {
        "account_id": site.region.account_id,
        "region": site.region.name,
        "cluster": instance.cluster,
        "instance_id": instance.id,
    }


def agent_updated(site: Site, cluster_name: str, instance_id: str) -> None:
    """End the update of an agent: it has the latest version and what comes with it."""
    cluster = site.region.clusters[cluster_name]
    instance = cluster.instances.get(instance_id)
    if instance is None or instance.status == "INACTIVE":
        return
    instance.agent_version = agent.LATEST
    instance.agent_hash = agent.agent_hash(agent.LATEST)
    instance.agent_update_status = "UPDATED"
    for name in agent.capabilities(agent.LATEST):
        instance.attributes.setdefault(name, None)
    _changed(site, cluster, instance)


def disconnect(site: Site, instance: Instance, *, is_connected: bool) -> None:
    """Let the agent of an instance lose its connection, or find it again."""
    if instance.agent_connected != is_connected:
        instance.agent_connected = is_connected
        _changed(site, site.region.clusters[instance.cluster], instance)


# -------------------------------------------------------------------------------- attributes


def target(region: Region, cluster: Cluster, given: str | None) -> Instance:
    """Return the instance that an attribute is of.

    Raises:
        TargetNotFoundException: there is none.
        InvalidParameterException: *given* is malformed.
    """
    found = find(region, cluster, given or "") if given else None
    if found is None or found.status == "INACTIVE":
        raise TargetNotFoundException(given or "")
    return found


def put_attributes(
    site: Site, cluster: Cluster, given: Sequence[tuple[Instance, str, str | None]]
) -> None:
    """Give instances attributes of their own; all of them or none.

    Raises:
        AttributeLimitExceededException: an instance would have more than ten.
        InvalidParameterException: a name is one of AWS's own.
    """
    names: dict[str, set[str]] = {}
    for instance, name, value in given:
        _check_custom(instance, name)
        _check_form(name, value)
        names.setdefault(instance.id, set(instance.custom_attributes)).add(name)
    if any(len(found) > MAX_CUSTOM_ATTRIBUTES for found in names.values()):
        raise AttributeLimitExceededException(MAX_CUSTOM_ATTRIBUTES)
    changed = []
    for instance, name, value in given:
        if name not in instance.custom_attributes or instance.attributes[name] != value:
            instance.attributes[name] = value
            instance.custom_attributes.add(name)
            changed.append(instance)
    _all_changed(site, cluster, changed)


def delete_attributes(
    site: Site, cluster: Cluster, given: Sequence[tuple[Instance, str]]
) -> list[Attribute]:
    """Take attributes away and return those that were there.

    Raises:
        InvalidParameterException: a name is one of AWS's own.
    """
    for instance, name in given:
        _check_custom(instance, name)
    gone, changed = [], []
    for instance, name in given:
        if name in instance.custom_attributes:
            instance.custom_attributes.remove(name)
            gone.append(Attribute(name, instance.attributes.pop(name), instance.arn))
            changed.append(instance)
    _all_changed(site, cluster, changed)
    return gone


def walk_attributes(
    cluster: Cluster, after: tuple[int, str] | None, *, name: str | None, value: str | None
) -> Iterator[tuple[tuple[int, str], Attribute]]:
    """Walk the attributes of all instances, sorted within each, beginning behind *after*."""
    start = None if after is None else after[0] - 1
    for seq, instance in cluster.instance_order.items_after(start):
        for found, its_value in sorted(instance.attributes.items()):
            if after is not None and (seq, found) <= after:
                continue
            if name in (None, found) and value in (None, its_value):
                yield (seq, found), Attribute(found, its_value, instance.arn)


def _check_form(name: str, value: str | None) -> None:
    """Refuse names and values that no attribute has. Assumed: the texts.

    Source: ECS API reference, Attribute.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidParameterException(f"The attribute name {name!r} is not valid.")
    if value is not None and _VALUE.fullmatch(value) is None:
        raise InvalidParameterException(f"The attribute value {value!r} is not valid.")


def _check_custom(instance: Instance, name: str) -> None:
    if name.startswith(_OWN) and name not in instance.custom_attributes:
        raise InvalidParameterException(f"The attribute {name} cannot be changed.")


def _all_changed(site: Site, cluster: Cluster, touched: Sequence[Instance]) -> None:
    for instance in {one.id: one for one in touched}.values():
        _changed(site, cluster, instance)


def _changed(site: Site, cluster: Cluster, instance: Instance) -> None:
    instance.profile = instance.shown_attributes = None
    accounting.refile(cluster, instance)
    events.publish_instance(site, instance)
