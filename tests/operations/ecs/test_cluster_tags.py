"""TagResource, UntagResource and ListTagsForResource of clusters."""

from __future__ import annotations

import pytest


def tags(**pairs) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs.items()]


@pytest.fixture
def arn(prod, arn_of) -> str:
    return arn_of(prod)


@pytest.fixture
def kept(ecs, arn):
    """Return the tags that the cluster has."""

    def kept() -> dict[str, str]:
        found = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert len({tag["key"] for tag in found}) == len(found)
        return {tag["key"]: tag["value"] for tag in found}

    return kept


@pytest.fixture(params=["tag", "untag", "list"])
def call(request, ecs):
    """Call each of the three operations with an ARN."""
    more = {
        "tag": (ecs.tag_resource, {"tags": tags(a="b")}),
        "untag": (ecs.untag_resource, {"tagKeys": ["a"]}),
        "list": (ecs.list_tags_for_resource, {}),
    }
    operation, parameters = more[request.param]
    return lambda resource: operation(resourceArn=resource, **parameters)


@pytest.fixture(params=["CreateCluster", "TagResource"])
def give(request, unchecked, arn):
    """Give a cluster tags by each of the two operations."""

    def give(given: list[dict[str, str]]) -> None:
        if request.param == "CreateCluster":
            unchecked.create_cluster(clusterName="tagged", tags=given)
        else:
            unchecked.tag_resource(resourceArn=arn, tags=given)

    return give


def test_a_cluster_without_tags_lists_none(ecs, arn):
    response = ecs.list_tags_for_resource(resourceArn=arn)

    assert response["tags"] == []


def test_tag_resource_adds_and_overwrites_and_keeps_the_others(ecs, arn, kept):
    ecs.tag_resource(resourceArn=arn, tags=tags(team="a", stage="dev"))

    response = ecs.tag_resource(resourceArn=arn, tags=tags(stage="prod", owner=""))

    assert kept() == {"team": "a", "stage": "prod", "owner": ""}
    assert set(response) == {"ResponseMetadata"}


def test_untag_resource_removes_and_ignores_what_is_not_there(ecs, arn, kept):
    ecs.tag_resource(resourceArn=arn, tags=tags(team="a", stage="dev"))

    response = ecs.untag_resource(resourceArn=arn, tagKeys=["stage", "never-set"])

    assert kept() == {"team": "a"}
    assert set(response) == {"ResponseMetadata"}


def test_tags_are_shown_with_the_cluster(ecs, arn, prod, show):
    ecs.tag_resource(resourceArn=arn, tags=tags(team="a"))

    assert show(prod, "TAGS")["tags"] == tags(team="a")


def test_a_cluster_keeps_the_tags_that_it_was_made_with(ecs):
    arn = ecs.create_cluster(clusterName="tagged", tags=tags(team="a"))["cluster"]["clusterArn"]

    response = ecs.list_tags_for_resource(resourceArn=arn)

    assert response["tags"] == tags(team="a")


def test_tags_take_letters_digits_spaces_and_some_signs(give, ecs):
    text = "Ünicode 9 _.:/=+-@"

    give([{"key": text, "value": text}])


@pytest.mark.parametrize(
    "given",
    [
        [{"key": "aws:team", "value": "a"}],
        [{"key": "AWS:team", "value": "a"}],
        [{"key": "team", "value": "aws:a"}],
        [{"key": "k" * 129, "value": "a"}],
        [{"key": "", "value": "a"}],
        [{"key": "k", "value": "v" * 257}],
        [{"key": "k!", "value": "a"}],
        [{"key": "k", "value": "a#b"}],
        [{"key": "k", "value": "a"}, {"key": "k", "value": "b"}],
    ],
    ids=[
        "reserved key",
        "reserved in capitals",
        "reserved value",
        "key of 129",
        "empty key",
        "value of 257",
        "sign in key",
        "sign in value",
        "duplicate",
    ],
)
def test_a_tag_outside_the_rules_is_refused(give, refusal, given):
    refused = refusal(give, given=given)

    assert refused.code == "InvalidParameterException"


def test_a_cluster_is_made_with_fifty_tags_and_no_more(ecs, refusal):
    fifty = {f"key-{number}": "x" for number in range(50)}
    made = ecs.create_cluster(clusterName="full", tags=tags(**fifty))["cluster"]

    refused = refusal(ecs.create_cluster, clusterName="fuller", tags=tags(**fifty, more="x"))

    assert len(made["tags"]) == 50
    assert refused.code == "InvalidParameterException"


def test_tag_resource_refuses_the_fifty_first_tag_and_changes_nothing(ecs, arn, kept, refusal):
    fifty = {f"key-{number}": "x" for number in range(50)}
    ecs.tag_resource(resourceArn=arn, tags=tags(**fifty))

    refused = refusal(ecs.tag_resource, resourceArn=arn, tags=tags(**{"key-0": "y", "more": "x"}))

    # Which of the two codes AWS answers is open.
    assert refused.code in {"InvalidParameterException", "LimitExceededException"}
    assert kept() == fifty


def test_tag_resource_overwrites_one_of_fifty(ecs, arn, kept):
    fifty = {f"key-{number}": "x" for number in range(50)}
    ecs.tag_resource(resourceArn=arn, tags=tags(**fifty))

    ecs.tag_resource(resourceArn=arn, tags=tags(**{"key-0": "y"}))

    assert kept() == fifty | {"key-0": "y"}


def test_the_tag_operations_refuse_an_unknown_cluster(call, arn_of, refusal):
    refused = refusal(call, resource=arn_of("none"))

    assert refused == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize(
    "resource",
    [
        "nonsense",
        "prod",
        "arn:aws:ecs",
        "arn:aws:ecr:us-east-1:123456789012:repository/app",
        "arn:aws:s3:::bucket",
        "arn:aws:ecs:us-east-1:123456789012:nonsense/app",
    ],
    ids=["text", "name", "short", "repository", "bucket", "unknown type"],
)
def test_the_tag_operations_refuse_what_is_no_arn_of_ecs(call, prod, refusal, resource):
    refused = refusal(call, resource=resource)

    assert refused == ("InvalidParameterException", "The ARN provided is invalid.")


@pytest.mark.parametrize("resource", ["service/prod/web", "task-definition/web:1", "task/prod/1"])
def test_the_tag_operations_refuse_what_is_not_there(call, refusal, resource):
    refused = refusal(call, resource=f"arn:aws:ecs:us-east-1:123456789012:{resource}")

    assert refused.code == "InvalidParameterException"
