"""A decorated async test that fails is seen to fail, whatever runs it; under moto it is not.

Each run is a pytest of its own over one file, once with a body that fails and once with one that
passes only inside a mock.
"""

from __future__ import annotations

import asyncio

import boto3
import moto
import pytest
from botocore.config import Config
from botocore.exceptions import HTTPClientError

from ecrmock import RealCallWarning

RIGHT = "assert boto3.client('ecr').describe_repositories()['repositories'] == []"
WRONG = "assert False"

TESTS = """
import unittest

import boto3
import pytest
from {library} import mock_aws


def body():
    {body}


class TestCaseDecorated(unittest.IsolatedAsyncioTestCase):
    async def test_it(self):
        body()


TestCaseDecorated = mock_aws(TestCaseDecorated)


class TestCaseMethod(unittest.IsolatedAsyncioTestCase):
    @mock_aws
    async def test_it(self):
        body()


class TestCaseSetUp(unittest.IsolatedAsyncioTestCase):
    @mock_aws
    async def asyncSetUp(self):
        body()

    async def test_it(self):
        pass


@pytest.mark.asyncio
@mock_aws
async def test_mark_above():
    body()


@mock_aws
@pytest.mark.asyncio
async def test_mark_below():
    body()


@pytest.mark.asyncio
@mock_aws()
async def test_called():
    body()


@mock_aws
class TestDecorated:
    @pytest.mark.asyncio
    async def test_it(self):
        body()


class TestMethod:
    @pytest.mark.asyncio
    @mock_aws
    async def test_it(self):
        body()


@pytest.mark.anyio
@mock_aws
async def test_anyio():
    body()


@pytest.fixture
def anyio_backend():
    return "asyncio"
"""

FIXTURE = """
import boto3
import pytest
import pytest_asyncio
from ecrmock import mock_aws


@pytest_asyncio.fixture
@mock_aws
async def returning():
    {body}


@pytest_asyncio.fixture
@mock_aws
async def yielding():
    {body}
    yield


@pytest.mark.asyncio
async def test_returning(returning):
    pass


@pytest.mark.asyncio
async def test_yielding(yielding):
    pass
"""

NAMES = {
    "TestCaseDecorated.test_it",
    "TestCaseMethod.test_it",
    "TestCaseSetUp.test_it",
    "TestDecorated.test_it",
    "TestMethod.test_it",
    "test_anyio",
    "test_called",
    "test_mark_above",
    "test_mark_below",
}
SILENT_UNDER_MOTO = {"TestCaseMethod.test_it", "TestCaseDecorated.test_it"}
STRICT = ("-o", "asyncio_mode=strict")
AUTO = ("-o", "asyncio_mode=auto", "-o", "ecrmock_guard=error")


def source(text, body, library="ecrmock"):
    return text.replace("{library}", library).replace("{body}", body)


@pytest.fixture(scope="module")
def failing(run_pytest):
    return run_pytest(source(TESTS, WRONG), *STRICT, plugins=["anyio"])


@pytest.fixture(scope="module")
def passing(run_pytest):
    return run_pytest(source(TESTS, RIGHT), *STRICT, "-o", "ecrmock_guard=error", plugins=["anyio"])


@pytest.fixture(scope="module")
def failing_under_moto(run_pytest):
    return run_pytest(source(TESTS, WRONG, "moto"), *STRICT, plugins=["anyio"])


def test_the_runs_have_the_tests_of_the_table(failing, passing):
    assert set(failing.outcomes) == set(passing.outcomes) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_body_that_fails_is_seen_to_fail(name, failing):
    assert failing.outcomes[name] == "failed", failing.output


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_body_that_needs_the_mock_passes(name, passing):
    assert passing.outcomes[name] == "passed", passing.output


def test_a_failure_names_the_line_of_the_body(failing):
    assert failing.output.count("    assert False") >= len(NAMES)


@pytest.mark.parametrize("name", sorted(SILENT_UNDER_MOTO))
def test_under_moto_the_same_body_passes_without_having_run(name, failing_under_moto):
    assert failing_under_moto.outcomes[name] == "passed", failing_under_moto.output
    assert "was never awaited" in failing_under_moto.output


def test_in_auto_mode_a_body_that_fails_is_seen_to_fail(run_pytest):
    run = run_pytest(source(TESTS, WRONG), *AUTO, plugins=["anyio"])

    assert run.having("failed") == NAMES, run.output


def test_in_auto_mode_a_body_that_needs_the_mock_passes(run_pytest):
    run = run_pytest(source(TESTS, RIGHT), *AUTO, plugins=["anyio"])

    assert run.having("passed") == NAMES, run.output


def test_an_async_fixture_that_fails_is_seen_to_fail(run_pytest):
    run = run_pytest(source(FIXTURE, WRONG), *STRICT)

    assert run.having("error") == {"test_returning", "test_yielding"}, run.output


def test_an_async_fixture_that_needs_the_mock_passes(run_pytest):
    run = run_pytest(source(FIXTURE, RIGHT), *STRICT)

    assert run.having("passed") == {"test_returning", "test_yielding"}, run.output


def test_under_moto_a_coroutine_runs_when_its_mock_has_ended(egress_expected):
    once = Config(retries={"total_max_attempts": 1})
    client = boto3.client(
        "ecr", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s", config=once
    )

    @moto.mock_aws
    async def work():
        client.describe_repositories()

    with (
        egress_expected() as attempts,
        pytest.warns(RealCallWarning, match="DescribeRepositories"),
        pytest.raises(HTTPClientError, match="refused"),
    ):
        asyncio.run(work())

    assert [attempt.target for attempt in attempts] == ["api.ecr.us-east-1.amazonaws.com"]
