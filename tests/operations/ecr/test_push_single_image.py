"""A real image is pushed and pulled with the API alone, and every byte is compared."""

from __future__ import annotations

import hashlib
from urllib.request import urlopen

import pytest

PART = 1000


@pytest.fixture
def pushed(ecr, repository, images):
    """Push `fixtures/images/single` as a client does; return it and what PutImage answered."""
    image = images.single
    for content in image.blobs.values():
        where = {"repositoryName": repository}
        where["uploadId"] = ecr.initiate_layer_upload(**where)["uploadId"]
        last = ecr.upload_layer_part(
            **where, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
        )
        assert last["lastByteReceived"] == len(content) - 1
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        ecr.complete_layer_upload(**where, layerDigests=[digest])
    reply = ecr.put_image(repositoryName=repository, imageManifest=image.manifest, imageTag="1.0.0")
    return image, reply["image"]


def test_put_image_answers_with_the_image_and_nothing_else(pushed, repository, account):
    image, reply = pushed

    assert reply == {
        "registryId": account,
        "repositoryName": repository,
        "imageId": {"imageDigest": image.digest, "imageTag": "1.0.0"},
        "imageManifest": image.manifest,
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
    }


def test_the_digest_is_the_sha256_of_the_bytes_of_the_manifest(pushed):
    _image, reply = pushed

    digest = hashlib.sha256(reply["imageManifest"].encode()).hexdigest()

    assert reply["imageId"]["imageDigest"] == f"sha256:{digest}"
    assert digest == "977f573ecedcc03f6f6d42393fde68ac46d72b84b870d54ce9d1f7966f3921bb"


def test_a_pull_gives_the_bytes_that_were_pushed(ecr, pushed, repository):
    image, _reply = pushed

    pulled = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "1.0.0"}])
    blobs = {}
    for digest in (image.config, *image.layers):
        url = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=digest)
        with urlopen(url["downloadUrl"], timeout=10) as response:
            blobs[digest] = response.read()

    assert [each["imageManifest"] for each in pulled["images"]] == [image.manifest]
    assert blobs == image.blobs


def test_describe_images_shows_the_image(door, ecr, pushed, repository, account):
    image, _reply = pushed

    (detail,) = ecr.describe_images(repositoryName=repository)["imageDetails"]

    assert detail.pop("imagePushedAt") <= door.aws.clock.now
    assert detail.pop("imageStatus", "ACTIVE") == "ACTIVE"
    assert detail == {
        "registryId": account,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageTags": ["1.0.0"],
        "imageSizeInBytes": 835 + 5143 + 2583,
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
    }


def test_a_layer_that_two_images_share_is_uploaded_once(ecr, pushed, images, repository):
    image, _reply = pushed
    base, other = images.from_file("docker-web-app-amd64.json").layers
    assert base in image.layers

    response = ecr.batch_check_layer_availability(
        repositoryName=repository, layerDigests=[base, other]
    )

    availability = {each["layerDigest"]: each["layerAvailability"] for each in response["layers"]}
    assert availability == {base: "AVAILABLE", other: "UNAVAILABLE"}
