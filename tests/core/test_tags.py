"""Resource tags: what AWS accepts."""

from __future__ import annotations

import pytest

from ecrmock.core.tags import Problem, find_problem


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("k", "v", None),
        ("k", "", None),
        ("k" * 128, "v" * 256, None),
        ("Schlüssel 9 _.:/=+-@", "Ωmega ٣", None),
        ("awsome", "aws", None),
        ("", "v", Problem.EMPTY_KEY),
        ("k" * 129, "v", Problem.KEY_TOO_LONG),
        ("k", "v" * 257, Problem.VALUE_TOO_LONG),
        ("aws:k", "v", Problem.RESERVED),
        ("AwS:k", "v", Problem.RESERVED),
        ("k!", "v", Problem.CHARACTERS),
        ("k", "a,b", Problem.CHARACTERS),
        ("k\n", "v", Problem.CHARACTERS),
        ("k", "a\tb", Problem.CHARACTERS),
    ],
)
def test_one_tag(key, value, problem):
    assert find_problem({}, [(key, value)]) is problem


@pytest.mark.parametrize(("reserved_values", "problem"), [(False, None), (True, Problem.RESERVED)])
def test_the_reserved_prefix_of_a_value_counts_where_the_service_says_so(reserved_values, problem):
    found = find_problem({}, [("k", "aws:v")], reserved_values=reserved_values)

    assert found is problem


def test_a_key_that_is_given_twice_is_a_problem():
    found = find_problem({}, [("k", "a"), ("k", "a")])

    assert found is Problem.DUPLICATE


def test_a_key_that_is_there_already_is_none():
    found = find_problem({"k": "a"}, [("k", "b")])

    assert found is None


def test_keys_that_differ_in_case_are_two():
    found = find_problem({}, [("k", "a"), ("K", "a")])

    assert found is None


@pytest.mark.parametrize(
    ("present", "new", "problem"),
    [
        (0, 50, None),
        (0, 51, Problem.TOO_MANY),
        (49, 1, None),
        (50, 1, Problem.TOO_MANY),
        (25, 26, Problem.TOO_MANY),
    ],
)
def test_a_resource_has_fifty_tags_at_most(present, new, problem):
    existing = {f"old-{number}": "" for number in range(present)}

    found = find_problem(existing, [(f"new-{number}", "") for number in range(new)])

    assert found is problem


def test_overwriting_one_of_fifty_is_no_problem():
    existing = {f"old-{number}": "" for number in range(50)}

    found = find_problem(existing, [("old-3", "again")])

    assert found is None


def test_the_first_broken_tag_is_named():
    found = find_problem({}, [("fine", "v"), ("aws:k", "v"), ("", "v")])

    assert found is Problem.RESERVED


def test_the_tags_that_are_there_are_not_changed():
    existing = {"k": "a"}

    find_problem(existing, [("k", "b"), ("l", "c")])

    assert existing == {"k": "a"}
