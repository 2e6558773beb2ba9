"""BatchGetImage with accepted media types: what is converted, what is given as it is stored."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
OCI_MANIFEST = f"{OCI}manifest.v1+json"
OCI_INDEX = f"{OCI}index.v1+json"
DOCKER_MANIFEST = f"{DOCKER}distribution.manifest.v2+json"
DOCKER_LIST = f"{DOCKER}distribution.manifest.list.v2+json"
SCHEMA_1 = f"{DOCKER}distribution.manifest.v1+json"
SIGNED_SCHEMA_1 = f"{DOCKER}distribution.manifest.v1+prettyjws"

WAYS = pytest.mark.parametrize(
    ("docker", "wanted"),
    [(False, DOCKER_MANIFEST), (True, OCI_MANIFEST)],
    ids=["OCI to Docker", "Docker to OCI"],
)
NEITHER = pytest.mark.parametrize(
    "accepted",
    [["text/plain"], ["application/json"], ["*/*"], ["application/vnd.example.unknown"]],
    ids=["text", "JSON", "wildcard", "unknown"],
)


@pytest.fixture
def get(ecr, repository):
    """Return the one image of an id as BatchGetImage gives it."""

    def get(*accepted: str, **image_id) -> dict:
        options = {"acceptedMediaTypes": list(accepted)} if accepted else {}
        response = ecr.batch_get_image(repositoryName=repository, imageIds=[image_id], **options)
        assert response["failures"] == []
        (found,) = response["images"]
        return found

    return get


@pytest.fixture
def push_typed(images):
    """Push an image as `v1` whose manifest, config and layers have these media types."""

    def push_typed(manifest: str, config: str, *layers: str):
        made = images.make("typed", layers=len(layers))
        document = made.document
        document["mediaType"] = manifest
        document["config"]["mediaType"] = config
        for layer, media_type in zip(document["layers"], layers, strict=True):
            layer["mediaType"] = media_type
        image = type(made)(json.dumps(document), made.blobs)
        images.push(image, "v1")
        return image

    return push_typed


def blobs_of(manifest: str) -> list[tuple[str, int]]:
    document = json.loads(manifest)
    return [(each["digest"], each["size"]) for each in (document["config"], *document["layers"])]


# ------------------------------------------------------------------------ one to the other


@WAYS
def test_an_image_is_converted_to_the_type_that_the_client_takes(images, get, docker, wanted):
    images.push(images.make(layers=2, docker=docker), "v1")

    found = get(wanted, imageTag="v1")

    assert found["imageManifestMediaType"] == wanted
    assert json.loads(found["imageManifest"])["mediaType"] == wanted
    assert json.loads(found["imageManifest"])["schemaVersion"] == 2


@WAYS
def test_a_converted_image_has_the_digest_of_the_bytes_that_are_given(
    images, get, digest_of, docker, wanted
):
    image = images.make(docker=docker)
    images.push(image, "v1")

    found = get(wanted, imageTag="v1")

    assert found["imageId"]["imageTag"] == "v1"
    assert found["imageId"]["imageDigest"] == digest_of(found["imageManifest"].encode())
    assert found["imageId"]["imageDigest"] != image.digest


@WAYS
def test_a_converted_image_has_the_same_blobs(images, get, docker, wanted):
    image = images.make(layers=3, docker=docker)
    images.push(image, "v1")

    found = get(wanted, imageTag="v1")

    assert blobs_of(found["imageManifest"]) == blobs_of(image.manifest)


@WAYS
def test_a_conversion_gives_the_same_bytes_every_time(images, get, docker, wanted):
    images.push(images.make(docker=docker), "v1")

    first, second = get(wanted, imageTag="v1"), get(wanted, imageTag="v1")

    assert first["imageManifest"] == second["imageManifest"]


DOCKER_CONFIG, OCI_CONFIG = f"{DOCKER}container.image.v1+json", f"{OCI}config.v1+json"
LAYERS = {
    f"{DOCKER}image.rootfs.diff.tar.gzip": f"{OCI}layer.v1.tar+gzip",
    f"{DOCKER}image.rootfs.diff.tar": f"{OCI}layer.v1.tar",
    f"{DOCKER}image.rootfs.foreign.diff.tar.gzip": f"{OCI}layer.nondistributable.v1.tar+gzip",
}
"""The types of layers that mean the same. Source: OCI image specification, media types."""


def test_config_and_layers_of_a_docker_image_get_their_oci_types(push_typed, get):
    push_typed(DOCKER_MANIFEST, DOCKER_CONFIG, *LAYERS)

    document = json.loads(get(OCI_MANIFEST, imageTag="v1")["imageManifest"])

    assert document["config"]["mediaType"] == OCI_CONFIG
    assert [layer["mediaType"] for layer in document["layers"]] == list(LAYERS.values())


def test_config_and_layers_of_an_oci_image_get_their_docker_types(push_typed, get):
    push_typed(OCI_MANIFEST, OCI_CONFIG, *LAYERS.values())

    document = json.loads(get(DOCKER_MANIFEST, imageTag="v1")["imageManifest"])

    assert document["config"]["mediaType"] == DOCKER_CONFIG
    assert [layer["mediaType"] for layer in document["layers"]] == list(LAYERS)


def test_a_conversion_changes_nothing_that_is_stored(images, get):
    image = images.make()
    images.push(image, "v1")

    get(DOCKER_MANIFEST, imageTag="v1")

    assert images.pairs() == {(image.digest, "v1")}
    assert images.describe()[image.digest]["imageManifestMediaType"] == OCI_MANIFEST
    assert get(imageTag="v1")["imageManifest"] == image.manifest


def test_a_pull_with_a_conversion_is_recorded(images, get):
    image = images.make()
    images.push(image, "v1")

    get(DOCKER_MANIFEST, imageTag="v1")

    assert "lastRecordedPullTime" in images.describe()[image.digest]


# ------------------------------------------------------------------------ as it is stored


@WAYS
def test_an_image_by_its_digest_is_given_as_it_is_stored(images, get, docker, wanted):
    image = images.make(docker=docker)
    images.push(image)

    found = get(wanted, imageDigest=image.digest)

    assert found["imageManifest"] == image.manifest
    assert found["imageManifestMediaType"] == image.media_type
    assert found["imageId"]["imageDigest"] == image.digest


@WAYS
def test_an_image_by_digest_and_tag_is_given_as_it_is_stored(images, get, docker, wanted):
    image = images.make(docker=docker)
    images.push(image, "v1")

    found = get(wanted, imageDigest=image.digest, imageTag="v1")

    assert found["imageManifest"] == image.manifest
    assert found["imageId"] == {"imageDigest": image.digest, "imageTag": "v1"}


@pytest.mark.parametrize("docker", [False, True], ids=["OCI", "Docker"])
@pytest.mark.parametrize(
    "accepted",
    [
        [],
        [OCI_MANIFEST, DOCKER_MANIFEST],
        [DOCKER_MANIFEST, OCI_MANIFEST],
        [SCHEMA_1, DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, "application/json"],
    ],
    ids=["nothing said", "both", "both the other way", "what docker sends"],
)
def test_an_image_that_the_client_takes_is_given_as_it_is_stored(images, get, docker, accepted):
    image = images.make(docker=docker)
    images.push(image, "v1")

    found = get(*accepted, imageTag="v1")

    assert found["imageManifest"] == image.manifest
    assert found["imageManifestMediaType"] == image.media_type


@NEITHER
def test_a_client_that_takes_nothing_of_what_there_is_gets_what_is_stored(images, get, accepted):
    image = images.make()
    images.push(image, "v1")

    found = get(*accepted, imageTag="v1")

    assert found["imageManifest"] == image.manifest
    assert found["imageId"] == {"imageDigest": image.digest, "imageTag": "v1"}


@pytest.mark.parametrize("accepted", [OCI_MANIFEST, DOCKER_MANIFEST])
def test_an_artifact_is_given_as_it_is_stored(images, get, accepted):
    artifact = images.artifact()
    images.push(artifact, "note")

    found = get(accepted, imageTag="note")

    assert found["imageManifest"] == artifact.manifest


def test_accepted_media_types_hold_for_each_image_of_a_call(ecr, repository, images):
    oci, docker = images.make("oci"), images.make("docker", docker=True)
    images.push(oci, "oci")
    images.push(docker, "docker")

    response = ecr.batch_get_image(
        repositoryName=repository,
        imageIds=[{"imageTag": "oci"}, {"imageTag": "docker"}, {"imageDigest": oci.digest}],
        acceptedMediaTypes=[DOCKER_MANIFEST],
    )

    types = [each["imageManifestMediaType"] for each in response["images"]]
    assert types == [DOCKER_MANIFEST, DOCKER_MANIFEST, OCI_MANIFEST]


# ---------------------------------------------------------------------------------- indexes


@pytest.mark.parametrize(
    ("docker", "accepted"),
    [
        (False, [OCI_INDEX]),
        (False, [OCI_MANIFEST, OCI_INDEX]),
        (True, [DOCKER_LIST]),
        (True, [DOCKER_MANIFEST, DOCKER_LIST, OCI_INDEX]),
        (False, []),
        (True, []),
    ],
    ids=["OCI", "OCI and image", "Docker", "Docker and more", "OCI unsaid", "Docker unsaid"],
)
def test_a_client_that_takes_the_index_gets_it(images, get, docker, accepted):
    index, *_children = images.push_index("v1", docker=docker)

    found = get(*accepted, imageTag="v1")

    assert found["imageManifest"] == index.manifest
    assert found["imageManifestMediaType"] == index.media_type
    assert found["imageId"] == {"imageDigest": index.digest, "imageTag": "v1"}


@pytest.mark.parametrize(
    ("docker", "accepted"),
    [(False, OCI_MANIFEST), (True, DOCKER_MANIFEST)],
    ids=["OCI", "Docker"],
)
def test_a_client_that_takes_no_index_gets_the_image_for_linux_on_amd64(
    images, get, docker, accepted
):
    _index, amd64, _arm64 = images.push_index("v1", docker=docker)

    found = get(accepted, imageTag="v1")

    assert found["imageManifest"] == amd64.manifest
    assert found["imageId"] == {"imageDigest": amd64.digest, "imageTag": "v1"}


@WAYS
def test_the_image_out_of_an_index_is_converted_too(images, get, digest_of, docker, wanted):
    _index, amd64, _arm64 = images.push_index("v1", docker=docker)

    found = get(wanted, imageTag="v1")

    assert found["imageManifestMediaType"] == wanted
    assert blobs_of(found["imageManifest"]) == blobs_of(amd64.manifest)
    assert found["imageId"]["imageDigest"] == digest_of(found["imageManifest"].encode())


@pytest.mark.parametrize("accepted", [OCI_MANIFEST, DOCKER_MANIFEST, DOCKER_LIST, SCHEMA_1])
def test_an_index_by_its_digest_is_given_as_it_is_stored(images, get, accepted):
    index, *_children = images.push_index()

    found = get(accepted, imageDigest=index.digest)

    assert found["imageManifest"] == index.manifest
    assert found["imageManifestMediaType"] == OCI_INDEX


@NEITHER
def test_a_client_that_takes_no_manifest_gets_the_index_that_is_stored(images, get, accepted):
    index, *_children = images.push_index("v1")

    found = get(*accepted, imageTag="v1")

    assert found["imageManifest"] == index.manifest


# --------------------------------------------------------------------------------- schema 1


@pytest.mark.parametrize(
    "accepted",
    [
        SCHEMA_1,
        SIGNED_SCHEMA_1,
    ],
    ids=["plain", "signed"],
)
def test_a_conversion_to_schema_1_is_refused_by_name(door, ecr, repository, images, accepted):
    images.push(images.make(docker=True), "v1")

    with pytest.raises((NotImplementedError, ClientError)) as caught:
        ecr.batch_get_image(
            repositoryName=repository,
            imageIds=[{"imageTag": "v1"}],
            acceptedMediaTypes=[accepted],
        )

    assert "schema 1" in str(caught.value)
    if door.is_wire:
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    else:
        assert isinstance(caught.value, NotImplementedError)


def test_an_image_by_its_digest_needs_no_conversion_to_schema_1(images, get):
    image = images.make(docker=True)
    images.push(image)

    assert get(SCHEMA_1, imageDigest=image.digest)["imageManifest"] == image.manifest


@pytest.mark.parametrize("media_type", [SCHEMA_1, SIGNED_SCHEMA_1], ids=["plain", "signed"])
@pytest.mark.parametrize("accepted", [None, OCI_MANIFEST, DOCKER_MANIFEST], ids=str)
def test_an_image_of_schema_1_is_converted_to_nothing(images, get, media_type, accepted):
    layer = b"a layer of old"
    fields = {"schemaVersion": 1, "name": "app", "tag": "v1"}
    manifest = json.dumps(fields | {"fsLayers": [{"blobSum": images.upload(layer)}]})
    image = type(images.make())(manifest, {})
    images.push(image, "v1", imageManifestMediaType=media_type)

    found = get(*[accepted] if accepted else [], imageTag="v1")

    assert found["imageManifest"] == manifest
    assert found["imageManifestMediaType"] == media_type
