"""The first half of the demo: a real image is pushed, shown, pulled back and refused."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import EcrmockError
from ecrmock.demo.client import RegistryClient, RegistryError

if TYPE_CHECKING:
    from ecrmock.handle import Server

Say = Callable[[str], None]

REPOSITORY: Final = "team-a/web-app"
TAG: Final = "1.0.0"
OWNER: Final = "123456789012"
REGION: Final = "us-east-1"
_GUEST: Final = "999988887777"
_SHORT: Final = 19


def tell(server: Server, ecr: Any, layout: Path, say: Say) -> None:
    """Push the image in *layout*, show it, pull it back, and refuse it to another account.

    Raises:
        EcrmockError: what came back is not what went in, or a client failed.
    """
    _push(server, ecr, layout, say)
    _show(ecr, say)
    _pull(server, ecr, layout, say)
    _refuse(server, ecr, say)


def _push(server: Server, ecr: Any, layout: Path, say: Say) -> None:
    image = f"{server.host}/{REPOSITORY}:{TAG}"
    if shutil.which("skopeo"):
        _skopeo("copy", "--all", f"oci:{layout}", f"docker://{image}", ecr=ecr, side="dest")
        say(f"\nskopeo pushed {layout} as {image}")
    else:
        RegistryClient(server.url, _token(ecr)).push(layout, REPOSITORY, TAG)
        say(f"\nPushed {layout} as {image} (skopeo is not installed)")


def _show(ecr: Any, say: Say) -> None:
    say("boto3's DescribeImages shows it:")
    for detail in ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]:
        kind = detail["imageManifestMediaType"].rpartition(".oci.")[2]
        say(
            f"  {detail['imageDigest'][:_SHORT]}...  {detail['imageSizeInBytes']:>6} bytes  "
            f"{kind:<22} {', '.join(detail.get('imageTags', ['(untagged)']))}"
        )


def _pull(server: Server, ecr: Any, layout: Path, say: Say) -> None:
    image = f"{server.host}/{REPOSITORY}:{TAG}"
    if shutil.which("skopeo"):
        with tempfile.TemporaryDirectory() as folder:
            _skopeo("copy", "--all", f"docker://{image}", f"oci:{folder}", ecr=ecr, side="src")
            pulled = _read(Path(folder))
    else:
        pulled = RegistryClient(server.url, _token(ecr)).pull(REPOSITORY, TAG)
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
    ecr.set_repository_policy(repositoryName=REPOSITORY, policyText=policy)
    guest = server.client("ecr", account_id=_GUEST)
    say(f"\nThe administrator of {_GUEST}, whom the repository policy does not grant the image:")
    try:
        guest.batch_get_image(
            registryId=OWNER, repositoryName=REPOSITORY, imageIds=[{"imageTag": TAG}]
        )
    except guest.exceptions.ClientError as error:
        say(f"  by the API:      {error}")
    else:
        raise EcrmockError("the API gave an image that nobody granted")
    name = f"{OWNER}.dkr.ecr.{REGION}.amazonaws.com"
    try:
        RegistryClient(server.url, _token(guest), name).pull(REPOSITORY, TAG)
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


def _read(layout: Path) -> dict[str, bytes]:
    """Return all blobs of a layout by their digest."""
    return {f"sha256:{path.name}": path.read_bytes() for path in layout.glob("blobs/sha256/*")}
