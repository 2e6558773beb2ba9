"""Policies and trust as a test gives them to a role: names and ARNs, and documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from ecrmock.core.errors import UsageError
from ecrmock.iam import managed, trust
from ecrmock.iam.documents import Kind, Policy, PolicyIsMalformed, parse

_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")
_POLICY: Final = "the name or ARN of an AWS managed policy, or a document as a dict or JSON text"
_TRUST: Final = (
    "a service such as 'ecs-tasks.amazonaws.com', an account of twelve digits, the ARN of a user, "
    "role or session, a list of these, or a whole document as a dict or JSON text"
)


def read_policies(values: object) -> tuple[Policy, ...]:
    """Read the identity policies that a test gives to a role.

    Raises:
        UsageError: it is no list, or has an item that is not accepted; the text says what is.
        PolicyElementNotModelled: a document has an element that is not judged.
        PolicyIsMalformed: a document is no identity policy.
    """
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise UsageError(f"policies is {values!r}; give a list, for example policies=[{values!r}]")
    return tuple(_policy(value, number) for number, value in enumerate(values, 1))


def read_trust(value: object, partition: str) -> Policy:
    """Read whom a test lets assume a role.

    Raises:
        UsageError: it is none of what is accepted; the text says what is.
        PolicyElementNotModelled: a document has an element that is not judged.
        PolicyIsMalformed: a document is no trust policy.
    """
    policy = _document(trust.NAME, value, "trust", partition)
    if policy is not None:
        for statement in policy.statements:
            if not all(action.lower().startswith("sts:") for action in statement.actions):
                raise PolicyIsMalformed("a trust policy has actions of STS alone")
        return policy
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        raise UsageError(f"trust is {value!r}; give {_TRUST}")
    principals: dict[str, list[Any]] = {}
    for name in names:
        is_service = isinstance(name, str) and _SERVICE.fullmatch(name) is not None
        principals.setdefault("Service" if is_service else "AWS", []).append(name)
    try:
        return trust.in_principals(principals, partition)
    except PolicyIsMalformed as error:
        raise UsageError(f"trust is {value!r} ({error}); give {_TRUST}") from None


def _policy(value: Any, number: int) -> Policy:
    policy = _document(f"policy {number}", value, "identity", "aws")
    if policy is not None:
        return policy
    if not isinstance(value, str):
        raise UsageError(f"policies has {value!r}; give {_POLICY}")
    found = managed.find(value)
    if found is None:
        raise UsageError(f"policies has {value!r}, which is {_unknown(value)}")
    return found


def _document(name: str, value: object, kind: Kind, partition: str) -> Policy | None:
    """Read a whole document, or return None where *value* is none."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise UsageError(f"{name} has a text that is no JSON ({error}): {value!r}") from None
    if not isinstance(value, Mapping):
        return None
    return parse(name, value, kind=kind, partition=partition, keep_conditions=True)


def _unknown(value: str) -> str:
    import difflib

    name, known = value.rpartition("/")[2], managed.names()
    if name in known:
        return f"not under that path or ARN; write {name!r}"
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(known)}."
    return f"no AWS managed policy that ecrmock knows; {hint} Of any other, give the document"
