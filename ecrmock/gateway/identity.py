"""Who a request acts as, from what it was signed with.

An authorization token acts as the principal that asked for it. A key of twelve digits selects that
account; everything else is the administrator of the world's own account. A request that is not
signed is nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecrmock.core import arn
from ecrmock.core.errors import MissingAuthenticationTokenException
from ecrmock.iam.principals import Principal, administrator

if TYPE_CHECKING:
    from ecrmock.world import World


class Signature(NamedTuple):
    """What a request says of who signed it."""

    access_key: str | None
    """The access key id; None when the client has no credentials that can be read locally."""
    is_anonymous: bool = False
    token_arn: str | None = None
    """The principal that an authorization token was given to."""


def identify(world: World, signature: Signature, region: str) -> Principal:
    """Return the principal of a request.

    Raises:
        MissingAuthenticationTokenException: it was not signed.
    """
    if signature.is_anonymous:
        raise MissingAuthenticationTokenException
    if signature.token_arn is not None:
        account_id = signature.token_arn.split(":")[4]
        return administrator(arn.partition_of(region), account_id)
    key = signature.access_key
    account_id = key if key is not None and arn.is_account_id(key) else world.account_id
    return administrator(arn.partition_of(region), account_id)
