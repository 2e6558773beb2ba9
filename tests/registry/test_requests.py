"""Requests as they come: hosts, names that look like routes, headers, large bodies, errors."""

from __future__ import annotations

import pytest

from tests.registry.client import (
    DOCKER_IMAGE,
    HOST,
    LEAST_PART,
    MEBIBYTE,
    OCI_IMAGE,
    OCI_INDEX,
    UPLOADS,
    Refusal,
    image,
    path_of,
    sha256,
)

MADE = image("requested")
LARGE = bytes(8 * MEBIBYTE)
STRANGER = f"{UPLOADS}00000000-0000-4000-8000-000000000000"


# ------------------------------------------------------------------------- hosts and names


@pytest.mark.parametrize(
    "host",
    [HOST, f"{HOST}:443", HOST.upper(), f"{HOST}.localhost:8080", "localhost", "registry:5000"],
)
def test_a_host_is_told_by_its_name_alone(registry, host):
    registry.push(MADE, "v1")

    answer = registry.under(host).get("/v2/app/tags/list")

    assert answer.json == {"name": "app", "tags": ["v1"]}


@pytest.mark.parametrize(
    "name",
    [
        "team/manifests/v1",
        "team/tags/list",
        "team/blobs/uploads",
        "team/blobs/uploads/x",
        "team/referrers/x",
        "v2/app",
        "a1/b-2/c_3/d.4",
    ],
)
def test_a_name_may_look_like_a_route(registry, ecr, name):
    ecr.create_repository(repositoryName=name)

    registry.push(MADE, "v1", name)

    assert registry.manifest("v1", repository=name).body == MADE.content
    assert registry.get(f"/v2/{name}/tags/list").json == {"name": name, "tags": ["v1"]}
    assert registry.download(sha256(MADE.blobs[1]), name) == MADE.blobs[1]


@pytest.mark.parametrize("path", ["/v2/app", "/v2/app/manifests", "/v2/app/tags", "/v2/x/y/z"])
def test_a_path_that_is_no_route_is_a_plain_404(registry, path):
    answer = registry.get(path)

    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.body.strip() == b"404 page not found"


# --------------------------------------------------------------------------------- headers


@pytest.mark.parametrize(
    "accept",
    [
        f"{OCI_IMAGE};q=0.5, */*;q=0.1",
        f"{OCI_INDEX},{OCI_IMAGE}",
        f"{DOCKER_IMAGE} , {OCI_IMAGE} , application/json",
        "*/*",
        "application/*",
    ],
)
def test_accept_is_read_as_clients_write_it(registry, accept):
    registry.push(MADE, "v1")

    answer = registry.manifest("v1", accept)

    assert answer.body == MADE.content
    assert answer.headers["Content-Type"] == OCI_IMAGE


def test_a_content_type_may_have_parameters(registry):
    registry.push_blobs(MADE)
    headers = {"Content-Type": f"{OCI_IMAGE}; charset=utf-8"}

    answer = registry.request("PUT", "/v2/app/manifests/v1", headers, MADE.content)

    assert answer.status == 201
    assert registry.manifest("v1").headers["Content-Type"] == OCI_IMAGE


def test_a_streamed_manifest_is_taken(registry):
    registry.push_blobs(MADE)
    body = iter([MADE.content[:9], MADE.content[9:]])

    answer = registry.request("PUT", "/v2/app/manifests/v1", {"Content-Type": OCI_IMAGE}, body)

    assert answer.status == 201
    assert registry.manifest("v1").body == MADE.content


def test_an_upload_may_ask_first_whether_to_go_on(registry):
    path = f"{path_of(registry.start())}?digest={sha256(b'content')}"

    answer = registry.request("PUT", path, {"Expect": "100-continue"}, b"content")

    assert answer.status == 201


# ------------------------------------------------------------------------------ large bodies


@pytest.mark.parametrize("streamed", [False, True], ids=["with a length", "in chunks"])
@pytest.mark.parametrize(
    ("path", "login", "status"),
    [
        pytest.param(STRANGER, False, 401, id="no credentials"),
        pytest.param(STRANGER, True, 404, id="unknown upload"),
        pytest.param("/v2/app/no-such-route", True, 404, id="unknown route"),
    ],
)
def test_a_refusal_is_read_though_a_large_body_was_sent(registry, path, login, status, streamed):
    body = iter([bytes(MEBIBYTE)] * 8) if streamed else LARGE

    answer = registry.request("PATCH", path, body=body, login=login)

    assert answer.status == status


@pytest.mark.parametrize("ranged", [False, True], ids=["without a range", "ranged"])
def test_a_chunk_may_be_larger_than_a_part_of_the_api(registry, ranged):
    """A part has at most 10 MiB; a chunk that is cut into parts is still one chunk."""
    chunk, rest = bytes(12 * MEBIBYTE), b"rest"
    upload = registry.start()

    registry.patch(upload, chunk, 0 if ranged else None)
    registry.patch(upload, rest, len(chunk) if ranged else None)

    assert registry.finish(upload, sha256(chunk + rest)).status == 201


@pytest.mark.parametrize(("short", "status"), [(0, 201), (1, 400)], ids=["enough", "one less"])
def test_the_least_size_of_a_chunk_is_five_mebibytes(registry, short, status):
    chunk, rest = bytes(LEAST_PART - short), b"rest"
    upload = registry.start()

    registry.patch(upload, chunk, 0)
    registry.patch(upload, rest, len(chunk))

    assert registry.finish(upload, sha256(chunk + rest)).status == status


# ---------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("BatchGetImage", "GET", "/v2/app/manifests/v1"),
        ("ListImages", "GET", "/v2/app/tags/list"),
        ("InitiateLayerUpload", "POST", UPLOADS),
    ],
)
def test_a_throttled_call_is_too_many_requests(registry, operation, method, path):
    registry.push(MADE, "v1")
    registry.server.aws.faults.add(f"ecr.{operation}", error="ThrottlingException", times=1)

    first = registry.request(method, path)
    second = registry.request(method, path)

    assert first.status == 429
    assert first.refusal == Refusal("TOOMANYREQUESTS", "Rate exceeded")
    assert second.status in {200, 202}


def test_the_limit_of_images_is_a_denial(registry):
    registry.push_blobs(MADE)
    registry.server.aws.faults.add("ecr.PutImage", error="LimitExceededException", times=1)

    answer = registry.put(MADE, "v1")

    assert answer.status == 403
    assert answer.refusal.code == "DENIED"
