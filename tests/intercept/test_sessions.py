"""Profiles and credentials of sessions: inside nothing real is used or looked up, after all is.

The profiles are in a file: one with keys, one that runs a program, one of a role, one of SSO.
"""

from __future__ import annotations

import os

import boto3
import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

from ecrmock import mock_aws

CONFIG = """
[default]
region = eu-central-1

[profile keys]
aws_access_key_id = AKIAREALREALREALREAL
aws_secret_access_key = a real secret
region = eu-north-1

[profile program]
credential_process = {program}

[profile role]
role_arn = arn:aws:iam::111122223333:role/deploy
source_profile = keys

[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 111122223333
sso_role_name = deploy
"""
PROGRAM = """#!/bin/sh
echo ran >> {ran}
echo '{{"Version": 1, "AccessKeyId": "AKIAPROGRAM", "SecretAccessKey": "of the program"}}'
"""

PROFILES = ["keys", "program", "role", "sso"]


@pytest.fixture
def ran(tmp_path, environment):
    """Make the profiles; return the file that exists when the program of one has run."""
    ran, program = tmp_path / "ran", tmp_path / "program"
    program.write_text(PROGRAM.format(ran=ran))
    program.chmod(0o755)
    (tmp_path / "config").write_text(CONFIG.format(program=program))
    environment["AWS_CONFIG_FILE"] = str(tmp_path / "config")
    environment["AWS_EC2_METADATA_DISABLED"] = "true"
    return ran


def by_code(profile):
    return botocore.session.Session(profile=profile)


def by_variable(profile):
    os.environ["AWS_PROFILE"] = profile
    return botocore.session.Session()


def by_boto3(profile):
    return boto3.Session(profile_name=profile)._session


NAMINGS = [by_code, by_variable, by_boto3]
each_naming = pytest.mark.parametrize("name_it", NAMINGS, ids=lambda each: each.__name__)


def keys_of(session):
    """Return the keys that a session finds, or None."""
    found = session.get_credentials()
    return found and tuple(found.get_frozen_credentials())[:3]


def call(session):
    """Make a client of a session and a call; return what was listed."""
    client = session.create_client("ecr", region_name="us-east-1")
    return client.describe_repositories()["repositories"]


# ----------------------------------------------------------------------------- inside


@each_naming
@pytest.mark.parametrize("profile", [*PROFILES, "of-another-machine"])
def test_a_session_made_inside_may_name_any_profile(profile, name_it, ran, sends):
    with mock_aws():
        found = call(name_it(profile))

    assert (found, ran.exists(), sends) == ([], False, [])


@each_naming
@pytest.mark.parametrize("profile", PROFILES)
def test_a_session_from_before_works_without_its_real_profile(profile, name_it, ran, sends):
    session = name_it(profile)
    session.get_scoped_config()

    with mock_aws():
        found = call(session)

    assert (found, ran.exists(), sends) == ([], False, [])


def test_a_session_whose_profile_is_of_another_machine_works(environment, ran):
    session = botocore.session.Session(profile="of-another-machine")

    with mock_aws():
        found = call(session)

    assert found == []


def test_credentials_that_a_session_has_already_are_not_refreshed(ran):
    session = by_code("program")
    session.get_credentials()
    ran.unlink()

    with mock_aws():
        found = call(session)

    assert (found, ran.exists()) == ([], False)


@pytest.mark.parametrize("made", ["before", "inside"])
def test_the_credentials_service_of_a_container_is_not_asked(made, environment, server):
    environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{server.url}/credentials"
    session = botocore.session.Session(profile="of-another-machine")

    with mock_aws():
        if made == "inside":
            session = botocore.session.Session(profile="of-another-machine")
        found = call(session)

    assert (found, server.asked) == ([], [])


def test_a_session_finds_no_real_keys_inside(environment):
    environment.update(
        AWS_ACCESS_KEY_ID="ASIAREALREALREALREAL",
        AWS_SECRET_ACCESS_KEY="a real secret",
        AWS_SESSION_TOKEN="a real token",
    )

    with mock_aws():
        found = keys_of(botocore.session.Session())

    assert not {"ASIAREALREALREALREAL", "a real secret", "a real token"} & set(found)


# -------------------------------------------------------------------------- afterwards


def with_keys_in_the_environment(environment):
    environment.update(AWS_ACCESS_KEY_ID="AKIAREAL", AWS_SECRET_ACCESS_KEY="a real secret")


def with_a_token_in_the_environment(environment):
    with_keys_in_the_environment(environment)
    environment["AWS_SESSION_TOKEN"] = "a real token"


def with_a_profile_of_keys(environment):
    environment["AWS_PROFILE"] = "keys"


def with_a_profile_of_a_program(environment):
    environment["AWS_PROFILE"] = "program"


def with_nothing(environment):
    pass


SITUATIONS = [
    with_keys_in_the_environment,
    with_a_token_in_the_environment,
    with_a_profile_of_keys,
    with_a_profile_of_a_program,
    with_nothing,
]
each_situation = pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)


@each_situation
def test_the_default_session_made_inside_finds_the_real_keys_afterwards(
    situation, environment, ran
):
    situation(environment)
    expected = keys_of(botocore.session.Session())

    with mock_aws():
        boto3.client("ecr").describe_repositories()

    assert keys_of(boto3.DEFAULT_SESSION._session) == expected


@each_situation
def test_a_session_made_before_finds_the_real_keys_afterwards(situation, environment, ran):
    situation(environment)
    expected = keys_of(botocore.session.Session())
    session = boto3.Session()._session

    with mock_aws():
        call(session)

    assert keys_of(session) == expected


@each_situation
def test_a_session_that_had_its_keys_before_has_them_afterwards(situation, environment, ran):
    situation(environment)
    session = botocore.session.Session()
    expected = keys_of(session)

    with mock_aws():
        call(session)

    assert keys_of(session) == expected


@pytest.mark.parametrize("name_it", [by_code, by_boto3], ids=lambda each: each.__name__)
def test_a_session_made_inside_knows_its_profile_afterwards(name_it, ran):
    with mock_aws():
        session = name_it("keys")
        call(session)

    profile = session.get_scoped_config()

    assert profile.get("region") == "eu-north-1"


def test_an_unknown_profile_is_an_error_again_afterwards(ran):
    with mock_aws():
        pass

    with pytest.raises(ProfileNotFound):
        boto3.Session(profile_name="of-another-machine")
