"""Every type of manifest: exact bytes back, the right headers, the same image through the API."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.registry.client import (
    DOCKER_CONFIG,
    DOCKER_IMAGE,
    DOCKER_LIST,
    OCI_CONFIG,
    OCI_EMPTY,
    OCI_IMAGE,
    OCI_INDEX,
    Manifest,
    descriptor,
    fixture,
    image,
    index,
    sha256,
)


class Kind(NamedTuple):
    """A manifest and what DescribeImages shows of it besides digest, size and tags."""

    manifest: Manifest
    media_type: str
    artifact_type: str | None
    subject: str | None = None


SUBJECT = fixture("single").digest
KINDS = {
    "docker-v2-schema2": Kind(fixture("docker-v2-schema2"), DOCKER_IMAGE, DOCKER_CONFIG),
    "docker-manifest-list": Kind(fixture("docker-manifest-list"), DOCKER_LIST, None),
    "oci-image": Kind(fixture("single"), OCI_IMAGE, OCI_CONFIG),
    "oci-index": Kind(fixture("oci-index"), OCI_INDEX, None),
    "oci-index-of-a-layout": Kind(fixture("web-app"), OCI_INDEX, None),
    "oci-artifact": Kind(fixture("oci-artifact"), OCI_IMAGE, "application/spdx+json", SUBJECT),
    "oci-without-media-type": Kind(fixture("oci-without-media-type"), OCI_IMAGE, OCI_CONFIG),
    "oci-zero-layers": Kind(fixture("oci-zero-layers"), OCI_IMAGE, OCI_CONFIG),
}

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())
by_tag_and_digest = pytest.mark.parametrize("by_tag", [True, False], ids=["by tag", "by digest"])


def reference(kind: Kind, *, by_tag: bool) -> str:
    return "v1" if by_tag else kind.manifest.digest


def details_of(ecr, digest: str) -> dict:
    (details,) = ecr.describe_images(repositoryName="app", imageIds=[{"imageDigest": digest}])[
        "imageDetails"
    ]
    return details


def push_by_the_api(ecr, manifest: Manifest, tag: str | None = None) -> None:
    """Push with layer operations and PutImage alone."""
    for content in manifest.blobs:
        where = {"repositoryName": "app"}
        found = ecr.batch_check_layer_availability(**where, layerDigests=[sha256(content)])
        if found["layers"][0]["layerAvailability"] == "AVAILABLE":
            continue
        where["uploadId"] = ecr.initiate_layer_upload(**where)["uploadId"]
        ecr.upload_layer_part(
            **where, partFirstByte=0, partLastByte=len(content) - 1, layerPartBlob=content
        )
        ecr.complete_layer_upload(**where, layerDigests=[sha256(content)])
    for child in manifest.children:
        push_by_the_api(ecr, child)
    tagged = {"imageTag": tag} if tag else {}
    ecr.put_image(
        repositoryName="app",
        imageManifest=manifest.content.decode(),
        imageManifestMediaType=manifest.media_type,
        **tagged,
    )


# ---------------------------------------------------------------------------- the registry


@every_kind
def test_put_answers_with_place_and_digest(registry, kind):
    registry.push_blobs(kind.manifest)
    for child in kind.manifest.children:
        registry.push(child)

    answer = registry.put(kind.manifest, "v1")

    digest = kind.manifest.digest
    assert answer.status == 201
    assert answer.headers["Location"].endswith(f"/v2/app/manifests/{digest}")
    assert answer.headers["Docker-Content-Digest"] == digest
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.body == b""


@every_kind
@by_tag_and_digest
def test_get_gives_the_exact_bytes_back(registry, kind, by_tag):
    registry.push(kind.manifest, "v1")

    answer = registry.manifest(reference(kind, by_tag=by_tag), kind.media_type)

    assert answer.status == 200
    assert answer.body == kind.manifest.content
    assert answer.headers["Content-Type"] == kind.media_type
    assert answer.headers["Content-Length"] == str(len(kind.manifest.content))
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.headers["Docker-Content-Digest"] is None


@every_kind
@by_tag_and_digest
def test_head_gives_type_size_and_digest(registry, kind, by_tag):
    registry.push(kind.manifest, "v1")
    path = f"/v2/app/manifests/{reference(kind, by_tag=by_tag)}"

    answer = registry.head(path, Accept=kind.media_type)

    assert answer.status == 200
    assert answer.body == b""
    assert answer.headers["Content-Type"] == kind.media_type
    assert answer.headers["Content-Length"] == str(len(kind.manifest.content))
    assert answer.headers["Docker-Content-Digest"] == kind.manifest.digest
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.headers["Sizes"] == ""
    assert answer.headers["Date"]


@every_kind
@by_tag_and_digest
def test_delete_takes_the_image_away(registry, kind, by_tag):
    registry.push(kind.manifest, "v1")
    path = f"/v2/app/manifests/{reference(kind, by_tag=by_tag)}"

    answer = registry.request("DELETE", path)

    assert answer.status == 202
    assert registry.manifest("v1").status == 404
    assert registry.manifest(kind.manifest.digest).status == 404
    assert registry.get("/v2/app/tags/list").json["tags"] == []


@every_kind
def test_an_untagged_manifest_is_pushed_by_its_digest(registry, kind):
    registry.push(kind.manifest)

    answer = registry.manifest(kind.manifest.digest, kind.media_type)

    assert answer.body == kind.manifest.content
    assert registry.get("/v2/app/tags/list").json["tags"] == []


@every_kind
def test_what_the_registry_pulls_can_be_pushed_to_another_repository(registry, ecr, kind):
    ecr.create_repository(repositoryName="copies/app")
    registry.push(kind.manifest, "v1")
    pulled = registry.manifest("v1", kind.media_type).body
    copy = Manifest(pulled, kind.media_type, kind.manifest.blobs, kind.manifest.children)

    registry.push(copy, "v1", "copies/app")

    answer = registry.manifest(kind.manifest.digest, kind.media_type, "copies/app")
    assert answer.body == kind.manifest.content


# ---------------------------------------------------------------- the registry and the API


@every_kind
def test_describe_images_shows_what_the_registry_pushed(registry, ecr, kind):
    registry.push(kind.manifest, "v1")
    registry.put(kind.manifest, "v2")

    details = details_of(ecr, kind.manifest.digest)

    assert sorted(details["imageTags"]) == ["v1", "v2"]
    assert details["imageSizeInBytes"] == kind.manifest.size
    assert details["imageManifestMediaType"] == kind.media_type
    assert details.get("artifactMediaType") == kind.artifact_type
    assert details.get("subjectManifestDigest") == kind.subject


@every_kind
def test_the_api_gives_the_manifest_that_the_registry_pushed(registry, ecr, kind):
    registry.push(kind.manifest, "v1")

    (got,) = ecr.batch_get_image(
        repositoryName="app",
        imageIds=[{"imageTag": "v1"}],
        acceptedMediaTypes=[kind.media_type],
    )["images"]

    assert got["imageManifest"].encode() == kind.manifest.content
    assert got["imageManifestMediaType"] == kind.media_type
    assert got["imageId"] == {"imageDigest": kind.manifest.digest, "imageTag": "v1"}


@every_kind
@by_tag_and_digest
def test_the_registry_pulls_what_the_api_pushed(registry, ecr, kind, by_tag):
    push_by_the_api(ecr, kind.manifest, "v1")

    answer = registry.manifest(reference(kind, by_tag=by_tag), kind.media_type)

    assert answer.body == kind.manifest.content
    assert answer.headers["Content-Type"] == kind.media_type
    for content in kind.manifest.blobs:
        assert registry.download(sha256(content)) == content


def test_children_of_an_index_are_untagged_images(registry, ecr):
    parent = KINDS["oci-index"].manifest
    registry.push(parent, "v1")

    for child in parent.children:
        details = details_of(ecr, child.digest)
        assert "imageTags" not in details
        assert details["imageSizeInBytes"] == child.size


def test_a_pull_is_recorded(registry, ecr):
    made = image("pulled")
    registry.push(made, "v1")
    before = details_of(ecr, made.digest)

    registry.manifest("v1")

    assert "lastRecordedPullTime" not in before
    assert details_of(ecr, made.digest)["lastRecordedPullTime"]


# ------------------------------------------------------------------------ kinds that are made

EMPTY = b"{}"
EMPTY_CONFIG = descriptor(OCI_EMPTY, EMPTY)


def made_of(*blobs: bytes, **members) -> Manifest:
    """Make an OCI image of these members that needs these blobs."""
    return Manifest(image("unusual", **members).content, OCI_IMAGE, blobs)


LAYER = b"the bytes of a layer"
URLS = ["https://store.example.com/blobs/layer"]
UNCOMPRESSED = "application/vnd.oci.image.layer.v1.tar"
FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
NOTES = {f"large-annotation-{number}": "A" * 10_000 for number in range(390)}
MADE = {
    "uncompressed layer": made_of(
        EMPTY, LAYER, config=EMPTY_CONFIG, layers=[descriptor(UNCOMPRESSED, LAYER)]
    ),
    "many annotations": image("large", annotations=NOTES),
    "data field": made_of(
        EMPTY, config=EMPTY_CONFIG | {"data": "e30="}, layers=[EMPTY_CONFIG | {"data": "e30="}]
    ),
    "custom fields": image("custom", **{"org.example.field": {"deep": [1, None, "é"]}}),
    "artifact without layers": made_of(
        EMPTY, config=EMPTY_CONFIG, layers=[EMPTY_CONFIG], artifactType="application/x.example"
    ),
    "artifact by its configuration": made_of(
        EMPTY,
        LAYER,
        config=EMPTY_CONFIG | {"mediaType": "application/x.example"},
        layers=[descriptor(UNCOMPRESSED, LAYER)],
    ),
    "missing subject": image("signature", subject=descriptor(OCI_IMAGE, b"not there")),
    "layer that is elsewhere": made_of(
        EMPTY, config=EMPTY_CONFIG, layers=[descriptor(FOREIGN, LAYER, urls=URLS)]
    ),
    "one layer twice": made_of(
        EMPTY, LAYER, config=EMPTY_CONFIG, layers=[descriptor(UNCOMPRESSED, LAYER)] * 2
    ),
    "empty index": index(),
    "nested index": index(index(image("inside")), image("beside")),
    "index of artifacts": index(
        made_of(EMPTY, config=EMPTY_CONFIG, layers=[], artifactType="application/x.example"),
        artifactType="application/x.example",
    ),
    "index with a subject": index(
        image("child"), subject=descriptor(OCI_IMAGE, fixture("single").content)
    ),
    "index with custom fields": index(image("child"), **{"org.example.field": True}),
}

every_made = pytest.mark.parametrize("manifest", MADE.values(), ids=MADE.keys())


@every_made
def test_an_unusual_manifest_comes_back_as_it_was_sent(registry, manifest):
    registry.push(manifest, "v1")

    by_tag = registry.manifest("v1", manifest.media_type)
    by_digest = registry.manifest(manifest.digest, manifest.media_type)

    assert by_tag.body == by_digest.body == manifest.content
    assert by_tag.headers["Content-Type"] == manifest.media_type


@every_made
def test_an_unusual_manifest_is_deleted(registry, ecr, manifest):
    registry.push(manifest, "v1")

    answer = registry.request("DELETE", f"/v2/app/manifests/{manifest.digest}")

    assert answer.status == 202
    assert registry.manifest(manifest.digest).status == 404


@pytest.mark.parametrize("name", ["missing subject", "index with a subject"])
def test_a_subject_is_shown_whether_it_is_there_or_not(registry, ecr, name):
    manifest = MADE[name]

    registry.push(manifest, "v1")

    expected = manifest.document["subject"]["digest"]
    assert details_of(ecr, manifest.digest)["subjectManifestDigest"] == expected


@pytest.mark.parametrize("name", ["artifact without layers", "artifact by its configuration"])
def test_the_type_of_an_artifact_is_its_own_or_that_of_its_configuration(registry, ecr, name):
    manifest = MADE[name]

    registry.push(manifest, "v1")

    assert details_of(ecr, manifest.digest)["artifactMediaType"] == "application/x.example"


def test_a_layer_that_is_elsewhere_is_not_downloaded_here(registry):
    registry.push(MADE["layer that is elsewhere"], "v1")

    assert not registry.has_blob(sha256(LAYER))
