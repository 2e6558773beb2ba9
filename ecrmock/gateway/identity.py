"""Who a request acts as, from what it was signed with.

An authorization token acts as the principal that asked for it, and an access key that this world
gave out as the session of its role. A key of twelve digits selects that account; everything else
is the administrator of the world's own account. A request that is not signed is nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ecrmock.core import arn
from ecrmock.core.errors import AwsError, MissingAuthenticationTokenException
from ecrmock.iam import roles, sessions
from ecrmock.iam.principals import Principal, administrator

if TYPE_CHECKING:
    from ecrmock.iam.state import Session
    from ecrmock.world import World


class ExpiredTokenException(AwsError):
    """The session is over; `ExpiredToken` of query services. Source: ECS API, common errors."""

    def __init__(self) -> None:
        super().__init__("The security token included in the request is expired")


class UnrecognizedClientException(AwsError):
    """There is no such access key, or not with this session token.

    Query services call it `InvalidClientTokenId`. Source: ECS and STS API, common errors.
    """

    def __init__(self) -> None:
        super().__init__("The security token included in the request is invalid.")


class Signature(NamedTuple):
    """What a request says of who signed it."""

    access_key: str | None
    """The access key id; None when the client has no credentials that can be read locally."""
    is_anonymous: bool = False
    token_arn: str | None = None
    """The principal that an authorization token was given to."""
    session_token: str | None = None
    """What temporary credentials have besides their key."""


def identify(world: World, signature: Signature, region: str) -> Principal:
    """Return the principal of a request.

    Raises:
        MissingAuthenticationTokenException: it was not signed.
        ExpiredTokenException: its session is over, on the mock's clock.
        UnrecognizedClientException: its session token is not the one of its access key.
    """
    if signature.is_anonymous:
        raise MissingAuthenticationTokenException
    token_arn = signature.token_arn
    if token_arn is not None:
        if roles.is_session(token_arn):
            return roles.of_session(world.iam, token_arn, strict=world.strict)
        return administrator(arn.partition_of(region), token_arn.split(":")[4])
    key = signature.access_key or ""
    session = world.iam.sessions.get(key)
    if session is not None:
        return _of_session(world, session, signature)
    if signature.session_token and sessions.is_token(signature.session_token):
        raise UnrecognizedClientException  # of another world, or of before a restore
    account_id = key if arn.is_account_id(key) else world.account_id
    return administrator(arn.partition_of(region), account_id)


def _of_session(world: World, session: Session, signature: Signature) -> Principal:
    principal = roles.act_as(world.iam, session.role_arn, session.name, strict=world.strict)
    if signature.session_token != session.token or principal is None:
        raise UnrecognizedClientException
    if world.core.clock.now_ms >= session.expires_ms:
        raise ExpiredTokenException
    return principal
