"""A small client of the registry, for where no other is installed. It knows of no mock."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecrmock.core.digest import sha256
from ecrmock.core.errors import EcrmockError

if TYPE_CHECKING:
    from pathlib import Path

_REDIRECT: Final = 307
_REFUSED: Final = 400
_MANIFESTS: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
)


class RegistryError(EcrmockError):
    """The registry refused a request; the text is what it answered."""


@dataclass(frozen=True)
class RegistryClient:
    """Pushes and pulls OCI layouts.

    Attributes:
        url: where the registry is.
        token: from GetAuthorizationToken.
        name: the host to ask for, where it is not that of the URL.
    """

    url: str
    token: str
    name: str = ""

    def push(self, layout: Path, repository: str, tag: str) -> None:
        """Push what a layout holds: blobs first, an index last."""
        top = json.loads((layout / "index.json").read_bytes())["manifests"][0]["digest"]
        self._push_manifest(layout, repository, top, tag)

    def pull(self, repository: str, reference: str) -> dict[str, bytes]:
        """Pull an image with all its children; return the bytes by their digest."""
        manifest = self.ask("GET", f"{repository}/manifests/{reference}", {"Accept": _accept()})
        found = {sha256(manifest): manifest}
        document = json.loads(manifest)
        for child in document.get("manifests", []):
            found.update(self.pull(repository, child["digest"]))
        for blob in _blobs(document):
            found[blob] = self.ask("GET", f"{repository}/blobs/{blob}")
        return found

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> bytes:
        """Send one request, and follow the registry to where it keeps its blobs.

        Raises:
            RegistryError: it was refused.
        """
        sent = {"Authorization": f"Basic {self.token}", **(headers or {})}
        if self.name:
            sent["Host"] = self.name
        response, answer = self._send(method, f"{self.url}/v2/{path}", sent, body)
        if response.status == _REDIRECT:
            response, answer = self._send("GET", response.headers["Location"], {}, b"")
        if response.status >= _REFUSED:
            raise RegistryError(answer.decode().strip() or f"{response.status} {response.reason}")
        return answer

    def _push_manifest(self, layout: Path, repository: str, digest: str, tag: str) -> None:
        manifest = _blob(layout, digest)
        document = json.loads(manifest)
        for child in document.get("manifests", []):
            self._push_manifest(layout, repository, child["digest"], child["digest"])
        for blob in _blobs(document):
            path = f"{repository}/blobs/uploads/?digest={blob}"
            self.ask("POST", path, body=_blob(layout, blob))
        headers = {"Content-Type": document["mediaType"]}
        self.ask("PUT", f"{repository}/manifests/{tag}", headers, manifest)

    @staticmethod
    def _send(
        method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[http.client.HTTPResponse, bytes]:
        parts = urlsplit(url)
        with closing(http.client.HTTPConnection(parts.netloc)) as connection:
            connection.request(method, f"{parts.path}?{parts.query}", body, headers)
            response = connection.getresponse()
            return response, response.read()


def _accept() -> str:
    return ", ".join(_MANIFESTS)


def _blobs(document: dict[str, Any]) -> list[str]:
    if "config" not in document:
        return []
    return [document["config"]["digest"], *(layer["digest"] for layer in document["layers"])]


def _blob(layout: Path, digest: str) -> bytes:
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()
