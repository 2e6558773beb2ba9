"""The authoriser: what a call asks, put to the policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecrmock.core.errors import AccessDeniedException
from ecrmock.iam.decide import Decision, decide
from ecrmock.operations import resources

if TYPE_CHECKING:
    from ecrmock.iam.principals import Principal

_NEEDS_NO_PERMISSION: Final = frozenset({"sts:GetCallerIdentity"})


def authorise(
    principal: Principal, service: str, operation: str, wanted: list[resources.Resource]
) -> list[Decision]:
    """Judge an operation on each of its resources, up to the first that is denied."""
    action = f"{service}:{resources.action_of(service, operation)}"
    if action in _NEEDS_NO_PERMISSION:
        return []
    decisions = []
    for resource in wanted:
        decision = decide(principal, action, *resource)
        decisions.append(decision)
        if not decision.is_allowed:
            break
    return decisions


def refusal(decision: Decision) -> AccessDeniedException:
    """Return the error that a denied decision is answered with."""
    return AccessDeniedException(
        decision.principal.arn, decision.action, decision.resource, decision.reason
    )
