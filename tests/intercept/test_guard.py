"""The guard at the bottom: AWS and metadata hosts are refused, and nothing else is looked at."""

from __future__ import annotations

import inspect
import urllib.request
from contextlib import suppress
from unittest import mock

import boto3
import botocore.loaders
import pytest
import requests
import responses
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import HTTPClientError
from botocore.httpsession import URLLib3Session
from botocore.utils import ContainerMetadataFetcher, InstanceMetadataFetcher
from urllib3.connectionpool import HTTPConnectionPool

import ecrmock
from ecrmock import RealCallRefused, RealCallWarning, mock_aws

PARTITIONS = botocore.loaders.Loader().load_data("partitions")["partitions"]
SUFFIXES = sorted(
    {
        partition["outputs"][kind]
        for partition in PARTITIONS
        for kind in ("dnsSuffix", "dualStackDnsSuffix")
    }
)


class Stopped(OSError):
    """A request got past the guard."""


@pytest.fixture
def stopped(monkeypatch):
    """Stop requests that get past the guard, and count their hosts."""
    hosts = []

    def urlopen(pool, *args, **kwargs):
        hosts.append(pool.host)
        raise Stopped

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    return hosts


def send(url):
    return URLLib3Session().send(AWSRequest("GET", url).prepare())


# ------------------------------------------------------------------------- which hosts


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_hosts_of_every_partition_of_botocore_are_of_aws(suffix, stopped):
    with mock_aws(), pytest.raises(RealCallRefused):
        send(f"https://ecr.some-region-1.{suffix}/")

    assert stopped == []


@pytest.mark.parametrize(
    "url",
    [
        "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/",
        "https://123456789012.dkr-ecr.eu-west-1.on.aws/v2/",
        "https://ECS.US-EAST-1.AMAZONAWS.COM/",
        "https://api.ecr.cn-north-1.amazonaws.com.cn/",
        "https://ecr.us-east-1.amazonaws.com./",
        "https://public.ecr.aws/v2/",
        "https://s3.amazonaws.com/bucket/key",
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.170.2/v2/credentials/x",
        "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::254]/latest/meta-data/",
        "http://[fd00:ec2::23]/v1/credentials",
    ],
)
def test_a_host_of_aws_or_of_metadata_is_refused_while_a_mock_is_active(url, stopped):
    with mock_aws(), pytest.raises(RealCallRefused):
        send(url)

    assert stopped == []


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://amazonaws.com.example.org/", "amazonaws.com.example.org"),
        ("https://notamazonaws.com/", "notamazonaws.com"),
        ("https://example.org/amazonaws.com", "example.org"),
        ("https://ecr.example.org/?host=amazonaws.com", "ecr.example.org"),
        ("http://localhost:4566/", "localhost"),
        ("http://169.254.1.1/", "169.254.1.1"),
    ],
)
def test_another_host_is_none_of_the_guards_business(url, host, stopped):
    with mock_aws(), pytest.raises(Exception) as caught:  # noqa: PT011 - botocore's own
        send(url)

    assert not isinstance(caught.value, RealCallRefused)
    assert stopped == [host]


# ---------------------------------------------------------------- refused while active


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_a_foreign_service_is_refused_at_once(outside, mode, sends, sleeps):
    client = outside("s3", config=Config(retries={"mode": mode, "max_attempts": 5}))
    attempts = []
    client.meta.events.register_first("before-send", lambda **kwargs: attempts.append(1))

    with mock_aws(), pytest.raises(RealCallRefused, match="another mock"):
        client.list_buckets()

    assert (len(attempts), sends, sleeps) == (1, [], [])


def test_the_metadata_service_of_an_instance_is_not_asked(sends, sleeps):
    fetcher = InstanceMetadataFetcher(num_attempts=3)

    with mock_aws(), pytest.raises(RealCallRefused):
        fetcher._get_iam_role()

    assert (sends, sleeps) == ([], [])


def test_the_credentials_service_of_a_container_is_not_asked(sends):
    waited = []
    fetcher = ContainerMetadataFetcher(sleep=waited.append)

    with mock_aws(), pytest.raises(RealCallRefused):
        fetcher.retrieve_uri("/v2/credentials/of-the-machine")

    assert (sends, waited) == ([], [])


def test_a_seam_that_somebody_took_out_leaves_the_guard(outside, monkeypatch, sends):
    client = outside("ecr")
    original = inspect.unwrap(BaseClient._make_request)  # a test before may have put ours back

    with mock_aws():
        monkeypatch.setattr(BaseClient, "_make_request", original)
        with pytest.raises(RealCallRefused):
            client.describe_repositories()

    assert sends == []


def test_a_handler_that_answers_above_the_guard_is_not_disturbed(outside):
    client = outside("s3")
    answer = AWSResponse("https://s3.amazonaws.com/", 200, {}, None)
    answer._content = b"<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>"
    client.meta.events.register("before-send.s3", lambda **kwargs: answer)

    with mock_aws():
        found = client.list_buckets()

    assert found["Buckets"] == []


# ------------------------------------------------------------------- lost and restored


def test_a_start_that_fails_changes_nothing(environment, monkeypatch):
    monkeypatch.delattr(BaseClient, "_make_request")
    before = dict(environment)

    with pytest.raises(ecrmock.InterceptionFailed, match="_make_request"):
        mock_aws().start()

    assert dict(environment) == before
    with pytest.raises(ecrmock.NotStarted):
        ecrmock.current()


def test_botocore_is_as_it_was_when_the_last_mock_has_ended():
    before = vars(BaseClient)["_make_request"]

    with mock_aws(), mock_aws():
        inside = vars(BaseClient)["_make_request"]

    assert (inside is before, vars(BaseClient)["_make_request"] is before) == (False, True)


def test_what_another_library_put_over_the_seam_stays(monkeypatch):
    def of_another_library(self, *args):
        raise AssertionError

    with mock_aws():
        monkeypatch.setattr(BaseClient, "_make_request", of_another_library)

    assert vars(BaseClient)["_make_request"] is of_another_library


def test_a_guard_that_a_test_had_patched_over_warns_once(outside, stopped, guard_mode):
    with mock.patch.object(URLLib3Session, "send"), mock_aws():
        pass
    with mock_aws():
        pass
    client = outside("ecr", config=Config(retries={"total_max_attempts": 1}))
    guard_mode("warn")

    with pytest.warns(RealCallWarning) as warned, suppress(HTTPClientError):
        client.describe_repositories()

    assert len(warned) == 1


# --------------------------------------------------------------------------- let through


def test_what_is_let_through_goes_over_the_wire(outside, server):
    client = outside("ecr", endpoint_url=server.url)

    with mock_aws(passthrough=[server.url]) as aws:
        found = client.describe_repositories()["repositories"]

    assert (found, server.asked, len(aws.calls)) == ([], ["/"], 0)


def test_what_is_not_let_through_is_answered_though_it_has_an_endpoint(outside, server):
    client = outside("ecr", endpoint_url=server.url)

    with mock_aws() as aws:
        client.describe_repositories()

    assert (server.asked, len(aws.calls)) == ([], 1)


def test_a_host_of_aws_can_be_let_through(outside, stopped):
    client = outside("s3", config=Config(retries={"total_max_attempts": 1}))
    url = client.meta.endpoint_url

    with mock_aws(passthrough=[url]), pytest.raises(Exception) as caught:  # noqa: PT011
        client.list_buckets()

    assert not isinstance(caught.value, RealCallRefused)
    assert stopped == [url.removeprefix("https://")]


@pytest.mark.parametrize(
    "passthrough",
    ["http://127.0.0.1:9", ["127.0.0.1:9"], ["ftp://127.0.0.1"]],
    ids=["no list", "no scheme", "another scheme"],
)
def test_what_is_no_list_of_urls_is_an_error(passthrough):
    with pytest.raises(ecrmock.UsageError, match="passthrough"):
        mock_aws(passthrough=passthrough)


# ------------------------------------------------------------------- other HTTP clients


@pytest.mark.parametrize(
    "get",
    [
        pytest.param(lambda url: requests.get(url, timeout=5).text, id="requests"),
        pytest.param(lambda url: urllib.request.urlopen(url).read().decode(), id="urllib"),
        pytest.param(lambda url: send(url).text, id="botocore"),
    ],
)
def test_a_call_to_another_host_arrives(get, server):
    with mock_aws():
        text = get(f"{server.url}/page")

    assert (text, server.asked) == ('{"repositories": []}', ["/page"])


def test_a_client_of_a_foreign_service_reaches_its_own_endpoint(server):
    with mock_aws():
        boto3.client("s3", endpoint_url=server.url).head_bucket(Bucket="bucket")

    assert server.asked == ["/bucket"]


def test_rules_of_responses_are_not_disturbed():
    with responses.RequestsMock() as rules:
        rules.get("https://s3.amazonaws.com/bucket/key", body="the test's own answer")
        with mock_aws():
            text = requests.get("https://s3.amazonaws.com/bucket/key", timeout=5).text

    assert text == "the test's own answer"
