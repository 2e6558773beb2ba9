"""The doors through which the operations are tested, and what their tests share.

A test asks for `door` and runs once for each door. Another door is another row in `DOORS`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import mock_aws

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999988887777"


class Refusal(NamedTuple):
    """What an error says: its code and its text."""

    code: str
    message: str


class Door:
    """A mock and the boto3 clients that reach it."""

    def __init__(self, aws, **client_options) -> None:
        self.aws = aws
        self._client_options = client_options
        self.is_wire = "endpoint_url" in client_options

    def client(self, service, *, account_id=None, region_name=None, **options):
        """Make a boto3 client; *account_id* says whose administrator calls."""
        if account_id is not None:
            options |= {"aws_access_key_id": account_id, "aws_secret_access_key": "unused"}
        return boto3.client(
            service,
            region_name=region_name or self.aws.region_name,
            **self._client_options,
            **options,
        )

    def unchecked(self, service, **options):
        """Make a client that sends what botocore would refuse by itself."""
        return self.client(service, config=Config(parameter_validation=False), **options)


@contextmanager
def in_process(**options) -> Iterator[Door]:
    """Answer inside this process: nothing is sent."""
    with mock_aws(**options) as aws:
        yield Door(aws)


@contextmanager
def over_http(**options) -> Iterator[Door]:
    """Answer over a socket of this machine, with the names that AWS gives to repositories."""
    with mock_aws(**options) as aws, aws.serve(uri_style="aws") as server:
        yield Door(aws, endpoint_url=server.url)


DOORS: dict[str, Callable[..., Any]] = {"in-process": in_process, "http": over_http}


@pytest.fixture(params=DOORS.values(), ids=DOORS.keys())
def door(request):
    """A fresh mock behind each door; the mark `ecrmock` gives it options."""
    mark = request.node.get_closest_marker("ecrmock")
    with request.param(**(mark.kwargs if mark else {})) as opened:
        yield opened


def refusal_of(call, **parameters) -> Refusal:
    """Call, and return the error that the service answers; none is a failure."""
    error = error_response(call, **parameters)["Error"]
    return Refusal(error["Code"], error["Message"])


def error_response(call, **parameters) -> dict[str, Any]:
    """Call, and return the error that the service answers with all that came with it."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response


def invalid_parameter(name: str, constraint: str) -> Refusal:
    """Return ECR's refusal of the parameter *name*."""
    text = f"Invalid parameter at '{name}' failed to satisfy constraint: '{constraint}'"
    return Refusal("InvalidParameterException", text)


@pytest.fixture
def refusal():
    return refusal_of


@pytest.fixture
def error_of():
    return error_response


@pytest.fixture
def invalid():
    return invalid_parameter


@pytest.fixture
def account() -> str:
    """The account of clients that name none."""
    return ACCOUNT


@pytest.fixture
def other_account() -> str:
    return OTHER_ACCOUNT
