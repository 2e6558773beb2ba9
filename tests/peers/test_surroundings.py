"""Profiles, regions, endpoints and keys of the machine: what breaks or redirects another mock."""

from __future__ import annotations

import os

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, NoRegionError, ProfileNotFound

CLOSED = "http://127.0.0.1:9"


def against(reason, raises=AssertionError):
    """Run a test against both libraries; moto must fail it, for the reason that is given."""
    fails = pytest.mark.xfail(strict=True, reason=reason, raises=raises)
    peers = ["ecrmock", pytest.param("moto", marks=fails)]
    return pytest.mark.parametrize("peer", peers, indirect=True)


def names_of_repositories(client):
    return [each["repositoryName"] for each in client.describe_repositories()["repositories"]]


@against("the profile of the environment is looked up on disk", raises=ProfileNotFound)
@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
def test_a_profile_that_is_not_on_this_machine_does_no_harm(peer, variable):
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    os.environ[variable] = "of-another-machine"

    with peer.make():
        found = names_of_repositories(boto3.client("ecr"))

    assert found == []


@against("any profile that code names must be on disk", raises=ProfileNotFound)
def test_code_may_name_any_profile(peer):
    with peer.make():
        session = boto3.Session(profile_name="anything", region_name="us-east-1")
        found = names_of_repositories(session.client("ecr"))

    assert found == []


@against("it sets no region", raises=(NoRegionError, ValueError))
@pytest.mark.parametrize("region", [None, ""], ids=["absent", "empty"])
def test_a_client_without_a_region_works(peer, region):
    if region is not None:
        os.environ["AWS_DEFAULT_REGION"] = region

    with peer.make():
        client = boto3.client("ecr")
        found = names_of_repositories(client)

    assert (found, client.meta.region_name) == ([], "us-east-1")


@against("an endpoint from the environment takes the calls away", raises=EndpointConnectionError)
@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECR"])
def test_an_endpoint_in_the_environment_takes_no_call_away(peer, variable, sleeps):
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    os.environ[variable] = CLOSED

    with peer.make():
        found = names_of_repositories(boto3.client("ecr"))

    assert found == []


@against("an endpoint from a profile takes the calls away", raises=EndpointConnectionError)
def test_an_endpoint_in_a_profile_takes_no_call_away(peer, sleeps, tmp_path):
    config = tmp_path / "config"
    config.write_text(f"[default]\nregion = us-east-1\nendpoint_url = {CLOSED}\n")
    os.environ["AWS_CONFIG_FILE"] = str(config)

    with peer.make():
        found = names_of_repositories(boto3.client("ecr"))

    assert found == []


@against("the session token of the environment stays, and is sent along")
def test_nothing_of_the_real_credentials_is_used_inside(peer):
    real = {
        "AWS_ACCESS_KEY_ID": "ASIAREALREALREALREAL",
        "AWS_SECRET_ACCESS_KEY": "a real secret",
        "AWS_SESSION_TOKEN": "a real token",
    }
    os.environ.update(real)

    with peer.make():
        found = boto3.Session().get_credentials().get_frozen_credentials()

    assert not {found.access_key, found.secret_key, found.token} & set(real.values())


@against("what was empty before is absent afterwards")
@pytest.mark.parametrize("name", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_a_variable_that_was_empty_is_empty_again(peer, name):
    os.environ[name] = ""

    with peer.make():
        pass

    assert os.environ.get(name) == ""
