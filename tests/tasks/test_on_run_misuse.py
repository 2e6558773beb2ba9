"""`aws.tasks.on_run` with what cannot be: it says what was given, what is accepted, what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ecrmock import UsageError
from tests.tasks.stage import START_FAILURE

NO_NUMBER = "nan"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"exit_code": 256}, "exit code is 256; give a number from 0 to 255"),
        ({"exit_code": -1}, "exit code is -1; give a number from 0 to 255"),
        ({"exit_code": "1"}, "exit code is '1'; give a number"),
        ({"exit_code": True}, "exit code is True; give a number"),
        ({"exit_code": 1.0}, "exit code is 1.0; give a number"),
        ({"after": 30}, "after says when a container exits; give exit_code or oom"),
        ({"after": 30, "health": "HEALTHY"}, "give exit_code or oom"),
        ({"exit_code": 1, "after": -1}, "after is -1; give seconds, or a timedelta, from 0 on"),
        ({"exit_code": 1, "after": timedelta(-1)}, "give seconds, or a timedelta, from 0 on"),
        ({"exit_code": 1, "after": "30"}, "after is '30'; give seconds"),
        ({"exit_code": 1, "after": float(NO_NUMBER)}, "after is nan; give seconds"),
        ({"exit_code": 1, "after": float("inf")}, "after is inf; give seconds"),
        ({"health": "SICK"}, "health is 'SICK'; give one of"),
        ({"health": "healthy"}, "health is 'healthy'; give one of .*HEALTHY"),
        ({"fail_to_start": "no"}, "fail_to_start is 'no'; give it as AWS writes it"),
        ({"fail_to_start": True}, "fail_to_start is True; give it as AWS writes it"),
        ({"oom": True, "exit_code": 137}, "exits with 137; give one of the two"),
        ({"fail_to_start": START_FAILURE, "exit_code": 1}, "neither exits nor has a health"),
        ({"fail_to_start": START_FAILURE, "oom": True}, "neither exits nor has a health"),
        ({"fail_to_start": START_FAILURE, "health": "HEALTHY"}, "neither exits nor has a health"),
        ({"sequence": []}, "the sequence is empty; give an outcome for each run"),
        ({"sequence": [1], "exit_code": 1}, "give a sequence or one outcome, not both"),
        ({"sequence": [1], "oom": True}, "give a sequence or one outcome, not both"),
        ({"sequence": [1], "after": 30}, "give a sequence or one outcome, not both"),
        ({"sequence": [256]}, "exit code is 256"),
        ({"sequence": [True]}, "exit code is True"),
        ({"sequence": [{"exit": 1}]}, "an outcome has no 'exit'; it has exit_code, after"),
        ({"sequence": [{"sequence": [1]}]}, "an outcome has no 'sequence'"),
        ({"sequence": [{"family": "a"}]}, "an outcome has no 'family'"),
        ({"sequence": [0, {"after": 3}]}, "give exit_code or oom"),
    ],
)
def test_options_that_cannot_be_are_refused(options, says, instant):
    with pytest.raises(UsageError, match=says):
        instant.aws.tasks.on_run("worker", **options)


def test_what_is_refused_changes_nothing(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=4)
    with pytest.raises(UsageError):
        instant.aws.tasks.on_run("worker", sequence=[1, 2, 300])

    assert instant.exit_codes(instant.run()) == {"app": 4}


@pytest.mark.parametrize("option", ["code", "exit_codes", "delay", "name"])
def test_an_option_that_does_not_exist_is_refused(option, instant):
    with pytest.raises(TypeError, match=option):
        instant.aws.tasks.on_run("worker", **{option: 1})


def test_all_but_the_family_is_given_by_name(instant):
    with pytest.raises(TypeError, match="positional"):
        instant.aws.tasks.on_run("worker", "nginx")


@pytest.mark.parametrize("options", [{"exit_code": 0}, {"after": 0}])
def test_a_zero_beside_a_sequence_is_refused_too(options, instant):
    with pytest.raises(UsageError, match="not both"):
        instant.aws.tasks.on_run("worker", sequence=[1], **options)


@pytest.mark.parametrize("selector", [{}, {"container": "app"}, {"image": "nginx"}])
def test_a_wish_that_says_nothing_is_refused(selector, instant):
    with pytest.raises(UsageError):
        instant.aws.tasks.on_run("worker", **selector)


@pytest.mark.parametrize("family", ["worker:1", "arn:aws:ecs:us-east-1:1:task-definition/worker:1"])
def test_a_family_that_no_definition_can_have_is_refused(family, instant):
    with pytest.raises(UsageError, match="family"):
        instant.aws.tasks.on_run(family, exit_code=1)


@pytest.mark.parametrize(
    "sequence", [[1, None], 5, [1.5]], ids=["a-None", "a-number", "a-fraction"]
)
def test_a_sequence_of_something_else_is_refused_with_words(sequence, instant):
    with pytest.raises(UsageError, match="sequence"):
        instant.aws.tasks.on_run("worker", sequence=sequence)


@pytest.mark.parametrize("sequence", ["10", ["1", "0"]])
def test_a_sequence_of_texts_is_refused_with_words(sequence, instant):
    with pytest.raises(UsageError, match="sequence"):
        instant.aws.tasks.on_run("worker", sequence=sequence)


@pytest.mark.parametrize("options", [{"family": 5}, {"container": 5}, {"image": 5}, {"oom": "no"}])
def test_options_of_another_type_are_refused(options, instant):
    with pytest.raises(UsageError):
        instant.aws.tasks.on_run(**{"exit_code": None, "oom": True, **options})


@pytest.mark.parametrize("after", [timedelta.max, 1e12], ids=["the-longest", "30,000-years"])
def test_an_exit_beyond_the_calendar_is_refused(after, instant):
    with pytest.raises(UsageError, match="after"):
        instant.aws.tasks.on_run("worker", exit_code=1, after=after)
