"""The URL of a layer is fetched by whatever fetches URLs, in process and over the server."""

from __future__ import annotations

import os
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest
import requests

from ecrmock import Server, mock_aws

pytestmark = pytest.mark.clients

LAYER = bytes(range(256)) * 400


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def answer(status, headers, body) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def by_urllib(url, headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return answer(reply.status, reply.headers, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return answer(error.code, error.headers, error.read())


def by_requests(url, headers):
    reply = requests.get(url, headers=headers, timeout=10)
    return answer(reply.status_code, reply.headers, reply.content)


def by_httpx(url, headers):
    if os.environ.get("ECRMOCK_REQUIRE_CLIENTS"):
        import httpx
    else:
        httpx = pytest.importorskip("httpx")
    reply = httpx.get(url, headers=headers, timeout=10)
    return answer(reply.status_code, reply.headers, reply.content)


@pytest.fixture(params=[by_urllib, by_requests, by_httpx], ids=["urllib", "requests", "httpx"])
def fetch(request):
    """Fetch a URL with optional headers."""
    return lambda url, **headers: request.param(url, headers)


@contextmanager
def in_process():
    with mock_aws() as aws:
        yield aws, aws.client("ecr")


@contextmanager
def over_the_server():
    with Server() as server:
        yield server.aws, server.client("ecr")


class Pushed(NamedTuple):
    """A world with an image, and where its layer can be fetched."""

    aws: object
    url: str


@pytest.fixture(params=[in_process, over_the_server], ids=["in-process", "server"])
def pushed(request):
    with request.param() as (aws, ecr):
        [digest] = aws.images.push("app", layers=[LAYER]).layers
        given = ecr.get_download_url_for_layer(repositoryName="app", layerDigest=digest)
        yield Pushed(aws, given["downloadUrl"])


def refusal(fetched: Answer) -> tuple[int, str | None, str | None]:
    """Return the status of a refusal with the code and the text of its XML."""
    document = ET.fromstring(fetched.body)
    return fetched.status, document.findtext("Code"), document.findtext("Message")


def test_the_bytes_are_those_of_the_layer(fetch, pushed):
    fetched = fetch(pushed.url)

    assert fetched.status == 200
    assert fetched.body == LAYER
    assert fetched.headers["content-length"] == str(len(LAYER))


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        pytest.param("bytes=1000-1999", 1000, 1999, id="middle"),
        pytest.param("bytes=-100", 102300, 102399, id="last-bytes"),
        pytest.param("bytes=102000-999999", 102000, 102399, id="beyond-the-end"),
    ],
)
def test_a_range_is_a_part_of_the_layer(fetch, pushed, wanted, first, last):
    fetched = fetch(pushed.url, Range=wanted)

    assert fetched.status == 206
    assert fetched.body == LAYER[first : last + 1]
    assert fetched.headers["content-range"] == f"bytes {first}-{last}/{len(LAYER)}"


def test_a_range_behind_the_end_is_refused(fetch, pushed):
    fetched = fetch(pushed.url, Range=f"bytes={len(LAYER)}-")

    assert refusal(fetched) == (416, "InvalidRange", "The requested range is not satisfiable")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("X-Amz-Expires=3600", "X-Amz-Expires=7200", id="longer"),
        pytest.param("/123456789012/", "/999988887777/", id="account"),
        pytest.param("&X-Amz-SignedHeaders=host", "", id="left-out"),
    ],
)
def test_a_url_that_was_tampered_with_is_refused(fetch, pushed, old, new):
    assert old in pushed.url

    fetched = fetch(pushed.url.replace(old, new))

    assert refusal(fetched)[:2] == (403, "SignatureDoesNotMatch")


def test_a_url_is_good_for_an_hour(fetch, pushed):
    pushed.aws.clock.advance(minutes=59)
    in_time = fetch(pushed.url)
    pushed.aws.clock.advance(minutes=1)

    too_late = fetch(pushed.url)

    assert in_time.body == LAYER
    assert refusal(too_late) == (403, "AccessDenied", "Request has expired")
