"""Bad credentials, methods and paths below `/v2/`: each gets its answer, and nothing changes."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.server import doors, manifests, raw, states

NONE = "sha256:" + "0" * 64
UUID = "00000000-0000-4000-8000-000000000000"
UNSUPPORTED = (405, "UNSUPPORTED")
NAME_UNKNOWN = (404, "NAME_UNKNOWN")
MANIFEST_UNKNOWN = (404, "MANIFEST_UNKNOWN")
BLOB_UNKNOWN = (404, "BLOB_UNKNOWN")
UPLOAD_UNKNOWN = (404, "BLOB_UPLOAD_UNKNOWN")
DENIED = (403, "DENIED")
NO_ROUTE = (404, "")
CHALLENGE = r'Basic realm="https?://[^"]+/",service="ecr\.amazonaws\.com"'


def assert_error(answer):
    """Check that an error of the registry is shaped as ECR shapes it.

    Source: reference, section 17.2.
    """
    assert answer.header("content-type") == "application/json; charset=utf-8"
    assert answer.body.endswith(b"}\n")
    [error] = answer.json()["errors"]
    assert sorted(error) == ["code", "message"]


def assert_no_route(answer):
    assert answer.status == 404
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.body == b"404 page not found\n"


def assert_challenge(answer):
    """Check an answer to who has no credentials. Source: reference, section 17.1."""
    assert answer.status == 401
    assert re.fullmatch(CHALLENGE, answer.header("www-authenticate"))
    assert answer.header("docker-distribution-api-version") == "registry/2.0"
    assert answer.header("content-type") == "text/plain; charset=utf-8"


def packed(text):
    data = text if isinstance(text, bytes) else text.encode()
    return "Basic " + base64.b64encode(data).decode()


def password_of(document):
    return packed("AWS:" + base64.b64encode(json.dumps(document).encode()).decode())


BAD_CREDENTIALS = {
    "none": None,
    "empty": "",
    "scheme alone": "Basic",
    "scheme and blank": "Basic ",
    "no base64": "Basic %%%",
    "base64 cut off": "Basic QVdT=",
    "no colon": packed("AWS"),
    "no password": packed("AWS:"),
    "no user": packed(":x"),
    "wrong password": packed("AWS:password"),
    "invalid UTF-8": packed(b"AWS:\xff\xfe"),
    "NUL": packed("AWS:\0"),
    "latin-1": "Basic \xe9\xff",
    "60,000 characters": "Basic " + "A" * 60_000,
    "signature": doors.signature()["Authorization"],
    "Digest": 'Digest username="AWS"',
    "password that is a list": packed("AWS:" + base64.b64encode(b"[]").decode()),
    "password that is deep": packed("AWS:" + base64.b64encode(b"[" * 20_000).decode()),
    "password of numbers": password_of({"payload": 1, "datakey": 2, "expiration": "x"}),
    "password with half a surrogate": password_of({"payload": "\ud800", "datakey": "\udfff"}),
    "password without payload": password_of({"version": "2", "type": "DATA_KEY"}),
}
PATHS = ["/v2/", "/v2/app/manifests/v1", "/v2/none/tags/list", "/v2/nowhere", "/v2/_catalog"]


@pytest.mark.parametrize("credentials", BAD_CREDENTIALS.values(), ids=BAD_CREDENTIALS)
def test_bad_credentials_are_challenged(credentials, server, unchanged):
    headers = {"Authorization": credentials}

    answer = raw.ask(server.port, raw.request("GET", "/v2/app/manifests/v1", headers), method="GET")

    assert_challenge(answer)
    assert answer.body == b"Not Authorized\n"
    unchanged()


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_without_credentials_every_path_is_challenged(path, method, server, unchanged):
    answer = raw.ask(server.port, raw.request(method, path), method=method)

    assert_challenge(answer)
    assert answer.body == (b"" if method == "HEAD" else b"Not Authorized\n")
    unchanged()


def tampered(token):
    """Return credentials that are nearly a token, by what is wrong with them."""
    password = base64.b64decode(token).decode().removeprefix("AWS:")
    document = json.loads(base64.b64decode(password))
    payload = base64.b64decode(document["payload"])
    foreign = base64.b64encode(payload.replace(b"123456789012", b"999988887777")).decode()
    return {
        "cut off": f"Basic {token[:-8]}",
        "bearer": f"Bearer {token}",
        "password alone": f"Basic {password}",
        "another user": packed(f"root:{password}"),
        "user in lower case": packed(f"aws:{password}"),
        "longer": packed(f"AWS:{password}AAAA"),
        "payload of another account": password_of({**document, "payload": foreign}),
        "payload cut off": password_of({**document, "payload": document["payload"][:-4]}),
        "no signature": password_of({k: v for k, v in document.items() if k != "datakey"}),
        "signature of another": password_of({**document, "datakey": document["payload"]}),
    }


def test_a_token_that_was_changed_is_no_token(server, registry, unchanged):
    found = {
        name: registry.ask("GET", "/v2/", {"Authorization": credentials}).status
        for name, credentials in tampered(registry.token).items()
    }

    assert set(found.values()) == {401}, found
    unchanged()


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_of_credentials_has_no_case(scheme, registry):
    answer = registry.ask("GET", "/v2/", {"Authorization": f"{scheme} {registry.token}"})

    assert answer.status == 200


def test_a_token_lives_twelve_hours_whatever_it_says_itself(server, registry):
    password = base64.b64decode(registry.token).decode().removeprefix("AWS:")
    document = json.loads(base64.b64decode(password)) | {"expiration": 1 << 40}
    server.aws.clock.advance(hours=11, minutes=59)
    before = registry.ask("GET", "/v2/")
    server.aws.clock.advance(minutes=2)

    after = registry.ask("GET", "/v2/")
    forged = registry.ask("GET", "/v2/", {"Authorization": password_of(document)})

    assert before.status == 200
    assert after.verdict == DENIED
    assert after.json()["errors"][0]["message"] == (
        "Your authorization token has expired. Reauthenticate and try again."
    )
    assert forged.status in (401, 403)


def test_a_token_opens_no_other_region(server, unchanged):
    registry = doors.Registry(server, region="eu-west-1")
    headers = {"Host": "123456789012.dkr.ecr.us-east-1.amazonaws.com"}

    answer = registry.ask("GET", "/v2/app/tags/list", headers)

    assert answer.status in (401, 403)
    unchanged()


def test_a_token_opens_no_repository_of_another_account(server, unchanged):
    registry = doors.Registry(server, account_id="999988887777")
    host = {"Host": "123456789012.dkr.ecr.us-east-1.amazonaws.com"}
    digest = states.digest_of(manifests.LAYER)

    answers = [
        registry.ask("GET", "/v2/app/tags/list", host),
        registry.ask("GET", "/v2/app/manifests/v1", host),
        registry.ask("GET", f"/v2/app/blobs/{digest}", host),
        registry.ask("POST", "/v2/app/blobs/uploads/", host),
        registry.ask("DELETE", "/v2/app/manifests/v1", host),
    ]

    assert [answer.verdict for answer in answers] == [DENIED] * 5
    unchanged()


def test_two_authorizations_are_none(server, registry, unchanged):
    data = registry.request("GET", "/v2/").replace(
        b"Authorization", b"Authorization: Basic eA==\r\nAuthorization"
    )

    assert raw.ask(server.port, data, method="GET").status in (400, 401)
    unchanged()


ROUTES = {
    "catalog": ("/v2/_catalog", ["GET"]),
    "tags": ("/v2/app/tags/list", ["GET"]),
    "manifest": ("/v2/app/manifests/v1", ["GET", "HEAD", "PUT", "DELETE"]),
    "blob": (f"/v2/app/blobs/{NONE}", ["GET", "HEAD"]),
    "uploads": ("/v2/app/blobs/uploads/", ["POST"]),
    "upload": (f"/v2/app/blobs/uploads/{UUID}", ["GET", "PATCH", "PUT", "DELETE"]),
}
METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "FOO",
]
OTHERS = [(r, m) for r, (_, taken) in ROUTES.items() for m in METHODS if m not in taken]


@pytest.mark.parametrize(("route", "method"), OTHERS, ids=[f"{r}-{m!a}" for r, m in OTHERS])
def test_another_method_is_unsupported(route, method, server, registry, unchanged):
    answer = registry.ask(method, ROUTES[route][0])

    assert answer.status in (404, 405)
    assert method == "HEAD" or answer.status == 404 or answer.code == "UNSUPPORTED"
    unchanged()


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "FOO"])
def test_the_root_is_there_to_be_read(method, registry):
    assert registry.ask(method, "/v2/").status in (404, 405)


NO_ROUTES = [
    "/v2//",
    "/v2/app",
    "/v2/app/",
    "/v2/app/manifests",
    "/v2/app/manifests/",
    "/v2/app/manifests/a/b",
    "/v2/app/manifests/a%2fb",
    "/v2/app/tags",
    "/v2/app/tags/list/",
    "/v2/app/tags/list;x",
    "/v2/app/tags/list%20",
    "/v2/app/tags/lis",
    "/v2/app/blobs",
    "/v2/app/blobs/",
    "/v2/app/blobs/uploads/../x",
    "/v2/_catalog/",
    "/v2/_nothing",
    "/v2//manifests/v1",
    "/v2/manifests/v1",
    "/v1/_ping",
]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("path", NO_ROUTES)
def test_a_path_that_is_no_route_is_not_found(path, method, server, registry, unchanged):
    assert_no_route(registry.ask(method, path))
    unchanged()


BAD_NAMES = {
    "upper case": "APP",
    "one character": "a",
    "257 characters": "a" * 257,
    "10,000 characters": "a" * 10_000,
    "5,000 folders": "/".join(["a"] * 5000),
    "dots": "..",
    "up and down": "app/../app",
    "dot": "./app",
    "encoded dots": "%2e%2e/app",
    "two slashes": "app//web",
    "encoded slashes": "app%2f%2fweb",
    "slash at the end": "app%2f",
    "NUL": "app%00",
    "bare NUL": "app\0",
    "invalid UTF-8": "app%ff",
    "latin-1": "\xe9\xe9",
    "UTF-8": "%c3%a9%c3%a9",
    "blank": "app%20",
    "encoded twice": "a%2570p",
    "encoding cut off": "app%2",
    "semicolon": "app;x",
    "hyphen first": "-app",
    "three underscores": "a___p",
    "many hyphens": "a" + "-" * 200 + "A",
}


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES)
def test_a_name_that_is_none_is_an_invalid_parameter(name, method, server, registry, unchanged):
    answer = registry.ask(method, f"/v2/{name}/manifests/v1", None, manifests.image())

    assert answer.verdict == UNSUPPORTED
    assert_error(answer)
    assert "'repositoryName'" in answer.json()["errors"][0]["message"]
    unchanged()


@pytest.mark.parametrize("path", ["app%0a/manifests/v1", "app/manifests/v1%0a", "app%0d%0a/x"])
def test_a_line_break_in_a_path_breaks_nothing(path, server, registry, unchanged):
    answer = registry.ask("PUT", f"/v2/{path}", None, manifests.image())

    assert answer.status in (400, 404, 405)
    unchanged()


@pytest.mark.parametrize("name", ["none", "a" * 256, "tags/list", "blobs/uploads", "manifests"])
def test_a_repository_that_is_not_there_is_unknown(name, server, registry, unchanged):
    found = {
        "tags": registry.ask("GET", f"/v2/{name}/tags/list"),
        "get": registry.ask("GET", f"/v2/{name}/manifests/v1"),
        "put": registry.put(manifests.image(), repository=name),
        "delete": registry.ask("DELETE", f"/v2/{name}/manifests/v1"),
        "blob": registry.ask("GET", f"/v2/{name}/blobs/{NONE}"),
        "begin": registry.ask("POST", f"/v2/{name}/blobs/uploads/"),
        "status": registry.ask("GET", f"/v2/{name}/blobs/uploads/{UUID}"),
        "append": registry.ask("PATCH", f"/v2/{name}/blobs/uploads/{UUID}", None, b"x"),
    }

    assert {key: answer.verdict for key, answer in found.items()} == dict.fromkeys(
        found, NAME_UNKNOWN
    )
    for answer in found.values():
        assert_error(answer)
    unchanged()


@pytest.mark.parametrize("name", ["team/web", "team%2fweb", "team%2Fweb", "%74eam/we%62"])
def test_a_name_may_be_percent_encoded(name, registry):
    answer = registry.ask("GET", f"/v2/{name}/tags/list")

    assert answer.json() == {"name": "team/web", "tags": []}


HOSTS = {
    "empty": "",
    "bracket": "[",
    "NUL": "x\0y",
    "blank": "a b",
    "quote": 'a"b',
    "latin-1": "\xff",
    "9,000 characters": "x" * 9000,
    "user": "user:password@host",
    "11 digits": "12345678901.dkr.ecr.us-east-1.amazonaws.com",
}


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
def test_an_odd_host_does_not_get_into_the_answer(host, server):
    answer = raw.ask(server.port, raw.request("GET", "/v2/", {"Host": host}), method="GET")

    assert_challenge(answer)
    realm = re.search('realm="([^"]*)"', answer.header("www-authenticate"))[1]
    assert not set(realm) & set(" \0<>\\\xff")
