"""Authorization tokens: what a Docker client logs in with.

A token is good for twelve hours of the mock's clock, in one region, for whatever its principal may
do when it is used. Its bytes follow from the seed, the moment and the principal.
Source: ECR API reference, GetAuthorizationToken; ECR user guide, registry authentication.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ecrmock.core.clock import to_datetime

if TYPE_CHECKING:
    from ecrmock.core import Core

USER: Final = "AWS"
LIFE: Final = timedelta(hours=12)
_PADDING: Final = 1024
"""How long the filler is that makes a token about as long as one of AWS, 2 kB."""
_PURPOSE: Final = "ecr-tokens"


class Token(NamedTuple):
    """What a token says."""

    principal_arn: str
    region: str
    expires_at: datetime


def issue(core: Core, principal_arn: str, region: str) -> tuple[str, datetime]:
    """Return the password that *principal_arn* logs in with, and when it expires.

    The password is base64 of JSON, as AWS's is, and so has no colon in it.
    """
    expires_ms = core.clock.now_ms + LIFE // timedelta(milliseconds=1)
    claims = json.dumps([principal_arn, region, expires_ms]).encode()
    key = core.ids.secret(_PURPOSE)
    payload = base64.b64encode(claims + b"\n" + _filler(key, claims)).decode("ascii")
    document = {
        "payload": payload,
        "datakey": _sign(key, payload),
        "version": "2",
        "type": "DATA_KEY",
        "expiration": expires_ms // 1000,
    }
    text = json.dumps(document, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode("ascii"), to_datetime(expires_ms)


def authorization_token(password: str) -> str:
    """Return a password as the API gives it, `AWS:` before it and base64 around both."""
    return base64.b64encode(f"{USER}:{password}".encode()).decode("ascii")


def read(core: Core, password: str) -> Token | None:
    """Return what a password says, expired or not, or None for one that was never issued."""
    try:
        document = json.loads(base64.b64decode(password, validate=True))
        payload, signature = document["payload"], document["datakey"]
        genuine = hmac.compare_digest(
            signature.encode(), _sign(core.ids.secret(_PURPOSE), payload).encode()
        )
        if not genuine:
            return None
        claims, _, _ = base64.b64decode(payload).partition(b"\n")
        principal_arn, region, expires_ms = json.loads(claims)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        return None
    return Token(principal_arn, region, to_datetime(expires_ms))


def _filler(key: bytes, claims: bytes) -> bytes:
    return hashlib.shake_256(key + claims).digest(_PADDING)


def _sign(key: bytes, payload: str) -> str:
    return base64.b64encode(hmac.new(key, payload.encode(), hashlib.sha256).digest()).decode()
