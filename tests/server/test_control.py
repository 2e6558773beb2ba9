"""The control paths below `/_ecrmock/`, with good and bad input; failures of ecrmock's own."""

from __future__ import annotations

import json

import pytest

from ecrmock import Server
from tests.server import doors, raw, states

PATHS = {
    "health": ["GET"],
    "reset": ["POST"],
    "clock": ["GET", "POST"],
    "calls": ["GET", "DELETE"],
    "events": ["GET"],
    "faults": ["GET", "POST", "DELETE"],
    "snapshot": ["POST"],
    "restore": ["POST"],
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "FOO"]
OTHERS = [(path, m) for path, taken in PATHS.items() for m in METHODS if m not in taken]
FAULT = {"operation": "ecr.CreateRepository", "error": "ServerException"}


def control(server, method, path, body=b""):
    """Send a request to a control path and return the answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return raw.ask(server.port, raw.request(method, f"/_ecrmock/{path}", None, data), method=method)


def explain(answer):
    """Return what a refusal says, in one line and not in Python's words."""
    assert answer.status == 400
    text = answer.json()["error"]
    assert "unhashable" not in text
    assert "cannot convert" not in text
    return text


def test_health_says_what_the_world_is(server):
    answer = control(server, "GET", "health")

    assert answer.status == 200
    assert answer.json()["status"] == "ok"
    assert answer.json()["account_id"] == "123456789012"


@pytest.mark.parametrize(("path", "method"), OTHERS, ids=["-".join(each) for each in OTHERS])
def test_another_method_is_not_allowed(path, method, server, unchanged):
    assert control(server, method, path).status == 405
    unchanged()


@pytest.mark.parametrize("path", ["", "nothing", "health/", "health/x", "..", "%00", "a" * 10_000])
def test_a_path_that_is_none_is_not_found(path, server, unchanged):
    assert control(server, "POST", path).status == 404
    unchanged()


NO_JSON = {
    "text": b"x",
    "array": b"[]",
    "null": b"null",
    "string": b'"x"',
    "number": b"1",
    "invalid UTF-8": b"\xff",
    "deep": b"[" * 100_000,
    "10,000 digits": b'{"minutes":' + b"9" * 10_000 + b"}",
    "unknown member": b'{"bogus":1}',
}


@pytest.mark.parametrize("path", ["clock", "faults", "restore"])
@pytest.mark.parametrize("body", NO_JSON.values(), ids=NO_JSON)
def test_a_body_that_is_not_understood_is_refused(body, path, server, unchanged):
    explain(control(server, "POST", path, body))
    unchanged()


@pytest.mark.parametrize("path", ["clock", "faults", "restore"])
def test_a_body_cut_off_or_of_a_bad_length_is_refused(path, server, unchanged):
    for length in ("x", "-1", "100"):
        data = raw.request("POST", f"/_ecrmock/{path}", {"Content-Length": length}, b"{}")
        with raw.Connection(server.port) as connection:
            answer = connection.send(data).end().answer()
        assert answer is None or answer.status == 400
    unchanged()


def test_the_clock_moves_by_what_is_asked(server):
    before = server.aws.clock.now

    answer = control(server, "POST", "clock", {"minutes": 5})

    assert answer.status == 200
    assert 300 <= (server.aws.clock.now - before).total_seconds() < 301
    assert control(server, "GET", "clock").json()["now"] == server.aws.clock.now.isoformat()


NO_STEPS = {
    "text": {"minutes": "5"},
    "negative": {"minutes": -5},
    "null": {"minutes": None},
    "true": {"minutes": True},
    "array": {"minutes": []},
    "endless": {"minutes": float("inf")},
    "not a number": {"minutes": float("nan")},
    "a googol": {"minutes": 1e100},
    "a billion years": {"days": 365_000_000_000},
    "several, one bad": {"minutes": 5, "hours": "x"},
}


@pytest.mark.parametrize("step", NO_STEPS.values(), ids=NO_STEPS)
def test_the_clock_does_not_move_by_what_is_no_step(step, server):
    before = server.aws.clock.now

    answer = control(server, "POST", "clock", step)

    assert answer.status == 400
    assert server.aws.clock.now == before


def test_a_step_beyond_the_calendar_is_refused_and_the_world_lives_on(server):
    moved = control(server, "POST", "clock", {"days": 3_000_000}).status

    called = raw.ask(server.port, doors.call()).status
    assert (moved, called) == (400, 200)


def test_calls_are_listed_and_forgotten(server):
    raw.ask(server.port, doors.call())

    listed = control(server, "GET", "calls").json()["calls"]
    chosen = control(server, "GET", "calls?operation=ecr.CreateRepository").json()["calls"]
    forgotten = control(server, "DELETE", "calls").status
    after = control(server, "GET", "calls").json()["calls"]

    assert listed[-1] == chosen[-1]
    assert len(chosen) == 4
    assert (forgotten, after) == (200, [])


@pytest.mark.parametrize("operation", ["x", "", "ecr.", "s3.PutObject", "%00", "a" * 10_000])
def test_calls_of_no_operation_are_refused_or_none(operation, server):
    answer = control(server, "GET", f"calls?operation={operation}")

    assert answer.status in (200, 400)


def test_calls_with_layers_are_listed_without_their_bytes(server, registry):
    registry.push_blob(b"z" * 100_000)
    registry.push_blob(b"\xff\xfe\x00")

    answer = control(server, "GET", "calls")

    assert answer.status == 200
    assert b"zzzzzzzz" not in answer.body
    assert len(answer.json()["calls"]) == len(server.aws.calls)


def test_events_of_pushes_are_listed(server):
    events = control(server, "GET", "events").json()["events"]

    assert [each["detail"]["action-type"] for each in events] == ["PUSH", "PUSH"]


def test_a_fault_comes_as_often_as_asked(server):
    control(server, "POST", "faults", FAULT | {"times": 1})

    found = [raw.ask(server.port, doors.call()).status for _ in range(2)]

    assert found == [500, 200]
    server.check()  # a fault that was asked for is no failure of ecrmock


def test_faults_are_taken_back(server):
    control(server, "POST", "faults", FAULT)
    assert len(control(server, "GET", "faults").json()["faults"]) == 1

    control(server, "DELETE", "faults")

    assert control(server, "GET", "faults").json() == {"faults": []}
    assert raw.ask(server.port, doors.call()).status == 200


NO_FAULTS = {
    "nothing": {},
    "operation alone": {"operation": "ecr.PutImage"},
    "operation a number": FAULT | {"operation": 5},
    "operations in a list": FAULT | {"operation": ["ecr.PutImage"]},
    "unknown operation": FAULT | {"operation": "ecr.MakeCoffee"},
    "not built": FAULT | {"operation": "ecr.PutReplicationConfiguration"},
    "unknown error": FAULT | {"error": "Teapot"},
    "error a number": FAULT | {"error": 5},
    "times a word": FAULT | {"times": "x"},
    "times zero": FAULT | {"times": 0},
    "times true": FAULT | {"times": True},
    "probability zero": FAULT | {"probability": 0},
    "probability NaN": FAULT | {"probability": float("nan")},
    "latency negative": FAULT | {"latency": -1},
    "a function": FAULT | {"when": "lambda request: True"},
    "error an object": FAULT | {"error": {"a": 1}},
    "latency endless": FAULT | {"latency": float("inf")},
}


@pytest.mark.parametrize("fault", NO_FAULTS.values(), ids=NO_FAULTS)
def test_a_fault_that_cannot_be_is_refused(fault, server, unchanged):
    explain(control(server, "POST", "faults", fault))
    assert control(server, "GET", "faults").json() == {"faults": []}
    unchanged()


def test_a_message_that_is_no_text_is_refused(server):
    explain(control(server, "POST", "faults", FAULT | {"message": 5}))


def test_a_snapshot_is_gone_back_to_as_often_as_wanted(server):
    name = control(server, "POST", "snapshot").json()["snapshot"]
    before = states.fingerprint(server)

    for _round in range(2):
        assert raw.ask(server.port, doors.call()).status == 200
        assert control(server, "POST", "restore", {"snapshot": name}).status == 200
        assert states.fingerprint(server) == before
    states.assert_sound(server)


@pytest.mark.parametrize(
    "name",
    [
        None,
        1,
        "2",
        "",
        True,
        "a" * 10_000,
        [],
        {},
    ],
)
def test_a_snapshot_that_is_none_is_refused(name, server):
    control(server, "POST", "snapshot")

    assert "snapshot" in explain(control(server, "POST", "restore", {"snapshot": name}))


def test_reset_empties_the_world_and_ends_tokens(server, registry):
    control(server, "POST", "faults", FAULT)

    assert control(server, "POST", "reset").status == 200

    assert set(states.counts(server).values()) == {0}
    assert control(server, "GET", "faults").json() == {"faults": []}
    assert raw.ask(server.port, doors.call("DescribeRepositories", {})).json() == {
        "repositories": []
    }
    assert registry.ask("GET", "/v2/app/tags/list").status in (401, 404)


def divide(request):
    return 1 / 0


def test_a_failure_of_a_function_is_a_500_and_is_raised_by_check(server):
    server.aws.faults.add("ecr.CreateRepository", error="ServerException", when=divide)

    answer = raw.ask(server.port, doors.call())

    assert answer.status == 500
    assert "ZeroDivisionError" in answer.body.decode()
    with pytest.raises(ZeroDivisionError):
        server.check()
    server.check()


def test_a_failure_behind_the_registry_is_raised_by_check_too(server, registry):
    server.aws.faults.add("ecr.ListImages", error="ServerException", when=divide)

    assert registry.ask("GET", "/v2/app/tags/list").status == 500

    with pytest.raises(ZeroDivisionError):
        server.check()


def test_a_failure_is_raised_at_the_end_of_the_with_block():
    def serve():
        with Server() as server:
            server.aws.faults.add("ecr.CreateRepository", error="ServerException", when=divide)
            raw.ask(server.port, doors.call())
        return server

    with pytest.raises(ZeroDivisionError):
        serve()


def test_an_error_of_the_block_itself_goes_before_a_failure():
    def serve():
        with Server() as server:
            server.aws.faults.add("ecr.CreateRepository", error="ServerException", when=divide)
            raw.ask(server.port, doors.call())
            raise KeyError

    with pytest.raises(KeyError):
        serve()


def test_after_a_failure_the_server_answers_as_before(server, unchanged):
    fault = server.aws.faults.add("ecr.CreateRepository", error="ServerException", when=divide)
    raw.ask(server.port, doors.call())
    server.aws.faults.remove(fault)
    with pytest.raises(ZeroDivisionError):
        server.check()

    unchanged()
    assert raw.ask(server.port, doors.call()).status == 200


def test_a_subscriber_that_fails_is_raised_by_check_and_the_push_is_kept(server, registry):
    server.aws.events.subscribe(divide)

    status = registry.put(registry.ask("GET", "/v2/app/manifests/v1").body, "v2").status

    assert status in (201, 500)
    with pytest.raises(ZeroDivisionError):
        server.check()
    assert registry.ask("GET", "/v2/app/manifests/v2").status == 200
