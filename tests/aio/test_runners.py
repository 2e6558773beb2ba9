"""aiobotocore under each runner of async tests: pytest-asyncio strict and auto, anyio, unittest."""

from __future__ import annotations

import unittest

import pytest

from ecrmock import current, mock_aws

pytestmark = pytest.mark.aio

COMMON = """
import unittest

import pytest
import pytest_asyncio
from aiobotocore.session import get_session
from ecrmock import NotStarted, current, mock_aws


async def count(name="team/app"):
    async with get_session().create_client("ecr") as ecr:
        await ecr.create_repository(repositoryName=name)
        return len((await ecr.describe_repositories())["repositories"])
"""

STRICT = """
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def aws():
    async with mock_aws(region_name="eu-west-1") as aws:
        yield aws


@pytest_asyncio.fixture
@mock_aws
async def decorated():
    await count("from-fixture")
    yield current()


async def test_async_with():
    async with mock_aws():
        assert await count() == {one}


@mock_aws
async def test_decorated():
    assert await count() == {one}


async def test_async_fixture(aws):
    assert current() is aws
    assert await count() == {one}
    assert [call.region for call in aws.calls] == ["eu-west-1"] * 2


async def test_decorated_fixture(decorated):
    assert current() is decorated
    assert await count() == {one} + 1


async def test_plugin_fixture(ecrmock):
    assert await count() == {one}


@mock_aws
class TestClass:
    @pytest_asyncio.fixture(autouse=True)
    async def made(self):
        await count("from-autouse")

    async def test_one(self):
        assert await count() == {one} + 1

    async def test_other(self):
        assert await count() == {one} + 1
"""

AUTO = STRICT.replace("pytestmark = pytest.mark.asyncio", "").replace("pytest_asyncio", "pytest")

ANYIO = (
    STRICT.replace("mark.asyncio", "mark.anyio").replace("pytest_asyncio", "pytest")
    + """

@pytest.fixture
def anyio_backend():
    return "asyncio"
"""
)

UNITTEST = """
@mock_aws
class TestCase(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        await count("from-set-up")

    async def asyncTearDown(self):
        await count("from-tear-down")

    async def test_one(self):
        assert await count() == {one} + 1

    async def test_other(self):
        assert await count() == {one} + 1


class TestMethod(unittest.IsolatedAsyncioTestCase):
    @mock_aws
    async def test_decorated(self):
        assert await count() == {one}

    async def test_by_hand(self):
        self.addCleanup(mock_aws().start().stop)
        assert await count() == {one}
"""

LEFT = """
def test_nothing_is_left():
    with pytest.raises(NotStarted):
        current()
"""

RUNNERS = {
    "strict": (STRICT, "strict"),
    "auto": (AUTO, "auto"),
    "anyio": (ANYIO, "strict"),
    "unittest": (UNITTEST, "strict"),
}
every_runner = pytest.mark.parametrize("runner", RUNNERS)


@every_runner
def test_what_is_right_passes(runner, run_pytest):
    source, mode = RUNNERS[runner]

    outcomes, output = run_pytest(
        COMMON + source.replace("{one}", "1") + LEFT, "-o", f"asyncio_mode={mode}"
    )

    assert len(outcomes) > 3
    assert set(outcomes.values()) == {"passed"}, output


@every_runner
def test_what_is_wrong_fails(runner, run_pytest):
    source, mode = RUNNERS[runner]

    outcomes, output = run_pytest(
        COMMON + source.replace("{one}", "99") + LEFT, "-o", f"asyncio_mode={mode}"
    )

    assert outcomes.pop("test_nothing_is_left") == "passed", output
    assert set(outcomes.values()) == {"failed"}, output


@mock_aws
class TestIsolated(unittest.IsolatedAsyncioTestCase):
    """The same in this very session."""

    async def asyncSetUp(self):
        from aiobotocore.session import get_session

        manager = get_session().create_client("ecr")
        self.ecr = await manager.__aenter__()
        self.addAsyncCleanup(manager.__aexit__, None, None, None)
        await self.ecr.create_repository(repositoryName="from-set-up")

    async def starts_with_what_was_set_up(self):
        found = (await self.ecr.describe_repositories())["repositories"]
        await self.ecr.create_repository(repositoryName="of-one-test")
        assert [each["repositoryName"] for each in found] == ["from-set-up"]

    async def test_one_starts_with_what_was_set_up(self):
        await self.starts_with_what_was_set_up()

    async def test_another_starts_with_what_was_set_up(self):
        await self.starts_with_what_was_set_up()

    async def test_the_mock_is_at_hand(self):
        assert current().calls[-1].operation == "CreateRepository"
