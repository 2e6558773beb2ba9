"""Who a request to the registry comes from, and whose registry it is about.

Credentials go with every request; there is no token endpoint. The registry is that of the host
name, or on any other host that of the token's account and region.
Source: ECR user guide, registry authentication; captured 401 and 403 responses. Assumed: the text
for a token of another region.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final, NamedTuple

from werkzeug.wrappers import Response

from ecrmock.core import hosts
from ecrmock.ecr import tokens
from ecrmock.registry import errors

if TYPE_CHECKING:
    from ecrmock.core import Core
    from ecrmock.ecr.tokens import Token
    from ecrmock.gateway.pipeline import Gateway

_EXPIRED: Final = "Your authorization token has expired. Reauthenticate and try again."
_ELSEWHERE: Final = "Your authorization token is not valid in the region {}."
_DENIED: Final = errors.Problem(403, "DENIED")


class Caller(NamedTuple):
    """Who asks, and which registry."""

    principal_arn: str
    registry_id: str
    region: str


def identify(
    gateway: Gateway, authorization: str | None, host: str, realm: str
) -> Caller | Response:
    """Return who asks, or what to answer instead.

    Args:
        gateway: the world.
        authorization: the Authorization header.
        host: the Host header.
        realm: the URL of the registry, for the challenge.
    """
    place = hosts.parse(host)
    with gateway.lock:
        core = gateway.world.core
        token = _token(core, authorization)
        now = core.clock.now
    if token is None:
        return _challenge(realm)
    if now >= token.expires_at:
        return errors.respond(_DENIED, _EXPIRED)
    region = place.region or token.region
    if region != token.region:
        return errors.respond(_DENIED, _ELSEWHERE.format(region))
    own_account = token.principal_arn.split(":")[4]
    return Caller(token.principal_arn, place.account_id or own_account, region)


def _token(core: Core, authorization: str | None) -> Token | None:
    """Return the token of a Basic Authorization header, or None."""
    kind, _, text = (authorization or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (ValueError, binascii.Error):
        return None
    if user != tokens.USER or not colon:
        return None
    return tokens.read(core, password)


def _challenge(realm: str) -> Response:
    headers = [
        errors.VERSION,
        ("Www-Authenticate", f'Basic realm="{realm}/",service="ecr.amazonaws.com"'),
    ]
    return Response("Not Authorized\n", 401, headers, content_type=errors.PLAIN)
