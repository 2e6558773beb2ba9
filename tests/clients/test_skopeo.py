"""skopeo pushes to the registry, reads it, copies inside it and deletes from it."""

from __future__ import annotations

import json

import pytest

pytestmark = [pytest.mark.clients, pytest.mark.usefixtures("logged_in")]

OCI = "application/vnd.oci.image"
DOCKER = "application/vnd.docker"


# ----------------------------------------------------------------------------- in and out


def test_what_was_pushed_is_pulled_blob_by_blob(skopeo, registry, image, fetched):
    skopeo("copy", "--all", image, registry.at(":v1"))

    skopeo("copy", "--all", registry.at(":v1"), fetched)

    assert fetched.digest == image.digest
    assert fetched.blobs() == image.blobs()


def test_describe_images_shows_an_image_as_it_was_pushed(skopeo, registry, single):
    skopeo("copy", single, registry.at(":v1"))
    skopeo("copy", single, registry.at(":v2"))

    [shown] = registry.described().values()

    parts = [single.document["config"], *single.document["layers"]]
    assert {name: shown[name] for name in shown if not name.endswith(("At", "Time"))} == {
        "registryId": registry.account,
        "repositoryName": registry.repository,
        "imageDigest": single.digest,
        "imageTags": ["v1", "v2"],
        "imageSizeInBytes": sum(part["size"] for part in parts),
        "imageManifestMediaType": f"{OCI}.manifest.v1+json",
        "artifactMediaType": f"{OCI}.config.v1+json",
        "imageStatus": "ACTIVE",
    }


def test_describe_images_shows_an_index_and_each_image_in_it(skopeo, registry, web_app):
    skopeo("copy", "--all", web_app, registry.at(":v1"))

    shown = registry.described()

    amd64, arm64 = web_app.child("amd64"), web_app.child("arm64")
    index = shown[web_app.digest]
    assert registry.tags() == {web_app.digest: ["v1"], amd64: None, arm64: None}
    assert index["imageManifestMediaType"] == f"{OCI}.index.v1+json"
    assert index["imageSizeInBytes"] == max(
        shown[amd64]["imageSizeInBytes"], shown[arm64]["imageSizeInBytes"]
    )


def test_an_image_in_dockers_format_keeps_the_layers(skopeo, registry, single):
    skopeo("copy", "--format", "v2s2", single, registry.at(":v1"))

    manifest = json.loads(skopeo("inspect", "--raw", registry.at(":v1")))

    [shown] = registry.described().values()
    layers = single.document["layers"]
    assert manifest["mediaType"] == f"{DOCKER}.distribution.manifest.v2+json"
    assert shown["imageManifestMediaType"] == f"{DOCKER}.distribution.manifest.v2+json"
    assert shown["artifactMediaType"] == f"{DOCKER}.container.image.v1+json"
    assert [each["digest"] for each in manifest["layers"]] == [each["digest"] for each in layers]


def test_an_image_is_pushed_and_pulled_by_digest(skopeo, registry, single, fetched):
    image = registry.at(f"@{single.digest}")
    skopeo("copy", single, image)

    skopeo("copy", image, fetched)

    assert fetched.blobs() == single.blobs()
    assert registry.tags() == {single.digest: None}


def test_an_image_of_an_index_is_pulled_for_its_platform(skopeo, registry, web_app, fetched):
    skopeo("copy", "--all", web_app, registry.at(":v1"))

    skopeo("--override-arch", "arm64", "copy", registry.at(":v1"), fetched)

    assert fetched.digest == web_app.child("arm64")


# ----------------------------------------------------------------------------- reading


def test_inspect_shows_the_digest_the_labels_and_the_tags(skopeo, registry, single):
    skopeo("copy", single, registry.at(":v1"))
    skopeo("copy", single, registry.at(":v2"))

    shown = json.loads(skopeo("inspect", registry.at(":v1")))

    config = json.loads(single.blobs()[single.document["config"]["digest"]])
    assert shown["Digest"] == single.digest
    assert shown["Labels"] == config["config"]["Labels"]
    assert shown["Architecture"] == config["architecture"]
    assert sorted(shown["RepoTags"]) == ["v1", "v2"]


def test_inspect_raw_gives_the_bytes_that_were_pushed(skopeo, registry, image):
    skopeo("copy", "--all", image, registry.at(":v1"))

    raw = skopeo("inspect", "--raw", registry.at(":v1"))

    assert raw.encode() == image.manifest


def test_list_tags_follows_every_page(skopeo, registry, single):
    skopeo("copy", single, registry.at(":first"))
    more = [f"v{number}" for number in range(120)]
    again = {"repositoryName": registry.repository, "imageManifest": single.manifest.decode()}
    for tag in more:
        registry.ecr.put_image(**again, imageTag=tag)
    registry.calls.clear()

    listed = json.loads(skopeo("list-tags", registry.at()))

    assert sorted(listed["Tags"]) == sorted(["first", *more])
    assert len(registry.calls("ecr.ListImages")) > 1


# ----------------------------------------------------------------------------- refusals of ECR


def test_a_push_to_a_missing_repository_is_refused_in_words_of_ecr(skopeo, registry, single):
    complaint = skopeo("copy", single, registry.at(":v1", "nowhere"), fails=True)

    assert (
        "The repository with name 'nowhere' does not exist in the registry "
        f"with id '{registry.account}'" in complaint
    )


def test_an_immutable_tag_is_pushed_once(skopeo, registry, single):
    registry.ecr.put_image_tag_mutability(
        repositoryName=registry.repository, imageTagMutability="IMMUTABLE"
    )
    skopeo("copy", single, registry.at(":v1"))

    complaint = skopeo("copy", single, registry.at(":v1"), fails=True)

    assert (
        f"The image tag 'v1' already exists in the '{registry.repository}' repository and cannot "
        "be overwritten because the tag is immutable." in complaint
    )


def test_an_image_that_is_not_there_is_unknown(skopeo, registry):
    complaint = skopeo("inspect", "--raw", registry.at(":v1"), fails=True)

    assert "manifest unknown: Requested image not found" in complaint


# ----------------------------------------------------------------------------- deleting


def test_delete_removes_the_image_with_all_its_tags(skopeo, registry, single):
    skopeo("copy", single, registry.at(":v1"))
    skopeo("copy", single, registry.at(":v2"))

    skopeo("delete", registry.at(":v1"))

    assert registry.tags() == {}


def test_delete_leaves_an_image_that_an_index_names(skopeo, registry, web_app):
    skopeo("copy", "--all", web_app, registry.at(":v1"))
    child = web_app.child("arm64")

    complaint = skopeo("delete", registry.at(f"@{child}"), fails=True)

    assert f"Requested image referenced by manifest list: [{web_app.digest}]" in complaint
    assert child in registry.tags()


# ----------------------------------------------------------------------------- between repositories


def test_an_index_is_copied_from_one_repository_to_another(skopeo, registry, web_app, fetched):
    registry.create("team-b/copy")
    skopeo("copy", "--all", web_app, registry.at(":v1"))

    skopeo("copy", "--all", registry.at(":v1"), registry.at(":v1", "team-b/copy"))

    skopeo("copy", "--all", registry.at(":v1", "team-b/copy"), fetched)
    assert fetched.blobs() == web_app.blobs()


def test_layers_are_mounted_where_the_account_lets_them_be(skopeo, registry, single, fetched):
    registry.create("team-b/copy")
    registry.ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")
    skopeo("copy", single, registry.at(":v1"))
    registry.calls.clear()

    skopeo("copy", registry.at(":v1"), registry.at(":v1", "team-b/copy"))

    uploads = registry.calls("ecr.CompleteLayerUpload")
    config = single.document["config"]["digest"]  # skopeo mounts no configuration
    assert [call.request["layerDigests"] for call in uploads] == [[config]]
    skopeo("copy", registry.at(":v1", "team-b/copy"), fetched)
    assert fetched.blobs() == single.blobs()
