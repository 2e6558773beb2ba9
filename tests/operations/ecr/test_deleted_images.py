"""What holds an image back from deletion, and what becomes of the layers of a deleted one."""

from __future__ import annotations

import re

import pytest

LIST_TYPES = pytest.mark.parametrize("docker", [False, True], ids=["OCI index", "Docker list"])


def is_held(failure: dict, image_id: dict, *indexes) -> bool:
    """Tell whether a failure says that the image is referenced by exactly *indexes*."""
    found = re.fullmatch(
        r"Requested image referenced by manifest list: \[(.*)\]", failure["failureReason"]
    )
    return (
        failure["imageId"] == image_id
        and failure["failureCode"] == "ImageReferencedByManifestList"
        and sorted(found[1].split(", ")) == sorted(index.digest for index in indexes)
    )


@pytest.fixture
def availability(ecr, repository):
    """Return what the layers of an image are: a set of AVAILABLE, UNAVAILABLE."""

    def availability(image, name: str = repository) -> set[str]:
        response = ecr.batch_check_layer_availability(
            repositoryName=name, layerDigests=list(image.blobs)
        )
        return {each["layerAvailability"] for each in response["layers"]}

    return availability


# ----------------------------------------------------------------------- children of an index


@LIST_TYPES
def test_a_child_of_an_index_cannot_be_deleted(images, docker):
    index, amd64, arm64 = images.push_index("v1", docker=docker)
    image_id = {"imageDigest": amd64.digest}

    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert len(failures) == 1
    assert is_held(failures[0], image_id, index)
    assert images.tags() == {index.digest: ["v1"], amd64.digest: None, arm64.digest: None}


def test_a_child_of_two_indexes_is_held_by_both(images):
    index, amd64, _arm64 = images.push_index("v1")
    second = images.index(amd64)
    images.push(second, "v2")
    image_id = {"imageDigest": amd64.digest}

    _deleted, failures = images.delete(image_id)

    assert is_held(failures[0], image_id, index, second)


def test_the_last_tag_of_a_child_cannot_be_deleted(images):
    index, amd64, _arm64 = images.push_index("v1")
    images.push(amd64, "v1-amd64")
    image_id = {"imageTag": "v1-amd64"}

    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert is_held(failures[0], image_id, index)
    assert images.tags()[amd64.digest] == ["v1-amd64"]


def test_one_of_two_tags_of_a_child_can_be_deleted(images):
    _index, amd64, _arm64 = images.push_index("v1")
    images.push(amd64, "one")
    images.push(amd64, "two")

    deleted, failures = images.delete({"imageTag": "one"})

    assert deleted == [{"imageDigest": amd64.digest, "imageTag": "one"}]
    assert failures == []
    assert images.tags()[amd64.digest] == ["two"]


def test_a_tagged_child_keeps_its_tags_when_its_digest_is_held(images):
    index, amd64, _arm64 = images.push_index("v1")
    images.push(amd64, "one")
    images.push(amd64, "two")
    image_id = {"imageDigest": amd64.digest}

    deleted, failures = images.delete(image_id)

    assert deleted == []
    assert is_held(failures[0], image_id, index)
    assert images.tags()[amd64.digest] == ["one", "two"]


def test_an_index_in_an_index_is_held(images):
    inner, *_children = images.push_index("inner")
    outer = images.index(inner)
    images.push(outer, "outer")
    image_id = {"imageTag": "inner"}

    _deleted, failures = images.delete(image_id)

    assert is_held(failures[0], image_id, outer)


def test_an_untagged_index_holds_its_children_too(images):
    index, amd64, _arm64 = images.push_index()
    image_id = {"imageDigest": amd64.digest}

    _deleted, failures = images.delete(image_id)

    assert is_held(failures[0], image_id, index)


@pytest.mark.parametrize("order", [1, -1], ids=["index first", "index last"])
def test_an_index_goes_in_one_call_and_its_children_in_the_next(images, order):
    index, *children = images.push_index("v1")
    ids = [{"imageDigest": each.digest} for each in (index, *children)][::order]

    first, failures = images.delete(*ids)
    second, none = images.delete(*[each["imageId"] for each in failures])

    assert first == [{"imageDigest": index.digest, "imageTag": "v1"}]
    assert {each["failureCode"] for each in failures} == {"ImageReferencedByManifestList"}
    assert {each["imageDigest"] for each in second} == {child.digest for child in children}
    assert none == []
    assert images.tags() == {}


def test_the_last_tag_of_an_index_frees_its_children(images):
    index, *children = images.push_index("v1")

    images.delete({"imageTag": "v1"})
    _deleted, failures = images.delete(*[{"imageDigest": child.digest} for child in children])

    assert failures == []
    assert images.tags() == {}
    assert index.digest not in images.describe()


def test_an_index_that_is_replaced_still_holds_its_children(images):
    old, amd64, _arm64 = images.push_index("latest")
    images.push(images.make("new"), "latest")
    image_id = {"imageDigest": amd64.digest}

    _deleted, failures = images.delete(image_id)

    assert is_held(failures[0], image_id, old)


def test_held_images_do_not_hinder_others(images):
    index, amd64, _arm64 = images.push_index("v1")
    other = images.make("other")
    images.push(other, "v2")

    deleted, failures = images.delete({"imageDigest": amd64.digest}, {"imageTag": "v2"})

    assert deleted == [{"imageDigest": other.digest, "imageTag": "v2"}]
    assert len(failures) == 1
    assert is_held(failures[0], {"imageDigest": amd64.digest}, index)


# -------------------------------------------------------------------- layers of deleted images


def test_a_tag_can_be_renamed_by_deleting_and_putting(ecr, repository, images):
    image = images.make(layers=3)
    images.push(image, "old-name")
    images.delete({"imageTag": "old-name"})

    ecr.put_image(repositoryName=repository, imageManifest=image.manifest, imageTag="new-name")

    assert images.tags() == {image.digest: ["new-name"]}


def test_the_layers_of_a_deleted_image_stay_for_most_of_a_day(door, images, availability):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})

    door.aws.clock.advance(hours=23, minutes=59)

    assert availability(image) == {"AVAILABLE"}


def test_the_layers_of_a_deleted_image_are_dropped_after_a_day(door, images, availability):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})

    door.aws.clock.advance(days=1, seconds=1)

    assert availability(image) == {"UNAVAILABLE"}


def test_the_manifest_of_dropped_layers_is_refused(door, ecr, repository, images, refusal):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})
    door.aws.clock.advance(days=2)

    refused = refusal(ecr.put_image, repositoryName=repository, imageManifest=image.manifest)

    assert refused.code == "LayersNotFoundException"


def test_an_image_whose_layers_were_dropped_can_be_pushed_again(door, images):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})
    door.aws.clock.advance(days=2)

    images.push(image, "v1")

    assert images.tags() == {image.digest: ["v1"]}


def test_layers_that_are_used_again_within_the_day_stay(door, images, availability):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})
    door.aws.clock.advance(hours=12)
    images.push(image, "v2")

    door.aws.clock.advance(days=3)

    assert availability(image) == {"AVAILABLE"}


def test_a_second_deletion_begins_a_day_of_its_own(door, images, availability):
    image = images.make()
    for hours in (0, 20):
        door.aws.clock.advance(hours=hours)
        images.push(image, "v1")
        images.delete({"imageTag": "v1"})

    door.aws.clock.advance(hours=20)

    assert availability(image) == {"AVAILABLE"}


def test_layers_that_another_image_has_stay(door, ecr, repository, images):
    oci, docker = images.single, images.from_file("docker-web-app-amd64.json")
    (shared,) = set(oci.layers) & set(docker.layers)
    images.push(oci, "oci")
    images.push(docker, "docker")
    images.delete({"imageTag": "oci"})

    door.aws.clock.advance(days=2)

    response = ecr.batch_check_layer_availability(
        repositoryName=repository, layerDigests=[*oci.layers, *docker.layers[1:]]
    )
    found = {each["layerDigest"]: each["layerAvailability"] for each in response["layers"]}
    assert found == {
        shared: "AVAILABLE",
        oci.layers[1]: "UNAVAILABLE",
        docker.layers[1]: "AVAILABLE",
    }


def test_layers_of_another_repository_stay(door, ecr, images, availability):
    image = images.make()
    images.push(image, "v1")
    ecr.create_repository(repositoryName="other")
    images.push(image, "v1", repository="other")
    images.delete({"imageTag": "v1"})

    door.aws.clock.advance(days=2)

    assert availability(image) == {"UNAVAILABLE"}
    assert availability(image, "other") == {"AVAILABLE"}


def test_an_image_that_lost_its_tag_keeps_its_layers(door, images, availability):
    old = images.make("old")
    images.push(old, "latest")
    images.push(images.make("new"), "latest")

    door.aws.clock.advance(days=2)

    assert availability(old) == {"AVAILABLE"}


def test_the_layers_of_a_deleted_image_cannot_be_downloaded(ecr, repository, images, refusal):
    image = images.make()
    images.push(image, "v1")
    images.delete({"imageTag": "v1"})

    refused = refusal(
        ecr.get_download_url_for_layer, repositoryName=repository, layerDigest=image.layers[0]
    )

    assert refused.code == "LayerInaccessibleException"
