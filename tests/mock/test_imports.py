"""What importing costs and loads, which names are public, and what may be loaded late."""

from __future__ import annotations

import importlib
import importlib.metadata

import pytest

import ecrmock

HEAVY = ("aiobotocore", "boto3", "botocore", "jsonschema", "lark", "moto", "responses", "werkzeug")


@pytest.mark.parametrize("module", ["ecrmock", "ecrmock.pytest_plugin"])
@pytest.mark.parametrize("heavy", HEAVY)
def test_importing_it_loads_nothing_heavy(module, heavy, loaded_by):
    assert heavy not in loaded_by[module]


@pytest.fixture(scope="module")
def loaded_by(run_python):
    """Return what is loaded after the import of each module, in a Python of its own."""
    script = "import sys, {module}; print(*sorted(sys.modules))"
    return {
        module: run_python(script.format(module=module)).split()
        for module in ("ecrmock", "ecrmock.pytest_plugin")
    }


def test_an_idle_plugin_loads_nothing_heavy_in_a_session(run_pytest):
    source = f"""
        import sys

        def test_it():
            assert [name for name in {HEAVY!r} if name in sys.modules] == []
    """

    run = run_pytest(source)

    assert run.outcomes == {"test_it": "passed"}, run.output


def test_the_public_names_are_sorted_and_there_once():
    assert ecrmock.__all__ == sorted(set(ecrmock.__all__))


@pytest.mark.parametrize("name", ecrmock.__all__)
def test_a_public_name_is_there_and_listed(name):
    assert getattr(ecrmock, name).__name__ == name
    assert name in dir(ecrmock)


def test_a_star_import_gives_the_public_names_alone():
    found = {}
    exec("from ecrmock import *", found)

    assert set(found) - {"__builtins__"} == set(ecrmock.__all__)


@pytest.mark.parametrize("name", ["mock_ecr", "Aws", "models"])
def test_a_name_that_is_none_is_an_attribute_error_by_its_name(name):
    with pytest.raises(AttributeError, match=f"'ecrmock' has no attribute '{name}'"):
        getattr(ecrmock, name)


def test_the_version_is_that_of_the_distribution():
    assert importlib.metadata.version("ecrmock") == ecrmock.__version__


def test_the_errors_have_the_roots_that_users_catch():
    assert issubclass(ecrmock.UsageError, ecrmock.EcrmockError)
    assert issubclass(ecrmock.NotStarted, ecrmock.EcrmockError)
    assert issubclass(ecrmock.RealCallRefused, ecrmock.EcrmockError)
    assert issubclass(ecrmock.OperationNotModelled, NotImplementedError)
    assert issubclass(ecrmock.RealCallWarning, UserWarning)
    assert not issubclass(ecrmock.AwsError, ecrmock.EcrmockError)


LATE = """
    from ecrmock import mock_aws

    with mock_aws():
        {statement}
        import boto3
        print(boto3.client("ecr").describe_repositories()["repositories"], EGRESS)
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import boto3",
        "import botocore.session",
        "import botocore.client",
        "import botocore.waiter",
        "import botocore.httpsession",
        "import moto",
    ],
)
def test_what_is_imported_first_inside_a_mock_is_mocked(statement, run_python):
    assert run_python(LATE.format(statement=statement)) == "[] []"


def test_what_was_imported_inside_a_mock_is_put_back_afterwards(run_python):
    script = """
        from ecrmock import mock_aws

        with mock_aws():
            import botocore.client
            inside = botocore.client.BaseClient._make_request
        outside = botocore.client.BaseClient._make_request
        print(inside is outside, outside.__module__)
    """

    assert run_python(script) == "False botocore.client"


def test_a_module_that_was_loaded_late_can_be_loaded_again():
    with ecrmock.mock_aws():
        waiter = importlib.import_module("botocore.waiter")

        assert importlib.reload(waiter) is waiter
