"""A small reference model of placement: what instances have, and where a task may go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hypothesis import strategies as st

RESOURCES = ("CPU", "MEMORY", "PORTS", "GPU", "ENI")
MEMBER_OF = "MemberOf placement constraint unsatisfied."
DISTINCT = "DistinctInstance placement constraint unsatisfied."
SLOTS = {"t3.micro": 1, "r5.large": 2, "c5.xlarge": 3, "g4dn.12xlarge": 7}
"""Interfaces besides the first. Source: EC2 user guide, IP addresses per network interface."""
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
RACKS = ("1", "2")
GROUPS = ("family:app", "blue")


class Need(NamedTuple):
    """What a task needs."""

    cpu: int = 0
    memory: int = 64
    tcp: frozenset[int] = frozenset()
    udp: frozenset[int] = frozenset()
    gpus: int = 0
    mode: str = "bridge"

    def definition(self) -> dict[str, Any]:
        """Return the parameters of RegisterTaskDefinition, but for the family."""
        container: dict[str, Any] = {"name": "app", "image": "nginx"}
        container |= {"cpu": self.cpu, "memory": self.memory}
        ports = [("tcp", each) for each in self.tcp] + [("udp", each) for each in self.udp]
        container["portMappings"] = [
            {"containerPort": number, "hostPort": number, "protocol": protocol}
            for protocol, number in sorted(ports)
        ]
        if self.gpus:
            container["resourceRequirements"] = [{"type": "GPU", "value": str(self.gpus)}]
        return {"containerDefinitions": [container], "networkMode": self.mode}

    @property
    def reserves(self) -> tuple[frozenset[int], frozenset[int]]:
        """The ports of the host that it takes."""
        none: frozenset[int] = frozenset()
        return (none, none) if self.mode == "awsvpc" else (self.tcp, self.udp)


@dataclass
class Task:
    """A task that was placed: new, running, stopping or stopped."""

    arn: str
    host: Host
    group: str
    need: Need
    state: str = "new"

    @property
    def is_wanted(self) -> bool:
        return self.state in ("new", "running")


@dataclass(eq=False)
class Host:
    """A container instance and its tasks."""

    arn: str
    kind: str
    zone: str
    cpu: int
    memory: int
    tcp: frozenset[int]
    udp: frozenset[int]
    gpus: frozenset[str]
    attributes: dict[str, str] = field(default_factory=dict)
    status: str = "ACTIVE"
    tasks: list[Task] = field(default_factory=list)

    @property
    def present(self) -> list[Task]:
        """The tasks that take resources: all that have not stopped."""
        return [each for each in self.tasks if each.state != "stopped"]

    def left(self) -> tuple[int, int]:
        """Return the units of CPU and the MiB that remain."""
        needs = [each.need for each in self.present]
        return self.cpu - sum(n.cpu for n in needs), self.memory - sum(n.memory for n in needs)

    def taken(self) -> tuple[set[int], set[int]]:
        """Return the tcp and the udp ports that are taken."""
        pairs = [each.need.reserves for each in self.present]
        return self.tcp.union(*(t for t, _ in pairs)), self.udp.union(*(u for _, u in pairs))

    def counts(self) -> tuple[int, int]:
        """Return the numbers of running and of pending tasks."""
        states = [each.state for each in self.tasks]
        return states.count("running"), states.count("new")

    def lacks(self, need: Need) -> set[str]:
        """Return the resources that a task would miss here."""
        cpu, memory = self.left()
        tcp, udp = self.taken()
        needs = [each.need for each in self.present]
        missing = {
            "CPU": need.cpu > cpu,
            "MEMORY": need.memory > memory,
            "PORTS": bool(need.reserves[0] & tcp or need.reserves[1] & udp),
            "GPU": need.gpus > len(self.gpus) - sum(n.gpus for n in needs),
            "ENI": need.mode == "awsvpc"
            and sum(n.mode == "awsvpc" for n in needs) >= SLOTS[self.kind],
        }
        return {f"RESOURCE:{name}" for name, is_missing in missing.items() if is_missing}


# ------------------------------------------------------------------------------- constraints


class Rule(NamedTuple):
    """A constraint: `distinct`, or what an instance has to be."""

    kind: str
    value: str = ""

    def wire(self) -> dict[str, str]:
        """Return it as it is sent."""
        if self.kind == "distinct":
            return {"type": "distinctInstance"}
        expressions = {
            "rack": f"attribute:rack == {self.value}",
            "no rack": "attribute:rack !exists",
            "zone": f"attribute:ecs.availability-zone != {self.value}",
            "type": f"attribute:ecs.instance-type =~ {self.value}",
            "few": f"runningTasksCount < {self.value}",
            "away": f"not(task:group == {self.value})",
        }
        return {"type": "memberOf", "expression": expressions[self.kind]}

    def broken_by(self, host: Host, group: str) -> str | None:
        """Return the reason why an instance cannot take a task of a group; None if it can."""
        groups = {each.group for each in host.tasks if each.is_wanted}
        if self.kind == "distinct":
            return DISTINCT if group in groups else None
        holds = {
            "rack": lambda: host.attributes.get("rack") == self.value,
            "no rack": lambda: "rack" not in host.attributes,
            "zone": lambda: host.zone != self.value,
            "type": lambda: re.fullmatch(self.value, host.kind) is not None,
            "few": lambda: host.counts()[0] < int(self.value),
            "away": lambda: self.value not in groups,
        }
        return None if holds[self.kind]() else MEMBER_OF


def reasons(host: Host, need: Need, group: str, rules: list[Rule]) -> set[str]:
    """Return all reasons why a task cannot go on an instance; those of its resources come first.

    Where resources are missing no constraint is looked at.
    """
    broken = {each.broken_by(host, group) for each in rules} - {None}
    return host.lacks(need) or broken


# -------------------------------------------------------------------------------- strategies


def best(hosts: list[Host], fits: list[Host], group: str, strategy: list[str]) -> list[Host]:
    """Return the instances that are equally good for a task: any of them may be chosen.

    *hosts* are all of the cluster, of which the task *fits* on some.
    """
    rules = strategy or ["spread attribute:ecs.availability-zone", "spread instanceId"]
    for rule in rules:
        kind, _, by = rule.partition(" ")
        if kind == "random":
            return fits
        if kind == "binpack":
            marks = [host.left()[by == "memory"] for host in fits]
        else:
            marks = [tasks_beside(hosts, host, group, by) for host in fits]
        fits = [host for host, mark in zip(fits, marks, strict=True) if mark == min(marks)]
    return fits


def tasks_beside(hosts: list[Host], host: Host, group: str, by: str) -> int:
    """Return how many tasks of a group share an instance's value of a field."""
    sharing = [each for each in hosts if value(each, by) == value(host, by)]
    return sum(task.is_wanted and task.group == group for each in sharing for task in each.tasks)


def value(host: Host, by: str) -> str | None:
    """Return what an instance has for the field of a spread."""
    if by in ("instanceId", "host"):
        return host.arn
    name = by.removeprefix("attribute:")
    return host.zone if name == "ecs.availability-zone" else host.attributes.get(name)


def on_wire(strategy: list[str]) -> list[dict[str, str]]:
    """Return rules such as `binpack cpu` as they are sent."""
    parts = (each.partition(" ") for each in strategy)
    return [{"type": kind, **({"field": by} if by else {})} for kind, _, by in parts]


# --------------------------------------------------------------------------- what is drawn

ports = st.frozensets(st.sampled_from([22, 80, 8080, 51678]), max_size=2)
needs = st.builds(
    Need,
    cpu=st.sampled_from([0, 0, 128, 512, 1024]),
    memory=st.sampled_from([16, 64, 300, 1000, 3000]),
    tcp=st.just(frozenset()) | ports,
    udp=st.just(frozenset()) | ports,
    gpus=st.sampled_from([0, 0, 0, 0, 1, 3]),
    mode=st.sampled_from(["bridge", "bridge", "host", "awsvpc"]),
).map(lambda need: need._replace(udp=need.udp if need.mode == "bridge" else frozenset()))
rules = st.one_of(
    st.just(Rule("distinct")),
    st.sampled_from(RACKS).map(lambda each: Rule("rack", each)),
    st.just(Rule("no rack")),
    st.sampled_from(ZONES).map(lambda each: Rule("zone", each)),
    st.sampled_from(["t3.*", "[rg].*"]).map(lambda each: Rule("type", each)),
    st.sampled_from("135").map(lambda each: Rule("few", each)),
    st.sampled_from(GROUPS).map(lambda each: Rule("away", each)),
)
RULES = (
    "spread attribute:ecs.availability-zone",
    "spread attribute:rack",
    "spread instanceId",
    "spread host",
    "binpack cpu",
    "binpack memory",
)
strategies = st.builds(
    lambda chosen, is_random: [*chosen, "random"] if is_random else chosen,
    st.lists(st.sampled_from(RULES), max_size=3),
    st.sampled_from([False, False, True]),
)
