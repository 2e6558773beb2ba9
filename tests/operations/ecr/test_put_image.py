"""PutImage: its decisions, in the order in which they are taken."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

MANIFESTS = Path(__file__).parents[3] / "fixtures" / "manifests"

INVALID_JSON = ("ImageManifest", "Invalid JSON syntax")
UNKNOWN = "sha256:" + "0" * 64


@pytest.fixture
def put(ecr, repository):
    """Put a manifest as it is, without its blobs."""

    def put(manifest: str, **options) -> dict:
        return ecr.put_image(repositoryName=repository, imageManifest=manifest, **options)

    return put


def edited(image, **members) -> str:
    return json.dumps(image.document | members)


# ------------------------------------------------------------------ 1: the repository


def test_put_image_refuses_an_unknown_repository(ecr, images, refusal, account):
    refused = refusal(ecr.put_image, repositoryName="none", imageManifest=images.make().manifest)

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'none' does not exist in the registry with id '{account}'",
    )


# -------------------------------------------------------------------- 2: the manifest


@pytest.mark.parametrize(
    "manifest",
    ["nonsense", "{", "[]", "1", '"text"', "null", "{}"],
    ids=["text", "open brace", "list", "number", "string", "null", "empty object"],
)
def test_put_image_refuses_a_manifest_that_is_none(put, refusal, invalid, manifest):
    refused = refusal(put, manifest=manifest)

    assert refused == invalid(*INVALID_JSON)


def test_put_image_refuses_a_manifest_that_nobody_gives_a_media_type(put, images, refusal, invalid):
    image = images.from_file("oci-without-media-type.json")
    images.upload_blobs(image)

    refused = refusal(put, manifest=image.manifest)

    assert refused == invalid(*INVALID_JSON)


def test_put_image_takes_the_media_type_from_the_request(put, images):
    image = images.from_file("oci-without-media-type.json")
    images.upload_blobs(image)
    media_type = "application/vnd.oci.image.manifest.v1+json"

    reply = put(image.manifest, imageManifestMediaType=media_type)["image"]

    assert reply["imageManifest"] == image.manifest
    assert reply["imageManifestMediaType"] == media_type
    assert reply["imageId"] == {"imageDigest": image.digest}


@pytest.mark.parametrize(
    "members",
    [{"layers": "none"}, {"layers": [1]}, {"layers": [{"size": 1}]}, {"config": []}],
    ids=["layers as text", "layer as number", "layer without digest", "config as list"],
)
def test_put_image_refuses_a_manifest_of_another_shape(put, images, refusal, members):
    image = images.make()
    images.upload_blobs(image)

    refused = refusal(put, manifest=edited(image, **members))

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/json", "application/vnd.oci.image.config.v1+json"]
)
def test_put_image_refuses_a_media_type_that_is_no_manifests(put, images, refusal, media_type):
    image = images.make()
    images.upload_blobs(image)

    refused = refusal(put, manifest=image.manifest, imageManifestMediaType=media_type)

    assert refused.code == "InvalidParameterException"


def test_put_image_refuses_a_manifest_of_no_characters(repository, unchecked, refusal):
    refused = refusal(unchecked.put_image, repositoryName=repository, imageManifest="")

    assert refused.code == "InvalidParameterException"


# ---------------------------------------------------------------------- 3: the layers


def test_put_image_refuses_too_many_layers(put, images, refusal, invalid):
    image = images.make()
    images.upload_blobs(image)
    layers = image.document["layers"] * 5000

    refused = refusal(put, manifest=edited(image, layers=layers))

    assert refused == invalid("ImageManifest", "Limit on number of layers per image exceeded")


def test_put_image_accepts_ninety_nine_layers(put, images):
    image = images.make(layers=99)
    images.upload_blobs(image)

    reply = put(image.manifest)["image"]

    assert reply["imageId"]["imageDigest"] == image.digest


# ---------------------------------------------------------------------- 4: the digest


def test_put_image_refuses_a_digest_that_is_not_the_manifests(
    put, images, repository, refusal, account
):
    image = images.make()
    images.upload_blobs(image)

    refused = refusal(put, manifest=image.manifest, imageDigest=UNKNOWN)

    # Which of the two digests AWS names is open.
    sentence = (
        f"The image with digest '{{}}' in repository '{repository}' and registry ID '{account}' "
        "does not match the image digest that Amazon ECR has calculated."
    )
    assert refused.code == "ImageDigestDoesNotMatchException"
    assert refused.message in {sentence.format(UNKNOWN), sentence.format(image.digest)}


def test_put_image_checks_the_digest_before_the_layers(put, images, refusal):
    refused = refusal(put, manifest=images.make().manifest, imageDigest=UNKNOWN)

    assert refused.code == "ImageDigestDoesNotMatchException"


def test_put_image_accepts_the_digest_of_the_manifest(put, images):
    image = images.make()
    images.upload_blobs(image)

    reply = put(image.manifest, imageDigest=image.digest)["image"]

    assert reply["imageId"] == {"imageDigest": image.digest}


# ----------------------------------------------------------- 5 and 6: what it refers to


def test_put_image_names_the_layer_that_is_missing(put, images, repository, refusal, account):
    image = images.make()
    images.upload(image.blobs[image.config])

    refused = refusal(put, manifest=image.manifest)

    assert refused.code == "LayersNotFoundException"
    assert refused.message == (
        f"Layers with digests '[{image.layers[0]}]' required for pushing image into repository "
        f"with name '{repository}' in the registry with id '{account}' do not exist"
    )


def test_put_image_names_all_that_is_missing_the_config_too(put, images, refusal):
    image = images.make(layers=3)
    images.upload(image.blobs[image.layers[1]])

    refused = refusal(put, manifest=image.manifest)

    listed = re.search(r"'\[(.*)\]'", refused.message)[1].split(", ")
    assert refused.code == "LayersNotFoundException"
    assert sorted(listed) == sorted([image.config, image.layers[0], image.layers[2]])


def test_put_image_does_not_see_the_layers_of_another_repository(ecr, put, images, refusal):
    image = images.make()
    ecr.create_repository(repositoryName="other")
    images.upload_blobs(image, "other")

    refused = refusal(put, manifest=image.manifest)

    assert refused.code == "LayersNotFoundException"


@pytest.mark.parametrize("name", ["oci-index.json", "docker-manifest-list.json"])
def test_put_image_names_all_children_that_an_index_lacks(put, repository, refusal, account, name):
    index = (MANIFESTS / name).read_bytes().decode()
    children = [child["digest"] for child in json.loads(index)["manifests"]]

    refused = refusal(put, manifest=index, imageTag="v1")

    assert refused.code == "ReferencedImagesNotFoundException"
    assert refused.message == (
        f"Images with digests '[{', '.join(children)}]' required for pushing image into "
        f"repository with name '{repository}' in the registry with id '{account}' do not exist"
    )


# ------------------------------------------------------------------ 7: nothing changes


def test_put_image_refuses_what_is_there_under_the_same_tag(
    put, images, repository, refusal, account
):
    image = images.make()
    images.push(image, "v1")

    refused = refusal(put, manifest=image.manifest, imageTag="v1")

    assert refused.code == "ImageAlreadyExistsException"
    assert refused.message == (
        f"Image with digest '{image.digest}' and tag 'v1' already exists "
        f"in the repository with name '{repository}' in registry with id '{account}'"
    )


@pytest.mark.parametrize("tag", [None, "v1"], ids=["untagged", "tagged"])
def test_put_image_without_a_tag_refuses_an_image_that_is_there(put, images, refusal, tag):
    image = images.make()
    images.push(image, tag)

    refused = refusal(put, manifest=image.manifest)

    assert refused.code == "ImageAlreadyExistsException"


# ------------------------------------------------------------------------ 9: the limit


def test_put_image_refuses_the_thousand_and_first_tag(put, images, repository, refusal, account):
    image = images.make()
    images.push(image, "tag-0")
    for number in range(1, 1000):
        put(image.manifest, imageTag=f"tag-{number}")

    refused = refusal(put, manifest=image.manifest, imageTag="one-more")

    assert refused.code == "LimitExceededException"
    assert refused.message == (
        "Adding tag 'one-more' to an image in the repository with name "
        f"'{repository}' in registry with id '{account}' exceeds the maximum allowed "
        "number of tags per image which is '1000'"
    )


# ---------------------------------------------------------------------- 11: it is stored


def test_put_image_without_a_tag_answers_none(images):
    reply = images.push(images.make())

    assert set(reply["imageId"]) == {"imageDigest"}


def test_put_image_adds_a_tag_to_an_image_that_is_there(put, images):
    image = images.make()
    images.push(image, "v1")

    put(image.manifest, imageTag="v2")

    assert images.tags() == {image.digest: ["v1", "v2"]}


def test_put_image_moves_a_tag_and_leaves_the_old_image_untagged(images):
    old, new = images.make("old"), images.make("new")
    images.push(old, "latest")

    images.push(new, "latest")

    assert images.tags() == {old.digest: None, new.digest: ["latest"]}


def test_put_image_moves_one_tag_and_leaves_the_others(images):
    old, new = images.make("old"), images.make("new")
    images.push(old, "latest")
    images.push(old, "v1")

    images.push(new, "latest")

    assert images.tags() == {old.digest: ["v1"], new.digest: ["latest"]}


def test_put_image_moves_a_tag_back(put, images):
    old, new = images.make("old"), images.make("new")
    images.push(old, "latest")
    images.push(new, "latest")

    put(old.manifest, imageTag="latest")

    assert images.tags() == {old.digest: ["latest"], new.digest: None}


def test_manifests_that_differ_in_white_space_are_two_images(put, images):
    image = images.make()
    images.push(image, "v1")

    put(image.manifest + "\n", imageTag="v2")

    assert len(images.tags()) == 2


@pytest.mark.parametrize("tag", ["a b", "a/b", "a:b", "ä"])
def test_put_image_refuses_a_tag_with_other_characters(put, images, refusal, tag):
    image = images.make()
    images.upload_blobs(image)

    refused = refusal(put, manifest=image.manifest, imageTag=tag)

    assert refused.code == "InvalidParameterException"
    assert refused.message.startswith(
        "Invalid parameter at 'imageTag' failed to satisfy constraint"
    )


def test_a_refused_put_stores_nothing(put, images, refusal):
    image = images.make()
    images.upload(image.blobs[image.config])

    refusal(put, manifest=image.manifest, imageTag="v1")

    assert images.tags() == {}
