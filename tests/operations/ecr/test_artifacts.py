"""OCI artifacts: what is shown of their type and of the image that they are about."""

from __future__ import annotations

import json

import pytest

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
NOTE = "application/vnd.example.note"
SPDX = "application/spdx+json"


@pytest.fixture
def subject(images):
    """An image that was pushed as `v1`."""
    image = images.make("subject")
    images.push(image, "v1")
    return image


@pytest.mark.parametrize("shown", [NOTE, SPDX])
def test_an_artifact_shows_its_artifact_type(images, shown):
    artifact = images.artifact(artifactType=shown)

    images.push(artifact)

    assert images.describe()[artifact.digest]["artifactMediaType"] == shown


def test_an_artifact_of_no_type_shows_the_type_of_its_config(images):
    artifact = images.artifact()
    document = artifact.document
    del document["artifactType"]
    untyped = type(artifact)(json.dumps(document), artifact.blobs)

    images.push(untyped)

    detail = images.describe()[untyped.digest]
    assert detail["artifactMediaType"] == "application/vnd.oci.empty.v1+json"


def test_a_chart_shows_the_type_of_its_config(images):
    helm = "application/vnd.cncf.helm.config.v1+json"
    image = images.make("chart")
    document = image.document
    document["config"]["mediaType"] = helm
    chart = type(image)(json.dumps(document), image.blobs)

    images.push(chart, "0.1.0")

    assert images.describe()[chart.digest]["artifactMediaType"] == helm


def test_an_artifact_shows_its_subject(images, subject):
    artifact = images.artifact(subject)

    images.push(artifact)

    details = images.describe()
    assert details[artifact.digest]["subjectManifestDigest"] == subject.digest
    assert "subjectManifestDigest" not in details[subject.digest]


def test_an_artifact_without_subject_shows_none(images, repository):
    artifact = images.artifact()

    images.push(artifact, "note")

    assert "subjectManifestDigest" not in images.describe()[artifact.digest]


def test_an_artifact_comes_back_byte_for_byte(ecr, repository, images):
    images.push(images.single)
    artifact = images.from_file("oci-artifact.json")
    images.push(artifact)

    response = ecr.batch_get_image(
        repositoryName=repository, imageIds=[{"imageDigest": artifact.digest}]
    )

    assert response["images"][0]["imageManifest"] == artifact.manifest
    assert response["images"][0]["imageManifestMediaType"] == OCI_MANIFEST


def test_an_artifact_can_have_a_tag(images, subject):
    artifact = images.artifact(subject)

    images.push(artifact, "sha256-0.sbom")

    assert images.tags()[artifact.digest] == ["sha256-0.sbom"]


def test_an_artifact_does_not_keep_its_subject_from_being_deleted(images, subject):
    images.push(images.artifact(subject))

    deleted, failures = images.delete({"imageTag": "v1"})

    assert deleted == [{"imageDigest": subject.digest, "imageTag": "v1"}]
    assert failures == []


def test_a_subject_may_be_an_image_that_is_not_there(images, repository):
    subject = images.make("absent")
    artifact = images.artifact(subject)

    images.push(artifact)

    assert images.describe()[artifact.digest]["subjectManifestDigest"] == subject.digest


def test_two_artifacts_of_one_subject_are_two_images(images, subject):
    first, second = images.artifact(subject, "first"), images.artifact(subject, "second")

    images.push(first)
    images.push(second)

    assert images.tags() == {subject.digest: ["v1"], first.digest: None, second.digest: None}


def test_an_artifact_with_a_subject_is_pushed_with_an_event_of_its_own_kind(door, images, subject):
    artifact = images.artifact(subject)

    images.push(artifact)

    event = door.aws.events[-1]
    assert event["detail-type"] == "ECR Referrer Action"
    assert event["detail"]["image-digest"] == artifact.digest
    assert event["detail"]["action-type"] == "PUSH"
