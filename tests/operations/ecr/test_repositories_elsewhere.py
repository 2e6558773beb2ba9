"""Repositories that are not there, or in another account, or in another partition."""

from __future__ import annotations

import pytest

DIGEST = "sha256:" + "0" * 64
UPLOAD = "00000000-0000-0000-0000-000000000000"
MANIFEST = '{"mediaType": "application/vnd.oci.image.manifest.v1+json"}'

CALLS = {
    "DescribeRepositories": ("describe_repositories", {}),
    "DeleteRepository": ("delete_repository", {}),
    "InitiateLayerUpload": ("initiate_layer_upload", {}),
    "UploadLayerPart": (
        "upload_layer_part",
        {"uploadId": UPLOAD, "partFirstByte": 0, "partLastByte": 0, "layerPartBlob": b"a"},
    ),
    "CompleteLayerUpload": (
        "complete_layer_upload",
        {"uploadId": UPLOAD, "layerDigests": [DIGEST]},
    ),
    "BatchCheckLayerAvailability": ("batch_check_layer_availability", {"layerDigests": [DIGEST]}),
    "GetDownloadUrlForLayer": ("get_download_url_for_layer", {"layerDigest": DIGEST}),
    "PutImage": ("put_image", {"imageManifest": MANIFEST}),
    "BatchGetImage": ("batch_get_image", {"imageIds": [{"imageTag": "v1"}]}),
    "DescribeImages": ("describe_images", {}),
    "ListImages": ("list_images", {}),
}


@pytest.fixture(params=CALLS)
def operation(request) -> str:
    """Each operation that names a repository which is there."""
    return request.param


@pytest.fixture
def call(ecr, operation):
    """Call the operation with the name of a repository."""
    method, parameters = CALLS[operation]

    def call(name: str, **more) -> dict:
        if operation == "DescribeRepositories":
            named = {"repositoryNames": [name]}
        else:
            named = {"repositoryName": name}
        return getattr(ecr, method)(**named, **parameters, **more)

    return call


def denial(operation: str, arn: str) -> str:
    return (
        "User: arn:aws:iam::123456789012:user/administrator is not authorized to perform: "
        f"ecr:{operation} on resource: {arn} "
        f"because no resource-based policy allows the ecr:{operation} action"
    )


def test_a_repository_that_does_not_exist_is_refused(call, refusal, account):
    refused = refusal(call, name="team/none")

    assert refused.code == "RepositoryNotFoundException"
    assert refused.message == (
        f"The repository with name 'team/none' does not exist in the registry with id '{account}'"
    )


def test_a_repository_of_another_account_is_denied(door, call, operation, refusal, other_account):
    door.client("ecr", account_id=other_account).create_repository(repositoryName="app")

    refused = refusal(call, name="app", registryId=other_account)

    arn = f"arn:aws:ecr:us-east-1:{other_account}:repository/app"
    assert refused == ("AccessDeniedException", denial(operation, arn))


def test_a_denial_does_not_tell_whether_the_repository_exists(
    call, operation, refusal, other_account
):
    refused = refusal(call, name="none", registryId=other_account)

    arn = f"arn:aws:ecr:us-east-1:{other_account}:repository/none"
    assert refused == ("AccessDeniedException", denial(operation, arn))


def test_creating_in_another_account_is_denied(door, ecr, refusal, other_account):
    refused = refusal(ecr.create_repository, repositoryName="app", registryId=other_account)

    stranger = door.client("ecr", account_id=other_account)
    assert refused.code == "AccessDeniedException"
    assert stranger.describe_repositories()["repositories"] == []


def test_a_denial_is_answered_with_status_400(ecr, error_of, other_account):
    response = error_of(ecr.list_images, repositoryName="app", registryId=other_account)

    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_denial_is_in_the_journal(door, ecr, refusal, other_account):
    refusal(ecr.list_images, repositoryName="app", registryId=other_account)

    recorded = door.aws.calls[-1]

    assert recorded.operation == "ListImages"
    assert recorded.error.code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ],
)
def test_a_repository_is_named_as_its_partition_names_it(door, account, region, partition, suffix):
    ecr = door.client("ecr", region_name=region)

    created = ecr.create_repository(repositoryName="team/app")["repository"]

    assert created["repositoryArn"] == (
        f"arn:{partition}:ecr:{region}:{account}:repository/team/app"
    )
    assert created["repositoryUri"] == f"{account}.dkr.ecr.{region}.{suffix}/team/app"


def test_the_tag_operations_work_in_another_partition(door):
    ecr = door.client("ecr", region_name="cn-north-1")
    arn = ecr.create_repository(repositoryName="app")["repository"]["repositoryArn"]

    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "a", "Value": "b"}])

    assert ecr.list_tags_for_resource(resourceArn=arn)["tags"] == [{"Key": "a", "Value": "b"}]


def test_a_denial_names_the_arns_of_its_partition(door, refusal, other_account):
    ecr = door.client("ecr", region_name="cn-north-1")

    refused = refusal(ecr.list_images, repositoryName="app", registryId=other_account)

    assert "User: arn:aws-cn:iam::123456789012:user/administrator " in refused.message
    assert f"arn:aws-cn:ecr:cn-north-1:{other_account}:repository/app " in refused.message
