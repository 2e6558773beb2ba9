"""RunTask, StartTask, StopTask, DescribeTasks, ListTasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ecrmock import pulling
from ecrmock.ecs import (
    clusters,
    identifiers,
    instances,
    launching,
    stopping,
    tagging,
    task_definitions,
    tasks,
)
from ecrmock.ecs.errors import ClientException, InvalidParameterException, ServiceNotFoundException
from ecrmock.ecs.making import Launch
from ecrmock.iam import roles
from ecrmock.operations.ecs import views
from ecrmock.operations.ecs.clusters import read_strategy
from ecrmock.operations.table import Call, Page, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        DescribeTasksRequestTypeDef,
        ListTasksRequestTypeDef,
        StopTaskRequestTypeDef,
    )

    from ecrmock.ecs.launching import Launched
    from ecrmock.ecs.state import Cluster, DesiredStatus, Task, TaskDefinition

MAX_DESCRIBED: Final = 100
MAX_INSTANCES: Final = 10
MAX_STARTED_BY: Final = {"RunTask": 128, "StartTask": 36}
"""Characters. Source: ECS API reference."""
_MAX_TOKEN: Final = 64
_TOKEN: Final = re.compile(rf"[!-~]{{1,{_MAX_TOKEN}}}")
_STARTED_BY: Final = re.compile(r"[a-zA-Z0-9/_-]*")
_TASKS: Final = "ecs-tasks.amazonaws.com"
_ALONE: Final = ("cluster", "maxResults", "nextToken", "desiredStatus")
"""What `startedBy` and `serviceName` can be combined with. Assumed: the desired status too."""


@operation("ecs", "RunTask")
def run_task(call: Call, request: dict[str, Any]) -> Reply:
    """Make tasks and place them. Source: ECS API reference, RunTask."""
    cluster = _cluster(call, request)
    _check(request, "RunTask")
    if request.get("propagateTags") == "SERVICE":
        raise InvalidParameterException("propagateTags should be one of [TASK_DEFINITION,NONE]")
    token = request.get("clientToken")
    if token is not None and _TOKEN.fullmatch(token) is None:
        raise InvalidParameterException(
            f"clientToken must be 1 to {_MAX_TOKEN} characters from ! to ~."
        )
    definition = task_definitions.get_runnable(call.ecs_region, request["taskDefinition"])
    launch = _launch(call, request, cluster, definition)
    where = launching.Where(
        launch_type=request.get("launchType"),
        strategy=read_strategy(request.get("capacityProviderStrategy", ())),
        constraints=tuple(request.get("placementConstraints", ())),
        strategies=tuple(request.get("placementStrategy", ())),
    )
    result = launching.once(
        call.site,
        cluster,
        token,
        request,
        lambda: launching.run(call.site, cluster, launch, where, count=request.get("count", 1)),
    )
    return _launched(call, cluster, result)


@operation("ecs", "StartTask")
def start_task(call: Call, request: dict[str, Any]) -> Reply:
    """Make a task on each instance that is named. Source: ECS API reference, StartTask."""
    cluster = _cluster(call, request)
    _check(request, "StartTask")
    given = request["containerInstances"]
    if not given:
        raise ClientException("Container Instances cannot be empty.")
    if len(given) > MAX_INSTANCES:
        raise InvalidParameterException.too_many("container instances", MAX_INSTANCES)
    region = call.ecs_region
    definition = task_definitions.get_runnable(region, request["taskDefinition"])
    found = [(_arn_given(call, one), instances.find(region, cluster, one)) for one in given]
    launch = _launch(call, request, cluster, definition)
    return _launched(call, cluster, launching.start(call.site, cluster, launch, found))


@operation("ecs", "StopTask")
def stop_task(call: Call, request: StopTaskRequestTypeDef) -> Reply:
    """Ask a task to stop. Source: ECS API reference, StopTask."""
    cluster = _cluster(call, request)
    task = tasks.get(call.ecs_region, cluster, request["task"])
    reason = request.get("reason") or stopping.BY_USER
    stopping.request(call.site, task, "UserInitiated", reason)
    return {"task": views.task(task, cluster)}


@operation("ecs", "DescribeTasks")
def describe_tasks(call: Call, request: DescribeTasksRequestTypeDef) -> Reply:
    """Show tasks in the order asked for; stopped ones for an hour.

    Source: ECS API reference, DescribeTasks. Assumed: the order, and the ARNs of failures.
    """
    cluster = clusters.get(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    given = request["tasks"]
    if not given:
        raise InvalidParameterException("Tasks cannot be empty.")
    if len(given) > MAX_DESCRIBED:
        raise InvalidParameterException.too_many("tasks", MAX_DESCRIBED)
    shown, failures = [], []
    with_tags = "TAGS" in request.get("include", ())
    for one in given:
        task = tasks.find(call.ecs_region, cluster, one)
        if task is None:
            failures.append(missing(call, "task", one))
        else:
            shown.append(views.task(task, cluster, with_tags=with_tags))
    return {"tasks": shown, "failures": failures}


@operation("ecs", "ListTasks")
def list_tasks(call: Call, request: ListTasksRequestTypeDef) -> Page:
    """List the ARNs of tasks. Source: ECS API reference, ListTasks."""
    cluster = clusters.get(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    wanted = _filter(call, request, cluster)

    def walk(after: int | None) -> Iterator[tuple[int, Task]]:
        return tasks.walk(cluster, after, wanted)

    return Page("taskArns", walk, lambda task: task.arn)


def missing(call: Call, kind: str, given: str) -> dict[str, str]:
    """Return the failure for something that is not there. Assumed: the short ARN of an id."""
    at = identifiers.arn_of(call.ecs_region, kind)
    return {"arn": given if given.startswith("arn:") else f"{at}/{given}", "reason": "MISSING"}


def _cluster(call: Call, request: Mapping[str, Any]) -> Cluster:
    given = request.get("cluster") or clusters.DEFAULT_NAME
    return clusters.get_active(call.ecs_region, given)


def _check(request: Mapping[str, Any], name: str) -> None:
    """Refuse what neither call takes. Assumed: the text."""
    limit, started_by = MAX_STARTED_BY[name], request.get("startedBy", "")
    if len(started_by) > limit or _STARTED_BY.fullmatch(started_by) is None:
        raise InvalidParameterException(
            f"startedBy must be at most {limit} letters, digits, hyphens, slashes and underscores."
        )
    tagging.check({}, pairs(request.get("tags", ()), "key", "value"))


def _launch(
    call: Call, request: Mapping[str, Any], cluster: Cluster, definition: TaskDefinition
) -> Launch:
    """Read what every task of a call is to be."""
    found: dict[str, str] = {}
    if request.get("enableECSManagedTags"):
        found["aws:ecs:clusterName"] = cluster.name
    if request.get("propagateTags") == "TASK_DEFINITION":
        found.update(definition.tags)
    found.update(pairs(request.get("tags", ()), "key", "value"))
    tagging.check_count(found)
    world = call.world
    for container in definition.containers:
        pulling.assume_repository(world, container["image"])

    def can_assume(role_arn: str) -> bool:
        if roles.is_taken_to_exist(world.iam, role_arn, strict=world.strict):
            world.core.assume(f"role {role_arn}")
        return roles.can_be_assumed(world.iam, role_arn, _TASKS, strict=world.strict).is_allowed

    return Launch(
        definition=definition,
        overrides=dict(request.get("overrides", {})),
        network=(request.get("networkConfiguration") or {}).get("awsvpcConfiguration"),
        group=request.get("group") or f"family:{definition.family}",
        can_assume=can_assume,
        started_by=request.get("startedBy"),
        platform_version=request.get("platformVersion"),
        is_exec_enabled=bool(request.get("enableExecuteCommand")),
        tags=tuple(found.items()),
        volumes=tuple(request.get("volumeConfigurations", ())),
    )


def _launched(call: Call, cluster: Cluster, result: Launched) -> Reply:
    """Show tasks as they were made."""
    shown = [views.task(task, cluster, with_tags=True, is_new=True) for task in result.tasks]
    call.placement = tuple(result.refusals)
    failures = [{"arn": one.arn, "reason": one.reason} for one in result.refusals]
    return {"tasks": shown, "failures": failures}


def _arn_given(call: Call, given: str) -> str:
    return missing(call, "container-instance", given)["arn"]


def _filter(call: Call, request: Mapping[str, Any], cluster: Cluster) -> tasks.Filter:
    """Read which tasks a list is to have.

    Raises:
        InvalidParameterException: filters that do not go together.
        ServiceNotFoundException: there is no such service.
    """
    for name in ("startedBy", "serviceName"):
        if request.get(name) and any(other not in (*_ALONE, name) for other in request):
            raise InvalidParameterException(f"cannot specify {name} with other arguments")
    if request.get("serviceName"):
        raise ServiceNotFoundException
    instance_id = None
    if request.get("containerInstance"):
        instance_id = instances.get(call.ecs_region, cluster, request["containerInstance"]).id
    desired: DesiredStatus | None = request.get("desiredStatus", "RUNNING")
    if request.get("daemonName"):
        desired = None  # there are no daemons, so no task is one's
    return tasks.Filter(
        desired_status=None if desired not in ("RUNNING", "STOPPED") else desired,
        instance_id=instance_id,
        family=request.get("family"),
        started_by=request.get("startedBy"),
        launch_type=request.get("launchType"),
    )
