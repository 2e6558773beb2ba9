"""Where the bytes of a layer are fetched: signed paths that are good for an hour.

Amazon ECR sends its clients to Amazon S3; the paths and refusals here are of that kind.
Source: ECR API reference, GetDownloadUrlForLayer; S3 API reference, error responses.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from ecrmock.core.errors import AwsError

if TYPE_CHECKING:
    from ecrmock.core import Core
    from ecrmock.core.blobs import Blob
    from ecrmock.ecr.state import Registry

LIFE: Final = timedelta(seconds=3600)
PATH: Final = re.compile(r"/prod-[a-z0-9-]+-starport-layer-bucket/[0-9]{12}/(sha256:[0-9a-f]{64})")
_DATE: Final = "%Y%m%dT%H%M%SZ"
_PURPOSE: Final = "layer-downloads"


class AccessDenied(AwsError):
    """The URL has expired."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Request has expired")


class SignatureDoesNotMatch(AwsError):
    """The URL is not one that was given out, or is used with another method."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "The request signature we calculated does not match the signature you provided. "
            "Check your key and signing method."
        )


class NoSuchKey(AwsError):
    """The layer is gone."""

    status = 404

    def __init__(self) -> None:
        super().__init__("The specified key does not exist.")


def path_for(core: Core, registry: Registry, digest: str) -> str:
    """Return the path and the query under which the bytes of *digest* can be fetched."""
    path = f"/prod-{registry.region}-starport-layer-bucket/{registry.id}/{digest}"
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": core.clock.now.strftime(_DATE),
        "X-Amz-Expires": str(LIFE // timedelta(seconds=1)),
        "X-Amz-SignedHeaders": "host",
    }
    query["X-Amz-Signature"] = _sign(core, path, query)
    return f"{path}?{urlencode(query)}"


def open_path(core: Core, method: str, path: str, query: Mapping[str, str]) -> Blob:
    """Return the bytes that a path leads to.

    Raises:
        SignatureDoesNotMatch: path, query or method are not those that were signed.
        AccessDenied: the hour is over.
        NoSuchKey: the layer is gone.
    """
    match = PATH.fullmatch(path)
    given = query.get("X-Amz-Signature", "")
    if match is None or method != "GET" or not _is_signed(core, path, query, given):
        raise SignatureDoesNotMatch
    since = datetime.strptime(query["X-Amz-Date"], _DATE).replace(tzinfo=timezone.utc)
    if core.clock.now >= since + LIFE:
        raise AccessDenied
    if match[1] not in core.blobs:
        raise NoSuchKey
    return core.blobs.get(match[1])


def _is_signed(core: Core, path: str, query: Mapping[str, str], given: str) -> bool:
    return hmac.compare_digest(_sign(core, path, query).encode(), given.encode())


def _sign(core: Core, path: str, query: Mapping[str, str]) -> str:
    signed = {name: value for name, value in query.items() if name != "X-Amz-Signature"}
    message = f"GET\n{path}\n{urlencode(sorted(signed.items()))}".encode()
    return hmac.new(core.ids.secret(_PURPOSE), message, hashlib.sha256).hexdigest()
