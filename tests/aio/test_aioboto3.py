"""aioboto3: its sessions, clients and errors in a mock, beside boto3 in the same world."""

from __future__ import annotations

import asyncio

import boto3
import pytest
from botocore.exceptions import ClientError

from ecrmock import RealCallRefused, mock_aws

pytestmark = pytest.mark.aio

ACCESS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "made-up",
    "aws_secret_access_key": "made-up",
}


@pytest.fixture
def session(aioboto3):
    return aioboto3.Session()


@pytest.mark.asyncio
async def test_a_client_made_in_the_mock_is_answered(session, names):
    async with mock_aws(), session.client("ecr") as ecr:
        await ecr.create_repository(repositoryName="team/app")

        assert await names(ecr) == ["team/app"]


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_is_answered(session, names):
    async with session.client("ecr", **ACCESS) as ecr, mock_aws():
        await ecr.create_repository(repositoryName="team/app")

        assert await names(ecr) == ["team/app"]


@pytest.mark.asyncio
async def test_boto3_sees_what_aioboto3_made_and_the_other_way_round(session, names):
    async with mock_aws(), session.client("ecr") as ecr:
        await ecr.create_repository(repositoryName="from-async")
        boto3.client("ecr").create_repository(repositoryName="from-sync")

        found = boto3.client("ecr").describe_repositories()["repositories"]
        assert [each["repositoryName"] for each in found] == ["from-async", "from-sync"]
        assert await names(ecr) == ["from-async", "from-sync"]


@pytest.mark.asyncio
async def test_a_profile_of_any_name_works(aioboto3, names):
    async with mock_aws():
        session = aioboto3.Session(profile_name="no-such-profile")
        async with session.client("ecr") as ecr:
            assert await names(ecr) == []


@pytest.mark.asyncio
async def test_a_session_has_the_region_of_the_mock(aioboto3, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    async with mock_aws(region_name="eu-west-1"), aioboto3.Session().client("ecr") as ecr:
        assert ecr.meta.region_name == "eu-west-1"


@pytest.mark.asyncio
async def test_an_error_is_a_client_error(session):
    async with mock_aws(), session.client("ecr") as ecr:
        with pytest.raises(ecr.exceptions.RepositoryNotFoundException) as raised:
            await ecr.list_images(repositoryName="team/missing")

    assert isinstance(raised.value, ClientError)


@pytest.mark.asyncio
async def test_a_paginator_walks_all_pages(session):
    async with mock_aws(page_size=1), session.client("ecs") as ecs:
        for name in ("blue", "green"):
            await ecs.create_cluster(clusterName=name)

        pages = [page async for page in ecs.get_paginator("list_clusters").paginate()]

    assert [len(page["clusterArns"]) for page in pages] == [1, 1]


@pytest.mark.asyncio
async def test_tests_at_the_same_time_each_see_their_own_world(session, names):
    async def work(number):
        async with mock_aws(), session.client("ecr") as ecr:
            await ecr.create_repository(repositoryName=f"team/{number}")
            await asyncio.sleep(0)
            return await names(ecr)

    found = await asyncio.gather(*map(work, range(20)))

    assert found == [[f"team/{number}"] for number in range(20)]


@pytest.mark.asyncio
async def test_a_resource_of_another_service_is_refused_without_a_lookup(session, egress_expected):
    with egress_expected() as attempts:
        async with mock_aws(), session.resource("s3") as s3:
            with pytest.raises(RealCallRefused, match="PUT https://"):
                await s3.create_bucket(Bucket="bucket")

    assert attempts == []
