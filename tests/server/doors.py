"""Requests to the two doors of a server, with credentials that are good unless a test says not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from tests.server import raw, states

if TYPE_CHECKING:
    from ecrmock import Server

ECR = "AmazonEC2ContainerRegistry_V20150921."
ECS = "AmazonEC2ContainerServiceV20141113."
UNSIGNED = {"Authorization": None, "X-Amz-Date": None}
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"


def signature(
    service: str = "ecr",
    *,
    region: str = "us-east-1",
    off: timedelta = timedelta(0),
    key: str = "AKIDEXAMPLE",
) -> dict[str, str | None]:
    """Return the headers of a signed request; nobody checks the signature itself.

    Args:
        service: to which the credential is scoped.
        region: likewise.
        off: how far the signer's clock is from the machine's.
        key: the access key id.
    """
    moment = datetime.now(timezone.utc) + off
    scope = f"{key}/{moment:%Y%m%d}/{region}/{service}/aws4_request"
    return {
        "Authorization": (
            f"AWS4-HMAC-SHA256 Credential={scope}, "
            f"SignedHeaders=host;x-amz-date;x-amz-target, Signature={'0' * 64}"
        ),
        "X-Amz-Date": f"{moment:%Y%m%dT%H%M%SZ}",
    }


def call(
    operation: str = "CreateRepository",
    body: bytes | dict[str, Any] | None = None,
    headers: dict[str, str | None] | None = None,
    *,
    method: str = "POST",
    target: str = "/",
    version: str = "HTTP/1.1",
) -> bytes:
    """Return a call of an ECR operation; as it stands it makes the repository `intruder`."""
    if body is None:
        body = {"repositoryName": "intruder"}
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    wanted: dict[str, str | None] = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": ECR + operation,
        "Content-Length": str(len(data)),
        **signature(),
        **(headers or {}),
    }
    return raw.request(method, target, wanted, data, version=version)


class Registry:
    """The registry of a server, with a token of one account and region."""

    def __init__(
        self, server: Server, *, account_id: str = "AKIDEXAMPLE", region: str = "us-east-1"
    ) -> None:
        self.port = server.port
        signed = signature(region=region, key=account_id)
        answer = raw.ask(self.port, call("GetAuthorizationToken", {}, signed))
        self.token: str = answer.json()["authorizationData"][0]["authorizationToken"]

    def request(
        self,
        method: str,
        path: str,
        headers: dict[str, str | None] | None = None,
        body: bytes = b"",
    ) -> bytes:
        """Return a request with the token."""
        wanted = {"Authorization": f"Basic {self.token}", **(headers or {})}
        return raw.request(method, path, wanted, body)

    def ask(
        self,
        method: str,
        path: str,
        headers: dict[str, str | None] | None = None,
        body: bytes = b"",
    ) -> raw.Answer:
        """Send a request with the token and return the answer."""
        return raw.ask(self.port, self.request(method, path, headers, body), method=method)

    def begin(self, repository: str = "app") -> str:
        """Begin an upload and return the path at which it goes on."""
        answer = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
        assert answer.status == 202, answer
        return f"/v2/{repository}/blobs/uploads/{answer.header('docker-upload-uuid')}"

    def push_blob(self, data: bytes, repository: str = "app") -> str:
        """Push bytes and return their digest."""
        answer = self.ask(
            "PUT", f"{self.begin(repository)}?digest={states.digest_of(data)}", None, data
        )
        assert answer.status == 201, answer
        return states.digest_of(data)

    def put(
        self,
        manifest: bytes,
        reference: str = "v1",
        *,
        repository: str = "app",
        media_type: str | None = OCI_MANIFEST,
    ) -> raw.Answer:
        """Put a manifest and return the answer."""
        path = f"/v2/{repository}/manifests/{reference}"
        return self.ask("PUT", path, {"Content-Type": media_type}, manifest)
