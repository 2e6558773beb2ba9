"""Odd request lines and headers: answered as HTTP, one answer for each request, nothing changes."""

from __future__ import annotations

import socket

import pytest

from tests.server import doors, raw, states

UNKNOWN = (404, "UnknownOperationException")
IMPATIENT_SECONDS = 2.0
LINES = {
    "two words": b"POST /\r\n",
    "one word": b"POST\r\n",
    "four words": b"POST / x HTTP/1.1\r\n",
    "no target": b"POST  HTTP/1.1\r\n",
    "HTTP/2.0": b"POST / HTTP/2.0\r\n",
    "lower case": b"POST / http/1.1\r\n",
    "three numbers": b"POST / HTTP/1.1.1\r\n",
    "negative version": b"POST / HTTP/1.-1\r\n",
    "long version": b"POST / HTTP/1." + b"9" * 5000 + b"\r\n",
    "other protocol": b"HELO localhost\r\n",
    "start of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n",
    "start of TLS": bytes.fromhex("160301020001000001fc0303") + b"\0" * 500,
    "NUL": b"\0\0\0\0\r\n",
}
DOOR = doors.call()
HEADERS_AND_BODY = DOOR.partition(b"\r\n")[2]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(
            line,
            id=name,
            marks=()
            if name == "four words"
            else pytest.mark.xfail(strict=True, reason="answered in HTML without a status line"),
        )
        for name, line in LINES.items()
    ],
)
def test_a_line_that_is_no_request_is_a_bad_request(line, server, unchanged):
    with raw.Connection(server.port) as connection:
        answer = connection.send(line + HEADERS_AND_BODY).end().answer("GET")

    assert answer is None or answer.status in (400, 505)
    unchanged()


TARGETS = {
    "a file": "/index.html",
    "dot": "/.",
    "dots": "/..",
    "encoded dots": "/%2e%2e/",
    "NUL": "/\0",
    "encoded NUL": "/%00",
    "encoding cut off": "/%",
    "no encoding": "/%zz",
    "latin-1": "/\xff",
    "star": "*",
    "no slash": "x",
    "authority": "127.0.0.1:80",
    "empty host": "http://",
    "bracket": "//[/",
    "60,000 characters": "/" + "a" * 60_000,
    "10,000 folders": "/a" * 10_000,
    "another version of the registry": "/v1/",
    "upper case": "/V2/",
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_path_that_is_none_is_not_found(target, server, unchanged):
    answer = raw.ask(server.port, doors.call(target=target))

    assert answer.status == 404
    assert answer.code in ("", "UnknownOperationException")
    unchanged()


def test_a_path_of_100_000_characters_is_too_long(server, unchanged):
    assert raw.ask(server.port, doors.call(target="/" + "a" * 100_000)).status == 414
    unchanged()


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/", "http://api.ecr.us-east-1.amazonaws.com/", "/?x=1", "/#x"]
)
def test_an_absolute_target_and_a_query_lead_to_the_same_door(target, server):
    """RFC 9112, 3.2.2: a server must accept the absolute form."""
    answer = raw.ask(server.port, doors.call(target=target))

    assert answer.verdict == (200, "")


@pytest.mark.xfail(strict=True, reason="the handler fails and answers nothing, after the call")
@pytest.mark.parametrize(
    "target", ["http://[::1/", "http://[/", "http://127.0.0.1:99999/"], ids=["half", "open", "port"]
)
def test_an_absolute_target_that_cannot_be_read_is_answered(target, server, capfd):
    answer = raw.ask(server.port, doors.call(target=target), seconds=IMPATIENT_SECONDS)

    assert answer.status // 100 in (2, 4)
    assert "Traceback" not in capfd.readouterr().err


def test_nothing_is_printed_for_requests_that_fail(server, capfd):
    for data in (doors.call(body=b"x"), doors.call(target="/x"), b"\0\r\n\r\n", b"POST / HT"):
        with raw.Connection(server.port) as connection:
            connection.send(data).end().rest()

    assert capfd.readouterr() == ("", "")


FLOODS = {
    "line of 70,000": {"X-Long": "a" * 70_000},
    "101 lines": {f"X-{number}": "a" for number in range(101)},
    "10,000 lines": {f"X-{number}": "a" for number in range(10_000)},
    "Authorization of 70,000": {"Authorization": "A" * 70_000},
}


@pytest.mark.parametrize("headers", FLOODS.values(), ids=FLOODS)
def test_a_flood_of_headers_is_too_large_or_let_in(headers, server, unchanged):
    data = doors.call("DescribeRepositories", {}, headers)

    assert raw.ask(server.port, data).status in (200, 403, 431)
    unchanged()


def test_a_flood_without_an_end_is_answered_or_cut_off(server, unchanged):
    with raw.Connection(server.port) as connection:
        connection.send(b"POST / HTTP/1.1\r\n" + b"X-A: " + b"a" * (8 << 20))
        answer = connection.answer()

    assert answer is None or answer.status in (400, 431)
    unchanged()


ODD_HEADERS = {
    "no colon": (b"Host: 127.0.0.1", b"Host 127.0.0.1"),
    "blank before colon": (b"Host: ", b"Host : "),
    "folded": (b"Host: 127.0.0.1", b"Host: 127.0.0.1\r\n 1"),
    "no name": (b"Host: ", b": "),
    "NUL in a name": (b"Host: ", b"Ho\0st: "),
    "NUL in a value": (b"127.0.0.1", b"127\0"),
    "CR in a value": (b"127.0.0.1", b"127\r1"),
    "no host": (b"Host: 127.0.0.1\r\n", b""),
    "empty host": (b"127.0.0.1", b""),
    "two hosts": (b"Host: 127.0.0.1", b"Host: a\r\nHost: b"),
    "bracket for host": (b"127.0.0.1", b"[::1"),
    "port beyond": (b"127.0.0.1", b"127.0.0.1:99999"),
    "quote for host": (b"127.0.0.1", b'a"b<c>'),
    "latin-1 for host": (b"127.0.0.1", b"\xff\xfe"),
    "host of another service": (b"127.0.0.1", b"s3.amazonaws.com"),
    "host of a region that is none": (b"127.0.0.1", b"api.ecr.mars-1.amazonaws.com"),
    "line feeds alone": (b"\r\n", b"\n"),
}


@pytest.mark.parametrize(("old", "new"), ODD_HEADERS.values(), ids=ODD_HEADERS)
def test_an_odd_header_is_refused_or_passed_over(old, new, server, unchanged):
    data = doors.call("DescribeRepositories", {}).replace(old, new)

    assert raw.ask(server.port, data).status in (200, 400, 403, 404)
    unchanged()


@pytest.mark.parametrize("uri_host", ["a\tb", "x" * 10_000, 'a"b', "a<b>c", "a b", "\xe9.test"])
def test_a_host_that_is_none_does_not_get_into_the_uri_of_a_repository(uri_host, server):
    answer = raw.ask(server.port, doors.call(headers={"Host": uri_host}))

    if answer.status == 200:
        uri = answer.json()["repository"]["repositoryUri"]
        assert set(uri) <= set("abcdefghijklmnopqrstuvwxyz0123456789.:/-[]"), uri
        assert len(uri) < 400


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_both_versions_of_http_are_answered(version, server):
    answer = raw.ask(server.port, doors.call(version=version))

    assert answer.verdict == (200, "")


def test_http_1_0_is_not_answered_in_chunks_nor_kept_open(server):
    data = doors.call("DescribeRepositories", {}, version="HTTP/1.0")

    with raw.Connection(server.port) as connection:
        answer = connection.send(data).answer()
        rest = connection.rest()

    assert answer.status == 200
    assert answer.header("transfer-encoding") is None
    assert rest == b""


def test_pipelined_calls_are_each_answered_or_the_first_says_that_it_is_the_last(server):
    names = ["first", "second", "third"]
    data = b"".join(
        doors.call(body={"repositoryName": name}, headers={"Connection": "keep-alive"})
        for name in names
    )
    answers = []

    with raw.Connection(server.port) as connection:
        connection.send(data).end()
        while answer := connection.answer():
            answers.append(answer)

    assert [answer.status for answer in answers] == [200] * len(answers)
    made = [answer.json()["repository"]["repositoryName"] for answer in answers]
    assert made == names[: len(made)]
    assert len(made) == len(names) or answers[-1].header("connection") == "close"
    assert states.counts(server)["repositories"] == 3 + len(made)


def test_a_second_request_in_the_body_of_the_first_is_not_run(server, unchanged):
    inner = doors.call()
    outer = doors.call("DescribeRepositories", {"x": inner.decode()})

    with raw.Connection(server.port) as connection:
        first = connection.send(outer).end().answer()
        second = connection.answer()

    assert (first.status, second) == (200, None)
    unchanged()


def test_bytes_after_a_refused_request_are_not_taken_for_a_request(server, unchanged):
    refused = doors.call(body=b"", headers={"Content-Length": str(1 << 40)})

    with raw.Connection(server.port) as connection:
        first = connection.send(refused + doors.call()).end().answer()
        second = connection.answer()

    assert (first.status, second) == (413, None)
    unchanged()


@pytest.mark.parametrize("data", [b"", b"\r\n" * 1000, b"POST / HT"], ids=["none", "lines", "cut"])
def test_a_client_that_says_no_more_is_let_go(data, server, unchanged):
    with raw.Connection(server.port) as connection:
        connection.send(data).end().rest()

    unchanged()


def test_no_header_of_an_answer_comes_twice(server):
    answer = raw.ask(server.port, doors.call())

    names = [name.lower() for name, _ in answer.headers]
    assert sorted(names) == sorted(set(names))


def test_an_answer_that_nobody_reads_is_no_failure_of_the_server(server, unchanged):
    for _number in range(20):
        with raw.Connection(server.port) as connection:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.send(doors.call("DescribeRepositories", {}))
    raw.ask(server.port, doors.call("DescribeRepositories", {}))

    unchanged()
