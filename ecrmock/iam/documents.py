"""Policy documents as statements.

Models Effect, Action and Resource of identity policies, and Principal of resource-based ones and
of trust policies. Every other element is refused by name: a document that cannot be judged exactly
is never judged at all. A Condition can be kept unread, for decisions that do not depend on it.
Source: IAM user guide, JSON policy elements.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ecrmock.core import arn
from ecrmock.core.errors import EcrmockError, NotModelled

Kind = Literal["identity", "resource", "trust"]

_VERSIONS: Final = ("2012-10-17", "2008-10-17")
_DOCUMENT: Final = ("Version", "Id", "Statement")
_ELEMENTS: Final[dict[Kind, tuple[str, ...]]] = {
    "identity": ("Sid", "Effect", "Action", "Resource"),
    "resource": ("Sid", "Effect", "Principal", "Action", "Resource"),
    "trust": ("Sid", "Effect", "Principal", "Action"),
}
_REQUIRED: Final[dict[Kind, tuple[str, ...]]] = {
    "identity": ("Effect", "Action", "Resource"),
    "resource": ("Effect", "Principal", "Action"),
    "trust": ("Effect", "Principal", "Action"),
}
_CONDITION: Final = "Condition"
_NOT_JUDGED: Final = (_CONDITION, "NotAction", "NotPrincipal", "NotResource")
_EFFECTS: Final = ("Allow", "Deny")
_PRINCIPAL: Final = re.compile(
    r"\*|[0-9]{12}|A[A-Z]{3}[A-Z0-9]{16,}"
    r"|arn:aws[a-z-]*:(iam::[0-9]{12}:(root|(user|role)/.+)"
    r"|sts::[0-9]{12}:(assumed-role|federated-user)/.+)"
)
"""What stands under `AWS`: everyone, an account, a unique id, a user, a role or a session."""
_PRINCIPAL_TYPES: Final = ("AWS", "Service", "Federated", "CanonicalUser")


class PolicyElementNotModelled(NotModelled):
    """A policy uses an element that the decision function does not know."""

    def __init__(self, element: str, accepted: tuple[str, ...]) -> None:
        super().__init__(
            f"the policy element {element!r} is not modelled by ecrmock; "
            f"accepted are {', '.join(accepted)}"
        )


class ConditionNotModelled(PolicyElementNotModelled):
    """A decision depends on a condition, and conditions are not read."""

    def __init__(self, action: str, resource: str, policy: Policy, statement: Statement) -> None:
        label = f"statement {statement.sid!r}" if statement.sid else "a statement"
        NotModelled.__init__(
            self,
            f"whether {action} on {resource} is permitted depends on the policy element "
            f"'Condition' of {label} of {policy.name!r}, which is not modelled by ecrmock: "
            f"{statement.condition}. Permit or deny it by a statement without a Condition",
        )


class PolicyIsMalformed(EcrmockError, ValueError):
    """A policy lacks something that every policy has, or has it wrong."""


@dataclass(slots=True, frozen=True)
class Statement:
    """One statement: what it allows or denies, and in a resource-based policy to whom."""

    effect: Literal["Allow", "Deny"]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    sid: str = ""
    principals: tuple[str, ...] = ()
    """`*`, ARNs and names of services; an account stands as the ARN of its root."""
    condition: str = ""
    """The JSON of a Condition that was not read; empty where there is none."""


@dataclass(slots=True, frozen=True)
class Policy:
    """One policy document with the name that it is known by. Copies of a world share it."""

    name: str
    statements: tuple[Statement, ...]
    kind: Kind = "identity"

    def __deepcopy__(self, memo: dict[int, Any]) -> Policy:
        """Return the policy itself, of which nothing can change."""
        return self


def parse(
    name: str,
    document: Mapping[str, Any],
    *,
    kind: Kind = "identity",
    partition: str = "aws",
    keep_conditions: bool = False,
) -> Policy:
    """Read a policy.

    Args:
        name: what it is known by.
        document: its JSON object.
        kind: whether it is attached to an identity or a resource, or says who may assume a role.
        partition: where accounts are that stand as principals by their number.
        keep_conditions: let statements have a Condition, which is kept unread; a decision that
            depends on it is refused by name.

    Raises:
        PolicyElementNotModelled: it has an element that is not judged.
        PolicyIsMalformed: it lacks an element, or has one that is unknown or of the wrong kind.
    """
    _refuse_others(document, _DOCUMENT)
    version = document.get("Version", _VERSIONS[1])
    if version not in _VERSIONS:
        raise PolicyIsMalformed(f"Version is {version!r}; give one of {', '.join(_VERSIONS)}")
    if not isinstance(document.get("Id", ""), str):
        raise PolicyIsMalformed(f"Id is {document['Id']!r}; give a string")
    statements = document.get("Statement")
    if isinstance(statements, Mapping):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise PolicyIsMalformed("a policy needs at least one Statement")
    accepted = _ELEMENTS[kind] + ((_CONDITION,) if keep_conditions else ())
    read = (_statement(entry, kind, partition, accepted) for entry in statements)
    return Policy(name, tuple(read), kind)


def principal_arn(value: str, partition: str) -> str:
    """Return a principal as policies keep it: an account as the ARN of its root."""
    return f"arn:{partition}:iam::{value}:root" if arn.is_account_id(value) else value


def _statement(entry: Any, kind: Kind, partition: str, accepted: tuple[str, ...]) -> Statement:
    if not isinstance(entry, Mapping):
        raise PolicyIsMalformed(f"a statement is {entry!r}; give an object")
    _refuse_others(entry, accepted)
    for element in _REQUIRED[kind]:
        if element not in entry:
            raise PolicyIsMalformed(f"a statement of this kind of policy needs {element}")
    effect, sid = entry["Effect"], entry.get("Sid", "")
    if effect not in _EFFECTS:
        raise PolicyIsMalformed(f"Effect is {effect!r}; it must be one of {', '.join(_EFFECTS)}")
    if not isinstance(sid, str):
        raise PolicyIsMalformed(f"Sid is {sid!r}; give a string")
    resources = _texts(entry.get("Resource", "*"), "Resource")
    for resource in resources:
        if "${" in resource:
            raise PolicyElementNotModelled(resource, ("resources without variables",))
    principals = _principals(entry["Principal"], partition) if "Principal" in entry else ()
    actions = _texts(entry["Action"], "Action")
    return Statement(effect, actions, resources, sid, principals, _unread(entry))


def _unread(entry: Mapping[str, Any]) -> str:
    """Return the Condition of a statement as JSON; an empty one always holds, and so is none."""
    condition = entry.get(_CONDITION, {})
    if not isinstance(condition, Mapping):
        raise PolicyIsMalformed(f"Condition is {condition!r}; give an object")
    return json.dumps(condition, default=str) if condition else ""


def _principals(value: Any, partition: str) -> tuple[str, ...]:
    if value == "*":
        return ("*",)
    if not isinstance(value, Mapping) or not value:
        raise PolicyIsMalformed(f"Principal is {value!r}; give '*' or an object")
    found: list[str] = []
    for kind, names in value.items():
        if kind not in _PRINCIPAL_TYPES:
            raise PolicyIsMalformed(f"{kind!r} is no kind of principal")
        texts = _texts(names, kind)
        if kind != "AWS" and "*" in texts:
            raise PolicyElementNotModelled(f"{kind}: *", ("AWS: *", "names of services"))
        if kind == "AWS" and not all(_PRINCIPAL.fullmatch(text) for text in texts):
            raise PolicyIsMalformed(f"{names!r} names what cannot be a principal")
        found.extend(principal_arn(text, partition) if kind == "AWS" else text for text in texts)
    for name in found:
        if not name or ("*" in name and name != "*"):
            raise PolicyIsMalformed(f"{name!r} is no principal; a wildcard stands alone")
    return tuple(found)


def _refuse_others(entry: Mapping[str, Any], accepted: tuple[str, ...]) -> None:
    for element in entry:
        if element in accepted:
            continue
        if element in _NOT_JUDGED:
            raise PolicyElementNotModelled(element, accepted)
        raise PolicyIsMalformed(f"{element!r} is none of the elements {', '.join(accepted)}")


def _texts(value: Any, element: str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
        raise PolicyIsMalformed(f"{element} is {value!r}; give a string or a list of strings")
    return tuple(texts)
