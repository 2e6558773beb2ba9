"""Classes and tests that fail: the failure is seen, and nothing is left started.

Each run is a pytest of its own; the last test of its file looks at what was left.
"""

from __future__ import annotations

import pytest

TESTS = """
import unittest

import boto3
import pytest
from ecrmock import NotStarted, current, mock_aws


def make(name):
    boto3.client("ecr").create_repository(repositoryName=name)


@mock_aws
class TestSetUpClass:
    @classmethod
    def setup_class(cls):
        make("of-class")
        raise KeyError("from setup_class")

    def test_it(self):
        pass


class TestSetUpClassOfSubclass(TestSetUpClass):
    @classmethod
    def setup_class(cls):
        super().setup_class()


@mock_aws
class TestSetUpClassSkips:
    @classmethod
    def setup_class(cls):
        pytest.skip("not today")

    def test_it(self):
        pass


@mock_aws
class TestTearDownClass:
    @classmethod
    def teardown_class(cls):
        raise KeyError("from teardown_class")

    def test_it(self):
        pass


@mock_aws
class TestSetUpMethod:
    def setup_method(self):
        raise KeyError("from setup_method")

    def test_it(self):
        pass


@mock_aws
class TestClassFixture:
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def of_class(cls):
        raise KeyError("from the fixture")

    def test_it(self):
        pass


@mock_aws
class TestBody:
    @classmethod
    def setup_class(cls):
        make("of-class")

    def test_it(self):
        make("of-one-test")
        assert False

    def test_next(self):
        make("of-one-test")


@mock_aws
class TestOuter:
    class TestInner:
        @classmethod
        def setup_class(cls):
            raise KeyError("from setup_class")

        def test_it(self):
            pass


@mock_aws
class TestCaseSetUpClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise KeyError("from setUpClass")

    def test_it(self):
        pass


@mock_aws
class TestCaseTearDownClass(unittest.TestCase):
    @classmethod
    def tearDownClass(cls):
        raise KeyError("from tearDownClass")

    def test_it(self):
        pass


@mock_aws
class TestCaseBody(unittest.TestCase):
    def test_it(self):
        make("of-one-test")
        assert False

    def test_next(self):
        make("of-one-test")


@mock_aws
class TestCaseAsync(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        raise KeyError("from asyncSetUp")

    async def test_it(self):
        pass


@mock_aws
def test_function():
    assert False


@pytest.fixture
@mock_aws
def failing():
    yield
    raise KeyError("from teardown")


def test_fixture(failing):
    pass


class TestZLast:
    def test_nothing_is_left_started(self):
        with pytest.raises(NotStarted):
            current()

    def test_the_environment_is_as_it_was(self):
        import os

        assert not [name for name in os.environ if name.startswith("AWS_")]
"""

EXPECTED = {
    "TestSetUpClass.test_it": "error",
    "TestSetUpClassOfSubclass.test_it": "error",
    "TestSetUpClassSkips.test_it": "skipped",
    "TestTearDownClass.test_it": "error",
    "TestSetUpMethod.test_it": "error",
    "TestClassFixture.test_it": "error",
    "TestBody.test_it": "failed",
    "TestBody.test_next": "passed",
    "TestOuter.TestInner.test_it": "error",
    "TestCaseSetUpClass.test_it": "error",
    "TestCaseTearDownClass.test_it": "error",
    "TestCaseBody.test_it": "failed",
    "TestCaseBody.test_next": "passed",
    "TestCaseAsync.test_it": "failed",
    "test_function": "failed",
    "test_fixture": "error",
    "TestZLast.test_nothing_is_left_started": "passed",
    "TestZLast.test_the_environment_is_as_it_was": "passed",
}


@pytest.fixture(scope="module")
def run(run_pytest):
    return run_pytest(TESTS)


def test_the_run_has_the_tests_of_the_table(run):
    assert set(run.outcomes) == set(EXPECTED), run.output


@pytest.mark.parametrize("name", EXPECTED)
def test_what_fails_is_seen_and_what_follows_is_not_hurt(name, run):
    assert run.outcomes[name] == EXPECTED[name], run.output
