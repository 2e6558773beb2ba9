"""New tasks: what RunTask and StartTask ask for, the rules on it, and where the tasks go.

Source: ECS API reference, RunTask and StartTask; texts as captured from the service.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import capacity, launch_rules, making, placement
from ecrmock.ecs.errors import ConflictException, InvalidParameterException
from ecrmock.ecs.state import Held, RunToken, StrategyItem

if TYPE_CHECKING:
    from ecrmock.ecs.making import Launch
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Instance, Task

Json = dict[str, Any]

_TOKEN_MS: Final = 24 * 3600 * 1000
MAX_COUNT: Final = 10
"""Tasks of one call. Source: ECS developer guide, service quotas."""


@dataclass(slots=True)
class Launched:
    """What came of a call: tasks, and why there are not more."""

    tasks: list[Task] = field(default_factory=list)
    refusals: list[placement.Refusal] = field(default_factory=list)
    """One for each instance and reason."""


@dataclass(slots=True, frozen=True)
class Where:
    """Where RunTask puts its tasks.

    Attributes:
        launch_type: as it was given.
        strategy: the capacity provider strategy as it was given.
        constraints: placement constraints, by the service's own member names.
        strategies: the same.
    """

    launch_type: str | None = None
    strategy: tuple[StrategyItem, ...] = ()
    constraints: tuple[Json, ...] = ()
    strategies: tuple[Json, ...] = ()


def run(
    site: Site,
    cluster: Cluster,
    launch: Launch,
    where: Where,
    *,
    count: int,
) -> Launched:
    """Make tasks and place them.

    Raises:
        InvalidParameterException: see `launch_rules`; or the cluster has no instance to ask.
        ClientException: a role cannot be assumed.
        PlatformUnknownException, PlatformTaskDefinitionIncompatibilityException: see there.

    Source: ECS API reference, RunTask.
    """
    if not 1 <= count <= MAX_COUNT:
        raise InvalidParameterException.count(count, MAX_COUNT)
    providers = _providers(cluster, where, count)
    kind = _launch_type(where, providers)
    launch_rules.check(launch, kind)
    constraints = placement.read_constraints(
        [*launch.definition.document["placementConstraints"], *where.constraints]
    )
    strategies = placement.read_strategies(where.strategies)
    if kind == "FARGATE":
        launch_rules.check_fargate(where.constraints, where.strategies)
    elif not placement.has_instances(cluster, is_external=kind == "EXTERNAL"):
        raise InvalidParameterException.no_instances()
    launch_rules.check_spot(launch, providers)
    launch_rules.check_roles(launch)
    result = Launched()
    refused: dict[tuple[str, str], placement.Refusal] = {}
    wish = None if kind == "FARGATE" else _wish(launch, kind, constraints, strategies)
    for number in range(count):
        if wish is None:
            task = making.make(site, cluster, launch, "FARGATE", None, provider=providers[number])
        else:
            found = placement.choose(site, cluster, wish)
            if found.instance is None:
                refused.update({(one.arn, one.reason): one for one in found.refusals})
                break  # nothing changes before the next
            task = _place(site, cluster, launch, found.instance, wish.held)
        result.tasks.append(task)
    result.refusals.extend(refused.values())
    return result


def start(
    site: Site,
    cluster: Cluster,
    launch: Launch,
    instances: Sequence[tuple[str, Instance | None]],
) -> Launched:
    """Make a task on each of some instances.

    Args:
        site: where.
        cluster: whose instances.
        launch: what to make.
        instances: their ARNs, and the instances that are there.

    Raises:
        InvalidParameterException: see `launch_rules`.
        ClientException: a role cannot be assumed.

    Source: ECS API reference, StartTask.
    """
    kinds = {"EXTERNAL" if one.is_external else "EC2" for _, one in instances if one is not None}
    for kind in sorted(kinds) or ["EC2"]:
        launch_rules.check(launch, kind)
    launch_rules.check_roles(launch)
    constraints = placement.read_constraints(launch.definition.document["placementConstraints"])
    result = Launched()
    for arn, instance in instances:
        if instance is None:
            result.refusals.append(placement.Refusal(arn, "MISSING", "is not there"))
            continue
        kind = "EXTERNAL" if instance.is_external else "EC2"
        wish = _wish(launch, kind, constraints, placement.DEFAULT_STRATEGIES)
        refused = placement.judge(cluster, instance, wish)
        if instance.status == "INACTIVE":
            refused = placement.Refusal(arn, "INACTIVE", "was deregistered")
        if refused is None:
            result.tasks.append(_place(site, cluster, launch, instance, wish.held))
        else:
            result.refusals.append(refused)
    return result


def once(
    site: Site, cluster: Cluster, token: str | None, request: Json, make: Callable[[], Launched]
) -> Launched:
    """Make tasks, or for a client token that was used before return what it made.

    Raises:
        ConflictException: the token was used for another request.

    Source: ECS API reference, RunTask and idempotency: a token is good for a day, or until its
    tasks are not shown any more.
    """
    if token is None:
        return make()
    asked = json.dumps(request, sort_keys=True)
    used = cluster.run_tokens.get(token)
    if used is None or _is_over(site, cluster, used):
        result = make()
        made = tuple(task.id for task in result.tasks)
        over = [old for old, one in cluster.run_tokens.items() if _is_over(site, cluster, one)]
        for old in over:
            del cluster.run_tokens[old]
        cluster.run_tokens[token] = RunToken(
            asked, made, tuple(result.refusals), site.core.clock.now_ms
        )
        return result
    found = [cluster.tasks[task_id] for task_id in used.task_ids if task_id in cluster.tasks]
    if used.request != asked:
        raise ConflictException([task.arn for task in found])
    return Launched(found, list(used.refusals))


def _is_over(site: Site, cluster: Cluster, used: RunToken) -> bool:
    if site.core.clock.now_ms - used.made_ms >= _TOKEN_MS:
        return True
    return bool(used.task_ids) and not any(one in cluster.tasks for one in used.task_ids)


def _place(
    site: Site,
    cluster: Cluster,
    launch: Launch,
    instance: Instance,
    held: Held,
) -> Task:
    kind = "EXTERNAL" if instance.is_external else "EC2"
    return making.make(site, cluster, launch, kind, instance, held=held)


def _launch_type(where: Where, providers: Sequence[str | None]) -> str:
    if providers[0] is not None:
        return "FARGATE"
    return where.launch_type or "EC2"


def _providers(cluster: Cluster, where: Where, count: int) -> list[str | None]:
    """Return the capacity provider of each task; None where none is used.

    Raises:
        InvalidParameterException: a launch type and a strategy, or a strategy that cannot be.
    """
    if where.launch_type is not None and where.strategy:
        raise InvalidParameterException.launch_type_and_strategy()
    if where.launch_type is not None:
        return [None] * count
    strategy = where.strategy or cluster.default_strategy
    if not strategy:
        return [None] * count
    capacity.check_strategy(strategy, cluster.providers)
    return list(_distribute(strategy, count))


def _distribute(strategy: Sequence[StrategyItem], count: int) -> Iterator[str]:
    """Share tasks out: the base first, the rest by weight.

    Source: ECS developer guide, capacity provider strategy. Assumed: whoever is furthest behind
    its share is next.
    """
    given = dict.fromkeys((item.provider for item in strategy), 0)
    for _ in range(count):
        behind = next((item for item in strategy if given[item.provider] < item.base), None)
        if behind is None:
            weighted = [item for item in strategy if item.weight]
            behind = min(
                weighted, key=lambda item: (given[item.provider] - item.base + 1) / item.weight
            )
        given[behind.provider] += 1
        yield behind.provider


def _wish(
    launch: Launch,
    kind: str,
    constraints: tuple[placement.Constraint, ...],
    strategies: tuple[placement.Strategy, ...],
) -> placement.Wish:
    return placement.Wish(
        held=making.held(launch),
        group=launch.group,
        attributes=launch.definition.required_attributes,
        constraints=constraints,
        strategies=strategies,
        subnets=tuple((launch.network or {}).get("subnets", ())),
        is_external=kind == "EXTERNAL",
    )
