"""Container instances: registering, finding, listing, draining and deregistering them.

Source: ECS API reference.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import accounting, agent, events, identifiers, stopping, tagging
from ecrmock.ecs.errors import (
    ClientException,
    InvalidParameterException,
    NoUpdateAvailableException,
    UpdateInProgressException,
)
from ecrmock.ecs.state import Instance

if TYPE_CHECKING:
    from ecrmock.ecs.query_language import Expression
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, InstanceStatus, Region

STATUSES: Final = ("ACTIVE", "DRAINING")
OWN: Final = ("ecs.", "com.amazonaws.ecs.")
"""How the names of AWS's own attributes begin."""
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
        custom_attributes={name for name in told.attributes if not name.startswith(OWN)},
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
    instance.custom_attributes |= {n for n in told.attributes if not n.startswith(OWN)}
    instance.agent_version = told.agent_version
    instance.agent_hash, instance.docker_version = told.agent_hash, told.docker_version
    instance.agent_connected = True
    changed(site, cluster, instance)
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
        changed(site, cluster, instance)


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
    changed(site, cluster, instance)
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
    if agent.compare(agent.released(instance.agent_version), agent.LATEST) >= 0:
        raise NoUpdateAvailableException
    instance.agent_update_status = "PENDING"
    changed(site, cluster, instance)
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
    changed(site, cluster, instance)


def set_connected(site: Site, instance: Instance, *, is_connected: bool) -> None:
    """Let the agent of an instance lose its connection, or find it again."""
    if instance.agent_connected != is_connected:
        instance.agent_connected = is_connected
        changed(site, site.region.clusters[instance.cluster], instance)


def changed(site: Site, cluster: Cluster, instance: Instance) -> None:
    """Put an instance that changed where it belongs now, and tell of it."""
    instance.profile = instance.shown_attributes = None
    accounting.refile(cluster, instance)
    events.publish_instance(site, instance)
