"""`mock_aws` as a context manager, sync and async, and by `start` and `stop`; nesting and order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading

import boto3
import pytest

import ecrmock
from ecrmock import MockAws, NotStarted, RealCallRefused, UsageError, current, mock_aws


def create(name, client=None):
    (client or boto3.client("ecr")).create_repository(repositoryName=name)


def in_thread(function):
    """Return what *function* returns in a new thread."""
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_with_gives_the_mock_that_is_active(is_active):
    with mock_aws() as aws:
        assert isinstance(aws, MockAws)
        assert current() is aws

    assert not is_active()


def test_async_with_gives_the_mock_that_is_active(is_active):
    async def work():
        async with mock_aws() as aws:
            return current() is aws, is_active()

    was_current, _ = asyncio.run(work())

    assert was_current
    assert not is_active()


def test_start_returns_the_mock_and_stop_ends_it(is_active):
    aws = mock_aws()

    assert aws.start() is aws
    assert current() is aws
    aws.stop()
    assert not is_active()


@pytest.mark.parametrize("is_async", [False, True], ids=["with", "async-with"])
def test_an_error_in_the_block_comes_out_and_ends_the_mock(is_async, is_active):
    async def fail_async():
        async with mock_aws():
            raise KeyError("from the block")

    def fail():
        with mock_aws():
            raise KeyError("from the block")

    with pytest.raises(KeyError, match="from the block"):
        asyncio.run(fail_async()) if is_async else fail()

    assert not is_active()


def test_a_mock_that_was_not_started_is_not_active(is_active):
    mock_aws()

    assert not is_active()


def test_stop_without_start_is_refused():
    with pytest.raises(NotStarted, match="not started"):
        mock_aws().stop()


def test_current_without_a_mock_is_refused():
    with pytest.raises(NotStarted, match="not started"):
        current()


def test_entering_one_mock_again_shares_it_and_the_last_exit_ends_it(names, is_active):
    aws = mock_aws()

    with aws:
        create("outer")
        with aws as again:
            assert again is aws
            assert names() == ["outer"]
            create("inner")
        assert names() == ["inner", "outer"]
    assert not is_active()


def test_a_mock_of_its_own_inside_another_is_isolated_and_gives_way_again(names):
    with mock_aws() as outer:
        create("outer")
        with mock_aws() as inner:
            assert current() is inner
            assert names() == []
            create("inner")

        assert current() is outer
        assert names() == ["outer"]


def test_mocks_may_stop_in_any_order(names, is_active):
    first, second, third = mock_aws().start(), mock_aws().start(), mock_aws().start()

    second.stop()
    assert current() is third
    third.stop()
    assert current() is first
    first.stop()
    assert not is_active()


def test_a_mock_that_is_started_anew_begins_empty(names):
    aws = mock_aws()
    with aws:
        create("team/app")

    with aws:
        assert names() == []
        assert [call.operation for call in aws.calls] == ["DescribeRepositories"]


def test_a_mock_that_has_ended_can_still_be_read():
    with mock_aws() as aws:
        create("team/app")

    assert aws.calls[-1].request == {"repositoryName": "team/app"}


def test_a_failing_start_leaves_the_environment_as_it_was(monkeypatch, is_active):
    monkeypatch.delattr("botocore.client.BaseClient._make_request")
    before = dict(os.environ)

    with pytest.raises(ecrmock.InterceptionFailed, match="_make_request"):
        mock_aws().start()

    assert not is_active()
    assert dict(os.environ) == before


def test_an_exit_stack_and_addcleanup_hold_a_mock(is_active):
    with contextlib.ExitStack() as stack:
        aws = stack.enter_context(mock_aws())
        stack.callback(mock_aws().start().stop)

        assert current() is not aws
    assert not is_active()


@pytest.mark.parametrize("made", ["before", "inside"])
def test_a_client_is_answered_whenever_it_was_made(made, names):
    before = boto3.client("ecr", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")

    with mock_aws():
        client = before if made == "before" else boto3.client("ecr")
        create("team/app", client)

        assert names(client) == ["team/app"]


def test_one_client_is_answered_by_each_mock_in_turn(names):
    with mock_aws():
        client = boto3.client("ecr")
        create("team/app", client)

    with mock_aws():
        assert names(client) == []


def test_a_client_made_inside_is_refused_afterwards_with_the_place_where_it_was_made():
    with mock_aws():
        client = boto3.client("ecr")

    with pytest.raises(RealCallRefused, match=r"DescribeRepositories .*test_context_managers\.py"):
        client.describe_repositories()


class TestThreads:
    """A thread is answered by the mock that was started last, the main thread by its own."""

    def test_a_thread_is_answered_by_the_mock_of_the_process(self, names):
        with mock_aws():
            create("team/app")

            assert in_thread(names) == ["team/app"]

    def test_a_thread_that_starts_a_mock_leaves_that_of_the_main_thread_alone(self, names):
        with mock_aws() as ours:
            create("ours")
            theirs = in_thread(mock_aws().start)
            try:
                assert current() is ours
                assert names() == ["ours"]
            finally:
                theirs.stop()

    def test_a_mock_can_be_stopped_on_another_thread(self, is_active):
        aws = mock_aws().start()

        in_thread(aws.stop)

        assert not is_active()

    def test_threads_that_each_enter_a_mock_see_their_own(self, names):
        ready = threading.Barrier(8)

        def work(number):
            with mock_aws():
                client = boto3.session.Session().client("ecr")
                create(f"repository-{number}", client)
                ready.wait(30)
                seen[number] = names(client)
                ready.wait(30)

        seen = {}
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert seen == {number: [f"repository-{number}"] for number in range(8)}


class TestTasks:
    """Tasks of one event loop that each enter a mock do not mix, though their calls do."""

    def test_tasks_that_each_enter_a_mock_see_their_own(self, names):
        async def work(number):
            async with mock_aws():
                create(f"repository-{number}")
                await asyncio.sleep(0)
                seen = names()
                await asyncio.sleep(0)
                return seen

        async def work_all():
            return await asyncio.gather(*map(work, range(50)))

        assert asyncio.run(work_all()) == [[f"repository-{number}"] for number in range(50)]

    def test_a_task_is_answered_by_the_mock_it_was_made_in(self, names):
        async def work():
            async with mock_aws():
                create("team/app")
                return await asyncio.create_task(asyncio.to_thread(names))

        assert asyncio.run(work()) == ["team/app"]


class TestClient:
    """`aws.client` makes clients that belong to one mock."""

    def test_it_is_answered_by_its_own_mock_inside_another(self, names):
        with mock_aws() as outer:
            client = outer.client("ecr")
            with mock_aws():
                create("outer", client)

                assert names() == []
            assert names() == ["outer"]

    def test_it_has_the_region_and_account_of_the_mock(self):
        with mock_aws(region_name="eu-west-1", account_id="111122223333") as aws:
            identity = aws.client("sts").get_caller_identity()

            assert identity["Account"] == "111122223333"
            assert aws.client("ecr").meta.region_name == "eu-west-1"

    def test_it_takes_another_account_and_region(self, names):
        with mock_aws() as aws:
            client = aws.client("ecr", account_id="111122223333", region_name="eu-west-1")
            made = client.create_repository(repositoryName="team/app")["repository"]

            assert made["repositoryArn"].startswith("arn:aws:ecr:eu-west-1:111122223333:")
            assert names() == []

    def test_it_is_not_made_before_the_start(self):
        aws = mock_aws()

        with pytest.raises(NotStarted, match="not started"):
            aws.client("ecr")

    def test_it_is_not_made_after_the_end(self):
        with mock_aws() as aws:
            pass

        with pytest.raises(NotStarted, match="has been stopped"):
            aws.client("ecr")

    def test_it_answers_again_after_its_mock_was_started_anew(self, names):
        aws = mock_aws()
        with aws:
            client = aws.client("ecr")

        with aws:
            create("team/app", client)

            assert names() == ["team/app"]

    def test_it_is_refused_after_the_end_of_its_mock(self):
        with mock_aws() as aws:
            client = aws.client("ecr")

        with pytest.raises(RealCallRefused, match="has ended"):
            client.describe_repositories()

    def test_it_is_refused_after_the_end_of_its_mock_inside_another(self):
        with mock_aws() as aws:
            client = aws.client("ecr")

        with mock_aws(), pytest.raises(RealCallRefused, match="DescribeRepositories"):
            client.describe_repositories()

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"region_name": "mars-1"}, "region_name is 'mars-1'"),
            ({"account_id": "12"}, "account_id is '12'"),
        ],
        ids=["region", "account"],
    )
    def test_it_refuses_a_region_or_account_that_cannot_be(self, options, says):
        with mock_aws() as aws, pytest.raises(UsageError, match=says):
            aws.client("ecr", **options)
