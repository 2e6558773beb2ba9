"""CreateRepository: defaults, members of the reply, names, encryption, mutability, tags."""

from __future__ import annotations

import re
from datetime import timezone

import pytest

NAME_RULE = (
    r"must satisfy regular expression '[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
    r"(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*'"
)
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-east-1:123456789012:key/{KEY_ID}"


def test_create_repository_answers_with_the_defaults_and_nothing_else(ecr, account):
    created = ecr.create_repository(repositoryName="team-a/web-app")["repository"]

    created.pop("createdAt")
    assert created == {
        "repositoryArn": f"arn:aws:ecr:us-east-1:{account}:repository/team-a/web-app",
        "registryId": account,
        "repositoryName": "team-a/web-app",
        "repositoryUri": f"{account}.dkr.ecr.us-east-1.amazonaws.com/team-a/web-app",
        "imageTagMutability": "MUTABLE",
        "imageScanningConfiguration": {"scanOnPush": False},
        "encryptionConfiguration": {"encryptionType": "AES256"},
    }


def test_create_repository_records_the_time_of_the_clock(door, ecr):
    before = door.aws.clock.now

    created = ecr.create_repository(repositoryName="app")["repository"]["createdAt"]

    assert created.utcoffset() is not None
    # The wire carries milliseconds.
    assert before.replace(microsecond=before.microsecond // 1000 * 1000) <= created.astimezone(
        timezone.utc
    )
    assert created <= door.aws.clock.now


@pytest.mark.parametrize(
    "name", ["ab", "a1", "a__b", "a---b", "a.b", "a/b/c", "0a-b_c.d/e--f", "a" * 256]
)
def test_create_repository_accepts_a_name_of_the_grammar(ecr, name):
    created = ecr.create_repository(repositoryName=name)["repository"]

    assert created["repositoryName"] == name


@pytest.mark.parametrize(
    "name",
    ["a..b", "a___b", "-a", "a-", "A1", "a//b", "ab/", "/ab", "a b", "a_.b", "äb", "ab\n"],
)
def test_create_repository_refuses_a_name_outside_the_grammar(ecr, refusal, invalid, name):
    refused = refusal(ecr.create_repository, repositoryName=name)

    assert refused == invalid("repositoryName", NAME_RULE)


@pytest.mark.parametrize(
    ("parameters", "constraint"),
    [
        ({"repositoryName": "a"}, "must have length greater than or equal to 2"),
        ({"repositoryName": "a" * 257}, "must have length less than or equal to 256"),
        ({}, "must not be null"),
    ],
    ids=["one character", "257 characters", "missing"],
)
def test_create_repository_refuses_a_name_of_the_wrong_length(
    unchecked, refusal, invalid, parameters, constraint
):
    refused = refusal(unchecked.create_repository, **parameters)

    assert refused == invalid("repositoryName", constraint)


def test_create_repository_refuses_a_name_that_is_taken(ecr, repository, refusal, account):
    refused = refusal(ecr.create_repository, repositoryName=repository)

    assert refused.code == "RepositoryAlreadyExistsException"
    assert refused.message == (
        f"The repository with name '{repository}' already exists in the registry "
        f"with id '{account}'"
    )


def test_a_refused_create_changes_nothing(ecr, repository, refusal):
    before = ecr.describe_repositories()["repositories"]

    refusal(
        ecr.create_repository,
        repositoryName=repository,
        imageTagMutability="IMMUTABLE",
        tags=[{"Key": "a", "Value": "b"}],
    )

    assert ecr.describe_repositories()["repositories"] == before
    assert ecr.list_tags_for_resource(resourceArn=before[0]["repositoryArn"])["tags"] == []


def test_create_repository_answers_with_what_was_asked_for(ecr):
    filters = [{"filterType": "WILDCARD", "filter": "dev-*"}]

    created = ecr.create_repository(
        repositoryName="app",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=filters,
        imageScanningConfiguration={"scanOnPush": True},
    )["repository"]

    assert created["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert created["imageTagMutabilityExclusionFilters"] == filters
    assert created["imageScanningConfiguration"] == {"scanOnPush": True}


def test_create_repository_refuses_an_unknown_mutability(ecr, refusal, invalid):
    refused = refusal(ecr.create_repository, repositoryName="app", imageTagMutability="SOMETIMES")

    assert refused == invalid(
        "imageTagMutability",
        "Member must satisfy enum value set: "
        "[IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]",
    )


@pytest.mark.parametrize("mode", ["MUTABLE", "IMMUTABLE"])
def test_create_repository_refuses_exclusion_filters_with_a_plain_mode(ecr, refusal, invalid, mode):
    refused = refusal(
        ecr.create_repository,
        repositoryName="app",
        imageTagMutability=mode,
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "dev-*"}],
    )

    assert refused == invalid(
        "imageTagMutabilityExclusionFilters",
        "ImageTagMutabilityExclusionFilters are not allowed when imageTagMutability "
        f"is set as {mode}",
    )


@pytest.mark.parametrize("mode", ["MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"])
def test_create_repository_refuses_exclusion_without_filters(ecr, refusal, invalid, mode):
    refused = refusal(ecr.create_repository, repositoryName="app", imageTagMutability=mode)

    assert refused == invalid(
        "imageTagMutabilityExclusionFilters",
        "ImageTagMutabilityExclusionFilters can't be null when imageTagMutability "
        f"is set as {mode}",
    )


@pytest.mark.parametrize(
    "filters",
    [["a*b*c*"], ["a/b"], ["a b"], ["a" * 129], ["a", "b", "c", "d", "e", "f"]],
    ids=["three wildcards", "slash", "space", "129 characters", "six filters"],
)
def test_create_repository_refuses_filters_outside_their_rules(ecr, refusal, filters):
    refused = refusal(
        ecr.create_repository,
        repositoryName="app",
        imageTagMutability="MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[
            {"filterType": "WILDCARD", "filter": each} for each in filters
        ],
    )

    assert refused.code == "InvalidParameterException"


def test_create_repository_refuses_a_key_with_aes256(ecr, refusal, invalid):
    refused = refusal(
        ecr.create_repository,
        repositoryName="app",
        encryptionConfiguration={"encryptionType": "AES256", "kmsKey": KEY_ARN},
    )

    assert refused == invalid(
        "encryptionConfiguration",
        "Invalid encryption configuration: Encryption key should not be set for AES256 encryption.",
    )


def test_create_repository_shows_the_managed_key_when_kms_names_none(ecr):
    created = ecr.create_repository(
        repositoryName="app", encryptionConfiguration={"encryptionType": "KMS"}
    )["repository"]

    encryption = created["encryptionConfiguration"]
    assert encryption["encryptionType"] == "KMS"
    assert re.fullmatch(KEY_ARN.replace(KEY_ID, "[0-9a-f-]{36}"), encryption["kmsKey"])


def test_repositories_of_one_registry_share_the_managed_key(ecr):
    first, second = (
        ecr.create_repository(
            repositoryName=name, encryptionConfiguration={"encryptionType": "KMS"}
        )["repository"]
        for name in ("app-1", "app-2")
    )

    assert first["encryptionConfiguration"] == second["encryptionConfiguration"]


@pytest.mark.parametrize("key", [KEY_ID, KEY_ARN], ids=["id", "ARN"])
def test_create_repository_shows_the_arn_of_the_key(ecr, key):
    created = ecr.create_repository(
        repositoryName="app", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key}
    )["repository"]

    assert created["encryptionConfiguration"] == {"encryptionType": "KMS", "kmsKey": KEY_ARN}


def test_create_repository_resolves_an_alias_to_the_arn_of_a_key(ecr):
    created = ecr.create_repository(
        repositoryName="app",
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": "alias/images"},
    )["repository"]

    key = created["encryptionConfiguration"]["kmsKey"]
    assert key.startswith("arn:aws:kms:us-east-1:123456789012:key/")


@pytest.mark.parametrize(
    ("first_key", "second_key"),
    [("alias/images", "alias/images"), ("alias/aws/ecr", None)],
    ids=["an alias twice", "the alias of the managed key"],
)
def test_one_alias_points_to_one_key(ecr, first_key, second_key):
    shown = []
    for name, key in (("app-1", first_key), ("app-2", second_key)):
        encryption = {"encryptionType": "KMS"} | ({"kmsKey": key} if key else {})
        created = ecr.create_repository(repositoryName=name, encryptionConfiguration=encryption)
        shown.append(created["repository"]["encryptionConfiguration"]["kmsKey"])

    assert shown[0] == shown[1]


def test_create_repository_refuses_a_key_of_another_region(ecr, error_of):
    response = error_of(
        ecr.create_repository,
        repositoryName="app",
        encryptionConfiguration={
            "encryptionType": "KMS",
            "kmsKey": KEY_ARN.replace("us-east-1", "eu-west-1"),
        },
    )

    assert response["Error"]["Code"] == "KmsException"
    assert re.fullmatch("Invalid arn (us-east-1|eu-west-1)", response["Error"]["Message"])
    assert response["kmsError"]


def test_create_repository_knows_dual_layer_encryption_in_govcloud_only(door, refusal):
    parameters = {
        "repositoryName": "app",
        "encryptionConfiguration": {"encryptionType": "KMS_DSSE"},
    }
    commercial = door.client("ecr")
    govcloud = door.client("ecr", region_name="us-gov-west-1")

    refused = refusal(commercial.create_repository, **parameters)
    created = govcloud.create_repository(**parameters)["repository"]

    assert refused.code == "InvalidParameterException"
    assert created["encryptionConfiguration"]["encryptionType"] == "KMS_DSSE"


def test_create_repository_keeps_the_tags_but_does_not_answer_them(ecr):
    tags = [{"Key": "team", "Value": "a"}, {"Key": "cost-center", "Value": ""}]

    created = ecr.create_repository(repositoryName="app", tags=tags)["repository"]

    kept = ecr.list_tags_for_resource(resourceArn=created["repositoryArn"])["tags"]
    assert "tags" not in created
    assert sorted(kept, key=lambda tag: tag["Key"]) == sorted(tags, key=lambda tag: tag["Key"])
