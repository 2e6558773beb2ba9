"""`aws.images.push`: real images without a client, as a client then sees them."""

from __future__ import annotations

import copy
import gzip
import io
import json
import tarfile
import threading
import zlib
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from ecrmock import AwsError, UsageError, mock_aws
from ecrmock.ecr import images as ecr_images
from ecrmock.images import Images
from tests.mock.archives import (
    DOCKER_IMAGE,
    DOCKER_LIST,
    OCI_IMAGE,
    OCI_INDEX,
    digest_of,
    dump,
    pull,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
TWO = ["linux/amd64", "linux/arm64/v8"]
MEBIBYTE = 1 << 20
KNOWN_DIGEST = "sha256:369d947dc17101d9f102e495884b2bc396b0531e037301a99e4b5cfb096ec361"


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        yield aws


@pytest.fixture
def images(aws):
    return Images(aws)


@pytest.fixture
def ecr(aws):
    return boto3.client("ecr")


def details(ecr, repository="team/app"):
    found = ecr.describe_images(repositoryName=repository)["imageDetails"]
    return {each["imageDigest"]: each for each in found}


def state_of(aws):
    """Return all that a push may change, in a form that can be compared."""
    world = aws.gateway.world.copy()
    ids = [world.core.ids.uuid() for _ in range(3)]
    return world.registries, world.core.blobs, list(world.core.timers), world.core.bus.events, ids


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
    assert described["subjectManifestDigest"] == image.digest
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

    assert details(ecr)[about.digest]["subjectManifestDigest"] == image.digest


def test_a_subject_must_be_there(images, aws):
    before = state_of(aws)

    with pytest.raises(UsageError, match="no image of 'team/app'; push it there first"):
        images.push("team/app", subject=digest_of(b""))

    assert state_of(aws)[0].keys() - before[0].keys() <= {(aws.account_id, aws.region_name)}


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


# ------------------------------------------------------------------------------ tags and time


def test_an_image_without_a_tag_is_found_by_its_digest(images, ecr):
    image = images.push("team/app", tag=None)

    assert "imageTags" not in details(ecr)[image.digest]
    assert image.tags == ()


def test_a_tag_moves_to_the_image_that_was_pushed_last(images, ecr):
    first = images.push("team/app")
    second = images.push("team/app", layers=2)

    found = details(ecr)
    assert "imageTags" not in found[first.digest]
    assert found[second.digest]["imageTags"] == ["latest"]


@pytest.mark.parametrize("tag", ["v1", None, ["v1", "v2"]], ids=["tag", "untagged", "tags"])
def test_a_push_may_be_repeated(images, aws, ecr, tag):
    first = images.push("team/app", tag=tag, platforms=TWO)
    before = details(ecr), len(aws.events)

    again = images.push("team/app", tag=tag, platforms=TWO)

    assert again == first
    assert (details(ecr), len(aws.events)) == before


def test_a_push_may_be_repeated_where_tags_are_immutable(images, ecr):
    ecr.create_repository(repositoryName="team/app", imageTagMutability="IMMUTABLE")
    first = images.push("team/app")

    assert images.push("team/app") == first


def test_a_push_happens_now(images, aws, ecr):
    image = images.push("team/app")

    assert details(ecr)[image.digest]["imagePushedAt"] == aws.clock.now
    assert aws.clock.now == NOON + timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "moment",
    [
        NOON - timedelta(days=90),
        datetime(2025, 10, 3, 12),  # noqa: DTZ001 - naive counts as UTC
        datetime(2025, 10, 3, 14, tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=["UTC", "naive", "another zone"],
)
def test_all_of_an_image_may_have_been_pushed_before(images, ecr, moment):
    images.push("team/app", platforms=TWO, pushed_at=moment)

    pushed = {each["imagePushedAt"] for each in details(ecr).values()}
    assert pushed == {NOON - timedelta(days=90)}


def test_the_clock_moves_once_for_a_push(images, aws):
    images.push("team/app", platforms=TWO, tag=["a", "b"], layers=4)

    assert aws.clock.now == NOON + timedelta(milliseconds=1)


# ---------------------------------------------------------------------------------- the mock


def test_a_push_is_not_among_the_calls(images, aws):
    images.push("team/app")

    assert len(aws.calls) == 0


def test_a_push_publishes_an_event_for_each_manifest_and_tag(images, aws):
    image = images.push("team/app", platforms=TWO, tag=["a", "b"])

    told = [(e["detail"]["image-digest"], e["detail"].get("image-tag")) for e in aws.events]
    children = [(digest, None) for digest in image.platforms.values()]
    assert told == [*children, (image.digest, "a"), (image.digest, "b")]
    assert len({event["id"] for event in aws.events}) == 4


def test_who_subscribed_is_told_and_may_call(images, aws, ecr):
    seen = []
    aws.events.subscribe(lambda event: seen.append((event["detail"], details(ecr))))

    image = images.push("team/app")

    assert [(detail["image-digest"], list(found)) for detail, found in seen] == [
        (image.digest, [image.digest])
    ]


@pytest.mark.parametrize("options", [{}, {"platforms": TWO}], ids=["image", "index"])
def test_the_ids_of_events_follow_from_the_seed(images, aws, options):
    images.push("team/app", **options)

    expected = copy.deepcopy(mock_aws(now=NOON).gateway.world.core.ids)
    assert [each["id"] for each in aws.events] == [expected.uuid() for _ in aws.events]


def test_images_belong_to_a_snapshot(images, aws, ecr):
    saved = aws.snapshot()
    images.push("team/app")

    aws.restore(saved)

    assert ecr.describe_repositories()["repositories"] == []
    assert images.push("team/app").tags == ("latest",)


@pytest.mark.parametrize(
    ("repository", "options"),
    [
        ("team/app", {"account_id": "111122223333", "region_name": "cn-north-1"}),
        ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app", {}),
        (
            "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/team/app",
            {"account_id": "111122223333", "region_name": "cn-north-1"},
        ),
    ],
    ids=["options", "host", "both"],
)
def test_an_image_goes_to_the_registry_that_is_named(images, aws, repository, options):
    image = images.push(repository, **options)

    ecr = aws.client("ecr", account_id="111122223333", region_name="cn-north-1")
    assert pull(ecr, "team/app", imageTag="latest").digest == image.digest
    assert (image.registry_id, image.region_name) == ("111122223333", "cn-north-1")
    host = "111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn"
    assert (image.repository, image.uri) == ("team/app", f"{host}/team/app@{image.digest}")


def test_threads_may_push_at_once(images, ecr):
    pushing = [
        threading.Thread(target=images.push, args=("team/app",), kwargs={"tag": f"v{n % 10}"})
        for n in range(20)
    ]

    for each in pushing:
        each.start()
    for each in pushing:
        each.join()

    tags = [each["imageTags"] for each in details(ecr).values()]
    assert sorted(tags) == [[f"v{n}"] for n in range(10)]


def test_a_push_loads_no_reader_of_archives(run_python):
    script = """
        import sys
        from ecrmock import mock_aws
        from ecrmock.images import Images

        with mock_aws() as aws:
            Images(aws).push("team/app")
        print("ecrmock.images.archive" in sys.modules)
    """

    assert run_python(script) == "False"


# ----------------------------------------------------------------------------- all or nothing


def refuse_second(ecr):
    """Let `taken` be immutable, and `free` not."""
    ecr.create_repository(
        repositoryName="team/app",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "free*"}],
    )


REFUSED = {
    "an image": {"tag": "taken", "layers": 2},
    "an index": {"tag": "taken", "platforms": [*TWO, "linux/s390x"]},
    "a second tag": {"tag": ["free", "free-too", "taken"], "layers": 2},
    "a second tag of an index": {"tag": ["free", "taken"], "platforms": TWO, "layers": 3},
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
def test_a_push_that_is_refused_leaves_no_trace(images, aws, ecr, options):
    refuse_second(ecr)
    images.push("team/app", tag="taken", platforms=TWO)
    images.push("team/app", tag=["free", "free-more"])
    images.push("team/other", **options)
    before = state_of(aws)

    with pytest.raises(AwsError, match="'taken' already exists in the 'team/app' repository"):
        images.push("team/app", pushed_at=NOON, **options)

    assert state_of(aws) == before


def test_a_refused_push_gives_back_the_tags_of_an_image_that_is_there(images, aws, ecr):
    refuse_second(ecr)
    images.push("team/app", tag="taken")
    options = {"layers": [{"a": b"1"}], "platforms": TWO}
    images.push("team/app", tag="free-1", **options)
    images.push("team/app", tag="free-2")
    before = state_of(aws)

    with pytest.raises(AwsError, match="cannot be overwritten"):
        images.push("team/app", tag=["free-2", "free-3", "taken"], **options)

    assert state_of(aws) == before


@pytest.mark.parametrize("is_new", [True, False], ids=["new repository", "known repository"])
@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_a_push_that_fails_halfway_leaves_no_trace(images, aws, monkeypatch, is_new, step):
    if not is_new:
        images.push("team/app", tag="a", platforms=TWO[:1], layers=[b"shared"])
    put, steps = ecr_images.put, iter(range(9))

    def fail_at(*args, **kwargs):
        if next(steps) == step:
            raise KeyboardInterrupt
        return put(*args, **kwargs)

    before = state_of(aws)
    monkeypatch.setattr(ecr_images, "put", fail_at)

    with pytest.raises(KeyboardInterrupt):
        images.push("team/app", tag=["a", "b"], platforms=TWO, layers=[b"shared", b"new"])

    after = state_of(aws)
    for registry in after[0].values():
        before[0].setdefault((registry.id, registry.region), registry)
        assert is_new == (not len(registry.repositories))
    assert after == before


def test_layers_that_were_there_unused_stay_so_when_a_push_is_refused(images, aws, ecr):
    ecr.create_repository(repositoryName="team/app", imageTagMutability="IMMUTABLE")
    images.push("team/app")
    upload = ecr.initiate_layer_upload(repositoryName="team/app")["uploadId"]
    ecr.upload_layer_part(
        repositoryName="team/app",
        uploadId=upload,
        partFirstByte=0,
        partLastByte=3,
        layerPartBlob=b"data",
    )
    ecr.complete_layer_upload(
        repositoryName="team/app", uploadId=upload, layerDigests=[digest_of(b"data")]
    )
    before = state_of(aws)

    with pytest.raises(AwsError, match="immutable"):
        images.push("team/app", layers=[b"data", b"more"])

    assert state_of(aws) == before
    check = ecr.batch_check_layer_availability(
        repositoryName="team/app", layerDigests=[digest_of(b"data"), digest_of(b"more")]
    )
    assert [each["layerAvailability"] for each in check["layers"]] == ["AVAILABLE", "UNAVAILABLE"]


def test_a_repository_is_made_only_where_it_is_wanted(images, aws, ecr):
    with pytest.raises(AwsError, match="The repository with name 'team/app' does not exist"):
        images.push("team/app", create_repository=False)

    assert ecr.describe_repositories()["repositories"] == []
    ecr.create_repository(repositoryName="team/app")
    assert images.push("team/app", create_repository=False).repository == "team/app"


def test_a_push_that_is_refused_tells_nobody(images, aws, ecr):
    ecr.create_repository(repositoryName="team/app", imageTagMutability="IMMUTABLE")
    images.push("team/app")
    seen = []
    aws.events.subscribe(seen.append)

    with pytest.raises(AwsError):
        images.push("team/app", platforms=TWO)

    assert (seen, len(aws.events)) == ([], 1)


# -------------------------------------------------------------------------- what is refused


WRONG = {
    "tag": ({"tag": "a b"}, "give 1 to 300 letters"),
    "empty tag": ({"tag": ""}, "give 1 to 300 letters"),
    "long tag": ({"tag": "x" * 301}, "give 1 to 300 letters"),
    "tag of another kind": ({"tag": 5}, "give a tag, a list of tags, or None"),
    "tag in a list": ({"tag": ["a", None]}, "tag is None; give 1 to 300 letters"),
    "account": ({"account_id": "123"}, "twelve digits"),
    "empty account": ({"account_id": ""}, "twelve digits"),
    "region": ({"region_name": "eu-nowhere-1"}, "the installed botocore knows"),
    "pushed_at": ({"pushed_at": "today"}, "pushed_at is 'today'; give a datetime"),
    "create_repository": ({"create_repository": 1}, "give True or False"),
    "layers": ({"layers": -1}, "layers is -1; give a number from 0 to 4000"),
    "too many layers": ({"layers": 4001}, "give a number from 0 to 4000"),
    "layers that are true": ({"layers": True}, "layers is True; give a number"),
    "layers that are none": ({"layers": None}, "layers is None; give a number"),
    "one layer": ({"layers": b"abc"}, "or a list of contents"),
    "a layer that is text": ({"layers": ["abc"]}, "give the bytes of a finished layer, or a dict"),
    "an empty layer": ({"layers": [b""]}, "an empty blob"),
    "a path above": ({"layers": [{"../x": b""}]}, "a path below the root"),
    "a path to nothing": ({"layers": [{"/": b""}]}, "a path below the root"),
    "a path of half characters": ({"layers": [{"\ud800": b""}]}, "a path below the root"),
    "a path with a null": ({"layers": [{"a\0b": b""}]}, "a path below the root"),
    "a path to text": ({"layers": [{"a": "b"}]}, "and bytes"),
    "a folder that is a file": (
        {"layers": [{"a": b"", "a/b": b""}]},
        "'a' as a file and as a folder of 'a/b'",
    ),
    "platforms": ({"platforms": "linux/amd64"}, "give a list, for example"),
    "no platforms": ({"platforms": []}, "give a list, for example"),
    "architecture": ({"platforms": ["linux/x86_64"]}, "architecture one of 386, amd64"),
    "system": ({"platforms": ["Linux/amd64"]}, "with os one of aix"),
    "variant": ({"platforms": ["linux/arm/"]}, "'os/architecture/variant'"),
    "a platform twice": ({"platforms": TWO + TWO}, "give each platform once"),
    "media": ({"media": "OCI"}, "media is 'OCI'; give 'oci' or 'docker'"),
    "created": ({"created": 5}, "created is 5; give a datetime"),
    "labels": ({"labels": {"a": 1}}, "labels is .*; give a dict of texts"),
    "annotations": ({"annotations": ["a"]}, "give a dict of texts"),
    "env": ({"env": ["A"]}, "or a list of 'NAME=value'"),
    "cmd": ({"cmd": "run me"}, "cmd is 'run me'; give a list of texts"),
    "entrypoint": ({"entrypoint": [1]}, "give a list of texts"),
    "artifact_type": ({"artifact_type": "sbom"}, "give a media type"),
    "subject": ({"subject": "v1"}, "give the digest of an image of this repository"),
    "size": ({"size_bytes": 0}, "give a whole number from 1"),
    "a size too large": ({"size_bytes": 10**12}, "to 54525952000"),
    "a size without layers": ({"size_bytes": 9, "layers": 0}, "size_bytes does not go with"),
    "a size of contents": ({"size_bytes": 9, "layers": [b"a"]}, "size_bytes does not go with"),
    "Docker annotations": ({"media": "docker", "annotations": {}}, "use media='oci'"),
    "Docker artifact": ({"media": "docker", "artifact_type": "a/b"}, "use media='oci'"),
    "artifact with labels": ({"artifact_type": "a/b", "labels": {}}, "use annotations"),
    "artifact with platforms": ({"artifact_type": "a/b", "platforms": TWO}, "for no platform"),
}


@pytest.mark.parametrize(("options", "text"), WRONG.values(), ids=WRONG)
def test_an_option_that_cannot_be_is_refused_with_what_can(images, aws, options, text):
    before = state_of(aws)

    with pytest.raises(UsageError, match=text):
        images.push("team/app", **options)

    assert state_of(aws) == before


@pytest.mark.parametrize(
    "name",
    [
        *("", "a", "Team/app", "team//app", "/team/app", "team/app/", "team/app:v1", "a..b"),
        *("x" * 257, 5, None, "localhost:5000/team/app", "team/app@sha256:00"),
        "123.dkr.ecr.us-east-1.amazonaws.com/team/app",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn/team/app",
        "123456789012.dkr.ecr.us-east-1.evil.amazonaws.com/team/app",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com/",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    ],
)
def test_a_name_that_is_no_repository_is_refused(images, name):
    with pytest.raises(UsageError, match="give a name of 2 to 256 lower-case letters"):
        images.push(name)


@pytest.mark.parametrize(
    "options", [{"account_id": "111122223333"}, {"region_name": "eu-west-1"}], ids=str
)
def test_a_host_and_an_option_that_contradict_each_other_are_refused(images, options):
    with pytest.raises(UsageError, match="but the repository's host names"):
        images.push("123456789012.dkr.ecr.us-east-1.amazonaws.com/team/app", **options)


def test_an_image_can_be_compared_and_kept_in_a_set(images):
    first, again = images.push("team/app"), images.push("team/app")

    assert {first, again} == {first}
    assert "manifest=" not in repr(first)
    assert copy.deepcopy(first) == first
    assert json.loads(first.manifest)["config"]["digest"] != dump({})
