"""Revisions of task definitions, named as `family:revision`: made, taken away, listed."""

from __future__ import annotations

CONTAINERS = [{"name": "app", "image": "nginx", "memory": 128}]


def register(ecs, *families: str, **members) -> dict:
    """Register a revision of each of *families*, in that order; return the last one."""
    for family in families:
        response = ecs.register_task_definition(
            family=family, containerDefinitions=CONTAINERS, **members
        )
    return response["taskDefinition"]


def deregister(ecs, *names: str) -> dict:
    """Deregister revisions; return the last one."""
    for name in names:
        response = ecs.deregister_task_definition(taskDefinition=name)
    return response["taskDefinition"]


def remove(ecs, *names: str) -> None:
    """Deregister and delete revisions."""
    deregister(ecs, *names)
    ecs.delete_task_definitions(taskDefinitions=list(names))


def listed(ecs, **parameters) -> list[str]:
    """Return what ListTaskDefinitions shows."""
    arns = ecs.list_task_definitions(**parameters)["taskDefinitionArns"]
    return [arn.rpartition("/")[2] for arn in arns]


def families(ecs, **parameters) -> list[str]:
    """Return what ListTaskDefinitionFamilies shows."""
    return ecs.list_task_definition_families(**parameters)["families"]
