"""aiobotocore clients: answered whenever they were made, by the same worlds as sync ones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from ecrmock import OperationNotModelled, current, mock_aws

pytestmark = pytest.mark.aio

MANIFESTS = Path(__file__).resolve().parents[2] / "fixtures" / "manifests"
DIGEST = "sha256:e9bdd1914248c2115beb6a3ad07d263061b4f5c7dde2d68d328af5a596c42c73"
MANIFEST = (MANIFESTS / "oci-zero-layers.json").read_text()
CONFIG = (MANIFESTS / "blobs" / "sha256" / DIGEST[7:]).read_bytes()

ACCESS = {
    "region_name": "us-east-1",
    "aws_access_key_id": "made-up",
    "aws_secret_access_key": "made-up",
}


@pytest.mark.asyncio
async def test_a_client_made_in_the_mock_is_answered(session, names):
    async with mock_aws(), session.create_client("ecr") as ecr:
        await ecr.create_repository(repositoryName="team/app")

        assert await names(ecr) == ["team/app"]


@pytest.mark.asyncio
async def test_a_client_made_before_the_mock_is_answered(session, names):
    async with session.create_client("ecr", **ACCESS) as ecr, mock_aws():
        await ecr.create_repository(repositoryName="team/app")

        assert await names(ecr) == ["team/app"]


@pytest.mark.asyncio
async def test_a_session_used_before_the_mock_is_answered(session, names):
    async with session.create_client("ecr", **ACCESS):
        pass

    with mock_aws():
        async with session.create_client("ecr") as ecr:
            assert await names(ecr) == []


@pytest.mark.asyncio
async def test_one_client_is_answered_by_each_mock_in_turn(session, names):
    async with session.create_client("ecr", **ACCESS) as ecr:
        async with mock_aws():
            await ecr.create_repository(repositoryName="team/app")
        async with mock_aws():
            assert await names(ecr) == []


@pytest.mark.asyncio
@mock_aws
async def test_a_decorated_coroutine_is_mocked(session, names):
    async with session.create_client("ecr") as ecr:
        assert await names(ecr) == []


@pytest.mark.asyncio
@pytest.mark.ecrmock(region_name="eu-west-1")
async def test_the_fixture_mocks_a_coroutine_and_its_mark_holds(ecrmock, session):
    async with session.create_client("ecr") as ecr:
        made = await ecr.create_repository(repositoryName="team/app")

    assert made["repository"]["repositoryArn"].startswith("arn:aws:ecr:eu-west-1:123456789012:")
    assert ecrmock.calls[-1].operation == "CreateRepository"


@pytest.mark.asyncio
async def test_all_services_are_answered(session):
    async with mock_aws():
        async with session.create_client("ecs") as ecs:
            cluster = (await ecs.create_cluster(clusterName="blue"))["cluster"]
        async with session.create_client("sts") as sts:
            identity = await sts.get_caller_identity()

    assert cluster["clusterArn"] == "arn:aws:ecs:us-east-1:123456789012:cluster/blue"
    assert identity["Account"] == "123456789012"


@pytest.mark.asyncio
async def test_the_key_selects_the_account_as_for_sync_clients(session):
    access = {**ACCESS, "aws_access_key_id": "111122223333"}

    async with mock_aws(), session.create_client("sts", **access) as sts:
        identity = await sts.get_caller_identity()

    assert identity["Account"] == "111122223333"


@pytest.mark.asyncio
async def test_sync_and_async_clients_see_one_world(session, names):
    async with mock_aws(), session.create_client("ecr") as ecr:
        boto3.client("ecr").create_repository(repositoryName="from-sync")
        await ecr.create_repository(repositoryName="from-async")

        found = boto3.client("ecr").describe_repositories()["repositories"]
        assert [each["repositoryName"] for each in found] == ["from-async", "from-sync"]
        assert await names(ecr) == ["from-async", "from-sync"]


@pytest.mark.asyncio
async def test_a_reply_is_that_of_a_sync_client(session):
    async with mock_aws(), session.create_client("ecr") as ecr:
        await ecr.create_repository(repositoryName="team/app")
        found = await ecr.describe_repositories()

        same = boto3.client("ecr").describe_repositories()
    assert found["repositories"] == same["repositories"]
    assert set(found["ResponseMetadata"]) == set(same["ResponseMetadata"])


@pytest.mark.asyncio
async def test_an_error_is_a_client_error_of_its_modelled_class(session):
    async with mock_aws() as aws, session.create_client("ecr") as ecr:
        with pytest.raises(ecr.exceptions.RepositoryNotFoundException) as raised:
            await ecr.list_images(repositoryName="team/missing")

        assert isinstance(raised.value, ClientError)
        assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        assert aws.calls[-1].error.code == "RepositoryNotFoundException"


@pytest.mark.asyncio
async def test_what_is_not_modelled_is_refused_by_name(session):
    async with mock_aws(), session.create_client("ecr") as ecr:
        with pytest.raises(OperationNotModelled, match=r"ecr\.DescribePullThroughCacheRules"):
            await ecr.describe_pull_through_cache_rules()


@pytest.mark.asyncio
async def test_a_paginator_walks_all_pages(session):
    async with mock_aws(page_size=2) as aws, session.create_client("ecs") as ecs:
        for number in range(5):
            await ecs.create_cluster(clusterName=f"cluster-{number}")

        pages = [page async for page in ecs.get_paginator("list_clusters").paginate()]

        assert [len(page["clusterArns"]) for page in pages] == [2, 2, 1]
        assert len(aws.calls("ecs.ListClusters")) == 3


@pytest.mark.asyncio
async def test_a_paginator_searches_and_gives_its_whole_result(session):
    async with mock_aws(page_size=1), session.create_client("ecr") as ecr:
        for name in ("team/a", "team/b", "team/c"):
            await ecr.create_repository(repositoryName=name)
        paginator = ecr.get_paginator("describe_repositories")

        found = [
            name async for name in paginator.paginate().search("repositories[].repositoryName")
        ]
        whole = await paginator.paginate(PaginationConfig={"MaxItems": 2}).build_full_result()

    assert found == ["team/a", "team/b", "team/c"]
    assert len(whole["repositories"]) == 2
    assert "NextToken" in whole


@pytest.mark.asyncio
async def test_handlers_of_events_run_as_ever(session):
    heard = []

    def note(event_name, **_):
        heard.append(event_name.partition(".")[0])

    async with mock_aws(), session.create_client("ecr") as ecr:
        for name in ("before-call", "needs-retry", "response-received", "after-call"):
            ecr.meta.events.register(f"{name}.ecr.DescribeRepositories", note)
        await ecr.describe_repositories()

    assert heard == ["before-call", "response-received", "needs-retry", "after-call"]


@pytest.mark.asyncio
async def test_a_stubber_above_goes_before(session):
    from botocore.stub import Stubber

    async with mock_aws() as aws, session.create_client("ecr") as ecr:
        with Stubber(ecr) as stubber:
            stubber.add_client_error("describe_repositories", "ServerException")
            with pytest.raises(ClientError, match="ServerException"):
                await ecr.describe_repositories()

        assert len(aws.calls) == 0


@pytest.mark.asyncio
async def test_calls_at_the_same_time_are_all_answered(session, names):
    async with mock_aws(), session.create_client("ecr") as ecr:
        wanted = [f"team/{number:03}" for number in range(50)]

        await asyncio.gather(*(ecr.create_repository(repositoryName=name) for name in wanted))

        assert await names(ecr) == wanted


@pytest.mark.asyncio
async def test_fifty_tests_at_the_same_time_each_see_their_own_world(session, names):
    async def work(number):
        async with mock_aws() as aws, session.create_client("ecr") as ecr:
            await ecr.create_repository(repositoryName=f"team/{number}")
            await asyncio.sleep(0)
            assert current() is aws
            seen = await names(ecr)
            await asyncio.sleep(0)
            return seen, len(aws.calls)

    found = await asyncio.gather(*map(work, range(50)))

    assert found == [([f"team/{number}"], 2) for number in range(50)]


@pytest.mark.asyncio
async def test_fifty_tests_share_one_client_made_before_and_do_not_mix(session, names):
    async def work(number):
        async with mock_aws():
            await ecr.create_repository(repositoryName=f"team/{number}")
            await asyncio.sleep(0)
            return await names(ecr)

    async with session.create_client("ecr", **ACCESS) as ecr:
        found = await asyncio.gather(*map(work, range(50)))

    assert found == [[f"team/{number}"] for number in range(50)]


def test_several_event_loops_see_one_world(session, names):
    async def create(name):
        async with session.create_client("ecr") as ecr:
            await ecr.create_repository(repositoryName=name)
            return await names(ecr)

    with mock_aws():
        asyncio.run(create("from-first"))

        assert asyncio.run(create("from-second")) == ["from-first", "from-second"]


def test_event_loops_on_other_threads_see_the_world_of_the_process(session, names):
    async def create(name):
        async with session.create_client("ecr") as ecr:
            await ecr.create_repository(repositoryName=name)

    async def look():
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, lambda: asyncio.run(create("from-thread")))
        async with session.create_client("ecr") as ecr:
            return await names(ecr)

    with mock_aws():
        assert asyncio.run(look()) == ["from-thread"]


def test_event_loops_with_mocks_of_their_own_do_not_mix(session, names):
    async def work(name):
        async with mock_aws(), session.create_client("ecr") as ecr:
            await ecr.create_repository(repositoryName=name)
            return await names(ecr)

    assert [asyncio.run(work(name)) for name in ("team/a", "team/b")] == [["team/a"], ["team/b"]]


@pytest.mark.asyncio
async def test_a_subscriber_hears_what_an_async_client_did_and_may_call_aws(session):
    seen = []

    def look(event):
        name = event["detail"]["repository-name"]
        seen.extend(boto3.client("ecr").list_images(repositoryName=name)["imageIds"])

    async with mock_aws() as aws, session.create_client("ecr") as ecr:
        await ecr.create_repository(repositoryName="team/app")
        upload = (await ecr.initiate_layer_upload(repositoryName="team/app"))["uploadId"]
        await ecr.upload_layer_part(
            repositoryName="team/app",
            uploadId=upload,
            partFirstByte=0,
            partLastByte=len(CONFIG) - 1,
            layerPartBlob=CONFIG,
        )
        await ecr.complete_layer_upload(
            repositoryName="team/app", uploadId=upload, layerDigests=[DIGEST]
        )
        aws.events.subscribe(look)

        await ecr.put_image(repositoryName="team/app", imageManifest=MANIFEST, imageTag="v1")

    assert [each["imageTag"] for each in seen] == ["v1"]
