"""ExecuteCommand, GetTaskProtection, UpdateTaskProtection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import arn
from ecrmock.ecs import clusters, tasks
from ecrmock.ecs.errors import InvalidParameterException, TargetNotConnectedException
from ecrmock.iam import roles
from ecrmock.iam.decide import decide
from ecrmock.operations.ecs.tasks import missing
from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        ExecuteCommandRequestTypeDef,
        GetTaskProtectionRequestTypeDef,
        UpdateTaskProtectionRequestTypeDef,
    )

    from ecrmock.ecs.state import Task

_CHANNEL: Final = tuple(
    f"ssmmessages:{action}{kind}Channel"
    for action in ("Create", "Open")
    for kind in ("Control", "Data")
)
MAX_SHOWN: Final = 100
MAX_PROTECTED: Final = 10
MINUTES: Final = (1, 2880)
"""Source: ECS API reference, UpdateTaskProtection."""


@operation("ecs", "ExecuteCommand")
def execute_command(call: Call, request: ExecuteCommandRequestTypeDef) -> Reply:
    """Open a session to run a command in a container. Source: ECS API reference, ExecuteCommand.

    The session is made up: nobody listens at its URL.
    """
    region = call.ecs_region
    cluster = clusters.get_active(region, request.get("cluster") or clusters.DEFAULT_NAME)
    task = tasks.get(region, cluster, request["task"], words="task")
    if not request["interactive"]:
        raise InvalidParameterException("Interactive is the only mode supported currently.")
    container = tasks.reach(task, request.get("container"))
    _check_channel(call, task)
    base, _, _ = task.arn.partition(":task/")
    return {
        "clusterArn": cluster.arn,
        "containerArn": f"{base}:container/{cluster.name}/{task.id}/{container.id}",
        "containerName": container.name,
        "interactive": True,
        "session": tasks.session(call.core, region, arn.dns_suffix(call.region)),
        "taskArn": task.arn,
    }


def _check_channel(call: Call, task: Task) -> None:
    """Refuse a task whose role cannot open the channel that commands come through.

    Raises:
        TargetNotConnectedException: the task role lacks one of the permissions.

    Source: ECS developer guide, ECS Exec, permissions of the task role.
    """
    world = call.world
    role = task.task_role_arn
    principal = role and roles.act_as(world.iam, role, task.id, strict=world.strict)
    if not principal or not all(
        decide(principal, action, "*", principal.account_id).is_allowed for action in _CHANNEL
    ):
        raise TargetNotConnectedException


@operation("ecs", "GetTaskProtection")
def get_task_protection(call: Call, request: GetTaskProtectionRequestTypeDef) -> Reply:
    """Show the protection of tasks; only tasks of services can have it.

    Source: ECS API reference, GetTaskProtection.
    """
    return _protection(call, request["cluster"], request.get("tasks", ()), MAX_SHOWN)


@operation("ecs", "UpdateTaskProtection")
def update_task_protection(call: Call, request: UpdateTaskProtectionRequestTypeDef) -> Reply:
    """Protect tasks from scale-in; only tasks of services can be protected.

    Source: ECS API reference, UpdateTaskProtection. Assumed: the text.
    """
    low, high = MINUTES
    minutes = request.get("expiresInMinutes")
    if minutes is not None and not low <= minutes <= high:
        raise InvalidParameterException(f"expiresInMinutes must be between {low} and {high}.")
    if not request["tasks"]:
        raise InvalidParameterException("Tasks cannot be empty.")
    return _protection(call, request["cluster"], request["tasks"], MAX_PROTECTED)


def _protection(call: Call, cluster_given: str, given: Sequence[str], limit: int) -> Reply:
    region = call.ecs_region
    cluster = clusters.get_active(region, cluster_given)
    if len(given) > limit:
        raise InvalidParameterException.too_many("tasks", limit)
    failures: list[dict[str, Any]] = []
    for one in given:
        task = tasks.find(region, cluster, one)
        if task is None:
            failures.append(missing(call, "task", one))
        else:
            failures.append({"arn": task.arn, "reason": "TASK_NOT_VALID"})
    return {"protectedTasks": [], "failures": failures}
