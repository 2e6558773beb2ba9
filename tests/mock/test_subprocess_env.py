"""`aws.subprocess_env()`: a child process that must not reach AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import boto3
import pytest

from ecrmock import mock_aws

CHILD = """
import json

import boto3
import pytest

session = boto3.session.Session()
found = {
    "profile": session.profile_name,
    "profiles": session.available_profiles,
    "region": session.region_name,
    "key": session.get_credentials().access_key,
}
calls = {
    "ecr": "describe_repositories",
    "ecs": "list_clusters",
    "sts": "get_caller_identity",
    "s3": "list_buckets",
    "ecr-public": "describe_registries",
}
for service, call in calls.items():
    try:
        getattr(session.client(service), call)()
    except Exception as error:
        found[service] = [kind.__name__ for kind in type(error).__mro__]
print(json.dumps({**found, "egress": EGRESS}))
"""


@pytest.fixture
def child(run_python):
    """Run the child in the environment of a mock and return what it found."""

    def run(**options):
        with mock_aws(**options) as aws:
            environment = aws.subprocess_env()
        return json.loads(run_python(CHILD, environment))

    return run


@pytest.mark.parametrize("service", ["ecr", "ecs", "sts", "s3", "ecr-public"])
def test_no_service_is_reached_by_a_child(service, child, once):
    found = once(child)

    assert "ConnectionError" in found[service]
    assert found["egress"] == []


@pytest.fixture(scope="module")
def once():
    """Run the child once for all services."""
    kept = []

    def run(child):
        if not kept:
            kept.append(child())
        return kept[0]

    return run


def test_a_child_has_no_profile_and_the_mocks_region(child, monkeypatch, tmp_path):
    config = tmp_path / "config"
    config.write_text("[profile real]\nregion = eu-central-1\n[default]\nregion = sa-east-1\n")
    credentials = tmp_path / "credentials"
    credentials.write_text("[real]\naws_access_key_id = REAL\naws_secret_access_key = REAL\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_PROFILE", "real")

    found = child(region_name="eu-west-1")

    assert found["profile"] == "default"
    assert found["profiles"] == []
    assert found["region"] == "eu-west-1"
    assert found["key"] != "REAL"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AWS_ENDPOINT_URL_ECR", "https://api.ecr.us-east-1.amazonaws.com"),
        ("AWS_ENDPOINT_URL_S3", "https://s3.us-east-1.amazonaws.com"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "true"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "legacy"),
        ("AWS_RETRY_MODE", "standard"),
        ("AWS_MAX_ATTEMPTS", "10"),
        ("AWS_DATA_PATH", "/nowhere"),
    ],
)
def test_what_the_user_has_set_does_not_open_the_way_to_aws(variable, value, child, monkeypatch):
    monkeypatch.setenv(variable, value)

    found = child()

    assert found["egress"] == []
    assert all("ConnectionError" in found[service] for service in ("ecr", "ecs", "sts", "s3"))


def test_the_rest_of_the_environment_is_kept(monkeypatch):
    monkeypatch.setenv("MY_SETTING", "kept")

    with mock_aws() as aws:
        environment = aws.subprocess_env()

    assert environment["MY_SETTING"] == "kept"
    assert environment["PATH"] == os.environ["PATH"]


def test_it_is_text_only_and_the_callers_to_change():
    with mock_aws() as aws:
        environment = aws.subprocess_env()
        environment["AWS_REGION"] = "changed"

        assert aws.subprocess_env()["AWS_REGION"] == "us-east-1"
    assert {type(part) for item in environment.items() for part in item} == {str}


def test_it_names_no_metadata_service_container_or_role(monkeypatch):
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/real")

    with mock_aws() as aws:
        environment = aws.subprocess_env()

    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert [name for name in environment if "CONTAINER" in name and name.startswith("AWS_")] == []
    assert not {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"} & set(environment)


def test_a_child_reaches_the_same_world_over_http():
    program = "import boto3; boto3.client('ecr').create_repository(repositoryName='from-the-child')"
    with mock_aws(region_name="eu-west-1") as aws:
        subprocess.run(
            [sys.executable, "-c", program], env=aws.subprocess_env(server=True), check=True
        )

        found = boto3.client("ecr").describe_repositories()["repositories"]

    assert [each["repositoryName"] for each in found] == ["from-the-child"]


def test_children_share_one_server():
    with mock_aws() as aws:
        first = aws.subprocess_env(server=True)["AWS_ENDPOINT_URL"]

        assert aws.subprocess_env(server=True)["AWS_ENDPOINT_URL"] == first
