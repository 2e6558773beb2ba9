"""Two mocking libraries behind one small adapter, and an environment that knows no AWS."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import boto3
import botocore.session
import moto  # before any client is made, or it would not reach them
import pytest

import ecrmock
from ecrmock.intercept import guard

LIBRARIES = {"ecrmock": ecrmock, "moto": moto}


class Peer:
    """One library: it makes mocks, and what a test has left running is stopped after it."""

    def __init__(self, name):
        self.name = name
        self._library = LIBRARIES[name]
        self._running = []

    def make(self, **options):
        """Return a mock that is not started."""
        return self._library.mock_aws(**options)

    def start(self, **options):
        """Return a mock that is started."""
        mock = self.make(**options)
        mock.start()
        self._running.append(mock)
        return mock

    def stop(self, mock):
        """Stop a mock that `start` returned."""
        self._running.remove(mock)
        mock.stop()

    def stop_all(self):
        """Stop what still runs, the last one first."""
        while self._running:
            with suppress(Exception):
                self._running.pop().stop()


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Begin without variables and sessions of AWS, and end with the environment as it was."""
    saved = dict(os.environ)
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    yield os.environ
    os.environ.clear()
    os.environ.update(saved)


@pytest.fixture
def peer(request):
    """Return the library that the test names; ecrmock's own guard does not help the other."""
    peer = Peer(request.param)
    if peer.name != "ecrmock":
        guard.set_mode("off")
    yield peer
    peer.stop_all()
    guard.set_mode(request.config.getini("ecrmock_guard"))


@pytest.fixture
def sleeps(monkeypatch):
    """Count the seconds that `time.sleep` was asked for instead of sleeping."""
    asked = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


@pytest.fixture(scope="session")
def outside():
    """Return a function that makes a client outside of any mock, with keys that look real."""
    session = botocore.session.Session()

    def make(service, **options):
        return session.create_client(
            service,
            region_name="us-east-1",
            aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
            aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            **options,
        )

    return make
