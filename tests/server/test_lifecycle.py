"""The life of a server: its port, its threads, its world, and what it calls repositories."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import boto3
import pytest

import ecrmock
from ecrmock import Server, UsageError, mock_aws
from tests.server import doors, manifests, raw, states

KEYS = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}


def names(server, key="AKIDEXAMPLE", region="us-east-1"):
    """Return the repositories that an account has there, asked over HTTP."""
    signed = doors.signature(key=key, region=region)
    answer = raw.ask(server.port, doors.call("DescribeRepositories", {}, signed))
    return [each["repositoryName"] for each in answer.json()["repositories"]]


def within_time(function):
    """Call on another thread, so that a hang is a failure; return what it returns or raises."""
    outcome = []

    def call():
        try:
            outcome.append(function())
        except Exception as error:  # noqa: BLE001 - it is handed on
            outcome.append(error)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(raw.MOST_SECONDS)
    assert outcome, "it hangs"
    return outcome[0]


def left_of_threads(before, seconds=raw.MOST_SECONDS):
    """Return the threads that go on though there was time to end."""
    for thread in set(threading.enumerate()) - before:
        thread.join(seconds)
    return set(threading.enumerate()) - before


def test_a_port_that_is_taken_is_an_error_at_once(server):
    error = within_time(Server(port=server.port).start)

    assert isinstance(error, ecrmock.PortNotFree)
    assert str(server.port) in str(error)
    assert names(server) == ["app", "fixed", "team/web"]


def test_a_port_that_a_stranger_listens_on_is_an_error_at_once():
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        port = stranger.getsockname()[1]

        error = within_time(Server(port=port).start)

    assert isinstance(error, ecrmock.PortNotFree)


def test_a_start_that_failed_leaves_nothing_and_can_be_tried_again():
    before = set(threading.enumerate())
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        server = Server(port=stranger.getsockname()[1])
        with pytest.raises(ecrmock.PortNotFree):
            server.start()
        assert not server.is_running
        assert set(threading.enumerate()) == before

    with server:
        assert raw.ask(server.port, doors.call()).status == 200


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_an_address_that_is_not_here_is_an_error(host, egress_expected):
    with egress_expected():
        error = within_time(Server(host=host).start)

    assert isinstance(error, ecrmock.PortNotFree | OSError)


NO_OPTIONS = {
    "uri_style": {"uri_style": "path"},
    "unknown option": {"bogus": 1},
    "region": {"region_name": "mars-1"},
    "account": {"account_id": "12"},
    "cert alone": {"cert": "cert.pem"},
    "key alone": {"key": "key.pem"},
    "cert and tls": {"cert": "cert.pem", "key": "key.pem", "tls": True},
    "no files": {"cert": "nowhere/cert.pem", "key": "nowhere/key.pem"},
    "port 70000": {"port": 70_000},
    "port negative": {"port": -1},
    "port a word": {"port": "x"},
    "host a number": {"host": 5},
}


@pytest.mark.parametrize("options", NO_OPTIONS.values(), ids=NO_OPTIONS)
def test_an_option_that_cannot_be_is_a_usage_error(options):
    with pytest.raises(UsageError):
        Server(**options).start()


@pytest.mark.parametrize("account", ["12", "administrator", "12345678901a"])
def test_an_account_that_is_none_is_a_usage_error(account, server, tmp_path):
    with pytest.raises(UsageError, match="account_id"):
        server.client("ecr", account_id=account)
    with pytest.raises(UsageError, match="account_id"):
        server.login(tmp_path, account_id=account)


def test_a_world_and_options_of_a_world_do_not_go_together():
    with mock_aws() as aws, pytest.raises(UsageError, match="both"):
        Server(aws=aws, region_name="eu-west-1")


def test_a_server_listens_on_the_loopback_address_alone(server):
    """Whoever listens on all addresses answers at 127.0.0.2, too."""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", server.port), timeout=raw.MOST_SECONDS)

    assert server.url == f"http://127.0.0.1:{server.port}"
    assert server.host == f"127.0.0.1:{server.port}"


def test_each_server_gets_a_port_of_its_own():
    with contextlib.ExitStack() as stack:
        ports = {stack.enter_context(Server()).port for _ in range(10)}

    assert len(ports) == 10


def test_a_stop_leaves_no_thread_and_frees_the_port():
    before = set(threading.enumerate())
    server = Server().start()
    port = server.port
    for _number in range(20):
        raw.ask(port, doors.call("DescribeRepositories", {}))

    server.stop()

    assert left_of_threads(before) == set()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=raw.MOST_SECONDS)
    with Server(port=port) as another:
        assert another.port == port


def test_a_stop_waits_for_nobody_who_is_connected(capfd):
    before = set(threading.enumerate())
    server = Server().start()
    with contextlib.ExitStack() as stack:
        for _number in range(10):
            stack.enter_context(raw.Connection(server.port)).send(b"POST / HTTP/1.1\r\n")
        raw.ask(server.port, doors.call("DescribeRepositories", {}))

        assert within_time(server.stop) is None

    assert left_of_threads(before) == set()
    assert capfd.readouterr() == ("", "")


def test_a_stop_ends_the_threads_of_those_who_are_connected():
    before = set(threading.enumerate())
    server = Server().start()
    with raw.Connection(server.port) as connection:
        connection.send(b"POST / HTTP/1.1\r\n")
        raw.ask(server.port, doors.call("DescribeRepositories", {}))

        server.stop()
        left = left_of_threads(before, seconds=1)

    assert left == set()


def test_a_server_that_was_stopped_does_nothing_any_more():
    server = Server().start()
    data = doors.call()
    with raw.Connection(server.port) as connection:
        connection.send(data[:-1])
        raw.ask(server.port, doors.call("DescribeRepositories", {}))
        server.stop()

        answer = connection.send(data[-1:]).answer()

    assert answer is None
    assert states.counts(server)["repositories"] == 0


def test_a_stop_is_done_once_however_often_it_is_asked_for():
    server = Server()
    server.stop()
    server.start()

    for _round in range(3):
        server.stop()

    assert not server.is_running
    with pytest.raises(ecrmock.NotStarted):
        _ = server.port


def test_stops_from_many_threads_at_once_are_one():
    server = Server().start()
    threads = [threading.Thread(target=server.stop) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(raw.MOST_SECONDS)

    assert not any(thread.is_alive() for thread in threads)
    assert not server.is_running


def test_a_start_that_is_repeated_goes_on_at_the_same_port():
    server = Server().start()
    port = server.port

    assert server.start() is server
    assert server.port == port
    server.stop()


def test_a_server_that_is_started_again_still_has_its_world():
    server = Server()
    with server:
        raw.ask(server.port, doors.call())

    with server:
        assert names(server) == ["intruder"]
        assert raw.ask(server.port, doors.call()).status == 400


def test_two_servers_have_two_worlds(server):
    """Needs, table 4, row 10."""
    with Server() as other:
        raw.ask(other.port, doors.call(body={"repositoryName": "other"}))
        other_token = doors.Registry(other).token

        assert names(other) == ["other"]
        assert names(server) == ["app", "fixed", "team/web"]
        other.reset()

    headers = {"Authorization": f"Basic {other_token}"}
    assert names(server) == ["app", "fixed", "team/web"]
    data = raw.request("GET", "/v2/", headers)
    assert raw.ask(server.port, data, method="GET").status in (200, 401, 403)


def test_fresh_servers_one_after_the_other_are_empty():
    for _round in range(3):
        with Server() as server:
            assert names(server) == []
            raw.ask(server.port, doors.call())


def test_a_server_does_not_answer_clients_of_this_process():
    with Server(), mock_aws() as aws:
        assert aws.client("ecr").describe_repositories()["repositories"] == []


def test_accounts_and_regions_of_one_server_are_apart(server):
    assert names(server, key="999988887777") == []
    assert names(server, region="eu-west-1") == []


def test_a_served_mock_is_the_same_world_by_both_doors():
    with mock_aws() as aws:
        server = aws.serve()
        inside = boto3.client("ecr", **KEYS)
        outside = boto3.client("ecr", endpoint_url=server.url, **KEYS)

        inside.create_repository(repositoryName="from-inside")
        outside.create_repository(repositoryName="from-outside")

        assert inside.describe_repositories().keys() == outside.describe_repositories().keys()
        assert names(server) == ["from-inside", "from-outside"]
        assert [call.operation for call in aws.calls][:2] == ["CreateRepository"] * 2


def test_a_layer_pushed_by_http_is_there_in_process():
    with mock_aws() as aws:
        server = aws.serve()
        inside = boto3.client("ecr", **KEYS)
        inside.create_repository(repositoryName="app")
        registry = doors.Registry(server)
        digests = [registry.push_blob(data) for data in (manifests.CONFIG, manifests.LAYER)]
        registry.put(manifests.image())

        layers = inside.batch_check_layer_availability(repositoryName="app", layerDigests=digests)
        image = inside.batch_get_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])

        assert {each["layerAvailability"] for each in layers["layers"]} == {"AVAILABLE"}
        assert image["images"][0]["imageManifest"].encode() == manifests.image()


def test_a_served_mock_stops_its_servers():
    with mock_aws() as aws:
        first, second = aws.serve(), aws.serve()
        ports = [first.port, second.port]

    for port in ports:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=raw.MOST_SECONDS)
    assert (first.is_running, second.is_running) == (False, False)


STYLES = {"aws": "123456789012.dkr.ecr.us-east-1.amazonaws.com/intruder", "localhost": None}


@pytest.mark.parametrize("style", STYLES)
def test_repositories_are_named_in_the_style_that_was_asked_for(style):
    with Server(uri_style=style) as server:
        host = {"Host": server.host}
        made = raw.ask(server.port, doors.call(headers=host)).json()["repository"]
        call = doors.call("GetAuthorizationToken", {}, host)
        [data] = raw.ask(server.port, call).json()["authorizationData"]

        expected = STYLES[style] or f"{server.host}/intruder"

    assert made["repositoryUri"] == expected
    assert urlsplit(data["proxyEndpoint"]).netloc == expected.partition("/")[0]


def test_digests_sizes_and_expiry_are_exact(server, registry):
    """Needs, table 4, row 15."""
    layer = bytes(range(256)) * 40
    registry.push_blob(layer)
    manifest = manifests.image(layers=[manifests.descriptor(layer)])
    registry.put(manifest, "exact")
    wanted = {"repositoryName": "app", "imageIds": [{"imageTag": "exact"}]}

    [detail] = raw.ask(server.port, doors.call("DescribeImages", wanted)).json()["imageDetails"]
    call = doors.call("GetAuthorizationToken", {})
    [data] = raw.ask(server.port, call).json()["authorizationData"]

    assert detail["imageDigest"] == states.digest_of(manifest)
    assert detail["imageSizeInBytes"] == len(layer) + len(manifests.CONFIG)
    left = timedelta(seconds=data["expiresAt"] - server.aws.clock.now.timestamp())
    assert abs(left - timedelta(hours=12)) < timedelta(seconds=1)


def test_the_environment_of_a_child_names_a_server_of_the_same_world():
    with mock_aws() as aws:
        aws.client("ecr").create_repository(repositoryName="app")

        url = aws.subprocess_env(server=True)["AWS_ENDPOINT_URL"]
        answer = raw.ask(urlsplit(url).port, doors.call("DescribeRepositories", {}))

    assert json.loads(answer.body)["repositories"][0]["repositoryName"] == "app"
