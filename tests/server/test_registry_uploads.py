"""Uploads that go wrong: gaps, wrong digests, bodies cut off; afterwards each can still go on."""

from __future__ import annotations

import hashlib

import pytest

from tests.server import doors, manifests, raw, states

UNSUPPORTED = (405, "UNSUPPORTED")
INVALID = (400, "BLOB_UPLOAD_INVALID")
RANGE_INVALID = (416, "BLOB_UPLOAD_INVALID")
UPLOAD_UNKNOWN = (404, "BLOB_UPLOAD_UNKNOWN")
BLOB_UNKNOWN = (404, "BLOB_UNKNOWN")
PUT_DONE = (201, "")
UUID = "00000000-0000-4000-8000-000000000000"
DATA = bytes(range(100))
DIGEST = states.digest_of(DATA)
LEAST_PART = 5 << 20
STREAM = {"Transfer-Encoding": "chunked", "Content-Length": None}


@pytest.fixture
def upload(registry):
    """The path of an upload that has nothing yet."""
    return registry.begin()


def finish(registry, upload, data=DATA):
    """Send the whole of a layer with the digest and return the answer."""
    return registry.ask("PUT", f"{upload}?digest={states.digest_of(data)}", None, data)


def at(first, last):
    return {"Content-Range": f"{first}-{last}"}


WRONG_DIGESTS = {
    "zeros": "sha256:" + "0" * 64,
    "of the empty": states.digest_of(b""),
    "upper case": DIGEST.upper().replace("SHA", "sha"),
    "short": DIGEST[:-1],
    "sha512": "sha512:" + hashlib.sha512(DATA).hexdigest(),
    "md5": "md5:" + hashlib.md5(DATA).hexdigest(),
}


@pytest.mark.parametrize("digest", WRONG_DIGESTS.values(), ids=WRONG_DIGESTS)
def test_a_wrong_digest_is_invalid_and_stores_nothing(digest, server, registry, upload):
    """Reference, section 17.2: InvalidLayerException."""
    before = states.counts(server)["blobs"]

    answer = registry.ask("PUT", f"{upload}?digest={digest}", None, DATA)

    assert answer.verdict == INVALID
    assert states.counts(server)["blobs"] == before
    states.assert_sound(server)


NO_DIGESTS = ["", "x", "sha256:", "sha256:zz", "%00", "%ff", "a" * 10_000, "sha256%3a", ":", "a:g"]


@pytest.mark.parametrize("digest", NO_DIGESTS, ids=range(len(NO_DIGESTS)))
def test_a_digest_that_is_none_is_an_invalid_parameter(digest, registry, upload):
    assert registry.ask("PUT", f"{upload}?digest={digest}", None, DATA).verdict == UNSUPPORTED


def test_without_a_digest_an_upload_is_not_completed(server, registry, upload):
    answer = registry.ask("PUT", upload, None, DATA)

    assert answer.status in (400, 405)
    assert states.counts(server)["uploads"] == 1


def test_of_two_digests_the_wrong_one_alone_is_refused(server, registry, upload):
    wrong = "sha256:" + "0" * 64

    answer = registry.ask("PUT", f"{upload}?digest={wrong}&digest={DIGEST}", None, DATA)

    assert answer.verdict in (PUT_DONE, INVALID, UNSUPPORTED)
    states.assert_sound(server)


def test_after_a_wrong_digest_the_upload_can_be_completed(registry, upload):
    registry.ask("PATCH", upload, None, DATA)
    registry.ask("PUT", f"{upload}?digest=sha256:{'0' * 64}")

    answer = registry.ask("PUT", f"{upload}?digest={DIGEST}")

    assert answer.verdict == PUT_DONE


def test_an_upload_of_nothing_is_invalid(registry, upload):
    """Reference, section 17.2: EmptyUploadException."""
    answer = registry.ask("PUT", f"{upload}?digest={states.digest_of(b'')}")

    assert answer.verdict == INVALID
    assert answer.json()["errors"][0]["message"].endswith("it does not have any parts")


OUT_OF_ORDER = [
    pytest.param(60, 109, id="gap"),
    pytest.param(0, 49, id="again"),
    pytest.param(40, 89, id="overlap"),
    pytest.param(1 << 62, (1 << 63) - 1, id="far"),
]


@pytest.mark.parametrize(("first", "last"), OUT_OF_ORDER)
def test_a_part_that_does_not_follow_is_a_range_that_cannot_be(first, last, registry, upload):
    """Reference, section 17.2; B, apple/containerization#790."""
    registry.ask("PATCH", upload, at(0, 49), DATA[:50])

    answer = registry.ask("PATCH", upload, at(first, last), DATA[50:])

    assert answer.verdict == RANGE_INVALID
    assert answer.json()["errors"][0]["message"] == (
        f"First byte of the layer part is {first} instead of 50"
    )


BAD_RANGES = {
    "empty": "",
    "a word": "x",
    "one number": "0",
    "no first": "-99",
    "no last": "0-",
    "three numbers": "0-99-1",
    "two signs": "-0--99",
    "words": "a-b",
    "too short": "0-98",
    "too long": "0-100",
    "backwards": "99-0",
    "beyond 64 bits": f"0-{1 << 63}",
    "far beyond 64 bits": f"{1 << 62}-{1 << 64}",
    "400 digits": "0-" + "9" * 400,
    "5,000 digits": "0-" + "9" * 5000,
    "digits of another script": "\xd9\xa0-99",
    "star": "*",
    "hexadecimal": "0x0-0x63",
    "underscore": "0-9_9",
    "NUL": "0-99\0",
    "other unit": "lines 0-99/100",
}


@pytest.mark.parametrize("value", BAD_RANGES.values(), ids=BAD_RANGES)
def test_a_range_that_cannot_be_read_leaves_the_upload_as_it_was(value, registry, upload):
    answer = registry.ask("PATCH", upload, {"Content-Range": value}, DATA)

    assert answer.verdict in (INVALID, RANGE_INVALID, UNSUPPORTED)
    assert finish(registry, upload).verdict == PUT_DONE


@pytest.mark.parametrize("value", ["0-99", "bytes 0-99/100", "bytes=0-99", " 0-99 "])
def test_a_range_is_read_in_every_form_or_refused(value, registry, upload):
    answer = registry.ask("PATCH", upload, {"Content-Range": value}, DATA)

    rest = None if answer.status == 201 else DATA
    assert answer.status in (201, 400, 416)
    assert registry.ask("PUT", f"{upload}?digest={DIGEST}", None, rest or b"").status == 201


def test_a_small_part_before_the_last_is_too_small_at_the_end(registry, upload):
    """Reference, section 17.5: every part but the last has at least 5 MiB."""
    registry.ask("PATCH", upload, at(0, 49), DATA[:50])
    registry.ask("PATCH", upload, at(50, 99), DATA[50:])

    answer = registry.ask("PUT", f"{upload}?digest={DIGEST}")

    assert answer.verdict == INVALID
    assert "at least 5MB" in answer.body.decode()


def test_parts_of_five_mebibytes_and_a_small_last_one_are_a_layer(server, registry, upload):
    parts = [b"a" * LEAST_PART, b"b" * LEAST_PART, b"c"]
    sent = 0
    for part in parts:
        answer = registry.ask("PATCH", upload, at(sent, sent + len(part) - 1), part)
        sent += len(part)
        assert answer.status == 201
    digest = states.digest_of(b"".join(parts))

    assert registry.ask("PUT", f"{upload}?digest={digest}").verdict == PUT_DONE
    states.assert_sound(server)


NO_UPLOADS = [UUID, UUID.upper(), "x", "%00", "a" * 10_000, "..", "%2e%2e", UUID + "x", "%ff"]


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize("upload_id", NO_UPLOADS, ids=range(len(NO_UPLOADS)))
def test_an_upload_that_is_none_is_unknown(upload_id, method, registry, unchanged):
    path = f"/v2/app/blobs/uploads/{upload_id}?digest={DIGEST}"

    answer = registry.ask(method, path, None, DATA)

    assert answer.verdict in (UPLOAD_UNKNOWN, UNSUPPORTED)
    unchanged()


def test_an_upload_goes_on_in_its_own_repository_alone(server, registry, upload):
    elsewhere = upload.replace("/app/", "/fixed/")

    found = [
        registry.ask("GET", elsewhere),
        registry.ask("PATCH", elsewhere, None, DATA),
        registry.ask("PUT", f"{elsewhere}?digest={DIGEST}", None, DATA),
        registry.ask("DELETE", elsewhere),
    ]

    assert [answer.verdict for answer in found] == [UPLOAD_UNKNOWN] * 4
    assert finish(registry, upload).verdict == PUT_DONE


def test_an_upload_of_one_account_is_none_of_another(server, upload):
    other = doors.Registry(server, account_id="999988887777")
    raw.ask(
        server.port,
        doors.call(headers=doors.signature(key="999988887777"), body={"repositoryName": "app"}),
    )

    assert other.ask("PATCH", upload, None, DATA).verdict == UPLOAD_UNKNOWN


def test_a_completed_or_cancelled_upload_is_unknown(registry):
    completed, cancelled = registry.begin(), registry.begin()
    finish(registry, completed)
    assert registry.ask("DELETE", cancelled).status in (204, 404)

    found = [registry.ask("PATCH", path, None, DATA) for path in (completed, cancelled)]

    assert found[0].verdict == UPLOAD_UNKNOWN
    assert found[1].verdict == UPLOAD_UNKNOWN


def test_an_upload_ends_with_its_repository(server, registry, upload):
    """It must not come to life again in a repository of the same name."""
    registry.ask("PATCH", upload, None, DATA)
    deleted = doors.call("DeleteRepository", {"repositoryName": "app", "force": True})
    assert raw.ask(server.port, deleted).status == 200
    gone = registry.ask("GET", upload)
    raw.ask(server.port, doors.call(body={"repositoryName": "app"}))

    answer = registry.ask("PUT", f"{upload}?digest={DIGEST}")

    assert gone.verdict == (404, "NAME_UNKNOWN")
    assert answer.verdict == UPLOAD_UNKNOWN
    states.assert_sound(server)


CUT = {
    "length": ({"Content-Length": "101"}, DATA),
    "huge length": ({"Content-Length": str(1 << 40)}, DATA),
    "chunk": (STREAM, b"65\r\n" + DATA),
    "no last chunk": (STREAM, b"64\r\n" + DATA + b"\r\n"),
    "nothing": ({"Content-Length": "1"}, b""),
}


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("cut", CUT.values(), ids=CUT)
def test_a_body_cut_off_leaves_the_upload_as_it_was(cut, method, server, registry, upload):
    headers, body = cut
    data = registry.request(method, f"{upload}?digest={DIGEST}", headers, body)
    before = states.fingerprint(server)

    with raw.Connection(server.port) as connection:
        answer = connection.send(data).end().answer(method)

    assert answer is None or answer.status in (400, 413)
    assert states.fingerprint(server) == before
    assert finish(registry, upload).verdict == PUT_DONE


def test_a_connection_that_breaks_in_the_middle_leaves_the_upload_as_it_was(
    server, registry, upload
):
    headers = {"Content-Length": str(50 << 20)}

    for method in ("PATCH", "PUT"):
        with raw.Connection(server.port) as connection:
            data = registry.request(method, f"{upload}?digest={DIGEST}", headers, b"x" * (2 << 20))
            connection.send(data)

    assert finish(registry, upload).verdict == PUT_DONE
    server.check()
    states.assert_sound(server)


@pytest.mark.parametrize("length", ["x", "-1", "+100", "1, 2", "1e2"])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_length_that_is_no_number_is_refused(length, method, registry, upload):
    answer = registry.ask(method, f"{upload}?digest={DIGEST}", {"Content-Length": length}, DATA)

    assert answer.status == 400
    assert finish(registry, upload).verdict == PUT_DONE


def test_a_layer_above_52_000_mib_is_refused_before_it_comes(registry, upload):
    """Reference, section 19. By which status is not known."""
    headers = {"Content-Length": str(52_001 << 20)}

    answer = registry.ask("PATCH", upload, headers)

    assert answer.status in (400, 403, 405, 413)


def test_expect_100_continue_is_answered_before_the_layer(server, registry, upload):
    head = registry.request("PUT", f"{upload}?digest={DIGEST}", at(0, 99) | EXPECT)

    with raw.Connection(server.port) as connection:
        interim = connection.send(head).interim()
        answer = connection.send(DATA).answer("PUT")

    assert interim == 100
    assert answer.verdict == PUT_DONE


EXPECT = {"Expect": "100-continue", "Content-Length": "100"}


def test_a_layer_streamed_in_chunks_of_one_byte_is_kept(registry, upload):
    body = raw.chunked(*[DATA[n : n + 1] for n in range(100)])

    answer = registry.ask("PUT", f"{upload}?digest={DIGEST}", STREAM, body)

    assert answer.header("docker-content-digest") == DIGEST


@pytest.mark.parametrize("tail", [f"?digest={DIGEST}", "?mount=x", "?mount=x&from=y", "?from=app"])
def test_what_cannot_be_mounted_begins_an_upload(tail, server, registry):
    """Reference, section 17.5: falls back to 202."""
    answer = registry.ask("POST", f"/v2/app/blobs/uploads/{tail}")

    assert answer.status in (202, 400, 405)
    states.assert_sound(server)


@pytest.mark.parametrize("source", ["fixed", "app", "none", "APP", "%00", "a" * 10_000, ""])
def test_a_mount_with_mounting_off_begins_an_upload(source, server, registry):
    digest = states.digest_of(manifests.LAYER)

    answer = registry.ask("POST", f"/v2/team/web/blobs/uploads/?mount={digest}&from={source}")

    assert answer.status == 202
    assert states.counts(server)["uploads"] == 1
    states.assert_sound(server)
