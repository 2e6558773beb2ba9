"""`ecrmock serve`: the same attacks on its engine, and how it starts and stops."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys

import pytest

from tests.server import children, doors, manifests, raw, states
from tests.server import test_json_door as door
from tests.server import test_json_framing as framing
from tests.server import test_json_heads as heads
from tests.server import test_registry_door as registry_door

DATA = bytes(range(100))
DIGEST = states.digest_of(DATA)
STREAM = {"Transfer-Encoding": "chunked", "Content-Length": None}
IMPATIENT_SECONDS = 2.5
REFUSALS = (400, 404, 405, 411, 413, 414, 417, 431, 501, 505)


@pytest.fixture(scope="module")
def child(tmp_path_factory):
    """A server of the command line, with a repository, that writes no error to the end."""
    errors = tmp_path_factory.mktemp("serve") / "errors"
    with children.serve("granian", errors) as child:
        assert raw.ask(child.port, doors.call(body={"repositoryName": "app"})).status == 200
        yield child
    assert errors.read_text() == ""


@pytest.fixture
def registry(child):
    return doors.Registry(child)


@pytest.fixture
def unchanged(child):
    """Return a function that fails when there are other repositories than before."""

    def names():
        answer = raw.ask(child.port, doors.call("DescribeRepositories", {}))
        return [each["repositoryName"] for each in answer.json()["repositories"]]

    before = names()

    def check():
        assert names() == before

    return check


def ask_all(child, requests):
    """Send each request on a connection of its own; return the statuses that are no refusal."""
    found = {}
    for name, data in requests.items():
        with raw.Connection(child.port) as connection:
            answer = connection.send(data).answer()
        if answer is not None and answer.status not in REFUSALS:
            found[name] = answer
    return found


def test_bodies_that_are_no_json_are_refused(child, unchanged):
    for name, body in door.UNREADABLE.items():
        assert raw.ask(child.port, doors.call(body=body)).verdict == door.SERIALIZATION, name
    unchanged()


def test_heads_that_are_none_are_refused(child, unchanged):
    lines = {name: line + heads.HEADERS_AND_BODY for name, line in heads.LINES.items()}
    paths = {name: doors.call(target=target) for name, target in heads.TARGETS.items()}

    assert ask_all(child, lines | paths) == {}
    unchanged()


def test_lengths_that_are_none_are_refused(child, unchanged):
    lengths = {name: framing.with_length(value) for name, value in framing.LENGTHS.items()}
    two = framing.with_length("29").replace(
        b"Content-Length", b"Content-Length: 30\r\nContent-Length"
    )

    assert ask_all(child, lengths | {"two": two}) == {}
    unchanged()


def test_chunks_and_codings_that_are_none_are_refused(child, unchanged):
    chunks = {name: framing.in_chunks(body) for name, body in framing.CHUNKS.items()}
    codings = {
        coding: framing.in_chunks(raw.chunked(framing.GOOD), coding)
        for coding in ("gzip", "xchunked", "identity", "chunked, gzip")
    }

    assert ask_all(child, chunks | codings) == {}
    unchanged()


def test_bodies_beyond_the_limit_are_refused(child, unchanged):
    large = framing.in_chunks(raw.chunked(*[b" " * framing.MIB] * 64))
    said = framing.with_length("99999999999", b"")
    expected = doors.call(body=b"", headers={"Expect": "100-continue", "Content-Length": "9" * 12})

    found = [raw.ask(child.port, data).verdict for data in (large, said, expected)]

    assert found == [framing.TOO_LARGE] * 3
    unchanged()


def test_odd_headers_are_refused_or_passed_over(child, unchanged):
    call = doors.call("DescribeRepositories", {})
    odd = {name: call.replace(old, new) for name, (old, new) in heads.ODD_HEADERS.items()}
    floods = {
        name: doors.call("DescribeRepositories", {}, headers)
        for name, headers in heads.FLOODS.items()
    }

    statuses = {answer.status for answer in ask_all(child, odd | floods).values()}

    assert statuses <= {200, 403}
    unchanged()


def test_targets_and_credentials_that_are_none_get_the_same_answers(child, unchanged):
    for name, target in door.TARGETS.items():
        answer = raw.ask(child.port, doors.call(headers={"X-Amz-Target": target}))
        assert answer.verdict in (door.UNKNOWN, (400, "")), name
    for name, (value, accepted) in door.AUTHORIZATIONS.items():
        answer = raw.ask(child.port, doors.call(headers={"Authorization": value}))
        assert answer.verdict in [*accepted, (400, "")], name
    for name, value in registry_door.BAD_CREDENTIALS.items():
        data = raw.request("GET", "/v2/", {"Authorization": value})
        assert raw.ask(child.port, data, method="GET").status in (400, 401), name
    unchanged()


def test_names_that_are_none_are_invalid_parameters(child, registry):
    for label, name in registry_door.BAD_NAMES.items():
        answer = registry.ask("GET", f"/v2/{name}/manifests/v1")
        assert answer.verdict in (registry_door.UNSUPPORTED, (400, "")), label


def test_a_connection_is_kept_for_the_next_request(child):
    data = doors.call("DescribeRepositories", {})

    with raw.Connection(child.port) as connection:
        connection.send(data * 3)
        found = [connection.answer().status for _ in range(3)]

    assert found == [200] * 3


def test_an_upload_whose_length_was_cut_is_as_it_was(child, registry):
    upload = registry.begin()
    data = registry.request("PATCH", upload, {"Content-Length": "200"}, DATA)

    with raw.Connection(child.port) as connection:
        answer = connection.send(data).end().answer("PATCH")

    assert answer is None or answer.status == 400
    assert registry.ask("PUT", f"{upload}?digest={DIGEST}", None, DATA).status == 201


TAKEN_FOR_WHOLE = pytest.mark.xfail(
    strict=True, reason="a body in chunks that breaks off is taken for a whole one"
)
CUT_CHUNKS = {
    "no last chunk": b"64\r\n" + DATA + b"\r\n",
    "in a chunk": b"ff\r\n" + DATA,
    "garbage after a chunk": b"64\r\n" + DATA + b"\r\nzz\r\n",
}


@TAKEN_FOR_WHOLE
@pytest.mark.parametrize("body", CUT_CHUNKS.values(), ids=CUT_CHUNKS)
def test_an_upload_whose_chunks_were_cut_is_as_it_was(body, child, registry):
    """RFC 9112, 8: a message in chunks without the last one is incomplete."""
    upload = registry.begin()

    with raw.Connection(child.port) as connection:
        connection.send(registry.request("PATCH", upload, STREAM, body)).end().rest()

    assert registry.ask("PUT", f"{upload}?digest={DIGEST}", None, DATA).status == 201


@TAKEN_FOR_WHOLE
def test_a_call_whose_chunks_were_cut_is_not_done(child, unchanged):
    data = framing.in_chunks(b"1d\r\n" + framing.GOOD)

    with raw.Connection(child.port) as connection:
        connection.send(data).end().rest()

    unchanged()


COUNTS = [
    50,
    pytest.param(
        300, marks=pytest.mark.xfail(strict=True, reason="each that sends a body holds a thread")
    ),
]


@pytest.mark.parametrize("count", COUNTS)
def test_clients_that_stop_in_a_layer_block_nobody(count, child, registry):
    start = registry.request("PATCH", registry.begin(), {"Content-Length": "100"}, b"x")

    with contextlib.ExitStack() as stack:
        for _number in range(count):
            stack.enter_context(raw.Connection(child.port)).send(start)
        status = raw.ask(
            child.port, doors.call("DescribeRepositories", {}), seconds=IMPATIENT_SECONDS
        ).status

    assert status == 200


@pytest.mark.parametrize("start", ["", "POST / HTTP/1.1\r\nHos"], ids=["nothing", "half a header"])
def test_three_hundred_clients_that_say_nothing_block_nobody(start, child):
    with contextlib.ExitStack() as stack:
        for _number in range(300):
            stack.enter_context(raw.Connection(child.port)).send(start.encode())
        assert raw.ask(child.port, doors.call("DescribeRepositories", {})).status == 200


@contextlib.contextmanager
def started():
    """Start a server without waiting for it; kill what is left of it in the end."""
    command = children.COMMANDS["granian"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            children.kill(process)


def test_who_reads_the_url_may_ask_at_once():
    with started() as process:
        port = children.port_of(process)

        socket.create_connection(("127.0.0.1", port), timeout=raw.MOST_SECONDS).close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_who_reads_the_url_may_stop_it_at_once(number):
    with started() as process:
        children.port_of(process)

        process.send_signal(number)
        code = wait(process)

    assert code == 0


def wait(process):
    """Return the exit code, or None when it does not end."""
    try:
        return process.wait(IMPATIENT_SECONDS)
    except subprocess.TimeoutExpired:
        return None


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(None, id="nobody"),
        pytest.param("", id="who says nothing"),
        pytest.param("POST / HTTP/1.1\r\nHos", id="half a header"),
        pytest.param("layer", id="half a layer"),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "INT"])
def test_a_signal_stops_it_though_clients_are_connected(number, start):
    with started() as process, contextlib.ExitStack() as stack:
        child = children.Child(process.pid, children.port_of(process))
        children.wait_for(child)
        raw.ask(child.port, doors.call(body={"repositoryName": "app"}))
        if start is not None:
            data = start.encode()
            if start == "layer":
                registry = doors.Registry(child)
                half = {"Content-Length": "100"}
                data = registry.request("PATCH", registry.begin(), half, b"x")
            stack.enter_context(raw.Connection(child.port)).send(data)

        process.send_signal(number)
        code = wait(process)

    assert code == 0


def run(*options):
    """Run the command and return its exit code and what it wrote to standard error."""
    command = [sys.executable, "-m", "ecrmock", "serve", "--port", "0", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return ended.returncode, ended.stderr


def test_a_port_that_is_taken_is_an_error_at_once(child):
    code, text = run("--port", str(child.port))

    assert code != 0
    assert str(child.port) in text
    assert "Traceback" not in text


BAD_OPTIONS = {
    "port": ["--port", "70000"],
    "host": ["--host", "256.1.1.1"],
    "region": ["--region", "mars-1"],
    "account": ["--account-id", "12"],
    "page size": ["--page-size", "0"],
    "rate": ["--rate", "-1"],
    "now": ["--now", "yesterday"],
    "cert alone": ["--cert", "cert.pem"],
    "cert and tls": ["--tls", "--cert", "cert.pem", "--key", "key.pem"],
}


@pytest.mark.parametrize(
    "options",
    [
        *[pytest.param(options, id=name) for name, options in BAD_OPTIONS.items()],
        pytest.param(["--cert", "no.pem", "--key", "no.pem"], id="no files"),
    ],
)
def test_an_option_that_cannot_be_is_an_error_in_a_line(options):
    code, text = run(*options)

    assert code != 0
    assert "Traceback" not in text
    assert "Error: " in text


def test_manifests_of_any_kind_are_answered(registry):
    for data in (manifests.CONFIG, manifests.LAYER):
        registry.push_blob(data)

    found = [
        registry.put(manifests.image()).status,
        registry.put(b"[" * 200_000).status,
        registry.put(b"\xff").status,
        registry.put(manifests.image() + b" " * (5 << 20)).status,
        registry.ask("GET", "/v2/app/manifests/v1").status,
        registry.ask("HEAD", "/v2/app/manifests/v1").status,
    ]

    assert found[:3] == [201, 405, 405]
    assert found[3] in (400, 405, 413)
    assert found[4:] == [200, 200]
