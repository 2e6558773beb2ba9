"""Sessions of aiobotocore in a mock: profiles, credentials, and being imported late."""

from __future__ import annotations

import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from ecrmock import mock_aws

pytestmark = pytest.mark.aio


@pytest.fixture
def no_credentials(monkeypatch, tmp_path):
    """Take away every place where credentials could come from."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


@pytest.mark.asyncio
async def test_a_profile_of_any_name_works(session, names):
    from aiobotocore.session import AioSession

    async with mock_aws():
        named = AioSession(profile="no-such-profile")
        async with named.create_client("ecr") as ecr:
            assert await names(ecr) == []


@pytest.mark.asyncio
async def test_a_profile_of_the_environment_does_not_matter(session, names, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")

    async with mock_aws(), session.create_client("ecr") as ecr:
        assert await names(ecr) == []


@pytest.mark.asyncio
async def test_an_unknown_profile_is_an_error_again_afterwards(aiobotocore, no_credentials):
    from aiobotocore.session import AioSession

    async with mock_aws():
        pass

    with pytest.raises(ProfileNotFound):
        AioSession(profile="no-such-profile").get_scoped_config()


@pytest.mark.asyncio
async def test_a_session_without_credentials_gets_some(session, no_credentials):
    async with mock_aws():
        credentials = await session.get_credentials()
        frozen = await credentials.get_frozen_credentials()

    assert frozen.access_key
    assert frozen.secret_key


@pytest.mark.asyncio
async def test_a_session_does_not_keep_the_credentials_that_it_got(session, no_credentials):
    async with mock_aws():
        await session.get_credentials()

    assert await session.get_credentials() is None


@pytest.mark.asyncio
async def test_a_client_made_without_credentials_before_is_answered(session, no_credentials, names):
    async with session.create_client("ecr") as ecr, mock_aws():
        assert await names(ecr) == []


@pytest.mark.asyncio
async def test_a_client_made_without_credentials_has_none_afterwards(session, no_credentials):
    async with session.create_client("ecr") as ecr:
        async with mock_aws():
            await ecr.describe_repositories()
        with pytest.raises(NoCredentialsError):
            await ecr.describe_repositories()


@pytest.mark.asyncio
async def test_credentials_that_are_to_be_refreshed_are_not_refreshed(session, names):
    from aiobotocore.credentials import AioDeferredRefreshableCredentials

    refreshed = []

    async def refresh():
        refreshed.append(1)
        raise AssertionError("would reach the network")

    session._credentials = AioDeferredRefreshableCredentials(refresh, method="sso")
    async with mock_aws(), session.create_client("ecr") as ecr:
        assert await names(ecr) == []

    assert refreshed == []


@pytest.mark.asyncio
async def test_a_region_of_the_mock_is_that_of_a_session_without(session, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    async with mock_aws(region_name="eu-west-1"), session.create_client("ecr") as ecr:
        assert ecr.meta.region_name == "eu-west-1"


LATE = """
    import asyncio
    from ecrmock import mock_aws

    async def work():
        async with mock_aws() as aws:
            {statement}
            from aiobotocore.session import get_session
            async with get_session().create_client("ecr") as ecr:
                await ecr.create_repository(repositoryName="team/app")
            print(len(aws.calls), EGRESS)

    asyncio.run(work())
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import aiobotocore.session",
        "import aiobotocore.client",
        "import aiobotocore.waiter",
        "import aiobotocore.httpsession",
        "import boto3",
        "import botocore.session",
    ],
)
def test_what_is_imported_first_inside_a_mock_is_mocked(statement, run_python):
    assert run_python(LATE.replace("{statement}", statement)) == "1 []"


def test_aiobotocore_imported_between_two_mocks_is_mocked_by_the_second(run_python):
    script = """
        import asyncio
        from ecrmock import mock_aws

        with mock_aws():
            pass
        from aiobotocore.session import get_session

        async def work():
            async with mock_aws() as aws, get_session().create_client("ecr") as ecr:
                await ecr.describe_repositories()
                return len(aws.calls)

        print(asyncio.run(work()), EGRESS)
    """

    assert run_python(script) == "1 []"


def test_aiobotocore_imported_after_the_last_mock_is_left_alone(run_python):
    script = """
        from ecrmock import mock_aws

        with mock_aws():
            import boto3
            boto3.client("ecr").describe_repositories()
        import aiobotocore.client
        print(aiobotocore.client.AioBaseClient._make_request.__module__)
    """

    assert run_python(script) == "aiobotocore.client"


def test_a_mock_loads_no_async_package_by_itself(run_python):
    script = """
        import sys
        from ecrmock import mock_aws

        with mock_aws() as aws:
            aws.client("ecr").describe_repositories()
        print([name for name in ("aiobotocore", "aiohttp", "aioboto3") if name in sys.modules])
    """

    assert run_python(script) == "[]"
