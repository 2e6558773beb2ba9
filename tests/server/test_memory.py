"""A layer of one gibibyte goes through a server of each engine without being held in memory."""

from __future__ import annotations

import hashlib
import sys
from urllib.parse import urlsplit

import pytest

from tests.server import children, doors, manifests, raw

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="VmHWM is in /proc of Linux alone"),
]
MIB = 1 << 20
SIZE = 1024 * MIB
PART = 16 * MIB
MOST_MIB = 200
STREAM = {"Transfer-Encoding": "chunked", "Content-Length": None}


def pieces():
    """Walk a gibibyte, a mebibyte at a time, of which no two are alike."""
    rest = bytes(range(256)) * (MIB // 256)
    for number in range(SIZE // MIB):
        yield number.to_bytes(8, "big") + rest[8:]


def digest_of_pieces():
    found = hashlib.sha256()
    for piece in pieces():
        found.update(piece)
    return "sha256:" + found.hexdigest()


def in_one(registry, target, host):
    """Stream the layer in one request, as docker does."""
    with raw.Connection(registry.port) as connection:
        connection.send(registry.request("PATCH", target, STREAM | {"Host": host}))
        for piece in pieces():
            connection.send(b"%x\r\n" % MIB)
            connection.send(piece)
            connection.send(b"\r\n")
        assert connection.send(b"0\r\n\r\n").answer("PATCH").status in (201, 202)


def in_parts(registry, target, host):
    """Send the layer in 64 requests, each with its range."""
    every = pieces()
    for start in range(0, SIZE, PART):
        headers = {
            "Host": host,
            "Content-Range": f"{start}-{start + PART - 1}",
            "Content-Length": str(PART),
        }
        with raw.Connection(registry.port) as connection:
            connection.send(registry.request("PATCH", target, headers))
            for _number in range(PART // MIB):
                connection.send(next(every))
            assert connection.answer("PATCH").status in (201, 202)


def push(registry, host, digest, send):
    """Push the layer and an image that needs it."""
    path = registry.ask("POST", "/v2/app/blobs/uploads/").header("location")
    target = urlsplit(path).path
    send(registry, target, host)
    assert registry.ask("PUT", f"{target}?digest={digest}").status == 201
    registry.push_blob(manifests.CONFIG)
    layer = {"mediaType": doors.OCI_LAYER, "digest": digest, "size": SIZE}
    assert registry.put(manifests.image(layers=[layer])).status == 201


def pull(registry, host, digest):
    """Follow the redirect of the layer and return the digest and the size of what comes."""
    answer = registry.ask("GET", f"/v2/app/blobs/{digest}", {"Host": host})
    assert answer.status == 307
    parts = urlsplit(answer.header("location"))
    assert parts.netloc == host
    found, size = hashlib.sha256(), 0
    with raw.Connection(registry.port) as connection:
        target = f"{parts.path}?{parts.query}"
        connection.send(raw.request("GET", target, {"Host": host, "Connection": "close"}))
        for piece in connection.stream():
            found.update(piece)
            size += len(piece)
    return "sha256:" + found.hexdigest(), size


@pytest.mark.parametrize("send", [in_one, in_parts])
@pytest.mark.parametrize("engine", children.COMMANDS)
def test_a_layer_of_a_gibibyte_is_pushed_and_pulled_in_little_memory(engine, send, tmp_path):
    digest = digest_of_pieces()
    with children.serve(engine, tmp_path / "errors") as child:
        made = raw.ask(child.port, doors.call(body={"repositoryName": "app"}))
        registry = doors.Registry(child)

        push(registry, child.host, digest, send)
        pulled = pull(registry, child.host, digest)
        peaks = child.peak_mib()

    assert made.status == 200
    assert pulled == (digest, SIZE)
    assert max(peaks.values()) < MOST_MIB, peaks
    assert (tmp_path / "errors").read_text() == ""
