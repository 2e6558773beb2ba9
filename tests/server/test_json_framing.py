"""Bad framing of requests to `POST /`: an error or a closed connection, and nothing changes."""

from __future__ import annotations

import pytest

from tests.server import doors, raw, states

MALFORMED = (400, "MalformedHttpRequestException")
TOO_LARGE = (413, "RequestEntityTooLargeException")
UNKNOWN = (404, "UnknownOperationException")
SERIALIZATION = (400, "SerializationException")
INVALID = (400, "InvalidParameterException")
REFUSALS = (400, 404, 405, 411, 413, 414, 417, 431, 501, 505)
"""What HTTP has for requests that cannot be read, before AWS's own errors come into play."""
IMPATIENT_SECONDS = 2.0
MIB = 1 << 20
PART_BYTES = 20 * MIB
GOOD = b'{"repositoryName":"intruder"}'


def with_length(length, body=GOOD):
    return doors.call(body=body, headers={"Content-Length": length})


def in_chunks(body, coding="chunked", **headers):
    wanted = {"Content-Length": None, "Transfer-Encoding": coding, **headers}
    return doors.call(body=body, headers=wanted)


def outcome(server, data, *, end=False):
    """Send a request and return its answer, or None where the connection is just closed."""
    with raw.Connection(server.port) as connection:
        connection.send(data)
        if end:
            connection.end()
        return connection.answer()


LENGTHS = {
    "a word": "abc",
    "negative": "-1",
    "plus": "+29",
    "hexadecimal": "0x1d",
    "exponent": "2e1",
    "fraction": "29.0",
    "two": "29, 30",
    "underscore": "2_9",
    "blank within": "2 9",
    "NUL": "29\0",
    "digits of another script": "\u0662\u0669".encode().decode("latin-1"),
    "superscript": "\xb2\xb9",
}


@pytest.mark.parametrize("length", LENGTHS.values(), ids=LENGTHS)
def test_a_length_that_is_no_number_is_malformed(length, server, unchanged):
    assert raw.ask(server.port, with_length(length)).verdict == MALFORMED
    unchanged()


@pytest.mark.parametrize("length", ["99999999999", "9" * 4000], ids=["93 GiB", "4,000 digits"])
def test_a_length_beyond_the_limit_is_refused_before_the_body_comes(length, server, unchanged):
    answer = raw.ask(server.port, with_length(length, b""))

    assert answer.verdict == TOO_LARGE
    unchanged()


def test_a_body_beyond_the_limit_is_refused(server, unchanged):
    body = b'{"repositoryName":"intruder","x":"' + b"a" * (64 * MIB) + b'"}'

    assert raw.ask(server.port, doors.call(body=body)).verdict == TOO_LARGE
    unchanged()


def test_a_body_beyond_the_limit_in_chunks_is_refused(server, unchanged):
    data = in_chunks(raw.chunked(*[b" " * MIB] * 64))

    assert raw.ask(server.port, data).verdict == TOO_LARGE
    unchanged()


def test_the_largest_layer_part_that_the_model_allows_is_let_in(server, registry):
    """ECR model, LayerPartBlob: 20,971,520 bytes, which are a third more in base64."""
    upload = registry.begin().rpartition("/")[2]
    body = b'{"repositoryName":"app","uploadId":"%b","partFirstByte":0,"partLastByte":20971519,'
    blob = b'"layerPartBlob":"' + b"AAAA" * (PART_BYTES // 3) + b'AAA="}'

    answer = raw.ask(server.port, doors.call("UploadLayerPart", body % upload.encode() + blob))

    assert answer.verdict == (200, "")


def test_of_two_equal_lengths_one_is_taken_or_both_are_refused(server):
    data = with_length("29").replace(b"Content-Length", b"Content-Length: 29\r\nContent-Length")

    assert raw.ask(server.port, data).verdict in ((200, ""), MALFORMED)


@pytest.mark.xfail(strict=True, reason="the second length is believed: the server waits for more")
@pytest.mark.parametrize("other", ["30", "1000"])
def test_two_lengths_that_differ_are_malformed(other, server, unchanged):
    """RFC 9112, 6.3: unrecoverable, to be answered 400."""
    lengths = b"Content-Length: 29\r\nContent-Length: " + other.encode()
    data = with_length("29").replace(b"Content-Length: 29", lengths)

    answer = raw.ask(server.port, data, seconds=IMPATIENT_SECONDS)

    assert answer.verdict == MALFORMED
    unchanged()


@pytest.mark.parametrize("length", ["1", "28"])
def test_a_body_longer_than_its_length_is_cut(length, server, unchanged):
    assert raw.ask(server.port, with_length(length)).verdict == SERIALIZATION
    unchanged()


@pytest.mark.parametrize("length", [None, "0", ""], ids=["none", "zero", "empty"])
def test_without_a_length_there_is_no_body(length, server, unchanged):
    assert raw.ask(server.port, with_length(length)).verdict in (INVALID, MALFORMED)
    unchanged()


@pytest.mark.parametrize(
    "data",
    [
        with_length("30"),
        with_length("1000000"),
        in_chunks(b"1d\r\n" + GOOD),
        in_chunks(b"1d\r\n" + GOOD + b"\r\n"),
        in_chunks(b"ff\r\n" + GOOD),
        in_chunks(b"1"),
        in_chunks(b""),
    ],
    ids=["a byte", "a megabyte", "chunk", "last chunk", "of a chunk", "of a size", "all chunks"],
)
def test_a_body_that_ends_too_early_is_malformed(data, server, unchanged):
    assert outcome(server, data, end=True).verdict == MALFORMED
    unchanged()


def test_a_client_that_goes_away_in_the_middle_of_a_body_changes_nothing(server, unchanged):
    for data in (with_length("30"), in_chunks(b"ff\r\n" + GOOD), b"POST / HT", b""):
        with raw.Connection(server.port) as connection:
            connection.send(data)
    raw.ask(server.port, doors.call("DescribeRepositories", {}))

    unchanged()


def test_a_body_in_chunks_is_read(server):
    data = in_chunks(raw.chunked(*[GOOD[at : at + 1] for at in range(len(GOOD))]))

    assert raw.ask(server.port, data).verdict == (200, "")
    assert states.counts(server)["repositories"] == 4


@pytest.mark.xfail(strict=True, reason="chunk extensions and trailers are refused")
@pytest.mark.parametrize(
    "body",
    [
        b'1d;a=b;c="d"\r\n' + GOOD + b"\r\n0\r\n\r\n",
        b"1d\r\n" + GOOD + b"\r\n0\r\nX-Sum: 1\r\n\r\n",
    ],
    ids=["extension", "trailer"],
)
def test_extensions_and_trailers_of_chunks_are_passed_over(body, server):
    """RFC 9112, 7.1.1: a recipient must ignore extensions that it does not know."""
    assert raw.ask(server.port, in_chunks(body)).verdict == (200, "")


CHUNKS = {
    "a word for a size": b"zz\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "negative size": b"-1d\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "no size": b"\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "data too long": b"1\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "size line of 100,000": b"1d;" + b"a" * 100_000 + b"\r\n" + GOOD + b"\r\n0\r\n\r\n",
    "no chunks at all": GOOD,
}


@pytest.mark.parametrize("body", CHUNKS.values(), ids=CHUNKS)
def test_chunks_that_are_none_are_malformed(body, server, unchanged):
    assert outcome(server, in_chunks(body), end=True).verdict == MALFORMED
    unchanged()


@pytest.mark.xfail(strict=True, reason="sizes are read by int(x, 16), which takes more than digits")
@pytest.mark.parametrize("size", [b"0x1d", b"+1d", b"1_d", b" 1d"])
def test_the_size_of_a_chunk_is_hexadecimal_digits_alone(size, server, unchanged):
    """RFC 9112, 7.1: chunk-size is 1*HEXDIG."""
    body = size + b"\r\n" + GOOD + b"\r\n0\r\n\r\n"

    assert outcome(server, in_chunks(body), end=True).verdict == MALFORMED
    unchanged()


def test_a_chunk_that_says_it_is_endless_does_not_fill_the_memory(server, unchanged):
    verdict = outcome(server, in_chunks(b"f" * 15 + b"\r\n" + GOOD), end=True).verdict

    assert verdict in (MALFORMED, TOO_LARGE)
    unchanged()


@pytest.mark.parametrize(
    "coding",
    [
        "gzip",
        "xchunked",
        "identity",
        "chunked, gzip",
    ],
)
def test_another_coding_of_the_body_does_not_pass_for_a_call(coding, server, unchanged):
    """RFC 9112, 6.1 and 6.3: 501 or 400; an empty body, which is invalid, does no harm."""
    answer = outcome(server, in_chunks(raw.chunked(GOOD), coding), end=True)

    assert answer.status in (400, 501)
    unchanged()


def test_a_length_beside_chunks_is_passed_over_or_malformed(server):
    """RFC 9112, 6.3: the coding overrides the length, or the request is refused."""
    data = in_chunks(raw.chunked(GOOD), **{"Content-Length": "5"})

    answer = outcome(server, data, end=True)

    assert answer.verdict in ((200, ""), MALFORMED)


def test_expect_100_continue_is_answered_before_the_body(server):
    data = doors.call(headers={"Expect": "100-continue"})
    head, body = data[: -len(GOOD) - 1], data[-len(GOOD) - 1 :]
    assert head.endswith(b"\r\n\r\n")

    with raw.Connection(server.port) as connection:
        interim = connection.send(head).interim()
        answer = connection.send(body).answer()

    assert interim == 100
    assert answer.verdict == (200, "")


def test_what_is_expected_beyond_the_limit_is_refused_without_a_body(server, unchanged):
    headers = {"Expect": "100-continue", "Content-Length": str(1 << 40)}

    assert raw.ask(server.port, doors.call(body=b"", headers=headers)).verdict == TOO_LARGE
    unchanged()
