"""Odd ways to pull: what is asked for in Accept, what a layer's URL is good for, HEAD."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from tests.server import doors, manifests, raw, states

BLOB_UNKNOWN = (404, "BLOB_UNKNOWN")
MANIFEST_UNKNOWN = (404, "MANIFEST_UNKNOWN")
UNSUPPORTED = (405, "UNSUPPORTED")
TYPES = [doors.OCI_MANIFEST, doors.OCI_INDEX]
LAYER = states.digest_of(manifests.LAYER)
TEN_THOUSAND = ",".join(["a/b"] * 10_000 + TYPES)
ACCEPTS = {
    "none": None,
    "empty": "",
    "everything": "*/*",
    "images": "application/*",
    "garbage": ";;;,,,q=,/",
    "quality of a word": f"{doors.OCI_MANIFEST};q=x",
    "quality of zero": f"{doors.OCI_MANIFEST};q=0",
    "quality of 400 digits": f"{doors.OCI_MANIFEST};q=0.{'9' * 400}",
    "latin-1": "\xff\xfe",
    "NUL": "a/b\0",
    "10,000 types": TEN_THOUSAND,
    "a type of 60,000": "a/" + "b" * 60_000,
    "half quotes": 'a/b;c="',
    "text": "text/html",
}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", ACCEPTS.values(), ids=ACCEPTS)
def test_any_accept_header_gets_the_manifest_or_a_refusal(accept, method, server, registry):
    answer = registry.ask(method, "/v2/app/manifests/v1", {"Accept": accept})

    assert answer.status in (200, 400, 404, 405)
    if answer.status == 200:
        assert answer.body == (b"" if method == "HEAD" else manifests.image())
        assert answer.header("content-type") == doors.OCI_MANIFEST
    server.check()


def test_ten_thousand_accept_headers_are_answered(server, registry, unchanged):
    lines = b"Accept: a/b\r\n" * 10_000 + b"Authorization"
    data = registry.request("GET", "/v2/app/manifests/v1").replace(b"Authorization", lines)

    assert raw.ask(server.port, data, method="GET").status in (200, 400, 431)
    unchanged()


def test_types_may_come_in_several_headers(server, registry):
    """RFC 9110, 5.3: as if they came in one, separated by commas."""
    registry.put(manifests.index(manifests.image()), "list", media_type=doors.OCI_INDEX)
    lines = b"".join(b"Accept: %b\r\n" % each.encode() for each in ("a/b", *TYPES))
    data = registry.request("GET", "/v2/app/manifests/list")

    answer = raw.ask(
        server.port, data.replace(b"Authorization", lines + b"Authorization"), method="GET"
    )

    assert answer.header("content-type") == doors.OCI_INDEX


def test_head_has_the_headers_that_docker_needs(registry):
    """Reference, section 17.3: A, oras-go#237."""
    answer = registry.ask("HEAD", "/v2/app/manifests/v1")

    assert answer.status == 200
    assert answer.header("content-length") == str(len(manifests.image()))
    assert answer.header("docker-content-digest") == states.digest_of(manifests.image())
    assert answer.header("docker-distribution-api-version") == "registry/2.0"
    assert answer.header("sizes") == ""


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
def test_a_body_that_nobody_expects_is_not_taken_for_a_request(method, server, registry):
    inner = registry.request("DELETE", "/v2/app/manifests/v1")
    path = "/v2/app/manifests/none" if method == "DELETE" else "/v2/app/manifests/v1"
    before = states.counts(server)

    with raw.Connection(server.port) as connection:
        first = connection.send(registry.request(method, path, None, inner)).end().answer(method)
        second = connection.answer(method)

    assert first.status == (404 if method == "DELETE" else 200)
    assert second is None
    assert states.counts(server) == before


@pytest.mark.parametrize("tag", ["a+b", "a%2Bb"])
def test_head_with_a_plus_in_the_tag_is_a_bad_request(tag, registry):
    """Reference, section 17.3; B, rules_oci#720."""
    assert registry.ask("HEAD", f"/v2/app/manifests/{tag}").status == 400


NO_DIGESTS = ["x", "sha256:zz", "sha256:", "%00", "%ff", "a" * 10_000, "..", LAYER + "/x"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("digest", NO_DIGESTS, ids=range(len(NO_DIGESTS)))
def test_a_blob_of_no_digest_is_refused(digest, method, registry, unchanged):
    answer = registry.ask(method, f"/v2/app/blobs/{digest}")

    assert answer.status in (400, 404, 405)
    unchanged()


@pytest.mark.parametrize("digest", [LAYER.upper(), LAYER[:-1], "sha512:" + "0" * 128, "a:0"])
def test_a_blob_that_is_not_there_is_unknown(digest, registry, unchanged):
    assert registry.ask("GET", f"/v2/app/blobs/{digest}").verdict == BLOB_UNKNOWN
    assert registry.ask("HEAD", f"/v2/app/blobs/{digest}").status == 404
    unchanged()


def test_a_blob_that_no_image_needs_is_seen_but_not_given(registry):
    """Reference, section 5.1."""
    digest = registry.push_blob(b"lonely")

    assert registry.ask("HEAD", f"/v2/app/blobs/{digest}").status == 200
    assert registry.ask("GET", f"/v2/app/blobs/{digest}").status == 404


@pytest.fixture
def url(registry):
    """The path and query of a layer's URL."""
    answer = registry.ask("GET", f"/v2/app/blobs/{LAYER}")
    assert answer.status == 307
    parts = urlsplit(answer.header("location"))
    return f"{parts.path}?{parts.query}"


def fetch(server, target, method="GET", headers=None):
    return raw.ask(server.port, raw.request(method, target, headers), method=method)


def assert_refused(answer, method="GET"):
    """Check a refusal of S3, which speaks XML."""
    assert answer.status in (400, 403, 404, 405, 501), answer
    if method != "HEAD":
        assert ElementTree.fromstring(answer.body).find("Code").text


def test_a_url_of_a_layer_gives_its_bytes(server, url):
    answer = fetch(server, url)

    assert answer.status == 200
    assert hashlib.sha256(answer.body).hexdigest() == LAYER.removeprefix("sha256:")


@pytest.mark.xfail(
    strict=True,
    reason="the URL has the registry's own host, so that every client sends its credentials along",
)
def test_credentials_of_the_registry_are_one_mechanism_too_many(server, registry, url):
    """Reference, section 17.5; B, OPA#6580."""
    answer = fetch(server, url, headers={"Authorization": f"Basic {registry.token}"})

    assert answer.status == 400
    assert "Only one auth mechanism allowed" in answer.body.decode()
    assert_refused(answer)


@pytest.mark.parametrize("method", ["HEAD", "PUT", "POST", "DELETE", "PATCH", "FOO"])
def test_a_url_is_signed_for_get_alone(method, server, url, unchanged):
    assert_refused(fetch(server, url, method), method)
    unchanged()


def test_a_url_that_was_changed_is_refused(server, url, unchanged):
    path, _, query = url.partition("?")
    names = [part.partition("=")[0] for part in query.split("&")]
    changed = {
        "no query": path,
        "empty query": path + "?",
        **{f"without {name}": without(url, name) for name in names},
        **{f"empty {name}": replaced(url, name, "") for name in names},
        **{f"odd {name}": replaced(url, name, "%00%ff") for name in names},
        "longer life": replaced(url, "X-Amz-Expires", "604800"),
        "endless life": replaced(url, "X-Amz-Expires", "9" * 5000),
        "negative life": replaced(url, "X-Amz-Expires", "-1"),
        "other path": path[:-1] + ("0" if path[-1] != "0" else "1") + "?" + query,
        "other case": path.upper() + "?" + query,
        "deeper path": path + "/x?" + query,
    }

    statuses = {}
    for name, target in changed.items():
        answer = fetch(server, target)
        statuses[name] = answer.status
        if answer.body.startswith(b"<"):
            assert_refused(answer)

    assert {name for name, status in statuses.items() if status not in (400, 403, 404)} == set()
    unchanged()


def without(url, name):
    path, _, query = url.partition("?")
    kept = [part for part in query.split("&") if not part.startswith(name + "=")]
    return f"{path}?{'&'.join(kept)}"


def replaced(url, name, value):
    path, _, query = url.partition("?")
    parts = [
        part if part.partition("=")[0] != name else f"{name}={value}" for part in query.split("&")
    ]
    return f"{path}?{'&'.join(parts)}"


def test_a_url_lives_an_hour_of_the_mocks_clock(server, url):
    server.aws.clock.advance(minutes=59)
    before = fetch(server, url)
    server.aws.clock.advance(minutes=2)

    after = fetch(server, url)

    assert before.status == 200
    assert after.status == 403
    assert_refused(after)


RANGES = {
    "first byte": ("bytes=0-0", [200, 206]),
    "last byte": ("bytes=-1", [200, 206]),
    "beyond the end": ("bytes=100-", [200, 416]),
    "backwards": ("bytes=5-1", [200, 416]),
    "several": ("bytes=0-0,2-2", [200, 206]),
    "a word": ("bytes=x", [200, 400, 416]),
    "other unit": ("lines=0-1", [200, 400, 416]),
    "5,000 digits": ("bytes=0-" + "9" * 5000, [200, 206, 400, 416]),
    "10,000 ranges": ("bytes=" + ",".join(["0-0"] * 10_000), [200, 206, 400, 416]),
    "digits of another script": ("bytes=\xd9\xa0-\xd9\xa1", [200, 400, 416]),
}


@pytest.mark.parametrize(("value", "accepted"), RANGES.values(), ids=RANGES)
def test_an_odd_range_of_a_layer_is_passed_over_or_refused(value, accepted, server, url):
    answer = fetch(server, url, headers={"Range": value})

    assert answer.status in accepted
    if answer.status == 200:
        assert answer.body == manifests.LAYER
    if answer.status == 206 and "," not in value:
        first, _, size = answer.header("content-range").removeprefix("bytes ").partition("/")
        start, end = map(int, first.split("-"))
        assert (answer.body, size) == (manifests.LAYER[start : end + 1], "7")


def test_a_url_of_the_api_is_as_good_as_one_of_the_registry(server):
    wanted = {"repositoryName": "app", "layerDigest": LAYER}
    found = raw.ask(server.port, doors.call("GetDownloadUrlForLayer", wanted)).json()
    parts = urlsplit(found["downloadUrl"])

    answer = fetch(server, f"{parts.path}?{parts.query}")

    assert (parts.hostname, answer.body) == ("127.0.0.1", manifests.LAYER)


def test_a_url_of_a_layer_that_went_is_refused(server, registry, url):
    for repository in ("app", "fixed"):
        wanted = {"repositoryName": repository, "force": True}
        assert raw.ask(server.port, doors.call("DeleteRepository", wanted)).status == 200

    assert_refused(fetch(server, url))


def test_a_token_of_the_registry_opens_no_api(server, registry, unchanged):
    headers = {"Authorization": f"Basic {registry.token}"}

    answer = raw.ask(server.port, doors.call(headers=headers))

    assert answer.verdict == (403, "IncompleteSignature")
    assert base64.b64decode(registry.token).startswith(b"AWS:")
    unchanged()
