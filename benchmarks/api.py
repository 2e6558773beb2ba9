"""Calls of the ECR API as raw requests, with a signature that no server knows the key of."""

from __future__ import annotations

import json
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.wire import HOST, Connection

_PREFIX = "AmazonEC2ContainerRegistry_V20150921"
_KEY = "AKIAKNOWNTONOBODY000"


def headers(operation: str, body: bytes) -> dict[str, str]:
    """Return the headers of a call, signed now."""
    request = AWSRequest("POST", f"http://{HOST}/", data=body)
    request.headers["Content-Type"] = "application/x-amz-json-1.1"
    request.headers["X-Amz-Target"] = f"{_PREFIX}.{operation}"
    SigV4Auth(Credentials(_KEY, "secret"), "ecr", "us-east-1").add_auth(request)
    return dict(request.headers.items())


def call(port: int, operation: str, **parameters: Any) -> Any:
    """Make one call of the server on *port* and return its answer."""
    body = json.dumps(parameters).encode()
    with Connection(port) as connection:
        reply = connection.ask("POST", "/", headers(operation, body), body)
    if reply.status != 200:
        raise ConnectionError(f"{operation}: {reply.head!r} {reply.body!r}")
    return json.loads(reply.body)
