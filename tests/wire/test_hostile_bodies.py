"""Bodies that no client would send: each gets an AWS error, and the state stays as it was."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrmock.core.errors import AwsError, OperationNotModelled
from ecrmock.operations import table
from ecrmock.wire import models
from tests.wire import judges, shapes, worlds

BUILT = [
    (service, operation)
    for service in models.SERVICES
    for operation in table.built(service)
    if models.load(service).has(operation)
]
BUILT_JSON = [pair for pair in BUILT if not models.load(pair[0]).is_query]
every_built_json_operation = pytest.mark.parametrize(
    ("service", "operation"), BUILT_JSON, ids=[".".join(pair) for pair in BUILT_JSON]
)
DEEP = 100_000
UNREADABLE = {
    "text": b"not JSON",
    "half an object": b'{"repositoryName": "web"',
    "a member without value": b'{"repositoryName":}',
    "single quotes": b"{'repositoryName': 'web'}",
    "a comma too many": b'{"repositoryName": "web",}',
    "two objects": b"{}{}",
    "a form": b"Action=GetCallerIdentity&Version=2011-06-15",
    "xml": b"<CreateRepository/>",
    "blanks": b"  \n",
    "a null byte": b"\0",
    "an array": b"[]",
    "an array of requests": b'[{"repositoryName": "web"}]',
    "a string": b'"web"',
    "a number": b"1",
    "a true": b"true",
    "a null": b"null",
    "not a number": b"NaN",
    "not a number inside": b'{"maxResults": NaN}',
    "infinity inside": b'{"maxResults": -Infinity}',
    "a number of 5000 digits": b'{"x": ' + b"9" * 5000 + b"}",
    "a number beyond floats": b"1e999999",
    "deep arrays": b"[" * DEEP,
    "deep closed arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep in a member": b'{"x": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "invalid utf-8": b'{"repositoryName": "\xff"}',
    "utf-8 cut off": b'{"repositoryName": "\xf0\x9f\x90',
    "surrogate in utf-8": b'{"repositoryName": "\xed\xa0\x80"}',
    "utf-16": '{"repositoryName": "web"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"repositoryName": "web"}',
    "gzip": b"\x1f\x8b\x08\x00",
    "high surrogate": b'{"repositoryName": "\\ud83d"}',
    "low surrogate": b'{"repositoryName": "\\uDC33"}',
    "swapped surrogates": b'{"repositoryName": "\\udc33\\ud83d"}',
    "surrogate in a name": b'{"\\ud83d": 1}',
    "surrogate in an unknown member": b'{"x": [{"y": "\\uD83D"}]}',
}
MEGABYTES = "x" * 10_000_000
HUGE = {
    "repository name": ("ecr", "CreateRepository", {"repositoryName": MEGABYTES}),
    "manifest": ("ecr", "PutImage", {"repositoryName": "web", "imageManifest": MEGABYTES}),
    "image tag": (
        "ecr",
        "PutImage",
        {"repositoryName": "web", "imageManifest": "{}", "imageTag": MEGABYTES},
    ),
    "digest": (
        "ecr",
        "GetDownloadUrlForLayer",
        {"repositoryName": "web", "layerDigest": MEGABYTES},
    ),
    "token": ("ecr", "DescribeRepositories", {"nextToken": MEGABYTES}),
    "arn": ("ecs", "ListTagsForResource", {"resourceArn": MEGABYTES}),
    "cluster name": ("ecs", "CreateCluster", {"clusterName": MEGABYTES}),
    "cluster": ("ecs", "DeleteCluster", {"cluster": MEGABYTES}),
}


@pytest.fixture
def gateway():
    with worlds.furnished() as made:
        yield made


def refused(gateway, service, operation, body):
    """Return the code of the error that a call ends with, read from the wire by botocore."""
    exchange = worlds.call(gateway, service, operation, body)
    assert isinstance(exchange.error, AwsError), exchange
    headers, sent = exchange.headers(), exchange.body()
    parsed = judges.parsed(service, operation, sent, status=exchange.status, headers=headers)
    assert repr(parsed) == repr(exchange.parsed(headers))
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == 400
    return parsed["Error"]["Code"]


@every_built_json_operation
def test_a_body_that_cannot_be_read_changes_nothing(gateway, service, operation):
    before = worlds.state(gateway)

    codes = {name: refused(gateway, service, operation, body) for name, body in UNREADABLE.items()}

    assert codes == dict.fromkeys(UNREADABLE, "SerializationException")
    assert worlds.state(gateway) == before


@pytest.mark.parametrize("body", [b"not JSON", b"[]", b'{"maxResults": "1"}'], ids=ascii)
def test_a_body_that_cannot_be_read_is_written_down_without_parameters(gateway, body):
    refused(gateway, "ecr", "DescribeRepositories", body)

    call = gateway.journal[-1]
    assert (call.name, call.request, call.status) == ("ecr.DescribeRepositories", {}, 400)
    assert call.error.code == "SerializationException"


@pytest.mark.parametrize(("service", "operation", "body"), HUGE.values(), ids=HUGE.keys())
def test_a_text_of_ten_megabytes_is_refused(gateway, service, operation, body):
    before = worlds.state(gateway)

    code = refused(gateway, service, operation, body)

    modelled = models.load(service).error_shapes
    assert code in modelled
    assert worlds.state(gateway) == before


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"repositoryName": null}', b'{"x": {"y": [null, 1.5]}}'], ids=ascii
)
def test_an_empty_request_lacks_what_is_required(gateway, body):
    before = worlds.state(gateway)

    code = refused(gateway, "ecr", "CreateRepository", body)

    assert code == "InvalidParameterException"
    assert worlds.state(gateway) == before


@pytest.mark.parametrize(
    "manifest",
    [
        "no JSON",
        "[]",
        "null",
        "NaN",
        "{}",
        "[" * DEEP,
        '{"schemaVersion": 2, "layers": ' + "[" * DEEP,
        '{"schemaVersion": 1' + "0" * 5000 + "}",
        '{"schemaVersion": 2, "layers": NaN}',
        '{"schemaVersion": 2, "config": null, "layers": null}',
        '{"schemaVersion": 2, "config": {"digest": 1}, "layers": [{}]}',
    ],
    ids=lambda text: text[:40],
)
def test_a_manifest_that_is_none_is_refused(gateway, manifest):
    before = worlds.state(gateway)
    request = {"repositoryName": "web", "imageManifest": manifest}

    code = refused(gateway, "ecr", "PutImage", request)

    assert code == "InvalidParameterException"
    assert worlds.state(gateway) == before


# ------------------------------------------------------------------------ valid ones, spoiled

SPOILS = (None, True, 0, -1, 1 << 63, 10**400, 1.5, 1e300, "", "web", [], {}, [None])
WRONG = st.one_of(st.sampled_from(SPOILS).map(copy.deepcopy), shapes.JSON_VALUES)


def places(value):
    """Walk what holds something in a JSON value: pairs of holder and key."""
    keys = list(value) if isinstance(value, dict) else range(len(value))
    for key in keys:
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


@st.composite
def spoiled(draw, service, operation, names):
    """Give bodies of requests that name what is there, with members or bytes changed."""
    request = draw(shapes.requests(service, operation))
    body = json.loads(judges.serialised(service, operation, request) or b"{}")
    for name in [*body]:
        if name in names and draw(st.sampled_from([True, True, True, False])):
            body[name] = names[name]
    for _ in range(draw(st.integers(0, 2))):
        found = list(places(body))
        if found:
            holder, key = draw(st.sampled_from(found))
            holder[key] = draw(WRONG)
    sent = json.dumps(body, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    if draw(st.sampled_from([True, False, False, False])):
        at = draw(st.integers(0, len(sent)))
        sent = sent[:at] + draw(st.binary(max_size=2)) + sent[at + draw(st.integers(0, 2)) :]
    return sent


@every_built_json_operation
@settings(shapes.steady, max_examples=60)
@given(data=st.data())
def test_a_spoiled_request_is_answered_or_refused_whole(service, operation, data):
    with worlds.furnished() as gateway:
        names = worlds.names(gateway, service)
        body = data.draw(spoiled(service, operation, names), label="body")
        before = worlds.state(gateway)

        is_refused = not is_answered(gateway, service, operation, body)

        assert not is_refused or worlds.state(gateway) == before


@settings(shapes.steady, max_examples=300)
@given(data=st.data())
def test_a_spoiled_manifest_is_stored_or_refused_whole(data):
    document = json.loads(worlds.manifest())
    for _ in range(data.draw(st.integers(1, 3), label="changes")):
        holder, key = data.draw(st.sampled_from([*places(document)]))
        holder[key] = data.draw(WRONG, label=str(key))
    manifest = json.dumps(document, ensure_ascii=data.draw(st.booleans(), label="ascii"))
    body = json.dumps({"repositoryName": "web", "imageManifest": manifest}).encode()
    with worlds.furnished() as gateway:
        before = worlds.state(gateway)

        is_refused = not is_answered(gateway, "ecr", "PutImage", body)

        assert not is_refused or worlds.state(gateway) == before


def is_answered(gateway, service, operation, body):
    """Make a call, compare its answer with botocore's reading of it, and tell if it is a reply."""
    try:
        exchange = worlds.call(gateway, service, operation, body)
    except OperationNotModelled:
        return False
    headers, sent = exchange.headers(), exchange.body()
    parsed = judges.parsed(service, operation, sent, status=exchange.status, headers=headers)
    assert repr(exchange.parsed(headers)) == repr(parsed)
    return exchange.error is None
