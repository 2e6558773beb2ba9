"""DeleteRepository: what it refuses, what it answers, what is left."""

from __future__ import annotations


def test_delete_repository_answers_with_the_repository_as_it_was(ecr):
    created = ecr.create_repository(repositoryName="app")["repository"]

    deleted = ecr.delete_repository(repositoryName="app")["repository"]

    for member in ("repositoryArn", "registryId", "repositoryName", "repositoryUri", "createdAt"):
        assert deleted[member] == created[member]


def test_delete_repository_makes_it_unknown(ecr, repository, refusal, account):
    ecr.delete_repository(repositoryName=repository)

    refused = refusal(ecr.describe_repositories, repositoryNames=[repository])

    assert refused.code == "RepositoryNotFoundException"
    assert refused.message == (
        f"The repository with name '{repository}' does not exist in the registry "
        f"with id '{account}'"
    )


def test_delete_repository_refuses_while_it_holds_images(ecr, repository, images, refusal, account):
    images.push(images.make())

    refused = refusal(ecr.delete_repository, repositoryName=repository)

    assert refused.code == "RepositoryNotEmptyException"
    assert refused.message == (
        f"The repository with name '{repository}' in registry with id '{account}' "
        "cannot be deleted because it still contains images"
    )


def test_a_refused_delete_keeps_the_images(ecr, repository, images, refusal):
    pushed = images.make()
    images.push(pushed, "v1")

    refusal(ecr.delete_repository, repositoryName=repository, force=False)

    assert images.tags() == {pushed.digest: ["v1"]}


def test_delete_repository_by_force_takes_the_images_along(ecr, repository, images):
    images.push(images.make(), "v1")

    deleted = ecr.delete_repository(repositoryName=repository, force=True)["repository"]

    assert deleted["repositoryName"] == repository
    assert ecr.describe_repositories()["repositories"] == []


def test_delete_repository_takes_one_with_layers_but_no_image(ecr, repository, images):
    images.upload(b"a layer that no image names")

    ecr.delete_repository(repositoryName=repository)

    assert ecr.describe_repositories()["repositories"] == []


def test_a_repository_of_the_same_name_begins_empty(ecr, repository, images):
    pushed = images.make()
    images.push(pushed, "v1")
    ecr.delete_repository(repositoryName=repository, force=True)

    again = ecr.create_repository(repositoryName=repository)["repository"]

    layers = ecr.batch_check_layer_availability(
        repositoryName=repository, layerDigests=[pushed.config]
    )["layers"]
    assert ecr.list_images(repositoryName=repository)["imageIds"] == []
    assert ecr.list_tags_for_resource(resourceArn=again["repositoryArn"])["tags"] == []
    assert layers[0]["layerAvailability"] == "UNAVAILABLE"


def test_a_repository_of_the_same_name_does_not_inherit_tags(ecr):
    tagged = ecr.create_repository(repositoryName="app", tags=[{"Key": "a", "Value": "b"}])
    ecr.delete_repository(repositoryName="app")

    ecr.create_repository(repositoryName="app")

    arn = tagged["repository"]["repositoryArn"]
    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == []


def test_an_upload_does_not_outlive_its_repository(ecr, repository, refusal):
    started = ecr.initiate_layer_upload(repositoryName=repository)
    ecr.delete_repository(repositoryName=repository)
    ecr.create_repository(repositoryName=repository)

    refused = refusal(
        ecr.upload_layer_part,
        repositoryName=repository,
        uploadId=started["uploadId"],
        partFirstByte=0,
        partLastByte=2,
        layerPartBlob=b"abc",
    )

    assert refused.code == "UploadNotFoundException"
