"""What makes another mock leak calls, state or keys, and does not make ecrmock."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress

import boto3
import botocore.hooks
import pytest
import requests
import responses
from botocore.client import BaseClient
from moto.core.models import MockAWS


def against(reason, raises=AssertionError):
    """Run a test against both libraries; moto must fail it, for the reason that is given."""
    fails = pytest.mark.xfail(strict=True, reason=reason, raises=raises)
    peers = ["ecrmock", pytest.param("moto", marks=fails)]
    return pytest.mark.parametrize("peer", peers, indirect=True)


OLDER_THAN_THE_LIBRARY = """
import importlib, json, sys
import botocore.session
from urllib3.connectionpool import HTTPConnectionPool

sent = []

def refuse(pool, method, url, *args, **kwargs):
    sent.append(pool.host)
    raise OSError("refused")

HTTPConnectionPool.urlopen = refuse
client = botocore.session.Session().create_client(
    "ecr", region_name="us-east-1", aws_access_key_id="AKIA", aws_secret_access_key="secret"
)
library = importlib.import_module(sys.argv[1])
with library.mock_aws():
    try:
        answer = client.create_repository(repositoryName="web-app")["repository"]
    except Exception as error:
        answer = {"repositoryName": repr(error)}
print(json.dumps({"sent": sent, "name": answer["repositoryName"]}))
"""


@against("its handlers reach clients only that were made after its import")
def test_a_client_that_is_older_than_the_library_is_answered(peer):
    command = [sys.executable, "-c", OLDER_THAN_THE_LIBRARY, peer.name]

    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert json.loads(done.stdout) == {"sent": [], "name": "web-app"}


@against("a client that outlives the mock calls the real AWS")
def test_a_client_made_inside_does_not_leave_when_the_mock_has_ended(peer, egress_expected, sleeps):
    with peer.make():
        client = boto3.client("ecr", region_name="us-east-1")

    with egress_expected() as attempts, suppress(Exception):
        client.describe_repositories()

    assert attempts == []


@against("a thread that outlives the mock calls the real AWS")
def test_a_thread_that_outlives_the_mock_does_not_leave(peer, egress_expected, sleeps):
    ended = threading.Event()

    def work(client):
        ended.wait()
        with suppress(Exception):
            client.describe_repositories()

    with egress_expected() as attempts:
        with peer.make():
            client = boto3.client("ecr", region_name="us-east-1")
            thread = threading.Thread(target=work, args=(client,))
            thread.start()
        ended.set()
        thread.join()

    assert attempts == []


@against("all its mocks share the backends of the process")
def test_a_mock_inside_a_mock_begins_empty(peer, outside):
    client = outside("ecr")

    with peer.make():
        client.create_repository(repositoryName="of-the-outer")
        with peer.make():
            seen = client.describe_repositories()["repositories"]

    assert seen == []


@against("all its mocks share the backends of the process")
def test_a_mock_inside_a_mock_leaves_nothing_behind(peer, outside):
    client = outside("ecr")

    with peer.make():
        client.create_repository(repositoryName="of-the-outer")
        with peer.make():
            client.create_repository(repositoryName="of-the-inner")
        seen = [each["repositoryName"] for each in client.describe_repositories()["repositories"]]

    assert seen == ["of-the-outer"]


@against("all its mocks share the backends of the process")
def test_fifty_tasks_with_a_mock_each_see_their_own_state_only(peer, outside):
    client = outside("ecr")

    async def one(number):
        async with AsyncDoor(peer.make()):
            client.create_repository(repositoryName=f"repository-{number}")
            await asyncio.sleep(0)
            found = client.describe_repositories()["repositories"]
            await asyncio.sleep(0)
        return [each["repositoryName"] for each in found]

    async def all_of_them():
        return await asyncio.gather(*(one(number) for number in range(50)))

    seen = asyncio.run(all_of_them())

    assert seen == [[f"repository-{number}"] for number in range(50)]


class AsyncDoor:
    """Enter a mock by `async with`, also one that has only the sync door."""

    def __init__(self, mock):
        self._mock = mock

    async def __aenter__(self):
        if hasattr(self._mock, "__aenter__"):
            return await self._mock.__aenter__()
        return self._mock.__enter__()

    async def __aexit__(self, *error):
        if hasattr(self._mock, "__aexit__"):
            return await self._mock.__aexit__(*error)
        return self._mock.__exit__(*error)


@against("the first one to stop puts the real keys back under the second")
def test_the_real_keys_stay_away_as_long_as_any_mock_is_active(peer):
    os.environ["AWS_ACCESS_KEY_ID"] = "AKIAREALREALREALREAL"
    first, _second = peer.start(), peer.start()

    peer.stop(first)

    assert os.environ["AWS_ACCESS_KEY_ID"] != "AKIAREALREALREALREAL"


@against("one stop too many is counted, and the next mock is never switched on")
def test_a_stop_too_many_does_not_switch_off_the_next_mock(
    peer, outside, egress_expected, monkeypatch, sleeps
):
    monkeypatch.setattr(MockAWS, "_nested_count", 0)
    monkeypatch.setattr(MockAWS, "_mocks_active", False)
    client = outside("ecr")
    with suppress(Exception):
        peer.make().stop()

    with egress_expected() as attempts:
        peer.start()
        with suppress(Exception):
            client.describe_repositories()

    assert attempts == []


def lose_the_hook_of(name, monkeypatch):
    """Take away from botocore what a library hangs on, as a new release might."""
    if name == "ecrmock":
        monkeypatch.delattr(BaseClient, "_make_request")
        return
    original = botocore.hooks.EventAliaser.emit

    def emit(self, event_name, **kwargs):
        return original(self, event_name.replace("before-send", "about-to-send"), **kwargs)

    monkeypatch.setattr(botocore.hooks.EventAliaser, "emit", emit)


@against("it starts all the same, and mocks nothing", raises=pytest.fail.Exception)
def test_a_botocore_that_has_lost_the_hook_is_noticed_at_the_start(peer, monkeypatch):
    lose_the_hook_of(peer.name, monkeypatch)

    with pytest.raises(Exception, match="cannot replace"):
        peer.start()


@against("its own rules go before those that the test had made", raises=AssertionError)
def test_the_rules_of_responses_that_a_test_made_still_hold(peer):
    url = "https://downloads.us-east-1.amazonaws.com/tool"

    with responses.RequestsMock() as rules:
        rules.get(url, body="the test's own answer")
        with peer.make():
            answer = requests.get(url, timeout=5)

    assert answer.text == "the test's own answer"
