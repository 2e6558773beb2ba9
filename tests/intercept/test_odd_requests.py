"""Whatever a client sends, it gets an answer of AWS: no Python error of ours escapes."""

from __future__ import annotations

import json

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import mock_aws
from ecrmock.operations import table
from ecrmock.wire import models

NO_CHECKS = Config(parameter_validation=False, retries={"total_max_attempts": 1})
BUILT = [
    (service, name)
    for service in ("ecr", "ecs")
    for name in table.built(service)
    if models.load(service).has(name)
]
ODD = [
    None,
    "",
    "x",
    "web-app",
    "arn:aws:ecr:us-east-1:123456789012:repository/web-app",
    "arn:aws:ecs:us-east-1:123456789012:cluster/prod",
    "arn:::::",
    f"sha256:{'0' * 64}",
    "ä\x00\U0001f9a5",
    "x" * 5000,
    -1,
    0,
    2**63,
    1.5,
    True,
    [],
    [None],
    [[]],
    ["web-app"],
    [{}],
    [{"key": None, "Key": 1}],
    {},
    {"x": {}},
]

each_operation = pytest.mark.parametrize(
    ("service", "name"), BUILT, ids=[f"{service}.{name}" for service, name in BUILT]
)


@pytest.fixture
def aws():
    with mock_aws() as aws:
        aws.client("ecr").create_repository(repositoryName="web-app")
        aws.client("ecs").create_cluster(clusterName="prod")
        yield aws


def members_of(client, name):
    shape = client.meta.service_model.operation_model(name).input_shape
    return {member: plain(each) for member, each in shape.members.items()}


def plain(shape):
    """Return a value of the right type for a member."""
    values = {"list": [], "structure": {}, "blob": "eA==", "integer": 1, "long": 0, "boolean": True}
    return values.get(shape.type_name, "web-app")


def odd_bodies(members):
    """Yield documents that are odd as a whole, or in one member, the others plain or missing."""
    yield from ODD
    for name in members:
        for value in ODD:
            yield {name: value}
            yield {**members, name: value}


def escapes(client, name, body):
    """Send a body as it is; return an error that is none of AWS, or None."""
    event = f"before-call.{client.meta.service_model.service_name}.{name}"

    def replace(params, **kwargs):
        params["body"] = body

    client.meta.events.register(event, replace, unique_id="replace")
    try:
        client._make_api_call(name, {})
    except ClientError:
        return None
    except Exception as error:  # noqa: BLE001 - these are what the test looks for
        return error
    finally:
        client.meta.events.unregister(event, unique_id="replace")
    return None


@each_operation
def test_an_odd_request_is_answered_or_refused_as_aws_does(service, name, aws):
    client = aws.client(service, config=NO_CHECKS)
    bodies = [json.dumps(each).encode() for each in odd_bodies(members_of(client, name))]

    found = {body: escapes(client, name, body) for body in [*bodies, b"", b"{", b"\xff", b"NaN"]}

    assert {body: error for body, error in found.items() if error} == {}
