"""A registry client of a few lines over a real socket, and the images of `fixtures/` to push."""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999988887777"
REGION = "us-east-1"
HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
MOST_SECONDS = 30

OCI_IMAGE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"
DOCKER_IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+json"
SCHEMA_1_SIGNED = "application/vnd.docker.distribution.manifest.v1+prettyjws"

MEBIBYTE = 1 << 20
LEAST_PART = 5 * MEBIBYTE
UPLOADS = "/v2/app/blobs/uploads/"
UNKNOWN = f"sha256:{'0' * 64}"

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


class Refusal(NamedTuple):
    """What an error of the registry says."""

    code: str
    message: str


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refusal(self) -> Refusal:
        """The one error of the body, which has ECR's form."""
        assert self.headers["Content-Type"] == "application/json; charset=utf-8"
        assert self.body.endswith(b"}\n")
        assert list(self.json) == ["errors"]
        (error,) = self.json["errors"]
        assert list(error) == ["code", "message"]
        return Refusal(**error)


def path_of(location: str) -> str:
    """Cut a URL down to what a request line has of it."""
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def hang_up(sock: socket.socket) -> None:
    """Say that nothing more comes, and wait until the server has ended, too."""
    sock.shutdown(socket.SHUT_WR)
    with contextlib.suppress(ConnectionError):
        while sock.recv(65536):
            pass


class Registry:
    """A client of the registry that has logged in; *host* is the name it calls the server by."""

    def __init__(self, server, *, host: str | None = None, **whose) -> None:
        self.server = server
        self.host = host
        self._whose = whose
        self.login()

    def login(self) -> None:
        """Take a new token, for example because the clock has passed the old one's end."""
        ecr = self.server.client("ecr", **self._whose)
        data = ecr.get_authorization_token()["authorizationData"][0]
        self.token = data["authorizationToken"]
        self.password = base64.b64decode(self.token).decode().removeprefix("AWS:")

    def under(self, host: str) -> Registry:
        """Return the same client that calls the server by another name."""
        other = Registry(self.server, host=host, **self._whose)
        other.token, other.password = self.token, self.password
        return other

    def request(self, method, path, headers=None, body=None, *, login: bool = True) -> Answer:
        """Send one request; a body that is an iterator goes in chunks without a length."""
        headers = dict(headers or {})
        if login:
            headers.setdefault("Authorization", f"Basic {self.token}")
        if self.host is not None:
            headers.setdefault("Host", self.host)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=MOST_SECONDS)
        try:
            connection.request(method, path_of(path), body=body, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path, **headers) -> Answer:
        return self.request("GET", path, headers)

    def head(self, path, **headers) -> Answer:
        return self.request("HEAD", path, headers)

    def break_off(self, method, path, body: bytes, *, claimed: int) -> None:
        """Send fewer bytes than are claimed, and hang up."""
        lines = [
            f"{method} {path_of(path)} HTTP/1.1",
            f"Host: {self.server.host}",
            f"Authorization: Basic {self.token}",
            f"Content-Length: {claimed}",
        ]
        with socket.create_connection(("127.0.0.1", self.server.port), MOST_SECONDS) as sock:
            sock.sendall("\r\n".join([*lines, "", ""]).encode() + body)
            hang_up(sock)

    def break_off_chunks(self, method, path, body: bytes) -> None:
        """Send one chunk and hang up before the last one, which is empty."""
        lines = [
            f"{method} {path_of(path)} HTTP/1.1",
            f"Host: {self.server.host}",
            f"Authorization: Basic {self.token}",
            "Transfer-Encoding: chunked",
        ]
        head = "\r\n".join([*lines, "", ""]).encode()
        with socket.create_connection(("127.0.0.1", self.server.port), MOST_SECONDS) as sock:
            sock.sendall(head + f"{len(body):x}\r\n".encode() + body + b"\r\n")
            hang_up(sock)

    # ------------------------------------------------------------------------------- blobs

    def start(self, repository: str = "app") -> str:
        """Open an upload and return its location."""
        answer = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        assert answer.status == 202, answer
        return answer.headers["Location"]

    def finish(self, upload: str, digest: str, body: bytes | None = None) -> Answer:
        return self.request("PUT", f"{path_of(upload)}?digest={digest}", body=body)

    def patch(self, upload: str, body, first: int | None = None) -> Answer:
        """Send a chunk; *first* says where it begins, without it the chunk says nothing."""
        ranged = {} if first is None else {"Content-Range": f"{first}-{first + len(body) - 1}"}
        return self.request("PATCH", upload, ranged, body)

    def push_blob(self, content: bytes, repository: str = "app") -> str:
        answer = self.finish(self.start(repository), sha256(content), content)
        assert answer.status == 201, answer
        return sha256(content)

    def has_blob(self, digest: str, repository: str = "app") -> bool:
        answer = self.head(f"/v2/{repository}/blobs/{digest}")
        assert answer.status in {200, 404}, answer
        return answer.status == 200

    def download(self, digest: str, repository: str = "app") -> bytes:
        """Follow the redirect of a layer as docker does, and return the bytes."""
        redirect = self.get(f"/v2/{repository}/blobs/{digest}")
        assert redirect.status == 307, redirect
        fetched = self.request("GET", redirect.headers["Location"], login=False)
        assert fetched.status == 200, fetched
        return fetched.body

    # --------------------------------------------------------------------------- manifests

    def put(self, manifest: Manifest, reference=None, repository: str = "app") -> Answer:
        """Send the manifest alone, by its digest if nothing else is said."""
        path = f"/v2/{repository}/manifests/{reference or manifest.digest}"
        return self.request("PUT", path, {"Content-Type": manifest.media_type}, manifest.content)

    def push_blobs(self, manifest: Manifest, repository: str = "app") -> None:
        for content in manifest.blobs:
            self.push_blob(content, repository)
        for child in manifest.children:
            self.push_blobs(child, repository)

    def push(self, manifest: Manifest, reference=None, repository: str = "app") -> str:
        """Push blobs, children and the manifest; return its digest."""
        self.push_blobs(manifest, repository)
        for child in manifest.children:
            self.push(child, repository=repository)
        answer = self.put(manifest, reference, repository)
        assert answer.status == 201, answer
        return manifest.digest

    def manifest(self, reference: str, accept: str = "*/*", repository: str = "app") -> Answer:
        return self.get(f"/v2/{repository}/manifests/{reference}", Accept=accept)


# ---------------------------------------------------------------------------------- images


@dataclass(frozen=True)
class Manifest:
    """A manifest as it is sent, the blobs that it names and the manifests that it lists."""

    content: bytes
    media_type: str
    blobs: tuple[bytes, ...] = ()
    children: tuple[Manifest, ...] = ()

    @property
    def digest(self) -> str:
        return sha256(self.content)

    @property
    def document(self) -> Any:
        return json.loads(self.content)

    @property
    def size(self) -> int:
        """What DescribeImages shows: all blobs, of an index the largest child's."""
        if self.children:
            return max(child.size for child in self.children)
        return sum(len(each) for each in self.blobs)


@functools.cache
def all_files() -> dict[str, bytes]:
    """Read every manifest and blob of `fixtures/` by digest."""
    paths = [*FIXTURES.glob("images/*/blobs/*/*"), *FIXTURES.glob("manifests/**/*")]
    contents = [path.read_bytes() for path in paths if path.is_file()]
    return {sha256(content): content for content in contents}


def read(digest: str, media_type: str = "") -> Manifest:
    """Read a manifest of `fixtures/` with all that it refers to."""
    content = all_files()[digest]
    document = json.loads(content)
    children = tuple(
        read(each["digest"], each["mediaType"]) for each in document.get("manifests", ())
    )
    named = [document["config"], *document["layers"]] if "config" in document else []
    blobs = tuple(all_files()[each["digest"]] for each in named)
    return Manifest(content, document.get("mediaType", media_type), blobs, children)


def fixture(name: str) -> Manifest:
    """Read a manifest by the name of its file; `single` and `web-app` are the OCI layouts."""
    layout = FIXTURES / "images" / name / "index.json"
    if layout.exists():
        return read(json.loads(layout.read_bytes())["manifests"][0]["digest"])
    path = FIXTURES / "manifests" / f"{name}.json"
    return read(sha256(path.read_bytes()), OCI_IMAGE)


def descriptor(media_type: str, content: bytes, **members) -> dict[str, Any]:
    return {
        "mediaType": media_type,
        "digest": sha256(content),
        "size": len(content),
    } | members


def image(name: str = "made", *, count: int = 1, **members) -> Manifest:
    """Make a small OCI image of *count* layers; *members* are added or replace others."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "author": name}).encode()
    contents = [f"{name} layer {number}".encode() for number in range(count)]
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE,
        "config": descriptor(OCI_CONFIG, config),
        "layers": [descriptor(OCI_LAYER, each) for each in contents],
    } | members
    return Manifest(json.dumps(document).encode(), OCI_IMAGE, (config, *contents))


def index(*children: Manifest, **members) -> Manifest:
    """Make an OCI index."""
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [descriptor(each.media_type, each.content) for each in children],
    } | members
    return Manifest(json.dumps(document).encode(), OCI_INDEX, (), children)
