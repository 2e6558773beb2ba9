"""`aws.images.load`: images from layouts and archives, byte for byte."""

from __future__ import annotations

import json

import pytest

from ecrmock import UsageError
from tests.images.archives import (
    DOCKER_LIST,
    FIXTURES,
    OCI_IMAGE,
    OCI_INDEX,
    SINGLE,
    SINGLE_DIGEST,
    WEB_APP,
    WEB_APP_DIGEST,
    as_folder,
    as_packed_tar,
    as_tar,
    as_tar_with_dots,
    blob_name,
    describe,
    digest_of,
    dump,
    files_of,
    layout_of,
    pull,
    read_single,
)

REF_NAME = "org.opencontainers.image.ref.name"
IMAGE_NAME = "io.containerd.image.name"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"


every_form = pytest.mark.parametrize("form", [as_folder, as_tar, as_tar_with_dots, as_packed_tar])


# ------------------------------------------------------------------------------- OCI layouts


@every_form
@pytest.mark.parametrize(
    "case",
    [(WEB_APP, WEB_APP_DIGEST, OCI_INDEX), (SINGLE, SINGLE_DIGEST, OCI_IMAGE)],
    ids=["index", "image"],
)
def test_a_layout_is_pushed_as_it_is(images, ecr, tmp_path, form, case):
    layout, *expected = case
    files = files_of(layout)
    path = form(files, tmp_path)

    image = images.load(path, "team/app:v1")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert [image.digest, image.media_type] == expected
    assert [pulled.digest, pulled.media_type] == expected
    blobs = {data for name, data in files.items() if name.startswith("blobs/")}
    assert {*pulled.manifests.values(), *pulled.blobs.values()} == blobs


def test_an_image_says_what_it_is(images):
    image = images.load(WEB_APP, "team/app:v1")

    assert list(image.platforms) == ["linux/amd64", "linux/arm64"]
    assert (image.repository, image.tags) == ("team/app", ("v1",))
    assert image.config["architecture"] == "amd64"
    assert len(image.layers) == 3
    assert image.uri.endswith(f"/team/app@{WEB_APP_DIGEST}")


def test_the_platform_of_a_single_image_is_that_of_its_configuration(images):
    image = images.load(SINGLE, "team/app")

    assert image.platforms == {"linux/amd64": SINGLE_DIGEST}


@pytest.mark.parametrize(
    ("reference", "tags"),
    [
        ("team/app:v1", ("v1",)),
        ("team/app", ()),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app:v1", ("v1",)),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app", ()),
    ],
)
def test_a_reference_names_the_repository_and_perhaps_a_tag(images, ecr, reference, tags):
    image = images.load(str(SINGLE), reference)

    assert image.tags == tags
    found = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    assert [tuple(each.get("imageTags", ())) for each in found] == [tags]


def test_a_reference_may_name_another_registry(images, aws):
    image = images.load(SINGLE, "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1")

    ecr = aws.client("ecr", account_id="111122223333", region_name="eu-west-1")
    assert pull(ecr, "team/app", imageTag="v1").digest == image.digest
    assert (image.registry_id, image.region_name) == ("111122223333", "eu-west-1")


@pytest.mark.parametrize(
    "reference",
    [
        *("team/app@sha256:00", "team/app:v1@sha256:00", "team/app:", "Team/app:v1", "", None),
        *("localhost:5000/team/app:v1", "team/app:v1:v2", "team/app:v 1"),
    ],
)
def test_a_reference_that_is_none_is_refused(images, ecr, reference):
    with pytest.raises(UsageError, match=r"give (a name|'team/app:v1'|1 to 300 letters)"):
        images.load(SINGLE, reference)

    assert ecr.describe_repositories()["repositories"] == []


@pytest.mark.parametrize("path", [5, None, b"image.tar"], ids=["number", "None", "bytes"])
def test_a_path_that_is_none_is_refused(images, path):
    with pytest.raises(UsageError, match="give the path of a folder or file as a text"):
        images.load(path, "team/app")


def test_the_name_of_an_image_is_a_text(images):
    with pytest.raises(UsageError, match="image is 5; give a name or digest, or None"):
        images.load(SINGLE, "team/app", image=5)


def several():
    """Return a layout of three images, one of them with two names and one without any."""
    single = read_single()
    other = json.loads(single.manifest) | {"annotations": {"a": "b"}}
    third = json.loads(single.manifest) | {"annotations": {"c": "d"}}
    manifests = [single.manifest, dump(other), dump(third)]
    named = [
        ({REF_NAME: "1.0.0", IMAGE_NAME: "docker.io/library/worker:1.0.0"}, manifests[0]),
        ({REF_NAME: "latest", IMAGE_NAME: "docker.io/library/worker:latest"}, manifests[0]),
        ({REF_NAME: "latest", IMAGE_NAME: "docker.io/team/other:latest"}, manifests[1]),
        (None, manifests[2]),
    ]
    entries = [
        describe(data, OCI_IMAGE, **({} if names is None else {"annotations": names}))
        for names, data in named
    ]
    return manifests, layout_of(entries, [*manifests, single.config, *single.layers])


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("1.0.0", 0),
        ("worker:1.0.0", 0),
        ("worker", 0),
        ("docker.io/library/worker:latest", 0),
        ("team/other", 1),
        ("team/other:latest", 1),
        ("the digest", 2),
    ],
)
def test_one_of_several_images_is_chosen_by_its_name(images, tmp_path, name, index):
    manifests, files = several()
    path = as_tar(files, tmp_path)
    wanted = digest_of(manifests[2]) if name == "the digest" else name

    image = images.load(path, "team/app", image=wanted)

    assert image.manifest == manifests[index]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (None, "it holds 3 images, and image= names none of them"),
        ("latest", "it holds 2 images called 'latest'"),
        ("v9", "it holds 0 images called 'v9'"),
    ],
    ids=["none named", "ambiguous", "unknown"],
)
def test_what_is_there_is_listed_where_the_choice_is_not_clear(images, tmp_path, name, text):
    manifests, files = several()
    path = as_tar(files, tmp_path)

    with pytest.raises(UsageError, match=text) as raised:
        images.load(path, "team/app", image=name)

    assert "'docker.io/team/other:latest' or 'latest'" in str(raised.value)
    assert f"one without a name ({digest_of(manifests[2])})" in str(raised.value)


def test_an_image_with_two_names_is_still_one(images, tmp_path):
    single = read_single()
    entries = [
        describe(single.manifest, OCI_IMAGE, annotations={REF_NAME: name}) for name in ("a", "b")
    ]
    files = layout_of(entries, [single.manifest, single.config, *single.layers])

    assert images.load(as_tar(files, tmp_path), "team/app").digest == SINGLE_DIGEST


def test_a_manifest_without_a_type_has_that_of_its_descriptor(images, ecr, tmp_path):
    single = read_single()
    manifest = (FIXTURES / "manifests" / "oci-without-media-type.json").read_bytes()
    blobs = [manifest, single.config, *single.layers]
    files = layout_of([describe(manifest, OCI_IMAGE)], blobs)

    images.load(as_folder(files, tmp_path), "team/app:v1")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert pulled.manifests == {digest_of(manifest): manifest}


def test_a_layout_of_docker_manifests_is_pushed_as_it_is(images, ecr, tmp_path):
    folder = FIXTURES / "manifests"
    manifests = [
        (folder / f"docker-{name}.json").read_bytes()
        for name in ("manifest-list", "web-app-amd64", "web-app-arm64")
    ]
    files = files_of(WEB_APP) | layout_of([describe(manifests[0], DOCKER_LIST)], manifests)

    image = images.load(as_tar(files, tmp_path), "team/app:v1")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert set(pulled.manifests.values()) == set(manifests)
    assert list(image.platforms) == ["linux/amd64", "linux/arm64"]


def test_an_artifact_is_pushed_with_its_type(images, ecr, tmp_path):
    folder = FIXTURES / "manifests"
    manifest = (folder / "oci-artifact.json").read_bytes()
    blobs = files_of(folder / "blobs").values()
    files = layout_of([describe(manifest, OCI_IMAGE)], [manifest, *blobs])

    image = images.load(as_tar(files, tmp_path), "team/app")

    detail = ecr.describe_images(repositoryName="team/app")["imageDetails"][0]
    assert detail["artifactMediaType"] == "application/spdx+json"
    assert detail.get("subjectManifestDigest", SINGLE_DIGEST) == SINGLE_DIGEST  # not in 1.40
    assert (image.platforms, image.config) == ({}, {})


def test_an_index_may_hold_an_index_and_attestations(images, ecr, tmp_path):
    attestation = dump({"schemaVersion": 2, "mediaType": OCI_IMAGE, "layers": []})
    unknown = {"architecture": "unknown", "os": "unknown"}
    inner = files_of(WEB_APP)["blobs/" + WEB_APP_DIGEST.replace(":", "/")]
    outer = dump(
        {
            "schemaVersion": 2,
            "mediaType": OCI_INDEX,
            "manifests": [
                describe(attestation, OCI_IMAGE, platform=unknown),
                describe(inner, OCI_INDEX),
                describe(inner, OCI_INDEX, annotations={"again": "yes"}),
            ],
        }
    )
    files = files_of(WEB_APP) | layout_of([describe(outer, OCI_INDEX)], [outer, attestation])

    image = images.load(as_tar(files, tmp_path), "team/app:v1")

    assert list(image.platforms) == ["linux/amd64", "linux/arm64"]
    assert pull(ecr, "team/app", imageTag="v1").digest == digest_of(outer)


def test_a_layer_that_is_elsewhere_may_be_missing(images, ecr, tmp_path):
    single = read_single()
    document = json.loads(single.manifest)
    document["layers"][0]["urls"] = ["https://example.com/layer"]
    manifest = dump(document)
    files = layout_of([describe(manifest, OCI_IMAGE)], [manifest, single.config, single.layers[1]])

    image = images.load(as_tar(files, tmp_path), "team/app")

    detail = ecr.describe_images(repositoryName="team/app")["imageDetails"][0]
    assert detail["imageDigest"] == image.digest == digest_of(manifest)


def test_links_inside_of_a_folder_are_followed(images, tmp_path):
    folder = as_folder(files_of(SINGLE), tmp_path)
    blob = folder / blob_name(read_single().config)
    blob.rename(folder / "elsewhere")
    blob.symlink_to("../../elsewhere")

    assert images.load(folder, "team/app").digest == SINGLE_DIGEST


def test_a_large_layer_is_kept_in_a_file(images, aws, tmp_path):
    layer = bytes(3 << 20)
    config = dump({"os": "linux", "architecture": "amd64"})
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_IMAGE,
        "config": describe(config, OCI_CONFIG),
        "layers": [describe(layer, OCI_LAYER)],
    }
    manifest = dump(document)
    files = layout_of([describe(manifest, OCI_IMAGE)], [manifest, config, layer])

    images.load(as_packed_tar(files, tmp_path), "team/app")

    blob = aws.gateway.world.core.blobs.get(digest_of(layer))
    assert (blob.is_in_memory, blob.size) == (False, len(layer))
