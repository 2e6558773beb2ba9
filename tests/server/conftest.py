"""A served world with something in it, and the registry of it as a client with a token sees it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ecrmock import Server
from tests.server import doors, manifests, raw, states

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
REPOSITORIES = [
    {"repositoryName": "app"},
    {"repositoryName": "fixed", "imageTagMutability": "IMMUTABLE"},
    {"repositoryName": "team/web"},
]


@pytest.fixture
def server():
    """A served world: `app` with an image `v1`, `fixed` that is immutable, `team/web`.

    What went wrong inside ecrmock is raised when the test ends.
    """
    with Server(now=NOON) as server:
        for wanted in REPOSITORIES:
            raw.ask(server.port, doors.call("CreateRepository", wanted))
        registry = doors.Registry(server)
        for repository in ("app", "fixed"):
            for data in (manifests.CONFIG, manifests.LAYER):
                registry.push_blob(data, repository)
            assert registry.put(manifests.image(), repository=repository).status == 201
        yield server


@pytest.fixture
def registry(server):
    return doors.Registry(server)


@pytest.fixture
def unchanged(server):
    """Return a function that fails when the state is not what it was, or ecrmock itself failed."""
    before = states.fingerprint(server)

    def check():
        server.check()
        states.assert_sound(server)
        assert states.fingerprint(server) == before

    return check
