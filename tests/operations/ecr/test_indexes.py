"""Docker manifest lists and OCI indexes: stored as they came, above images of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[3] / "fixtures"

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
UNKNOWN = "sha256:" + "0" * 64

WEB_APP = "9cbd94eba048e08027b2f749b32c991d62e2c17c7dfe01c3c27ce92a0352ef57"
OCI_CHILDREN = (
    "285ae381e7d6997375fa900f8aff639b2f2cc8a027922ca1b3e360b86ece9e74",
    "df58fe74e37943fdebf9f54726d0409ecdf5449d25f835c58c8b3e9a568aeca1",
)
FILES = {
    "Docker list": ("manifests/docker-manifest-list.json", DOCKER_LIST),
    "OCI index": ("manifests/oci-index.json", OCI_INDEX),
    "OCI layout": (f"images/web-app/blobs/sha256/{WEB_APP}", OCI_INDEX),
}


@pytest.fixture(params=FILES.values(), ids=FILES.keys())
def from_file(request, images):
    """Push the children of an index in `fixtures/`; return its text, its media type and them."""
    name, media_type = request.param
    if media_type == DOCKER_LIST:
        files = ("docker-web-app-amd64.json", "docker-web-app-arm64.json")
    else:
        files = tuple(f"../images/web-app/blobs/sha256/{each}" for each in OCI_CHILDREN)
    children = [images.from_file(each) for each in files]
    for child in children:
        images.push(child)
    return (FIXTURES / name).read_bytes().decode(), media_type, children


@pytest.fixture
def put(ecr, repository):
    def put(manifest: str, **options) -> dict:
        return ecr.put_image(repositoryName=repository, imageManifest=manifest, **options)["image"]

    return put


@pytest.fixture
def get(ecr, repository):
    """Return the one image of an id; index types are accepted."""

    def get(**image_id) -> dict:
        response = ecr.batch_get_image(
            repositoryName=repository,
            imageIds=[image_id],
            acceptedMediaTypes=[OCI_INDEX, DOCKER_LIST],
        )
        assert response["failures"] == []
        (found,) = response["images"]
        return found

    return get


def missing(repository, account, *digests) -> str:
    return (
        f"Images with digests '[{', '.join(digests)}]' required for pushing image into "
        f"repository with name '{repository}' in the registry with id '{account}' do not exist"
    )


# ------------------------------------------------------------------------ what is stored


def test_an_index_is_stored_with_its_media_type(put, images, digest_of, from_file):
    text, media_type, _children = from_file

    reply = put(text, imageTag="1.0.0")

    digest = digest_of(text.encode())
    assert reply["imageId"] == {"imageDigest": digest, "imageTag": "1.0.0"}
    assert reply["imageManifestMediaType"] == media_type
    assert images.describe()[digest]["imageManifestMediaType"] == media_type


def test_an_index_comes_back_by_tag_byte_for_byte(put, get, from_file):
    text, media_type, _children = from_file
    put(text, imageTag="1.0.0")

    found = get(imageTag="1.0.0")

    assert found["imageManifest"] == text
    assert found["imageManifestMediaType"] == media_type


def test_an_index_comes_back_by_digest_byte_for_byte(put, get, digest_of, from_file):
    text, media_type, _children = from_file
    put(text)

    found = get(imageDigest=digest_of(text.encode()))

    assert found["imageManifest"] == text
    assert found["imageManifestMediaType"] == media_type


@pytest.mark.parametrize("edit", ["\n{}", "{}\r\n", " {}\t"], ids=["before", "after", "around"])
def test_white_space_around_an_index_is_part_of_it(put, get, images, digest_of, edit):
    index, *_children = images.push_index()
    text = edit.format(index.manifest)

    put(text, imageTag="spaced")

    assert get(imageTag="spaced")["imageManifest"] == text
    assert get(imageTag="spaced")["imageId"]["imageDigest"] == digest_of(text.encode())


def test_the_same_index_under_another_tag_gets_the_tag(images):
    index, *_children = images.push_index("v1")

    images.push(index, "v2")

    assert images.tags()[index.digest] == ["v1", "v2"]


def test_the_same_index_under_the_same_tag_is_there_already(images, refusal):
    index, *_children = images.push_index("v1")

    refused = refusal(images.push, image=index, tag="v1")

    assert refused.code == "ImageAlreadyExistsException"


def test_a_tag_moves_from_an_image_to_an_index(images):
    image = images.make()
    images.push(image, "latest")

    index, *_children = images.push_index("latest")

    assert images.tags()[index.digest] == ["latest"]
    assert images.tags()[image.digest] is None


def test_an_index_takes_its_media_type_from_the_request(put, get, images):
    index, *_children = images.push_index()
    document = {name: value for name, value in index.document.items() if name != "mediaType"}

    put(json.dumps(document), imageManifestMediaType=OCI_INDEX, imageTag="v1")

    assert get(imageTag="v1")["imageManifestMediaType"] == OCI_INDEX
    assert get(imageTag="v1")["imageManifest"] == json.dumps(document)


# --------------------------------------------------------------------------- its children


def test_the_children_of_an_index_are_untagged_images_of_their_own(images):
    index, *children = images.push_index("v1")

    tags = images.tags()

    assert tags == {index.digest: ["v1"]} | {child.digest: None for child in children}


def test_the_children_of_an_index_are_listed(images):
    index, *children = images.push_index("v1")

    pairs = images.pairs()

    assert pairs == {(index.digest, "v1")} | {(child.digest, None) for child in children}


def test_a_child_of_an_index_can_have_a_tag_of_its_own(images):
    index, amd64, arm64 = images.push_index("v1")

    images.push(amd64, "v1-amd64")

    assert images.tags() == {index.digest: ["v1"], amd64.digest: ["v1-amd64"], arm64.digest: None}


@pytest.mark.parametrize("docker", [False, True], ids=["OCI", "Docker"])
def test_an_index_names_all_children_that_are_missing(images, repository, account, refusal, docker):
    children = [images.make(name, docker=docker) for name in ("one", "two", "three")]
    images.push(children[1])

    refused = refusal(images.push, image=images.index(*children, docker=docker), tag="v1")

    assert refused == (
        "ReferencedImagesNotFoundException",
        missing(repository, account, children[0].digest, children[2].digest),
    )


def test_an_index_that_lacks_a_child_is_not_stored(images, refusal):
    there, absent = images.make("there"), images.make("absent")
    images.push(there)

    refusal(images.push, image=images.index(there, absent), tag="v1")

    assert images.tags() == {there.digest: None}


def test_an_index_does_not_see_the_images_of_another_repository(
    ecr, images, repository, account, refusal
):
    ecr.create_repository(repositoryName="other")
    child = images.make()
    images.push(child, repository="other")

    refused = refusal(images.push, image=images.index(child), tag="v1")

    assert refused == (
        "ReferencedImagesNotFoundException",
        missing(repository, account, child.digest),
    )


def test_a_layer_is_no_child_of_an_index(images, repository, account, refusal):
    image = images.make()
    images.push(image)
    layer = {"mediaType": image.media_type, "digest": image.layers[0], "size": 1}

    refused = refusal(images.push, image=images.index(manifests=[layer]))

    assert refused == (
        "ReferencedImagesNotFoundException",
        missing(repository, account, image.layers[0]),
    )


def test_the_digest_of_an_index_is_checked_before_its_children(images, refusal):
    index = images.index(images.make())

    refused = refusal(images.push, image=index, imageDigest=UNKNOWN)

    assert refused.code == "ImageDigestDoesNotMatchException"


def test_a_child_with_a_digest_that_is_none_is_refused(images, refusal):
    child = {"mediaType": OCI_INDEX, "digest": "nonsense", "size": 1}

    refused = refusal(images.push, image=images.index(manifests=[child]))

    assert refused.code in {"InvalidParameterException", "ReferencedImagesNotFoundException"}
    assert images.tags() == {}


@pytest.mark.parametrize(
    "manifests", ["none", [1], [{"size": 1}], {}], ids=["text", "number", "no digest", "object"]
)
def test_an_index_of_another_shape_is_refused(images, refusal, manifests):
    refused = refusal(images.push, image=images.index(manifests=manifests))

    assert refused.code == "InvalidParameterException"


# ------------------------------------------------------------- nested and empty, and sizes


def test_an_index_of_indexes_is_stored(images, get):
    inner, *_children = images.push_index("inner")
    outer = images.index(inner)

    images.push(outer, "outer")

    assert get(imageTag="outer")["imageManifest"] == outer.manifest
    assert images.tags()[inner.digest] == ["inner"]


def test_an_index_may_mix_images_and_indexes(images, get):
    inner, amd64, _arm64 = images.push_index()
    outer = images.index(amd64, inner)

    images.push(outer, "outer")

    assert get(imageTag="outer")["imageManifest"] == outer.manifest


def test_an_index_of_indexes_needs_the_inner_index(images, repository, account, refusal):
    child = images.make()
    images.push(child)
    inner = images.index(child)

    refused = refusal(images.push, image=images.index(inner), tag="outer")

    assert refused == (
        "ReferencedImagesNotFoundException",
        missing(repository, account, inner.digest),
    )


def test_an_oci_index_may_have_docker_images(images, get):
    child = images.make(docker=True)
    images.push(child)
    index = images.index(child)

    images.push(index, "v1")

    assert get(imageTag="v1")["imageManifest"] == index.manifest


@pytest.mark.parametrize("docker", [False, True], ids=["OCI", "Docker"])
def test_an_index_without_images_is_stored(images, get, docker):
    index = images.index(docker=docker)

    images.push(index, "empty")

    assert get(imageTag="empty")["imageManifest"] == index.manifest
    assert images.tags() == {index.digest: ["empty"]}


def test_the_size_of_an_index_is_that_of_its_largest_child(images):
    children = [images.make(f"{layers} layers", layers=layers) for layers in (2, 5, 1)]
    for child in children:
        images.push(child)
    index = images.index(*children)

    images.push(index)

    sizes = {digest: detail["imageSizeInBytes"] for digest, detail in images.describe().items()}
    assert sizes.pop(index.digest) == max(sizes.values()) == children[1].size


def test_the_size_of_the_web_app_is_that_of_one_platform(put, images, digest_of, from_file):
    text, _media_type, _children = from_file
    put(text)

    detail = images.describe()[digest_of(text.encode())]

    assert detail["imageSizeInBytes"] == 827 + 5143 + 2583


# ----------------------------------------------------------------- what DescribeImages shows


def test_an_index_has_no_artifact_media_type(images):
    index, *_children = images.push_index("v1")

    detail = images.describe()[index.digest]

    assert "artifactMediaType" not in detail
    assert "subjectManifestDigest" not in detail


def test_an_index_with_a_subject_shows_it(images, get):
    subject, child = images.make("subject"), images.make("child")
    images.push(subject, "v1")
    images.push(child)
    named = {"mediaType": subject.media_type, "digest": subject.digest, "size": 1}
    index = images.index(child, subject=named, artifactType="application/vnd.example.set")

    images.push(index)

    assert images.describe()[index.digest]["subjectManifestDigest"] == subject.digest
    assert get(imageDigest=index.digest)["imageManifest"] == index.manifest


def test_an_index_with_a_subject_is_a_referrer_of_it(ecr, repository, images):
    subject, child = images.make("subject"), images.make("child")
    images.push(subject, "v1")
    images.push(child)
    named = {"mediaType": subject.media_type, "digest": subject.digest, "size": 1}
    index = images.index(child, subject=named, artifactType="application/vnd.example.set")
    images.push(index)

    response = ecr.list_image_referrers(
        repositoryName=repository, subjectId={"imageDigest": subject.digest}
    )

    (referrer,) = response["referrers"]
    assert referrer["digest"] == index.digest
    assert referrer["mediaType"] == OCI_INDEX
    assert referrer["artifactType"] == "application/vnd.example.set"
    assert referrer["size"] == len(index.manifest)


def test_an_index_that_is_pushed_is_an_event(door, images):
    index, *_children = images.push_index("v1")

    detail = door.aws.events[-1]["detail"]

    assert detail["image-digest"] == index.digest
    assert detail["image-tag"] == "v1"
    assert detail["action-type"] == "PUSH"
