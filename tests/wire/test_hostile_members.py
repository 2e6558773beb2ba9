"""Members of the wrong type, in JSON and in forms: always refused, never a fault of ours."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrmock.core.errors import SerializationException
from ecrmock.wire import models, parse, query
from tests.wire import judges, mutations, shapes

WITH_INPUT = [
    (service, operation)
    for service, operation in shapes.OPERATIONS
    if models.load(service).operation(operation).input is not None
]
JSON_OPERATIONS = [pair for pair in WITH_INPUT if not models.load(pair[0]).is_query]
WITH_MAP = [
    (service, operation)
    for service, operation in WITH_INPUT
    if service == "iam"
    for member in judges.operation_model(service, operation).input_shape.members.values()
    if member.type_name == "map"
]
PARTS = ("", "member", "entry", "key", "value", "0", "1", "01", "2", "99999999999", "x", "\u0661")
VALUES = ("", "1", "true", "no number", "-1", "1e9", "\0", "\U0001f433")


@pytest.mark.parametrize(
    ("service", "operation"), JSON_OPERATIONS, ids=[".".join(pair) for pair in JSON_OPERATIONS]
)
@settings(shapes.steady, max_examples=1)
@given(data=st.data())
def test_a_member_of_another_json_type_is_refused(service, operation, data):
    request = data.draw(shapes.requests(service, operation, full=True), label="request")
    body = json.loads(judges.serialised(service, operation, request))
    read = models.load(service).operation(operation).read

    taken = []
    for mutation in mutations.mistyped(service, operation, body):
        with mutations.applied(mutation), contextlib.suppress(SerializationException):
            read(parse.load_body(json.dumps(body).encode()))
            taken.append(str(mutation))

    assert taken == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sts", "AssumeRole"),
        ("iam", "CreateRole"),
        ("iam", "SimulateCustomPolicy"),
        ("iam", "UpdateLoginProfile"),
        *WITH_MAP[:1],
    ],
)
@settings(shapes.steady, max_examples=200)
@given(data=st.data())
def test_a_form_is_read_or_refused_whatever_its_keys(service, operation, data):
    members = judges.operation_model(service, operation).input_shape.members
    keys = st.lists(st.sampled_from(PARTS), max_size=4)
    names = st.builds(
        lambda first, rest: ".".join([first, *rest]), st.sampled_from([*members]), keys
    )
    form = data.draw(st.dictionaries(names, st.sampled_from(VALUES), max_size=4), label="form")

    try:
        answer = models.load(service).operation(operation).read(form)
    except query.MalformedInput as error:
        answer = error.code

    assert answer == "MalformedInput" or set(answer) <= set(members)


@pytest.mark.parametrize("text", ["", "no number", "1.5", "1e3", "1_000", "0x10", "\u0661", " 1"])
def test_a_number_of_a_form_is_written_in_plain_digits(text):
    with pytest.raises(query.MalformedInput):
        models.load("sts").operation("AssumeRole").read({"DurationSeconds": text})


@pytest.mark.parametrize("text", ["", "True", "TRUE", "yes", "1"])
def test_a_boolean_of_a_form_is_true_or_false(text):
    with pytest.raises(query.MalformedInput):
        models.load("iam").operation("UpdateLoginProfile").read({"PasswordResetRequired": text})


def test_the_elements_of_a_list_are_in_the_order_of_their_numbers():
    form = {f"TagKeys.member.{number}": f"key {number}" for number in (10, 9, 1, 2)}

    request = models.load("iam").operation("UntagRole").read(form)

    assert request == {"TagKeys": ["key 1", "key 2", "key 9", "key 10"]}
