"""Floor 10: the demo: code as a user has it, run against a mock and told as a story.

`publish` and what it calls is the code under test: plain boto3 that knows of no mock.
"""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.mock import mock_aws

if TYPE_CHECKING:
    from pathlib import Path

    from ecrmock.mock import MockAws

Say = Callable[[str], None]

_REPOSITORY: Final = "team-a/web-app"
_TAG: Final = "1.0.0"
_START: Final = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
_SHORT: Final = 19
_MANIFEST_TYPE: Final = "application/vnd.oci.image.manifest.v1+json"


# --------------------------------------------------------------------- the code under test


def upload(ecr: Any, repository: str, data: bytes) -> str:
    """Upload one blob in parts and return its digest."""
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    begun = ecr.initiate_layer_upload(repositoryName=repository)
    size = begun["partSize"]
    for first in range(0, len(data), size):
        part = data[first : first + size]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=begun["uploadId"],
            partFirstByte=first,
            partLastByte=first + len(part) - 1,
            layerPartBlob=part,
        )
    ecr.complete_layer_upload(
        repositoryName=repository, uploadId=begun["uploadId"], layerDigests=[digest]
    )
    return digest


def publish(ecr: Any, repository: str, tag: str, layout: Path) -> str:
    """Push the image of an OCI layout and return the digest of its manifest."""
    index = json.loads((layout / "index.json").read_bytes())
    manifest = _blob(layout, index["manifests"][0]["digest"])
    document = json.loads(manifest)
    for descriptor in (document["config"], *document["layers"]):
        upload(ecr, repository, _blob(layout, descriptor["digest"]))
    put = ecr.put_image(repositoryName=repository, imageManifest=manifest.decode(), imageTag=tag)
    return str(put["image"]["imageId"]["imageDigest"])


def fetch(ecr: Any, repository: str, tag: str) -> dict[str, bytes]:
    """Pull an image and return its blobs, the manifest among them, by digest."""
    answer = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": tag}])
    manifest = answer["images"][0]["imageManifest"].encode()
    document = json.loads(manifest)
    blobs = {answer["images"][0]["imageId"]["imageDigest"]: manifest}
    for descriptor in (document["config"], *document["layers"]):
        url = ecr.get_download_url_for_layer(
            repositoryName=repository, layerDigest=descriptor["digest"]
        )["downloadUrl"]
        with urllib.request.urlopen(url) as response:  # noqa: S310 - a URL that ECR answered
            blobs[descriptor["digest"]] = response.read()
    return blobs


def _blob(layout: Path, digest: str) -> bytes:
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()


# -------------------------------------------------------------------------------- the story


def tell(layout: Path, say: Say) -> None:
    """Run the story on the image in *layout* and say what happens.

    Raises:
        UsageError: boto3 is not installed, or *layout* is no OCI layout.
        EcrmockError: what came back is not what went in.
    """
    try:
        import boto3
    except ImportError:
        raise UsageError("the demo is told with boto3; pip install boto3") from None
    if not (layout / "index.json").is_file():
        raise UsageError(f"{layout} is not an OCI image layout: it has no index.json")
    began = time.perf_counter()
    with mock_aws(now=_START, page_size=2) as aws:
        ecr = boto3.client("ecr")
        _make_repositories(ecr, say)
        _push_and_pull(ecr, layout, say)
        _be_refused(ecr, layout, say)
        _meet_a_fault(aws, ecr, say)
        _travel(aws, ecr, say)
        calls = len(aws.calls)
    milliseconds = (time.perf_counter() - began) * 1000
    say(f"\n{calls} calls of real boto3 in {milliseconds:.0f} ms; nothing left this process.")


def _make_repositories(ecr: Any, say: Say) -> None:
    for name in (_REPOSITORY, "team-a/worker", "team-b/api"):
        ecr.create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    pages = list(ecr.get_paginator("describe_repositories").paginate())
    names = [r["repositoryName"] for page in pages for r in page["repositories"]]
    say(f"Three repositories, listed on {len(pages)} pages: {', '.join(names)}")


def _push_and_pull(ecr: Any, layout: Path, say: Say) -> None:
    digest = publish(ecr, _REPOSITORY, _TAG, layout)
    say(f"\nPushed {layout} as {_REPOSITORY}:{_TAG}\n  {digest}")
    detail = ecr.describe_images(repositoryName=_REPOSITORY)["imageDetails"][0]
    say(
        f"Described: tags {detail['imageTags']}, {detail['imageSizeInBytes']} bytes, "
        f"pushed at {detail['imagePushedAt'].astimezone(timezone.utc):%H:%M:%S.%f}"
    )
    blobs = fetch(ecr, _REPOSITORY, _TAG)
    for found, data in blobs.items():
        if data != _blob(layout, found):
            raise EcrmockError(f"the bytes of {found} are not those of {layout}")
        say(f"  pulled {found[:_SHORT]}...  {len(data):>6} bytes, the same bytes")


def _be_refused(ecr: Any, layout: Path, say: Say) -> None:
    say("\nRefused, in the words of AWS:")
    try:
        publish(ecr, "team-c/unknown", _TAG, layout)
    except ecr.exceptions.RepositoryNotFoundException as error:
        say(f"  {error}")
    manifest = json.dumps({"schemaVersion": 2, "mediaType": _MANIFEST_TYPE, "layers": []})
    try:
        ecr.put_image(repositoryName=_REPOSITORY, imageManifest=manifest, imageTag=_TAG)
    except ecr.exceptions.ImageTagAlreadyExistsException as error:
        say(f"  {error}")


def _meet_a_fault(aws: MockAws, ecr: Any, say: Say) -> None:
    before = aws.clock.now
    aws.faults.add("ecr.ListImages", error="ServerException", times=2)
    answer = ecr.list_images(repositoryName=_REPOSITORY)
    retries = answer["ResponseMetadata"]["RetryAttempts"]
    waited = (aws.clock.now - before).total_seconds()
    say(
        f"\nTwo injected ServerExceptions: botocore itself tried again, {retries} times, and "
        f"waited {waited:.1f} s of the mock's time. Nobody slept."
    )


def _travel(aws: MockAws, ecr: Any, say: Say) -> None:
    upload_id = ecr.initiate_layer_upload(repositoryName=_REPOSITORY)["uploadId"]
    aws.clock.advance(timedelta(days=1))
    say(f"\nA day later, {aws.clock.now:%Y-%m-%d %H:%M}, the upload that nobody completed is gone:")
    try:
        ecr.complete_layer_upload(
            repositoryName=_REPOSITORY, uploadId=upload_id, layerDigests=["sha256:" + "0" * 64]
        )
    except ecr.exceptions.UploadNotFoundException as error:
        say(f"  {error}")
