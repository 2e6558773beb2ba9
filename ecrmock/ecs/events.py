"""What ECS tells the bus: state changes of tasks and of container instances.

Source: ECS developer guide, Amazon ECS events; captured events.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.bus import Event
from ecrmock.ecs import views

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Instance, Task

Json = dict[str, Any]

TASK: Final = "ECS Task State Change"
INSTANCE: Final = "ECS Container Instance State Change"


_ORDER: Final = (
    "attachments",
    "attributes",
    "availabilityZone",
    "capacityProviderName",
    "clusterArn",
    "connectivity",
    "connectivityAt",
    "containerInstanceArn",
    "containers",
    "cpu",
    "createdAt",
    "desiredStatus",
    "enableExecuteCommand",
    "ephemeralStorage",
    "executionStoppedAt",
    "group",
    "launchType",
    "lastStatus",
    "memory",
    "overrides",
    "platformVersion",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "startedBy",
    "stoppingAt",
    "stoppedAt",
    "stoppedReason",
    "stopCode",
    "taskArn",
    "taskDefinitionArn",
    "updatedAt",
    "version",
)
"""The members of a task in the order of captured events."""


def publish_task(site: Site, task: Task) -> None:
    """Tell that a task changed; its version has gone up already."""
    shown = views.task(task, site.cluster_of(task).arn)
    for attachment in shown["attachments"]:
        if attachment["type"] == "ElasticNetworkInterface":
            attachment["type"] = "eni"
    for container in shown["containers"]:
        for agent in container.get("managedAgents", ()):
            agent["status"] = agent.pop("lastStatus")
            agent.pop("lastStartedAt", None)
    del shown["overrides"]["inferenceAcceleratorOverrides"]
    shown["updatedAt"] = site.now
    shown = {member: shown[member] for member in _ORDER if member in shown}
    _publish(site, TASK, task.arn, shown)


def publish_instance(site: Site, instance: Instance) -> None:
    """Tell that a container instance changed, and count the change."""
    instance.version += 1
    announce_instance(site, instance)


def announce_instance(site: Site, instance: Instance) -> None:
    """Tell of a container instance as it is."""
    shown = views.instance(instance, whole=False)
    shown["clusterArn"] = site.region.clusters[instance.cluster].arn
    shown["updatedAt"] = site.now
    _publish(site, INSTANCE, instance.arn, dict(sorted(shown.items())))


def _publish(site: Site, kind: str, resource: str, shown: Json) -> None:
    detail = {
        member: views.iso(value) if isinstance(value, datetime) else value
        for member, value in shown.items()
    }
    site.core.bus.publish(
        Event(
            site.core.ids.uuid(),
            "aws.ecs",
            kind,
            site.now,
            site.region.account_id,
            site.region.name,
            (resource,),
            detail,
        )
    )
