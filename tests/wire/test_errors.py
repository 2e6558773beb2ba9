"""Errors: what a client raises in process is what botocore makes of our bytes."""

from __future__ import annotations

import json
from functools import cache

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from ecrmock import mock_aws
from ecrmock.core import errors as framework
from ecrmock.ecr import errors as ecr_errors
from ecrmock.operations import table
from ecrmock.wire import models
from ecrmock.wire.serialise import ReplyDoesNotFitModel
from tests.wire import exchanges, judges, shapes

MODELLED = [
    (service, code)
    for service in models.SERVICES
    for code in sorted(models.load(service).error_shapes)
]
every_modelled_error = pytest.mark.parametrize(
    ("service", "code"), MODELLED, ids=[".".join(pair) for pair in MODELLED]
)
RAISED = [
    (service, operation, shape.error_code)
    for service in models.SERVICES
    for operation in table.built(service)
    if models.load(service).has(operation)  # an older botocore lacks some
    for shape in judges.operation_model(service, operation).error_shapes
]
ISSUED = st.uuids().map(str)
FRAMEWORK = {
    # the error, its code and status in JSON services, and in query services
    "denied": (
        framework.AccessDeniedException("arn", "ecr:PutImage", "*", "because"),
        ("AccessDeniedException", 400),
        ("AccessDenied", 403),
    ),
    "unsigned": (
        framework.MissingAuthenticationTokenException(),
        ("MissingAuthenticationTokenException", 400),
        ("MissingAuthenticationToken", 403),
    ),
    "throttled": (
        framework.ThrottlingException(),
        ("ThrottlingException", 400),
        ("Throttling", 400),
    ),
    "unknown operation": (
        framework.UnknownOperationException(),
        ("UnknownOperationException", 404),
        ("InvalidAction", 400),
    ),
    "injected": (
        framework.InjectedError("Teapot", "I'm a <teapot> & so on", 418),
        ("Teapot", 418),
        ("Teapot", 418),
    ),
    "internal failure": (
        framework.InjectedError("InternalFailure", "", None),
        ("InternalFailure", 500),
        ("InternalFailure", 500),
    ),
    "unavailable": (
        framework.InjectedError("ServiceUnavailable", "", 503),
        ("ServiceUnavailable", 503),
        ("ServiceUnavailable", 503),
    ),
}


def both(service, error, request_id=exchanges.REQUEST_ID):
    """Return what is handed out in process, and what botocore makes of the wire."""
    operation = models.load(service).operation_names[0]
    exchange = exchanges.failed(service, operation, error, request_id)
    headers, body = exchange.headers(), exchange.body()
    parsed = judges.parsed(service, operation, body, status=exchange.status, headers=headers)
    return exchange.parsed(headers), parsed


@cache
def messages(service):
    alphabet = shapes.XML_TEXT if models.load(service).is_query else shapes.ANY_TEXT
    return st.text(st.sampled_from(alphabet), max_size=12)


@every_modelled_error
@shapes.steady
@given(data=st.data())
def test_a_modelled_error_is_handed_out_as_botocore_parses_it(service, code, data):
    name = models.load(service).error_shapes[code]
    members = data.draw(shapes.structures(service, name), label="members")
    members.pop("message", None)
    message = data.draw(messages(service), label="message")
    request_id = data.draw(ISSUED, label="request id")
    error = framework.InjectedError(code, message, None, **members)

    handed_out, parsed = both(service, error, request_id)

    assert repr(handed_out) == repr(parsed)
    assert handed_out["Error"]["Code"] == code


@every_modelled_error
def test_a_modelled_error_has_the_status_of_the_model(service, code):
    shape = judges.service_model(service).shape_for_error_code(code)
    stated = shape.metadata.get("error", {}).get("httpStatusCode")
    default = 500 if code == "ServerException" else 400

    handed_out, _ = both(service, framework.InjectedError(code, "text", None))

    assert handed_out["ResponseMetadata"]["HTTPStatusCode"] == (stated or default)


@pytest.mark.parametrize("service", models.SERVICES)
@pytest.mark.parametrize("case", FRAMEWORK.values(), ids=FRAMEWORK.keys())
def test_a_framework_error_is_handed_out_as_botocore_parses_it(service, case):
    error, *expected = case

    handed_out, parsed = both(service, error)

    assert repr(handed_out) == repr(parsed)
    code, status = expected[models.load(service).is_query]
    assert handed_out["Error"]["Code"] == code
    assert handed_out["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("service", ["sts", "iam"])
@pytest.mark.parametrize(
    ("status", "fault"), [(400, "Sender"), (403, "Sender"), (500, "Receiver"), (503, "Receiver")]
)
def test_a_query_service_says_whose_fault_it_is(service, status, fault):
    handed_out, parsed = both(service, framework.InjectedError("Any", "text", status))

    assert handed_out["Error"]["Type"] == parsed["Error"]["Type"] == fault


@pytest.mark.parametrize(
    ("service", "body"),
    [
        ("ecr", {"__type": "ServerException", "message": "text"}),
        ("ecs", {"__type": "ServerException", "message": "text"}),
    ],
)
def test_the_body_of_a_json_error_names_its_type_and_message(service, body):
    operation = models.load(service).operation_names[0]
    error = framework.InjectedError("ServerException", "text", None)

    exchange = exchanges.failed(service, operation, error)

    assert json.loads(exchange.body()) == body
    assert exchange.status == 500


def test_the_members_of_an_error_are_beside_its_message():
    error = ecr_errors.KmsException("no such key", "NotFoundException")

    handed_out, parsed = both("ecr", error)

    assert handed_out["kmsError"] == parsed["kmsError"] == "NotFoundException"
    assert handed_out["message"] == parsed["message"] == "no such key"


@pytest.mark.parametrize(
    "members", [{"nope": "x"}, {"lastValidByteReceived": "1"}], ids=["unknown", "type"]
)
def test_an_error_that_does_not_fit_is_not_written(members):
    error = framework.InjectedError("InvalidLayerPartException", "text", None, **members)

    with pytest.raises(ReplyDoesNotFitModel):
        both("ecr", error)


@pytest.mark.parametrize(
    ("service", "operation", "code"), RAISED, ids=[".".join(case) for case in RAISED]
)
def test_a_client_raises_the_exception_that_is_named_as_the_code(service, operation, code):
    unchecked = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    with mock_aws() as aws:
        client = boto3.client(service, config=unchecked)
        aws.faults.add(f"{service}.{operation}", error=code, message="text")

        with pytest.raises(ClientError) as caught:
            getattr(client, xform_name(operation))()

    assert type(caught.value) is client.exceptions.from_code(code)
    assert caught.value.response["Error"]["Message"] == "text"
    assert caught.value.operation_name == operation
