"""How a rule on task definitions is written: its text beside what finds that it is broken.

@RULES.add("Unknown volume '{volume}'.")
def mounted_volumes_are_declared(draft: Draft) -> Breaches:
    ...yields what the text needs, once for each breach
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

Json = dict[str, Any]
Breaches = Iterable[dict[str, object]]

_UNITS: Final = {
    "cpu": re.compile(r"(?P<whole>[0-9]+)|(?P<units>[0-9]*\.?[0-9]+) ?vcpu", re.IGNORECASE),
    "memory": re.compile(r"(?P<whole>[0-9]+)|(?P<units>[0-9]*\.?[0-9]+) ?gb", re.IGNORECASE),
}
_PER_UNIT: Final = 1024
ONE: Final[Breaches] = ({},)
"""A breach that its text says everything about."""


def read_size(kind: str, text: str) -> int | None:
    """Return CPU units or MiB from `256`, `.25 vCPU` or `0.5 GB`; None for anything else.

    Source: ECS API reference, TaskDefinition.
    """
    found = _UNITS[kind].fullmatch(text.strip())
    if found is None:
        return None
    if found["whole"] is not None:
        return int(found["whole"])
    return round(float(found["units"]) * _PER_UNIT)


@dataclass
class Draft:
    """A task definition that asks to be registered, as the request has it.

    Attributes:
        document: the request, by the service's own member names.
        account_id: whose registration it is.
    """

    document: Json
    account_id: str

    @cached_property
    def containers(self) -> list[Json]:
        """The container definitions."""
        return list(self.document["containerDefinitions"])

    @cached_property
    def names(self) -> list[str]:
        """The names of the containers."""
        return [container.get("name", "") for container in self.containers]

    @property
    def network_mode(self) -> str | None:
        """The network mode, where one is given."""
        return self.document.get("networkMode")

    @property
    def is_awsvpc(self) -> bool:
        """Whether tasks have a network interface of their own."""
        return self.network_mode == "awsvpc"

    @property
    def required(self) -> list[str]:
        """The launch types that the definition must fit."""
        return list(self.document.get("requiresCompatibilities", ()))

    @property
    def is_windows(self) -> bool:
        """Whether the containers run on Windows."""
        family = self.document.get("runtimePlatform", {}).get("operatingSystemFamily", "LINUX")
        return str(family).startswith("WINDOWS")

    def size(self, kind: str) -> int | None:
        """Return the `cpu` units or the `memory` MiB of the task; None without or unreadable."""
        text = self.document.get(kind)
        return None if text is None else read_size(kind, text)

    def having(self, member: str) -> Iterator[Json]:
        """Walk the containers that give a member a value that is not empty."""
        return (container for container in self.containers if container.get(member))

    def listed(self, member: str) -> Iterator[tuple[Json, Json]]:
        """Walk the entries of a list that containers have, each with its container."""
        for container in self.containers:
            for entry in container.get(member, ()):
                yield container, entry


class Rule(NamedTuple):
    """One rule: what is said when it is broken, and what finds that."""

    text: str
    find: Callable[[Draft], Breaches]


@dataclass
class Rules:
    """Rules in the order in which they are judged."""

    rows: list[Rule] = field(default_factory=list)

    def add(self, text: str) -> Callable[[Callable[[Draft], Breaches]], Callable[..., Breaches]]:
        """Enter a function as the next rule, with its text."""

        def enter(find: Callable[[Draft], Breaches]) -> Callable[..., Breaches]:
            self.rows.append(Rule(text, find))
            return find

        return enter

    def only(self, *finders: Callable[..., Breaches]) -> Rules:
        """Return those rules alone that these functions find broken."""
        return Rules([row for row in self.rows if row.find in finders])

    def broken(self, draft: Draft) -> Iterator[str]:
        """Walk the texts of the rules that a draft breaks, in order."""
        for row in self.rows:
            for breach in row.find(draft):
                yield row.text.format(**breach)


def one_if(broken: object) -> Breaches:
    """Return one breach if something is true, else none."""
    return ONE if broken else ()
