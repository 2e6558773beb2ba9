"""Uploads that fail: bad digests, empty ones, other ids, broken connections, time that passes."""

from __future__ import annotations

import hashlib

import pytest

from tests.registry.client import (
    ACCOUNT,
    UNKNOWN,
    UPLOADS,
    Refusal,
    image,
    path_of,
    sha256,
)

CONTENT = b"a small blob"
DIGEST = sha256(CONTENT)
SHA512 = f"sha512:{hashlib.sha512(CONTENT).hexdigest()}"
OTHER_ID = "00000000-0000-4000-8000-000000000000"
NOT_MATCHED = Refusal(
    "BLOB_UPLOAD_INVALID", "None of the provided layer digests match the calculated layer digest"
)


def unknown_upload(answer) -> bool:
    return answer.status == 404 and answer.refusal.code == "BLOB_UPLOAD_UNKNOWN"


def empty(upload: str) -> Refusal:
    name = upload.rpartition("/")[2]
    return Refusal(
        "BLOB_UPLOAD_INVALID",
        f"The upload with id '{name}' in the repository with name 'app' in registry with id "
        f"'{ACCOUNT}' cannot be completed because it does not have any parts",
    )


# --------------------------------------------------------------------------------- digests


@pytest.mark.parametrize("digest", [UNKNOWN, SHA512], ids=["another sha256", "sha512"])
def test_put_with_a_digest_that_is_not_the_contents_sha256_is_refused(registry, digest):
    answer = registry.finish(registry.start(), digest, CONTENT)

    assert answer.status == 400
    assert answer.refusal == NOT_MATCHED
    assert not registry.has_blob(DIGEST)


@pytest.mark.parametrize("digest", [UNKNOWN, SHA512], ids=["another sha256", "sha512"])
def test_an_upload_by_patch_with_another_digest_is_refused(registry, digest):
    upload = registry.start()
    registry.patch(upload, iter([CONTENT]))

    answer = registry.finish(upload, digest)

    assert answer.status == 400
    assert answer.refusal == NOT_MATCHED
    assert not registry.has_blob(digest)


def test_a_sha512_does_not_name_a_blob(registry):
    registry.push_blob(CONTENT)

    assert registry.head(f"/v2/app/blobs/{SHA512}").status in {400, 404, 405}


@pytest.mark.parametrize("digest", ["no-digest", "sha256:", "sha256:not-hexadecimal", ""], ids=repr)
def test_put_with_what_is_no_digest_is_unsupported(registry, digest):
    upload = registry.start()
    registry.patch(upload, CONTENT)

    answer = registry.finish(upload, digest)

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"
    assert answer.refusal.message.startswith("Invalid parameter at 'layerDigests' failed ")


def test_put_without_a_digest_is_unsupported(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)

    answer = registry.request("PUT", upload)

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"


def test_an_upload_can_be_ended_rightly_after_a_wrong_digest(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)
    registry.finish(upload, UNKNOWN)

    assert registry.finish(upload, DIGEST).status == 201


# ------------------------------------------------------------------------------ nothing sent


def test_an_upload_of_nothing_is_refused(registry):
    upload = registry.start()

    answer = registry.finish(upload, sha256(b""))

    assert answer.status == 400
    assert answer.refusal == empty(upload)
    assert not registry.has_blob(sha256(b""))


@pytest.mark.parametrize("body", [bytes, lambda: iter([])], ids=["no length", "no chunk"])
def test_an_empty_chunk_is_no_part(registry, body):
    upload = registry.start()
    registry.patch(upload, body())

    answer = registry.finish(upload, sha256(b""))

    assert answer.status == 400
    assert answer.refusal == empty(upload)


def test_an_empty_chunk_before_the_content_does_no_harm(registry):
    upload = registry.start()
    registry.patch(upload, b"")

    assert registry.finish(upload, DIGEST, CONTENT).status == 201


def test_the_empty_descriptor_of_two_bytes_is_no_empty_blob(registry):
    registry.push_blob(b"{}")

    assert registry.has_blob(sha256(b"{}"))


# ------------------------------------------------------------------------- other people's ids


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_an_unknown_upload_is_refused_by_its_code(registry, method):
    path = f"{UPLOADS}{OTHER_ID}" + (f"?digest={DIGEST}" if method == "PUT" else "")

    answer = registry.request(method, path, body=CONTENT if method != "GET" else None)

    assert unknown_upload(answer)


@pytest.mark.parametrize(
    "name", ["nothing-like-an-id", "%2e%2e", "x" * 300], ids=["word", "dots", "long"]
)
def test_what_is_no_upload_id_is_refused(registry, name):
    answer = registry.get(f"{UPLOADS}{name}")

    assert answer.status in {400, 404, 405}


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_an_upload_belongs_to_its_repository(registry, ecr, method):
    ecr.create_repository(repositoryName="other")
    upload = registry.start()
    foreign = path_of(upload).replace("/app/", "/other/")
    path = foreign + (f"?digest={DIGEST}" if method == "PUT" else "")

    answer = registry.request(method, path, body=CONTENT if method != "GET" else None)

    assert unknown_upload(answer)
    assert registry.finish(upload, DIGEST, CONTENT).status == 201


def test_an_upload_of_the_api_is_one_of_the_registry(registry, ecr):
    upload = ecr.initiate_layer_upload(repositoryName="app")["uploadId"]

    assert registry.finish(f"{UPLOADS}{upload}", DIGEST, CONTENT).status == 201


def test_an_upload_goes_with_its_repository(registry, ecr):
    upload = registry.start()
    ecr.delete_repository(repositoryName="app")
    ecr.create_repository(repositoryName="app")

    assert unknown_upload(registry.get(upload))


# ------------------------------------------------------------------------------- broken off


def test_a_patch_that_is_broken_off_leaves_nothing(registry):
    upload = registry.start()

    registry.break_off("PATCH", upload, CONTENT, claimed=100)

    assert registry.get(upload).headers["Range"] == "0-0"
    assert registry.finish(upload, sha256(b"")).refusal == empty(upload)


def test_a_streamed_patch_that_is_broken_off_leaves_nothing(registry):
    upload = registry.start()

    registry.break_off_chunks("PATCH", upload, CONTENT)

    assert registry.get(upload).headers["Range"] == "0-0"
    assert registry.finish(upload, sha256(b"")).refusal == empty(upload)


@pytest.mark.parametrize("streamed", [False, True], ids=["with a length", "in chunks"])
def test_a_put_that_is_broken_off_leaves_no_blob(registry, streamed):
    """The digest is that of the bytes that arrived: they must not be taken for all."""
    upload = registry.start()
    path = f"{path_of(upload)}?digest={DIGEST}"

    if streamed:
        registry.break_off_chunks("PUT", path, CONTENT)
    else:
        registry.break_off("PUT", path, CONTENT, claimed=100)

    assert not registry.has_blob(DIGEST)


def test_a_post_that_is_broken_off_leaves_no_blob(registry):
    registry.break_off("POST", f"{UPLOADS}?digest={DIGEST}", CONTENT, claimed=100)

    assert not registry.has_blob(DIGEST)


def test_a_manifest_that_is_broken_off_leaves_no_image(registry):
    made = image("broken off")
    registry.push_blobs(made)
    path = "/v2/app/manifests/v1"

    registry.break_off("PUT", path, made.content, claimed=len(made.content) + 1)

    assert registry.get("/v2/app/tags/list").json["tags"] == []


def test_an_upload_can_be_sent_again_after_it_was_broken_off(registry):
    upload = registry.start()
    registry.break_off("PATCH", upload, CONTENT[:4], claimed=len(CONTENT))

    registry.patch(upload, CONTENT, 0)

    assert registry.finish(upload, DIGEST).status == 201


# -------------------------------------------------------------------------------------- time


def test_an_upload_outlives_the_token_that_opened_it(registry):
    upload = registry.start()
    registry.patch(upload, CONTENT)
    registry.server.aws.clock.advance(hours=12, seconds=1)
    registry.login()

    assert registry.finish(upload, DIGEST).status == 201


def test_an_upload_that_nobody_ends_expires(registry):
    """ECR does not publish when; ecrmock says a day."""
    upload = registry.start()
    registry.patch(upload, CONTENT)

    registry.server.aws.clock.advance(days=1, seconds=1)

    registry.login()
    assert unknown_upload(registry.get(upload))
    assert unknown_upload(registry.patch(upload, CONTENT))
    assert unknown_upload(registry.finish(upload, DIGEST))
