"""Policy documents as statements.

Models Effect, Action and Resource of identity policies. Every other element is refused by name:
a document that cannot be judged exactly is never judged at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ecrmock.core.errors import EcrmockError

_DOCUMENT: Final = ("Version", "Id", "Statement")
_STATEMENT: Final = ("Sid", "Effect", "Action", "Resource")
_REQUIRED: Final = ("Effect", "Action", "Resource")
_EFFECTS: Final = ("Allow", "Deny")


class PolicyElementNotModelled(EcrmockError, NotImplementedError):
    """A policy uses an element that the decision function does not know."""

    def __init__(self, element: str, accepted: tuple[str, ...]) -> None:
        super().__init__(
            f"the policy element {element!r} is not modelled by ecrmock; "
            f"accepted are {', '.join(accepted)}"
        )


class PolicyIsMalformed(EcrmockError, ValueError):
    """A policy lacks something that every policy has, or has it wrong."""


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
        PolicyIsMalformed: it lacks an element, or has one of the wrong kind.
    """
    _refuse_others(document, _DOCUMENT)
    statements = document.get("Statement", [])
    if isinstance(statements, Mapping):
        statements = [statements]
    return Policy(name, tuple(_statement(entry) for entry in statements))


def _statement(entry: Mapping[str, Any]) -> Statement:
    _refuse_others(entry, _STATEMENT)
    for element in _REQUIRED:
        if element not in entry:
            raise PolicyIsMalformed(f"a statement of an identity policy needs {element}")
    effect = entry["Effect"]
    if effect not in _EFFECTS:
        raise PolicyIsMalformed(f"Effect is {effect!r}; it must be one of {', '.join(_EFFECTS)}")
    resources = _texts(entry["Resource"])
    for resource in resources:
        if "${" in resource:
            raise PolicyElementNotModelled(resource, ("resources without variables",))
    return Statement(effect, _texts(entry["Action"]), resources, entry.get("Sid", ""))


def _refuse_others(entry: Mapping[str, Any], accepted: tuple[str, ...]) -> None:
    for element in entry:
        if element not in accepted:
            raise PolicyElementNotModelled(element, accepted)


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
