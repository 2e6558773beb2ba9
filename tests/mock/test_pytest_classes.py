"""A decorated pytest class has one world; each test starts from a copy of it.

Every test here looks at what it starts with and then dirties it, so it fails where a test before
it is seen.
"""

from __future__ import annotations

import enum
from typing import Protocol, runtime_checkable

import boto3
import pytest

from ecrmock import current, mock_aws


def make(name):
    boto3.client("ecr").create_repository(repositoryName=name)


@pytest.fixture
def starts_with(names):
    """Check what a test starts with, and dirty it."""

    def check(*wanted):
        assert names() == sorted(wanted)
        make("of-one-test")

    return check


@pytest.fixture
def prepared():
    make("of-function-fixture")


@mock_aws
class TestPlain:
    def test_the_first_one_starts_empty(self, starts_with):
        starts_with()

    def test_the_second_one_starts_empty(self, starts_with):
        starts_with()

    @pytest.mark.parametrize("number", [1, 2])
    def test_each_of_its_parameters_starts_empty(self, number, starts_with):
        starts_with()

    @staticmethod
    def test_a_static_one_starts_empty(starts_with):
        starts_with()

    @pytest.mark.asyncio
    async def test_an_async_one_starts_empty(self, starts_with):
        starts_with()

    def test_a_fixture_of_the_function_is_inside(self, prepared, starts_with):
        starts_with("of-function-fixture")

    def test_a_fixture_of_the_function_is_inside_again(self, prepared, starts_with):
        starts_with("of-function-fixture")

    @mock_aws
    def test_a_decorated_one_has_a_world_apart(self, prepared, starts_with):
        starts_with()


@mock_aws(region_name="eu-west-1", account_id="111122223333")
class TestOptions:
    def test_its_tests_have_the_options(self):
        identity = boto3.client("sts").get_caller_identity()

        assert identity["Account"] == "111122223333"
        assert boto3.client("ecr").meta.region_name == "eu-west-1"

    def test_its_tests_can_ask_for_the_mock(self):
        assert current().region_name == "eu-west-1"


@mock_aws
class TestSetUpOfTheClass:
    @classmethod
    def setup_class(cls):
        cls.repository = "of-class"
        make(cls.repository)

    def setup_method(self, method):
        self.name = method.__name__
        make("of-method")

    def teardown_method(self):
        assert current().client("ecr").describe_repositories()["repositories"]

    @classmethod
    def teardown_class(cls):
        current().client("ecr").describe_repositories(repositoryNames=[cls.repository])

    def test_the_first_one_has_what_was_set_up(self, starts_with):
        starts_with("of-class", "of-method")

    def test_the_second_one_has_what_was_set_up(self, starts_with):
        starts_with("of-class", "of-method")

    def test_attributes_of_the_set_ups_are_there(self):
        assert self.repository == "of-class"
        assert self.name == "test_attributes_of_the_set_ups_are_there"


@mock_aws
class TestSetUpsWithoutArguments:
    def setup_class(self):
        make("of-class")

    def setup_method(self):
        make("of-method")

    def test_one_has_what_was_set_up(self, starts_with):
        starts_with("of-class", "of-method")

    def test_another_has_what_was_set_up(self, starts_with):
        starts_with("of-class", "of-method")


@mock_aws
class TestFixturesOfTheClass:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def of_class(cls):
        make("of-class-fixture")
        yield
        current().client("ecr").describe_repositories(repositoryNames=["of-class-fixture"])

    @pytest.fixture(autouse=True)
    def of_function(self):
        make("of-autouse")
        yield
        current().client("ecr").describe_repositories(repositoryNames=["of-autouse"])

    def setup_method(self):
        make("of-method")

    def test_one_has_what_they_made(self, starts_with):
        starts_with("of-class-fixture", "of-autouse", "of-method")

    def test_another_has_what_they_made(self, starts_with):
        starts_with("of-class-fixture", "of-autouse", "of-method")


both_turns = pytest.mark.parametrize("turn", ["one", "other"])


@mock_aws
class TestFaults:
    @both_turns
    def test_a_fault_does_not_come_to_the_next_test(self, turn):
        boto3.client("ecr").describe_repositories()
        current().faults.add("ecr.DescribeRepositories", error="ServerException")


@mock_aws
class TestJournal:
    @both_turns
    def test_a_test_does_not_see_the_calls_of_the_one_before(self, turn):
        make("of-one-test")

        assert [call.operation for call in current().calls] == ["CreateRepository"]


@mock_aws
class TestSubscribers:
    heard: tuple[list[dict], ...] = ()

    @both_turns
    def test_a_subscriber_does_not_hear_the_next_test(self, turn, push):
        mine = []
        TestSubscribers.heard = (*self.heard, mine)
        current().events.subscribe(mine.append)
        make("of-one-test")
        push(boto3.client("ecr"), "of-one-test")

        assert [len(each) for each in self.heard] == [1] * len(self.heard)


@mock_aws
class TestClock:
    """The clock too is as it was after the class was set up."""

    @classmethod
    def setup_class(cls):
        cls.began = current().clock.now

    def starts_early(self):
        assert (current().clock.now - self.began).days < 1
        current().clock.advance(days=2)

    def test_one_starts_early(self):
        self.starts_early()

    def test_another_starts_early(self):
        self.starts_early()


class TestOnlyTheInner:
    def test_the_outer_one_is_not_mocked(self, is_active):
        assert not is_active()

    @mock_aws
    class TestInner:
        def test_the_inner_one_is(self, starts_with):
            starts_with()


@mock_aws(region_name="eu-west-1")
class TestOfAnotherRegion:
    def test_the_outer_one_has_its_options(self):
        assert current().region_name == "eu-west-1"

    @mock_aws(region_name="eu-west-2")
    class TestInner:
        def test_an_inner_one_that_is_decorated_has_its_own(self):
            assert current().region_name == "eu-west-2"

    class TestPlainInner:
        def test_an_inner_one_that_is_not_has_those_of_the_outer(self):
            assert current().region_name == "eu-west-1"


@mock_aws
class TestHelpers:
    class Colour(enum.Enum):
        RED = 1

    @runtime_checkable
    class Named(Protocol):
        name: str

    class Helper:
        name = "helper"

    def test_a_class_inside_that_has_no_test_is_left_as_it_was(self):
        assert not {"setup_class", "setup_method", "__init_subclass__"} & set(vars(self.Helper))
        assert isinstance(self.Helper(), self.Named)
        assert [each.name for each in self.Colour] == ["RED"]
