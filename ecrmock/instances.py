"""Floor 9: container instances without any EC2: `aws.instances.add("m5.large", count=3)`.

An instance registers what an agent of its version on a machine of its type would. Nothing of this
goes through the journal, permissions or faults.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from ecrmock.core import arn
from ecrmock.core.errors import UsageError
from ecrmock.ecs import agent, clusters, instances
from ecrmock.ecs import attributes as custom
from ecrmock.ecs.instance_types import InstanceType
from ecrmock.ecs.instance_types import get as type_of
from ecrmock.gateway.passing import acting

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster
    from ecrmock.steering import Home

DEFAULT_ROLE: Final = "ecsInstanceRole"
"""Source: ECS developer guide, container instance IAM role."""
_ZONES: Final = "abc"
_ROLE: Final = re.compile(r"[\w+=,.@-]+|arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


class HasName(Protocol):
    """A role as `aws.iam.role` returns it."""

    @property
    def arn(self) -> str:
        """Its ARN."""


@dataclass(slots=True, frozen=True)
class Instance:
    """A container instance that is there."""

    id: str
    arn: str
    ec2_instance_id: str
    availability_zone: str


class Instances:
    """Adds container instances to clusters: `aws.instances`."""

    def __init__(self, aws: Home) -> None:
        self._aws = aws

    def add(
        self,
        instance_type: str = "m5.large",
        *,
        cluster: str = clusters.DEFAULT_NAME,
        count: int = 1,
        az: str | None = None,
        agent_version: str = agent.LATEST,
        role: str | HasName | None = None,
        attributes: Mapping[str, str | None] | None = None,
    ) -> list[Instance]:
        """Register instances in a cluster, as agents on new EC2 instances do.

        Args:
            instance_type: says what they have: CPU, memory, GPUs, network interfaces.
            cluster: its name or ARN. The cluster `default` is made when it is missing.
            count: how many.
            az: the availability zone; by default they take turns in three zones of the region.
            agent_version: says what the agent can do: one before 1.7.0 cannot pull from ECR.
            role: the name or ARN of the instance role, or what `aws.iam.role` returned; by
                default `ecsInstanceRole`. A role that nobody made may do everything.
            attributes: further attributes; None for one without a value.

        Raises:
            UsageError: an argument has a value that it cannot have, or the cluster is not there.
        """
        if not isinstance(instance_type, str):
            raise UsageError(f"instance_type is {instance_type!r}; give a name, such as 'm5.large'")
        if not isinstance(cluster, str):
            raise UsageError(f"cluster is {cluster!r}; give its name or ARN")
        if not isinstance(agent_version, str):
            raise UsageError(f"agent_version is {agent_version!r}; give a text, such as '1.7.0'")
        kind = type_of(instance_type)
        agent.key(agent_version)
        _check(count, az, role, attributes or {}, self._aws.region_name)
        with acting(self._aws.gateway) as world:
            site = world.site(self._aws.account_id, self._aws.region_name)
            found = _cluster(site, cluster)
            made = []
            for _ in range(count):
                zone = az or _turn(site, found)
                told = _registration(site, kind, zone, agent_version, _role_arn(site, role))
                told.attributes.update(attributes or {})
                new = instances.register(site, found, told)
                made.append(Instance(new.id, new.arn, new.ec2_instance_id, zone))
        return made

    def disconnect(self, instance: Instance | str) -> None:
        """Let the agent of an instance lose its connection: no task is placed there, for `AGENT`.

        Raises:
            UsageError: there is no such instance.
        """
        self._connect(instance, is_connected=False)

    def connect(self, instance: Instance | str) -> None:
        """Let the agent of an instance find its connection again.

        Raises:
            UsageError: there is no such instance.
        """
        self._connect(instance, is_connected=True)

    def _connect(self, given: Instance | str, *, is_connected: bool) -> None:
        instance_id = (given if isinstance(given, str) else given.id).rpartition("/")[2]
        with acting(self._aws.gateway) as world:
            site = world.site(self._aws.account_id, self._aws.region_name)
            clusters_of_it = site.region.clusters.values()
            every = (cluster.instances.get(instance_id) for cluster in clusters_of_it)
            found = next((one for one in every if one is not None), None)
            if found is None or found.status == "INACTIVE":
                raise UsageError(f"there is no container instance {given!r}")
            instances.set_connected(site, found, is_connected=is_connected)


def _check(count: object, az: object, role: object, given: Any, region: str) -> None:
    """Refuse what no new instance can be."""
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise UsageError(f"count is {count!r}; give a number from 1")
    if az is not None and not (isinstance(az, str) and re.fullmatch(f"{region}[a-z]", az)):
        raise UsageError(f"az is {az!r}; give a zone of {region}, such as '{region}a'")
    name = role if isinstance(role, str) else _arn(role)
    if role is not None and not (isinstance(name, str) and _ROLE.fullmatch(name)):
        raise UsageError(f"role is {role!r}; give a name, an ARN, or what aws.iam.role returned")
    if not isinstance(given, Mapping):
        raise UsageError(f"attributes is {given!r}; give a dict of names and values")
    if len(given) > custom.MAX_CUSTOM_ATTRIBUTES:
        raise UsageError(f"attributes are {len(given)}; {custom.MAX_CUSTOM_ATTRIBUTES} are allowed")
    for name, value in given.items():
        is_form = isinstance(name, str) and (value is None or isinstance(value, str))
        if not is_form or not custom.is_form(name, value):
            raise UsageError(
                f"attributes have {name!r}: {value!r}; a name has letters, digits and _./\\-, a "
                f"value also @ : and blanks inside, each 128 at most"
            )
        if name.startswith("ecs.") and not name.startswith("ecs.capability."):
            raise UsageError(f"attributes have {name!r}, which ECS gives by itself")


def _arn(role: object) -> object:
    return getattr(role, "arn", None)


def _cluster(site: Site, given: str) -> Cluster:
    """Return a cluster that is ACTIVE; `default` is made, as an agent makes it.

    Source: the agent's registration.
    """
    found = clusters.find(site.region, given)
    if found is not None and found.status == "ACTIVE":
        return found
    if given == clusters.DEFAULT_NAME:
        return clusters.create(site.core, site.region, given, clusters.Changes())
    raise UsageError(f"there is no active cluster {given!r}; create it first")


def _turn(site: Site, cluster: Cluster) -> str:
    """Return the zone whose turn it is."""
    return site.region.name + _ZONES[len(cluster.instances) % len(_ZONES)]


def _role_arn(site: Site, role: str | HasName | None) -> str:
    given = role if isinstance(role, str) else DEFAULT_ROLE if role is None else role.arn
    return arn.of_role(given, arn.partition_of(site.region.name), site.region.account_id)


def _registration(
    site: Site, kind: InstanceType, zone: str, version: str, role_arn: str
) -> instances.Registration:
    """Return what an agent on a new instance tells. Source: the agent's registration."""
    ids = site.core.ids
    identity = {
        "instanceId": f"i-0{ids.hex(16)}",
        "availabilityZone": zone,
        "instanceType": kind.name,
        "imageId": f"ami-0{_stable(site, kind.architecture)}",
        "architecture": kind.architecture,
        "accountId": site.region.account_id,
        "region": site.region.name,
    }
    attributes: dict[str, str | None] = dict.fromkeys(agent.capabilities(version))
    attributes |= {
        "ecs.os-type": "linux",
        "ecs.os-family": "LINUX",
        "ecs.vpc-id": f"vpc-0{_stable(site, 'vpc')}",
        "ecs.subnet-id": f"subnet-0{_stable(site, zone)}",
    }
    return instances.Registration(
        identity=identity,
        agent_version=version,
        docker_version=agent.DOCKER_VERSION,
        agent_hash=agent.agent_hash(version),
        cpu=kind.cpu_units,
        memory=kind.registered_memory_mib,
        ports=agent.RESERVED_PORTS,
        udp_ports=(),
        gpu_ids=tuple(f"GPU-{ids.uuid()}" for _ in range(kind.gpus)),
        attributes=attributes,
        role_arn=role_arn,
        max_interfaces=kind.max_interfaces,
    )


def _stable(site: Site, what: str) -> str:
    """Return the sixteen digits of what is the same for all instances of an account."""
    text = f"{site.region.account_id}:{site.region.name}:{what}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]
