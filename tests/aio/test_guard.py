"""The guard of the async seam: what ecrmock does not answer is refused before a connection."""

from __future__ import annotations

import pytest

from ecrmock import RealCallRefused, mock_aws

pytestmark = pytest.mark.aio

ACCESS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "made-up",
    "aws_secret_access_key": "made-up",
}


@pytest.mark.asyncio
@pytest.mark.parametrize("made", ["before", "inside"])
async def test_a_service_that_is_not_mocked_is_refused_without_a_lookup(
    made, session, egress_expected
):
    async with session.create_client("s3", **ACCESS) as before:
        with egress_expected() as attempts:
            async with mock_aws(), session.create_client("s3") as inside:
                client = before if made == "before" else inside
                with pytest.raises(RealCallRefused, match=r"GET https://s3\..*amazonaws\.com"):
                    await client.list_buckets()

    assert attempts == []


@pytest.mark.asyncio
async def test_a_refusal_is_not_retried(session, monkeypatch):
    tried = []

    async with mock_aws(), session.create_client("s3") as s3:
        s3.meta.events.register("before-send.s3", lambda **_: tried.append(1))
        with pytest.raises(RealCallRefused):
            await s3.list_buckets()

    assert len(tried) == 1


@pytest.mark.asyncio
async def test_a_service_that_was_left_out_is_refused(session):
    async with mock_aws(services=["ecs"]), session.create_client("ecr") as ecr:
        with pytest.raises(RealCallRefused, match="DescribeRepositories"):
            await ecr.describe_repositories()


@pytest.mark.asyncio
async def test_a_client_made_inside_is_refused_afterwards_with_its_place(session, egress_expected):
    with egress_expected() as attempts:
        async with mock_aws():
            manager = session.create_client("ecr")
            ecr = await manager.__aenter__()
        with pytest.raises(
            RealCallRefused, match=r"DescribeRepositories .*test_guard\.py:\d+\) that has ended"
        ):
            await ecr.describe_repositories()
        await manager.__aexit__(None, None, None)

    assert attempts == []


@pytest.mark.asyncio
async def test_a_refusal_is_the_error_that_handlers_of_the_client_are_told(session):
    heard = []

    async with mock_aws(), session.create_client("s3") as s3:
        s3.meta.events.register(
            "after-call-error.s3", lambda exception, **_: heard.append(type(exception))
        )
        with pytest.raises(RealCallRefused):
            await s3.list_buckets()

    assert heard == [RealCallRefused]


def test_outside_of_a_mock_the_mode_of_the_session_says_what_happens(run_pytest):
    source = """
        import pytest
        from aiobotocore.session import get_session
        from ecrmock import RealCallRefused

        @pytest.mark.asyncio
        async def test_it():
            access = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
            async with get_session().create_client("ecr", "us-east-1", **access) as ecr:
                with pytest.raises(RealCallRefused, match="No mock is active"):
                    await ecr.describe_repositories()
    """

    outcomes, output = run_pytest(source, "-o", "ecrmock_guard=error")

    assert outcomes == {"test_it": "passed"}, output
