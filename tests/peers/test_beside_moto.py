"""ecrmock and moto in one test: each answers its own services, whichever starts or stops first."""

from __future__ import annotations

import boto3
import moto
import pytest
import requests
import responses
from moto.backends import get_backend

import ecrmock

ACCOUNT, REGION = "123456789012", "us-east-1"


@pytest.fixture(params=["moto-inside", "ecrmock-inside"])
def both(request):
    """Start both, in either order; yield a function that stops one of them by its name."""
    makers = {"ecrmock": ecrmock.mock_aws, "moto": moto.mock_aws}
    names = ["ecrmock", "moto"] if request.param == "moto-inside" else ["moto", "ecrmock"]
    running = {}
    for name in names:
        running[name] = makers[name]()
        running[name].start()
    yield lambda name: running.pop(name).stop()
    for name in reversed(list(running)):
        running[name].stop()


def backend(service, region=REGION):
    return get_backend(service)[ACCOUNT][region]


def client(service):
    return boto3.client(service, region_name=REGION)


def use_both():
    """Make one thing of each service; return the names of what the services then list."""
    client("s3").create_bucket(Bucket="bucket")
    client("ecr").create_repository(repositoryName="web-app")
    client("ecs").create_cluster(clusterName="prod")
    return (
        [each["Name"] for each in client("s3").list_buckets()["Buckets"]],
        [each["repositoryName"] for each in client("ecr").describe_repositories()["repositories"]],
        client("ecs").list_clusters()["clusterArns"],
    )


def test_each_answers_its_own_services(both):
    seen = use_both()

    assert seen == (
        ["bucket"],
        ["web-app"],
        [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod"],
    )


def test_moto_sees_nothing_of_ours(both):
    use_both()

    assert (backend("ecr").repositories, backend("ecs").clusters) == ({}, {})


def test_ecrmock_sees_nothing_of_what_moto_answers(both):
    use_both()

    services = {each.service for each in ecrmock.current().calls}
    assert services == {"ecr", "ecs"}


def test_clients_that_were_made_before_both_are_answered_by_the_right_one(outside):
    s3, ecr = outside("s3"), outside("ecr")

    with moto.mock_aws(), ecrmock.mock_aws() as aws:
        s3.create_bucket(Bucket="bucket")
        ecr.create_repository(repositoryName="web-app")
        seen = list(backend("s3", "aws").buckets), len(aws.calls)

    assert seen == (["bucket"], 1)


def test_ecrmock_goes_on_when_moto_has_stopped(both):
    ecr = client("ecr")
    ecr.create_repository(repositoryName="web-app")

    both("moto")

    found = ecr.describe_repositories()["repositories"]
    assert [each["repositoryName"] for each in found] == ["web-app"]


def test_what_moto_answered_is_refused_when_moto_has_stopped(both):
    s3 = client("s3")

    both("moto")

    with pytest.raises(ecrmock.RealCallRefused, match="s3"):
        s3.list_buckets()


def test_moto_goes_on_when_ecrmock_has_stopped(both):
    s3 = client("s3")
    s3.create_bucket(Bucket="bucket")

    both("ecrmock")

    assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_our_services_are_motos_when_ecrmock_has_stopped(both):
    ecr = client("ecr")
    ecr.create_repository(repositoryName="of-ecrmock")
    both("ecrmock")

    ecr.create_repository(repositoryName="of-moto")

    assert list(backend("ecr").repositories) == ["of-moto"]


def test_services_that_were_left_out_are_motos(outside):
    ecr, ecs = outside("ecr"), outside("ecs")

    with moto.mock_aws(), ecrmock.mock_aws(services=["ecr"]):
        ecr.create_repository(repositoryName="web-app")
        ecs.create_cluster(clusterName="prod")
        seen = list(backend("ecr").repositories), list(backend("ecs").clusters)

    assert seen == ([], ["prod"])


# --------------------------------------------------------- sts and iam, which both have


def create_role(iam):
    return iam.create_role(RoleName="ci", AssumeRolePolicyDocument="{}")["Role"]["RoleName"]


def test_an_operation_of_iam_that_we_do_not_model_is_motos(both):
    create_role(client("iam"))

    roles = get_backend("iam")[ACCOUNT]["aws"].roles
    assert [role.name for role in roles.values()] == ["ci"]


def test_an_operation_of_sts_that_we_do_not_model_is_motos(both):
    credentials = client("sts").get_session_token()["Credentials"]

    assert credentials["AccessKeyId"]


def test_an_operation_of_sts_that_we_model_is_ours(both):
    identity = client("sts").get_caller_identity()

    assert identity["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/administrator"


@pytest.mark.parametrize(
    ("service", "ask"),
    [
        pytest.param("iam", create_role, id="iam"),
        pytest.param("sts", lambda sts: sts.get_session_token(), id="sts"),
    ],
)
def test_without_moto_such_an_operation_is_refused_by_name(both, service, ask):
    one = client(service)

    both("moto")

    with pytest.raises(ecrmock.OperationNotModelled, match=rf"{service}\.\w+ is not modelled"):
        ask(one)


# --------------------------------------------------------------- HTTP that is nobody's


def test_the_rules_of_responses_hold_beside_both(both):
    with responses.RequestsMock() as rules:
        rules.get("https://registry.example.com/v2/", body="the test's own answer")
        answer = requests.get("https://registry.example.com/v2/", timeout=5)

    assert answer.text == "the test's own answer"
