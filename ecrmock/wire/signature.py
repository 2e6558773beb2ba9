"""Signature Version 4: what a signed request says of who signed it, and when.

Source: AWS reference, Signature Version 4; ECR API reference, common errors. Assumed: the texts of
IncompleteSignature. ECR takes a signature for 15 minutes, ECS and the others for 5.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from typing import Final, NamedTuple

from ecrmock.core.clock import to_datetime, wall_ms
from ecrmock.core.errors import AwsError

ALGORITHM: Final = "AWS4-HMAC-SHA256"
_DATE: Final = "%Y%m%dT%H%M%SZ"
_SCOPE: Final = re.compile(r"([^/]+)/([0-9]{8})/([^/]+)/([^/]+)/aws4_request")
_REQUIRED: Final = ("Credential", "SignedHeaders", "Signature")
_WINDOWS: Final = {"ecr": timedelta(minutes=15)}
_WINDOW: Final = timedelta(minutes=5)


class IncompleteSignature(AwsError):
    """The Authorization header lacks something, or is not one of this kind."""

    status = 403


class InvalidSignatureException(AwsError):
    """The request was signed too long ago, or in the future."""


class Scope(NamedTuple):
    """What a signature says of itself."""

    access_key: str
    region: str
    service: str


def read(header: str) -> Scope:
    """Take an Authorization header apart.

    Raises:
        IncompleteSignature: it is not a signature of version 4, or lacks a part.
    """
    kind, _, rest = header.partition(" ")
    if kind != ALGORITHM:
        raise IncompleteSignature(f"Unsupported Authorization scheme '{kind[:64]}'")
    parts: dict[str, str] = {}
    for part in rest.split(","):
        name, _, value = part.partition("=")
        parts[name.strip()] = value.strip()
    for name in _REQUIRED:
        if not parts.get(name):
            raise IncompleteSignature(f"Authorization header requires '{name}' parameter.")
    scope = _SCOPE.fullmatch(parts["Credential"])
    if scope is None:
        raise IncompleteSignature("Credential must have exactly 5 slash-delimited elements.")
    return Scope(scope[1], scope[3], scope[4])


def check_date(text: str | None, service: str) -> None:
    """Refuse a request whose time of signing is not about the machine's present.

    Args:
        text: its `X-Amz-Date`.
        service: which service it is for.

    Raises:
        IncompleteSignature: it has no date that can be read.
        InvalidSignatureException: it is too old, or of the future.
    """
    try:
        signed = _read_date(text or "")
    except ValueError:
        raise IncompleteSignature("Date must be in ISO-8601 'basic format'") from None
    window, now = _WINDOWS.get(service, _WINDOW), to_datetime(wall_ms())
    if abs(now - signed) <= window:
        return
    first, last = now - window, now + window
    minutes = window // timedelta(minutes=1)
    if signed < first:
        raise InvalidSignatureException(
            f"Signature expired: {signed:{_DATE}} is now earlier than {first:{_DATE}} "
            f"({now:{_DATE}} - {minutes} min.)"
        )
    if signed > last:
        raise InvalidSignatureException(
            f"Signature not yet current: {signed:{_DATE}} is still later than {last:{_DATE}} "
            f"({now:{_DATE}} + {minutes} min.)"
        )


@lru_cache(maxsize=64)
def _read_date(text: str) -> datetime:
    """Read a date; the calls of one second share theirs. Raises ValueError."""
    return datetime.strptime(text, _DATE).replace(tzinfo=timezone.utc)
