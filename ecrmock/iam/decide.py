"""The decision on one action on one resource: facts first, verdict second.

Judges identity policies. Where the resource belongs to another account, that account's own
policy must allow as well, and no such policy is known here, so the answer is an implicit deny.
Source: IAM user guide, policy evaluation logic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecrmock.core import wildcard

if TYPE_CHECKING:
    from ecrmock.iam.documents import Policy, Statement
    from ecrmock.iam.principals import Principal

Verdict = Literal["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"]

_COLONS: Final = 5
"""How many colons part an ARN; those behind belong to its last part."""
_IMPLICIT: Final = "because no {} allows the {} action"
_EXPLICIT: Final = "with an explicit deny in an identity-based policy"


@dataclass(slots=True, frozen=True)
class Fact:
    """How one statement bears on the question."""

    policy: Policy
    statement: Statement
    action_matches: bool
    resource_matches: bool

    @property
    def applies(self) -> bool:
        """Whether every part of the statement matches."""
        return self.action_matches and self.resource_matches


@dataclass(slots=True)
class Decision:
    """The verdict on one action on one resource, and why."""

    principal: Principal
    action: str
    resource: str
    verdict: Verdict
    reason: str

    @property
    def is_allowed(self) -> bool:
        """Whether the action may go on."""
        return self.verdict == "Allowed"

    def facts(self) -> list[Fact]:
        """Return how each statement bears on the question, in the order of the policies."""
        return list(_facts(self.principal.policies, self.action, self.resource))

    def explain(self) -> str:
        """Return what was considered, one statement a line, and the verdict."""
        lines = [f"{self.principal.arn} {self.action} on {self.resource}"]
        for fact in self.facts():
            marks = [
                f"Action {'matches' if fact.action_matches else 'does not match'}",
                f"Resource {'matches' if fact.resource_matches else 'does not match'}",
            ]
            label = fact.statement.sid or "statement"
            lines.append(
                f"  {fact.policy.name} {label}: {fact.statement.effect}, {', '.join(marks)}"
            )
        lines.append(f"{self.verdict} {self.reason}".rstrip())
        return "\n".join(lines)


def decide(principal: Principal, action: str, resource: str, owner: str) -> Decision:
    """Judge whether *principal* may do *action* on *resource*.

    Args:
        principal: who asks.
        action: for example `ecr:PutImage`.
        resource: an ARN, or `*` for an action without resource-level permissions.
        owner: the account that the resource belongs to.
    """
    effects = {
        statement.effect
        for policy in principal.policies
        for statement in policy.statements
        if _is_action(statement.actions, action) and _is_resource(statement.resources, resource)
    }
    if "Deny" in effects:
        return Decision(principal, action, resource, "ExplicitlyDenied", _EXPLICIT)
    if not effects:
        reason = _IMPLICIT.format("identity-based policy", action)
        return Decision(principal, action, resource, "ImplicitlyDenied", reason)
    if owner != principal.account_id:
        reason = _IMPLICIT.format("resource-based policy", action)
        return Decision(principal, action, resource, "ImplicitlyDenied", reason)
    return Decision(principal, action, resource, "Allowed", "")


def _facts(policies: Iterable[Policy], action: str, resource: str) -> Iterable[Fact]:
    for policy in policies:
        for statement in policy.statements:
            yield Fact(
                policy,
                statement,
                _is_action(statement.actions, action),
                _is_resource(statement.resources, resource),
            )


def _is_action(patterns: tuple[str, ...], action: str) -> bool:
    """Tell whether one of *patterns* fits; the plain star is by far the most frequent one."""
    return "*" in patterns or any(
        wildcard.matches(pattern, action, ignore_case=True) for pattern in patterns
    )


def _is_resource(patterns: tuple[str, ...], resource: str) -> bool:
    """Tell whether one of *patterns* fits, part by part: a star stays within its part of an ARN."""
    if "*" in patterns:
        return True
    parts = resource.split(":", _COLONS)
    return any(_fits(pattern.split(":", _COLONS), parts) for pattern in patterns)


def _fits(patterns: list[str], parts: list[str]) -> bool:
    return len(patterns) == len(parts) and all(map(wildcard.matches, patterns, parts))
