"""Many clients at one moment, each on a socket of its own: one wins, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.registry.client import LEAST_PART, MOST_SECONDS, image, sha256

PUSHES = 50
CONTENT = b"a blob that everybody pushes"


def at_once(function, number: int) -> list:
    """Call *function* with 0, 1, ... on as many threads, all let go at one moment."""
    barrier = threading.Barrier(number)

    def start(each: int):
        barrier.wait(MOST_SECONDS)
        return function(each)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(start, range(number)))


def tags_of(registry) -> list[str]:
    return registry.get("/v2/app/tags/list?n=1000").json["tags"]


@pytest.mark.parametrize("number", [2, 8], ids=lambda number: f"{number} clients")
def test_one_of_many_gets_an_immutable_tag(registry, ecr, number):
    ecr.put_image_tag_mutability(repositoryName="app", imageTagMutability="IMMUTABLE")
    images = [image(f"rival {each}") for each in range(number)]
    for each in images:
        registry.push_blobs(each)

    answers = at_once(lambda each: registry.put(images[each], "v1"), number)

    (winner,) = [each for each, answer in enumerate(answers) if answer.status == 201]
    assert Counter(answer.status for answer in answers) == {201: 1, 400: number - 1}
    assert {answer.refusal.code for answer in answers if answer.status == 400} == {"TAG_INVALID"}
    assert registry.manifest("v1").body == images[winner].content
    assert len(ecr.describe_images(repositoryName="app")["imageDetails"]) == 1


def test_the_last_of_many_has_a_mutable_tag_and_all_images_stay(registry, ecr):
    images = [image(f"rival {each}") for each in range(8)]
    for each in images:
        registry.push_blobs(each)

    answers = at_once(lambda each: registry.put(images[each], "v1"), 8)

    details = ecr.describe_images(repositoryName="app")["imageDetails"]
    assert {answer.status for answer in answers} == {201}
    assert len(details) == 8
    assert [each.get("imageTags") for each in details].count(["v1"]) == 1


def test_fifty_pushes_lose_nothing(registry, ecr):
    images = [image(f"parallel {each}") for each in range(PUSHES)]

    at_once(lambda each: registry.push(images[each], f"v{each}"), PUSHES)

    details = ecr.describe_images(repositoryName="app", maxResults=1000)["imageDetails"]
    expected = {each.digest: [f"v{number}"] for number, each in enumerate(images)}
    assert {each["imageDigest"]: each["imageTags"] for each in details} == expected
    assert sorted(tags_of(registry)) == sorted(f"v{each}" for each in range(PUSHES))
    for number, each in enumerate(images):
        assert registry.manifest(f"v{number}").body == each.content


def test_pushes_and_pulls_of_one_tag_see_whole_manifests(registry):
    images = [image(f"parallel {each}") for each in range(8)]
    for each in images:
        registry.push_blobs(each)
    registry.put(images[0], "v1")
    contents = {each.content for each in images}

    def act(each: int) -> bool:
        if each % 2:
            return registry.put(images[each // 2], "v1").status == 201
        return registry.manifest("v1").body in contents

    assert all(at_once(act, 16))


def test_parallel_uploads_of_one_digest_are_all_taken(registry, ecr):
    uploads = [registry.start() for _ in range(8)]

    answers = at_once(
        lambda each: registry.finish(uploads[each], sha256(CONTENT), CONTENT), len(uploads)
    )

    found = ecr.batch_check_layer_availability(repositoryName="app", layerDigests=[sha256(CONTENT)])
    assert {answer.status for answer in answers} == {201}
    assert [each["layerSize"] for each in found["layers"]] == [len(CONTENT)]


def test_one_of_many_gives_the_first_chunk(registry):
    upload = registry.start()
    chunk, rest = bytes(LEAST_PART), b"rest"

    answers = at_once(lambda _: registry.patch(upload, chunk, 0), 4)

    registry.patch(upload, rest, len(chunk))
    assert Counter(answer.status for answer in answers) == {201: 1, 416: 3}
    assert registry.finish(upload, sha256(chunk + rest)).status == 201


def test_one_of_many_ends_an_upload(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)

    answers = at_once(lambda _: registry.finish(upload, sha256(CONTENT)), 4)

    assert Counter(answer.status for answer in answers) == {201: 1, 404: 3}
    assert registry.has_blob(sha256(CONTENT))


def test_one_of_many_deletes_an_image(registry):
    made = image("deleted")
    registry.push(made, "v1")
    path = f"/v2/app/manifests/{made.digest}"

    answers = at_once(lambda _: registry.request("DELETE", path), 4)

    assert Counter(answer.status for answer in answers) == {202: 1, 404: 3}
    assert tags_of(registry) == []


def test_the_tags_of_many_clients_are_all_on_the_image(registry):
    made = image("shared")
    registry.push(made)

    answers = at_once(lambda each: registry.put(made, f"v{each}"), 16)

    assert {answer.status for answer in answers} == {201}
    assert sorted(tags_of(registry)) == sorted(f"v{each}" for each in range(16))
