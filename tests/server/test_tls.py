"""HTTPS: who trusts it, and who speaks to it as one should not."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import sys
import threading

import pytest
import trustme

from ecrmock import Server, UsageError
from tests.server import doors, raw

CLIENT = """
import ssl, urllib.request
from ecrmock import Server

with Server(tls=True) as server:
    context = ssl.create_default_context(cafile=server.ca_path)
    url = server.url + "/_ecrmock/health"
    for _ in range(5):
        with urllib.request.urlopen(url, context=context) as answer:
            answer.read()
"""


def test_no_socket_is_left_to_the_garbage_collector():
    """Where warnings are errors, as here, it fails tests of users."""
    ended = subprocess.run(
        [sys.executable, "-W", "always::ResourceWarning", "-c", CLIENT],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert "ResourceWarning" not in ended.stderr


@contextlib.contextmanager
def served(**options):
    """Serve, and go on when the last thread has ended, so that it does not warn in another test."""
    before = set(threading.enumerate())
    with Server(**options) as server:
        yield server
    for thread in set(threading.enumerate()) - before:
        thread.join(raw.MOST_SECONDS)


@pytest.fixture(scope="module")
def tls_server():
    with served(tls=True) as server:
        yield server


def trusting(server):
    return ssl.create_default_context(cafile=server.ca_path)


def ask(server, data, context=None):
    with raw.Connection(server.port, tls=context or trusting(server)) as connection:
        return connection.send(data).answer()


def test_python_trusts_it_by_its_authority(tls_server):
    assert tls_server.url.startswith("https://127.0.0.1:")
    assert ask(tls_server, doors.call("DescribeRepositories", {})).status == 200


def test_nobody_trusts_it_without_its_authority(tls_server):
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(tls_server, doors.call(), ssl.create_default_context())

    assert ask(tls_server, doors.call("DescribeRepositories", {})).status == 200
    tls_server.check()


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "api.ecr.us-east-1.amazonaws.com",
        "sts.us-east-1.amazonaws.com",
    ],
)
def test_its_certificate_has_the_names_under_which_it_is_reached(name, tls_server):
    plain = raw.Connection(tls_server.port).socket

    with trusting(tls_server).wrap_socket(plain, server_hostname=name) as found:
        assert found.getpeercert()


def test_botocore_reaches_it(tls_server):
    found = tls_server.client("ecr").describe_repositories()

    assert found["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_its_registry_names_itself_by_https(tls_server):
    answer = ask(tls_server, raw.request("GET", "/v2/", {"Host": tls_server.host}))

    assert f'realm="https://{tls_server.host}/"' in answer.header("www-authenticate")


@pytest.mark.parametrize(
    "data",
    [doors.call(), b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"\0" * 100_000],
    ids=["plain HTTP", "nothing", "a byte", "half a hello", "zeros"],
)
def test_who_speaks_no_tls_is_answered_or_let_go(data, tls_server):
    with raw.Connection(tls_server.port) as connection:
        connection.send(data).end()
        with contextlib.suppress(raw.NotHttp):
            connection.rest()

    assert ask(tls_server, doors.call("DescribeRepositories", {})).status == 200
    tls_server.check()


def test_clients_that_never_shake_hands_block_nobody(tls_server):
    with contextlib.ExitStack() as stack:
        for data in [b"", b"\x16\x03\x01", doors.call()[:50]] * 10:
            stack.enter_context(raw.Connection(tls_server.port)).send(data)
        stack.enter_context(raw.Connection(tls_server.port, tls=trusting(tls_server)))

        answer = ask(tls_server, doors.call("DescribeRepositories", {}))

    assert answer.status == 200
    tls_server.check()


def test_nothing_is_printed_about_handshakes_that_fail(tls_server, capfd):
    with raw.Connection(tls_server.port) as connection:
        connection.send(doors.call()).end().rest()
    with contextlib.suppress(ssl.SSLError):
        ask(tls_server, doors.call(), ssl.create_default_context())
    ask(tls_server, doors.call("DescribeRepositories", {}))

    assert capfd.readouterr() == ("", "")


def test_it_stops_though_a_client_never_shook_hands():
    with served(tls=True) as server:
        with raw.Connection(server.port), raw.Connection(server.port, tls=trusting(server)):
            server.stop()

        assert not server.is_running


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A certificate and its key, those of another, and a file that is neither."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("own", "other"):
        made = trustme.CA().issue_cert("127.0.0.1")
        made.private_key_pem.write_to_path(folder / f"{name}-key.pem")
        for pem in made.cert_chain_pems:
            pem.write_to_path(folder / f"{name}-cert.pem", append=True)
    (folder / "text.pem").write_text("not a certificate")
    (folder / "empty.pem").write_text("")
    return folder


def test_a_certificate_of_ones_own_is_used(files):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    with served(cert=files / "own-cert.pem", key=str(files / "own-key.pem")) as server:
        assert server.ca_path is None
        assert ask(server, doors.call(), context).status == 200


PAIRS = {
    "no such files": ("none-cert.pem", "none-key.pem"),
    "no such key": ("own-cert.pem", "none-key.pem"),
    "key of another": ("own-cert.pem", "other-key.pem"),
    "swapped": ("own-key.pem", "own-cert.pem"),
    "text": ("text.pem", "text.pem"),
    "empty": ("empty.pem", "empty.pem"),
    "folders": (".", "."),
}


@pytest.mark.parametrize(("cert", "key"), PAIRS.values(), ids=PAIRS)
def test_files_that_cannot_be_used_are_named(cert, key, files):
    with pytest.raises(UsageError) as refused:
        Server(cert=files / cert, key=files / key).start()

    assert str(files / cert) in str(refused.value)
    assert str(files / key) in str(refused.value)


@pytest.mark.parametrize("options", [{"cert": "own-cert.pem"}, {"key": "own-key.pem"}])
def test_a_certificate_and_its_key_go_together(options):
    with pytest.raises(UsageError, match="together"):
        Server(**options)
