"""What repository policies allow and deny: to other accounts, and to the account itself."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

DIGEST = "sha256:" + "0" * 64
MANIFEST = '{"mediaType": "application/vnd.oci.image.manifest.v1+json"}'
UPLOAD = "00000000-0000-0000-0000-000000000000"
OTHER_ADMINISTRATOR = "arn:aws:iam::999988887777:user/administrator"

OPERATIONS = {
    "BatchCheckLayerAvailability": ("batch_check_layer_availability", {"layerDigests": [DIGEST]}),
    "BatchDeleteImage": ("batch_delete_image", {"imageIds": [{"imageTag": "none"}]}),
    "BatchGetImage": ("batch_get_image", {"imageIds": [{"imageTag": "none"}]}),
    "CompleteLayerUpload": (
        "complete_layer_upload",
        {"uploadId": UPLOAD, "layerDigests": [DIGEST]},
    ),
    "DeleteRepository": ("delete_repository", {}),
    "DeleteRepositoryPolicy": ("delete_repository_policy", {}),
    "DescribeImages": ("describe_images", {}),
    "GetDownloadUrlForLayer": ("get_download_url_for_layer", {"layerDigest": DIGEST}),
    "GetRepositoryPolicy": ("get_repository_policy", {}),
    "InitiateLayerUpload": ("initiate_layer_upload", {}),
    "ListImages": ("list_images", {}),
    "PutImage": ("put_image", {"imageManifest": MANIFEST}),
    "PutImageTagMutability": ("put_image_tag_mutability", {"imageTagMutability": "IMMUTABLE"}),
    "SetRepositoryPolicy": ("set_repository_policy", {"policyText": "{}"}),
    "UploadLayerPart": (
        "upload_layer_part",
        {"uploadId": UPLOAD, "partFirstByte": 0, "partLastByte": 0, "layerPartBlob": b"a"},
    ),
}


def allow(action, principal="*") -> dict:
    return {"Effect": "Allow", "Principal": principal, "Action": action}


def deny(action, principal="*") -> dict:
    return allow(action, principal) | {"Effect": "Deny"}


def denial(caller: str, operation: str, repository: str = "team-a/web-app") -> tuple[str, str]:
    arn = f"arn:aws:ecr:us-east-1:123456789012:repository/{repository}"
    return (
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: ecr:{operation} on resource: {arn}",
    )


def no_grant(operation: str, repository: str = "team-a/web-app") -> tuple[str, str]:
    code, text = denial(OTHER_ADMINISTRATOR, operation, repository)
    return code, f"{text} because no resource-based policy allows the ecr:{operation} action"


def explicit(caller: str, operation: str) -> tuple[str, str]:
    code, text = denial(caller, operation)
    return code, f"{text} with an explicit deny in a resource-based policy"


@pytest.fixture
def put_policy(ecr, repository):
    """Set the policy of the repository by force; it may lock out whom it likes."""

    def put_policy(*statements: dict) -> None:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        ecr.set_repository_policy(
            repositoryName=repository, policyText=json.dumps(document), force=True
        )

    return put_policy


@pytest.fixture
def stranger(door, other_account):
    """The administrator of another account."""
    return door.client("ecr", account_id=other_account)


@pytest.fixture
def look(stranger, repository, account):
    """Let the other account describe the images of the repository."""
    return lambda: stranger.describe_images(registryId=account, repositoryName=repository)


@pytest.fixture
def use(stranger, repository, account):
    """Let the other account use an operation on the repository."""

    def use(operation: str) -> dict:
        method, parameters = OPERATIONS[operation]
        return getattr(stranger, method)(
            registryId=account, repositoryName=repository, **parameters
        )

    return use


# -------------------------------------------------------------------------------- no grant


@pytest.mark.parametrize("operation", OPERATIONS)
def test_another_account_needs_a_grant(use, refusal, operation):
    refused = refusal(use, operation=operation)

    assert refused == no_grant(operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_grant_of_all_other_actions_is_none(put_policy, use, refusal, operation):
    put_policy(allow([f"ecr:{each}" for each in OPERATIONS if each != operation]))

    refused = refusal(use, operation=operation)

    assert refused == no_grant(operation)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_grant_of_the_one_action_is_enough(door, put_policy, use, operation):
    put_policy(allow(f"ecr:{operation}"))

    with suppress(ClientError):  # there is no such image, layer, upload
        use(operation)

    call = door.aws.calls[-1]
    assert call.operation == operation
    assert call.decision.is_allowed
    assert call.error is None or call.error.code != "AccessDeniedException"


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": "999988887777"},
        {"AWS": "arn:aws:iam::999988887777:root"},
        {"AWS": OTHER_ADMINISTRATOR},
        {"AWS": ["111122223333", OTHER_ADMINISTRATOR]},
        {"AWS": "999988887777", "Service": "lambda.amazonaws.com"},
    ],
    ids=["everyone", "everyone's ARN", "account", "root", "user", "one of two", "with a service"],
)
def test_a_grant_can_name_the_caller_in_many_ways(put_policy, look, principal):
    put_policy(allow("ecr:DescribeImages", principal))

    assert look()["imageDetails"] == []


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "111122223333"},
        {"AWS": "123456789012"},
        {"AWS": "arn:aws:iam::999988887777:user/somebody"},
        {"AWS": "arn:aws:iam::999988887777:user/Administrator"},
        {"AWS": "arn:aws:iam::999988887777:role/administrator"},
        {"AWS": "arn:aws:iam::111122223333:user/administrator"},
        {"Service": "lambda.amazonaws.com"},
    ],
    ids=["account", "own account", "user", "case", "role", "user elsewhere", "service"],
)
def test_a_grant_to_somebody_else_is_none(put_policy, look, refusal, principal):
    put_policy(allow("ecr:*", principal))

    refused = refusal(look)

    assert refused == no_grant("DescribeImages")


@pytest.mark.parametrize(
    "action",
    ["ecr:*", "ecr:Describe*", "ecr:*Images", "ecr:Describe?mages", "ECR:describeimages"],
)
def test_a_grant_can_have_wildcards_and_any_case(put_policy, look, action):
    put_policy(allow(action))

    assert look()["imageDetails"] == []


@pytest.mark.parametrize("action", ["ecr:Get*", "ecr:DescribeImage", "ecr:DescribeImages?"])
def test_a_pattern_that_does_not_match_grants_nothing(put_policy, look, refusal, action):
    put_policy(allow(action))

    refused = refusal(look)

    assert refused == no_grant("DescribeImages")


def test_a_grant_is_of_one_repository(ecr, put_policy, stranger, account, refusal):
    ecr.create_repository(repositoryName="other")
    put_policy(allow("ecr:*"))

    refused = refusal(stranger.list_images, registryId=account, repositoryName="other")

    assert refused == no_grant("ListImages", "other")


def test_a_grant_ends_with_its_policy(ecr, put_policy, look, repository, refusal):
    put_policy(allow("ecr:*"))
    look()
    ecr.delete_repository_policy(repositoryName=repository)

    refused = refusal(look)

    assert refused == no_grant("DescribeImages")


def test_a_grant_ends_with_its_repository(ecr, put_policy, look, repository, refusal):
    put_policy(allow("ecr:*"))
    ecr.delete_repository(repositoryName=repository)
    ecr.create_repository(repositoryName=repository)

    refused = refusal(look)

    assert refused == no_grant("DescribeImages")


def test_the_other_account_pushes_into_the_repository_of_its_owner(
    images, put_policy, stranger, account
):
    put_policy(allow("ecr:*", {"AWS": "999988887777"}))
    image = images.make()
    images.upload_blobs(image)

    stranger.put_image(
        registryId=account,
        repositoryName="team-a/web-app",
        imageManifest=image.manifest,
        imageTag="v1",
    )

    assert images.tags() == {image.digest: ["v1"]}
    assert stranger.describe_repositories()["repositories"] == []


# ------------------------------------------------------------------------------------- denials


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "123456789012"}, {"AWS": "arn:aws:iam::123456789012:user/administrator"}],
    ids=["everyone", "account", "user"],
)
def test_the_administrator_of_the_account_can_be_denied(
    ecr, put_policy, repository, refusal, principal
):
    put_policy(deny("ecr:ListImages", principal))

    refused = refusal(ecr.list_images, repositoryName=repository)

    assert refused == explicit("arn:aws:iam::123456789012:user/administrator", "ListImages")
    assert ecr.describe_images(repositoryName=repository)["imageDetails"] == []


@pytest.mark.parametrize("order", [1, -1], ids=["allow first", "deny first"])
def test_a_denial_is_stronger_than_a_grant(put_policy, look, refusal, order):
    put_policy(*[allow("ecr:*"), deny("ecr:Describe*", {"AWS": "999988887777"})][::order])

    refused = refusal(look)

    assert refused == explicit(OTHER_ADMINISTRATOR, "DescribeImages")


def test_a_denial_of_everyone_locks_out_the_owner_too(ecr, put_policy, repository, refusal):
    put_policy(deny("ecr:*"))

    refused = refusal(ecr.delete_repository_policy, repositoryName=repository)

    assert refused == explicit(
        "arn:aws:iam::123456789012:user/administrator", "DeleteRepositoryPolicy"
    )


def test_a_denial_of_another_account_leaves_the_owner(ecr, put_policy, repository):
    put_policy(deny("ecr:*", {"AWS": "999988887777"}))

    assert ecr.list_images(repositoryName=repository)["imageIds"] == []


def test_the_owner_needs_no_grant(ecr, put_policy, repository):
    put_policy(allow("ecr:*", {"AWS": "999988887777"}))

    assert ecr.list_images(repositoryName=repository)["imageIds"] == []


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("put_image", {"imageManifest": MANIFEST, "imageTag": "v1"}),
        ("batch_delete_image", {"imageIds": [{"imageTag": "v1"}]}),
        ("delete_repository", {"force": True}),
        ("put_image_tag_mutability", {"imageTagMutability": "IMMUTABLE"}),
    ],
)
def test_a_denied_call_changes_nothing(ecr, images, put_policy, method, parameters):
    image = images.make()
    images.push(image, "v1")
    put_policy(deny(["ecr:Batch*", "ecr:Put*", "ecr:Delete*"]))
    before = ecr.describe_repositories()["repositories"]

    with pytest.raises(ClientError, match="AccessDeniedException"):
        getattr(ecr, method)(repositoryName="team-a/web-app", **parameters)

    assert images.tags() == {image.digest: ["v1"]}
    assert ecr.describe_repositories()["repositories"] == before


def test_a_denied_push_is_no_event(door, ecr, images, put_policy, repository):
    image = images.make()
    images.upload_blobs(image)
    put_policy(deny("ecr:PutImage"))

    with pytest.raises(ClientError, match="AccessDeniedException"):
        ecr.put_image(repositoryName=repository, imageManifest=image.manifest)

    assert list(door.aws.events) == []
