"""The model's constraints: each is found when it is broken, none when it is just kept."""

from __future__ import annotations

import signal
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecrmock.wire import constraints, models
from tests.wire import judges, mutations, shapes

CONSTRAINED = [
    (service, operation)
    for service, operation in shapes.OPERATIONS
    if models.load(service).operation(operation).check is not None
]
PATTERNED = [
    (service, name)
    for service in models.SERVICES
    for name, shape in models.load(service).shapes.items()
    if "pattern" in shape
]
STARTS = ("", "/", "arn:aws-", "arn:aws:iam::123456789012:role/", "http://", "o-aaaaaaaaaa/r-aaaa")
UNITS = ("a", "A", "0", "-", "_", "/", "a-", "a.", "a/", "a_", "1/", "*", "a*", ":", "w+", "=")
FOUND_BY_BOTOCORE = ("required", "min_length", "min_value")
few = settings(shapes.steady, max_examples=4)

every_constrained_operation = pytest.mark.parametrize(
    ("service", "operation"), CONSTRAINED, ids=[".".join(pair) for pair in CONSTRAINED]
)


def violations(service, operation, request):
    found = []
    models.load(service).operation(operation).check(request, None, found)
    return [(violation.names, violation.kind, violation.bound) for violation in found]


@every_constrained_operation
@few
@given(data=st.data())
def test_a_broken_constraint_is_found_where_it_is_broken_and_alone(service, operation, data):
    request = data.draw(shapes.requests(service, operation, full=True), label="request")
    every = list(mutations.mutations(service, operation, request))

    for mutation in every:
        with mutations.applied(mutation):
            expected = [(mutation.names, mutation.kind, mutation.bound)] if mutation.kind else []
            assert violations(service, operation, request) == expected, str(mutation)

    assert any(mutation.kind for mutation in every)
    assert violations(service, operation, request) == []


@every_constrained_operation
@settings(few, max_examples=1)
@given(data=st.data())
def test_botocore_refuses_the_same_requests_as_far_as_it_looks(service, operation, data):
    request = data.draw(shapes.requests(service, operation, full=True), label="request")

    for mutation in mutations.mutations(service, operation, request):
        with mutations.applied(mutation):
            accepted = judges.accepts(service, operation, request)
        refused = mutation.kind in FOUND_BY_BOTOCORE and not isinstance(mutation.value, bytes)
        assert accepted is not refused, str(mutation)


@pytest.mark.parametrize(
    ("pattern", "own"),
    [
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "_.:/=+-@"),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@]+", "_.:/=+-@"),
        (r"[\p{L}\p{Z}\p{N}_.:/=+\-@{}]+", "_.:/=+-@{}"),
    ],
    ids=["ecs", "sts and iam", "iam templates"],
)
def test_letters_separators_and_numbers_are_those_of_unicode(pattern, own):
    expression = constraints.expression(pattern)
    characters = map(chr, [*range(0xD800), *range(0xE000, 0x30000)])

    wrong = [
        c
        for c in characters
        if bool(expression.fullmatch(c)) is not (c in own or unicodedata.category(c)[0] in "LZN")
    ]

    assert wrong == []


@pytest.fixture
def patience():
    """Interrupt a match that goes on for seconds where microseconds should do."""

    def interrupt(signum, frame):
        raise TimeoutError("a pattern is matched in exponential time")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 5)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize(("service", "shape"), PATTERNED, ids=[".".join(p) for p in PATTERNED])
def test_a_text_that_nearly_matches_is_refused_at_once(service, shape, patience):
    stated = models.load(service).shapes[shape]
    size = min(stated.get("max", 300), 2000)
    check = constraints.checker({shape: stated}, shape)
    nearly = [(start + unit * size)[: size - 1] + "\n" for start in STARTS for unit in UNITS]

    for text in nearly:
        check(text, (None, shape), found := [])

        assert {violation.kind for violation in found} <= {"pattern"}


def test_all_violations_are_found_in_the_order_of_the_model():
    request = {
        "repositoryName": "A",
        "tags": [{"Value": "one"}, {"Key": "k" * 200}],
        "imageTagMutability": "SOMETIMES",
    }

    found = violations("ecr", "CreateRepository", request)

    assert [(".".join(names), kind) for names, kind, _ in found] == [
        ("repositoryName", "min_length"),
        ("tags.[1].Key", "required"),
        ("tags.[2].Value", "required"),
        ("imageTagMutability", "enum"),
    ]


def test_a_null_member_is_a_missing_one():
    assert violations("ecr", "CreateRepository", {}) == [(["repositoryName"], "required", None)]
