"""What a mock makes of the environment, and that it is the same again afterwards."""

from __future__ import annotations

import os
import subprocess
import sys

import boto3
import pytest

from ecrmock import mock_aws

TAKEN_AWAY = [
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ECR",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_ENDPOINT_URL_STS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_SECURITY_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
]
REPLACED = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
]
CHANGED = [*TAKEN_AWAY, *REPLACED, "AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED", "AWS_REGION"]


@pytest.mark.parametrize("name", TAKEN_AWAY)
def test_what_would_lead_elsewhere_is_absent_inside(name, environment):
    environment[name] = "of the machine"

    with mock_aws():
        inside = environment.get(name)

    assert inside is None


@pytest.mark.parametrize("name", REPLACED)
def test_what_is_secret_or_the_machines_own_is_replaced_inside(name, environment):
    environment[name] = "of the machine"

    with mock_aws():
        inside = environment.get(name)

    assert inside not in {None, "", "of the machine"}


@pytest.mark.parametrize("name", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_the_files_of_the_machine_are_not_read_inside(name, environment):
    with mock_aws():
        inside = environment[name]

    assert inside == os.devnull


@pytest.mark.parametrize(
    ("before", "option", "inside"),
    [
        pytest.param(None, {}, "us-east-1", id="absent"),
        pytest.param("", {}, "us-east-1", id="empty"),
        pytest.param("eu-west-1", {}, "eu-west-1", id="set"),
        pytest.param(None, {"region_name": "eu-north-1"}, "eu-north-1", id="absent, and an option"),
        pytest.param("eu-west-1", {"region_name": "eu-north-1"}, "eu-north-1", id="both"),
        pytest.param("eu-west-1", {"region_name": "us-east-1"}, "us-east-1", id="the default one"),
    ],
)
def test_a_client_that_names_no_region_is_in(before, option, inside, environment):
    if before is not None:
        environment["AWS_DEFAULT_REGION"] = before

    with mock_aws(**option) as aws:
        boto3.client("ecr").describe_repositories()

    assert aws.calls[-1].region == inside


def test_a_client_that_names_a_region_keeps_it(environment):
    environment["AWS_DEFAULT_REGION"] = "eu-west-1"

    with mock_aws(region_name="eu-north-1") as aws:
        boto3.client("ecr", region_name="ap-south-1").describe_repositories()

    assert aws.calls[-1].region == "ap-south-1"


def test_other_variables_stay_inside(environment):
    environment["ANOTHER"] = "1"
    before = {name: value for name, value in environment.items() if not name.startswith("AWS_")}

    with mock_aws():
        inside = {name: value for name, value in environment.items() if not name.startswith("AWS_")}

    assert inside == before


def test_a_variable_of_aws_that_is_harmless_stays_inside(environment):
    environment["AWS_STS_REGIONAL_ENDPOINTS"] = "regional"

    with mock_aws():
        inside = environment["AWS_STS_REGIONAL_ENDPOINTS"]

    assert inside == "regional"


# --------------------------------------------------------------------------- afterwards


@pytest.mark.parametrize("value", [None, "", "of the machine"], ids=["absent", "empty", "set"])
@pytest.mark.parametrize("name", CHANGED)
def test_a_variable_is_afterwards_what_it_was(name, value, environment):
    environment.pop(name, None)
    if value is not None:
        environment[name] = value
    before = dict(environment)

    with mock_aws(region_name="eu-north-1"):
        assert dict(environment) != before

    assert dict(environment) == before


def test_an_error_inside_does_not_keep_it_from_being_restored(environment):
    environment["AWS_PROFILE"] = "of the machine"
    before = dict(environment)

    with pytest.raises(ZeroDivisionError), mock_aws():
        raise ZeroDivisionError

    assert dict(environment) == before


def test_a_decorated_function_leaves_it_as_it_was(environment):
    environment["AWS_PROFILE"] = "of the machine"
    before = dict(environment)

    mock_aws(lambda: boto3.client("ecr").describe_repositories())()

    assert dict(environment) == before


def test_a_mock_entered_twice_restores_it_at_the_last_exit(environment):
    environment["AWS_PROFILE"] = "of the machine"
    before = dict(environment)
    aws = mock_aws()

    with aws:
        with aws:
            pass
        between = dict(environment)

    assert (between == before, dict(environment) == before) == (False, True)


def test_a_mock_started_again_restores_what_was_there_the_second_time(environment):
    aws = mock_aws()
    with aws:
        pass
    environment["AWS_PROFILE"] = "of the machine"
    before = dict(environment)

    with aws:
        pass

    assert dict(environment) == before


WITH_MONKEYPATCH = """
import os

import pytest

before = dict(os.environ)


@pytest.fixture(autouse=True, scope="module")
def as_before():
    yield
    changed = {name for name, _ in before.items() ^ os.environ.items()}
    assert changed <= {"PYTEST_CURRENT_TEST"}


def test_calls(FIXTURES):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of the test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
"""


@pytest.mark.parametrize("fixtures", ["ecrmock, monkeypatch", "monkeypatch, ecrmock"])
def test_what_monkeypatch_sets_inside_leaves_nothing_behind(fixtures, tmp_path):
    (tmp_path / "test_calls.py").write_text(WITH_MONKEYPATCH.replace("FIXTURES", fixtures))
    options = ["-p", "no:cacheprovider", "-p", "no:sybil", "-q"]

    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_calls.py"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert done.returncode == 0, done.stdout
