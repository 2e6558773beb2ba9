"""Placement: which container instance a task gets, what it takes there, and why none fits.

Facts first: every instance is judged, but instances that are alike in all that can be asked of
them are judged once. Then the constraints bind, and the strategies narrow down what is left.
Source: ECS developer guide, task placement. Assumed: without a strategy tasks are spread over
zones and then instances; what is still equal goes to the instance that registered first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.ecs import query_language
from ecrmock.ecs.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Held, Instance

MAX_CONSTRAINTS: Final = 10
MAX_STRATEGIES: Final = 5
"""Source: ECS API reference, RunTask."""
ZONE: Final = "ecs.availability-zone"
_SUBNET: Final = "ecs.subnet-id"
_MEMBER_OF: Final = "MemberOf placement constraint unsatisfied."
_DISTINCT: Final = "DistinctInstance placement constraint unsatisfied."
_INDIVIDUAL: Final = frozenset({"ec2InstanceId", "registeredAt", "runningTasksCount"})
"""What instances that are alike differ in."""


class Constraint(NamedTuple):
    """A condition that an instance must fulfil."""

    kind: str
    """`memberOf` or `distinctInstance`."""
    text: str = ""
    expression: query_language.Expression | None = None


class Strategy(NamedTuple):
    """How to choose among instances: `random`, `spread` or `binpack`, and by what."""

    kind: str
    field: str = ""


DEFAULT_STRATEGIES: Final = (Strategy("spread", f"attribute:{ZONE}"), Strategy("spread", "host"))


@dataclass(slots=True, frozen=True)
class Wish:
    """What a task asks of a container instance."""

    held: Held
    group: str
    attributes: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    strategies: tuple[Strategy, ...] = DEFAULT_STRATEGIES
    subnets: tuple[str, ...] = ()
    is_external: bool = False


@dataclass(slots=True)
class Placement:
    """Where a task goes; or else why each instance was refused."""

    instance: Instance | None
    refusals: list[Refusal] = field(default_factory=list)


class Refusal(NamedTuple):
    """Why one instance cannot take a task: `str()` says it whole."""

    arn: str
    """Of the instance."""
    reason: str
    """As the API gives it."""
    detail: str
    """What was asked for, and what there is."""

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.arn.rpartition('/')[2]}: {self.reason}: {self.detail}"


# ---------------------------------------------------------------------------------- choosing


def read_constraints(given: Sequence[dict[str, Any]]) -> tuple[Constraint, ...]:
    """Read placement constraints.

    Raises:
        InvalidParameterException: there are too many, or one is malformed.
    """
    if len(given) > MAX_CONSTRAINTS:
        raise InvalidParameterException(f"Maximum number of constraints is {MAX_CONSTRAINTS}.")
    return tuple(map(_read_constraint, given))


def _read_constraint(entry: dict[str, Any]) -> Constraint:
    kind, text = entry.get("type", ""), entry.get("expression")
    if kind == "distinctInstance":
        if text is not None:
            raise InvalidParameterException("distinctInstance expression should not be specified.")
        return Constraint(kind)
    return Constraint(kind, text or "", read_expression(text or ""))


def read_expression(text: str) -> query_language.Expression:
    """Read an expression of the cluster query language.

    Raises:
        InvalidParameterException: it is malformed. Assumed: the text.
    """
    try:
        return query_language.parse(text)
    except query_language.QueryIsMalformed as error:
        raise InvalidParameterException(f"Invalid expression: {error.reason}") from None


def read_strategies(given: Sequence[dict[str, Any]]) -> tuple[Strategy, ...]:
    """Read placement strategies; none at all is the default.

    Raises:
        InvalidParameterException: there are too many, or a field does not fit.
    """
    if len(given) > MAX_STRATEGIES:
        raise InvalidParameterException(f"Maximum number of strategies is {MAX_STRATEGIES}.")
    found = tuple(Strategy(entry.get("type", ""), entry.get("field", "")) for entry in given)
    for kind, by in found:
        if kind != "random" and kind not in _STRATEGIES:
            raise InvalidParameterException.strategy(kind)
        if kind == "random" and by:
            raise InvalidParameterException("random field should not be specified.")
        if kind == "binpack" and by.lower() not in _FREE:
            raise InvalidParameterException(f"binpack field '{by}' is invalid.")
        if kind == "spread" and by not in _HOST and not by.startswith("attribute:"):
            raise InvalidParameterException(f"spread field '{by}' is invalid.")
    return found or DEFAULT_STRATEGIES


def choose(site: Site, cluster: Cluster, wish: Wish) -> Placement:
    """Choose an instance for a task, or say of each why not."""
    zones = _known_zones(cluster, wish)
    candidates = [
        members for members in _classes(cluster, wish) if _refusal(members[0], wish, zones) is None
    ]
    if not candidates:
        refused = ((one, _refusal(one, wish, zones)) for one in _eligible(cluster, wish))
        return Placement(
            None, [explain(one, wish, reason, zones) for one, reason in refused if reason]
        )
    for strategy in wish.strategies:
        if strategy.kind == "random":
            picked = site.core.ids.pick(sum(map(len, candidates)))
            for members in candidates:
                if picked < len(members):
                    return Placement(members[picked])
                picked -= len(members)
        values = _STRATEGIES[strategy.kind](cluster, wish, strategy.field)
        ranked = [(values(members[0]), members) for members in candidates]
        best = min(value for value, _ in ranked)
        candidates = [members for value, members in ranked if value == best]
    return Placement(min((members[0] for members in candidates), key=lambda one: one.seq))


def judge(cluster: Cluster, instance: Instance, wish: Wish) -> Refusal | None:
    """Return why one instance cannot take a task; None when it can."""
    zones = _known_zones(cluster, wish)
    reason = _refusal(instance, wish, zones)
    return None if reason is None else explain(instance, wish, reason, zones)


def explain(
    instance: Instance, wish: Wish, reason: str, zones: frozenset[str] = frozenset()
) -> Refusal:
    """Say what was asked of an instance that was refused, and what it has."""
    held = wish.held
    lacking = [name for name in wish.attributes if name not in instance.attributes]
    unmet = next((c for c in wish.constraints if _is_unmet(instance, wish, c)), None)
    ports = ", ".join(held.ports + held.udp_ports)
    free_interfaces = instance.max_interfaces - 1 - instance.interfaces
    details = {
        "AGENT": "its agent is not connected",
        "RESOURCE:CPU": f"wants {held.cpu} CPU units, {instance.free_cpu} are free",
        "RESOURCE:MEMORY": f"wants {held.memory} MiB, {instance.free_memory} are free",
        "RESOURCE:PORTS": f"wants {ports}, of which some are taken",
        "RESOURCE:GPU": f"wants {held.gpus} GPUs, {len(instance.free_gpus)} are free",
        "RESOURCE:ENI": f"wants a network interface, {free_interfaces} are free",
        "ATTRIBUTE": f"lacks {', '.join(lacking)}",
        "LOCATION": f"is in {instance.attributes.get(ZONE)}, not in {', '.join(sorted(zones))}",
    }
    if unmet is not None and unmet.expression is not None:
        details[_MEMBER_OF] = f"does not fulfil {unmet.text}"
    elif unmet is not None:
        details[_DISTINCT] = f"runs a task of the group {wish.group} already"
    return Refusal(instance.arn, reason, details[reason])


class _Members(Sequence["Instance"]):
    """Instances that are alike, looked up as they are asked for."""

    __slots__ = ("_cluster", "_seqs")

    def __init__(self, cluster: Cluster, seqs: list[int]) -> None:
        self._cluster = cluster
        self._seqs = seqs

    def __len__(self) -> int:
        return len(self._seqs)

    def __getitem__(self, index: Any) -> Any:
        return self._cluster.instance_order[self._seqs[index]]


def _classes(cluster: Cluster, wish: Wish) -> Iterator[Sequence[Instance]]:
    """Walk the instances, those together that are alike."""
    asked = (c.expression.subjects for c in wish.constraints if c.expression is not None)
    if any(not _INDIVIDUAL.isdisjoint(subjects) for subjects in asked):
        for instance in _eligible(cluster, wish):
            yield (instance,)
        return
    for seqs in cluster.alike.values():
        members = _Members(cluster, seqs)
        if _is_eligible(members[0], wish):
            yield members


def _eligible(cluster: Cluster, wish: Wish) -> Iterator[Instance]:
    return (one for one in cluster.instance_order.values() if _is_eligible(one, wish))


def _is_eligible(instance: Instance, wish: Wish) -> bool:
    return instance.status == "ACTIVE" and instance.is_external == wish.is_external


def has_instances(cluster: Cluster, *, is_external: bool = False) -> bool:
    """Tell whether a cluster has an instance that can be asked at all."""
    return any(
        one.status == "ACTIVE" and one.is_external == is_external
        for one in cluster.instance_order.values()
    )


def _refusal(instance: Instance, wish: Wish, zones: frozenset[str]) -> str | None:
    """Return the first reason why an instance cannot take a task.

    Source: ECS developer guide, API failure reasons.
    """
    if not instance.agent_connected:
        return "AGENT"
    lacking = _lacking(instance, wish.held)
    if lacking is not None:
        return f"RESOURCE:{lacking}"
    if any(name not in instance.attributes for name in wish.attributes):
        return "ATTRIBUTE"
    if zones and instance.attributes.get(ZONE) not in zones:
        return "LOCATION"
    return _unsatisfied(instance, wish)


def _unsatisfied(instance: Instance, wish: Wish) -> str | None:
    """Return the text for the first constraint that an instance does not fulfil."""
    for constraint in wish.constraints:
        if _is_unmet(instance, wish, constraint):
            return _DISTINCT if constraint.expression is None else _MEMBER_OF
    return None


def _is_unmet(instance: Instance, wish: Wish, constraint: Constraint) -> bool:
    if constraint.expression is None:
        return bool(instance.groups[wish.group])
    return not constraint.expression.matches(instance)


def _lacking(instance: Instance, held: Held) -> str | None:
    """Return what an instance has too little of."""
    short = None
    if held.cpu > instance.free_cpu:
        short = "CPU"
    elif held.memory > instance.free_memory:
        short = "MEMORY"
    elif _taken(held.ports, instance.reserved_ports, instance.used_ports) or _taken(
        held.udp_ports, instance.reserved_udp_ports, instance.used_udp_ports
    ):
        short = "PORTS"
    elif held.gpus > len(instance.free_gpus):
        short = "GPU"
    elif 0 < held.interfaces > instance.max_interfaces - 1 - instance.interfaces:
        short = "ENI"
    return short


def _taken(wanted: Sequence[str], *taken: Sequence[str]) -> bool:
    """Tell whether one of some ports is taken; most tasks want none."""
    return bool(wanted) and any(port in ports for port in wanted for ports in taken)


def subnets_in(cluster: Cluster, subnets: Sequence[str], zone: str) -> Sequence[str]:
    """Return those of some subnets that are in a zone, and those of which nobody has told."""
    known = _subnets(cluster)
    return [one for one in subnets if known.get(one, zone) == zone] or subnets


def zone_of(cluster: Cluster, subnet: str) -> str | None:
    """Return the zone of a subnet, where a container instance has told it."""
    return _subnets(cluster).get(subnet)


def _known_zones(cluster: Cluster, wish: Wish) -> frozenset[str]:
    """Return the zones of a task's subnets; none where an instance has yet to tell one of them."""
    if not wish.subnets:
        return frozenset()
    known = _subnets(cluster)
    zones = {known.get(subnet) for subnet in wish.subnets}
    return frozenset() if None in zones else frozenset(zone for zone in zones if zone)


def _subnets(cluster: Cluster) -> dict[str | None, str | None]:
    """Return the zones of the subnets that container instances are in."""
    firsts = (cluster.instance_order[seqs[0]].attributes for seqs in cluster.alike.values())
    return {attributes.get(_SUBNET): attributes.get(ZONE) for attributes in firsts}


# -------------------------------------------------------------------------------- strategies

Ranking = Callable[["Instance"], float]
"""How far down an instance stands."""

_HOST: Final = ("instanceId", "host")
_FREE: Final[dict[str, Ranking]] = {
    "cpu": lambda instance: instance.free_cpu,
    "memory": lambda instance: instance.free_memory,
}


def _spread(cluster: Cluster, wish: Wish, by: str) -> Ranking:
    if by in _HOST:
        return lambda instance: instance.groups[wish.group]
    name = by.removeprefix("attribute:")
    counts: Counter[str | None] = Counter()
    for seqs in cluster.alike.values():
        first = cluster.instance_order[seqs[0]]
        counts[first.attributes.get(name)] += len(seqs) * first.groups[wish.group]
    return lambda instance: counts[instance.attributes.get(name)]


def _binpack(cluster: Cluster, wish: Wish, by: str) -> Ranking:  # noqa: ARG001
    return _FREE[by.lower()]


_STRATEGIES: Final[dict[str, Callable[[Cluster, Wish, str], Ranking]]] = {
    "spread": _spread,
    "binpack": _binpack,
}
