"""Generated requests to both doors: each answer is one of the reference, the world stays sound."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from ecrmock import Server
from tests.server import calls, doors, grammar, manifests, raw, states

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
NO_UPLOAD = "/v2/app/blobs/uploads/00000000-0000-4000-8000-000000000000"


class World:
    """A server that each example finds as the one before did."""

    def __init__(self, server):
        self.server = server
        for name in ("app", "fixed", "team/web"):
            mutability = "IMMUTABLE" if name == "fixed" else "MUTABLE"
            wanted = {"repositoryName": name, "imageTagMutability": mutability}
            assert raw.ask(server.port, doors.call(body=wanted)).status == 200
        self.registry = doors.Registry(server)
        for name in ("app", "fixed"):
            for data in (manifests.CONFIG, manifests.LAYER):
                self.registry.push_blob(data, name)
            self.registry.put(grammar.GOOD, repository=name)
        self.saved = server.aws.snapshot()

    def begin(self):
        self.server.aws.restore(self.saved)
        self.server.aws.calls.clear()
        self.received = {}
        self.upload_id = NO_UPLOAD.rpartition("/")[2]

    def call(self, call):
        """Send a call of the API and check its answer."""
        body = call.body.replace(b"{upload}", self.upload_id.encode())
        note(f"{call.operation} {body[:400]!r}")

        answer = raw.ask(self.server.port, doors.call(call.operation, body, call.headers))

        note(f"  {answer.verdict}")
        self.server.check()
        assert call.lawful(answer), answer
        assert answer.header("x-amzn-requestid")
        if call.operation == "InitiateLayerUpload" and answer.status == 200:
            self.upload_id = answer.json()["uploadId"]

    def run(self, step):
        """Send a request of the grammar and check its answer."""
        uploads = list(self.received) or [NO_UPLOAD]
        upload = uploads[step.which % len(uploads)]
        path = step.path.replace("{upload}", upload)
        whole = self.received.get(upload, b"") if step.route == "upload" else b""
        path = path.replace("{digest}", states.digest_of(whole + step.body))
        is_chunked = step.headers.get("Transfer-Encoding") == "chunked"
        body = raw.chunked(step.body) if is_chunked else step.body
        note(f"{step.method} {path} {step.headers} {step.body[:300]!r}")

        answer = self.registry.ask(step.method, path, step.headers, body)

        note(f"  {answer.verdict}")
        self.server.check()
        assert step.lawful(answer), answer
        self._remember(step, path.partition("?")[0], answer)

    def _remember(self, step, path, answer):
        if step.route == "uploads" and answer.status == 202:
            self.received[f"{path}{answer.header('docker-upload-uuid')}"] = b""
        if step.method == "PATCH" and answer.status in (201, 202) and path in self.received:
            self.received[path] += step.body
        if step.route == "manifest" and step.method == "GET" and answer.status == 200:
            assert answer.body

    def check(self):
        """Check what holds of every world, and that each upload can go on."""
        self.server.check()
        states.assert_sound(self.server)
        for name, upload_id in states.uploads(self.server):
            path = f"/v2/{name}/blobs/uploads/{upload_id}"
            assert self.registry.ask("GET", path).status == 204
            assert self.registry.ask("PATCH", path, None, b"more").status in (201, 202)
            assert self.registry.ask("DELETE", path).status in (204, 404)
        self.server.check()


@pytest.fixture(scope="module")
def world():
    with Server(now=NOON) as server:
        yield World(server)


@given(grammar.sequences())
def test_whatever_is_asked_of_the_registry_is_answered_as_ecr_answers(world, steps):
    world.begin()

    for step in steps:
        world.run(step)

    world.check()


@given(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=4), st.booleans())
def test_a_layer_that_came_in_parts_is_the_whole_of_them(world, parts, is_last_with_the_end):
    """Parts below 5 MiB may only be the last; so what is sent before is one."""
    world.begin()
    data, last = (b"".join(parts), b"") if not is_last_with_the_end else (b"", b"".join(parts))
    whole = data + last
    path = world.registry.begin("team/web")
    if data:
        assert world.registry.ask("PATCH", path, None, data).status in (201, 202)

    end = f"{path}?digest={states.digest_of(whole)}"
    answer = world.registry.ask("PUT", end, None, last)

    assert answer.status == 201
    assert answer.header("docker-content-digest") == states.digest_of(whole)
    world.check()


@given(calls.sequences())
def test_whatever_is_asked_of_the_api_is_answered_as_ecr_answers(world, steps):
    world.begin()

    for call in steps:
        world.call(call)

    world.check()


@given(st.data())
def test_both_doors_may_be_mixed(world, data):
    world.begin()

    for _number in range(data.draw(st.integers(1, 4))):
        if data.draw(st.booleans()):
            for step in data.draw(grammar.sequences()):
                world.run(step)
        else:
            for call in data.draw(calls.sequences()):
                world.call(call)

    world.check()


REFUSALS = {400, 401, 403, 404, 405, 411, 413, 414, 415, 416, 417, 431, 501, 505}


@given(st.data())
def test_requests_with_bytes_changed_are_answered_or_refused(world, data):
    """The server may close the connection without an answer, but neither fail nor hang."""
    world.begin()
    whole = [
        doors.call(body={"repositoryName": "made"}),
        world.registry.request("PUT", "/v2/app/manifests/v2", {"Content-Type": "x"}, grammar.GOOD),
        world.registry.request("PATCH", world.registry.begin(), {"Content-Range": "0-2"}, b"abc"),
        world.registry.request("GET", "/v2/app/manifests/v1", {"Accept": "*/*"}),
    ]
    sent = data.draw(grammar.damaged(grammar.damaged(st.sampled_from(whole))))
    note(repr(sent))

    with raw.Connection(world.server.port) as connection:
        try:
            answer = connection.send(sent).end().answer(sent.partition(b" ")[0].decode("latin-1"))
        except raw.NotHttp:  # HTML without a status line: see test_json_heads
            answer = None

    assert answer is None or answer.status in REFUSALS | {200, 201, 202, 416}
    world.check()
