"""Immutable tags, with and without exclusion filters."""

from __future__ import annotations

import pytest


@pytest.fixture
def images_of(door, images):
    """Make a repository of a mode; return what pushes to it."""

    def images_of(mode: str, *filters: str):
        ecr = door.client("ecr")
        parameters = {"repositoryName": "guarded", "imageTagMutability": mode}
        if filters:
            parameters["imageTagMutabilityExclusionFilters"] = [
                {"filterType": "WILDCARD", "filter": each} for each in filters
            ]
        ecr.create_repository(**parameters)
        return type(images)(ecr, "guarded")

    return images_of


def sentence(tag: str) -> str:
    return (
        f"The image tag '{tag}' already exists in the 'guarded' repository "
        "and cannot be overwritten because the tag is immutable."
    )


def test_put_image_refuses_a_second_digest_for_an_immutable_tag(images_of, refusal):
    images = images_of("IMMUTABLE")
    old, new = images.make("old"), images.make("new")
    images.push(old, "v1")

    refused = refusal(images.push, image=new, tag="v1")

    assert refused == ("ImageTagAlreadyExistsException", sentence("v1"))
    assert images.tags() == {old.digest: ["v1"]}


def test_put_image_of_the_same_image_and_tag_is_there_already_even_if_immutable(images_of, refusal):
    images = images_of("IMMUTABLE")
    image = images.make()
    images.push(image, "v1")

    refused = refusal(images.push, image=image, tag="v1")

    assert refused.code == "ImageAlreadyExistsException"


def test_an_immutable_repository_takes_new_tags_for_an_old_image(images_of):
    images = images_of("IMMUTABLE")
    image = images.make()
    images.push(image, "v1")

    images.push(image, "v2")

    assert images.tags() == {image.digest: ["v1", "v2"]}


def test_an_immutable_repository_takes_untagged_images(images_of):
    images = images_of("IMMUTABLE")
    first, second = images.make("first"), images.make("second")

    images.push(first)
    images.push(second)

    assert images.tags() == {first.digest: None, second.digest: None}


@pytest.mark.parametrize(
    ("filters", "tag"),
    [
        (["dev-*"], "dev-1"),
        (["dev-*"], "dev-"),
        (["latest"], "latest"),
        (["*"], "anything"),
        (["*-rc*"], "v1-rc2"),
        (["a", "b", "dev*"], "dev"),
    ],
)
def test_a_filter_makes_a_tag_of_an_immutable_repository_mutable(images_of, filters, tag):
    images = images_of("IMMUTABLE_WITH_EXCLUSION", *filters)
    old, new = images.make("old"), images.make("new")
    images.push(old, tag)

    images.push(new, tag)

    assert images.tags() == {old.digest: None, new.digest: [tag]}


NO_MATCHES = [
    (["dev"], "dev-1"),
    (["dev"], "my-dev"),
    (["dev-*"], "my-dev-1"),
    (["v1.*"], "v1x0"),
    (["DEV*"], "dev-1"),
]


@pytest.mark.parametrize(("filters", "tag"), NO_MATCHES)
def test_a_tag_of_an_immutable_repository_that_no_filter_matches_is_immutable(
    images_of, refusal, filters, tag
):
    images = images_of("IMMUTABLE_WITH_EXCLUSION", *filters)
    images.push(images.make("old"), tag)

    refused = refusal(images.push, image=images.make("new"), tag=tag)

    assert refused == ("ImageTagAlreadyExistsException", sentence(tag))


def test_a_filter_makes_a_tag_of_a_mutable_repository_immutable(images_of, refusal):
    images = images_of("MUTABLE_WITH_EXCLUSION", "release-*")
    images.push(images.make("old"), "release-1")

    refused = refusal(images.push, image=images.make("new"), tag="release-1")

    assert refused == ("ImageTagAlreadyExistsException", sentence("release-1"))


@pytest.mark.parametrize(("filters", "tag"), NO_MATCHES)
def test_a_tag_of_a_mutable_repository_that_no_filter_matches_moves(images_of, filters, tag):
    images = images_of("MUTABLE_WITH_EXCLUSION", *filters)
    old, new = images.make("old"), images.make("new")
    images.push(old, tag)

    images.push(new, tag)

    assert images.tags() == {old.digest: None, new.digest: [tag]}
