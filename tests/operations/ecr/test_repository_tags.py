"""TagResource, UntagResource and ListTagsForResource of repositories."""

from __future__ import annotations

import pytest


def tags(**pairs) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


@pytest.fixture
def arn(ecr, repository) -> str:
    return ecr.describe_repositories()["repositories"][0]["repositoryArn"]


@pytest.fixture
def kept(ecr, arn):
    """Return the tags that the repository has."""

    def kept() -> dict[str, str]:
        found = ecr.list_tags_for_resource(resourceArn=arn)["tags"]
        assert len({tag["Key"] for tag in found}) == len(found)
        return {tag["Key"]: tag["Value"] for tag in found}

    return kept


@pytest.fixture(params=["tag", "untag", "list"])
def call(request, ecr):
    """Call each of the three operations with an ARN."""
    more = {
        "tag": (ecr.tag_resource, {"tags": tags(a="b")}),
        "untag": (ecr.untag_resource, {"tagKeys": ["a"]}),
        "list": (ecr.list_tags_for_resource, {}),
    }
    operation, parameters = more[request.param]
    return lambda resource: operation(resourceArn=resource, **parameters)


def test_a_repository_without_tags_lists_none(ecr, arn):
    response = ecr.list_tags_for_resource(resourceArn=arn)

    assert response["tags"] == []


def test_tag_resource_adds_and_overwrites_and_keeps_the_others(ecr, arn, kept):
    ecr.tag_resource(resourceArn=arn, tags=tags(team="a", stage="dev"))

    response = ecr.tag_resource(resourceArn=arn, tags=tags(stage="prod", owner=""))

    assert kept() == {"team": "a", "stage": "prod", "owner": ""}
    assert set(response) == {"ResponseMetadata"}


def test_untag_resource_removes_and_ignores_what_is_not_there(ecr, arn, kept):
    ecr.tag_resource(resourceArn=arn, tags=tags(team="a", stage="dev"))

    response = ecr.untag_resource(resourceArn=arn, tagKeys=["stage", "never-set"])

    assert kept() == {"team": "a"}
    assert set(response) == {"ResponseMetadata"}


def test_tag_keys_are_case_sensitive(ecr, arn, kept):
    ecr.tag_resource(resourceArn=arn, tags=tags(Team="a", team="b"))

    ecr.untag_resource(resourceArn=arn, tagKeys=["TEAM", "team"])

    assert kept() == {"Team": "a"}


def test_tag_resource_refuses_an_empty_key(ecr, arn, refusal):
    refused = refusal(ecr.tag_resource, resourceArn=arn, tags=[{"Key": "", "Value": "x"}])

    assert refused == ("InvalidTagParameterException", "Tag parameters are invalid")


def test_create_repository_refuses_an_empty_tag_key(ecr, refusal):
    refused = refusal(ecr.create_repository, repositoryName="app", tags=[{"Key": "", "Value": "x"}])

    assert refused == ("InvalidTagParameterException", "Tag parameters are invalid")


@pytest.mark.parametrize(
    ("key", "value"),
    [("aws:team", "a"), ("AWS:team", "a"), ("k" * 129, "a"), ("k", "v" * 257)],
    ids=["reserved prefix", "reserved in capitals", "key of 129", "value of 257"],
)
def test_tag_resource_refuses_a_tag_outside_the_rules(ecr, arn, refusal, key, value):
    refused = refusal(ecr.tag_resource, resourceArn=arn, tags=[{"Key": key, "Value": value}])

    assert refused.code == "InvalidTagParameterException"


def test_tag_resource_accepts_the_longest_key_and_value(ecr, arn, kept):
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "k" * 128, "Value": "v" * 256}])

    assert kept() == {"k" * 128: "v" * 256}


def test_a_repository_holds_fifty_tags(ecr, arn, kept):
    fifty = {f"key-{number}": str(number) for number in range(50)}
    ecr.tag_resource(resourceArn=arn, tags=tags(**fifty))

    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "key-0", "Value": "again"}])

    assert kept() == fifty | {"key-0": "again"}


def test_tag_resource_refuses_the_fifty_first_tag_and_changes_nothing(ecr, arn, kept, refusal):
    fifty = {f"key-{number}": str(number) for number in range(50)}
    ecr.tag_resource(resourceArn=arn, tags=tags(**fifty))

    refused = refusal(
        ecr.tag_resource, resourceArn=arn, tags=tags(**{"key-0": "again", "one-more": "x"})
    )

    assert refused.code == "TooManyTagsException"
    assert kept() == fifty


def test_create_repository_refuses_fifty_one_tags_and_creates_nothing(ecr, refusal):
    many = {f"key-{number}": "x" for number in range(51)}

    refused = refusal(ecr.create_repository, repositoryName="app", tags=tags(**many))

    assert refused.code == "TooManyTagsException"
    assert ecr.describe_repositories()["repositories"] == []


@pytest.mark.parametrize("missing", ["Key", "Value"])
def test_create_repository_names_the_tag_that_misses_a_member(unchecked, refusal, invalid, missing):
    broken = {"Key": "b", "Value": "2"}
    del broken[missing]

    refused = refusal(
        unchecked.create_repository, repositoryName="app", tags=[*tags(a="1"), broken]
    )

    assert refused == invalid(f"tags.2.member.{missing.lower()}", "Member must not be null")


@pytest.mark.parametrize(
    "resource",
    [
        "nonsense",
        "arn:aws:ecr",
        "arn:aws:s3:::bucket",
        "arn:aws:ecr:us-east-1:123456789012:image/app",
    ],
    ids=["no ARN", "short", "another service", "another type"],
)
def test_the_tag_operations_refuse_what_is_no_arn_of_a_repository(call, refusal, invalid, resource):
    refused = refusal(call, resource=resource)

    assert refused == invalid("resourceArn", "Invalid ARN")


def test_the_tag_operations_refuse_an_unknown_repository(call, refusal, account):
    refused = refusal(call, resource=f"arn:aws:ecr:us-east-1:{account}:repository/team/none")

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'team/none' does not exist in the registry with id '{account}'",
    )


def test_the_tag_operations_refuse_a_repository_of_another_account(
    door, call, repository, refusal, other_account
):
    stranger = door.client("ecr", account_id=other_account)
    stranger.create_repository(repositoryName=repository)

    refused = refusal(
        call, resource=f"arn:aws:ecr:us-east-1:{other_account}:repository/{repository}"
    )

    assert other_account in refused.message
