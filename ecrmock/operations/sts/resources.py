"""The resources of STS that a call is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.core import arn
from ecrmock.iam import roles
from ecrmock.iam.errors import ValidationError
from ecrmock.operations.resources import Resource, resolver

if TYPE_CHECKING:
    from ecrmock.operations.table import Call, Request


@resolver("sts", "role")
def named_role(call: Call, request: Request) -> list[Resource]:
    """Return the role that a request names, with its trust policy.

    Raises:
        ValidationError: it names no resource at all. Source: answers captured from STS.
    """
    role_arn = request["RoleArn"]
    parsed = arn.parse(role_arn)
    if parsed is None:
        raise ValidationError(f"{role_arn} is invalid")
    world = call.world
    if roles.is_taken_to_exist(world.iam, role_arn, strict=world.strict):
        world.core.assume(f"role {role_arn}")
    trust = roles.trust_of(world.iam, role_arn, call.caller, strict=world.strict)
    return [Resource(role_arn, parsed.account_id, trust)]
