"""GetAuthorizationToken: what a token is, how long it holds, and for which registries."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock import Server, mock_aws

NOON = datetime(2026, 1, 2, 12, 0, 0, 678000, tzinfo=timezone.utc)
LIFETIME = timedelta(hours=12)

pytestmark = pytest.mark.ecrmock(now=NOON)


def password_of(data: dict) -> str:
    user, separator, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    assert (user, separator) == ("AWS", ":")
    return password


def document_of(password: str) -> dict:
    return json.loads(base64.b64decode(password))


@pytest.fixture
def token(ecr):
    """Return the one entry of a reply."""

    def token(client=ecr, **options) -> dict:
        (data,) = client.get_authorization_token(**options)["authorizationData"]
        return data

    return token


# ----------------------------------------------------------------------------- what it is


def test_a_reply_has_token_end_and_endpoint(ecr, account):
    response = ecr.get_authorization_token()

    assert set(response) == {"authorizationData", "ResponseMetadata"}
    (data,) = response["authorizationData"]
    assert set(data) == {"authorizationToken", "expiresAt", "proxyEndpoint"}
    assert data["proxyEndpoint"] == f"https://{account}.dkr.ecr.us-east-1.amazonaws.com"


def test_a_token_is_a_user_and_a_password(token):
    decoded = base64.b64decode(token()["authorizationToken"], validate=True).decode("ascii")

    assert decoded.startswith("AWS:")
    assert decoded.count(":") == 1


def test_a_password_is_a_document_of_its_own(token):
    password = password_of(token())

    document = document_of(password)

    assert password.startswith("eyJwYXlsb2FkIjoi")
    assert list(document) == ["payload", "datakey", "version", "type", "expiration"]
    assert document["version"] == "2"
    assert document["type"] == "DATA_KEY"
    assert document["expiration"] == int((NOON + LIFETIME).timestamp())
    assert document["payload"]
    assert document["datakey"]


def test_a_password_is_of_about_two_kilobytes(token):
    password = password_of(token())

    assert 1500 <= len(password) <= 4000


def test_a_token_holds_for_twelve_hours_to_the_millisecond(token):
    data = token()

    assert data["expiresAt"] == NOON + LIFETIME


def test_a_token_holds_for_twelve_hours_of_the_clock_of_the_mock(door, token):
    door.aws.clock.advance(days=3, minutes=7)

    data = token()

    assert data["expiresAt"] == NOON + timedelta(days=3, minutes=7) + LIFETIME
    assert document_of(password_of(data))["expiration"] == int(data["expiresAt"].timestamp())


# -------------------------------------------------------------------------- which registries


def test_registries_are_answered_in_their_order(ecr, account, other_account):
    ids = ["555566667777", account, other_account, "111122223333"]

    data = ecr.get_authorization_token(registryIds=ids)["authorizationData"]

    assert [each["proxyEndpoint"] for each in data] == [
        f"https://{registry_id}.dkr.ecr.us-east-1.amazonaws.com" for registry_id in ids
    ]
    assert {each["expiresAt"] for each in data} == {NOON + LIFETIME}


def test_ten_registries_are_answered(ecr):
    ids = [f"{number:012}" for number in range(10)]

    data = ecr.get_authorization_token(registryIds=ids)["authorizationData"]

    assert len(data) == 10


@pytest.mark.parametrize(
    ("registry_ids", "constraint"),
    [
        ([f"{number:012}" for number in range(11)], "length less than or equal to 10"),
        ([], "length greater than or equal to 1"),
    ],
    ids=["eleven", "none"],
)
def test_one_to_ten_registries_can_be_named(unchecked, refusal, invalid, registry_ids, constraint):
    refused = refusal(unchecked.get_authorization_token, registryIds=registry_ids)

    assert refused == invalid("registryIds", f"Member must have {constraint}")


@pytest.mark.parametrize(
    "registry_id", ["1", "12345678901", "1234567890123", "12345678901x", "", "my-alias"]
)
def test_a_registry_has_twelve_digits(unchecked, refusal, invalid, account, registry_id):
    refused = refusal(unchecked.get_authorization_token, registryIds=[account, registry_id])

    assert refused == invalid(
        "registryIds",
        "Member must satisfy constraint: "
        "[Member must satisfy regular expression pattern: [0-9]{12}]",
    )


@pytest.mark.parametrize(
    ("region", "endpoint"),
    [
        ("eu-west-1", "123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
        ("cn-north-1", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_an_endpoint_is_of_the_region(door, token, region, endpoint):
    data = token(door.client("ecr", region_name=region))

    assert data["proxyEndpoint"] == f"https://{endpoint}"


def test_an_endpoint_is_of_the_account_that_asks(door, token, other_account):
    data = token(door.client("ecr", account_id=other_account))

    assert data["proxyEndpoint"] == f"https://{other_account}.dkr.ecr.us-east-1.amazonaws.com"


def test_an_endpoint_is_the_server_where_it_gives_urls_of_its_own():
    with Server() as server:
        (data,) = server.client("ecr").get_authorization_token()["authorizationData"]

        assert data["proxyEndpoint"] == server.url


def test_a_server_of_aws_names_gives_an_endpoint_of_aws(account):
    with mock_aws() as aws, aws.serve(uri_style="aws") as server:
        (data,) = server.client("ecr").get_authorization_token()["authorizationData"]

    assert data["proxyEndpoint"] == f"https://{account}.dkr.ecr.us-east-1.amazonaws.com"


# ---------------------------------------------------------------------------- same and other


def token_of_a_world(**options) -> str:
    with mock_aws(**{"now": NOON, "seed": 7} | options) as aws:
        return aws.client("ecr").get_authorization_token()["authorizationData"][0][
            "authorizationToken"
        ]


def test_one_seed_and_one_time_give_one_token():
    assert token_of_a_world() == token_of_a_world()


@pytest.mark.parametrize(
    "options",
    [
        {"account_id": "111122223333"},
        {"region_name": "eu-west-1"},
        {"now": NOON + timedelta(minutes=1)},
    ],
    ids=["account", "region", "time"],
)
def test_another_world_gives_another_token(options):
    assert token_of_a_world(**options) != token_of_a_world()


def test_another_account_gets_another_token(door, token, other_account):
    own, other = token(), token(door.client("ecr", account_id=other_account))

    assert own["authorizationToken"] != other["authorizationToken"]


def test_another_region_gives_another_token(door, token):
    own, other = token(), token(door.client("ecr", region_name="eu-west-1"))

    assert own["authorizationToken"] != other["authorizationToken"]


def test_another_time_gives_another_token(door, token):
    first = token()
    door.aws.clock.advance(seconds=1)

    second = token()

    assert first["authorizationToken"] != second["authorizationToken"]
