"""Decorated pytest classes in each order of their tests: what one starts with is always the same.

Each run is a pytest of its own, with the tests in the order in which they are named to it.
"""

from __future__ import annotations

import pytest

PRELUDE = """
import boto3
import pytest
from ecrmock import mock_aws


def make(name):
    boto3.client("ecr").create_repository(repositoryName=name)


@pytest.fixture
def starts_with():
    def check(*wanted):
        found = boto3.client("ecr").describe_repositories()["repositories"]
        assert sorted(each["repositoryName"] for each in found) == sorted(wanted)
        make("of-one-test")

    return check
"""

NESTED = """
@mock_aws
class TestOuter:
    @classmethod
    def setup_class(cls):
        make("of-outer-class")

    def setup_method(self):
        make("of-outer-method")

    def test_outer(self, starts_with):
        starts_with("of-outer-class", "of-outer-method")

    class TestInner:
        @classmethod
        def setup_class(cls):
            make("of-inner-class")

        def setup_method(self):
            make("of-inner-method")

        def test_inner(self, starts_with):
            starts_with("of-outer-class", "of-inner-class", "of-inner-method")

        def test_again(self, starts_with):
            starts_with("of-outer-class", "of-inner-class", "of-inner-method")

    class TestPlainInner:
        def test_inner(self, starts_with):
            starts_with("of-outer-class")

        class TestInnermost:
            def test_innermost(self, starts_with):
                starts_with("of-outer-class")
"""

INHERITED = """

class TestSub(TestOuter):
    pass


class TestSubWithSetUp(TestOuter):
    @classmethod
    def setup_class(cls):
        make("of-outer-class")
"""

LATE = """
@pytest.fixture(scope="class")
def late():
    make("of-late-fixture")


@mock_aws
class TestLate:
    def test_without(self):
        make("of-one-test")

    def test_with(self, late, starts_with):
        starts_with("of-late-fixture")

    def test_with_again(self, late, starts_with):
        starts_with("of-late-fixture")
"""

AUTOUSE = """
@pytest.fixture(autouse=True)
def of_the_module():
    make("of-autouse-fixture")


@mock_aws
class TestAutouse:
    def test_one(self, starts_with):
        starts_with("of-autouse-fixture")

    def test_other(self, starts_with):
        starts_with("of-autouse-fixture")
"""


def run_in_order(run_pytest, source, names):
    ids = [f"test_inner.py::{name.replace('.', '::')}" for name in names]
    return run_pytest(PRELUDE + source, *ids)


@pytest.mark.parametrize(
    "order",
    [
        ["TestOuter"],
        ["TestOuter.test_outer", "TestOuter.TestPlainInner", "TestOuter.TestInner"],
        ["TestOuter.TestInner", "TestOuter.TestPlainInner", "TestOuter.test_outer"],
        ["TestOuter.TestPlainInner.TestInnermost", "TestOuter.test_outer", "TestOuter.TestInner"],
    ],
    ids=["as-defined", "outer-first", "outer-last", "innermost-first"],
)
def test_an_inner_class_starts_with_what_the_outer_set_up(order, run_pytest):
    run = run_in_order(run_pytest, NESTED, order)

    assert run.outcomes
    assert run.having("passed") == set(run.outcomes), run.output


@pytest.mark.parametrize("name", ["TestSub", "TestSubWithSetUp"])
def test_an_inner_class_that_was_inherited_starts_with_what_the_outer_set_up(name, run_pytest):
    run = run_in_order(run_pytest, NESTED + INHERITED, [name])

    assert len(run.outcomes) == 5
    assert run.having("passed") == set(run.outcomes), run.output


@pytest.mark.parametrize(
    "order",
    [
        ["test_without", "test_with", "test_with_again"],
        ["test_with", "test_without", "test_with_again"],
    ],
    ids=["late", "first"],
)
def test_what_a_class_fixture_made_is_there_for_the_tests_that_ask_for_it(order, run_pytest):
    names = [f"TestLate.{name}" for name in order]

    run = run_in_order(run_pytest, LATE, names)

    assert run.having("passed") == set(names), run.output


def test_an_autouse_fixture_of_the_module_is_of_one_test_only(run_pytest):
    names = ["TestAutouse.test_one", "TestAutouse.test_other"]

    run = run_in_order(run_pytest, AUTOUSE, names)

    assert run.having("passed") == set(names), run.output


PLAIN = """
@mock_aws
class TestPlain:
    @classmethod
    def setup_class(cls):
        make("of-class")

    def setup_method(self):
        make("of-method")

    def test_one(self, starts_with):
        starts_with("of-class", "of-method")

    def test_other(self, starts_with):
        starts_with("of-class", "of-method")


@mock_aws
def test_function(starts_with):
    starts_with()
"""


def test_the_decorator_works_without_the_plugin(run_pytest):
    run = run_pytest(PRELUDE + PLAIN, "-p", "no:ecrmock.pytest_plugin")

    assert run.having("passed") == {"TestPlain.test_one", "TestPlain.test_other", "test_function"}
