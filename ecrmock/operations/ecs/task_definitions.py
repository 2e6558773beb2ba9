"""RegisterTaskDefinition, DescribeTaskDefinition, the lists, and how definitions go away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import task_definitions
from ecrmock.ecs.errors import InvalidParameterException
from ecrmock.operations.ecs import views
from ecrmock.operations.table import Call, Page, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        DeleteTaskDefinitionsRequestTypeDef,
        DeregisterTaskDefinitionRequestTypeDef,
        DescribeTaskDefinitionRequestTypeDef,
        ListTaskDefinitionFamiliesRequestTypeDef,
        ListTaskDefinitionsRequestTypeDef,
    )

    from ecrmock.ecs.state import TaskDefinition

MAX_DELETED: Final = 10


@operation("ecs", "RegisterTaskDefinition")
def register_task_definition(call: Call, request: dict[str, Any]) -> Reply:
    """Add a revision to a family. Source: ECS API reference, RegisterTaskDefinition."""
    found = task_definitions.register(call.core, call.ecs_region, request, call.caller.arn)
    reply: Reply = {"taskDefinition": views.task_definition(found)}
    if found.tags:
        reply["tags"] = views.tags(found.tags)
    return reply


@operation("ecs", "DescribeTaskDefinition")
def describe_task_definition(call: Call, request: DescribeTaskDefinitionRequestTypeDef) -> Reply:
    """Show a revision, or the latest ACTIVE one of a family.

    Source: ECS API reference, DescribeTaskDefinition.
    """
    found = task_definitions.get(call.ecs_region, request["taskDefinition"])
    shown = views.tags(found.tags) if "TAGS" in request.get("include", ()) else []
    return {"taskDefinition": views.task_definition(found), "tags": shown}


@operation("ecs", "DeregisterTaskDefinition")
def deregister_task_definition(
    call: Call, request: DeregisterTaskDefinitionRequestTypeDef
) -> Reply:
    """Make a revision INACTIVE. Source: ECS API reference, DeregisterTaskDefinition."""
    found = task_definitions.deregister(call.core, call.ecs_region, request["taskDefinition"])
    return {"taskDefinition": views.task_definition(found)}


@operation("ecs", "DeleteTaskDefinitions")
def delete_task_definitions(call: Call, request: DeleteTaskDefinitionsRequestTypeDef) -> Reply:
    """Let INACTIVE revisions go. Source: ECS API reference, DeleteTaskDefinitions."""
    given = request["taskDefinitions"]
    if not given:
        raise InvalidParameterException(
            "size of TaskDefinition references list must be greater than 0"
        )
    if len(given) > MAX_DELETED:
        raise InvalidParameterException(
            f"Size of TaskDefinition references list cannot exceed {MAX_DELETED}"
        )
    shown, failures = [], []
    for one in given:
        found = task_definitions.delete(call.core, call.ecs_region, one)
        if isinstance(found, str):
            failures.append({"arn": one, "reason": found})
        else:
            shown.append(views.task_definition(found))
            task_definitions.drop_deleted(call.ecs_region, found)
    return {"taskDefinitions": shown, "failures": failures}


@operation("ecs", "ListTaskDefinitions")
def list_task_definitions(call: Call, request: ListTaskDefinitionsRequestTypeDef) -> Page:
    """List the ARNs of a status, by family and revision.

    Source: ECS API reference, ListTaskDefinitions: the prefix is a whole family.
    """
    region = call.ecs_region

    def walk(after: list[Any] | None) -> Iterator[tuple[list[Any], TaskDefinition]]:
        found = task_definitions.walk(
            region,
            None if after is None else (after[0], after[1]),
            family=request.get("familyPrefix"),
            status=request.get("status", "ACTIVE"),
            descending=request.get("sort") == "DESC",
        )
        return (([one.family, one.revision], one) for one in found)

    return Page("taskDefinitionArns", walk, lambda found: found.arn)


@operation("ecs", "ListTaskDefinitionFamilies")
def list_task_definition_families(
    call: Call, request: ListTaskDefinitionFamiliesRequestTypeDef
) -> Page:
    """List the names of families. Source: ECS API reference, ListTaskDefinitionFamilies."""
    region = call.ecs_region

    def walk(after: str | None) -> Iterator[tuple[str, str]]:
        found = task_definitions.walk_families(
            region,
            after,
            prefix=request.get("familyPrefix", ""),
            status=request.get("status"),
        )
        return ((name, name) for name in found)

    return Page("families", walk, str)
