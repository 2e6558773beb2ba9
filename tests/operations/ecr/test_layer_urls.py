"""GetDownloadUrlForLayer: the URL, who serves it, and what becomes of it in time."""

from __future__ import annotations

import base64
import http.client
import threading
from datetime import datetime, timezone
from urllib.error import URLError
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from urllib.request import urlopen
from xml.etree import ElementTree as ET

import pytest

from ecrmock import mock_aws

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)

pytestmark = pytest.mark.ecrmock(now=NOON)


class Answer:
    """What was answered to one request for a URL."""

    def __init__(self, url: str, method: str = "GET", **headers: str) -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            connection.request(method, f"{parts.path}?{parts.query}", headers=headers)
            response = connection.getresponse()
            self.status, self.headers, self.body = response.status, response.headers, b""
            self.body = response.read()
        finally:
            connection.close()

    @property
    def code(self) -> str:
        """The code in the XML of a refusal."""
        assert self.headers["Content-Type"] == "application/xml"
        root = ET.fromstring(self.body)
        assert root.tag == "Error"
        assert root.findtext("Message")
        return root.findtext("Code")


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, strict_parsing=True))


def with_query(url: str, query: dict[str, str]) -> str:
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query)))


@pytest.fixture
def image(images):
    """An image of two layers that was pushed as `v1`."""
    image = images.make(layers=2)
    images.push(image, "v1")
    return image


@pytest.fixture
def url_of(ecr, repository):
    """Return the URL of a layer."""

    def url_of(digest: str) -> str:
        response = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=digest)
        return response["downloadUrl"]

    return url_of


@pytest.fixture
def url(image, url_of):
    """The URL of the first layer of the image."""
    return url_of(image.layers[0])


@pytest.fixture
def content(image):
    """The bytes of the first layer of the image."""
    return image.blobs[image.layers[0]]


# -------------------------------------------------------------------------------- the URL


def test_a_url_is_of_this_machine(url):
    parts = urlsplit(url)

    assert parts.scheme == "http"
    assert parts.hostname == "127.0.0.1"
    assert parts.port


def test_a_url_is_signed_as_s3_signs_its_own(url):
    query = query_of(url)

    assert query["X-Amz-Algorithm"] == "AWS4-HMAC-SHA256"
    assert query["X-Amz-Date"] == "20260102T120000Z"
    assert query["X-Amz-Expires"] == "3600"
    assert len(bytes.fromhex(query["X-Amz-Signature"])) == 32


def test_a_url_names_the_bucket_of_the_region(url):
    assert "prod-us-east-1-starport-layer-bucket" in url


def test_the_date_of_a_url_is_that_of_the_clock(door, image, url_of):
    door.aws.clock.advance(days=1, hours=1)

    url = url_of(image.layers[0])

    assert query_of(url)["X-Amz-Date"] == "20260103T130000Z"


def test_each_layer_has_a_url_of_its_own(image, url_of):
    urls = {urlsplit(url_of(digest)).path for digest in (image.config, *image.layers)}

    assert len(urls) == 3


# ------------------------------------------------------------------------------- the bytes


def test_a_url_gives_the_bytes_to_urllib(url, content):
    with urlopen(url, timeout=10) as response:
        assert response.read() == content
        assert response.headers["Content-Length"] == str(len(content))


def test_all_blobs_of_an_image_are_given_byte_for_byte(image, url_of):
    given = {digest: Answer(url_of(digest)).body for digest in image.blobs}

    assert given == image.blobs


def test_bytes_of_every_value_are_given(images, url_of):
    content = bytes(range(256)) * 40
    layer = {"mediaType": "text/plain", "digest": images.upload(content), "size": len(content)}
    artifact = images.artifact(layers=[layer])
    images.push(artifact)

    answer = Answer(url_of(layer["digest"]))

    assert answer.body == content


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("bytes=2-5", 2, 5), ("bytes=0-0", 0, 0), ("bytes=3-", 3, 15), ("bytes=-4", 12, 15)],
    ids=["middle", "first byte", "from", "last bytes"],
)
def test_a_range_is_given_alone(url, content, asked, first, last):
    answer = Answer(url, Range=asked)

    assert answer.status == 206
    assert answer.body == content[first : last + 1]
    assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(content)}"


def test_a_range_that_goes_on_after_the_end_is_given_to_the_end(url, content):
    answer = Answer(url, Range="bytes=10-10000")

    assert answer.status == 206
    assert answer.body == content[10:]


def test_a_range_after_the_end_is_refused(url):
    answer = Answer(url, Range="bytes=10000-")

    assert answer.status == 416
    assert answer.code == "InvalidRange"


# ---------------------------------------------------------------------------------- in time


def test_a_url_holds_for_an_hour(door, url, content):
    door.aws.clock.advance(minutes=59, seconds=59)

    assert Answer(url).body == content


def test_a_url_expires_after_an_hour(door, url):
    door.aws.clock.advance(hours=1, seconds=1)

    answer = Answer(url)

    assert answer.status == 403
    assert answer.code == "AccessDenied"


def test_a_new_url_holds_while_the_old_one_is_expired(door, url, image, url_of, content):
    door.aws.clock.advance(hours=2)

    new = url_of(image.layers[0])

    assert Answer(url).status == 403
    assert Answer(new).body == content


def test_a_url_outlives_the_tag_of_its_image(images, url, content):
    images.delete({"imageTag": "v1"})

    assert Answer(url).body == content


def test_a_layer_that_is_gone_is_not_found(ecr, repository, url):
    ecr.delete_repository(repositoryName=repository, force=True)

    answer = Answer(url)

    assert answer.status == 404
    assert answer.code == "NoSuchKey"


# ------------------------------------------------------------------------------- tampering


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA1"),
        ("X-Amz-Date", "20260102T120001Z"),
        ("X-Amz-Date", "nonsense"),
        ("X-Amz-Expires", "3601"),
        ("X-Amz-Expires", "999999"),
        ("X-Amz-Expires", "-1"),
        ("X-Amz-Expires", "an hour"),
        ("X-Amz-SignedHeaders", "host;range"),
        ("X-Amz-Signature", "0" * 64),
        ("X-Amz-Signature", ""),
        ("X-Amz-Signature", "ä"),
        ("X-Amz-Extra", "1"),
    ],
)
def test_a_query_that_was_changed_is_refused(url, name, value):
    answer = Answer(with_query(url, query_of(url) | {name: value}))

    assert answer.status == 403
    assert answer.code


@pytest.mark.parametrize(
    "name", ["X-Amz-Algorithm", "X-Amz-Date", "X-Amz-Expires", "X-Amz-Signature"]
)
def test_a_query_that_lacks_something_is_refused(url, name):
    query = query_of(url)
    del query[name]

    answer = Answer(with_query(url, query))

    assert answer.status == 403
    assert answer.code


def test_a_url_without_its_query_is_refused(url):
    answer = Answer(with_query(url, {}))

    assert answer.status == 403


def test_the_signature_of_one_layer_opens_no_other(image, url, url_of):
    other = url_of(image.layers[1])

    answer = Answer(urlunsplit(urlsplit(other)._replace(query=urlsplit(url).query)))

    assert answer.status == 403
    assert answer.code == "SignatureDoesNotMatch"


def test_the_account_in_a_url_cannot_be_changed(url, account, other_account):
    assert account in urlsplit(url).path

    answer = Answer(url.replace(account, other_account))

    assert answer.status == 403


def test_a_url_of_another_mock_is_refused(url):
    with mock_aws(seed=1) as aws, aws.serve() as server:
        answer = Answer(urlunsplit(urlsplit(url)._replace(netloc=server.host)))

    assert answer.status in {403, 404}


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE"])
def test_a_url_is_signed_for_get_alone(url, content, method):
    answer = Answer(url, method)

    assert answer.status == 403
    assert content not in answer.body
    assert Answer(url).body == content


@pytest.mark.xfail(strict=True, reason="a second way to authenticate is passed over")
def test_the_credentials_of_the_registry_are_one_mechanism_too_many(ecr, url):
    (data,) = ecr.get_authorization_token()["authorizationData"]
    assert base64.b64decode(data["authorizationToken"])

    answer = Answer(url, Authorization=f"Basic {data['authorizationToken']}")

    assert answer.status == 400
    assert b"Only one auth mechanism allowed" in answer.body


# ------------------------------------------------------------------------------- refusals


def test_a_layer_that_no_image_names_is_inaccessible(images, url_of, refusal):
    digest = images.upload(b"nobody's")

    refused = refusal(url_of, digest=digest)

    assert refused.code == "LayerInaccessibleException"


def test_a_layer_is_accessible_once_an_image_names_it(images, url_of):
    image = images.make()
    images.upload_blobs(image)
    images.push(image)

    assert Answer(url_of(image.layers[0])).body == image.blobs[image.layers[0]]


def test_an_index_is_no_layer(images, url_of, refusal):
    index, amd64, _arm64 = images.push_index("v1")

    refusals = [refusal(url_of, digest=each.digest) for each in (index, amd64)]

    assert {each.code for each in refusals} == {"LayersNotFoundException"}


# ----------------------------------------------------------------------------- the listener


def listeners() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if each.name.startswith("ecrmock-")}


def test_nobody_listens_before_the_first_url(images):
    before = listeners()
    with mock_aws() as aws:
        ecr = aws.client("ecr")
        ecr.create_repository(repositoryName="app")
        image = images.make()
        own = type(images)(ecr, "app")
        own.push(image, "v1")
        ecr.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])
        ecr.get_authorization_token()
        idle = listeners()

        ecr.get_download_url_for_layer(repositoryName="app", layerDigest=image.layers[0])
        busy = listeners()

        ecr.get_download_url_for_layer(repositoryName="app", layerDigest=image.config)

        assert idle == before
        assert len(busy - before) == 1
        assert listeners() == busy


def test_the_listener_ends_with_the_mock(images):
    before = listeners()
    with mock_aws() as aws:
        ecr = aws.client("ecr")
        ecr.create_repository(repositoryName="app")
        image = images.make()
        type(images)(ecr, "app").push(image, "v1")
        response = ecr.get_download_url_for_layer(repositoryName="app", layerDigest=image.layers[0])
        assert Answer(response["downloadUrl"]).status == 200

    assert listeners() == before
    with pytest.raises((URLError, ConnectionError)):
        urlopen(response["downloadUrl"], timeout=10)
