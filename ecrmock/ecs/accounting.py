"""What tasks take of container instances and give back, and which instances are alike in it.

Source: ECS developer guide, container instance resources.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from ecrmock.ecs import events

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Held, Instance, Task


def reserve(site: Site, instance: Instance, task: Task, held: Held) -> None:
    """Take from an instance what a task asks for, and tell of it."""
    cluster = site.region.clusters[instance.cluster]
    task.instance_id, task.held = instance.id, held
    with_gpus = iter(instance.free_gpus[: held.gpus])
    del instance.free_gpus[: held.gpus]
    for container, count in zip(task.containers, held.gpus_by_container, strict=False):
        container.gpus = tuple(next(with_gpus) for _ in range(count))
    instance.free_cpu -= held.cpu
    instance.free_memory -= held.memory
    instance.used_ports.extend(held.ports)
    instance.used_udp_ports.extend(held.udp_ports)
    instance.interfaces += held.interfaces
    instance.tasks[task.id] = None
    instance.groups[task.group] += 1
    refile(cluster, instance)
    events.publish_instance(site, instance)


def leave_group(site: Site, task: Task) -> None:
    """Count a task that is not wanted any more out of its group. Assumed: at that moment."""
    if task.instance_id is None:
        return
    cluster = site.cluster_of(task)
    instance = cluster.instances[task.instance_id]
    instance.groups[task.group] -= 1
    if not instance.groups[task.group]:
        del instance.groups[task.group]
    refile(cluster, instance)


def release(site: Site, task: Task) -> None:
    """Give back to an instance what a task took, and tell of it. Assumed: when it has stopped."""
    held = task.held
    if held is None or task.instance_id is None:
        return
    cluster = site.cluster_of(task)
    instance = cluster.instances[task.instance_id]
    task.held = None
    instance.free_cpu += held.cpu
    instance.free_memory += held.memory
    for port in held.ports:
        instance.used_ports.remove(port)
    for port in held.udp_ports:
        instance.used_udp_ports.remove(port)
    instance.free_gpus.extend(gpu for container in task.containers for gpu in container.gpus)
    instance.free_gpus.sort()
    instance.interfaces -= held.interfaces
    del instance.tasks[task.id]
    if instance.status != "INACTIVE":
        refile(cluster, instance)
        events.publish_instance(site, instance)


def refile(cluster: Cluster, instance: Instance) -> None:
    """Put an instance with those that are like it now."""
    _take_out(cluster, instance)
    if instance.status == "INACTIVE":
        return
    key = (
        _profile(cluster, instance),
        instance.status,
        instance.agent_connected,
        instance.free_cpu,
        instance.free_memory,
        tuple(instance.used_ports),
        tuple(instance.used_udp_ports),
        len(instance.free_gpus),
        instance.interfaces,
        frozenset(instance.groups.items()),
    )
    instance.filed_as = key
    seqs = cluster.alike.setdefault(key, [])
    insort(seqs, instance.seq)


def _take_out(cluster: Cluster, instance: Instance) -> None:
    seqs = cluster.alike.get(instance.filed_as)
    if seqs is None:
        return
    del seqs[bisect_left(seqs, instance.seq)]
    if not seqs:
        del cluster.alike[instance.filed_as]
    instance.filed_as = None


def _profile(cluster: Cluster, instance: Instance) -> int:
    """Return a number for what an instance is, which others that are the same share."""
    if instance.profile is None:
        told = (
            instance.agent_version,
            instance.is_external,
            instance.max_interfaces,
            instance.reserved_ports,
            instance.reserved_udp_ports,
            frozenset(instance.attributes.items()),
        )
        instance.profile = cluster.profiles.setdefault(told, len(cluster.profiles))
    return instance.profile
