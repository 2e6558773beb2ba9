"""Requests: what botocore's serializers write is read back, for every operation of the model."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrmock.wire import models, parse
from tests.wire import judges, shapes

every_operation = pytest.mark.parametrize(
    ("service", "operation"), shapes.OPERATIONS, ids=shapes.IDS
)


def read(service: str, operation: str, body: Any) -> dict[str, Any]:
    value = parse.load_body(body) if isinstance(body, bytes) else body
    return models.load(service).operation(operation).read(value)


def violations(service: str, operation: str, request: dict[str, Any]) -> list[Any]:
    check = models.load(service).operation(operation).check
    found: list[Any] = []
    if check is not None:
        check(request, None, found)
    return found


def with_members(body: Any, more: dict[str, Any]) -> Any:
    if isinstance(body, bytes):
        return json.dumps({**json.loads(body or b"{}"), **more}).encode()
    return {**body, **more}


@every_operation
@shapes.own_examples
@shapes.steady
@given(data=st.data())
def test_a_request_is_read_as_botocore_was_given_it(service, operation, data):
    request = data.draw(shapes.requests(service, operation), label="request")
    unknown = data.draw(shapes.unknown_members(service), label="unknown members")
    body = with_members(judges.serialised(service, operation, request), unknown)

    arrivals = [body] if isinstance(body, bytes) else [body, judges.over_http(body)]

    for arrived in arrivals:
        assert read(service, operation, arrived) == request
    assert violations(service, operation, request) == []


@pytest.mark.parametrize("precision", ["default", "millisecond", "legacy"])
@given(moment=shapes.MOMENTS)
@shapes.steady
def test_a_timestamp_is_read_to_the_millisecond_that_botocore_sends(precision, moment):
    model = judges.operation_model("ecs", "SubmitTaskStateChange")
    serializer = judges.create_serializer("json", timestamp_precision=precision)
    body = serializer.serialize_to_request({"executionStoppedAt": moment}, model)["body"]

    request = read("ecs", "SubmitTaskStateChange", body)

    sent = moment.replace(microsecond=0) if precision == "legacy" else moment
    assert request == {"executionStoppedAt": sent}


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T10:00:00Z",
        "2026-11-24T10:00:00",
        "2026-11-24T10:00:00+00:00",
        "2026-11-24T12:00:00+02:00",
        "2026-11-24T10:00:00.000Z",
        " 2026-11-24T10:00:00Z ",
    ],
    ids=["zulu", "naive", "offset zero", "offset", "milliseconds", "blanks"],
)
def test_a_timestamp_may_be_written_as_iso_8601(text):
    body = json.dumps({"executionStoppedAt": text}).encode()

    request = read("ecs", "SubmitTaskStateChange", body)

    moment = datetime(2026, 11, 24, 10, tzinfo=timezone.utc)
    assert request == {"executionStoppedAt": moment}
    assert request["executionStoppedAt"].utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("body", [b"", b"{}", b" {} "], ids=["empty", "object", "blanks"])
def test_an_empty_body_is_an_empty_request(body):
    assert read("ecr", "DescribeRepositories", body) == {}


@pytest.mark.parametrize(
    ("body", "request_read"),
    [
        ({"repositoryName": "web", "tags": None}, {"repositoryName": "web"}),
        (
            {"repositoryName": "web", "imageScanningConfiguration": {"scanOnPush": None}},
            {"repositoryName": "web", "imageScanningConfiguration": {}},
        ),
    ],
    ids=["member", "inner member"],
)
def test_a_null_member_counts_as_absent(body, request_read):
    assert read("ecr", "CreateRepository", json.dumps(body).encode()) == request_read
