"""`aws.images.load`: documents and archives made to harm their reader, and any damage."""

from __future__ import annotations

import gzip
import json
import random
import tarfile

import pytest

from ecrmock import UsageError, mock_aws
from ecrmock.images import Images, files
from tests.images.archives import (
    OCI_IMAGE,
    OCI_INDEX,
    SINGLE,
    SINGLE_DIGEST,
    assert_says,
    blob_name,
    describe,
    digest_of,
    dump,
    files_of,
    layout_of,
    read_single,
    tar_of,
)

MEBIBYTE = 1 << 20
BLOCK = tarfile.BLOCKSIZE

ONE = read_single()
LAYOUT = files_of(SINGLE)
SAVED = ONE.save()
LAYER = next(name for name in SAVED if name.endswith("layer.tar"))


def document(**members):
    """Return the layout of one manifest that has members of its own."""
    manifest = dump({**json.loads(ONE.manifest), **members})
    blobs = [manifest, ONE.config, *ONE.layers]
    return layout_of([describe(manifest, OCI_IMAGE)], blobs)


def indexed(**members):
    """Return a layout whose index describes the manifest in another way."""
    return LAYOUT | layout_of([{**describe(ONE.manifest, OCI_IMAGE), **members}], [])


def saved_with(config):
    """Return a saved image with another configuration."""
    data = config if isinstance(config, bytes) else dump(config)
    name = f"{digest_of(data)[7:]}.json"
    return ONE.save(Config=name) | {name: data}


def nested(depth):
    """Return a layout of an index in an index, and so on."""
    data, kind, blobs = ONE.manifest, OCI_IMAGE, [ONE.manifest]
    for _ in range(depth):
        inner = describe(data, kind)
        data = dump({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [inner]})
        kind = OCI_INDEX
        blobs.append(data)
    return LAYOUT | layout_of([describe(data, kind)], blobs)


def changed(tree, name, data):
    return {**tree, name: data}


# ------------------------------------------------------------------------------- bad documents


DEEP = b"[" * 1_000_000
DEEP_OBJECT = b'{"a":' * 500_000
HUGE = b'{"a": "' + b"x" * (5 * MEBIBYTE) + b'"}'

BAD_JSON = {
    "no JSON": (b"index", "no JSON that can be read"),
    "nothing": (b"", "no JSON that can be read"),
    "deep": (DEEP, r"no JSON that can be read \(RecursionError"),
    "deep objects": (DEEP_OBJECT, r"no JSON that can be read \(RecursionError"),
    "huge": (HUGE, "is larger than the 4194304 bytes that it may be"),
    "no UTF-8": (b'{"a": "\xff"}', r"no JSON that can be read \(UnicodeDecodeError"),
    "UTF-16": ("{}".encode("utf-16"), "no JSON that can be read"),
    "a mark of byte order": (b"\xef\xbb\xbf{}", "no JSON that can be read"),
    "another value": (b'"text"', "holds no JSON (object|list)"),
}


@pytest.mark.parametrize(("data", "text"), BAD_JSON.values(), ids=BAD_JSON)
@pytest.mark.parametrize(
    "place",
    [
        lambda data: changed(LAYOUT, "index.json", data),
        lambda data: changed(LAYOUT, "oci-layout", data),
        lambda data: LAYOUT | layout_of([describe(data, OCI_IMAGE)], [data]),
        lambda data: (
            document(config=describe(data, "application/vnd.oci.image.config.v1+json"), layers=[])
            | {blob_name(data): data}
        ),
        lambda data: changed(SAVED, "manifest.json", data),
        saved_with,
    ],
    ids=["index", "version", "manifest", "configuration", "saved", "saved configuration"],
)
def test_json_that_cannot_be_read_is_refused(load, write, place, data, text):
    path = write(tar_of(place(data)))

    assert_says(load(path), text)


BAD_DOCUMENTS = {
    "a version": (changed(LAYOUT, "oci-layout", b'{"imageLayoutVersion": "2.0.0"}'), "'2.0.0'"),
    "no version": (changed(LAYOUT, "oci-layout", b"{}"), "a layout of version None"),
    "no manifests": (changed(LAYOUT, "index.json", b"{}"), "'index.json' has no list 'manifests'"),
    "manifests": (changed(LAYOUT, "index.json", b'{"manifests": 5}'), "no list 'manifests'"),
    "no image": (LAYOUT | layout_of([], []), "it holds 0 images, .*; there are: none"),
    "a descriptor": (LAYOUT | layout_of([5], []), "a descriptor that is no JSON object"),
    "no digest": (indexed(digest=None), "a descriptor with the digest None, no sha256"),
    "sha512": (indexed(digest="sha512:" + "0" * 128), "with the digest 'sha512:0+, no sha256"),
    "capitals": (indexed(digest=SINGLE_DIGEST.upper()), "with the digest 'SHA256:"),
    "a list as digest": (indexed(digest=["sha256"] * 5000), "with the digest .'sha256', "),
    "a negative size": (indexed(size=-1), "a descriptor with the size -1"),
    "a size that is a text": (indexed(size="5"), "a descriptor with the size '5'"),
    "a size that is true": (indexed(size=True), "a descriptor with the size True"),
    "a type": (indexed(mediaType="text/plain"), "is a 'text/plain', not one of application/vnd"),
    "schema 1": (
        indexed(mediaType="application/vnd.docker.distribution.manifest.v1+json"),
        "v1.json', not one of application/vnd",
    ),
    "an image called an index": (indexed(mediaType=OCI_INDEX), "has no list 'manifests'"),
    "layers": (document(layers={}), "has no list 'layers'"),
    "a layer": (document(layers=["x"]), "a descriptor that is no JSON object"),
    "a configuration": (document(config=[]), "a descriptor that is no JSON object"),
    "indexes in indexes": (nested(10), "is an index in more than 8 indexes"),
    "no saved image": (changed(SAVED, "manifest.json", b"[]"), "it holds 0 images"),
    "a saved image": (
        changed(SAVED, "manifest.json", b"[5]"),
        "without Config, Layers or RepoTags",
    ),
    "Config": (ONE.save(Config=None), "without Config, Layers or RepoTags as texts"),
    "Layers": (ONE.save(Layers="x"), "without Config, Layers or RepoTags as texts"),
    "a name of Layers": (ONE.save(Layers=[1, 2]), "without Config, Layers or RepoTags as texts"),
    "RepoTags": (ONE.save(RepoTags=[5]), "without Config, Layers or RepoTags as texts"),
    "too many layers": (ONE.save(Layers=["x"] * 4001), "an image of more than 4000 layers"),
    "a layer too many": (ONE.save(Layers=[LAYER] * 3), "rootfs.diff_ids for each of 3 layers"),
    "no rootfs": (saved_with({}), "no rootfs.diff_ids for each of 2 layers"),
    "rootfs": (saved_with({"rootfs": []}), "no rootfs.diff_ids for each of 2 layers"),
    "diff_ids": (saved_with({"rootfs": {"diff_ids": [1, 2]}}), "no rootfs.diff_ids for each of 2"),
    "long diff_ids": (
        saved_with({"rootfs": {"diff_ids": ["x" * 100_000, "y"]}}),
        "holds a layer with the digest sha256:[0-9a-f]{64}, not x{100};",
    ),
}


@pytest.mark.parametrize(("tree", "text"), BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS)
def test_a_document_that_says_what_cannot_be_is_refused(load, write, tree, text):
    path = write(tar_of(tree))

    assert_says(load(path), text)


def test_a_layer_that_is_damaged_gzip_is_refused(load, write):
    broken = ONE.layers[0][:20] + b"\xff" * 40 + ONE.layers[0][60:]
    path = write(changed(SAVED, LAYER, broken))

    assert "is damaged gzip: " in load(path)


def test_a_layer_that_is_half_of_gzip_is_refused(load, write):
    path = write(changed(SAVED, LAYER, ONE.layers[0][:-10]))

    assert "holds a layer with the digest None, not sha256:" in load(path)


# ------------------------------------------------------------------- archives that are traps


def header(name, size, kind=tarfile.REGTYPE):
    member = tarfile.TarInfo(name)
    member.type = kind
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT)


def pax(records, name="f", size=0):
    """Return an entry with records of the newer kind before it."""
    body = b"".join(pax_record(key, value) for key, value in records)
    padded = body + bytes(-len(body) % BLOCK)
    return header("pax", len(body), tarfile.XHDTYPE) + padded + header(name, size)


def pax_record(key, value):
    rest = f" {key}={value}\n".encode()
    length = len(rest)
    while len(str(length)) + len(rest) != length:
        length = len(str(length)) + len(rest)
    return str(length).encode() + rest


def sparse():
    """Return an entry of the old sparse kind that says that it has four gibibytes of nothing."""
    data = bytearray(header("index.json", 0, tarfile.GNUTYPE_SPARSE))
    data[483:495] = b"%011o\0" % (1 << 32)
    checksum = tarfile.calc_chksums(bytes(data))[0]
    data[148:155] = b"%06o\0" % checksum
    return bytes(data)


TRAPS = {
    "a negative size": header("f", -BLOCK),
    "a large negative size": header("f", -(1 << 40)) + tar_of(LAYOUT),
    "a negative size in a record": pax([("size", "-1024")]),
    "a size in a record that is no number": pax([("size", "x")], size=5),
    "an endless long name": header("x", 1 << 40, tarfile.GNUTYPE_LONGNAME),
    "an endless record": header("x", 1 << 40, tarfile.XHDTYPE),
    "a negative record": header("x", -BLOCK, tarfile.XHDTYPE),
    "long names without an end": header("x", 0, tarfile.GNUTYPE_LONGNAME) * 5000,
    "records without an end": (header("x", 0, tarfile.XHDTYPE)) * 5000,
    "records of a sparse file": pax([("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")]),
    "a map of a sparse file": pax([("GNU.sparse.map", "0,x,1")]),
    "an old sparse file": sparse(),
    "an index larger than the archive": header("index.json", 1 << 40) + b"{}",
    "a header that is cut off": tar_of(LAYOUT)[:300],
}


@pytest.mark.parametrize("data", TRAPS.values(), ids=TRAPS)
def test_an_archive_made_to_catch_its_reader_is_refused(load, write, data):
    path = write(data + bytes(2 * BLOCK))

    load(path)


def test_an_archive_of_too_many_entries_is_refused(load, write, monkeypatch):
    monkeypatch.setattr(files, "MAX_MEMBERS", 50)
    path = write(tar_of({f"f{n}": b"" for n in range(60)}))

    assert "it has more than 50 entries" in load(path)


def test_an_archive_that_grows_without_end_is_refused(load, write, monkeypatch):
    monkeypatch.setattr(files, "LEAST_LIMIT", MEBIBYTE)
    path = write(gzip.compress(bytes(50 * MEBIBYTE)))

    assert_says(load(path), r"it grows beyond \d+ bytes")


# ------------------------------------------------------------------------- damage of any kind


def outcome(path):
    """Load a path that may be damaged; return the digest, or None where it is refused."""
    with mock_aws() as aws:
        try:
            return Images(aws).load(path, "team/app:v1").digest
        except UsageError:
            assert aws.gateway.world.registries == {}
            assert len(aws.gateway.world.core.blobs) == 0
            return None


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tar_of(LAYOUT), id="layout"),
        pytest.param(tar_of(SAVED), id="saved"),
        pytest.param(gzip.compress(tar_of(LAYOUT), mtime=0), id="packed"),
    ],
)
def test_an_archive_that_is_cut_off_is_whole_or_refused(write, data):
    expected = outcome(write(data))
    steps = range(0, len(data), max(1, len(data) // 60))

    found = {outcome(write(data[:length])) for length in steps}

    assert found <= {expected, None}
    assert outcome(write(data[: len(data) // 2])) is None


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(tar_of(LAYOUT), id="layout"),
        pytest.param(gzip.compress(tar_of(LAYOUT), mtime=0), id="packed"),
    ],
)
@pytest.mark.parametrize("seed", range(4))
def test_an_archive_with_changed_bytes_is_right_or_refused(write, data, seed):
    chance = random.Random(seed)

    found = set()
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(chance.choice([1, 1, 1, 20])):
            damaged[chance.randrange(len(data))] = chance.randrange(256)
        found.add(outcome(write(bytes(damaged))))

    assert found <= {SINGLE_DIGEST, None}
