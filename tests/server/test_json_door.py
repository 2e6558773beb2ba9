"""Bad calls to `POST /`: each gets an AWS error with its status, and nothing changes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.server import doors, raw, states

UUID = "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"
UNKNOWN = (404, "UnknownOperationException")
SERIALIZATION = (400, "SerializationException")
INCOMPLETE = (403, "IncompleteSignature")
SIGNATURE = (400, "InvalidSignatureException")
MISSING_TOKEN = (400, "MissingAuthenticationTokenException")
INVALID = (400, "InvalidParameterException")
NOT_MODELLED = (501, "OperationNotModelled")
SHA = "AWS4-HMAC-SHA256 "
DEEP = 100_000


def scoped(scope, rest=", SignedHeaders=host;x-amz-date, Signature=00"):
    return f"{SHA}Credential={scope}{rest}"


def refused(server, data):
    """Send a request and return its verdict, after a look at what every answer must have."""
    answer = raw.ask(server.port, data)
    assert re.fullmatch(UUID, answer.header("x-amzn-requestid") or ""), answer
    assert answer.header("content-type") == "application/x-amz-json-1.1"
    assert isinstance(answer.json().get("message", ""), str)
    return answer.verdict


TARGETS = {
    "none": None,
    "empty": "",
    "a word": "CreateRepository",
    "service alone": "AmazonEC2ContainerRegistry_V20150921",
    "no operation": doors.ECR,
    "no service": ".CreateRepository",
    "unknown operation": doors.ECR + "MakeCoffee",
    "lower case": doors.ECR.lower() + "createrepository",
    "one more part": doors.ECR + "CreateRepository.x",
    "blank within": doors.ECR + "Create Repository",
    "NUL at the end": doors.ECR + "CreateRepository\0",
    "other version": "AmazonEC2ContainerRegistry_V20990101.CreateRepository",
    "unknown service": "DynamoDB_20120810.CreateTable",
    "operation of another service": doors.ECR + "CreateCluster",
    "Python's own": doors.ECR + "__init__",
    "latin-1": doors.ECR + "\xff\xfe",
    "30,000 characters": doors.ECR + "C" * 30_000,
    "a path": "../../CreateRepository",
}


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_target_that_names_no_operation_is_an_unknown_operation(target, server, unchanged):
    verdict = refused(server, doors.call(headers={"X-Amz-Target": target}))

    assert verdict == UNKNOWN
    unchanged()


def test_of_two_targets_none_is_taken(server, unchanged):
    data = doors.call().replace(b"X-Amz-Target", b"X-Amz-Target: x\r\nX-Amz-Target")

    assert refused(server, data) == UNKNOWN
    unchanged()


@pytest.mark.parametrize(
    "target",
    [doors.ECR + "PutReplicationConfiguration", "SpencerFrontendService.CreateRepository"],
    ids=["ecr", "ecr-public"],
)
def test_what_is_not_built_is_refused_by_name(target, server, unchanged):
    data = doors.call(body={}, headers={"X-Amz-Target": target})

    answer = raw.ask(server.port, data)

    assert answer.verdict in (NOT_MODELLED, UNKNOWN)
    assert answer.status == 501, "built meanwhile? choose another one here"
    assert target.partition(".")[2] in answer.json()["message"]
    unchanged()


UNREADABLE = {
    "text": b"repositoryName=intruder",
    "half an object": b'{"repositoryName":"intruder"',
    "two objects": b'{"repositoryName":"intruder"}{}',
    "single quotes": b"{'repositoryName':'intruder'}",
    "a comma too many": b'{"repositoryName":"intruder",}',
    "a comment": b'{"repositoryName":"intruder"} // x',
    "an array": b'[{"repositoryName":"intruder"}]',
    "a string": b'"intruder"',
    "a number": b"1",
    "null": b"null",
    "blanks": b"  \r\n\t",
    "NUL": b"\0",
    "NUL after": b'{"repositoryName":"intruder"}\0',
    "not a number": b'{"repositoryName":"intruder","x":NaN}',
    "infinity": b'{"repositoryName":"intruder","x":-Infinity}',
    "10,000 digits": b'{"repositoryName":"intruder","x":' + b"9" * 10_000 + b"}",
    "open arrays": b"[" * DEEP,
    "closed arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"repositoryName":' * DEEP,
    "deep in an unknown member": b'{"repositoryName":"intruder","x":'
    + b"[" * DEEP
    + b"]" * DEEP
    + b"}",
    "invalid UTF-8": b'{"repositoryName":"intruder","x":"\xff"}',
    "UTF-8 cut off": b'{"repositoryName":"intruder\xf0\x9f"}',
    "surrogate in UTF-8": b'{"repositoryName":"\xed\xa0\x80"}',
    "UTF-16": '{"repositoryName":"intruder"}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"repositoryName":"intruder"}',
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "half a surrogate": b'{"repositoryName":"\\ud800"}',
    "surrogates swapped": b'{"repositoryName":"\\udc00\\ud800"}',
    "half a surrogate in a name": b'{"repositoryName":"intruder","\\ud800":1}',
    "half a surrogate in a tag": (
        b'{"repositoryName":"intruder","tags":[{"Key":"a","Value":"\\udfff"}]}'
    ),
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_a_body_that_is_no_json_object_cannot_be_read(body, server, unchanged):
    assert refused(server, doors.call(body=body)) == SERIALIZATION
    unchanged()


WRONG_TYPES = {
    "object for string": b'{"repositoryName":{"a":1}}',
    "array for string": b'{"repositoryName":["intruder"]}',
    "string for structure": b'{"repositoryName":"intruder","imageScanningConfiguration":"x"}',
    "array for structure": b'{"repositoryName":"intruder","imageScanningConfiguration":[]}',
    "object for list": b'{"repositoryName":"intruder","tags":{}}',
    "string for list": b'{"repositoryName":"intruder","tags":"x"}',
    "numbers in a list": b'{"repositoryName":"intruder","tags":[1]}',
    "string for boolean": (
        b'{"repositoryName":"intruder","imageScanningConfiguration":{"scanOnPush":{}}}'
    ),
}


@pytest.mark.parametrize("body", WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_member_of_the_wrong_json_type_cannot_be_read(body, server, unchanged):
    assert refused(server, doors.call(body=body)) == SERIALIZATION
    unchanged()


MISSING = {"empty body": b"", "empty object": b"{}", "null": b'{"repositoryName":null}'}


@pytest.mark.parametrize("body", MISSING.values(), ids=MISSING)
def test_without_a_required_member_the_parameter_is_invalid(body, server, unchanged):
    assert refused(server, doors.call(body=body)) == INVALID
    unchanged()


def test_a_name_of_a_million_characters_is_too_long(server, unchanged):
    assert refused(server, doors.call(body={"repositoryName": "a" * 1_000_000})) == INVALID
    unchanged()


def test_a_name_of_ten_thousand_paths_does_not_keep_the_pattern_busy(server, unchanged):
    for name in ("a-" * 100 + "A", "a/" * 120, "a" + "-" * 254, "a__" * 80 + "_"):
        assert refused(server, doors.call(body={"repositoryName": name})) == INVALID
    unchanged()


@pytest.mark.parametrize(
    "body",
    [
        b'{"repositoryName":"first","repositoryName":"second"}',
        b'{"repositoryName":{"a":[]},"repositoryName":"second"}',
    ],
    ids=["two strings", "two types"],
)
def test_a_member_that_comes_twice_makes_one_repository_or_none(body, server):
    before = states.counts(server)["repositories"]

    answer = raw.ask(server.port, doors.call(body=body))

    assert answer.verdict in ((200, ""), SERIALIZATION)
    made = states.counts(server)["repositories"] - before
    assert made == (1 if answer.status == 200 else 0)


CONTENT_TYPES = {
    "none": None,
    "empty": "",
    "JSON": "application/json",
    "JSON 1.0": "application/x-amz-json-1.0",
    "text": "text/plain; charset=utf-16",
    "multipart": "multipart/form-data; boundary=x",
    "latin-1": "\xff",
    "5,000 parameters": "application/x-amz-json-1.1" + ";a=b" * 5000,
}


@pytest.mark.parametrize("content_type", CONTENT_TYPES.values(), ids=CONTENT_TYPES)
def test_a_wrong_content_type_is_passed_over_or_refused(content_type, server):
    data = doors.call("DescribeRepositories", {}, {"Content-Type": content_type})

    verdict = raw.ask(server.port, data).verdict

    assert verdict in ((200, ""), SERIALIZATION, UNKNOWN)


def test_a_form_with_an_ecr_target_does_not_become_a_call_of_sts(server, unchanged):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = b"Action=GetCallerIdentity&Version=2011-06-15"

    verdict = raw.ask(server.port, doors.call(body=body, headers=headers)).verdict

    assert verdict in (SERIALIZATION, UNKNOWN)
    unchanged()


AUTHORIZATIONS = {
    "empty": ("", [INCOMPLETE, MISSING_TOKEN]),
    "a word": ("x", [INCOMPLETE]),
    "Basic": ("Basic QVdTOnB3", [INCOMPLETE]),
    "Bearer": ("Bearer x", [INCOMPLETE]),
    "scheme alone": (SHA, [INCOMPLETE]),
    "empty credential": (SHA + "Credential=", [INCOMPLETE]),
    "no signature": (scoped("A/20260101/us-east-1/ecr/aws4_request", ""), [INCOMPLETE]),
    "four parts": (scoped("A/20260101/us-east-1/ecr"), [INCOMPLETE]),
    "six parts": (scoped("A/20260101/us-east-1/ecr/aws4_request/x"), [INCOMPLETE]),
    "empty parts": (scoped("////"), [INCOMPLETE, SIGNATURE]),
    "parts without equals": (SHA + "Credential, SignedHeaders, Signature", [INCOMPLETE]),
    "5,000 credentials": (SHA + "Credential=x," * 5000, [INCOMPLETE]),
    "latin-1": ("\xff\0", [INCOMPLETE]),
    "unknown region": (scoped("A/20260101/mars-1/ecr/aws4_request"), [SIGNATURE, INCOMPLETE]),
    "NUL in the region": (
        scoped("A/20260101/us-east-1\0/ecr/aws4_request"),
        [SIGNATURE, INCOMPLETE],
    ),
    "upper-case region": (scoped("A/20260101/US-EAST-1/ecr/aws4_request"), [SIGNATURE, INCOMPLETE]),
    "long region": (scoped(f"A/20260101/{'a' * 9000}/ecr/aws4_request"), [SIGNATURE, INCOMPLETE]),
}


@pytest.mark.parametrize(("authorization", "accepted"), AUTHORIZATIONS.values(), ids=AUTHORIZATIONS)
def test_a_malformed_authorization_is_refused(authorization, accepted, server, unchanged):
    verdict = refused(server, doors.call(headers={"Authorization": authorization}))

    assert verdict in accepted
    unchanged()


@pytest.mark.parametrize("body", [b"", b"x", b"{}", None], ids=["empty", "text", "{}", "good"])
def test_without_authorization_the_token_is_missing_whatever_the_body(body, server, unchanged):
    data = doors.call(body=body, headers=doors.UNSIGNED)

    assert refused(server, data) == MISSING_TOKEN
    unchanged()


DATES = {
    "none": None,
    "empty": "",
    "a word": "x",
    "day alone": "20260101",
    "no Z": "20260101T120000",
    "extended format": "2026-01-01T12:00:00Z",
    "no such day": "20260230T000000Z",
    "all nines": "99999999T999999Z",
    "all zeros": "00000000T000000Z",
    "sign": "+2026101T120000Z",
    "latin-1": "\xd9\xa2026101T120000Z",
    "10,000 digits": "2" * 10_000 + "T120000Z",
}


@pytest.mark.parametrize("date", DATES.values(), ids=DATES)
def test_a_date_that_is_none_is_refused(date, server, unchanged):
    verdict = refused(server, doors.call(headers={"X-Amz-Date": date}))

    assert verdict in (INCOMPLETE, SIGNATURE)
    unchanged()


WINDOWS = {"ecr": (doors.ECR, "DescribeRepositories", 15), "ecs": (doors.ECS, "ListClusters", 5)}


@pytest.mark.parametrize("sign", [-1, 1], ids=["slow", "fast"])
@pytest.mark.parametrize("service", WINDOWS)
def test_a_clock_that_is_out_by_more_than_the_window_is_refused(service, sign, server):
    prefix, operation, minutes = WINDOWS[service]
    target = {"X-Amz-Target": prefix + operation}

    verdicts = [
        raw.ask(
            server.port,
            doors.call(body={}, headers=target | doors.signature(service, off=sign * off)),
        ).verdict
        for off in (timedelta(minutes=minutes - 1), timedelta(minutes=minutes + 1))
    ]

    assert verdicts == [(200, ""), SIGNATURE]


def test_the_text_for_a_slow_clock_names_the_window(server):
    signed = doors.signature(off=-timedelta(hours=2))

    message = raw.ask(server.port, doors.call(headers=signed)).json()["message"]

    pattern = r"Signature expired: (\d{8}T\d{6}Z) is now earlier than (\d{8}T\d{6}Z)"
    assert re.fullmatch(pattern + r" \((\d{8}T\d{6}Z) - 15 min\.\)", message), message


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "FOO"])
def test_a_call_comes_by_post_alone(method, server, unchanged):
    """ECR model: every operation is POST /. Which error another method gets is not known."""
    answer = raw.ask(server.port, doors.call(method=method), method=method)

    assert answer.status // 100 == 4
    unchanged()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_another_method_without_a_target_is_no_operation(method, server, unchanged):
    answer = raw.ask(server.port, raw.request(method, "/"), method=method)

    assert answer.status in (404, 405)
    assert method == "HEAD" or answer.code == "UnknownOperationException"
    assert answer.header("x-amzn-requestid")
    unchanged()
