"""A decorated unittest class has one world; each test starts from a copy of it.

The classes at the top are run by pytest, those inside functions by unittest's own runner. Every
test looks at what it starts with and then dirties it.
"""

from __future__ import annotations

import unittest

import boto3
import pytest

from ecrmock import current, mock_aws


def make(name):
    boto3.client("ecr").create_repository(repositoryName=name)


def all_names():
    found = boto3.client("ecr").describe_repositories()["repositories"]
    return sorted(each["repositoryName"] for each in found)


def run(*classes):
    """Run test classes with unittest's own runner."""
    load = unittest.TestLoader().loadTestsFromTestCase
    result = unittest.TestResult()
    unittest.TestSuite(map(load, classes)).run(result)
    return result


class StartsWith:
    """Two tests that look at what they start with, and dirty it."""

    made: tuple[str, ...] = ()

    def starts_with_what_was_made(self):
        assert all_names() == sorted(self.made)
        make("of-one-test")

    def test_one_starts_with_what_was_made(self):
        self.starts_with_what_was_made()

    def test_another_starts_with_what_was_made(self):
        self.starts_with_what_was_made()


@mock_aws
class TestPlain(StartsWith, unittest.TestCase):
    """Nothing is set up."""


@mock_aws(region_name="eu-west-1", account_id="111122223333")
class TestOptions(unittest.TestCase):
    def test_its_tests_have_the_options(self):
        identity = boto3.client("sts").get_caller_identity()

        self.assertEqual(identity["Account"], "111122223333")  # noqa: PT009 - as users write it
        assert boto3.client("ecr").meta.region_name == "eu-west-1"


@mock_aws
class Base(StartsWith, unittest.TestCase):
    made = ("of-base-class", "of-base-test")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make("of-base-class")
        cls.addClassCleanup(make, "in-class-cleanup")

    def setUp(self):
        make("of-base-test")
        self.addCleanup(make, "in-cleanup")

    def tearDown(self):
        make("in-tear-down")

    @classmethod
    def tearDownClass(cls):
        boto3.client("ecr").describe_repositories(repositoryNames=["of-base-class"])


class TestInherits(Base):
    """Nothing is overridden."""


class TestSetUpClassWithSuper(Base):
    made = (*Base.made, "of-sub-class")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make("of-sub-class")


class TestSetUpClassWithoutSuper(Base):
    made = ("of-base-test", "of-base-class")

    @classmethod
    def setUpClass(cls):
        make("of-base-class")


class TestSetUpWithSuper(Base):
    made = (*Base.made, "of-sub-test")

    def setUp(self):
        make("of-sub-test")
        super().setUp()


class TestSetUpWithoutSuper(Base):
    made = ("of-base-class", "of-sub-test")

    def setUp(self):
        make("of-sub-test")


@mock_aws(region_name="eu-west-1")
class TestDecoratedAgain(Base):
    def test_the_options_of_the_subclass_hold(self):
        assert current().region_name == "eu-west-1"


class Undecorated(StartsWith, unittest.TestCase):
    made = ("of-plain-class", "of-plain-test")
    __test__ = False

    @classmethod
    def setUpClass(cls):
        make("of-plain-class")

    def setUp(self):
        make("of-plain-test")


@mock_aws
class TestDecoratedBelow(Undecorated):
    """The set-ups and tests of a base that is not decorated are mocked too."""

    __test__ = True


@mock_aws
class TestAsync(unittest.IsolatedAsyncioTestCase):
    @classmethod
    def setUpClass(cls):
        make("of-class")

    def setUp(self):
        make("of-test")

    async def asyncSetUp(self):
        make("of-async-test")

    async def asyncTearDown(self):
        make("in-async-tear-down")

    async def starts_with_what_was_made(self):
        assert all_names() == ["of-async-test", "of-class", "of-test"]
        make("of-one-test")

    async def test_one_starts_with_what_was_made(self):
        await self.starts_with_what_was_made()

    async def test_another_starts_with_what_was_made(self):
        await self.starts_with_what_was_made()


class TestAsyncMethod(unittest.IsolatedAsyncioTestCase):
    @mock_aws
    async def test_a_decorated_method_is_mocked(self):
        make("of-one-test")

        assert all_names() == ["of-one-test"]


class TestByHand(unittest.TestCase):
    def setUp(self):
        self.aws = mock_aws().start()
        self.addCleanup(self.aws.stop)

    def test_start_in_set_up_and_stop_in_cleanup_work(self):
        assert current() is self.aws


@mock_aws
class TestAutouseFixtureOfPytest(StartsWith, unittest.TestCase):
    made = ("of-autouse-fixture",)

    @pytest.fixture(autouse=True)
    def of_function(self):
        make("of-autouse-fixture")


def test_the_runner_of_unittest_finds_the_tests_mocked():
    result = run(TestPlain, TestInherits, TestSetUpClassWithoutSuper, TestSetUpWithSuper, TestAsync)

    assert result.testsRun == 10
    assert result.wasSuccessful(), result.errors + result.failures


def test_nothing_is_active_after_the_class(is_active):
    run(TestInherits)

    assert not is_active()


def test_the_class_is_mocked_in_tear_down_and_in_its_cleanups():
    seen = []

    @mock_aws
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            make("of-class")
            cls.addClassCleanup(lambda: seen.append(all_names()))

        def test_one(self):
            make("of-one-test")

        def tearDown(self):
            seen.append(all_names())

        @classmethod
        def tearDownClass(cls):
            seen.append("of-class" in all_names())

    run(Case)

    assert seen[0] == ["of-class", "of-one-test"]
    assert seen[1] is True
    assert "of-class" in seen[2]


def test_a_failing_set_up_of_the_class_leaves_nothing_started(is_active):
    @mock_aws
    class Case(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            raise KeyError("from setUpClass")

        def test_one(self):
            raise AssertionError("is not reached")

    result = run(Case)

    assert len(result.errors) == 1
    assert "from setUpClass" in result.errors[0][1]
    assert not is_active()


def test_a_failing_set_up_of_a_subclass_leaves_nothing_started(is_active):
    class Case(Base):
        @classmethod
        def setUpClass(cls):
            super().setUpClass()
            raise KeyError("from setUpClass")

    result = run(Case)

    assert len(result.errors) == 1
    assert not is_active()


@pytest.mark.parametrize("place", ["setUp", "test_one", "tearDown", "tearDownClass"])
def test_what_fails_leaves_nothing_started_and_is_reported(place, is_active):
    def fail(_self):
        raise AssertionError(f"from {place}")

    body = {"test_one": lambda _self: None}
    body[place] = classmethod(fail) if place == "tearDownClass" else fail

    result = run(mock_aws(type("Case", (unittest.TestCase,), body)))

    assert f"from {place}" in (result.errors + result.failures)[0][1]
    assert not is_active()


def test_a_class_that_is_skipped_starts_nothing(is_active):
    @unittest.skip("not today")
    @mock_aws
    class Case(unittest.TestCase):
        def test_one(self):
            raise AssertionError("is not reached")

    result = run(Case)

    assert len(result.skipped) == 1
    assert not is_active()


def test_a_test_that_is_run_without_its_class_is_mocked(is_active):
    result = unittest.TestResult()

    TestPlain("test_one_starts_with_what_was_made").run(result)

    assert result.testsRun == 1
    assert result.wasSuccessful(), result.errors + result.failures
    assert not is_active()


def test_a_class_runs_twice_with_a_new_world_each_time():
    results = [run(Base), run(Base)]

    assert [result.wasSuccessful() for result in results] == [True, True]


@pytest.mark.parametrize("door", ["class", "method"])
def test_a_failing_async_test_fails_under_unittest(door):
    class Case(unittest.IsolatedAsyncioTestCase):
        async def test_one(self):
            raise AssertionError("reached")

    if door == "class":
        mock_aws(Case)
    else:
        Case.test_one = mock_aws(Case.test_one)

    result = run(Case)

    assert "reached" in result.failures[0][1]


def test_subtests_share_the_world_of_their_test():
    @mock_aws
    class Case(unittest.TestCase):
        def test_one(self):
            for number in range(3):
                with self.subTest(number=number):
                    make(f"repository-{number}")
            assert len(all_names()) == 3

    assert run(Case).wasSuccessful()
