"""`aws.snapshot`, `aws.restore` and `aws.fork`: the laws, over operations chosen by Hypothesis."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from ecrmock import UsageError, mock_aws

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
REPOSITORIES = ("team/a", "team/b")
CLUSTERS = ("blue", "green")


class Seat:
    """A mock with its clients, made once: what the steps below are taken with."""

    def __init__(self, aws):
        self.aws = aws
        self.ecr = aws.client("ecr")
        self.ecs = aws.client("ecs")


def make_repository(seat, name):
    seat.ecr.create_repository(repositoryName=name)


def drop_repository(seat, name):
    seat.ecr.delete_repository(repositoryName=name, force=True)


def tag_repository(seat, name, value):
    arn = f"arn:aws:ecr:us-east-1:123456789012:repository/{name}"
    seat.ecr.tag_resource(resourceArn=arn, tags=[{"Key": "k", "Value": value}])


def begin_upload(seat, name):
    return seat.ecr.initiate_layer_upload(repositoryName=name)["uploadId"]


def make_cluster(seat, name):
    seat.ecs.create_cluster(clusterName=name)


def change_cluster(seat, name, value):
    settings = [{"name": "containerInsights", "value": value}]
    seat.ecs.update_cluster_settings(cluster=name, settings=settings)


def drop_cluster(seat, name):
    seat.ecs.delete_cluster(cluster=name)


def pass_time(seat, seconds):
    seat.aws.clock.advance(seconds=seconds)


repository = st.sampled_from(REPOSITORIES)
cluster = st.sampled_from(CLUSTERS)
steps = st.one_of(
    st.tuples(st.just(make_repository), repository),
    st.tuples(st.just("push"), repository),
    st.tuples(st.just(drop_repository), repository),
    st.tuples(st.just(tag_repository), repository, st.sampled_from(["x", "y"])),
    st.tuples(st.just(begin_upload), repository),
    st.tuples(st.just(make_cluster), cluster),
    st.tuples(st.just(change_cluster), cluster, st.sampled_from(["enabled", "disabled"])),
    st.tuples(st.just(drop_cluster), cluster),
    st.tuples(st.just(pass_time), st.sampled_from([1, 3600, 100_000])),
)
histories = st.lists(steps, max_size=8)


@pytest.fixture(scope="session")
def play(push):
    """Take steps in a mock; what AWS refuses is an outcome like any other."""

    def take(seat, function, *arguments):
        try:
            if function == "push":
                push(seat.ecr, *arguments)
            else:
                function(seat, *arguments)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "done"

    def play_them(seat, history):
        return [take(seat, *step) for step in history]

    return play_them


def without_metadata(reply):
    return {key: value for key, value in reply.items() if key != "ResponseMetadata"}


def look(seat):
    """Return everything that can be seen of a world, without a change to it."""
    found = seat.ecr.describe_repositories()["repositories"]
    seen = {
        "repositories": found,
        "clusters": without_metadata(
            seat.ecs.describe_clusters(clusters=list(CLUSTERS), include=["SETTINGS", "TAGS"])
        ),
        "now": seat.aws.clock.now,
        "events": list(seat.aws.events),
    }
    for each in found:
        name = each["repositoryName"]
        seen[name] = (
            seat.ecr.list_images(repositoryName=name)["imageIds"],
            seat.ecr.describe_images(repositoryName=name)["imageDetails"],
            seat.ecr.list_tags_for_resource(resourceArn=each["repositoryArn"])["tags"],
        )
    return seen


@given(before=histories, after=histories)
def test_restore_brings_back_what_there_was_at_the_snapshot(before, after, play):
    with mock_aws(now=NOON) as aws:
        seat = Seat(aws)
        play(seat, before)
        saved = aws.snapshot()
        seen = look(seat)
        play(seat, after)

        aws.restore(saved)

        assert look(seat) == seen


@given(before=histories)
def test_snapshot_then_restore_is_the_identity(before, play):
    with mock_aws(now=NOON) as aws:
        seat = Seat(aws)
        play(seat, before)
        seen = look(seat)

        aws.restore(aws.snapshot())

        assert look(seat) == seen


@given(before=histories, after=histories)
def test_a_snapshot_can_be_restored_again_and_what_follows_repeats(before, after, play):
    with mock_aws(now=NOON) as aws:
        seat = Seat(aws)
        play(seat, before)
        saved = aws.snapshot()
        first = (play(seat, after), look(seat))

        aws.restore(saved)
        second = (play(seat, after), look(seat))

        assert second == first


@given(before=histories, here=histories, there=histories)
def test_a_fork_and_its_origin_do_not_see_each_other(before, here, there, play):
    with mock_aws(now=NOON) as aws, mock_aws(now=NOON) as only_here, mock_aws(now=NOON) as only:
        origin, alone_here, alone_there = Seat(aws), Seat(only_here), Seat(only)
        play(origin, before)
        fork = Seat(aws.fork())
        play(origin, here)
        play(fork, there)
        play(alone_here, before + here)
        play(alone_there, before + there)

        assert look(origin) == look(alone_here)
        assert look(fork) == look(alone_there)


@given(history=histories)
def test_one_seed_and_one_now_give_one_history(history, play):
    with mock_aws(now=NOON, seed=3) as one, mock_aws(now=NOON, seed=3) as other:
        first, second = Seat(one), Seat(other)

        assert play(first, history) == play(second, history)
        assert look(first) == look(second)
        assert [c.request_id for c in one.calls] == [c.request_id for c in other.calls]
        assert [c.time for c in one.calls] == [c.time for c in other.calls]


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        make_repository(Seat(aws), "team/a")
        yield aws


@pytest.fixture
def seat(aws):
    return Seat(aws)


def test_ids_repeat_after_a_restore(aws, seat):
    saved = aws.snapshot()
    first = [begin_upload(seat, "team/a"), begin_upload(seat, "team/a")]

    aws.restore(saved)

    assert [begin_upload(seat, "team/a"), begin_upload(seat, "team/a")] == first
    assert len(set(first)) == 2


@pytest.mark.parametrize("other", [1, 2**70, -1])
def test_another_seed_gives_other_ids(other, seat):
    with mock_aws(now=NOON, seed=other) as aws:
        different = Seat(aws)
        make_repository(different, "team/a")

        assert begin_upload(different, "team/a") != begin_upload(seat, "team/a")


def test_a_read_does_not_change_the_ids_that_come_after_it(aws, seat):
    fork = Seat(aws.fork())
    look(fork)

    assert begin_upload(fork, "team/a") == begin_upload(seat, "team/a")


def test_the_clock_goes_back_with_a_restore(aws):
    saved = aws.snapshot()
    began = aws.clock.now
    aws.clock.advance(days=400)

    aws.restore(saved)

    assert aws.clock.now == began


def test_what_had_happened_is_to_come_again_after_a_restore(aws, seat):
    upload = begin_upload(seat, "team/a")
    part = {"repositoryName": "team/a", "uploadId": upload, "partFirstByte": 0, "partLastByte": 0}
    saved = aws.snapshot()
    aws.clock.advance(days=2)
    aws.restore(saved)
    seat.ecr.upload_layer_part(**part, layerPartBlob=b"x")

    aws.clock.advance(days=2)

    with pytest.raises(seat.ecr.exceptions.UploadNotFoundException):
        seat.ecr.upload_layer_part(**part, layerPartBlob=b"x")


def test_the_journal_is_no_part_of_a_snapshot(aws, seat):
    saved = aws.snapshot()
    make_repository(seat, "team/b")

    aws.restore(saved)

    assert [call.operation for call in aws.calls] == ["CreateRepository", "CreateRepository"]


def test_a_fault_is_no_part_of_a_snapshot(aws, seat):
    saved = aws.snapshot()
    aws.faults.add("ecr.DescribeRepositories", error="InvalidParameterException")

    aws.restore(saved)

    with pytest.raises(ClientError, match="InvalidParameterException"):
        seat.ecr.describe_repositories()


def test_an_upload_in_parts_goes_on_from_where_it_was(aws, seat):
    upload = begin_upload(seat, "team/a")
    part = {"repositoryName": "team/a", "uploadId": upload, "partFirstByte": 0, "partLastByte": 0}
    saved = aws.snapshot()
    seat.ecr.upload_layer_part(**part, layerPartBlob=b"x")

    aws.restore(saved)
    again = seat.ecr.upload_layer_part(**part, layerPartBlob=b"y")

    assert again["lastByteReceived"] == 0


def test_a_fork_keeps_layers_that_its_origin_deletes(aws, seat, push):
    push(seat.ecr, "team/a")
    fork = aws.fork()
    drop_repository(seat, "team/a")

    found = fork.client("ecr").describe_images(repositoryName="team/a")["imageDetails"]

    assert [each["imageTags"] for each in found] == [["v1"]]


def test_a_fork_that_is_entered_answers_as_its_origin_did(aws, seat, names):
    fork = aws.fork()
    drop_repository(seat, "team/a")

    with fork:
        assert names() == ["team/a"]
    assert names() == []


def test_a_fork_has_the_options_of_its_origin_and_a_journal_of_its_own():
    with mock_aws(region_name="eu-west-1", page_size=1) as aws:
        make_repository(Seat(aws), "team/a")
        fork = aws.fork()

        assert fork.options == aws.options
        assert len(fork.calls) == 0
        assert fork.client("ecr").meta.region_name == "eu-west-1"


def test_a_snapshot_of_one_mock_can_be_restored_in_another(aws, names):
    saved = aws.snapshot()

    with mock_aws() as other:
        other.restore(saved)
        make_repository(Seat(other), "team/b")

        assert names() == ["team/a", "team/b"]
    assert names() == ["team/a"]


@pytest.mark.parametrize("wrong", [None, "saved", {}], ids=repr)
def test_restore_takes_nothing_but_a_snapshot(wrong, aws):
    with pytest.raises(UsageError, match=type(wrong).__name__):
        aws.restore(wrong)


def test_a_restore_does_not_tell_subscribers_the_past_again(aws, seat, push):
    heard = []
    push(seat.ecr, "team/a")
    saved = aws.snapshot()
    aws.events.subscribe(heard.append)

    aws.restore(saved)
    seat.ecr.describe_repositories()

    assert heard == []
    assert len(aws.events) == 1


def test_a_subscriber_hears_what_is_new_after_a_restore(aws, seat, push):
    heard = []
    saved = aws.snapshot()
    push(seat.ecr, "team/a")
    aws.events.subscribe(heard.append)

    aws.restore(saved)
    push(seat.ecr, "team/a")

    assert [event["detail-type"] for event in heard] == ["ECR Image Action"]
