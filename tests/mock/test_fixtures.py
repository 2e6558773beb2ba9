"""Decorated pytest tests and fixtures: arguments arrive, and a fixture's body is mocked."""

from __future__ import annotations

import boto3
import pytest

from ecrmock import current, mock_aws


@pytest.fixture
@mock_aws(seed=5)
def stocked():
    """A mock with a repository, from set-up to teardown."""
    boto3.client("ecr").create_repository(repositoryName="from-fixture")
    yield current()
    assert current().options.seed == 5


@pytest.fixture
@mock_aws
def identity():
    """What a mock answered that is over."""
    return boto3.client("sts").get_caller_identity()


@pytest.fixture
def number():
    return 7


@mock_aws
def test_fixtures_arrive_at_a_decorated_test(number, tmp_path):
    assert number == 7
    assert tmp_path.is_dir()


@mock_aws
@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2"])
def test_parameters_arrive_where_the_decorator_is_above_the_mark(region, number, names):
    client = boto3.client("ecr", region_name=region)
    client.create_repository(repositoryName="team/app")

    assert names(client) == ["team/app"]
    assert number == 7


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-2"])
@mock_aws(page_size=1)
def test_parameters_arrive_where_the_decorator_is_below_the_mark(region, number, names):
    client = boto3.client("ecr", region_name=region)
    client.create_repository(repositoryName="team/app")

    assert names(client) == ["team/app"]
    assert number == 7


def test_a_fixture_that_yields_is_mocked_while_the_test_runs(stocked, names):
    assert current() is stocked
    assert names() == ["from-fixture"]


def test_a_fixture_that_returns_is_mocked_in_its_body_only(identity, is_active):
    assert identity["Account"] == "123456789012"
    assert not is_active()


@mock_aws
def test_a_decorated_test_has_a_world_apart_from_that_of_its_fixture(stocked, names):
    assert current() is not stocked
    assert names() == []


@pytest.mark.asyncio
@mock_aws
async def test_a_coroutine_is_mocked_and_gets_its_fixtures(number, names):
    boto3.client("ecr").create_repository(repositoryName="team/app")

    assert names() == ["team/app"]
    assert number == 7


@mock_aws
@pytest.mark.asyncio
async def test_a_coroutine_is_mocked_where_the_decorator_is_above_the_mark(number, names):
    boto3.client("ecr").create_repository(repositoryName="team/app")

    assert names() == ["team/app"]
    assert number == 7
