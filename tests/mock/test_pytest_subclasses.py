"""Subclasses of decorated pytest classes, and decorated subclasses: covered however they override.

Every test here looks at what it starts with and then dirties it.
"""

from __future__ import annotations

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


@mock_aws
class Base:
    made = ("of-base-class", "of-base-method")

    @classmethod
    def setup_class(cls):
        make("of-base-class")

    def setup_method(self, method):
        make("of-base-method")

    def test_one_has_what_was_set_up(self, starts_with):
        starts_with(*self.made)

    def test_another_has_what_was_set_up(self, starts_with):
        starts_with(*self.made)


class TestInherits(Base):
    """Nothing is overridden."""

    def test_a_test_of_its_own_has_what_was_set_up(self, starts_with):
        starts_with(*self.made)


class TestSetUpClassWithSuper(Base):
    made = (*Base.made, "of-sub-class")

    @classmethod
    def setup_class(cls):
        super().setup_class()
        make("of-sub-class")


class TestSetUpClassWithoutSuper(Base):
    made = ("of-base-method", "of-sub-class")

    @classmethod
    def setup_class(cls):
        make("of-sub-class")


class TestSetUpMethodWithSuper(Base):
    made = (*Base.made, "of-sub-method")

    def setup_method(self, method):
        make("of-sub-method")
        super().setup_method(method)


class TestSetUpMethodWithoutSuper(Base):
    made = ("of-base-class", "of-sub-method")

    def setup_method(self):
        make("of-sub-method")


class TestTearDownWithSuper(Base):
    """The mock is active until the outermost tear-down has ended."""

    @classmethod
    def teardown_class(cls):
        super().teardown_class()
        current().client("ecr").describe_repositories(repositoryNames=["of-base-class"])


class TestTearDownWithoutSuper(Base):
    @classmethod
    def teardown_class(cls):
        current().client("ecr").describe_repositories(repositoryNames=["of-base-class"])


class TestOfASubclass(TestSetUpClassWithSuper):
    """A grandchild of the decorated class."""

    made = (*TestSetUpClassWithSuper.made, "of-grandchild-class", "of-grandchild-method")

    @classmethod
    def setup_class(cls):
        super().setup_class()
        make("of-grandchild-class")

    def setup_method(self, method):
        super().setup_method(method)
        make("of-grandchild-method")


@mock_aws(region_name="eu-west-1")
class TestDecoratedAgain(Base):
    """The options of the subclass hold, and it is still one world."""

    def test_the_region_is_that_of_the_subclass(self):
        assert current().region_name == "eu-west-1"


@mock_aws(region_name="eu-west-1")
class TestDecoratedAgainWithSetUp(Base):
    made = (*Base.made, "of-sub-class")

    @classmethod
    def setup_class(cls):
        super().setup_class()
        assert current().region_name == "eu-west-1"
        make("of-sub-class")


class Undecorated:
    made = ("of-plain-class", "of-plain-method")

    @classmethod
    def setup_class(cls):
        make("of-plain-class")

    def setup_method(self):
        make("of-plain-method")

    def test_one_has_what_was_set_up(self, starts_with):
        starts_with(*self.made)

    def test_another_has_what_was_set_up(self, starts_with):
        starts_with(*self.made)


@mock_aws
class TestDecoratedBelow(Undecorated):
    """The tests and set-ups of a base that is not decorated are mocked too."""


@mock_aws
class TestDecoratedBelowWithSuper(Undecorated):
    made = ("of-plain-class", "of-plain-method", "of-sub-class", "of-sub-method")

    @classmethod
    def setup_class(cls):
        make("of-sub-class")
        super().setup_class()

    def setup_method(self):
        super().setup_method()
        make("of-sub-method")


class Mixin:
    def setup_method(self, method):
        make("of-mixin-method")
        super().setup_method(method)


class TestMixinFirst(Mixin, Base):
    made = (*Base.made, "of-mixin-method")


@mock_aws
class OtherBase:
    @classmethod
    def setup_class(cls):
        make("of-other-class")
        super().setup_class()

    def test_of_the_other_base(self, starts_with):
        starts_with(*self.made)


class TestOfTwoDecoratedBases(OtherBase, Base):
    made = (*Base.made, "of-other-class")


class Initialised:
    """Has an `__init_subclass__` of its own, which still runs."""

    subclasses: tuple[str, ...] = ()

    def __init_subclass__(cls, *, label, **kwargs):
        super().__init_subclass__(**kwargs)
        Initialised.subclasses = (*Initialised.subclasses, label)

    def test_one_starts_empty(self, starts_with):
        starts_with()


DecoratedInitialised = mock_aws(Initialised)


class TestInitialised(DecoratedInitialised, label="first"):
    def test_the_init_subclass_of_the_base_has_run(self):
        assert Initialised.subclasses == ("first",)


class TestNestedInherited:
    """Inner classes of a base are not collected by pytest; an inner subclass is covered."""

    class TestInner(Base):
        def test_the_inner_subclass_has_what_was_set_up(self, starts_with):
            starts_with(*self.made)
