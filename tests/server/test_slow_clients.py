"""Clients that stop in the middle: others get their answers meanwhile, and nothing is left over.

No test waits: a slow client is one that has sent a part and does nothing more until another
client has its answer.
"""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecrmock import Server
from tests.server import doors, manifests, raw, states

DATA = b"x" * 100
DIGEST = states.digest_of(DATA)
MANIFEST = manifests.image()
MIB = 1 << 20


def starts(registry):
    """Return what slow clients have sent when they stop."""
    upload = registry.begin()
    blob = f"{upload}?digest={DIGEST}"
    call = doors.call(body={"repositoryName": "slow"})
    put = registry.request("PUT", "/v2/app/manifests/slow", {"Content-Type": "x"}, MANIFEST)
    patch = registry.request("PATCH", upload, {"Content-Length": "100"})
    streamed = {"Content-Length": None, "Transfer-Encoding": "chunked"}
    return {
        "nothing": b"",
        "one byte": b"P",
        "request line": b"POST / HTTP/1.1\r\n",
        "half a header": call[:60],
        "headers": call.partition(b"\r\n\r\n")[0] + b"\r\n\r\n",
        "all of a call but a byte": call[:-1],
        "all of a manifest but a byte": put[:-1],
        "one byte of a layer": patch + b"x",
        "all of a layer but a byte": registry.request("PUT", blob, None, DATA)[:-1],
        "a chunk's size": registry.request("PATCH", upload, streamed, b"64\r\n"),
        "a chunk": registry.request("PATCH", upload, streamed, raw.chunked(DATA)[:-5]),
        "refused, with more to come": raw.request("PUT", blob, {"Content-Length": "9" * 20}, DATA),
        "control": raw.request("POST", "/_ecrmock/clock", {"Content-Length": "15"}, b"{"),
    }


def others(registry):
    """Return requests that other clients send meanwhile, each with its status."""
    return [
        (doors.call("DescribeRepositories", {}), 200),
        (doors.call("DescribeImages", {"repositoryName": "app"}), 200),
        (registry.request("GET", "/v2/app/manifests/v1"), 200),
        (registry.request("POST", "/v2/app/blobs/uploads/"), 202),
        (registry.request("PUT", "/v2/app/manifests/new", doors_type(), MANIFEST), 201),
        (raw.request("GET", "/_ecrmock/health"), 200),
        (raw.request("POST", "/_ecrmock/snapshot"), 200),
    ]


def doors_type():
    return {"Content-Type": doors.OCI_MANIFEST}


def test_clients_that_stop_block_nobody(server, registry):
    with contextlib.ExitStack() as stack:
        for start in starts(registry).values():
            stack.enter_context(raw.Connection(server.port)).send(start)

        found = [raw.ask(server.port, data, method="GET").status for data, _ in others(registry)]

    assert found == [status for _, status in others(registry)]


@pytest.mark.parametrize("name", ["nothing", "half a header", "one byte of a layer"])
def test_fifty_clients_that_stop_at_once_block_nobody(name, server, registry):
    start = starts(registry)[name]

    with contextlib.ExitStack() as stack:
        for _number in range(50):
            stack.enter_context(raw.Connection(server.port)).send(start)
        found = [raw.ask(server.port, data, method="GET").status for data, _ in others(registry)]

    assert found == [status for _, status in others(registry)]


def test_a_client_that_goes_on_after_others_is_served(server, registry):
    data = doors.call(body={"repositoryName": "slow"})

    with raw.Connection(server.port) as connection:
        for at in range(len(data) - 1):
            connection.send(data[at : at + 1])
        raw.ask(server.port, doors.call(body={"repositoryName": "quick"}))
        answer = connection.send(data[-1:]).answer()

    assert answer.verdict == (200, "")


def test_two_clients_in_one_upload_lose_no_byte_that_was_acknowledged(server, registry):
    """The one whose body ends later finds that the upload went on without it."""
    upload = registry.begin()
    first = {"Content-Range": "0-99", "Content-Length": "100"}
    data = registry.request("PATCH", upload, first)

    with raw.Connection(server.port) as slow:
        slow.send(data + DATA[:50])
        quick = registry.ask("PATCH", upload, first, DATA)
        late = slow.send(DATA[50:]).answer("PATCH")
    completed = registry.ask("PUT", f"{upload}?digest={DIGEST}")

    assert sorted([quick.status, late.status]) == [201, 416]
    assert completed.status == 201
    states.assert_sound(server)


def test_an_upload_completed_under_a_slow_part_is_unknown_to_it(server, registry):
    upload = registry.begin()
    data = registry.request("PATCH", upload, {"Content-Length": "100"})

    with raw.Connection(server.port) as slow:
        slow.send(data + DATA[:50])
        quick = registry.ask("PUT", f"{upload}?digest={DIGEST}", None, DATA)
        late = slow.send(DATA[50:]).answer("PATCH")

    assert (quick.status, late.status) == (201, 404)
    states.assert_sound(server)


@pytest.mark.parametrize("steering", ["reset", "restore", "delete"])
def test_a_world_that_is_replaced_under_a_slow_part_is_left_alone(steering, server, registry):
    saved = server.aws.snapshot()
    upload = registry.begin()
    data = registry.request("PATCH", upload, {"Content-Length": "100"})

    with raw.Connection(server.port) as slow:
        slow.send(data + DATA[:50])
        if steering == "reset":
            server.reset()
        elif steering == "restore":
            server.aws.restore(saved)
        else:
            gone = {"repositoryName": "app", "force": True}
            raw.ask(server.port, doors.call("DeleteRepository", gone))
        late = slow.send(DATA[50:]).answer("PATCH")

    assert late.status in (401, 403, 404)
    server.check()
    states.assert_sound(server)


def test_fifty_clients_that_push_at_once_end_with_one_layer_and_all_tags(server, registry):
    layers = [b"layer %d" % (number % 5) for number in range(50)]

    def push(number):
        data = layers[number]
        upload = registry.begin()
        path = f"{upload}?digest={states.digest_of(data)}"
        statuses = [registry.ask("PUT", path, None, data).status]
        manifest = manifests.image(layers=[manifests.descriptor(data)])
        statuses.append(registry.put(manifest, f"t{number}").status)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(push, range(50)))

    assert found == [[201, 201]] * 50
    assert states.counts(server)["images"] == 2 + 5
    assert states.counts(server)["tags"] == 2 + 50
    states.assert_sound(server)


def test_pushes_and_deletions_at_once_leave_a_sound_world(server, registry):
    def work(number):
        statuses = []
        for _round in range(6):
            statuses.append(registry.put(MANIFEST, f"t{number % 4}").status)
            statuses.append(registry.ask("DELETE", f"/v2/app/manifests/t{number % 4}").status)
        return statuses

    with ThreadPoolExecutor(8) as pool:
        found = {status for each in pool.map(work, range(16)) for status in each}

    assert found <= {201, 202, 404}
    server.check()
    states.assert_sound(server)


def test_two_hundred_calls_at_once_make_each_name_once(server):
    names = [f"repo-{number % 10}" for number in range(200)]

    def make(name):
        return raw.ask(server.port, doors.call(body={"repositoryName": name})).status

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(make, names))

    assert found.count(200) == 10
    assert found.count(400) == 190


def test_a_server_stops_though_clients_have_stopped_before_it():
    server = Server().start()
    raw.ask(server.port, doors.call(body={"repositoryName": "app"}))
    registry = doors.Registry(server)

    with contextlib.ExitStack() as stack:
        for start in starts(registry).values():
            stack.enter_context(raw.Connection(server.port)).send(start)
        raw.ask(server.port, doors.call("DescribeRepositories", {}))
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        stopping.join(raw.MOST_SECONDS)
        is_stopping = stopping.is_alive()
    stopping.join(raw.MOST_SECONDS)

    assert not is_stopping
    server.check()


def test_a_reader_that_does_not_read_blocks_nobody(server, registry):
    layer = bytes(MIB) * 32
    digest = registry.push_blob(layer)
    registry.put(manifests.image(layers=[manifests.descriptor(layer)]), "large")
    location = registry.ask("GET", f"/v2/app/blobs/{digest}").header("location")
    target = location.removeprefix("http://127.0.0.1")

    with raw.Connection(server.port) as connection:
        connection.send(raw.request("GET", target))
        found = [raw.ask(server.port, data, method="GET").status for data, _ in others(registry)]
        body = connection.answer("GET").body

    assert found == [status for _, status in others(registry)]
    assert states.digest_of(body) == digest
