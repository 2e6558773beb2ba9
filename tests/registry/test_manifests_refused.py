"""Manifests that are refused: not there, not readable, of another digest, with parts missing."""

from __future__ import annotations

import hashlib

import pytest

from tests.registry.client import (
    ACCOUNT,
    OCI_IMAGE,
    UNKNOWN,
    Manifest,
    Refusal,
    fixture,
    sha256,
)

WHERE = f"repository with name 'app' in the registry with id '{ACCOUNT}'"
UNKNOWN_MANIFEST = Refusal("MANIFEST_UNKNOWN", "Requested image not found")
OCI = fixture("single")
INDEX = fixture("web-app")
SHA512 = f"sha512:{hashlib.sha512(OCI.content).hexdigest()}"


def tags_of(registry) -> list[str]:
    return sorted(registry.get("/v2/app/tags/list").json["tags"])


# ------------------------------------------------------------------------------- not there


@pytest.mark.parametrize("reference", ["no-such-tag", UNKNOWN], ids=["tag", "digest"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_missing_manifest_is_unknown(registry, method, reference):
    answer = registry.request(method, f"/v2/app/manifests/{reference}")

    assert answer.status == 404
    if method == "HEAD":
        assert answer.body == b""
    else:
        assert answer.refusal == UNKNOWN_MANIFEST


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_a_missing_repository_is_refused_by_name(registry, method):
    path = "/v2/no-such-repository/manifests/v1"
    body = OCI.content if method == "PUT" else None

    answer = registry.request(method, path, {"Content-Type": OCI_IMAGE}, body)

    assert answer.status == 404
    if method != "HEAD":
        assert answer.refusal.code == "NAME_UNKNOWN"


@pytest.mark.parametrize("tag", ["a+b", "a%2Bb"], ids=["plus", "escaped plus"])
def test_head_with_a_plus_in_the_tag_is_a_bad_request(registry, tag):
    answer = registry.head(f"/v2/app/manifests/{tag}")

    assert answer.status == 400


def test_what_is_no_digest_is_refused(registry):
    registry.push_blobs(OCI)

    got = registry.manifest("sha256:baddigeststring")
    put = registry.put(OCI, "sha256:baddigeststring")

    assert got.status in {400, 404}
    assert 400 <= put.status < 500
    assert tags_of(registry) == []


# ------------------------------------------------------------------------------ bad pushes


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(b"no JSON", OCI_IMAGE, id="no JSON"),
        pytest.param(OCI.content[:-1], OCI_IMAGE, id="cut off"),
        pytest.param(b"\xff\xfe{}", OCI_IMAGE, id="no UTF-8"),
        pytest.param(fixture("oci-without-media-type").content, None, id="no media type at all"),
    ],
)
def test_what_is_no_manifest_is_unsupported(registry, content, media_type):
    registry.push_blobs(OCI)
    headers = {"Content-Type": media_type} if media_type else {}

    answer = registry.request("PUT", "/v2/app/manifests/v1", headers, content)

    assert answer.status == 405
    assert answer.refusal == Refusal(
        "UNSUPPORTED",
        "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'",
    )
    assert tags_of(registry) == []


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"7"], ids=["empty", "null", "list", "number"]
)
def test_json_that_is_no_object_is_unsupported(registry, content):
    headers = {"Content-Type": OCI_IMAGE}

    answer = registry.request("PUT", "/v2/app/manifests/v1", headers, content)

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"


def test_put_by_a_digest_that_is_not_the_manifests_is_invalid(registry):
    registry.push_blobs(OCI)

    answer = registry.put(OCI, UNKNOWN)

    assert answer.status == 400
    assert answer.refusal == Refusal(
        "MANIFEST_INVALID",
        f"The image with digest '{UNKNOWN}' in repository 'app' and registry ID '{ACCOUNT}' "
        "does not match the image digest that Amazon ECR has calculated.",
    )
    assert registry.manifest(OCI.digest).status == 404


def test_put_by_digest_counts_every_byte(registry):
    registry.push_blobs(OCI)
    longer = Manifest(OCI.content + b"  ", OCI_IMAGE)

    assert registry.put(longer, OCI.digest).refusal.code == "MANIFEST_INVALID"
    assert registry.put(longer, longer.digest).status == 201


def test_missing_layers_are_listed(registry):
    config, base, own = map(sha256, OCI.blobs)
    registry.push_blob(OCI.blobs[1])

    answer = registry.put(OCI, "v1")

    assert base not in answer.refusal.message
    assert answer.status == 404
    assert answer.refusal == Refusal(
        "BLOB_UPLOAD_UNKNOWN",
        f"Layers with digests '[{config}, {own}]' required for pushing image into {WHERE} "
        "do not exist",
    )
    assert tags_of(registry) == []


def test_layers_of_another_repository_are_missing(registry, ecr):
    ecr.create_repository(repositoryName="other")
    registry.push_blobs(OCI)

    answer = registry.put(OCI, "v1", "other")

    assert answer.status == 404
    assert answer.refusal.code == "BLOB_UPLOAD_UNKNOWN"


def test_missing_children_are_listed(registry):
    first, second = INDEX.children
    registry.push(first)

    answer = registry.put(INDEX, "v1")

    assert answer.status == 404
    assert answer.refusal == Refusal(
        "MANIFEST_BLOB_UNKNOWN",
        f"Images with digests '[{second.digest}]' required for pushing image into {WHERE} "
        "do not exist",
    )
    assert tags_of(registry) == []


# ------------------------------------------------------------------- what ECR does not have


def test_a_manifest_is_not_pushed_by_its_sha512(registry):
    registry.push_blobs(OCI)

    answer = registry.put(OCI, SHA512)

    assert answer.status == 400
    assert answer.refusal.code == "MANIFEST_INVALID"
    assert tags_of(registry) == []


def test_a_manifest_is_not_found_by_its_sha512(registry):
    registry.push(OCI, "v1")

    answer = registry.manifest(SHA512)

    assert answer.status == 404
    assert answer.refusal == UNKNOWN_MANIFEST


def test_a_push_by_digest_with_the_tag_parameter_is_a_push_by_digest(registry):
    """What becomes of the tag is not known: the parameter is newer than what is told of ECR."""
    registry.push_blobs(OCI)

    answer = registry.put(OCI, f"{OCI.digest}?tag=v1")

    assert answer.status == 201
    assert registry.manifest(OCI.digest).body == OCI.content
