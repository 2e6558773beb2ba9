"""The environment: read, list by prefix, set and remove."""

from __future__ import annotations

import os

import pytest

from ecrmock.core import env


@pytest.fixture
def variables(monkeypatch):
    """Begin with two variables and without a third; all are put back afterwards."""
    monkeypatch.setenv("ECRMOCK_TEST_ONE", "1")
    monkeypatch.setenv("ECRMOCK_TEST_TWO", "")
    monkeypatch.setenv("ECRMOCK_TEST_THREE", "x")
    monkeypatch.delenv("ECRMOCK_TEST_THREE")


@pytest.mark.parametrize(
    ("name", "value"),
    [("ECRMOCK_TEST_ONE", "1"), ("ECRMOCK_TEST_TWO", ""), ("ECRMOCK_TEST_THREE", None)],
)
def test_a_variable_is_read(variables, name, value):
    assert env.read(name) == value


def test_names_are_found_by_prefix(variables):
    assert sorted(env.names(["ECRMOCK_TEST_T", "ECRMOCK_TEST_O"])) == [
        "ECRMOCK_TEST_ONE",
        "ECRMOCK_TEST_TWO",
    ]
    assert env.names([]) == []


def test_variables_are_set_and_removed(variables):
    env.write({"ECRMOCK_TEST_ONE": None, "ECRMOCK_TEST_THREE": "3"})

    assert "ECRMOCK_TEST_ONE" not in os.environ
    assert os.environ["ECRMOCK_TEST_THREE"] == "3"


def test_removing_what_is_not_there_is_no_error(variables):
    env.write({"ECRMOCK_TEST_THREE": None})

    assert "ECRMOCK_TEST_THREE" not in os.environ
