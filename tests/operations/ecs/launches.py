"""Task definitions and tasks: made with one call each, and shown."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
VIRTUAL = pytest.mark.ecrmock(time="virtual", now=NOW, seed=7)

NOBODY = "0123456789abcdef0123456789abcdef"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
SUBNETS = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}}
SEPARATORS = "Invalid identifier: Unexpected number of separators"
LENGTH = "taskId length should be one of [32,36]"

STARTS_ON_FARGATE = 19
"""Seconds from RunTask to RUNNING; each next one counts from there."""
STARTS_ON_BRIDGE = 9
STOPS_ON_FARGATE = 61
STOPS_ON_BRIDGE = 32


def container(name: str = "app", **members) -> dict:
    """Return a container definition."""
    return {"name": name, "image": "nginx", "memory": 128} | members


def bridge(ecs, family: str = "app", **members) -> str:
    """Register a definition for container instances; return its ARN."""
    members = {"containerDefinitions": [container()]} | members
    response = ecs.register_task_definition(family=family, **members)
    return response["taskDefinition"]["taskDefinitionArn"]


def fargate(ecs, family: str = "web", **members) -> str:
    """Register a definition for Fargate; return its ARN."""
    members = {
        "containerDefinitions": [{"name": "web", "image": "nginx"}],
        "cpu": "256",
        "memory": "512",
    } | members
    response = ecs.register_task_definition(
        family=family, networkMode="awsvpc", requiresCompatibilities=["FARGATE"], **members
    )
    return response["taskDefinition"]["taskDefinitionArn"]


def run(ecs, definition: str = "app", *, cluster: str = "prod", **options) -> dict:
    """Run one task; return it as RunTask shows it."""
    response = ecs.run_task(cluster=cluster, taskDefinition=definition, **options)
    assert response["failures"] == []
    (task,) = response["tasks"]
    return task


def run_fargate(ecs, definition: str = "web", **options) -> dict:
    """Run one task on Fargate; return it as RunTask shows it."""
    return run(ecs, definition, launchType="FARGATE", networkConfiguration=SUBNETS, **options)


def shown(ecs, task: str, *include: str, cluster: str = "prod") -> dict:
    """Return a task as DescribeTasks shows it."""
    response = ecs.describe_tasks(cluster=cluster, tasks=[task], include=list(include))
    assert response["failures"] == []
    (found,) = response["tasks"]
    return found


def listed(ecs, *, cluster: str = "prod", **filters) -> list[str]:
    """Return the ARNs that ListTasks shows."""
    return ecs.list_tasks(cluster=cluster, **filters)["taskArns"]


def picture(ecs, aws, cluster: str = "prod") -> list:
    """Return all that can be read about a cluster, its instances, its tasks and the events."""
    clusters = ecs.describe_clusters(clusters=[cluster], include=["STATISTICS", "TAGS"])
    instances = ecs.list_container_instances(cluster=cluster)["containerInstanceArns"]
    tasks = listed(ecs, cluster=cluster) + listed(ecs, cluster=cluster, desiredStatus="STOPPED")
    return [
        clusters["clusters"],
        instances
        and ecs.describe_container_instances(
            cluster=cluster, containerInstances=instances, include=["TAGS"]
        )["containerInstances"],
        tasks and ecs.describe_tasks(cluster=cluster, tasks=tasks, include=["TAGS"])["tasks"],
        len(aws.events),
    ]


def refused(ecs, aws, refusal, call, /, **parameters):
    """Call, and return the refusal; nothing that can be read of `prod` may have changed."""
    before = picture(ecs, aws)
    found = refusal(call, **parameters)
    assert picture(ecs, aws) == before
    return found
