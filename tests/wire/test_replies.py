"""Replies: what a client is handed in process is what botocore's parsers make of our bytes."""

from __future__ import annotations

import contextlib
import time
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrmock.wire import models
from ecrmock.wire.serialise import ReplyDoesNotFitModel
from tests.wire import exchanges, judges, mutations, shapes

every_operation = pytest.mark.parametrize(
    ("service", "operation"), shapes.OPERATIONS, ids=shapes.IDS
)
with_output = [
    (service, operation)
    for service, operation in shapes.OPERATIONS
    if models.load(service).operation(operation).output is not None
]
without_output = [pair for pair in shapes.OPERATIONS if pair not in with_output]
every_operation_with_output = pytest.mark.parametrize(
    ("service", "operation"), with_output, ids=[".".join(pair) for pair in with_output]
)
MOMENT = datetime(2026, 11, 24, 10, 30, 15, tzinfo=timezone.utc)
SUMMER = datetime(2025, 7, 1, 12, 30, 15, tzinfo=timezone.utc)
ISSUED = st.uuids().map(str)


def both(service, operation, reply, request_id=exchanges.REQUEST_ID):
    """Return what is handed out in process, and what botocore makes of the wire."""
    exchange = exchanges.answered(service, operation, reply, request_id)
    headers = exchange.headers()
    parsed = judges.parsed(service, operation, exchange.body(), status=200, headers=headers)
    return exchange.parsed(headers), parsed


@every_operation
@shapes.own_examples
@shapes.steady
@given(data=st.data())
def test_a_reply_is_handed_out_as_botocore_parses_it(service, operation, data):
    reply = data.draw(shapes.replies(service, operation), label="reply")
    request_id = data.draw(ISSUED, label="request id")

    handed_out, parsed = both(service, operation, reply, request_id)

    assert repr(handed_out) == repr(parsed)
    assert handed_out == parsed


@every_operation_with_output
@settings(shapes.steady, max_examples=1)
@given(data=st.data())
def test_a_reply_that_does_not_fit_is_not_handed_out(service, operation, data):
    reply = data.draw(shapes.replies(service, operation, full=True), label="reply")
    exchange = exchanges.answered(service, operation, reply)

    taken = misfits_taken(lambda: exchange.parsed({}), service, operation, reply)

    assert taken == []


@every_operation_with_output
@settings(shapes.steady, max_examples=1)
@given(data=st.data())
def test_a_reply_that_does_not_fit_is_not_sent(service, operation, data):
    reply = data.draw(shapes.replies(service, operation, full=True), label="reply")
    exchange = exchanges.answered(service, operation, reply)

    taken = misfits_taken(exchange.body, service, operation, reply)

    assert taken == []


@pytest.mark.parametrize(
    ("service", "operation"), without_output, ids=[".".join(pair) for pair in without_output]
)
def test_an_operation_without_output_answers_nothing(service, operation):
    exchange = exchanges.answered(service, operation, {"nope": "x"})

    with pytest.raises(ReplyDoesNotFitModel):
        exchange.parsed({})


@pytest.fixture(params=["UTC", "Europe/Berlin", "Asia/Tokyo", "America/St_Johns"])
def zone(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize(
    ("service", "operation", "reply"),
    [
        ("ecr", "CreateRepository", {"repository": {"createdAt": SUMMER}}),
        ("sts", "GetWebIdentityToken", {"Expiration": SUMMER}),
    ],
    ids=["json", "xml"],
)
def test_moments_are_shown_in_the_zone_that_botocore_shows_them_in(zone, service, operation, reply):
    handed_out, parsed = both(service, operation, reply)

    assert repr(handed_out) == repr(parsed)


@pytest.mark.parametrize("hours", [-5, 0, 9], ids=["west", "utc", "east"])
@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("ecr", "CreateRepository", ("repository", "createdAt")),
        ("iam", "GetUser", ("User", "CreateDate")),
    ],
    ids=["json", "xml"],
)
def test_a_moment_with_an_offset_is_the_same_moment(service, operation, members, hours):
    there = MOMENT.astimezone(timezone(timedelta(hours=hours)))
    outer, inner = members

    handed_out, parsed = both(service, operation, {outer: {inner: there}})

    assert handed_out[outer][inner] == MOMENT
    assert parsed[outer][inner] == MOMENT


@pytest.mark.parametrize("text", ["\r", "a\r\nb", "a\nb", " a ", "\t", ""], ids=ascii)
@pytest.mark.parametrize(
    ("service", "operation", "member"),
    [("ecr", "GetRepositoryPolicy", "policyText"), ("iam", "GetUserPolicy", "PolicyDocument")],
    ids=["json", "xml"],
)
def test_line_ends_and_blanks_of_a_text_are_kept(service, operation, member, text):
    reply = {"UserName": "u", "PolicyName": "p"} if service == "iam" else {}

    handed_out, parsed = both(service, operation, {**reply, member: text})

    assert (handed_out[member], parsed[member]) == (text, text)


def misfits_taken(write, service, operation, reply):
    """Return the changes of a reply after which it can still be written."""
    taken = []
    for misfit in mutations.misfits(service, operation, reply):
        with mutations.applied(misfit), contextlib.suppress(ReplyDoesNotFitModel):
            write()
            taken.append(str(misfit))
    return taken
