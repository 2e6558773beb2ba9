"""DescribeImages: one detail for each digest, by id, by filter, in pages."""

from __future__ import annotations

import pytest

UNKNOWN = "sha256:" + "0" * 64


@pytest.fixture
def three(images):
    """Three images: tagged twice, tagged once, untagged."""
    twice, once, untagged = (images.make(name) for name in ("twice", "once", "untagged"))
    images.push(twice, "v1")
    images.push(twice, "stable")
    images.push(once, "v2")
    images.push(untagged)
    return twice, once, untagged


def test_an_empty_repository_has_no_details(ecr, repository):
    response = ecr.describe_images(repositoryName=repository)

    assert response["imageDetails"] == []
    assert "nextToken" not in response


def test_each_digest_comes_once_with_all_its_tags(images, three):
    twice, once, untagged = three

    tags = images.tags()

    assert tags == {
        twice.digest: ["stable", "v1"],
        once.digest: ["v2"],
        untagged.digest: None,
    }


def test_a_detail_has_these_members_and_no_others(images, repository, account):
    image = images.make()
    images.push(image)

    detail = images.describe()[image.digest]

    detail.pop("imagePushedAt")
    assert detail.pop("imageStatus", "ACTIVE") == "ACTIVE"
    assert detail == {
        "registryId": account,
        "repositoryName": repository,
        "imageDigest": image.digest,
        "imageSizeInBytes": image.size,
        "imageManifestMediaType": image.media_type,
        "artifactMediaType": "application/vnd.oci.image.config.v1+json",
    }


def test_images_are_pushed_one_after_the_other(images, three):
    details = images.describe()

    pushed = [details[image.digest]["imagePushedAt"] for image in three]

    assert pushed == sorted(set(pushed))


def test_an_image_that_gets_a_tag_counts_as_pushed_again(door, images):
    image = images.make()
    images.push(image, "v1")
    first = images.describe()[image.digest]["imagePushedAt"]
    door.aws.clock.advance(hours=1)

    images.push(image, "v2")

    assert images.describe()[image.digest]["imagePushedAt"] > first


@pytest.mark.parametrize(
    "of",
    [
        lambda image: {"imageTag": "v1"},
        lambda image: {"imageTag": "stable"},
        lambda image: {"imageDigest": image.digest},
        lambda image: {"imageDigest": image.digest, "imageTag": "v1"},
    ],
    ids=["tag", "other tag", "digest", "both"],
)
def test_an_image_is_found_by_each_of_its_ids(images, three, of):
    twice, _once, _untagged = three

    found = images.describe(imageIds=[of(twice)])

    assert list(found) == [twice.digest]
    assert sorted(found[twice.digest]["imageTags"]) == ["stable", "v1"]


def test_several_ids_of_one_image_give_one_detail(images, three):
    twice, once, _untagged = three

    found = images.describe(
        imageIds=[{"imageTag": "v1"}, {"imageTag": "stable"}, {"imageTag": "v2"}]
    )

    assert set(found) == {twice.digest, once.digest}


@pytest.mark.parametrize(
    ("image_id", "shown"),
    [
        ({"imageTag": "none"}, "{imageDigest:'null', imageTag:'none'}"),
        ({"imageDigest": UNKNOWN}, f"{{imageDigest:'{UNKNOWN}', imageTag:'null'}}"),
    ],
    ids=["tag", "digest"],
)
def test_an_unknown_image_fails_the_whole_call(images, three, refusal, image_id, shown):
    refused = refusal(images.describe, imageIds=[{"imageTag": "v1"}, image_id])

    assert refused.code == "ImageNotFoundException"
    assert refused.message == (
        f"The image with imageId {shown} does not exist within the repository "
        "with name 'team-a/web-app' in the registry with id '123456789012'"
    )


def test_a_tag_of_another_digest_is_not_found(images, three, refusal):
    _twice, once, _untagged = three

    refused = refusal(images.describe, imageIds=[{"imageDigest": once.digest, "imageTag": "v1"}])

    assert refused.code == "ImageNotFoundException"


def test_an_id_without_digest_and_tag_is_refused(images, refusal):
    refused = refusal(images.describe, imageIds=[{}])

    assert refused.code == "InvalidParameterException"


def test_a_digest_that_is_none_is_refused(images, refusal, invalid):
    refused = refusal(images.describe, imageIds=[{"imageDigest": "nonsense"}])

    assert refused == invalid(
        "imageDigest", "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
    )


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (0, "Member must have length greater than or equal to 1"),
        (101, "Member must have length less than or equal to 100"),
    ],
)
def test_describe_images_takes_one_to_a_hundred_ids(
    unchecked, repository, refusal, number, constraint
):
    refused = refusal(
        unchecked.describe_images,
        repositoryName=repository,
        imageIds=[{"imageTag": "v1"}] * number,
    )

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        f"Invalid parameter at 'imageIds' failed to satisfy constraint: '{constraint}'"
    )


def test_ids_and_pages_exclude_each_other(images, three, refusal):
    refused = refusal(images.describe, imageIds=[{"imageTag": "v1"}], maxResults=1)

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({"tagStatus": "TAGGED"}, ["twice", "once"]),
        ({"tagStatus": "UNTAGGED"}, ["untagged"]),
        ({"tagStatus": "ANY"}, ["twice", "once", "untagged"]),
        ({}, ["twice", "once", "untagged"]),
        ({"imageStatus": "ACTIVE"}, ["twice", "once", "untagged"]),
        ({"imageStatus": "ANY"}, ["twice", "once", "untagged"]),
        ({"imageStatus": "ACTIVE", "tagStatus": "UNTAGGED"}, ["untagged"]),
    ],
    ids=str,
)
def test_a_filter_chooses_images(images, three, chosen, shown):
    found = images.describe(filter=chosen)

    assert set(found) == {images.make(name).digest for name in shown}


@pytest.mark.parametrize("status", ["ARCHIVED", "ACTIVATING"])
def test_a_filter_by_archived_images_finds_none_where_none_are_archived(images, three, status):
    assert images.describe(filter={"imageStatus": status}) == {}


def test_an_unknown_tag_status_is_refused(images, refusal):
    refused = refusal(images.describe, filter={"tagStatus": "SOMETIMES"})

    assert refused.code == "InvalidParameterException"


def test_describe_images_pages(ecr, repository, images, three):
    unpaged = list(images.describe())

    first = ecr.describe_images(repositoryName=repository, maxResults=2)
    second = ecr.describe_images(
        repositoryName=repository, maxResults=2, nextToken=first["nextToken"]
    )

    pages = [[each["imageDigest"] for each in page["imageDetails"]] for page in (first, second)]
    assert pages == [unpaged[:2], unpaged[2:]]
    assert "nextToken" not in second


def test_describe_images_shows_a_hundred_on_a_page_by_default(ecr, repository, images):
    image = images.make()
    images.upload_blobs(image)
    for number in range(101):
        # White space makes each manifest another image of the same blobs.
        ecr.put_image(repositoryName=repository, imageManifest=image.manifest + " " * number)

    first = ecr.describe_images(repositoryName=repository)
    second = ecr.describe_images(repositoryName=repository, nextToken=first["nextToken"])

    assert (len(first["imageDetails"]), len(second["imageDetails"])) == (100, 1)


def test_the_paginator_walks_all_images(ecr, repository, images, three):
    pages = ecr.get_paginator("describe_images").paginate(
        repositoryName=repository, PaginationConfig={"PageSize": 1}
    )

    digests = [each["imageDigest"] for page in pages for each in page["imageDetails"]]

    assert sorted(digests) == sorted(image.digest for image in three)


def test_a_token_of_another_repository_is_refused(ecr, repository, images, three, refusal):
    token = ecr.describe_images(repositoryName=repository, maxResults=1)["nextToken"]
    ecr.create_repository(repositoryName="other")

    refused = refusal(ecr.describe_images, repositoryName="other", nextToken=token)

    assert refused.code == "InvalidParameterException"
