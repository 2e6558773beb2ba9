"""The decision on one action on one resource: facts first, verdict second.

Judges the identity policies of the principal and the policy that is attached to the resource.
In one account either may allow, but that a trust policy has to; between accounts both must. A
service has no policies of its own. A deny in either counts always.
Source: IAM user guide, policy evaluation logic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecrmock.core import wildcard
from ecrmock.iam.documents import ConditionNotModelled

if TYPE_CHECKING:
    from ecrmock.iam.documents import Kind, Policy, Statement
    from ecrmock.iam.principals import Principal

Verdict = Literal["Allowed", "ImplicitlyDenied", "ExplicitlyDenied"]

_COLONS: Final = 5
"""How many colons part an ARN; those behind belong to its last part."""
_IMPLICIT: Final = "because no {} allows the {} action"
_EXPLICIT: Final = "with an explicit deny in {}"
_WORDS: Final[dict[Kind, tuple[str, str]]] = {
    # A kind of policy as denials name it; source: IAM user guide, access denied messages.
    "identity": ("identity-based policy", "an identity-based policy"),
    "resource": ("resource-based policy", "a resource-based policy"),
    "trust": ("role trust policy", "the role trust policy"),
}


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
        """Whether every part of the statement matches; one with a Condition is not known to."""
        parts = self.action_matches and self.resource_matches and self.principal_matches
        return parts and not self.statement.condition


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
            if fact.statement.condition:
                marks.append("Condition is not read")
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

    Raises:
        ConditionNotModelled: it depends on a condition.
    """
    policies, of_resource = principal.policies, () if attached is None else (attached,)
    kind: Kind = "resource" if attached is None else attached.kind
    unread: list[tuple[Policy, Statement]] = []
    by_identity = _effects(principal, policies, action, resource, unread)
    by_resource = _effects(principal, of_resource, action, resource, unread)
    verdict, reason = _judge(principal, action, owner, kind, (by_identity, by_resource))
    if unread and verdict != "ExplicitlyDenied":
        by_identity = _effects(principal, policies, action, resource, None)
        by_resource = _effects(principal, of_resource, action, resource, None)
        with_conditions = _judge(principal, action, owner, kind, (by_identity, by_resource))
        if with_conditions != (verdict, reason):
            raise ConditionNotModelled(action, resource, *unread[0])
    return Decision(principal, action, resource, verdict, reason, attached)


Grant = Literal["direct", "account"]
"""Whether a statement names the principal, or leaves it to the policies of its account."""
Effects = dict[str, Grant]
"""`Allow` and `Deny`, each with the strongest grant of the statements that apply."""


def _judge(
    principal: Principal, action: str, owner: str, kind: Kind, effects: tuple[Effects, Effects]
) -> tuple[Verdict, str]:
    """Return the verdict that follows from what the policies do, and its reason.

    Args:
        principal: who asks.
        action: what for.
        owner: the account of the resource.
        kind: of the policy of the resource.
        effects: of the identity policies, and of the policy of the resource.
    """
    by_identity, by_resource = effects
    if "Deny" in by_identity:
        return "ExplicitlyDenied", _EXPLICIT.format(_WORDS["identity"][1])
    if "Deny" in by_resource:
        return "ExplicitlyDenied", _EXPLICIT.format(_WORDS[kind][1])
    permitted, granted = "Allow" in by_identity, by_resource.get("Allow")
    if principal.is_service:
        allowed = granted == "direct"
    elif owner != principal.account_id:
        allowed = permitted and granted is not None
    else:
        is_enough = kind != "trust" or granted is not None
        allowed = granted == "direct" or (permitted and is_enough)
    if allowed:
        return "Allowed", ""
    missing: Kind = kind if permitted or principal.is_service else "identity"
    return "ImplicitlyDenied", _IMPLICIT.format(_WORDS[missing][0], action)


def _effects(
    principal: Principal,
    policies: Iterable[Policy],
    action: str,
    resource: str,
    unread: list[tuple[Policy, Statement]] | None,
) -> Effects:
    """Return the effects of all statements that apply.

    Args:
        principal: who asks.
        policies: whose statements.
        action: what for.
        resource: on what.
        unread: takes the statements whose condition decides; with None, conditions hold.
    """
    found: Effects = {}
    for policy in policies:
        for statement in policy.statements:
            if _is_action(statement.actions, action) and _is_resource(
                statement.resources, resource
            ):
                grant = _grant(statement, principal)
                if grant is None:
                    continue
                if statement.condition and unread is not None:
                    unread.append((policy, statement))
                elif found.get(statement.effect) != "direct":
                    found[statement.effect] = grant
    return found


def _grant(statement: Statement, principal: Principal) -> Grant | None:
    """Tell how a statement concerns *principal*; that of an identity policy always does."""
    named = statement.principals
    if not named or "*" in named or principal.arn in named:
        return "direct"
    if principal.is_service:
        return None
    if principal.role_arn and principal.role_arn in named:
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
