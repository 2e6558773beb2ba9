"""Blobs: in memory or in a file, counted holders, copies that share bytes."""

from __future__ import annotations

import copy
import gc
import hashlib
import threading
import warnings

import pytest

from ecrmock.core.blobs import MEMORY_LIMIT, Blob, BlobStore, BlobWriter

SMALL = b"some bytes"
LARGE = bytes(range(256)) * (MEMORY_LIMIT // 256) + b"more"
SIZES = pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.fixture
def make():
    """Make blobs of pieces."""

    def make(*pieces: bytes) -> Blob:
        writer = BlobWriter()
        for piece in pieces:
            writer.write(piece)
        return writer.finish()

    return make


@pytest.fixture
def writer():
    writer = BlobWriter()
    yield writer
    writer.close()


@SIZES
def test_a_blob_has_the_bytes_the_size_and_the_digest_of_what_was_written(make, content):
    blob = make(content)

    assert blob.read() == content
    assert blob.size == len(content)
    assert blob.digest == digest_of(content)


def test_pieces_are_put_together(make):
    blob = make(b"ab", b"", b"c", b"def")

    assert blob.read() == b"abcdef"
    assert blob.digest == digest_of(b"abcdef")


def test_nothing_is_a_blob_too(make):
    blob = make()

    assert (blob.read(), blob.size, blob.digest) == (b"", 0, digest_of(b""))
    assert list(blob.chunks()) == []


@pytest.mark.parametrize(("above", "in_memory"), [(-1, True), (0, True), (1, False)])
def test_a_blob_above_the_limit_is_in_a_file(make, above, in_memory):
    size = MEMORY_LIMIT + above

    blob = make(b"x" * size)

    assert blob.is_in_memory is in_memory
    assert blob.read(size - 2) == b"xx"


@SIZES
@pytest.mark.parametrize(
    ("start", "length"), [(0, 3), (2, 3), (3, None), (5, 10**9), (0, 0), (10**9, None), (10**9, 5)]
)
def test_a_part_of_a_blob_is_what_a_slice_would_be(make, content, start, length):
    blob = make(content)

    part = blob.read(start, length)

    assert part == content[start : None if length is None else start + length]


@SIZES
@pytest.mark.parametrize(("start", "length"), [(0, None), (3, None), (1, 5), (3, 10**9)])
def test_chunks_are_the_bytes_in_pieces_of_a_mebibyte(make, content, start, length):
    blob = make(content)

    chunks = list(blob.chunks(start, length))

    assert b"".join(chunks) == content[start : None if length is None else start + length]
    assert max(len(chunk) for chunk in chunks) <= 1 << 20


@SIZES
def test_a_copy_of_a_blob_is_the_blob(make, content):
    blob = make(content)

    assert copy.deepcopy(blob) is blob


def test_threads_that_read_one_file_do_not_disturb_each_other(make):
    blob = make(LARGE)
    wrong: list[bytes] = []

    def read(offset: int) -> None:
        parts = [blob.read(offset, 5000) for _number in range(50)]
        wrong.extend(part for part in parts if part != LARGE[offset : offset + 5000])

    threads = [threading.Thread(target=read, args=(7001 * number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


# ------------------------------------------------------------------------- writing


def test_a_writer_knows_size_and_digest_while_bytes_come(writer):
    writer.write(b"abc")

    assert writer.size == 3
    assert writer.digest == digest_of(b"abc")


def test_threads_that_write_lose_nothing(writer):
    threads = [
        threading.Thread(target=lambda: [writer.write(b"x" * 100) for _number in range(100)])
        for _thread in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert writer.size == 80_000
    assert writer.digest == digest_of(b"x" * 80_000)


@SIZES
def test_a_copy_of_a_writer_goes_on_apart(content):
    original = BlobWriter()
    original.write(content)

    other = copy.deepcopy(original)
    original.write(b"A")
    other.write(b"BB")

    for writer, expected in ((original, content + b"A"), (other, content + b"BB")):
        blob = writer.finish()
        assert blob.read() == expected
        assert blob.digest == digest_of(expected)


def leftovers_of(make_garbage) -> list[str]:
    """Return the warnings that come when what *make_garbage* makes is collected."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        make_garbage()
        gc.collect()
    return [str(warning.message) for warning in caught if warning.category is ResourceWarning]


@SIZES
def test_a_writer_that_nobody_finishes_goes_away_in_silence(content):
    def abandon() -> None:
        BlobWriter().write(content)

    assert leftovers_of(abandon) == []


@SIZES
def test_a_blob_that_nobody_holds_goes_away_in_silence(content):
    def abandon() -> None:
        writer = BlobWriter()
        writer.write(content)
        writer.finish()

    assert leftovers_of(abandon) == []


# ------------------------------------------------------------------------- the store


def test_a_store_gives_what_it_holds(make):
    store, blob = BlobStore(), make(SMALL)

    kept = store.hold(blob)

    assert kept is blob
    assert blob.digest in store
    assert store.get(blob.digest) is blob
    assert len(store) == 1


def test_a_store_keeps_equal_bytes_once(make):
    store, first, second = BlobStore(), make(SMALL), make(SMALL)
    store.hold(first)

    kept = store.hold(second)

    assert kept is first
    assert len(store) == 1


def test_the_last_holder_takes_the_bytes_along(make):
    store, blob = BlobStore(), make(SMALL)
    store.hold(blob)
    store.hold(blob)

    store.release(blob.digest)
    is_there_after_one = blob.digest in store
    store.release(blob.digest)

    assert is_there_after_one
    assert blob.digest not in store
    assert len(store) == 0


def test_a_store_does_not_know_what_nobody_holds(make):
    store = BlobStore()

    with pytest.raises(KeyError):
        store.get(digest_of(SMALL))
    with pytest.raises(KeyError):
        store.release(digest_of(SMALL))


def test_a_copy_of_a_store_shares_the_bytes_and_counts_apart(make):
    store, blob = BlobStore(), make(LARGE)
    store.hold(blob)

    other = copy.deepcopy(store)
    store.release(blob.digest)

    assert blob.digest not in store
    assert other.get(blob.digest) is blob
    assert other.get(blob.digest).read(0, 4) == LARGE[:4]
