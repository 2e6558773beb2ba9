"""Uploads: in one request or in parts, ranges, refusals, what is left when one is broken off."""

from __future__ import annotations

import re

import pytest

from tests.registry.client import (
    ACCOUNT,
    LEAST_PART,
    MEBIBYTE,
    UNKNOWN,
    UPLOADS,
    Refusal,
    path_of,
    sha256,
)

CONTENT = b"a small blob"
DIGEST = sha256(CONTENT)
FIRST = bytes(range(256)) * (LEAST_PART // 256)
LAST = b"the rest of a large blob"
LARGE = FIRST + LAST
NOT_MATCHED = Refusal(
    "BLOB_UPLOAD_INVALID", "None of the provided layer digests match the calculated layer digest"
)
TOO_SMALL = Refusal(
    "BLOB_UPLOAD_INVALID", "All layer parts except the last part should be at least 5MB"
)


def unknown_upload(answer) -> bool:
    return answer.status == 404 and answer.refusal.code == "BLOB_UPLOAD_UNKNOWN"


def id_of(upload: str) -> str:
    return upload.rpartition("/")[2]


def out_of_place(first: int, expected: int) -> Refusal:
    text = f"First byte of the layer part is {first} instead of {expected}"
    return Refusal("BLOB_UPLOAD_INVALID", text)


# ------------------------------------------------------------------------------ beginning


def test_post_opens_an_upload_at_an_absolute_location(registry):
    answer = registry.request("POST", UPLOADS)

    url = re.escape(registry.server.url)
    assert answer.status == 202
    assert re.fullmatch(
        rf"{url}/v2/app/blobs/uploads/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}",
        answer.headers["Location"],
    )
    assert answer.headers["Range"] == "0-0"
    assert answer.headers["Docker-Upload-Uuid"] == id_of(answer.headers["Location"])
    assert answer.headers["Content-Length"] == "0"
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.body == b""


def test_the_location_of_an_upload_has_the_host_that_was_called(registry):
    host = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"

    answer = registry.under(host).request("POST", UPLOADS)

    assert answer.headers["Location"].startswith(f"http://{host}/v2/app/blobs/uploads/")


def test_each_post_opens_another_upload(registry):
    assert registry.start() != registry.start()


def test_a_missing_repository_is_not_made_by_a_push(registry, ecr):
    answer = registry.request("POST", "/v2/no-such-repository/blobs/uploads/")

    names = [each["repositoryName"] for each in ecr.describe_repositories()["repositories"]]
    assert answer.status == 404
    assert answer.refusal.code == "NAME_UNKNOWN"
    assert names == ["app"]


# ----------------------------------------------------------------------------- in one part


def test_post_and_put_store_a_blob(registry):
    answer = registry.finish(registry.start(), DIGEST, CONTENT)

    assert answer.status == 201
    assert path_of(answer.headers["Location"]) == f"/v2/app/blobs/{DIGEST}"
    assert registry.head(f"/v2/app/blobs/{DIGEST}").headers["Content-Length"] == "12"


def test_post_with_the_digest_stores_a_blob_or_opens_an_upload(registry):
    answer = registry.request("POST", f"{UPLOADS}?digest={DIGEST}", body=CONTENT)

    assert answer.status in {201, 202}
    assert registry.has_blob(DIGEST) == (answer.status == 201)


def test_post_with_a_wrong_digest_stores_nothing(registry):
    answer = registry.request("POST", f"{UPLOADS}?digest={UNKNOWN}", body=CONTENT)

    assert answer.status == 400
    assert answer.refusal == NOT_MATCHED
    assert not registry.has_blob(DIGEST)
    assert not registry.has_blob(UNKNOWN)


def test_patch_without_a_range_is_accepted_and_put_ends_it(registry):
    upload = registry.start()

    patched = registry.patch(upload, CONTENT)
    answer = registry.finish(patched.headers["Location"], DIGEST)

    assert patched.status == 202
    assert patched.headers["Range"] == "0-11"
    assert patched.headers["Location"] == upload
    assert answer.status == 201
    assert registry.has_blob(DIGEST)


def test_a_streamed_patch_has_no_length(registry):
    upload = registry.start()

    patched = registry.patch(upload, iter([CONTENT[:5], CONTENT[5:]]))
    answer = registry.finish(upload, DIGEST)

    assert patched.status == 202
    assert patched.headers["Range"] == "0-11"
    assert answer.status == 201


def test_a_streamed_put_stores_a_blob(registry):
    answer = registry.finish(registry.start(), DIGEST, iter([CONTENT[:5], CONTENT[5:]]))

    assert answer.status == 201
    assert registry.has_blob(DIGEST)


def test_a_streamed_patch_may_be_larger_than_a_part(registry, ecr):
    content = bytes(MEBIBYTE) * 21
    upload = registry.start()

    patched = registry.patch(
        upload, (content[at : at + MEBIBYTE] for at in range(0, len(content), MEBIBYTE))
    )
    answer = registry.finish(upload, sha256(content))

    found = ecr.batch_check_layer_availability(repositoryName="app", layerDigests=[sha256(content)])
    assert (patched.status, answer.status) == (202, 201)
    assert found["layers"][0]["layerSize"] == len(content)


def test_a_blob_that_is_there_is_taken_again(registry):
    registry.push_blob(CONTENT)

    answer = registry.finish(registry.start(), DIGEST, CONTENT)

    assert answer.status == 201
    assert registry.has_blob(DIGEST)


def test_a_blob_of_the_registry_is_a_layer_of_the_api(registry, ecr):
    registry.push_blob(CONTENT)

    found = ecr.batch_check_layer_availability(repositoryName="app", layerDigests=[DIGEST])

    assert found["layers"][0]["layerAvailability"] == "AVAILABLE"
    assert found["layers"][0]["layerSize"] == len(CONTENT)


# --------------------------------------------------------------------------------- in parts


def test_chunks_in_order_make_a_blob(registry, ecr):
    upload = registry.start()

    first = registry.patch(upload, FIRST, 0)
    second = registry.patch(upload, LAST, len(FIRST))
    answer = registry.finish(upload, sha256(LARGE))

    assert [first.status, second.status, answer.status] == [201, 201, 201]
    assert first.headers["Location"] == second.headers["Location"] == upload
    assert registry.head(f"/v2/app/blobs/{sha256(LARGE)}").headers["Content-Length"] == str(
        len(LARGE)
    )


def test_the_range_sticks_at_the_first_chunk(registry):
    upload = registry.start()

    first = registry.patch(upload, FIRST, 0)
    second = registry.patch(upload, LAST, len(FIRST))

    assert first.headers["Range"] == second.headers["Range"] == f"0-{len(FIRST) - 1}"


def test_put_may_carry_the_last_chunk(registry):
    upload = registry.start()
    registry.patch(upload, FIRST, 0)

    answer = registry.request(
        "PUT",
        f"{path_of(upload)}?digest={sha256(LARGE)}",
        {"Content-Range": f"{len(FIRST)}-{len(LARGE) - 1}"},
        LAST,
    )

    assert answer.status == 201
    assert registry.has_blob(sha256(LARGE))


@pytest.mark.parametrize("first", [5, 13, 100], ids=["hole of 5", "one more", "far away"])
def test_a_chunk_out_of_order_is_not_satisfiable(registry, first):
    upload = registry.start()

    answer = registry.patch(upload, CONTENT, first)

    assert answer.status == 416
    assert answer.refusal == out_of_place(first, 0)


def test_a_chunk_that_is_sent_twice_is_not_satisfiable(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT, 0)

    answer = registry.patch(upload, CONTENT, 0)

    assert answer.status == 416
    assert answer.refusal == out_of_place(0, len(CONTENT))


def test_put_with_a_chunk_out_of_order_is_not_satisfiable(registry):
    upload = registry.start()
    registry.patch(upload, FIRST, 0)

    answer = registry.request(
        "PUT",
        f"{path_of(upload)}?digest={sha256(LARGE)}",
        {"Content-Range": f"{len(FIRST) + 1}-{len(LARGE)}"},
        LAST,
    )

    assert answer.status == 416
    assert not registry.has_blob(sha256(LARGE))


def test_an_upload_goes_on_after_a_refused_chunk(registry):
    upload = registry.start()
    registry.patch(upload, FIRST, 0)
    refused = [registry.patch(upload, LAST, first) for first in (0, len(FIRST) + 7)]

    registry.patch(upload, LAST, len(FIRST))

    assert [each.status for each in refused] == [416, 416]
    assert registry.finish(upload, sha256(LARGE)).status == 201


def test_a_chunk_whose_length_is_not_its_range_is_refused(registry):
    upload = registry.start()

    answer = registry.request("PATCH", upload, {"Content-Range": "0-99"}, CONTENT)

    assert 400 <= answer.status < 500
    assert registry.get(upload).headers["Range"] == "0-0"


@pytest.mark.parametrize("first", [0, None], ids=["ranged", "without a range"])
def test_every_chunk_but_the_last_has_five_mebibytes(registry, first):
    upload = registry.start()
    registry.patch(upload, CONTENT, first)
    registry.patch(upload, LAST, None if first is None else len(CONTENT))

    answer = registry.finish(upload, sha256(CONTENT + LAST))

    assert answer.status == 400
    assert answer.refusal == TOO_SMALL
    assert not registry.has_blob(sha256(CONTENT + LAST))


# --------------------------------------------------------------------------- status, cancel


def test_status_tells_how_much_is_there(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)

    answer = registry.get(upload)

    assert answer.status == 204
    assert answer.headers["Range"] == "0-11"
    assert answer.headers["Location"] == upload
    assert answer.headers["Docker-Upload-Uuid"] == id_of(upload)
    assert answer.body == b""


def test_status_of_an_untouched_upload_is_an_empty_range(registry):
    answer = registry.get(registry.start())

    assert answer.status == 204
    assert answer.headers["Range"] == "0-0"


def test_status_tells_where_to_go_on_after_a_refused_chunk(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT, 0)
    registry.patch(upload, CONTENT, 0)

    assert registry.get(upload).headers["Range"] == "0-11"


def test_a_cancelled_upload_is_gone(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)

    answer = registry.request("DELETE", upload)

    assert answer.status == 204
    assert unknown_upload(registry.get(upload))
    assert unknown_upload(registry.patch(upload, CONTENT))
    assert unknown_upload(registry.finish(upload, DIGEST, CONTENT))
    assert unknown_upload(registry.request("DELETE", upload))
    assert not registry.has_blob(DIGEST)


def test_a_finished_upload_is_gone(registry):
    upload = registry.start()
    registry.finish(upload, DIGEST, CONTENT)

    assert unknown_upload(registry.get(upload))
    assert unknown_upload(registry.finish(upload, DIGEST, CONTENT))
