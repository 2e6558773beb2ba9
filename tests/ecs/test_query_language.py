"""The cluster query language: what its expressions mean, and that they are plain data."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from ecrmock.ecs.query_language import QueryIsMalformed, parse
from tests.ecs.queries import INSTANCE, REGISTERED


def changed(**values):
    return replace(INSTANCE, **values)


def placed(kind, zone):
    return changed(attributes={"ecs.instance-type": kind, "ecs.availability-zone": zone})


# ----------------------------------------------------------------------------- the guide's examples

EXAMPLES = {
    "attribute:ecs.instance-type == t2.small": (INSTANCE, placed("t2.medium", "us-east-1a")),
    "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]": (
        placed("t2.small", "us-east-1b"),
        placed("t2.small", "us-east-1c"),
    ),
    "attribute:ecs.instance-type =~ t2.*": (INSTANCE, placed("m5.large", "us-east-1a")),
    "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d": (
        placed("g2.2xlarge", "us-east-1a"),
        placed("g2.2xlarge", "us-east-1d"),
    ),
    "task:group == service:production": (INSTANCE, changed(task_groups=("service:test",))),
    "not(task:group == database)": (INSTANCE, changed(task_groups=("web", "database"))),
    "runningTasksCount == 1": (INSTANCE, changed(running_tasks_count=2)),
    "agentVersion < 1.14.5": (changed(agent_version="1.9.0"), INSTANCE),
    "registeredAt < 2018-06-18T22:28:29+00:00": (
        INSTANCE,
        changed(registered_at=REGISTERED + timedelta(seconds=1)),
    ),
    "registeredAt < 2018-06-19": (
        INSTANCE,
        changed(registered_at=REGISTERED + timedelta(days=1)),
    ),
    "attribute:stack exists": (changed(attributes={"stack": "prod"}), INSTANCE),
    'attribute:color =~ "red|blue"': (INSTANCE, changed(attributes={"color": "green"})),
    "agentConnected==false": (changed(agent_connected=False), INSTANCE),
    "ec2InstanceId in ['i-abc','i-def']": (INSTANCE, changed(ec2_instance_id="i-abcd")),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_guide_chooses_what_it_says(text):
    chosen, passed_over = EXAMPLES[text]

    expression = parse(text)

    assert expression.matches(chosen)
    assert not expression.matches(passed_over)


# ----------------------------------------------------------------- what subjects and operators mean


def cases(*texts):
    return pytest.mark.parametrize("text", texts)


@cases(
    "agentConnected == true",
    "agentConnected equals 'true'",
    "agentConnected != false",
    "agentConnected in [true, false]",
    "agentConnected not_in [false]",
    "agentConnected =~ t.*",
    "agentConnected !~ f.*",
    "agentVersion == 1.105.1",
    "agentVersion == 1.105.1.0",
    "agentVersion != 1.105.2",
    "agentVersion > 1.20",
    "agentVersion greater_than 1",
    "agentVersion >= 1.105.1",
    "agentVersion greater_than_equal 1.105",
    "agentVersion < 1.105.10",
    "agentVersion less_than 2",
    "agentVersion <= 1.105.1",
    "agentVersion less_than_equal '1.105.1'",
    "attribute:color equals red",
    "attribute:color not_equals blue",
    "attribute:color != Red",
    "attribute:color !in [blue, 'green']",
    "attribute:color not_in[blue]",
    "attribute:color in ['blue','red']",
    "attribute:color matches r.d",
    "attribute:color =~ [qr]ed",
    "attribute:color =~ '(red|blue)'",
    "attribute:color =~ green|red",
    r"attribute:ecs.instance-type =~ t\d\.\w+",
    "attribute:color !~ re",
    "attribute:color not_matches ed",
    "attribute:color > blue",
    "attribute:size > 9",
    "attribute:size >= 10.0",
    "attribute:size < 9x",
    "attribute:size == 10",
    "attribute:size != 10.0",
    "attribute:flag exists",
    "attribute:flag == ''",
    "attribute:empty exists",
    'attribute:empty == ""',
    r"attribute:team/a\b_c.d-1 == x",
    "attribute:gone !exists",
    "attribute:gone not_exists",
    "ec2InstanceId == i-abc",
    "ec2InstanceId != i-def",
    "ec2InstanceId =~ i-a.+",
    "registeredAt == 2018-06-18T22:28:28+00:00",
    "registeredAt == 2018-06-18T22:28:28Z",
    "registeredAt == 2018-06-18T22:28:28",
    "registeredAt == 2018-06-19T00:28:28+02:00",
    "registeredAt != 2018-06-18",
    "registeredAt > 2018-06-18",
    "registeredAt >= '2018-06-18T22:28:28Z'",
    "runningTasksCount>0",
    "runningTasksCount<=1",
    "runningTasksCount < 10",
    "runningTasksCount != 0",
    "task:group == family:batch",
    "task:group != database",
    "task:group in [database, family:batch]",
    "task:group !in [database]",
    "task:group =~ service:.*",
    "task:group !~ batch",
)
def test_this_fits_the_instance(text):
    assert parse(text).matches(INSTANCE)


@cases(
    "agentConnected == false",
    "agentVersion > 1.105.1",
    "agentVersion < 1.20",
    "attribute:color == blue",
    "attribute:color == RED",
    "attribute:color =~ re",
    "attribute:color =~ ed",
    "attribute:size > 9x",
    "attribute:size == 10.0",
    "attribute:color !exists",
    "attribute:flag == x",
    "ec2InstanceId =~ abc",
    "registeredAt == 2018-06-18T22:28:28+02:00",
    "runningTasksCount > 1",
    "task:group == batch",
    "task:group != family:batch",
    "task:group not_in [database, family:batch]",
    "task:group !~ .*batch",
)
def test_this_does_not_fit_the_instance(text):
    assert not parse(text).matches(INSTANCE)


@pytest.mark.parametrize(
    ("rest", "fits"),
    [
        ("exists", False),
        ("== red", False),
        ("== ''", False),
        ("in [red, blue]", False),
        ("=~ .*", False),
        ("> 1", False),
        ("< 1", False),
        ("!exists", True),
        ("!= red", False),
        ("!in [red, blue]", False),
        ("!~ red", False),
    ],
)
def test_an_attribute_that_is_absent_fits_nothing_but_that_it_is(rest, fits):
    assert parse(f"attribute:gone {rest}").matches(INSTANCE) is fits


def test_an_instance_without_tasks_hosts_no_group():
    empty = changed(task_groups=())

    assert not parse("task:group =~ .*").matches(empty)
    assert parse("task:group != database").matches(empty)


@cases("agentVersion < 99", "agentVersion >= 0", "agentVersion == 0")
def test_an_agent_that_reported_no_version_has_none(text):
    assert not parse(text).matches(changed(agent_version=""))


def test_the_suffix_of_an_agents_version_makes_no_difference():
    assert parse("agentVersion == 1.14.5").matches(changed(agent_version="1.14.5-dev"))


# ---------------------------------------------------------------------------------------- compounds

YES, NO = "attribute:color exists", "attribute:gone exists"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (f"{YES} and {YES}", True),
        (f"{YES} && {NO}", False),
        (f"{NO} or {YES}", True),
        (f"{NO}||{NO}", False),
        (f"{YES} or {NO} and {NO}", True),
        (f"({YES} or {NO}) and {NO}", False),
        (f"{NO} and {NO} or {YES}", True),
        (f"{NO} and ({NO} or {YES})", False),
        (f"{NO} && {NO} or {YES}", True),
        (f"{YES} || {NO} and {NO}", True),
        (f"not {YES} or {YES}", True),
        (f"not ({YES} or {YES})", False),
        (f"not {NO} and {NO}", False),
        (f"not ({NO} and {NO})", True),
        (f"!{NO}", True),
        (f"! {NO}", True),
        (f"!({NO})", True),
        (f"not({NO})", True),
        (f"!!{YES}", True),
        (f"not not {YES}", True),
        (f"!not !{YES}", False),
        (f"(({YES}))and({YES})", True),
        (f"({NO})or({YES})", True),
        ("attribute:color==red&&attribute:size==10", True),
        ("attribute:color==blue||attribute:size==10", True),
        ("attribute:color=~blue|red&&attribute:size=~1.", True),
        ("\n attribute:color\t==\r\n red \n and\nrunningTasksCount == 1 ", True),
        ("attribute:and == x or attribute:color in [or, and, red]", True),
        ("attribute:color == and or attribute:color == red", True),
        ("attribute:not exists or attribute:in !exists", True),
    ],
)
def test_not_binds_closer_than_and_and_and_closer_than_or(text, fits):
    assert parse(text).matches(INSTANCE) is fits


# ---------------------------------------------------------------------------- an expression is data

DEEPEST = "!(task:group==a||" * 25 + f"{YES} and {NO}" + ")" * 25


@pytest.mark.parametrize("text", [*EXAMPLES, DEEPEST], ids=[*EXAMPLES, "the deepest"])
def test_an_expression_survives_pickling_and_copying(text):
    expression = parse(text)

    pickled = pickle.loads(pickle.dumps(expression))

    assert pickled == expression
    assert hash(pickled) == hash(expression)
    assert pickled.matches(INSTANCE) is expression.matches(INSTANCE)
    assert copy.deepcopy(expression) is expression
    assert copy.copy(expression) == expression


def test_an_expression_cannot_be_changed():
    expression = parse("attribute:color == red")

    with pytest.raises(FrozenInstanceError):
        expression.argument = "blue"


def test_the_same_text_is_parsed_once():
    assert parse("attribute:color == red") is parse("attribute:color == red")


def test_two_spellings_of_a_thing_are_equal():
    assert parse("not (attribute:color in [red])") == parse("!attribute:color in['red']")


def test_an_error_survives_pickling():
    error = QueryIsMalformed("x", "it ends too early")

    pickled = pickle.loads(pickle.dumps(error))

    assert (pickled.text, pickled.reason) == ("x", "it ends too early")


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("runningTasksCount == 1", {"runningTasksCount"}),
        ("attribute:ecs.instance-type exists", {"attribute:ecs.instance-type"}),
        (
            "!(attribute:a exists or task:group == b) and (agentConnected == true)",
            {"attribute:a", "task:group", "agentConnected"},
        ),
        ("attribute:a exists and attribute:a == b", {"attribute:a"}),
    ],
)
def test_an_expression_knows_what_it_depends_on(text, subjects):
    assert parse(text).subjects == subjects
