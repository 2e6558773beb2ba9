"""Who is let in: credentials on every request, accounts and regions by host name."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta

import pytest

from ecrmock import Server
from tests.registry.client import (
    ACCOUNT,
    HOST,
    OTHER_ACCOUNT,
    UNKNOWN,
    UPLOADS,
    Refusal,
    Registry,
    basic,
    image,
)

EXPIRED = Refusal("DENIED", "Your authorization token has expired. Reauthenticate and try again.")
REQUESTS = [
    ("GET", "/v2/"),
    ("GET", "/v2/app/tags/list"),
    ("GET", "/v2/_catalog"),
    ("GET", "/v2/app/manifests/v1"),
    ("PUT", "/v2/app/manifests/v1"),
    ("DELETE", "/v2/app/manifests/v1"),
    ("GET", f"/v2/app/blobs/{UNKNOWN}"),
    ("POST", UPLOADS),
    ("GET", "/v2/no-such-repository/tags/list"),
    ("GET", "/v2/app/no-such-route"),
]

every_request = pytest.mark.parametrize(
    ("method", "path"), REQUESTS, ids=[f"{method} {path[:24]}" for method, path in REQUESTS]
)


def is_challenge(answer, realm: str) -> bool:
    """Tell whether this is the 401 with all that ECR puts into it."""
    return (
        answer.status == 401
        and answer.headers["Www-Authenticate"]
        == f'Basic realm="{realm}",service="ecr.amazonaws.com"'
        and answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
        and answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    )


# -------------------------------------------------------------------------- the challenge


@every_request
def test_a_request_without_credentials_is_challenged(registry, method, path):
    answer = registry.request(method, path, login=False)

    assert is_challenge(answer, f"{registry.server.url}/")
    assert answer.body == b"Not Authorized\n"


@every_request
def test_head_without_credentials_is_challenged_without_a_body(registry, method, path):
    answer = registry.request("HEAD", path, login=False)

    assert is_challenge(answer, f"{registry.server.url}/")
    assert answer.body == b""


@pytest.mark.parametrize("host", [HOST, f"{HOST}.localhost"], ids=["aws", "localhost"])
def test_a_challenge_under_an_aws_host_names_that_host(registry, host):
    answer = registry.under(host).request("GET", "/v2/", login=False)

    assert is_challenge(answer, f"http://{host}/")


# ---------------------------------------------------------------------------- bad tokens


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(lambda _: "garbage", id="no scheme"),
        pytest.param(lambda _: "Basic", id="nothing"),
        pytest.param(lambda _: "Basic %%%", id="no base64"),
        pytest.param(lambda _: "Basic zzzz", id="base64 of no text"),
        pytest.param(lambda _: basic("AWS", "not-a-password"), id="bad password"),
        pytest.param(lambda _: basic("AWS", ""), id="empty password"),
        pytest.param(lambda it: basic("bob", it.password), id="another user"),
        pytest.param(lambda it: basic("aws", it.password), id="user in lower case"),
        pytest.param(lambda it: basic("", it.password), id="no user"),
        pytest.param(lambda it: f"Basic {it.password}", id="password alone"),
        pytest.param(lambda it: f"Bearer {it.token}", id="bearer token"),
        pytest.param(lambda it: f"Bearer {it.password}", id="bearer password"),
        pytest.param(lambda it: basic("AWS", it.password[:-8]), id="cut off"),
    ],
)
def test_credentials_that_are_not_ecrs_are_challenged(registry, authorization):
    sent = {"Authorization": authorization(registry)}

    answer = registry.request("GET", "/v2/app/tags/list", sent)

    assert is_challenge(answer, f"{registry.server.url}/")
    assert answer.body == b"Not Authorized\n"


def test_a_token_of_another_world_is_challenged(registry):
    with Server(seed=7) as elsewhere:
        foreign = Registry(elsewhere).token

    answer = registry.request("GET", "/v2/", {"Authorization": f"Basic {foreign}"})

    assert answer.status == 401


def test_a_changed_end_in_the_password_does_not_lengthen_it(registry):
    inner = json.loads(base64.b64decode(registry.password))
    inner["expiration"] += 86400
    forged = base64.b64encode(json.dumps(inner).encode()).decode()
    registry.server.aws.clock.advance(hours=13)

    answer = registry.request("GET", "/v2/", {"Authorization": basic("AWS", forged)})

    assert answer.status in {401, 403}


# --------------------------------------------------------------------------- good tokens


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(lambda it: f"Basic {it.token}", id="token of the API as it is"),
        pytest.param(lambda it: basic("AWS", it.password), id="user and password"),
    ],
)
def test_token_and_password_are_the_same_credentials(registry, authorization):
    answer = registry.request("GET", "/v2/", {"Authorization": authorization(registry)})

    assert answer.status == 200
    assert answer.body in {b"", b"{}"}
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"


def test_a_password_has_no_colon_and_says_when_it_ends(registry, ecr):
    data = ecr.get_authorization_token()["authorizationData"][0]

    user, password = base64.b64decode(data["authorizationToken"]).decode().split(":")

    inner = json.loads(base64.b64decode(password))
    assert user == "AWS"
    assert inner["version"] == "2"
    assert inner["type"] == "DATA_KEY"
    assert inner["expiration"] == int(data["expiresAt"].timestamp())


def test_a_token_is_needed_on_every_request(registry):
    registry.get("/v2/")

    assert registry.request("GET", "/v2/", login=False).status == 401


def test_an_unknown_route_is_a_plain_404(registry):
    answer = registry.get("/v2/app/no-such-route")

    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.body.strip() == b"404 page not found"


# --------------------------------------------------------------------------------- expiry


def test_a_token_holds_for_twelve_hours(registry):
    registry.server.aws.clock.advance(timedelta(hours=12) - timedelta(seconds=5))

    assert registry.get("/v2/").status == 200


@pytest.mark.parametrize("path", ["/v2/", "/v2/app/tags/list"])
def test_after_twelve_hours_a_token_has_expired(registry, path):
    registry.server.aws.clock.advance(hours=12, seconds=5)

    answer = registry.get(path)

    assert answer.status == 403
    assert answer.refusal == EXPIRED


def test_head_with_an_expired_token_has_no_body(registry):
    registry.server.aws.clock.advance(hours=12, seconds=5)

    answer = registry.head("/v2/app/manifests/v1")

    assert answer.status == 403
    assert answer.body == b""


def test_a_new_token_works_after_the_old_one_expired(registry):
    registry.server.aws.clock.advance(hours=13)

    registry.login()

    assert registry.get("/v2/").status == 200


def test_a_token_is_not_ended_by_a_newer_one(registry):
    other = Registry(registry.server)

    assert other.token != registry.token
    assert registry.get("/v2/").status == other.get("/v2/").status == 200


# -------------------------------------------------------------------- regions and accounts


def test_a_token_is_refused_in_another_region(registry):
    abroad = registry.under(f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com")

    answer = abroad.get("/v2/app/tags/list")

    assert answer.status == 403
    assert answer.refusal.code == "DENIED"


def test_a_host_names_the_region_of_its_registry(registry):
    abroad = registry.server.client("ecr", region_name="eu-west-1")
    abroad.create_repository(repositoryName="abroad")
    there = Registry(
        registry.server,
        region_name="eu-west-1",
        host=f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com",
    )

    answer = there.get("/v2/_catalog")

    assert answer.json == {"repositories": ["abroad"]}


def test_without_an_aws_host_the_registry_is_the_one_of_the_token(registry):
    theirs = registry.server.client("ecr", account_id=OTHER_ACCOUNT)
    theirs.create_repository(repositoryName="theirs")
    them = Registry(registry.server, account_id=OTHER_ACCOUNT)

    assert registry.get("/v2/_catalog").json == {"repositories": ["app"]}
    assert them.get("/v2/_catalog").json == {"repositories": ["theirs"]}


@pytest.mark.parametrize("suffix", ["", ".localhost"], ids=["aws", "localhost"])
def test_two_accounts_have_registries_of_their_own_by_host(registry, suffix):
    theirs = registry.server.client("ecr", account_id=OTHER_ACCOUNT)
    theirs.create_repository(repositoryName="app")
    host = f"{OTHER_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com{suffix}"
    them = Registry(registry.server, account_id=OTHER_ACCOUNT, host=host)

    them.push(image("theirs"), "v1")

    assert them.get("/v2/app/tags/list").json["tags"] == ["v1"]
    assert registry.get("/v2/app/tags/list").json["tags"] == []
    assert registry.under(f"{HOST}{suffix}").get("/v2/app/tags/list").json["tags"] == []


def test_another_accounts_registry_answers_its_ping_but_not_its_content(registry):
    them = Registry(registry.server, account_id=OTHER_ACCOUNT, host=HOST)

    answer = them.get("/v2/app/tags/list")

    assert them.get("/v2/").status == 200
    assert answer.status == 403
    assert re.search(
        rf"user/\S+ is not authorized .* arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app ",
        answer.refusal.message,
    )
