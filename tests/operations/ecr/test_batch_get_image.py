"""BatchGetImage: images, failures, the time of the last pull."""

from __future__ import annotations

import pytest

UNKNOWN = "sha256:" + "0" * 64
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


@pytest.fixture
def get(ecr, repository):
    """Return the images and the failures."""

    def get(*ids: dict, client=ecr, **options) -> tuple[list[dict], list[dict]]:
        response = client.batch_get_image(repositoryName=repository, imageIds=list(ids), **options)
        assert set(response) == {"images", "failures", "ResponseMetadata"}
        return response["images"], response["failures"]

    return get


@pytest.fixture
def image(images):
    """An image that was pushed as `v1`."""
    image = images.make()
    images.push(image, "v1")
    return image


def test_an_image_by_its_tag_comes_with_digest_and_tag(get, image, repository, account):
    found, failures = get({"imageTag": "v1"})

    assert failures == []
    assert found == [
        {
            "registryId": account,
            "repositoryName": repository,
            "imageId": {"imageDigest": image.digest, "imageTag": "v1"},
            "imageManifest": image.manifest,
            "imageManifestMediaType": OCI_MANIFEST,
        }
    ]


def test_an_untagged_image_by_its_digest_comes_without_a_tag(get, images):
    image = images.make()
    images.push(image)

    found, failures = get({"imageDigest": image.digest})

    assert [each["imageId"] for each in found] == [{"imageDigest": image.digest}]
    assert failures == []


def test_a_tagged_image_by_its_digest_is_found(get, image):
    found, failures = get({"imageDigest": image.digest})

    assert {each["imageId"]["imageDigest"] for each in found} == {image.digest}
    assert {each["imageManifest"] for each in found} == {image.manifest}
    assert failures == []


def test_an_image_by_digest_and_tag_is_found(get, image):
    found, failures = get({"imageDigest": image.digest, "imageTag": "v1"})

    assert [each["imageId"] for each in found] == [{"imageDigest": image.digest, "imageTag": "v1"}]
    assert failures == []


@pytest.mark.parametrize(
    "image_id",
    [{"imageTag": "none"}, {"imageDigest": UNKNOWN}],
    ids=["tag", "digest"],
)
def test_an_unknown_image_is_a_failure(get, image, image_id):
    found, failures = get(image_id)

    assert found == []
    assert failures == [
        {
            "imageId": image_id,
            "failureCode": "ImageNotFound",
            "failureReason": "Requested image not found",
        }
    ]


def test_an_id_without_digest_and_tag_is_a_failure(get, image):
    _found, failures = get({})

    assert [(each["failureCode"], each["failureReason"]) for each in failures] == [
        (
            "MissingDigestAndTag",
            "Invalid request parameters: both tag and digest cannot be null",
        )
    ]


@pytest.mark.parametrize("digest", ["nonsense", "sha256:xyz"])
def test_a_digest_that_is_none_is_a_failure(get, image, digest):
    _found, failures = get({"imageDigest": digest})

    assert failures == [
        {
            "imageId": {"imageDigest": digest},
            "failureCode": "InvalidImageDigest",
            "failureReason": "Invalid request parameters: image digest should satisfy the regex "
            "'[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        }
    ]


def test_a_tag_that_is_none_is_a_failure(get, image):
    _found, failures = get({"imageTag": "a b"})

    assert [(each["imageId"], each["failureCode"]) for each in failures] == [
        ({"imageTag": "a b"}, "InvalidImageTag")
    ]


def test_a_tag_of_another_digest_is_a_failure(get, image, images):
    other = images.make("other")
    images.push(other, "v2")
    image_id = {"imageDigest": other.digest, "imageTag": "v1"}

    found, failures = get(image_id)

    assert found == []
    assert failures == [
        {
            "imageId": image_id,
            "failureCode": "ImageTagDoesNotMatchDigest",
            "failureReason": "Invalid request parameters: "
            "given tag does not map to the given digest",
        }
    ]


def test_failures_do_not_hinder_what_is_found(get, image):
    found, failures = get({"imageTag": "none"}, {"imageTag": "v1"}, {})

    assert [each["imageId"]["imageTag"] for each in found] == ["v1"]
    assert [each["failureCode"] for each in failures] == ["ImageNotFound", "MissingDigestAndTag"]


def test_a_moved_tag_gives_the_new_image(get, image, images):
    new = images.make("new")
    images.push(new, "v1")

    found, _failures = get({"imageTag": "v1"})

    assert [each["imageManifest"] for each in found] == [new.manifest]


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (0, "Member must have length greater than or equal to 1"),
        (101, "Member must have length less than or equal to 100"),
    ],
)
def test_batch_get_image_takes_one_to_a_hundred_ids(unchecked, get, refusal, number, constraint):
    refused = refusal(lambda: get(*[{"imageTag": "v1"}] * number, client=unchecked))

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        f"Invalid parameter at 'imageIds' failed to satisfy constraint: '{constraint}'"
    )


def test_accepted_media_types_with_the_stored_one_change_nothing(get, image):
    found, failures = get(
        {"imageTag": "v1"}, acceptedMediaTypes=[DOCKER_MANIFEST, OCI_MANIFEST, "application/json"]
    )

    assert [each["imageManifest"] for each in found] == [image.manifest]
    assert failures == []


def test_an_image_by_its_digest_is_never_converted(get, image):
    found, _failures = get({"imageDigest": image.digest}, acceptedMediaTypes=[DOCKER_MANIFEST])

    assert {each["imageManifest"] for each in found} == {image.manifest}
    assert {each["imageManifestMediaType"] for each in found} == {OCI_MANIFEST}


# ------------------------------------------------------------- the time of the last pull


def test_an_image_that_was_never_pulled_has_no_pull_time(image, images):
    detail = images.describe()[image.digest]

    assert "lastRecordedPullTime" not in detail


def test_a_pull_is_recorded(door, get, image, images):
    door.aws.clock.advance(hours=5)
    before = door.aws.clock.now.replace(microsecond=0)

    get({"imageTag": "v1"})

    assert images.describe()[image.digest]["lastRecordedPullTime"] >= before


def test_a_pull_by_digest_is_recorded(get, image, images):
    get({"imageDigest": image.digest})

    assert "lastRecordedPullTime" in images.describe()[image.digest]


def test_a_pull_of_another_image_is_not_recorded(get, image, images):
    images.push(images.make("other"), "v2")

    get({"imageTag": "v2"}, {"imageTag": "none"})

    assert "lastRecordedPullTime" not in images.describe()[image.digest]


def test_a_pull_two_days_later_is_recorded_anew(door, get, image, images):
    get({"imageTag": "v1"})
    first = images.describe()[image.digest]["lastRecordedPullTime"]
    door.aws.clock.advance(days=2)

    get({"imageTag": "v1"})

    assert images.describe()[image.digest]["lastRecordedPullTime"] > first


def test_looking_at_an_image_is_no_pull(ecr, repository, image, images):
    ecr.list_images(repositoryName=repository)
    images.describe(imageIds=[{"imageTag": "v1"}])
    ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[image.config])

    assert "lastRecordedPullTime" not in images.describe()[image.digest]
