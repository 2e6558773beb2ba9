"""`aws.images.load`: what `docker save` and real programs write, and where images go."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from ecrmock import AwsError, UsageError
from tests.images.archives import (
    DOCKER_IMAGE,
    OCI_IMAGE,
    SINGLE,
    SINGLE_DIGEST,
    WEB_APP,
    WEB_APP_DIGEST,
    as_folder,
    as_packed_tar,
    as_tar,
    blob_name,
    describe,
    digest_of,
    dump,
    files_of,
    layout_of,
    link,
    pull,
    read_single,
    tar_of,
)

MOST_SECONDS = 60
REF_NAME = "org.opencontainers.image.ref.name"


# ------------------------------------------------------------------------------- docker save


def links_to_layers(single):
    """Return what podman and skopeo write: layers by digest, and links to them by old ids."""
    listed = json.loads(single.save()["manifest.json"])[0]
    names = [f"{digest_of(tar)[7:]}.tar" for tar in single.tars]
    links = [link(layer, f"../{name}") for layer, name in zip(listed["Layers"], names, strict=True)]
    saved = single.save()
    files = {name: data for name, data in saved.items() if not name.endswith("layer.tar")}
    return tar_of(files | dict(zip(names, single.tars, strict=True)), *links)


def layers_by_hard_link(single):
    first, second = json.loads(single.save()["manifest.json"])[0]["Layers"]
    files = single.save()
    tars = {"one": files.pop(first), "two": files.pop(second)}
    hard = [link(first, "one", tarfile.LNKTYPE), link(second, "./two", tarfile.LNKTYPE)]
    return tar_of(tars | files, *hard)


SAVED = {
    "version 24": lambda single: tar_of(single.save()),
    "links": links_to_layers,
    "hard links": layers_by_hard_link,
    "packed": lambda single: gzip.compress(tar_of(single.save())),
    "without tags": lambda single: tar_of(single.save(RepoTags=None)),
    "with other files": lambda single: tar_of(single.save() | {"repositories": b"{}"}),
}


@pytest.mark.parametrize("save", SAVED.values(), ids=SAVED)
def test_what_docker_saved_becomes_what_docker_push_makes_of_it(images, ecr, tmp_path, save):
    single = read_single()
    path = tmp_path / "saved.tar"
    path.write_bytes(save(single))

    image = images.load(path, "team/app:v1")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert (image.media_type, pulled.media_type) == (DOCKER_IMAGE, DOCKER_IMAGE)
    assert pulled.blobs[pulled.document["config"]["digest"]] == single.config
    assert [gzip.decompress(layer) for layer in pulled.layers()] == single.tars
    types = {each["mediaType"] for each in pulled.document["layers"]}
    assert types == {"application/vnd.docker.image.rootfs.diff.tar.gzip"}
    kind = pulled.document["config"]["mediaType"]
    assert kind == "application/vnd.docker.container.image.v1+json"
    assert image.platforms == {"linux/amd64": image.digest}


def test_all_forms_of_a_saved_image_are_one_image(images, tmp_path):
    single = read_single()
    digests = set()
    for name, save in SAVED.items():
        path = tmp_path / name
        path.write_bytes(save(single))
        digests.add(images.load(path, "team/app").digest)
    digests.add(images.load(as_folder(single.save(), tmp_path), "team/app").digest)

    assert len(digests) == 1


def test_layers_are_packed_without_a_time_or_a_name(images, ecr, tmp_path):
    images.load(as_tar(read_single().save(), tmp_path), "team/app:v1")

    layers = pull(ecr, "team/app", imageTag="v1").layers()
    assert {layer[:8] for layer in layers} == {b"\x1f\x8b\x08" + bytes(5)}


def test_a_layer_that_is_packed_is_kept_as_it_is(images, ecr, tmp_path):
    single = read_single()
    names = [f"{digest_of(layer)[7:]}.tar.gz" for layer in single.layers]
    saved = {name: data for name, data in single.save(Layers=names).items() if "/" not in name}
    files = saved | dict(zip(names, single.layers, strict=True))

    images.load(as_tar(files, tmp_path), "team/app:v1")

    assert pull(ecr, "team/app", imageTag="v1").layers() == single.layers


def test_a_layer_that_comes_twice_is_kept_once(images, ecr, tmp_path):
    single = read_single()
    config = json.loads(single.config)
    config["rootfs"]["diff_ids"] = [digest_of(single.tars[0])] * 2
    data = dump(config)
    names = ["one/layer.tar", "two/layer.tar"]
    listed = [{"Config": f"{digest_of(data)[7:]}.json", "RepoTags": [], "Layers": names}]
    files = dict.fromkeys(names, single.tars[0])
    files |= {listed[0]["Config"]: data, "manifest.json": dump(listed)}

    image = images.load(as_tar(files, tmp_path), "team/app:v1")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert len(pulled.document["layers"]) == 2
    assert (len(image.layers), len(pulled.blobs)) == (1, 2)


def test_a_configuration_need_not_be_named_by_its_digest(images, tmp_path):
    single = read_single()
    saved = single.save(Config="config.json")
    files = saved | {"config.json": single.config}

    assert images.load(as_tar(files, tmp_path), "team/app").config == json.loads(single.config)


def test_one_of_several_saved_images_is_chosen_by_its_name(images, tmp_path):
    single = read_single()
    config = dump({**json.loads(single.config), "author": "somebody"})
    first = json.loads(single.save()["manifest.json"])[0]
    second = {**first, "Config": f"{digest_of(config)[7:]}.json", "RepoTags": ["team/other:v2"]}
    files = single.save() | {second["Config"]: config, "manifest.json": dump([first, second])}
    path = as_tar(files, tmp_path)

    assert images.load(path, "team/app", image="team/other:v2").config["author"] == "somebody"
    assert (
        "author" not in images.load(path, "team/app", image="docker.io/library/worker:1.0.0").config
    )
    with pytest.raises(UsageError, match=r"2 images, .* 'worker:1.0.0' \(sha256:.*team/other:v2"):
        images.load(path, "team/app")


def test_where_there_is_a_layout_too_it_counts(images, tmp_path):
    single = read_single()
    listed = {
        "Config": blob_name(single.config),
        "RepoTags": ["worker:1.0.0"],
        "Layers": [blob_name(layer) for layer in single.layers],
    }
    files = files_of(SINGLE) | {"manifest.json": dump([listed])}

    image = images.load(as_tar(files, tmp_path), "team/app")

    assert (image.digest, image.media_type) == (SINGLE_DIGEST, OCI_IMAGE)


# ------------------------------------------------------------------------------- repositories


def test_an_image_may_be_loaded_twice(images, aws):
    first = images.load(WEB_APP, "team/app:v1")
    events = len(aws.events)

    again = images.load(WEB_APP, "team/app:v1")

    assert again == first
    assert len(aws.events) == events


def test_images_of_one_repository_share_their_layers(images, aws):
    images.load(WEB_APP, "team/app:web")
    before = len(aws.gateway.world.core.blobs)

    images.load(SINGLE, "team/app:single")

    assert len(aws.gateway.world.core.blobs) == before + 2


def test_an_image_that_is_refused_leaves_no_trace(images, aws, ecr):
    ecr.create_repository(repositoryName="team/app", imageTagMutability="IMMUTABLE")
    images.load(SINGLE, "team/app:v1")
    before = aws.gateway.world.copy()

    with pytest.raises(AwsError, match="cannot be overwritten because the tag is immutable"):
        images.load(WEB_APP, "team/app:v1")

    after = aws.gateway.world
    assert (after.registries, after.core.blobs) == (before.registries, before.core.blobs)
    assert len(after.core.bus.events) == len(before.core.bus.events)


def test_a_repository_is_made_only_where_it_is_wanted(images):
    with pytest.raises(AwsError, match="The repository with name 'team/app' does not exist"):
        images.load(SINGLE, "team/app:v1", create_repository=False)


def test_a_loaded_image_may_have_been_pushed_before(images, aws, ecr):
    moment = aws.clock.now.replace(year=2020, month=2, day=2)

    images.load(WEB_APP, "team/app:v1", pushed_at=moment)

    found = ecr.describe_images(repositoryName="team/app")["imageDetails"]
    assert {each["imagePushedAt"] for each in found} == {moment}


def test_nothing_is_left_in_the_folder_for_temporary_files(images, tmp_path, monkeypatch):
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    path = as_packed_tar(files_of(WEB_APP), tmp_path)

    images.load(path, "team/app:v1")

    assert list(temporary.iterdir()) == []
    assert sorted(each.name for each in tmp_path.iterdir()) == ["image.tar.gz", "tmp"]


# ------------------------------------------------------------------------------- real programs


@pytest.fixture
def skopeo(tmp_path):
    """Return a function that copies an image with skopeo."""
    found = shutil.which("skopeo")
    if found is None:
        if os.environ.get("ECRMOCK_REQUIRE_CLIENTS"):
            pytest.fail("skopeo is not installed, and ECRMOCK_REQUIRE_CLIENTS is set")
        pytest.skip("skopeo is not installed")

    def copy(source, target, *options):
        command = [found, "--insecure-policy", f"--tmpdir={tmp_path}", "copy", *options]
        subprocess.run(
            [*command, source, target], check=True, capture_output=True, timeout=MOST_SECONDS
        )

    return copy


@pytest.mark.clients
def test_what_skopeo_writes_as_docker_save_does_is_read(images, ecr, skopeo, tmp_path):
    path = tmp_path / "saved.tar"
    skopeo(f"oci:{SINGLE}:1.0.0", f"docker-archive:{path}:worker:1.0.0")

    image = images.load(path, "team/app:v1", image="worker:1.0.0")

    pulled = pull(ecr, "team/app", imageTag="v1")
    assert [gzip.decompress(layer) for layer in pulled.layers()] == read_single().tars
    assert pulled.config()["rootfs"] == json.loads(read_single().config)["rootfs"]
    assert image.digest == pulled.digest


@pytest.mark.clients
@pytest.mark.parametrize(
    ("layout", "digest"), [(SINGLE, SINGLE_DIGEST), (WEB_APP, WEB_APP_DIGEST)], ids=["one", "two"]
)
def test_what_skopeo_writes_as_an_oci_archive_is_read(images, skopeo, tmp_path, layout, digest):
    path = tmp_path / "oci.tar"
    skopeo(f"oci:{layout}:1.0.0", f"oci-archive:{path}:1.0.0", "--all")

    assert images.load(path, "team/app:v1").digest == digest


@pytest.mark.clients
def test_skopeo_reads_what_is_pushed(images, ecr, skopeo, tmp_path):
    image = images.push("team/app", tag="v1", layers=2)
    pulled = pull(ecr, "team/app", imageTag="v1")
    blobs = [*pulled.manifests.values(), *pulled.blobs.values()]
    entries = [describe(image.manifest, OCI_IMAGE, annotations={REF_NAME: "v1"})]
    folder = as_folder(layout_of(entries, blobs), tmp_path)

    skopeo(f"oci:{folder}:v1", f"docker-archive:{tmp_path / 'saved.tar'}:team/app:v1")

    again = images.load(Path(tmp_path / "saved.tar"), "team/app:again")
    assert again.config["rootfs"] == image.config["rootfs"]
