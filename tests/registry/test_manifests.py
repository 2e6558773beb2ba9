"""Manifests under tags: pushed again, moved, immutable, deleted; the limits."""

from __future__ import annotations

import json

import pytest

from tests.registry.client import (
    ACCOUNT,
    OCI_INDEX,
    Manifest,
    Refusal,
    fixture,
    image,
    index,
)

WHERE = f"repository with name 'app' in the registry with id '{ACCOUNT}'"
UNKNOWN_MANIFEST = Refusal("MANIFEST_UNKNOWN", "Requested image not found")
MOST_BYTES = 4 * 1024 * 1024
OCI = fixture("single")
INDEX = fixture("web-app")


def immutable_tag(tag: str) -> Refusal:
    return Refusal(
        "TAG_INVALID",
        f"The image tag '{tag}' already exists in the 'app' repository and cannot be overwritten "
        "because the tag is immutable.",
    )


def tags_of(registry) -> list[str]:
    return sorted(registry.get("/v2/app/tags/list").json["tags"])


# ------------------------------------------------------------------------------------ tags


def test_a_tag_moves_and_leaves_its_image_untagged(registry, ecr):
    old, new = image("old"), image("new")
    registry.push(old, "v1")

    registry.push(new, "v1")

    assert registry.manifest("v1").body == new.content
    assert registry.manifest(old.digest).body == old.content
    assert tags_of(registry) == ["v1"]


def test_pushing_the_same_again_is_accepted(registry):
    registry.push(OCI, "v1")

    by_tag, by_digest = registry.put(OCI, "v1"), registry.put(OCI)

    assert (by_tag.status, by_digest.status) == (201, 201)
    assert by_tag.headers["Docker-Content-Digest"] == OCI.digest
    assert tags_of(registry) == ["v1"]


@pytest.fixture
def immutable(registry, ecr):
    ecr.put_image_tag_mutability(repositoryName="app", imageTagMutability="IMMUTABLE")
    registry.push(image("first"), "v1")
    return registry


@pytest.mark.parametrize("name", ["second", "first"], ids=["another image", "the same image"])
def test_an_immutable_tag_is_not_pushed_again(immutable, name):
    made = image(name)
    immutable.push_blobs(made)

    answer = immutable.put(made, "v1")

    assert answer.status == 400
    assert answer.refusal == immutable_tag("v1")
    assert immutable.manifest("v1").body == image("first").content


def test_an_immutable_repository_takes_new_tags_and_untagged_images(immutable):
    immutable.push(image("second"), "v2")
    immutable.push(image("third"))
    immutable.push(image("first"), "v3")

    assert tags_of(immutable) == ["v1", "v2", "v3"]


def test_an_immutable_tag_may_be_pushed_again_once_deleted(immutable):
    immutable.push_blobs(image("second"))

    deleted = immutable.request("DELETE", "/v2/app/manifests/v1")

    assert deleted.status == 202
    assert immutable.put(image("second"), "v1").status == 201


@pytest.mark.parametrize(
    ("mutability", "latest", "other"),
    [
        pytest.param("IMMUTABLE_WITH_EXCLUSION", 201, 400, id="immutable but"),
        pytest.param("MUTABLE_WITH_EXCLUSION", 400, 201, id="mutable but"),
    ],
)
def test_a_filter_turns_mutability_round(registry, ecr, mutability, latest, other):
    ecr.put_image_tag_mutability(
        repositoryName="app",
        imageTagMutability=mutability,
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "latest*"}],
    )
    registry.push(image("first"), "latest-1")
    registry.put(image("first"), "v1")
    registry.push_blobs(image("second"))

    answers = [registry.put(image("second"), tag) for tag in ("latest-1", "v1")]

    assert [each.status for each in answers] == [latest, other]


# -------------------------------------------------------------------------------- deletion


def test_deleting_one_of_two_tags_keeps_the_image(registry):
    registry.push(OCI, "v1")
    registry.put(OCI, "v2")

    answer = registry.request("DELETE", "/v2/app/manifests/v1")

    assert answer.status == 202
    assert tags_of(registry) == ["v2"]
    assert registry.manifest(OCI.digest).status == 200


def test_deleting_a_digest_takes_all_its_tags(registry):
    registry.push(OCI, "v1")
    registry.put(OCI, "v2")
    registry.push(image("another"), "v3")

    registry.request("DELETE", f"/v2/app/manifests/{OCI.digest}")

    assert tags_of(registry) == ["v3"]


@pytest.mark.parametrize("by_tag", [True, False], ids=["last tag", "digest"])
def test_an_image_that_an_index_lists_is_not_deleted(registry, by_tag):
    child = INDEX.children[0]
    registry.push(INDEX, "v1")
    registry.put(child, "child")
    reference = "child" if by_tag else child.digest

    answer = registry.request("DELETE", f"/v2/app/manifests/{reference}")

    assert answer.status == 405
    assert answer.refusal == Refusal(
        "UNSUPPORTED", f"Requested image referenced by manifest list: [{INDEX.digest}]"
    )
    assert registry.manifest(child.digest).status == 200


def test_children_are_deleted_after_their_index(registry):
    registry.push(INDEX, "v1")

    references = [INDEX.digest, *(child.digest for child in INDEX.children)]
    answers = [registry.request("DELETE", f"/v2/app/manifests/{each}") for each in references]

    assert [each.status for each in answers] == [202, 202, 202]


def test_a_subject_is_deleted_before_its_referrers(registry):
    artifact = fixture("oci-artifact")
    registry.push(OCI, "v1")
    registry.push(artifact)

    answer = registry.request("DELETE", "/v2/app/manifests/v1")

    assert answer.status == 202
    assert registry.manifest(artifact.digest).status == 200


# ---------------------------------------------------------------------------------- limits


def of_size(size: int) -> Manifest:
    small = json.dumps(index().document | {"note": ""}).encode()
    return index(note="x" * (size - len(small)))


def test_a_manifest_of_four_mebibytes_is_accepted(registry):
    large = of_size(MOST_BYTES)

    answer = registry.put(large, "large")

    assert len(large.content) == MOST_BYTES
    assert answer.status == 201
    assert registry.manifest("large", OCI_INDEX).body == large.content


def test_a_manifest_of_more_than_four_mebibytes_is_refused(registry):
    """The status is ECR's 405 of a parameter that is too long or the 413 of OCI."""
    answer = registry.put(of_size(MOST_BYTES + 1), "large")

    assert answer.status in {405, 413}
    assert answer.refusal.code in {"UNSUPPORTED", "MANIFEST_INVALID"}
    assert tags_of(registry) == []


def test_an_image_has_at_most_a_thousand_tags(registry):
    pushed = registry.server.aws.images.push("app", tag=[f"t{each}" for each in range(1000)])
    content = registry.manifest(pushed.digest)
    manifest = Manifest(content.body, content.headers["Content-Type"])

    answer = registry.put(manifest, "one-too-many")

    assert answer.status == 403
    assert answer.refusal == Refusal(
        "DENIED",
        "Adding tag 'one-too-many' to an image in the repository with name 'app' in registry "
        f"with id '{ACCOUNT}' exceeds the maximum allowed number of tags per image which is "
        "'1000'",
    )
