"""Manifests that are none, or nearly: refused as ECR refuses them, or kept byte for byte."""

from __future__ import annotations

import hashlib

import pytest

from tests.server import doors, manifests, raw, states
from tests.server.manifests import ABSENT, descriptor

UNSUPPORTED = (405, "UNSUPPORTED")
MANIFEST_INVALID = (400, "MANIFEST_INVALID")
LAYERS_UNKNOWN = (404, "BLOB_UPLOAD_UNKNOWN")
IMAGES_UNKNOWN = (404, "MANIFEST_BLOB_UNKNOWN")
STORED = (201, "")
LIMIT = 4_194_304
MIB = 1 << 20
DEEP = 200_000
DOCKER_1 = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_2 = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = descriptor(manifests.CONFIG, doors.OCI_CONFIG)
GOOD = manifests.image()


def config(**members):
    """Return a manifest whose configuration has these members."""
    return manifests.image(config={k: v for k, v in (CONFIG | members).items() if v is not ABSENT})


def inserted(value):
    """Return a manifest with a member of raw JSON."""
    return manifests.image(x="@").replace(b'"@"', value)


NO_JSON = {
    "empty": b"",
    "text": b"x",
    "array": b"[]",
    "null": b"null",
    "number": b"1",
    "string": b'"x"',
    "NUL": b"\0",
    "half an object": GOOD[:-1],
    "two objects": GOOD * 2,
    "invalid UTF-8": inserted(b'"\xff"'),
    "surrogate in UTF-8": inserted(b'"\xed\xa0\x80"'),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + GOOD,
    "gzip": b"\x1f\x8b\x08\x00",
    "open arrays": b"[" * DEEP,
    "open objects": b'{"a":' * DEEP,
    "10,000 digits": inserted(b"9" * 10_000),
}


@pytest.mark.parametrize(
    "manifest",
    [
        *[pytest.param(value, id=name) for name, value in NO_JSON.items()],
        pytest.param(inserted(b"NaN"), id="not a number"),
        pytest.param(inserted(b"-Infinity"), id="infinity"),
    ],
)
def test_what_is_no_json_object_is_unsupported(manifest, registry, unchanged):
    """Reference, sections 5.2 and 17.2: InvalidParameterException is 405."""
    assert registry.put(manifest).verdict == UNSUPPORTED
    unchanged()


def test_a_manifest_nested_a_hundred_thousand_deep_is_refused_or_kept(registry, server):
    manifest = inserted(b"[" * DEEP + b"]" * DEEP)

    answer = registry.put(manifest, "deep")

    assert answer.verdict in (UNSUPPORTED, STORED)
    states.assert_sound(server)


WRONG_MEMBERS = {
    "config a string": manifests.image(config="x"),
    "config null": manifests.image(config=None),
    "config an array": manifests.image(config=[]),
    "config without digest": config(digest=ABSENT),
    "digest a number": config(digest=5),
    "digest null": config(digest=None),
    "digest an object": config(digest={}),
    "layers a string": manifests.image(layers="x"),
    "layers null": manifests.image(layers=None),
    "layers an object": manifests.image(layers={}),
    "a layer a number": manifests.image(layers=[1]),
    "a layer null": manifests.image(layers=[None]),
    "a layer an array": manifests.image(layers=[[]]),
    "a layer without digest": manifests.image(layers=[{"size": 1}]),
    "subject a string": manifests.image(subject="x"),
    "subject without digest": manifests.image(subject={}),
    "subject digest a number": manifests.image(subject={"digest": 1}),
}


@pytest.mark.parametrize("manifest", WRONG_MEMBERS.values(), ids=WRONG_MEMBERS)
def test_a_member_of_the_wrong_type_is_unsupported(manifest, registry, unchanged):
    assert registry.put(manifest).verdict == UNSUPPORTED
    unchanged()


ODD_MEMBERS = {
    "size a string": config(size="1"),
    "size negative": config(size=-1),
    "size a fraction": config(size=1.5),
    "size true": config(size=True),
    "size of 400 digits": config(size=10**400),
    "size beyond floats": config(size="@").replace(b'"@"', b"1e400"),
    "size of an exabyte": config(size=10**18),
    "size of others": config(size=[1]),
    "no size": config(size=ABSENT),
    "media type a number": manifests.image(mediaType=5),
    "media type null": manifests.image(mediaType=None),
    "media type an array": manifests.image(mediaType=[]),
    "media type empty": manifests.image(mediaType=""),
    "media type of 100,000": manifests.image(mediaType="x" * 100_000),
    "media type of an index": manifests.image(mediaType=doors.OCI_INDEX),
    "media type of a layer a number": manifests.image(layers=[descriptor(b"a layer", 5)]),
    "no config": manifests.image(config=ABSENT),
    "no layers": manifests.image(layers=ABSENT),
    "a member twice": GOOD[:-1] + b',"layers":[]}',
    "half a surrogate": manifests.image(annotations={"a": "\ud800"}),
    "NUL in a string": manifests.image(annotations={"a": "\0"}),
    "annotations a number": manifests.image(annotations=5),
    "artifact type a number": manifests.image(artifactType=5),
    "schema version a string": manifests.image(schemaVersion="2"),
    "schema version 3": manifests.image(schemaVersion=3),
    "subject null": manifests.image(subject=None),
    "urls a string": manifests.image(layers=[descriptor(b"?", urls="x")]),
    "urls a number": manifests.image(layers=[descriptor(b"?", urls=5)]),
    "layer named twice": manifests.image(layers=[descriptor(b"a layer")] * 2),
    "layer for config": manifests.image(config=descriptor(b"a layer", doors.OCI_CONFIG)),
    "children beside layers": manifests.image(manifests=[]),
}


@pytest.mark.parametrize("manifest", ODD_MEMBERS.values(), ids=ODD_MEMBERS)
def test_an_odd_manifest_is_refused_or_can_be_used_like_any_other(manifest, server, registry):
    """What ECR does with these is not known; that they break nothing is."""
    answer = registry.put(manifest, "odd")

    assert answer.verdict in (STORED, UNSUPPORTED, LAYERS_UNKNOWN)
    if answer.status == 201:
        digest = answer.header("docker-content-digest")
        assert registry.ask("GET", f"/v2/app/manifests/{digest}").body == manifest
        assert_listed(server, digest)
        assert registry.ask("DELETE", f"/v2/app/manifests/{digest}").status == 202
    states.assert_sound(server)


def assert_listed(server, digest):
    """Check that the image is described in the types of the model."""
    call = doors.call("DescribeImages", {"repositoryName": "app"})
    details = raw.ask(server.port, call).json()["imageDetails"]
    [found] = [each for each in details if each["imageDigest"] == digest]
    assert type(found["imageSizeInBytes"]) is int
    assert 0 <= found["imageSizeInBytes"] < 1 << 63
    texts = ("imageManifestMediaType", "artifactMediaType", "subjectManifestDigest")
    assert all(isinstance(found.get(name, ""), str) for name in texts)


INDEXES = {
    "children a string": (manifests.index(manifests="x"), [UNSUPPORTED]),
    "children null": (manifests.index(manifests=None), [UNSUPPORTED]),
    "a child a number": (manifests.index(manifests=[1]), [UNSUPPORTED]),
    "a child without digest": (manifests.index(manifests=[{"size": 1}]), [UNSUPPORTED]),
    "a child's digest a number": (manifests.index(manifests=[{"digest": 5}]), [UNSUPPORTED]),
    "unknown child": (manifests.index(b"nothing"), [IMAGES_UNKNOWN]),
    "a layer for a child": (manifests.index(manifests.LAYER), [IMAGES_UNKNOWN]),
}


@pytest.mark.parametrize(("index", "accepted"), INDEXES.values(), ids=INDEXES)
def test_an_index_that_cannot_be_is_refused(index, accepted, registry, unchanged):
    assert registry.put(index, media_type=doors.OCI_INDEX).verdict in accepted
    unchanged()


@pytest.mark.parametrize("platform", [5, "linux/amd64", [], {"os": [], "architecture": {}}, None])
@pytest.mark.parametrize("accept", [None, doors.OCI_INDEX, doors.OCI_MANIFEST, DOCKER_2, "*/*"])
def test_a_platform_that_is_none_does_not_break_a_pull(platform, accept, server, registry):
    child = descriptor(GOOD, doors.OCI_MANIFEST, platform=platform)
    registry.put(manifests.index(manifests=[child, child]), "odd", media_type=doors.OCI_INDEX)

    answer = registry.ask("GET", "/v2/app/manifests/odd", {"Accept": accept})

    assert answer.status in (200, 404)
    states.assert_sound(server)


def test_layers_that_are_not_there_are_all_named(registry, unchanged):
    missing = [descriptor(b"one"), descriptor(b"two")]

    answer = registry.put(manifests.image(layers=[*missing, descriptor(manifests.LAYER)]))

    assert answer.verdict == LAYERS_UNKNOWN
    assert f"'[{missing[0]['digest']}, {missing[1]['digest']}]'" in answer.body.decode()
    unchanged()


def test_a_digest_that_names_no_blob_is_no_layer(registry, unchanged):
    answer = registry.put(config(digest="../../etc/passwd"))

    assert answer.verdict in (LAYERS_UNKNOWN, UNSUPPORTED)
    unchanged()


def test_a_manifest_of_four_mebibytes_is_kept(registry):
    manifest = GOOD + b" " * (LIMIT - len(GOOD))

    assert registry.put(manifest, "large").verdict == STORED
    assert registry.ask("GET", "/v2/app/manifests/large").body == manifest


@pytest.mark.parametrize("size", [LIMIT + 1, 5 * MIB, 64 * MIB], ids=["a byte", "1 MiB", "60 MiB"])
def test_a_manifest_above_four_mebibytes_is_refused(size, registry, unchanged):
    """Reference, section 2.4: 4,194,304; by which status is not known."""
    answer = registry.put(GOOD + b" " * (size - len(GOOD)))

    assert answer.verdict in (UNSUPPORTED, MANIFEST_INVALID, (413, "MANIFEST_INVALID"))
    unchanged()


def test_a_manifest_that_says_it_is_a_terabyte_is_refused_before_it_comes(registry, unchanged):
    headers = {"Content-Type": doors.OCI_MANIFEST, "Content-Length": str(1 << 40)}

    answer = registry.ask("PUT", "/v2/app/manifests/v1", headers)

    assert answer.status in (400, 405, 413)
    unchanged()


@pytest.mark.parametrize("length", ["x", "-1", "1, 2", "9" * 4000], ids=["word", "-1", "two", "9"])
def test_a_length_that_is_no_number_is_refused(length, registry, unchanged):
    headers = {"Content-Type": doors.OCI_MANIFEST, "Content-Length": length}

    assert registry.ask("PUT", "/v2/app/manifests/v1", headers, GOOD).status in (400, 405, 413)
    unchanged()


def test_a_manifest_that_ends_too_early_is_not_kept(server, registry, unchanged):
    headers = {"Content-Type": doors.OCI_MANIFEST, "Content-Length": str(len(GOOD) + 1)}
    data = registry.request("PUT", "/v2/app/manifests/cut", headers, GOOD)

    with raw.Connection(server.port) as connection:
        answer = connection.send(data).end().answer("PUT")

    assert answer is None or answer.status in (400, 405)
    unchanged()


def test_a_manifest_in_chunks_is_kept_byte_for_byte(registry):
    headers = {
        "Content-Type": doors.OCI_MANIFEST,
        "Content-Length": None,
        "Transfer-Encoding": "chunked",
    }
    body = raw.chunked(*[GOOD[at : at + 7] for at in range(0, len(GOOD), 7)])

    answer = registry.ask("PUT", "/v2/app/manifests/pieces", headers, body)

    assert answer.header("docker-content-digest") == states.digest_of(GOOD)


MISMATCHES = {
    "of nothing": states.digest_of(b""),
    "zeros": "sha256:" + "0" * 64,
    "upper case": states.digest_of(GOOD).upper().replace("SHA", "sha"),
    "sha512": "sha512:" + hashlib.sha512(GOOD).hexdigest(),
    "short": states.digest_of(GOOD)[:-1],
    "long": states.digest_of(GOOD) + "0",
    "10,000 digits": "sha256:" + "0" * 10_000,
}


@pytest.mark.parametrize("digest", MISMATCHES.values(), ids=MISMATCHES)
def test_a_manifest_under_the_digest_of_another_is_invalid(digest, registry, unchanged):
    assert registry.put(GOOD, digest).verdict in (MANIFEST_INVALID, UNSUPPORTED)
    unchanged()


BAD_REFERENCES = {
    "plus": "a+b",
    "encoded plus": "a%2Bb",
    "NUL": "%00",
    "blank": "a%20b",
    "invalid UTF-8": "%ff",
    "UTF-8": "%c3%a9",
    "301 characters": "a" * 301,
    "10,000 characters": "a" * 10_000,
    "digest of no digits": "sha256:zz",
    "digest of nothing": "sha256:",
    "two colons": "sha256:00:00",
}


@pytest.mark.parametrize("reference", BAD_REFERENCES.values(), ids=BAD_REFERENCES)
def test_a_reference_that_is_none_is_refused(reference, registry, unchanged):
    path = f"/v2/app/manifests/{reference}"

    found = [registry.put(GOOD, reference)] + [registry.ask(m, path) for m in ("GET", "DELETE")]

    assert [answer.status for answer in found if answer.status not in (400, 404, 405)] == []
    assert found[0].verdict == UNSUPPORTED
    unchanged()


@pytest.mark.parametrize("tag", [".v1", "-v1", "a" * 129], ids=["dot", "hyphen", "129 characters"])
def test_a_tag_beyond_the_grammar_of_registries_is_refused(tag, registry, unchanged):
    """Reference, section 2.4: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}."""
    assert registry.put(GOOD, tag).status in (400, 405)
    unchanged()
