"""The decision on one action on one resource: facts first, verdict second.

Judges the identity policies of the principal and the policy that is attached to the resource.
In one account either may allow; between accounts both must. A deny in either counts always.
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
_EXPLICIT: Final = "with an explicit deny in {} policy"


@dataclass(slots=True, frozen=True)
class Fact:
    """How one statement bears on the question."""

    policy: Policy
    statement: Statement
    action_matches: bool
    resource_matches: bool
    principal_matches: bool = True

    @property
    def applies(self) -> bool:
        """Whether every part of the statement matches."""
        return self.action_matches and self.resource_matches and self.principal_matches


@dataclass(slots=True)
class Decision:
    """The verdict on one action on one resource, and why."""

    principal: Principal
    action: str
    resource: str
    verdict: Verdict
    reason: str
    attached: Policy | None = None
    """The policy of the resource."""

    @property
    def is_allowed(self) -> bool:
        """Whether the action may go on."""
        return self.verdict == "Allowed"

    def facts(self) -> list[Fact]:
        """Return how each statement bears on the question, in the order of the policies."""
        attached = () if self.attached is None else (self.attached,)
        policies = (*self.principal.policies, *attached)
        return list(_facts(self.principal, policies, self.action, self.resource))

    def explain(self) -> str:
        """Return what was considered, one statement a line, and the verdict."""
        lines = [f"{self.principal.arn} {self.action} on {self.resource}"]
        for fact in self.facts():
            marks = [
                f"Action {'matches' if fact.action_matches else 'does not match'}",
                f"Resource {'matches' if fact.resource_matches else 'does not match'}",
            ]
            if fact.statement.principals:
                verb = "matches" if fact.principal_matches else "does not match"
                marks.append(f"Principal {verb}")
            label = fact.statement.sid or "statement"
            lines.append(
                f"  {fact.policy.name} {label}: {fact.statement.effect}, {', '.join(marks)}"
            )
        lines.append(f"{self.verdict} {self.reason}".rstrip())
        return "\n".join(lines)


def decide(
    principal: Principal,
    action: str,
    resource: str,
    owner: str,
    attached: Policy | None = None,
) -> Decision:
    """Judge whether *principal* may do *action* on *resource*.

    Args:
        principal: who asks.
        action: for example `ecr:PutImage`.
        resource: an ARN, or `*` for an action without resource-level permissions.
        owner: the account that the resource belongs to.
        attached: the policy of the resource.
    """
    by_identity = _effects(principal, principal.policies, action, resource)
    by_resource = _effects(principal, (attached,), action, resource) if attached else {}

    def decided(verdict: Verdict, reason: str = "") -> Decision:
        return Decision(principal, action, resource, verdict, reason, attached)

    if "Deny" in by_identity:
        return decided("ExplicitlyDenied", _EXPLICIT.format("an identity-based"))
    if "Deny" in by_resource:
        return decided("ExplicitlyDenied", _EXPLICIT.format("a resource-based"))
    if owner == principal.account_id:
        if "Allow" in by_identity or by_resource.get("Allow") == "direct":
            return decided("Allowed")
        return decided("ImplicitlyDenied", _IMPLICIT.format("identity-based policy", action))
    for effects, kind in ((by_identity, "identity-based"), (by_resource, "resource-based")):
        if "Allow" not in effects:
            return decided("ImplicitlyDenied", _IMPLICIT.format(f"{kind} policy", action))
    return decided("Allowed")


Grant = Literal["direct", "account"]
"""Whether a statement names the principal, or leaves it to the policies of its account."""


def _effects(
    principal: Principal, policies: Iterable[Policy], action: str, resource: str
) -> dict[str, Grant]:
    """Return the effects of all statements that apply, each with the strongest grant."""
    found: dict[str, Grant] = {}
    for policy in policies:
        for statement in policy.statements:
            if _is_action(statement.actions, action) and _is_resource(
                statement.resources, resource
            ):
                grant = _grant(statement, principal)
                if grant is not None and found.get(statement.effect) != "direct":
                    found[statement.effect] = grant
    return found


def _grant(statement: Statement, principal: Principal) -> Grant | None:
    """Tell how a statement concerns *principal*; that of an identity policy always does."""
    named = statement.principals
    if not named or "*" in named or principal.arn in named:
        return "direct"
    partition = principal.arn.split(":", 2)[1]
    return "account" if f"arn:{partition}:iam::{principal.account_id}:root" in named else None


def _facts(
    principal: Principal, policies: Iterable[Policy], action: str, resource: str
) -> Iterable[Fact]:
    for policy in policies:
        for statement in policy.statements:
            yield Fact(
                policy,
                statement,
                _is_action(statement.actions, action),
                _is_resource(statement.resources, resource),
                _grant(statement, principal) is not None,
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
