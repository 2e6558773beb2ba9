"""Floor 10: the demo: a world served on a free port, a real image pushed, pulled and refused.

`skopeo` pushes and pulls where it is installed; elsewhere a small client of the registry does,
which is here too and knows of no mock.
"""

from __future__ import annotations

import base64
import http.client
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from ecrmock.core.digest import sha256
from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.mock import mock_aws

if TYPE_CHECKING:
    from ecrmock.handle import Server

Say = Callable[[str], None]

_REPOSITORY: Final = "team-a/web-app"
_TAG: Final = "1.0.0"
_OWNER: Final = "123456789012"
_GUEST: Final = "999988887777"
_REGION: Final = "us-east-1"
_REDIRECT: Final = 307
_REFUSED: Final = 400
_SHORT: Final = 19
_MANIFESTS: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
)


# ----------------------------------------------------------------- a small registry client


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
        response = self._send(method, f"{self.url}/v2/{path}", sent, body)
        if response.status == _REDIRECT:
            response = self._send("GET", response.headers["Location"], {}, b"")
        answer = response.read()
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
    ) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc)
        connection.request(method, f"{parts.path}?{parts.query}", body, headers)
        return connection.getresponse()


def _accept() -> str:
    return ", ".join(_MANIFESTS)


def _blobs(document: dict[str, Any]) -> list[str]:
    if "config" not in document:
        return []
    return [document["config"]["digest"], *(layer["digest"] for layer in document["layers"])]


def _blob(layout: Path, digest: str) -> bytes:
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()


def _read(layout: Path) -> dict[str, bytes]:
    """Return all blobs of a layout by their digest."""
    return {f"sha256:{path.name}": path.read_bytes() for path in layout.glob("blobs/sha256/*")}


# -------------------------------------------------------------------------------- the story


def tell(layout: Path, say: Say) -> None:
    """Run the story on the image in *layout* and say what happens.

    Raises:
        UsageError: boto3 is not installed, or *layout* is no OCI layout.
        EcrmockError: what came back is not what went in, or a client failed.
    """
    try:
        import boto3
    except ImportError:
        raise UsageError("the demo is told with boto3; pip install boto3") from None
    if not (layout / "index.json").is_file():
        raise UsageError(f"{layout} is not an OCI image layout: it has no index.json")
    began = time.perf_counter()
    with mock_aws(account_id=_OWNER, region_name=_REGION) as aws, aws.serve() as server:
        say(f"A world is served at {server.url}")
        ecr = boto3.client("ecr", endpoint_url=server.url)
        made = ecr.create_repository(repositoryName=_REPOSITORY, imageTagMutability="IMMUTABLE")[
            "repository"
        ]
        say(f"CreateRepository: {made['repositoryUri']}")
        _push(server, ecr, layout, say)
        _show(ecr, say)
        _pull(server, ecr, layout, say)
        _refuse(server, ecr, say)
        calls = len(aws.calls)
    milliseconds = (time.perf_counter() - began) * 1000
    say(f"\n{calls} calls of the ECR API in {milliseconds:.0f} ms; nothing left this machine.")


def _push(server: Server, ecr: Any, layout: Path, say: Say) -> None:
    image = f"{server.host}/{_REPOSITORY}:{_TAG}"
    if shutil.which("skopeo"):
        _skopeo("copy", "--all", f"oci:{layout}", f"docker://{image}", ecr=ecr, side="dest")
        say(f"\nskopeo pushed {layout} as {image}")
    else:
        RegistryClient(server.url, _token(ecr)).push(layout, _REPOSITORY, _TAG)
        say(f"\nPushed {layout} as {image} (skopeo is not installed)")


def _show(ecr: Any, say: Say) -> None:
    say("boto3's DescribeImages shows it:")
    for detail in ecr.describe_images(repositoryName=_REPOSITORY)["imageDetails"]:
        kind = detail["imageManifestMediaType"].rpartition(".oci.")[2]
        say(
            f"  {detail['imageDigest'][:_SHORT]}...  {detail['imageSizeInBytes']:>6} bytes  "
            f"{kind:<22} {', '.join(detail.get('imageTags', ['(untagged)']))}"
        )


def _pull(server: Server, ecr: Any, layout: Path, say: Say) -> None:
    image = f"{server.host}/{_REPOSITORY}:{_TAG}"
    if shutil.which("skopeo"):
        with tempfile.TemporaryDirectory() as folder:
            _skopeo("copy", "--all", f"docker://{image}", f"oci:{folder}", ecr=ecr, side="src")
            pulled = _read(Path(folder))
    else:
        pulled = RegistryClient(server.url, _token(ecr)).pull(_REPOSITORY, _TAG)
    if pulled != _read(layout):
        raise EcrmockError(f"what was pulled is not what {layout} holds")
    total = sum(map(len, pulled.values()))
    say(f"Pulled it back: {len(pulled)} blobs, {total} bytes, each the very same.")


def _refuse(server: Server, ecr: Any, say: Say) -> None:
    """Let another account in by the repository policy, but not to the images."""
    statement = {
        "Sid": "LayersOnly",
        "Effect": "Allow",
        "Principal": {"AWS": _GUEST},
        "Action": ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName=_REPOSITORY, policyText=policy)
    guest = server.client("ecr", account_id=_GUEST)
    say(f"\nThe administrator of {_GUEST}, whom the repository policy does not grant the image:")
    try:
        guest.batch_get_image(
            registryId=_OWNER, repositoryName=_REPOSITORY, imageIds=[{"imageTag": _TAG}]
        )
    except guest.exceptions.ClientError as error:
        say(f"  by the API:      {error}")
    else:
        raise EcrmockError("the API gave an image that nobody granted")
    name = f"{_OWNER}.dkr.ecr.{_REGION}.amazonaws.com"
    try:
        RegistryClient(server.url, _token(guest), name).pull(_REPOSITORY, _TAG)
    except RegistryError as error:
        say(f"  by the registry: {error}")
    else:
        raise EcrmockError("the registry gave an image that nobody granted")


def _token(ecr: Any) -> str:
    return str(ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"])


def _skopeo(*arguments: str, ecr: Any, side: str) -> None:
    """Run skopeo with a token as its credentials for one *side*, `src` or `dest`.

    Raises:
        EcrmockError: it failed; the text is what it printed.
    """
    credentials = base64.b64decode(_token(ecr)).decode()
    options = [f"--{side}-tls-verify=false", f"--{side}-creds={credentials}"]
    command = ["skopeo", "--insecure-policy", *arguments, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise EcrmockError(f"skopeo failed: {done.stderr.strip()}")
