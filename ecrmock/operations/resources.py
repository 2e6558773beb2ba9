"""The resources that a call is about, for the authoriser: one resolver per resource type.

Which types an action has is data: the Service Authorization Reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.core import arn
from ecrmock.operations.table import Call, Request

if TYPE_CHECKING:
    from ecrmock.iam.documents import Policy

_DATA: Final = Path(__file__).parents[1] / "data" / "authorization"


class Resource(NamedTuple):
    """One resource of a call, the account that owns it and the policy attached to it."""

    arn: str
    account_id: str
    policy: Policy | None = None


@cache
def _actions(service: str) -> dict[str, Any]:
    document = json.loads((_DATA / f"{service}.json").read_text(encoding="utf-8"))
    actions: dict[str, Any] = document["actions"]
    return actions


_ACTIONS: Final = {
    # Operations that need the permission of another; source: API model, ListImageReferrers.
    ("ecr", "ListImageReferrers"): "BatchGetImage",
}


def action_of(service: str, operation: str) -> str:
    """Return the name of the action that permits an operation, without the service."""
    return _ACTIONS.get((service, operation), operation)


@cache
def types_of(service: str, operation: str) -> tuple[str, ...]:
    """Return the resource types of the action of an operation, the required ones first.

    An empty answer: the action has no resource-level permissions.
    """
    entries = _actions(service).get(action_of(service, operation), {}).get("resource_types", [])
    ordered = sorted(entries, key=lambda entry: not entry["required"])
    return tuple(entry["name"] for entry in ordered)


@cache
def _required(service: str, operation: str) -> tuple[str, ...]:
    """Return the resource types that a policy must allow, every one of them."""
    entries = _actions(service).get(action_of(service, operation), {}).get("resource_types", [])
    return tuple(entry["name"] for entry in entries if entry["required"])


def resolve(call: Call, service: str, operation: str, request: Request) -> list[Resource]:
    """Return what a call is about: ARNs with their owners, or `*`."""
    types = types_of(service, operation)
    if not types:
        return [Resource("*", call.account_id)]
    given = request.get("resourceArn")
    if given is not None:
        parsed = arn.parse(given)
        if service in _tagged:
            _tagged[service](call, parsed)
        if parsed is None or parsed.service != service:
            return [Resource(given, call.account_id)]
        find_policy = _policies.get((service, parsed.kind))
        policy = None if find_policy is None else find_policy(call, parsed)
        return [Resource(given, parsed.account_id, policy)]
    wanted = _required(service, operation) or types[:1]
    return [one for kind in wanted for one in _resolvers[service, kind](call, request)]


Resolver = Callable[[Call, Request], list[Resource]]

_resolvers: Final[dict[tuple[str, str], Resolver]] = {}


def resolver(service: str, kind: str) -> Callable[[Resolver], Resolver]:
    """Enter a function into the table as the resolver of one resource type of a service."""

    def enter(function: Resolver) -> Resolver:
        _resolvers[service, kind] = function
        return function

    return enter


TaggedCheck = Callable[[Call, "arn.Arn | None"], None]

_tagged: Final[dict[str, TaggedCheck]] = {}


def tagged(service: str) -> Callable[[TaggedCheck], TaggedCheck]:
    """Enter a function into the table that judges the ARN of what a service is to tag."""

    def enter(function: TaggedCheck) -> TaggedCheck:
        _tagged[service] = function
        return function

    return enter


PolicyFinder = Callable[[Call, arn.Arn], "Policy | None"]

_policies: Final[dict[tuple[str, str], PolicyFinder]] = {}


def attached_policy(service: str, kind: str) -> Callable[[PolicyFinder], PolicyFinder]:
    """Enter a function into the table that finds the policy attached to one type of resource."""

    def enter(function: PolicyFinder) -> PolicyFinder:
        _policies[service, kind] = function
        return function

    return enter
