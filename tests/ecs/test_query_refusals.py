"""The cluster query language: what is no expression is refused, with a reason."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecrmock.ecs import query_language
from ecrmock.ecs.query_language import QueryIsMalformed, parse
from tests.ecs.queries import INSTANCE

YES = "attribute:color exists"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it ends too early"),
        ("  ", "it ends too early"),
        ("attribute:color", "it ends too early"),
        ("attribute:color ==", "it ends too early"),
        ("attribute:color == red and", "it ends too early"),
        ("(attribute:color == red", "it ends too early"),
        ("not", "it ends too early"),
        ("attribute:color == red)", "')' is unexpected at position 22"),
        ("attribute:color = red", "'= red' is unexpected at position 16"),
        ("attribute:color === red", "'= red' is unexpected at position 18"),
        ("attribute:color == red blue", "'blue' is unexpected at position 23"),
        ("attribute:color == 'red", '"\'red" is unexpected at position 19'),
        ("attribute:color == (red)", "'(red)' is unexpected at position 19"),
        ("attribute:color == [red]", "'[red]' is unexpected at position 19"),
        ("attribute:color in red", "'red' is unexpected at position 19"),
        ("attribute:color in []", "']' is unexpected at position 20"),
        ("attribute:color in [red,]", "']' is unexpected at position 24"),
        ("attribute:color in [red blue]", "'blue]' is unexpected at position 24"),
        ("attribute:color ! exists", "'! exists' is unexpected at position 16"),
        ("attribute:color inside [red]", "'inside [red]' is unexpected at position 16"),
        ("attribute:color == red AND attribute:size == 1", "'AND attribute:size =' is unexpected"),
        ("attribute:color EXISTS", "'EXISTS' is unexpected at position 16"),
        ("attribute:color exist\u017f", "'exist\u017f' is unexpected at position 16"),
        ("red == attribute:color", "there is no subject 'red'"),
        ("and attribute:color exists", "'attribute:color exis' is unexpected at position 4"),
        ("color == red", "there is no subject 'color'"),
        ("attribute: == red", "there is no subject 'attribute:'"),
        ("attribute:a:b == red", "there is no subject 'attribute:a:b'"),
        ("attribute:färbe == red", "there is no subject 'attribute:färbe'"),
        ("task:family == web", "there is no subject 'task:family'"),
        ("AgentConnected == true", "there is no subject 'AgentConnected'"),
        ("agentConnected == yes", "'yes' is neither true nor false"),
        ("agentConnected in [true, no]", "'no' is neither true nor false"),
        ("agentVersion < latest", "'latest' is not a version"),
        ("agentVersion < 1.14.x", "'1.14.x' is not a version"),
        ("runningTasksCount == one", "'one' is not a number"),
        ("runningTasksCount == 1.5", "'1.5' is not a number"),
        ("runningTasksCount == ''", "'' is not a number"),
        ("registeredAt < yesterday", "'yesterday' is not a date"),
        ("registeredAt < 2018-02-30", "'2018-02-30' is not a date"),
        ("registeredAt < 2018-6-1", "'2018-6-1' is not a date"),
        ("registeredAt < 20180618", "'20180618' is not a date"),
        ("registeredAt < 2018-06-18T22:28", "'2018-06-18T22:28' is not a date"),
        ("registeredAt < 2018-06-18T22:28:28.5Z", "'2018-06-18T22:28:28.5Z' is not a date"),
        ("registeredAt < 2018-06-18T22:28:28+99:00", "+99:00' is not a date"),
        ("attribute:color =~ '(red'", "'(red' is not a regular expression"),
        ("attribute:color =~ *", "'*' is not a regular expression"),
        ("attribute:color =~ [[a]", "'[[a]' is not a regular expression"),
        ("attribute:color =~ 'a{99999999999}'", "'a{99999999999}' is not a regular expression"),
    ],
)
def test_what_is_no_expression_is_refused_with_a_reason(text, reason):
    with pytest.raises(QueryIsMalformed) as caught:
        parse(text)

    assert reason in caught.value.reason
    assert caught.value.text == text
    assert str(caught.value) == f"The expression {text!r} is malformed: {caught.value.reason}."


UNDOCUMENTED = {
    "agentConnected": (">", ">=", "<", "<=", "exists", "!exists"),
    "agentVersion": ("in", "!in", "=~", "!~", "exists", "!exists"),
    "ec2InstanceId": (">", ">=", "<", "<=", "exists", "!exists"),
    "registeredAt": ("in", "!in", "=~", "!~", "exists", "!exists"),
    "runningTasksCount": ("in", "!in", "=~", "!~", "exists", "!exists"),
    "task:group": (">", ">=", "<", "<=", "exists", "!exists"),
}


@pytest.mark.parametrize(
    ("subject", "symbol"),
    [(subject, symbol) for subject, symbols in UNDOCUMENTED.items() for symbol in symbols],
)
def test_an_operator_that_is_not_documented_for_a_subject_is_refused(subject, symbol):
    argument = {"in": "[1]", "!in": "[1]", "exists": "", "!exists": ""}.get(symbol, "1")

    with pytest.raises(QueryIsMalformed) as caught:
        parse(f"{subject} {symbol} {argument}")

    assert caught.value.reason == f"{subject!r} does not take the operator {symbol!r}"


def test_an_expression_may_have_2000_characters():
    start, end = "attribute:color != '", "'"
    longest = f"{start}{'x' * (2000 - len(start) - len(end))}{end}"

    assert parse(longest).matches(INSTANCE)
    with pytest.raises(QueryIsMalformed, match="it has more than 2000 characters"):
        parse(longest + " ")


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("(", ")"), ("!", ""), ("!(", ")"), ("not ", ""), (f"{YES} and (", ")")],
)
def test_deep_nesting_is_refused_and_does_not_crash(opening, closing):
    levels = (query_language.MAX_LENGTH - len(YES)) // len(opening + closing)

    with pytest.raises(QueryIsMalformed, match="nested more than 50 levels deep"):
        parse(opening * levels + YES + closing * levels)


def test_a_regular_expression_that_is_nested_too_deeply_is_refused():
    with pytest.raises(QueryIsMalformed, match="is not a regular expression"):
        parse(f"attribute:color =~ '{'(' * 900}{')' * 900}'")


def test_a_regular_expression_that_python_warns_of_is_refused_in_silence():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(QueryIsMalformed):
            parse("attribute:color =~ '[a-z&&[^r]]ed'")

    assert not caught


@given(text=st.text("()!&|=~<>[],'\" andorti:.e1", max_size=40))
def test_any_text_is_either_an_expression_or_refused(text):
    try:
        expression = parse(text)
    except QueryIsMalformed:
        return

    assert expression.matches(INSTANCE) in {True, False}
