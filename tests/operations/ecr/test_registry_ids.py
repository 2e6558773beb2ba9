"""Whose registry is meant: `registryId` in every operation that has it, accounts and regions."""

from __future__ import annotations

import pytest
from botocore import xform_name

DIGEST = "sha256:" + "0" * 64
UPLOAD = "00000000-0000-0000-0000-000000000000"
NAME = "team-a/web-app"
PARAMETERS = {
    "BatchCheckLayerAvailability": {"layerDigests": [DIGEST]},
    "BatchDeleteImage": {"imageIds": [{"imageTag": "none"}]},
    "BatchGetImage": {"imageIds": [{"imageTag": "none"}]},
    "CompleteLayerUpload": {"uploadId": UPLOAD, "layerDigests": [DIGEST]},
    "CreateRepository": {},
    "DeleteRepository": {"force": True},
    "DeleteRepositoryPolicy": {},
    "DescribeImages": {},
    "DescribeRepositories": {},
    "GetDownloadUrlForLayer": {"layerDigest": DIGEST},
    "GetRepositoryPolicy": {},
    "InitiateLayerUpload": {},
    "ListImageReferrers": {"subjectId": {"imageDigest": DIGEST}},
    "ListImages": {},
    "PutImage": {"imageManifest": "{}"},
    "PutImageTagMutability": {"imageTagMutability": "IMMUTABLE"},
    "SetRepositoryPolicy": {"policyText": "{}"},
    "UploadLayerPart": {
        "uploadId": UPLOAD,
        "partFirstByte": 0,
        "partLastByte": 0,
        "layerPartBlob": b"a",
    },
}
NOT_BUILT = {
    "CreatePullThroughCacheRule",
    "DeleteLifecyclePolicy",
    "DeletePullThroughCacheRule",
    "DescribeImageReplicationStatus",
    "DescribeImageScanFindings",
    "DescribeImageSigningStatus",
    "DescribePullThroughCacheRules",
    "DescribeReplicationBackfillResults",
    "GetLifecyclePolicy",
    "GetLifecyclePolicyPreview",
    "ListReplicationBackfills",
    "PutImageScanningConfiguration",
    "PutLifecyclePolicy",
    "StartImageScan",
    "StartLifecyclePolicyPreview",
    "StartReplicationBackfill",
    "StopReplicationBackfill",
    "UpdateImageStorageClass",
    "UpdatePullThroughCacheRule",
    "ValidatePullThroughCacheRule",
}
"""Of the operations that take a registry's id, those of which there is nothing to test yet."""
BAD_ID = (
    "InvalidParameterException",
    (
        "Invalid parameter at 'registryId' failed to satisfy constraint: "
        "'must satisfy regular expression [0-9]{12}'"
    ),
)


@pytest.fixture
def call(repository):
    """Call an operation on the repository with a registry's id."""

    def call(client, operation: str, **more) -> dict:
        named = {"repositoryNames": [NAME]} if operation.startswith("DescribeRepo") else {}
        parameters = (named or {"repositoryName": NAME}) | PARAMETERS[operation] | more
        return getattr(client, xform_name(operation))(**parameters)

    return call


def outcome(call, client, operation, **more) -> dict | str:
    """Return the answer, or the error, without what is of the moment."""
    try:
        answer = call(client, operation, **more)
    except client.exceptions.ClientError as error:
        return str(error)
    passing = {"ResponseMetadata", "uploadId", "nextToken"}
    return {name: value for name, value in answer.items() if name not in passing}


# ---------------------------------------------------------------------------- all operations


def test_the_table_has_every_operation_that_takes_a_registry_id(ecr):
    model = ecr.meta.service_model
    takers = {
        name
        for name in model.operation_names
        if "registryId" in getattr(model.operation_model(name).input_shape, "members", {})
    }

    assert takers <= set(PARAMETERS) | NOT_BUILT


@pytest.mark.parametrize("operation", PARAMETERS)
def test_the_own_id_is_the_same_as_none(door, ecr, call, account, operation):
    saved = door.aws.snapshot()
    absent = outcome(call, ecr, operation)
    door.aws.restore(saved)

    explicit = outcome(call, ecr, operation, registryId=account)

    assert explicit == absent


@pytest.mark.parametrize("operation", PARAMETERS)
def test_the_id_of_another_registry_is_honoured(ecr, call, other_account, refusal, operation):
    refused = refusal(
        lambda: call(ecr, operation, registryId=other_account),
    )

    action = "BatchGetImage" if operation == "ListImageReferrers" else operation
    assert refused.code == "AccessDeniedException"
    assert (
        f"ecr:{action} on resource: arn:aws:ecr:us-east-1:{other_account}:repository/{NAME} "
        in refused.message
    )


@pytest.mark.parametrize("operation", PARAMETERS)
@pytest.mark.parametrize("registry_id", ["1234", "12345678901x"], ids=["short", "a letter"])
def test_an_id_has_twelve_digits(call, unchecked, refusal, operation, registry_id):
    refused = refusal(lambda: call(unchecked, operation, registryId=registry_id))

    assert refused == BAD_ID


@pytest.mark.parametrize("registry_id", ["1234567890123", "", " 23456789012", "\uff11" * 12])
def test_an_id_is_twelve_plain_digits_and_nothing_else(unchecked, refusal, registry_id):
    refused = refusal(unchecked.list_images, repositoryName=NAME, registryId=registry_id)

    assert refused == BAD_ID


# --------------------------------------------------------------------- accounts and regions


@pytest.fixture(params=["account", "region"])
def elsewhere(request, door, other_account):
    """A client of another account, or of another region."""
    if request.param == "account":
        return door.client("ecr", account_id=other_account)
    return door.client("ecr", region_name="eu-west-1")


def test_repositories_of_the_same_name_do_not_mix(ecr, images, elsewhere):
    elsewhere.create_repository(repositoryName=NAME, imageTagMutability="IMMUTABLE")
    image = images.make()
    images.push(image, "v1")

    (there,) = elsewhere.describe_repositories()["repositories"]

    assert elsewhere.list_images(repositoryName=NAME)["imageIds"] == []
    assert there["imageTagMutability"] == "IMMUTABLE"
    assert images.tags() == {image.digest: ["v1"]}


def test_what_is_deleted_here_stays_elsewhere(ecr, repository, elsewhere):
    elsewhere.create_repository(repositoryName=NAME)

    ecr.delete_repository(repositoryName=repository, force=True)

    assert ecr.describe_repositories()["repositories"] == []
    assert len(elsewhere.describe_repositories()["repositories"]) == 1


def test_layers_are_of_one_registry(images, elsewhere):
    elsewhere.create_repository(repositoryName=NAME)
    digest = images.upload(b"a layer")

    response = elsewhere.batch_check_layer_availability(repositoryName=NAME, layerDigests=[digest])

    assert [each["layerAvailability"] for each in response["layers"]] == ["UNAVAILABLE"]


def test_an_upload_is_of_one_registry(ecr, repository, elsewhere, refusal):
    elsewhere.create_repository(repositoryName=NAME)
    upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]

    refused = refusal(
        elsewhere.upload_layer_part,
        repositoryName=NAME,
        uploadId=upload,
        partFirstByte=0,
        partLastByte=0,
        layerPartBlob=b"a",
    )

    assert refused.code == "UploadNotFoundException"


def test_a_registry_id_does_not_reach_into_another_region(door, repository, account, refusal):
    ecr = door.client("ecr", region_name="eu-west-1")

    refused = refusal(ecr.list_images, repositoryName=repository, registryId=account)

    assert refused.code == "RepositoryNotFoundException"


def test_credentials_that_are_no_account_are_of_the_default_one(door, account):
    ecr = door.client("ecr", account_id="AKIAIOSFODNN7EXAMPLE")

    assert ecr.describe_registry()["registryId"] == account


# -------------------------------------------------------------- DescribeRegistry and settings


def test_a_registry_is_described_by_its_id_and_its_replication(ecr, account):
    response = ecr.describe_registry()

    response.pop("ResponseMetadata")
    assert response == {"registryId": account, "replicationConfiguration": {"rules": []}}


def test_another_account_has_another_registry(door, other_account):
    response = door.client("ecr", account_id=other_account).describe_registry()

    assert response["registryId"] == other_account


SETTINGS = {
    "BASIC_SCAN_TYPE_VERSION": "AWS_NATIVE",
    "REGISTRY_POLICY_SCOPE": "V2",
    "BLOB_MOUNTING": "DISABLED",
}


def setting_of(client, name: str) -> str:
    response = client.get_account_setting(name=name)
    response.pop("ResponseMetadata")
    assert response.pop("name") == name
    return response.pop("value")


@pytest.mark.parametrize(("name", "value"), SETTINGS.items())
def test_a_setting_that_nobody_put_has_its_default(ecr, name, value):
    assert setting_of(ecr, name) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASIC_SCAN_TYPE_VERSION", "AWS_NATIVE"),
        ("REGISTRY_POLICY_SCOPE", "V2"),
        ("BLOB_MOUNTING", "ENABLED"),
        ("BLOB_MOUNTING", "DISABLED"),
    ],
)
def test_a_setting_is_answered_and_kept(ecr, name, value):
    response = ecr.put_account_setting(name=name, value=value)

    response.pop("ResponseMetadata")
    assert response == {"name": name, "value": value}
    assert setting_of(ecr, name) == value


def test_a_setting_can_be_taken_back(ecr):
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    ecr.put_account_setting(name="BLOB_MOUNTING", value="DISABLED")

    assert setting_of(ecr, "BLOB_MOUNTING") == "DISABLED"


def test_one_setting_leaves_the_others(ecr):
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    assert {name: setting_of(ecr, name) for name in SETTINGS} == SETTINGS | {
        "BLOB_MOUNTING": "ENABLED"
    }


def test_a_setting_is_of_one_account_and_region(ecr, elsewhere):
    ecr.put_account_setting(name="BLOB_MOUNTING", value="ENABLED")

    assert setting_of(elsewhere, "BLOB_MOUNTING") == "DISABLED"


REFUSALS = {"InvalidParameterException", "ValidationException"}


@pytest.mark.parametrize("name", ["NONE", "blob_mounting", "A" * 64])
def test_an_unknown_setting_is_refused(ecr, refusal, name):
    asked = refusal(ecr.get_account_setting, name=name)
    put = refusal(ecr.put_account_setting, name=name, value="ENABLED")

    assert {asked.code, put.code} <= REFUSALS


@pytest.mark.parametrize("name", ["", "A" * 65], ids=["no character", "65 characters"])
def test_the_name_of_a_setting_has_one_to_64_characters(unchecked, refusal, name):
    refused = refusal(unchecked.get_account_setting, name=name)

    assert refused.code in REFUSALS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASIC_SCAN_TYPE_VERSION", "V2"),
        ("REGISTRY_POLICY_SCOPE", "V3"),
        ("BLOB_MOUNTING", "on"),
        ("BLOB_MOUNTING", "enabled"),
        ("BLOB_MOUNTING", ""),
    ],
)
def test_an_unknown_value_is_refused(ecr, refusal, name, value):
    refused = refusal(ecr.put_account_setting, name=name, value=value)

    assert refused.code in REFUSALS
    assert setting_of(ecr, name) == SETTINGS[name]


@pytest.mark.parametrize(
    "parameters", [{}, {"name": "BLOB_MOUNTING"}, {"value": "ENABLED"}], ids=str
)
def test_name_and_value_are_required(unchecked, refusal, parameters):
    refused = refusal(unchecked.put_account_setting, **parameters)

    assert refused.code in REFUSALS
