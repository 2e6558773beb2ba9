"""`aws.events`: what happened, as EventBridge shapes it, and who is told."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError

from ecrmock import mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def aws():
    with mock_aws(now=NOON, account_id="111122223333", region_name="eu-west-1") as aws:
        ecr = aws.client("ecr")
        for name in ("team/a", "team/b", "team/c"):
            ecr.create_repository(repositoryName=name)
        yield aws


@pytest.fixture
def push_to(aws, push):
    ecr = aws.client("ecr")
    return lambda name, tag="v1": push(ecr, name, tag)


def repositories(events):
    return [event["detail"]["repository-name"] for event in events]


def test_a_push_is_an_event_in_the_shape_of_eventbridge(aws, push_to):
    push_to("team/a")

    event = aws.events[-1]
    assert event["source"] == "aws.ecr"
    assert event["detail-type"] == "ECR Image Action"
    assert event["account"] == "111122223333"
    assert event["region"] == "eu-west-1"
    assert event["time"] == "2026-01-01T12:00:00Z"
    assert event["detail"]["repository-name"] == "team/a"
    assert event["detail"]["image-tag"] == "v1"


def test_events_are_a_list_the_oldest_first(aws, push_to):
    for name in ("team/a", "team/b", "team/c"):
        push_to(name)

    assert len(aws.events) == 3
    assert repositories(aws.events) == ["team/a", "team/b", "team/c"]
    assert repositories(aws.events[1:]) == ["team/b", "team/c"]
    assert repositories([aws.events[0], aws.events[-1]]) == ["team/a", "team/c"]


def test_ids_of_events_are_their_own(aws, push_to):
    push_to("team/a")
    push_to("team/b")

    assert len({event["id"] for event in aws.events}) == 2


def test_an_event_that_is_changed_by_its_reader_is_not_changed_for_others(aws, push_to):
    push_to("team/a")

    aws.events[0]["detail"]["repository-name"] = "changed"

    assert repositories(aws.events) == ["team/a"]


def test_what_fails_is_no_event(aws, push_to):
    with pytest.raises(ClientError, match="RepositoryNotFound"):
        push_to("team/missing")

    assert len(aws.events) == 0


def test_a_subscriber_hears_what_is_to_come_when_the_call_has_returned(aws, push_to):
    push_to("team/a")
    heard = []
    aws.events.subscribe(heard.append)

    push_to("team/b")

    assert heard == [aws.events[-1]]


@pytest.mark.parametrize(
    ("options", "hears"),
    [
        ({}, True),
        ({"source": "aws.ecr"}, True),
        ({"source": "aws.ecs"}, False),
        ({"detail_type": "ECR Image Action"}, True),
        ({"detail_type": "ECR Image Scan"}, False),
        ({"source": "aws.ecr", "detail_type": "ECR Image Action"}, True),
        ({"source": "aws.ecs", "detail_type": "ECR Image Action"}, False),
    ],
    ids=["all", "source", "other-source", "type", "other-type", "both", "one-of-both"],
)
def test_a_subscriber_hears_the_source_and_type_that_it_asked_for(options, hears, aws, push_to):
    heard = []
    aws.events.subscribe(heard.append, **options)

    push_to("team/a")

    assert bool(heard) is hears


def test_subscribers_are_told_in_the_order_in_which_they_came(aws, push_to):
    heard = []
    for number in range(3):
        aws.events.subscribe(lambda _event, number=number: heard.append(number))

    push_to("team/a")

    assert heard == [0, 1, 2]


def test_an_event_that_one_subscriber_changes_comes_to_the_next_as_it_was(aws, push_to):
    heard = []
    aws.events.subscribe(lambda event: event["detail"].clear())
    aws.events.subscribe(heard.append)

    push_to("team/a")

    assert repositories(heard) == ["team/a"]


def test_a_subscriber_may_call_aws_itself(aws, push_to):
    ecr = aws.client("ecr")
    seen = []

    def look(event):
        name = event["detail"]["repository-name"]
        seen.append(ecr.list_images(repositoryName=name)["imageIds"][0]["imageTag"])

    aws.events.subscribe(look)

    push_to("team/a", "v7")

    assert seen == ["v7"]


def test_what_a_subscriber_causes_waits_until_all_have_heard_of_the_first(aws, push_to):
    heard = []
    following = {"team/a": "team/b", "team/b": "team/c"}

    def push_on(event):
        name = event["detail"]["repository-name"]
        heard.append(("first", name))
        if name in following:
            push_to(following[name])

    aws.events.subscribe(push_on)
    aws.events.subscribe(lambda event: heard.append(("second", *repositories([event]))))

    push_to("team/a")

    order = [(who, name) for name in ("team/a", "team/b", "team/c") for who in ("first", "second")]
    assert heard == order


def test_a_subscriber_that_raises_is_seen_in_the_call_that_caused_the_event(aws, push_to):
    def fail(event):
        raise KeyError("from the subscriber")

    aws.events.subscribe(fail)

    with pytest.raises(KeyError, match="from the subscriber"):
        push_to("team/a")

    assert repositories(aws.events) == ["team/a"]


def test_after_a_subscriber_has_raised_the_next_event_is_told_once(aws, push_to):
    heard = []

    def fail_once(event):
        heard.append(event)
        if len(heard) == 1:
            raise KeyError("from the subscriber")

    aws.events.subscribe(fail_once)
    with pytest.raises(KeyError):
        push_to("team/a")

    push_to("team/b")

    assert repositories(heard) == ["team/a", "team/b"]


def test_a_subscriber_is_told_of_a_fork_of_its_mock_nothing(aws, push):
    heard = []
    aws.events.subscribe(heard.append)
    fork = aws.fork()

    push(fork.client("ecr"), "team/a")

    assert heard == []
    assert len(fork.events) == 1
    assert len(aws.events) == 0


def test_a_subscriber_may_subscribe_another(aws, push_to):
    heard = []
    aws.events.subscribe(lambda _event: aws.events.subscribe(heard.append))
    push_to("team/a")

    push_to("team/b")

    assert repositories(heard) == ["team/b"]
