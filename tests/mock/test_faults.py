"""`aws.faults`: errors and delays that a test asks for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import UsageError, mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        yield aws


@pytest.fixture
def ecr(aws):
    """A client that does not retry."""
    return aws.client("ecr", config=ONCE)


def answers(ecr, count):
    """Return which of that many reads came through."""
    return [came_through(ecr) for _ in range(count)]


def came_through(ecr):
    try:
        ecr.describe_repositories()
    except ClientError:
        return False
    return True


def test_a_fault_is_an_error_as_the_service_gives_it(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException", message="It is raining")

    with pytest.raises(ecr.exceptions.ServerException) as raised:
        ecr.describe_repositories()

    response = raised.value.response
    assert response["Error"] == {"Code": "ServerException", "Message": "It is raining"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 500


def test_a_fault_without_a_message_says_that_it_was_injected(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException")

    with pytest.raises(ClientError, match=r"aws\.faults\.add"):
        ecr.describe_repositories()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("ThrottlingException", 400),
        ("AccessDeniedException", 400),
        ("InternalFailure", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_an_error_common_to_all_services_can_come_too(error, status, aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error=error)

    with pytest.raises(ClientError) as raised:
        ecr.describe_repositories()

    assert raised.value.response["Error"]["Code"] == error
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_call_that_met_a_fault_has_changed_nothing(aws, ecr, names):
    aws.faults.add("ecr.CreateRepository", error="ServerException")

    with pytest.raises(ClientError):
        ecr.create_repository(repositoryName="team/a")

    assert names(ecr) == []


def test_other_operations_are_not_hit(aws, ecr):
    aws.faults.add("ecr.CreateRepository", error="ServerException")

    assert came_through(ecr)


def test_a_pattern_hits_several_operations(aws, ecr):
    aws.faults.add("ecr.Describe*", error="ServerException")
    ecr.create_repository(repositoryName="team/a")

    assert not came_through(ecr)
    with pytest.raises(ClientError, match="ServerException"):
        ecr.describe_images(repositoryName="team/a")


def test_times_says_how_often_it_comes(aws, ecr):
    fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=2)

    assert answers(ecr, 4) == [False, False, True, True]
    assert fault.fired == 2
    assert fault.is_spent
    assert list(aws.faults) == []


def test_without_times_it_comes_until_it_is_removed(aws, ecr):
    fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException")
    assert answers(ecr, 5) == [False] * 5

    aws.faults.remove(fault)

    assert came_through(ecr)


def test_a_fault_that_is_gone_can_be_removed_again(aws):
    fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException")
    aws.faults.remove(fault)

    aws.faults.remove(fault)

    assert list(aws.faults) == []


def test_clear_removes_all(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException")
    aws.faults.add("ecr.*", latency=5)

    aws.faults.clear()

    assert came_through(ecr)
    assert aws.clock.now == NOON


def test_the_first_that_was_added_comes_first(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=1)
    aws.faults.add("ecr.DescribeRepositories", error="InvalidParameterException", times=1)

    codes = []
    for _ in range(2):
        with pytest.raises(ClientError) as raised:
            ecr.describe_repositories()
        codes.append(raised.value.response["Error"]["Code"])

    assert codes == ["ServerException", "InvalidParameterException"]


def test_when_chooses_by_the_request(aws, ecr):
    aws.faults.add(
        "ecr.CreateRepository",
        error="LimitExceededException",
        when=lambda request: request["repositoryName"].startswith("other/"),
    )

    ecr.create_repository(repositoryName="team/a")
    with pytest.raises(ecr.exceptions.LimitExceededException):
        ecr.create_repository(repositoryName="other/a")


def test_when_may_call_aws_itself(aws, ecr):
    def is_second(request):
        return len(ecr.describe_repositories()["repositories"]) == 1

    aws.faults.add("ecr.CreateRepository", error="ServerException", when=is_second)
    ecr.create_repository(repositoryName="team/a")

    with pytest.raises(ClientError, match="ServerException"):
        ecr.create_repository(repositoryName="team/b")


def test_a_call_that_when_lets_pass_is_not_counted(aws, ecr):
    fault = aws.faults.add(
        "ecr.DescribeRepositories",
        error="ServerException",
        times=1,
        when=lambda request: "maxResults" in request,
    )
    ecr.describe_repositories()

    assert fault.fired == 0
    with pytest.raises(ClientError):
        ecr.describe_repositories(maxResults=5)


@pytest.mark.parametrize("latency", [90, 90.0, timedelta(seconds=90)], ids=repr)
def test_latency_passes_on_the_clock_and_the_call_comes_through(latency, aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", latency=latency)

    assert came_through(ecr)
    assert aws.clock.now == NOON + timedelta(seconds=90)


def test_latency_passes_before_an_error_too(aws, ecr):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException", latency=90)

    assert not came_through(ecr)
    assert aws.clock.now == NOON + timedelta(seconds=90)


def test_what_comes_due_in_the_latency_has_happened_when_the_call_is_answered(aws, ecr):
    ecr.create_repository(repositoryName="team/a")
    upload = ecr.initiate_layer_upload(repositoryName="team/a")["uploadId"]
    aws.faults.add("ecr.UploadLayerPart", latency=timedelta(days=2))

    with pytest.raises(ecr.exceptions.UploadNotFoundException):
        ecr.upload_layer_part(
            repositoryName="team/a",
            uploadId=upload,
            partFirstByte=0,
            partLastByte=0,
            layerPartBlob=b"x",
        )


def chances(seed, probability=0.5, count=40):
    with mock_aws(seed=seed) as aws:
        ecr = aws.client("ecr", config=ONCE)
        aws.faults.add("ecr.DescribeRepositories", error="ServerException", probability=probability)
        return answers(ecr, count)


def test_chance_comes_from_the_seed():
    assert chances(1) == chances(1)
    assert chances(1) != chances(2)


@pytest.mark.parametrize(("probability", "least", "most"), [(0.1, 20, 90), (0.9, 310, 390)])
def test_chance_is_about_as_likely_as_was_asked(probability, least, most):
    assert least <= chances(0, probability, 400).count(False) <= most


def test_a_probability_of_one_is_certain():
    assert chances(0, 1) == [False] * 40


def test_botocores_own_retries_meet_the_fault_and_take_their_time_on_the_clock(aws):
    fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=2)

    reply = aws.client("ecr").describe_repositories()

    assert reply["ResponseMetadata"]["RetryAttempts"] == 2
    assert fault.fired == 2
    assert aws.clock.now > NOON


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_each_retry_mode_gives_up_after_its_attempts(mode, aws):
    fault = aws.faults.add("ecr.DescribeRepositories", error="ServerException")
    config = Config(retries={"mode": mode, "total_max_attempts": 3})

    with pytest.raises(ClientError, match=r"reached max retries: 2"):
        boto3.client("ecr", config=config).describe_repositories()

    assert fault.fired == 3


REFUSED = [
    ({"error": "TeapotException"}, ["'TeapotException'", "ServerException", "Throttling"]),
    ({"error": "ClusterNotFoundException"}, ["'ClusterNotFoundException'", "ServerException"]),
    ({}, ["an error, a latency or both"]),
    ({"latency": -1}, ["latency is -1", "negative"]),
    ({"latency": timedelta(seconds=-1)}, ["negative"]),
    ({"error": "ServerException", "times": 0}, ["times is 0", "at least 1"]),
    ({"error": "ServerException", "times": 1.5}, ["times is 1.5", "whole number"]),
    ({"error": "ServerException", "times": True}, ["times is True", "whole number"]),
    ({"error": "ServerException", "probability": 0}, ["probability is 0", "above 0"]),
    ({"error": "ServerException", "probability": 1.5}, ["probability is 1.5", "at most 1"]),
]


@pytest.mark.parametrize(("options", "says"), REFUSED, ids=[repr(o) for o, _ in REFUSED])
def test_what_cannot_be_is_refused_with_what_was_given_and_what_is_accepted(options, says, aws):
    with pytest.raises(UsageError) as refused:
        aws.faults.add("ecr.DescribeRepositories", **options)

    assert [part for part in says if part not in str(refused.value)] == []
    assert list(aws.faults) == []


@pytest.mark.parametrize("operation", ["DescribeRepositories", "ecr.Describe", "s3.*", "ecr."])
def test_an_operation_that_is_none_is_refused(operation, aws):
    with pytest.raises(UsageError, match="operation"):
        aws.faults.add(operation, error="ServerException")


def test_an_error_must_be_one_of_every_operation_of_a_pattern(aws):
    with pytest.raises(UsageError, match="RepositoryNotFoundException"):
        aws.faults.add("ecr.*", error="RepositoryNotFoundException")


def test_a_fault_of_one_mock_does_not_come_to_another(aws):
    aws.faults.add("ecr.DescribeRepositories", error="ServerException")

    with mock_aws() as inner:
        assert came_through(inner.client("ecr", config=ONCE))
