"""Worlds with a cluster and clients: one for each mode of time and launch type."""

from __future__ import annotations

import pytest

from ecrmock import mock_aws
from tests.tasks.stage import EC2, FARGATE, NOON, Stage


@pytest.fixture
def stage():
    """Run tasks on Fargate, in `virtual` time."""
    with mock_aws(time="virtual", now=NOON) as aws:
        yield Stage(aws)


@pytest.fixture
def instant():
    """Run tasks on Fargate, in `instant` time with a clock that stands still."""
    with mock_aws(now=NOON) as aws:
        yield Stage(aws)


@pytest.fixture
def on_ec2():
    """Run tasks on EC2 with the network mode bridge, in `virtual` time."""
    with mock_aws(time="virtual", now=NOON) as aws:
        yield Stage(aws, EC2)


@pytest.fixture(params=[FARGATE, EC2])
def either(request):
    """Run tasks on Fargate and on EC2, in `virtual` time."""
    with mock_aws(time="virtual", now=NOON) as aws:
        yield Stage(aws, request.param)


@pytest.fixture(params=["instant", "virtual"])
def any_time(request):
    """Run tasks on Fargate in both modes of time that belong to a test."""
    with mock_aws(time=request.param, now=NOON) as aws:
        yield Stage(aws)


@pytest.fixture
def machine(monkeypatch):
    """The machine's time, in a list, to be moved by the test."""
    moved = [NOON.timestamp()]
    monkeypatch.setattr("ecrmock.core.clock.time.time", lambda: moved[0])
    return moved
