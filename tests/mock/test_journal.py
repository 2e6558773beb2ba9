"""`aws.calls`: what was asked and answered, by whom, when, with what judgement."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.exceptions import ClientError

from ecrmock import OperationNotModelled, UsageError, mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        yield aws


@pytest.fixture
def ecr(aws):
    return aws.client("ecr")


def test_a_call_is_there_with_what_was_asked_and_answered(aws, ecr):
    made = ecr.create_repository(repositoryName="team/a")

    call = aws.calls[-1]
    assert (call.service, call.operation, call.name) == (
        "ecr",
        "CreateRepository",
        "ecr.CreateRepository",
    )
    assert call.request == {"repositoryName": "team/a"}
    assert call.response == {"repository": made["repository"]}
    assert call.error is None
    assert call.status == 200
    assert call.request_id == made["ResponseMetadata"]["RequestId"]


def test_a_call_that_failed_has_its_error_and_no_response(aws, ecr):
    with pytest.raises(ClientError) as raised:
        ecr.list_images(repositoryName="team/missing")

    call = aws.calls[-1]
    assert call.response is None
    assert call.error.code == "RepositoryNotFoundException"
    assert call.error.message == raised.value.response["Error"]["Message"]
    assert call.status == 400


def test_a_call_has_who_asked_where_and_when(aws):
    client = aws.client("sts", account_id="111122223333", region_name="eu-west-1")
    aws.clock.advance(hours=3)

    client.get_caller_identity()

    call = aws.calls[-1]
    assert call.account_id == "111122223333"
    assert call.region == "eu-west-1"
    assert call.time == NOON + timedelta(hours=3)


def test_a_call_has_the_decision_that_let_it_through(aws, ecr):
    ecr.create_repository(repositoryName="team/a")

    decision = aws.calls[-1].decision
    assert decision.is_allowed
    assert decision.action == "ecr:CreateRepository"


def test_calls_of_other_clients_are_there_too_in_order(aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    boto3.client("ecs").create_cluster(clusterName="blue")
    boto3.client("ecr").describe_repositories()

    names = [call.name for call in aws.calls]
    assert names == ["ecr.CreateRepository", "ecs.CreateCluster", "ecr.DescribeRepositories"]
    assert len(aws.calls) == 3


def test_each_attempt_of_a_call_is_there(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=2)

    ecr.describe_repositories()

    assert [call.status for call in aws.calls] == [500, 500, 200]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("ecr.CreateRepository", ["CreateRepository", "CreateRepository"]),
        ("ecr.Describe*", ["DescribeRepositories"]),
        ("ecr.*", ["CreateRepository", "DescribeRepositories", "CreateRepository"]),
        ("ecs.CreateCluster", []),
        (None, ["CreateRepository", "DescribeRepositories", "CreateRepository"]),
    ],
    ids=["one", "several", "service", "none", "all"],
)
def test_calls_are_found_by_operation(pattern, found, aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    ecr.describe_repositories()
    ecr.create_repository(repositoryName="team/b")

    chosen = aws.calls() if pattern is None else aws.calls(pattern)

    assert [call.operation for call in chosen] == found


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("PutImage", "service.Operation"),
        ("s3.PutObject", "ecr, ecr-public, ecs, sts, iam"),
        ("ecr.PutImges", "did you mean ecr.PutImage"),
        ("ecr:PutImage", "service.Operation"),
        ("ecr.put_image", "ecr has no operation 'put_image'"),
        ("ecs.Frobnicate*", "ecs has no operation"),
    ],
    ids=["no-service", "other-service", "misspelt", "colon", "snake-case", "empty-pattern"],
)
def test_an_operation_that_is_none_is_refused_with_what_would_be(pattern, says, aws):
    with pytest.raises(UsageError) as refused:
        aws.calls(pattern)

    assert says in str(refused.value)
    assert repr(pattern.partition(".")[2] or pattern) in str(refused.value) or pattern in str(
        refused.value
    )


def test_calls_can_be_sliced_and_walked(aws, ecr):
    for number in range(4):
        ecr.create_repository(repositoryName=f"team/{number}")

    assert [call.request["repositoryName"] for call in aws.calls[1:3]] == ["team/1", "team/2"]
    assert [call.request["repositoryName"] for call in aws.calls][-1] == "team/3"


def test_the_first_call_of_none_is_an_index_error(aws):
    with pytest.raises(IndexError):
        aws.calls[0]


def test_clear_forgets_all(aws, ecr):
    ecr.describe_repositories()

    aws.calls.clear()

    assert len(aws.calls) == 0
    assert repr(aws.calls) == "<no calls>"


def test_it_shows_a_call_in_a_line(aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    with pytest.raises(ClientError):
        ecr.list_images(repositoryName="team/missing")

    assert repr(aws.calls).splitlines() == [
        "<ecr.CreateRepository {'repositoryName': 'team/a'} -> 200>",
        "<ecr.ListImages {'repositoryName': 'team/missing'} -> RepositoryNotFoundException>",
    ]


def test_a_response_in_the_journal_is_not_the_callers_to_change(aws, ecr):
    made = ecr.create_repository(repositoryName="team/a")
    made["repository"]["repositoryName"] = "changed"

    aws.calls[-1].response["repository"].clear()

    assert aws.calls[-1].response["repository"]["repositoryName"] == "team/a"


def test_a_request_in_the_journal_is_not_what_the_caller_goes_on_to_change(aws, ecr):
    tags = [{"Key": "k", "Value": "v"}]
    ecr.create_repository(repositoryName="team/a", tags=tags)

    tags[0]["Value"] = "changed"

    assert aws.calls[-1].request["tags"] == [{"Key": "k", "Value": "v"}]


def test_a_response_in_the_journal_is_as_it_was_whatever_happens_later(aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    found = ecr.describe_repositories()
    arn = found["repositories"][0]["repositoryArn"]
    call = aws.calls[-1]

    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "k", "Value": "v"}])
    ecr.delete_repository(repositoryName="team/a")

    assert call.response["repositories"] == found["repositories"]


@pytest.mark.parametrize(("size", "is_kept"), [(4096, True), (4097, False)])
def test_large_bytes_of_a_request_are_not_kept_but_their_length_is(size, is_kept, aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    upload = ecr.initiate_layer_upload(repositoryName="team/a")["uploadId"]
    data = b"x" * size
    ecr.upload_layer_part(
        repositoryName="team/a",
        uploadId=upload,
        partFirstByte=0,
        partLastByte=size - 1,
        layerPartBlob=data,
    )

    kept = aws.calls[-1].request["layerPartBlob"]

    assert (kept == data) is is_kept
    assert is_kept or kept.size_bytes == size


def test_what_is_not_modelled_is_no_call(aws, ecr):
    with pytest.raises(OperationNotModelled):
        ecr.describe_pull_through_cache_rules()

    assert len(aws.calls) == 0


def test_the_call_of_a_nested_mock_is_not_in_the_outer_one(aws):
    with mock_aws() as inner:
        boto3.client("ecr").describe_repositories()

    assert len(inner.calls) == 1
    assert len(aws.calls) == 0


def test_a_call_of_another_region_and_account_is_in_the_same_journal(aws, ecr):
    ecr.describe_repositories()
    aws.client("ecr", account_id="111122223333", region_name="eu-west-1").describe_repositories()

    assert [(call.account_id, call.region) for call in aws.calls] == [
        ("123456789012", "us-east-1"),
        ("111122223333", "eu-west-1"),
    ]
