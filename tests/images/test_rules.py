"""`aws.images.push`: tags, time, events, and that a push is whole or does not happen."""

from __future__ import annotations

import copy
import threading
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock import AwsError, mock_aws
from ecrmock.ecr import images as ecr_images
from tests.images.archives import (
    details,
    digest_of,
    pull,
    state_of,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
TWO = ["linux/amd64", "linux/arm64/v8"]


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
