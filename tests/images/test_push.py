"""`aws.images.push`: real images without a client, as a client then sees them."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zlib
from datetime import datetime, timezone

import pytest

from ecrmock import UsageError, mock_aws
from ecrmock.images import Images
from tests.images.archives import (
    DOCKER_IMAGE,
    DOCKER_LIST,
    OCI_IMAGE,
    OCI_INDEX,
    details,
    digest_of,
    pull,
    state_of,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
TWO = ["linux/amd64", "linux/arm64/v8"]
MEBIBYTE = 1 << 20
KNOWN_DIGEST = "sha256:369d947dc17101d9f102e495884b2bc396b0531e037301a99e4b5cfb096ec361"


def open_layer(blob: bytes) -> tarfile.TarFile:
    return tarfile.open(fileobj=io.BytesIO(gzip.decompress(blob)), mode="r:")


# ------------------------------------------------------------------------- what a client sees


@pytest.mark.parametrize(
    ("options", "media_type"),
    [
        pytest.param({}, OCI_IMAGE, id="an OCI image"),
        pytest.param({"platforms": TWO}, OCI_INDEX, id="an OCI index"),
        pytest.param({"media": "docker"}, DOCKER_IMAGE, id="a Docker image"),
        pytest.param({"media": "docker", "platforms": TWO}, DOCKER_LIST, id="a Docker list"),
        pytest.param({"layers": 0}, OCI_IMAGE, id="no layers"),
    ],
)
def test_a_client_pulls_exactly_what_was_pushed(images, ecr, options, media_type):
    image = images.push("team/app", tag="v1", **options)

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert (pulled.digest, pulled.media_type) == (image.digest, media_type)
    assert pulled.manifests[image.digest] == image.manifest
    assert (image.media_type, pulled.document["mediaType"]) == (media_type, media_type)
    assert set(image.layers) < set(pulled.blobs) or not image.layers


def test_an_image_has_the_size_of_its_blobs(images, ecr):
    image = images.push("team/app", layers=3)

    pulled = pull(ecr, "team/app", imageTag="latest")
    size = details(ecr)[image.digest]["imageSizeInBytes"]
    assert size == sum(map(len, pulled.blobs.values()))


@pytest.mark.parametrize("media", ["oci", "docker"])
def test_layers_are_archives_whose_digests_the_configuration_has(images, ecr, media):
    images.push("team/app", layers=3, media=media)

    pulled = pull(ecr, "team/app", imageTag="latest")
    archives = [gzip.decompress(layer) for layer in pulled.layers()]
    assert pulled.config()["rootfs"]["diff_ids"] == [digest_of(each) for each in archives]
    assert len(set(archives)) == 3
    assert all(open_layer(layer).getnames() for layer in pulled.layers())


def test_what_is_in_a_layer_belongs_to_root_and_has_the_time_of_creation(images, ecr):
    images.push("team/app", layers=[{"/srv/app/main.py": b"print()", "etc/é": b""}], created=NOON)

    layer = open_layer(pull(ecr, "team/app", imageTag="latest").layers()[0])
    assert layer.getnames() == ["etc", "etc/é", "srv", "srv/app", "srv/app/main.py"]
    assert layer.extractfile("srv/app/main.py").read() == b"print()"
    assert {(m.mtime, m.uid, m.gid) for m in layer.getmembers()} == {(NOON.timestamp(), 0, 0)}


def test_the_frame_of_a_layer_names_no_time_and_no_file(images, ecr):
    images.push("team/app")

    layer = pull(ecr, "team/app", imageTag="latest").layers()[0]
    assert layer[3:8] == bytes(5)


@pytest.mark.parametrize(
    ("blob", "kind"),
    [
        pytest.param(gzip.compress(b"tar"), "tar+gzip", id="gzip"),
        pytest.param(gzip.compress(b"tar")[:-5], "tar+gzip", id="half of gzip"),
        pytest.param(b"\x1f\x8bno", "tar+gzip", id="no gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd...", "tar+zstd", id="zstd"),
        pytest.param(b"tar", "tar", id="anything"),
    ],
)
def test_bytes_are_a_layer_as_they_are(images, ecr, blob, kind):
    images.push("team/app", layers=[blob])

    pulled = pull(ecr, "team/app", imageTag="latest")
    assert pulled.layers() == [blob]
    assert pulled.document["layers"][0]["mediaType"] == f"application/vnd.oci.image.layer.v1.{kind}"


def test_the_inside_of_a_finished_layer_is_looked_at(images, ecr):
    layer = gzip.compress(b"one") + gzip.compress(b"two") + bytes(10)
    images.push("team/app", layers=[layer])

    diff_ids = pull(ecr, "team/app", imageTag="latest").config()["rootfs"]["diff_ids"]
    assert diff_ids == [digest_of(b"onetwo")]


def test_the_configuration_says_what_was_asked_for(images, ecr):
    image = images.push(
        "team/app",
        platforms=["linux/arm/v7"],
        created=datetime(2025, 5, 5, 5),  # noqa: DTZ001 - naive counts as UTC
        labels={"team": "a"},
        env={"MODE": "test"},
        cmd=["--fast"],
        entrypoint=["/app"],
    )

    config = pull(ecr, "team/app", imageTag="latest").config()
    assert config == image.config
    shown = {name: config[name] for name in ("architecture", "os", "variant", "created")}
    assert shown == {
        "architecture": "arm",
        "os": "linux",
        "variant": "v7",
        "created": "2025-05-05T05:00:00Z",
    }
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert config["config"] == {
        "Env": [path, "MODE=test"],
        "Entrypoint": ["/app"],
        "Cmd": ["--fast"],
        "Labels": {"team": "a"},
    }
    assert len(config["history"]) == 1


def test_a_path_of_ones_own_replaces_the_usual_one(images):
    image = images.push("team/app", env=["PATH=/app", "A=b"])

    assert image.config["config"]["Env"] == ["PATH=/app", "A=b"]


@pytest.mark.parametrize("media", ["oci", "docker"])
def test_an_index_names_the_platform_of_each_child(images, ecr, media):
    image = images.push("team/app", platforms=TWO, media=media)

    children = pull(ecr, "team/app", imageTag="latest").document["manifests"]
    assert [each["platform"] for each in children] == [
        {"architecture": "amd64", "os": "linux"},
        {"architecture": "arm64", "os": "linux", "variant": "v8"},
    ]
    assert image.platforms == dict(zip(TWO, (each["digest"] for each in children), strict=True))


def test_one_platform_is_that_of_the_image_itself(images):
    image = images.push("team/app", platforms=["windows/amd64"])

    assert image.platforms == {"windows/amd64": image.digest}


def test_the_children_of_an_index_are_untagged_images(images, ecr):
    image = images.push("team/app", platforms=TWO, tag=["v1", "v2"])

    found = details(ecr)
    assert {digest: each.get("imageTags") for digest, each in found.items()} == {
        image.digest: ["v1", "v2"],
        **dict.fromkeys(image.platforms.values()),
    }


@pytest.mark.parametrize("platforms", [TWO[:1], TWO], ids=["image", "index"])
def test_annotations_are_those_of_what_the_tag_points_to(images, ecr, platforms):
    images.push("team/app", platforms=platforms, annotations={"a": "b"})

    pulled = pull(ecr, "team/app", imageTag="latest")
    annotated = [digest for digest, m in pulled.manifests.items() if "annotations" in json.loads(m)]
    assert annotated == [pulled.digest]
    assert pulled.document["annotations"] == {"a": "b"}


# ---------------------------------------------------------------------------------- artifacts


def test_an_artifact_has_its_type_and_is_about_its_subject(images, ecr):
    image = images.push("team/app")
    sbom = images.push(
        "team/app",
        tag=None,
        artifact_type="application/spdx+json",
        subject=image.digest,
        layers=[b"{}{}"],
        annotations={"a": "b"},
    )

    pulled = pull(ecr, "team/app", imageDigest=sbom.digest)
    described = details(ecr)[sbom.digest]
    assert described["artifactMediaType"] == "application/spdx+json"
    assert described.get("subjectManifestDigest", image.digest) == image.digest  # not in 1.40
    assert pulled.layers() == [b"{}{}"]
    assert pulled.config() == {}
    assert pulled.document["subject"] == {
        "mediaType": OCI_IMAGE,
        "digest": image.digest,
        "size": len(image.manifest),
    }
    assert (sbom.platforms, sbom.config, sbom.tags) == ({}, {}, ())


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param(2, ["application/x.y", "application/x.y"], id="a number"),
        pytest.param([{"a": b"b"}], ["application/x.y"], id="files"),
        pytest.param(0, ["application/vnd.oci.empty.v1+json"], id="none"),
    ],
)
def test_the_layers_of_an_artifact_have_its_type(images, ecr, layers, expected):
    images.push("team/app", artifact_type="application/x.y", layers=layers)

    pulled = pull(ecr, "team/app", imageTag="latest")
    assert [layer["mediaType"] for layer in pulled.document["layers"]] == expected


def test_an_image_may_have_a_subject_too(images, ecr):
    image = images.push("team/app")
    about = images.push("team/app", tag="about", subject=image.digest, platforms=TWO)

    subject = pull(ecr, "team/app", imageTag="about").document["subject"]
    assert (subject["digest"], subject["size"]) == (image.digest, len(image.manifest))
    assert json.loads(about.manifest)["subject"] == subject


def test_a_subject_must_be_there(images, aws):
    before = state_of(aws)

    with pytest.raises(UsageError, match="no image of 'team/app'; push it there first"):
        images.push("team/app", subject=digest_of(b""))

    assert state_of(aws) == before


# -------------------------------------------------------------------------------- determinism


OTHERS = {
    "repository": ("team/other", {}),
    "tag": ("team/app", {"tag": "v2"}),
    "no tag": ("team/app", {"tag": None}),
    "tags": ("team/app", {"tag": ["latest", "v2"]}),
    "layers": ("team/app", {"layers": 2}),
    "platform": ("team/app", {"platforms": ["linux/arm64"]}),
    "media": ("team/app", {"media": "docker"}),
    "created": ("team/app", {"created": NOON}),
    "size": ("team/app", {"size_bytes": 10_000}),
}


@pytest.mark.parametrize(("repository", "options"), OTHERS.values(), ids=OTHERS)
def test_another_image_has_another_digest(images, repository, options):
    first = images.push("team/app")

    other = images.push(repository, **options)

    assert other.digest != first.digest


@pytest.mark.parametrize(
    "options",
    [{}, {"platforms": TWO, "layers": 2}, {"size_bytes": 3 * MEBIBYTE}, {"artifact_type": "a/b"}],
    ids=["plain", "index", "large", "artifact"],
)
def test_the_same_arguments_give_the_same_image_in_every_world(images, options):
    first = images.push("team/app", **options)

    with mock_aws(seed=7, region_name="eu-west-1", account_id="111122223333") as aws:
        again = Images(aws).push("team/app", **options)

    assert (again.manifest, again.layers) == (first.manifest, first.layers)
    assert again.uri != first.uri


def test_the_digest_is_the_same_on_every_machine(images):
    image = images.push("team/app", platforms=TWO, layers=2, size_bytes=100_000)

    assert image.digest == KNOWN_DIGEST


# --------------------------------------------------------------------------------------- size


@pytest.mark.parametrize("size", [10_000, 70_000, MEBIBYTE, 5 * MEBIBYTE + 17])
@pytest.mark.parametrize(
    "options",
    [{}, {"layers": 3}, {"media": "docker"}, {"platforms": TWO}, {"artifact_type": "a/b"}],
    ids=["plain", "layers", "docker", "index", "artifact"],
)
def test_an_image_is_about_as_large_as_was_asked_for(images, ecr, size, options):
    image = images.push("team/app", size_bytes=size, **options)

    assert details(ecr)[image.digest]["imageSizeInBytes"] == pytest.approx(size, abs=2048)


def test_what_makes_an_image_large_cannot_be_compressed(images, ecr):
    images.push("team/app", size_bytes=MEBIBYTE)

    archive = gzip.decompress(pull(ecr, "team/app", imageTag="latest").layers()[0])
    assert len(zlib.compress(archive)) > 0.99 * len(archive)


def test_a_large_layer_is_kept_in_a_file(images, aws):
    image = images.push("team/app", size_bytes=3 * MEBIBYTE)

    assert not aws.gateway.world.core.blobs.get(image.layers[0]).is_in_memory


def test_a_size_too_small_for_an_image_makes_it_as_small_as_can_be(images, ecr):
    image = images.push("team/app", size_bytes=1)

    assert details(ecr)[image.digest]["imageSizeInBytes"] < 3_000
