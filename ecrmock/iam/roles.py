"""Roles: made by a test, or taken to exist, and who acts in their name.

A role that the world has never heard of is an administrator of the account in its ARN, trusted by
whoever asks; in a strict world it does not exist. The first role of a name makes it real, with
exactly its policies. Source: IAM user guide, roles and IAM identifiers.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ecrmock.core import arn
from ecrmock.iam import managed, trust
from ecrmock.iam.decide import Decision, decide
from ecrmock.iam.principals import Principal, service, unique_id
from ecrmock.iam.state import Role

if TYPE_CHECKING:
    from ecrmock.iam.documents import Policy
    from ecrmock.iam.state import Iam

_SESSION: Final = ":assumed-role/"
_PREFIX: Final = "AROA"


class Place(NamedTuple):
    """Where the ARN of a role leads."""

    partition: str
    account_id: str
    name: str


def put(
    iam: Iam,
    name: str,
    *,
    account_id: str,
    partition: str,
    policies: tuple[Policy, ...],
    trusted: Policy | None = None,
) -> Role:
    """Make a role, or give one that is there other policies; its id stays.

    Args:
        iam: where.
        name: unique in the account.
        account_id: whose.
        partition: of its ARN.
        policies: all that it is to have.
        trusted: who may assume it. By default as before; at first, its account and the services
            that run tasks.
    """
    roles = iam.account(account_id).roles
    role_arn = arn.of_role(name, partition, account_id)
    role = roles.get(name)
    if role is None or role.arn != role_arn:
        trusted = trusted or trust.default(partition, account_id)
        made = Role(name, role_arn, account_id, unique_id(_PREFIX, role_arn), policies, trusted)
        roles[name] = made
        return made
    role.policies = policies
    role.trust = trusted or role.trust
    return role


def find(iam: Iam, role_arn: str) -> Role | None:
    """Return the role of an ARN, or None where nobody made it."""
    place = _read(role_arn)
    account = None if place is None else iam.accounts.get(place.account_id)
    role = None if account is None or place is None else account.roles.get(place.name)
    return role if role is not None and role.arn == role_arn else None


def is_taken_to_exist(iam: Iam, role_arn: str, *, strict: bool = False) -> bool:
    """Tell whether a role may be there though nobody made it: no other has its name."""
    place = _read(role_arn)
    if strict or place is None:
        return False
    account = iam.accounts.get(place.account_id)
    return account is None or place.name not in account.roles


def principal_of(role: Role, session_name: str) -> Principal:
    """Return who a session of a role acts as."""
    place = Place(role.arn.split(":", 2)[1], role.account_id, role.name)
    return _session(place, role.arn, role.unique_id, session_name, role.policies)


def act_as(iam: Iam, role_arn: str, session_name: str, *, strict: bool = False) -> Principal | None:
    """Return who a session of the role of an ARN acts as, or None where there is no such role."""
    role = find(iam, role_arn)
    if role is not None:
        return principal_of(role, session_name)
    place = _read(role_arn)
    if place is None or not is_taken_to_exist(iam, role_arn, strict=strict):
        return None
    return _session(place, role_arn, unique_id(_PREFIX, role_arn), session_name, _free())


def is_session(principal_arn: str) -> bool:
    """Tell whether the ARN of a principal is that of a session of a role."""
    return _SESSION in principal_arn


def of_session(iam: Iam, session_arn: str, *, strict: bool = False) -> Principal:
    """Return who the ARN of a session stands for; a role that is gone may do nothing.

    The ARN has the name of its role and not the path.
    """
    _, partition, _, _, account_id, resource = session_arn.split(":", 5)
    _, name, session_name = resource.split("/", 2)
    account = iam.accounts.get(account_id)
    role = None if account is None else account.roles.get(name)
    if role is not None:
        return principal_of(role, session_name)
    place = Place(partition, account_id, name)
    role_arn = arn.of_role(name, partition, account_id)
    policies = () if strict else _free()
    return _session(place, role_arn, unique_id(_PREFIX, role_arn), session_name, policies)


def trust_of(iam: Iam, role_arn: str, caller: Principal, *, strict: bool = False) -> Policy:
    """Return the policy that says who may assume a role; a role that is not there trusts nobody.

    Args:
        iam: where.
        role_arn: the role.
        caller: who asks; a role that the world has never heard of trusts its account.
        strict: whether there are no such roles.
    """
    role = find(iam, role_arn)
    if role is not None:
        return role.trust
    if not is_taken_to_exist(iam, role_arn, strict=strict):
        return trust.NOBODY
    if caller.is_service:
        return trust.of_unknown_for(caller.arn)
    return trust.of_unknown(caller.account_id, caller.arn.split(":", 2)[1])


def can_be_assumed(iam: Iam, role_arn: str, service_name: str, *, strict: bool = False) -> Decision:
    """Judge whether a service of AWS may assume a role, for example `ecs-tasks.amazonaws.com`.

    Raises:
        ConditionNotModelled: it depends on a condition of the trust policy.

    Source: ECS developer guide, task IAM roles; IAM user guide, role trust policies.
    """
    caller = service(service_name)
    trusted = trust_of(iam, role_arn, caller, strict=strict)
    parsed = arn.parse(role_arn)
    owner = "" if parsed is None else parsed.account_id
    return decide(caller, trust.ACTION, role_arn, owner, trusted)


def _read(role_arn: str) -> Place | None:
    """Take the ARN of a role apart, or return None when it is not one."""
    parsed = arn.parse(role_arn)
    if parsed is None or (parsed.service, parsed.region, parsed.kind) != ("iam", "", "role"):
        return None
    name = parsed.name.rpartition("/")[2]
    if not name or not arn.is_account_id(parsed.account_id):
        return None
    return Place(parsed.partition, parsed.account_id, name)


def _session(
    place: Place, role_arn: str, role_id: str, session_name: str, policies: tuple[Policy, ...]
) -> Principal:
    session = f"{place.name}/{session_name}"
    return Principal(
        f"arn:{place.partition}:sts::{place.account_id}:assumed-role/{session}",
        place.account_id,
        f"{role_id}:{session_name}",
        policies,
        role_arn=role_arn,
    )


@cache
def _free() -> tuple[Policy, ...]:
    """Return the policies of a role that the world has never heard of; their name says so."""
    name = "AdministratorAccess taken for a role that was never made"
    return (replace(managed.get("AdministratorAccess"), name=name),)
