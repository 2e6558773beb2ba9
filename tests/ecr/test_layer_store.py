"""Layers underneath: bytes that repositories share, uploads that end without a layer."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock import reactions
from ecrmock import world as worlds
from ecrmock.ecr import layers, repositories
from ecrmock.ecr.errors import LimitExceededException, UploadNotFoundException

NOW = datetime(2024, 2, 29, tzinfo=timezone.utc)


@pytest.fixture
def world() -> worlds.World:
    return worlds.make(now=NOW)


@pytest.fixture
def registry(world):
    registry = world.registry(world.account_id, "us-east-1")
    for name in ("one", "two"):
        repositories.create(world.core, registry, name)
    yield registry
    for upload in registry.uploads.values():
        upload.writer.close()


def pass_a_week(world) -> None:
    week_ms = timedelta(days=7) // timedelta(milliseconds=1)
    reactions.run_until(world, world.core.clock.now_ms + week_ms)


def put_layer(world, registry, name: str, content: bytes) -> str:
    upload = layers.initiate(world.core, registry, name)
    layers.append(registry, upload, 0, len(content) - 1, content)
    return layers.complete(world.core, registry, upload, [upload.writer.digest]).digest


def test_a_layer_of_two_repositories_is_kept_once(world, registry):
    digests = {put_layer(world, registry, name, b"abc") for name in ("one", "two")}

    assert len(digests) == 1
    assert len(world.core.blobs) == 1


def test_the_bytes_stay_as_long_as_one_repository_has_them(world, registry):
    digest = put_layer(world, registry, "one", b"abc")
    put_layer(world, registry, "two", b"abc")

    repositories.delete(world.core, registry, "one")

    assert world.core.blobs.get(digest).read() == b"abc"


def test_the_bytes_go_with_the_last_repository(world, registry):
    put_layer(world, registry, "one", b"abc")
    put_layer(world, registry, "two", b"abc")

    for name in ("one", "two"):
        repositories.delete(world.core, registry, name)

    assert len(world.core.blobs) == 0


def test_a_copy_of_a_world_keeps_its_bytes_when_the_original_drops_them(world, registry):
    digest = put_layer(world, registry, "one", b"abc")

    other = world.copy()
    repositories.delete(world.core, registry, "one")

    assert digest not in world.core.blobs
    assert other.core.blobs.get(digest).read() == b"abc"


def test_an_upload_goes_on_in_a_copy_of_its_world(world, registry):
    upload = layers.initiate(world.core, registry, "one")
    layers.append(registry, upload, 0, 2, b"abc")

    other = world.copy()
    copied = other.registry(world.account_id, "us-east-1")
    digest = layers.complete(
        other.core, copied, copied.uploads[upload.id], [upload.writer.digest]
    ).digest

    assert digest in other.core.blobs
    assert digest not in world.core.blobs
    assert upload.id in registry.uploads


def test_an_upload_expires_when_nobody_completes_it(world, registry):
    upload = layers.initiate(world.core, registry, "one")

    pass_a_week(world)

    with pytest.raises(UploadNotFoundException):
        layers.get_upload(registry, "one", upload.id)


def test_the_expiry_of_an_upload_that_is_complete_changes_nothing(world, registry):
    digest = put_layer(world, registry, "one", b"abc")

    pass_a_week(world)

    assert digest in repositories.get(registry, "one").layers
    assert len(world.core.timers) == 0


def test_the_expiry_of_an_upload_whose_repository_is_gone_changes_nothing(world, registry):
    layers.initiate(world.core, registry, "one")
    repositories.delete(world.core, registry, "one")

    pass_a_week(world)

    assert registry.uploads == {}


def test_an_upload_has_4200_parts_at_most(world, registry):
    upload = layers.initiate(world.core, registry, "one")
    for number in range(4200):
        layers.append(registry, upload, number, number, b"x")

    with pytest.raises(LimitExceededException):
        layers.append(registry, upload, 4200, 4200, b"x")


def test_saving_and_going_back_gives_the_world_as_it_was(world, registry):
    put_layer(world, registry, "one", b"abc")
    saved = world.copy()
    before = copy.deepcopy(saved.registry(world.account_id, "us-east-1"))

    put_layer(world, registry, "two", b"def")

    assert saved.registry(world.account_id, "us-east-1") == before
    assert registry != before
