"""A served world for each test: one listener for a module, emptied before each of its tests."""

from __future__ import annotations

import pytest

from ecrmock import Server
from tests.registry.client import Registry


@pytest.fixture(scope="module")
def listener():
    with Server() as server:
        yield server


@pytest.fixture
def server(listener):
    """The listener with an empty world; what goes wrong inside ecrmock fails the test."""
    listener.reset()
    yield listener
    listener.check()


@pytest.fixture
def ecr(server):
    """A boto3 client of the same world, over the same socket."""
    return server.client("ecr")


@pytest.fixture
def registry(server, ecr):
    """The administrator's registry client; the repository `app` is there and empty."""
    ecr.create_repository(repositoryName="app")
    return Registry(server)
