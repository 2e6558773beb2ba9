"""Policy documents as statements.

Models Effect, Action and Resource of identity policies. Every other element is refused by name:
a document that cannot be judged exactly is never judged at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ecrmock.core.errors import EcrmockError

_MODELLED: Final = {"Sid", "Effect", "Action", "Resource"}


class PolicyElementNotModelled(EcrmockError, NotImplementedError):
    """A policy uses an element that the decision function does not know."""

    def __init__(self, element: str) -> None:
        super().__init__(
            f"the policy element {element!r} is not modelled by ecrmock; "
            f"accepted are {', '.join(sorted(_MODELLED))}"
        )


@dataclass(slots=True, frozen=True)
class Statement:
    """One statement: what it allows or denies."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    sid: str = ""


@dataclass(slots=True, frozen=True)
class Policy:
    """One policy document with the name that it is known by."""

    name: str
    statements: tuple[Statement, ...]


def parse(name: str, document: Mapping[str, Any]) -> Policy:
    """Read an identity policy.

    Raises:
        PolicyElementNotModelled: it has an element that is not judged.
    """
    statements = document["Statement"]
    if isinstance(statements, Mapping):
        statements = [statements]
    return Policy(name, tuple(_statement(entry) for entry in statements))


def _statement(entry: Mapping[str, Any]) -> Statement:
    for element in entry:
        if element not in _MODELLED:
            raise PolicyElementNotModelled(element)
    return Statement(
        entry["Effect"], _texts(entry["Action"]), _texts(entry["Resource"]), entry.get("Sid", "")
    )


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
