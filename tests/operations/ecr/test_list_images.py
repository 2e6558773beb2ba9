"""ListImages: one id for each pair of digest and tag, by filter, in pages."""

from __future__ import annotations

import pytest


@pytest.fixture
def three(images):
    """Three images: tagged twice, tagged once, untagged."""
    twice, once, untagged = (images.make(name) for name in ("twice", "once", "untagged"))
    images.push(twice, "v1")
    images.push(twice, "stable")
    images.push(once, "v2")
    images.push(untagged)
    return twice, once, untagged


def test_an_empty_repository_lists_nothing(ecr, repository):
    response = ecr.list_images(repositoryName=repository)

    response.pop("ResponseMetadata")
    assert response == {"imageIds": []}


def test_each_tag_of_an_image_is_listed(images, three):
    twice, once, untagged = three

    pairs = images.pairs()

    assert pairs == {
        (twice.digest, "v1"),
        (twice.digest, "stable"),
        (once.digest, "v2"),
        (untagged.digest, None),
    }


def test_an_untagged_image_is_listed_by_its_digest_alone(ecr, repository, images):
    image = images.make()
    images.push(image)

    response = ecr.list_images(repositoryName=repository)

    assert response["imageIds"] == [{"imageDigest": image.digest}]


def test_an_image_that_lost_its_tag_is_listed_by_its_digest_alone(images):
    old, new = images.make("old"), images.make("new")
    images.push(old, "latest")

    images.push(new, "latest")

    assert images.pairs() == {(old.digest, None), (new.digest, "latest")}


@pytest.mark.parametrize(
    ("chosen", "tags"),
    [
        ({"tagStatus": "TAGGED"}, {"v1", "stable", "v2"}),
        ({"tagStatus": "UNTAGGED"}, {None}),
        ({"tagStatus": "ANY"}, {"v1", "stable", "v2", None}),
        ({"imageStatus": "ACTIVE"}, {"v1", "stable", "v2", None}),
        ({"imageStatus": "ANY", "tagStatus": "UNTAGGED"}, {None}),
    ],
    ids=["tagged", "untagged", "any", "active", "untagged of any status"],
)
def test_a_filter_chooses_images(images, three, chosen, tags):
    pairs = images.pairs(filter=chosen)

    assert {tag for _digest, tag in pairs} == tags


def test_list_images_pages_by_pair(ecr, repository, three):
    unpaged = ecr.list_images(repositoryName=repository)["imageIds"]

    first = ecr.list_images(repositoryName=repository, maxResults=3)
    second = ecr.list_images(repositoryName=repository, maxResults=3, nextToken=first["nextToken"])

    assert [first["imageIds"], second["imageIds"]] == [unpaged[:3], unpaged[3:]]
    assert "nextToken" not in second


def test_the_paginator_walks_all_pairs(ecr, repository, images, three):
    pages = ecr.get_paginator("list_images").paginate(
        repositoryName=repository, PaginationConfig={"PageSize": 1}
    )

    ids = [each for page in pages for each in page["imageIds"]]

    assert len(ids) == 4
    assert {(each["imageDigest"], each.get("imageTag")) for each in ids} == images.pairs()


@pytest.mark.parametrize("chosen", [{"tagStatus": "TAGGED"}, {"tagStatus": "UNTAGGED"}], ids=str)
def test_pages_of_a_filter_hold_all_that_it_chooses(ecr, repository, images, three, chosen):
    pages = ecr.get_paginator("list_images").paginate(
        repositoryName=repository, filter=chosen, PaginationConfig={"PageSize": 1}
    )

    ids = [each for page in pages for each in page["imageIds"]]

    assert {(each["imageDigest"], each.get("imageTag")) for each in ids} == images.pairs(
        filter=chosen
    )


def test_list_images_shows_a_hundred_on_a_page_by_default(ecr, repository, images):
    image = images.make()
    images.upload_blobs(image)
    for number in range(101):
        ecr.put_image(
            repositoryName=repository, imageManifest=image.manifest, imageTag=f"tag-{number}"
        )

    first = ecr.list_images(repositoryName=repository)
    second = ecr.list_images(repositoryName=repository, nextToken=first["nextToken"])

    assert (len(first["imageIds"]), len(second["imageIds"])) == (100, 1)


@pytest.mark.parametrize("operation", ["list_images", "describe_images"])
@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (1001, "Member must have value less than or equal to 1000"),
        (0, "Member must have value greater than or equal to 1"),
    ],
)
def test_a_page_size_out_of_range_is_refused(door, refusal, operation, number, constraint):
    unchecked = door.unchecked("ecr")
    unchecked.create_repository(repositoryName="app")

    refused = refusal(getattr(unchecked, operation), repositoryName="app", maxResults=number)

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        f"Invalid parameter at 'maxResults' failed to satisfy constraint: '{constraint}'"
    )


@pytest.mark.parametrize("token", ["nonsense", "AAAA"])
def test_list_images_refuses_a_token_that_it_did_not_make(ecr, repository, three, refusal, token):
    refused = refusal(ecr.list_images, repositoryName=repository, nextToken=token)

    assert refused.code == "InvalidParameterException"
