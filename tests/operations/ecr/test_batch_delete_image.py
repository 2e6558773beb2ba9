"""BatchDeleteImage: by tag, by digest, by both; what it answers and what is left."""

from __future__ import annotations

import pytest

UNKNOWN = "sha256:" + "0" * 64
NOT_FOUND = ("ImageNotFound", "Requested image not found")
MISSING = ("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null")
MISMATCH = (
    "ImageTagDoesNotMatchDigest",
    "Invalid request parameters: given tag does not map to the given digest",
)
NO_DIGEST = (
    "InvalidImageDigest",
    (
        "Invalid request parameters: image digest should satisfy the regex "
        "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
    ),
)


@pytest.fixture
def image(images):
    """An image that was pushed as `v1` and as `stable`."""
    image = images.make()
    images.push(image, "v1")
    images.push(image, "stable")
    return image


def failure(image_id: dict, code: str, reason: str) -> dict:
    return {"imageId": image_id, "failureCode": code, "failureReason": reason}


def as_pairs(ids: list[dict]) -> set[tuple[str, str | None]]:
    pairs = {(each["imageDigest"], each.get("imageTag")) for each in ids}
    assert len(pairs) == len(ids)
    return pairs


# ------------------------------------------------------------------------------------ by tag


def test_a_deleted_tag_leaves_the_image_with_its_others(images, image):
    deleted, failures = images.delete({"imageTag": "v1"})

    assert deleted == [{"imageDigest": image.digest, "imageTag": "v1"}]
    assert failures == []
    assert images.tags() == {image.digest: ["stable"]}


def test_the_last_tag_takes_the_image_with_it(images, image):
    images.delete({"imageTag": "v1"})

    deleted, failures = images.delete({"imageTag": "stable"})

    assert deleted == [{"imageDigest": image.digest, "imageTag": "stable"}]
    assert failures == []
    assert images.tags() == {}


def test_all_tags_in_one_call_take_the_image_with_them(images, image):
    deleted, failures = images.delete({"imageTag": "v1"}, {"imageTag": "stable"})

    assert as_pairs(deleted) == {(image.digest, "v1"), (image.digest, "stable")}
    assert failures == []
    assert images.tags() == {}


def test_a_tag_that_moved_away_is_no_tag_of_the_old_image(images):
    old, new = images.make("old"), images.make("new")
    images.push(old, "latest")
    images.push(new, "latest")

    deleted, _failures = images.delete({"imageTag": "latest"})

    assert deleted == [{"imageDigest": new.digest, "imageTag": "latest"}]
    assert images.tags() == {old.digest: None}


# --------------------------------------------------------------------------------- by digest


def test_an_untagged_image_is_answered_with_its_digest_alone(images):
    image = images.make()
    images.push(image)

    deleted, failures = images.delete({"imageDigest": image.digest})

    assert deleted == [{"imageDigest": image.digest}]
    assert failures == []
    assert images.tags() == {}


def test_a_digest_takes_all_tags_and_answers_with_each(images, image):
    deleted, failures = images.delete({"imageDigest": image.digest})

    assert as_pairs(deleted) == {(image.digest, "v1"), (image.digest, "stable")}
    assert failures == []
    assert images.tags() == {}


def test_a_deleted_image_is_not_found_any_more(ecr, repository, images, image, refusal):
    images.delete({"imageDigest": image.digest})

    response = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": "v1"}])

    assert [each["failureCode"] for each in response["failures"]] == ["ImageNotFound"]
    refused = refusal(images.describe, imageIds=[{"imageDigest": image.digest}])
    assert refused.code == "ImageNotFoundException"


def test_other_images_and_other_repositories_keep_theirs(ecr, images, image):
    other = images.make("other")
    images.push(other, "v2")
    ecr.create_repository(repositoryName="elsewhere")
    images.push(image, "v1", repository="elsewhere")

    images.delete({"imageDigest": image.digest})

    assert images.tags() == {other.digest: ["v2"]}
    assert images.pairs(repositoryName="elsewhere") == {(image.digest, "v1")}


# ----------------------------------------------------------------------- by digest and tag


def test_digest_and_tag_remove_the_tag_alone(images, image):
    image_id = {"imageDigest": image.digest, "imageTag": "v1"}

    deleted, failures = images.delete(image_id)

    assert deleted == [image_id]
    assert failures == []
    assert images.tags() == {image.digest: ["stable"]}


def test_digest_and_last_tag_remove_the_image(images):
    image = images.make()
    images.push(image, "v1")

    images.delete({"imageDigest": image.digest, "imageTag": "v1"})

    assert images.tags() == {}


def test_a_tag_of_another_digest_is_a_failure(images, image):
    other = images.make("other")
    images.push(other, "v2")
    image_id = {"imageDigest": other.digest, "imageTag": "v1"}

    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert failures == [failure(image_id, *MISMATCH)]
    assert images.tags() == {image.digest: ["stable", "v1"], other.digest: ["v2"]}


def test_an_unknown_tag_of_a_known_digest_is_not_found(images, image):
    image_id = {"imageDigest": image.digest, "imageTag": "none"}

    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert failures == [failure(image_id, *NOT_FOUND)]
    assert images.tags() == {image.digest: ["stable", "v1"]}


# --------------------------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("image_id", "reason"),
    [
        ({"imageTag": "none"}, NOT_FOUND),
        ({"imageDigest": UNKNOWN}, NOT_FOUND),
        ({"imageDigest": UNKNOWN, "imageTag": "none"}, NOT_FOUND),
        ({}, MISSING),
        ({"imageDigest": "nonsense"}, NO_DIGEST),
        ({"imageDigest": "sha256:xyz"}, NO_DIGEST),
        ({"imageDigest": "nonsense", "imageTag": "v1"}, NO_DIGEST),
    ],
    ids=[
        "unknown tag",
        "unknown digest",
        "both unknown",
        "neither",
        "no digest",
        "no hexadecimal digest",
        "no digest beside a tag",
    ],
)
def test_a_bad_id_is_a_failure_that_repeats_it(images, image, image_id, reason):
    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert failures == [failure(image_id, *reason)]
    assert images.tags() == {image.digest: ["stable", "v1"]}


@pytest.mark.parametrize("tag", ["a b", "a/b", "ä"])
def test_a_tag_that_is_none_is_a_failure(images, image, tag):
    deleted, failures = images.delete({"imageTag": tag})

    assert deleted == []
    assert [(each["imageId"], each["failureCode"]) for each in failures] == [
        ({"imageTag": tag}, "InvalidImageTag")
    ]


def test_failures_do_not_hinder_what_can_be_deleted(images, image):
    other = images.make("other")
    images.push(other)

    deleted, failures = images.delete(
        {"imageTag": "none"}, {"imageTag": "v1"}, {}, {"imageDigest": other.digest}
    )

    assert as_pairs(deleted) == {(image.digest, "v1"), (other.digest, None)}
    assert failures == [failure({"imageTag": "none"}, *NOT_FOUND), failure({}, *MISSING)]
    assert images.tags() == {image.digest: ["stable"]}


@pytest.mark.parametrize(
    "of",
    [
        lambda image: {"imageTag": "v1"},
        lambda image: {"imageDigest": image.digest, "imageTag": "v1"},
        lambda image: {"imageDigest": image.digest},
    ],
    ids=["tag", "digest and tag", "digest"],
)
def test_an_id_that_is_given_twice_counts_once(images, of):
    image = images.make()
    images.push(image, "v1")

    deleted, failures = images.delete(*[of(image)] * 3)

    assert deleted == [{"imageDigest": image.digest, "imageTag": "v1"}]
    assert failures == []


def test_a_failure_that_is_given_twice_counts_once(images, image):
    _deleted, failures = images.delete(*[{"imageTag": "none"}] * 2)

    assert failures == [failure({"imageTag": "none"}, *NOT_FOUND)]


def test_a_digest_and_its_own_tag_in_one_call_remove_the_image(images, image):
    images.delete({"imageTag": "v1"}, {"imageDigest": image.digest})

    assert images.tags() == {}


# ------------------------------------------------------------------------ the call as a whole


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (0, "Member must have length greater than or equal to 1"),
        (101, "Member must have length less than or equal to 100"),
    ],
)
def test_batch_delete_image_takes_one_to_a_hundred_ids(
    unchecked, refusal, invalid, number, constraint
):
    unchecked.create_repository(repositoryName="app")
    image_ids = [{"imageTag": f"v{each}"} for each in range(number)]

    refused = refusal(unchecked.batch_delete_image, repositoryName="app", imageIds=image_ids)

    assert refused == invalid("imageIds", constraint)


def test_a_hundred_images_go_in_one_call(ecr, repository, images):
    image = images.make()
    images.upload_blobs(image)
    for number in range(100):
        manifest = image.manifest + " " * number
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=f"v{number}")

    deleted, failures = images.delete(*[{"imageTag": f"v{number}"} for number in range(100)])

    assert len(as_pairs(deleted)) == 100
    assert failures == []
    assert images.tags() == {}


def test_an_unknown_repository_is_refused(images, refusal, account):
    refused = refusal(lambda: images.delete({"imageTag": "v1"}, repositoryName="none"))

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'none' does not exist in the registry with id '{account}'",
    )


# ---------------------------------------------------------------------- immutable repositories


@pytest.mark.parametrize(
    "of",
    [lambda image: {"imageTag": "v1"}, lambda image: {"imageDigest": image.digest}],
    ids=["tag", "digest"],
)
def test_an_immutable_tag_can_be_deleted_and_pushed_again(ecr, images, repository, of):
    ecr.put_image_tag_mutability(repositoryName=repository, imageTagMutability="IMMUTABLE")
    old, new = images.make("old"), images.make("new")
    images.push(old, "v1")

    deleted, failures = images.delete(of(old))
    images.push(new, "v1")

    assert deleted == [{"imageDigest": old.digest, "imageTag": "v1"}]
    assert failures == []
    assert images.tags() == {new.digest: ["v1"]}


# ------------------------------------------------------------------------------------- events


def test_a_deletion_is_an_event(door, images, repository):
    image = images.make()
    images.push(image, "v1")
    before = len(door.aws.events)

    images.delete({"imageTag": "v1"})

    (event,) = door.aws.events[before:]
    assert event["source"] == "aws.ecr"
    assert event["detail-type"] == "ECR Image Action"
    assert event["resources"] == []
    expected = {
        "result": "SUCCESS",
        "repository-name": repository,
        "image-digest": image.digest,
        "action-type": "DELETE",
        "image-tag": "v1",
    }
    assert event["detail"] | expected == event["detail"]


def test_the_deletion_of_an_untagged_image_is_an_event(door, images):
    image = images.make()
    images.push(image)
    before = len(door.aws.events)

    images.delete({"imageDigest": image.digest})

    (event,) = door.aws.events[before:]
    assert event["detail"]["action-type"] == "DELETE"
    assert event["detail"]["image-digest"] == image.digest
    assert not event["detail"].get("image-tag")


def test_a_failure_is_no_event(door, images, image):
    before = len(door.aws.events)

    images.delete({"imageTag": "none"}, {"imageDigest": UNKNOWN}, {})

    assert door.aws.events[before:] == []
