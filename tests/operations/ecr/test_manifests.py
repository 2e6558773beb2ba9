"""The formats of manifests: Docker and OCI, artifacts, a manifest without a media type."""

from __future__ import annotations

import json

import pytest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"


@pytest.mark.parametrize(
    ("docker", "media_type", "artifact_type"),
    [
        (False, OCI_MANIFEST, "application/vnd.oci.image.config.v1+json"),
        (
            True,
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.docker.container.image.v1+json",
        ),
    ],
    ids=["OCI", "Docker"],
)
def test_an_image_shows_the_types_of_its_manifest_and_config(
    images, docker, media_type, artifact_type
):
    image = images.make(docker=docker)

    reply = images.push(image)

    detail = images.describe()[image.digest]
    assert reply["imageManifestMediaType"] == media_type
    assert detail["imageManifestMediaType"] == media_type
    assert detail["artifactMediaType"] == artifact_type


def test_the_docker_and_the_oci_manifest_of_the_same_blobs_are_two_images(images):
    oci, docker = images.single, images.from_file("docker-v2-schema2.json")
    assert oci.blobs == docker.blobs

    images.push(oci, "oci")
    images.push(docker, "docker")

    assert images.tags() == {oci.digest: ["oci"], docker.digest: ["docker"]}


def test_a_manifest_without_media_type_keeps_its_bytes_and_its_digest(
    ecr, repository, images, digest_of
):
    image = images.from_file("oci-without-media-type.json")
    images.push(image, "v1", imageManifestMediaType=OCI_MANIFEST)

    pulled = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])

    (found,) = pulled["images"]
    assert found["imageManifest"] == image.manifest
    assert found["imageId"]["imageDigest"] == digest_of(image.manifest.encode())
    assert found["imageManifestMediaType"] == OCI_MANIFEST
    assert images.describe()[image.digest]["imageManifestMediaType"] == OCI_MANIFEST


def test_a_manifest_of_schema_1_names_its_layers_in_its_own_way(ecr, repository, images):
    media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    layer = images.upload(b"a layer of old")
    manifest = json.dumps(
        {"schemaVersion": 1, "name": "app", "tag": "v1", "fsLayers": [{"blobSum": layer}]}
    )

    reply = ecr.put_image(
        repositoryName=repository, imageManifest=manifest, imageManifestMediaType=media_type
    )["image"]

    detail = images.describe()[reply["imageId"]["imageDigest"]]
    assert detail["imageManifestMediaType"] == media_type
    assert detail["imageSizeInBytes"] == len(b"a layer of old")


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_the_size_of_an_image_is_the_sum_of_its_blobs(images, layers):
    image = images.make(layers=layers)

    images.push(image)

    assert images.describe()[image.digest]["imageSizeInBytes"] == image.size


def test_an_artifact_shows_its_type_and_its_subject(images):
    subject, artifact = images.single, images.from_file("oci-artifact.json")
    images.push(subject)

    images.push(artifact)

    detail = images.describe()[artifact.digest]
    assert detail["artifactMediaType"] == "application/spdx+json"
    assert detail["subjectManifestDigest"] == subject.digest
    assert "subjectManifestDigest" not in images.describe()[subject.digest]
