"""docker-credential-ecr-login gets the password by which skopeo logs in to a real host name.

Both run in a mount namespace of their own, whose hosts file leads the names of AWS to the server,
and trust its certificate; nothing tells them that this is not AWS.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import ssl
import threading
import warnings
from ipaddress import IPv4Address

import pytest

from ecrmock import Server, mock_aws
from ecrmock.server.listener import PortNotFree

pytestmark = pytest.mark.clients

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
API = "api.ecr.us-east-1.amazonaws.com"
# skopeo remembers, for root in one place, which blobs it saw at which host.
IN_NAMESPACE = """
mount --bind "$0" /etc/hosts
mkdir -p /var/lib/containers && mount -t tmpfs none /var/lib/containers
exec "$@"
"""


@pytest.fixture
def aws():
    with mock_aws(region_name="us-east-1") as aws:
        aws.client("ecr").create_repository(repositoryName="app")
        yield aws


@pytest.fixture
def real_names(aws, unshare, tmp_path, run):
    """Run a program for which the names of AWS lead to the server."""
    address = str(IPv4Address("127.1.0.0") + os.getpid())  # port 443 of each process its own
    try:
        server = aws.serve(host=address, port=443, tls=True, uri_style="aws")
    except PortNotFree as error:
        pytest.skip(f"port 443 cannot be bound here: {error}")
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n{address} {REGISTRY} {API}\n")
    start = [*unshare, "sh", "-ec", IN_NAMESPACE, hosts]
    trust = {"SSL_CERT_FILE": server.ca_path}

    with server:
        yield lambda *argv, **options: run([*start, *argv], env=trust, **options)


@pytest.fixture
def credentials(real_names, program) -> dict[str, str]:
    """What the helper answers for the registry."""
    get = (program("docker-credential-ecr-login"), "get")
    return json.loads(real_names(*get, input=REGISTRY).stdout)


def test_the_helper_gives_the_password_of_the_registry(credentials, aws):
    assert credentials["Username"] == "AWS"
    assert credentials["ServerURL"] == REGISTRY
    assert [call.operation for call in aws.calls][-1] == "GetAuthorizationToken"


def test_skopeo_logs_in_with_it_and_pushes_and_pulls(
    credentials, real_names, program, image, fetched
):
    skopeo = program("skopeo")
    login = ("--username", credentials["Username"], "--password-stdin", REGISTRY)

    said = real_names(skopeo, "login", *login, input=credentials["Secret"]).stdout
    real_names(skopeo, "copy", "--all", image, f"docker://{REGISTRY}/app:v1")
    real_names(skopeo, "copy", "--all", f"docker://{REGISTRY}/app:v1", fetched)

    assert said == "Login Succeeded!\n"
    assert fetched.digest == image.digest
    assert fetched.blobs() == image.blobs()


@pytest.mark.usefixtures("credentials")
def test_skopeo_asks_the_helper_by_itself(real_names, program, home, aws, single):
    skopeo = program("skopeo")
    (home / "auth.json").write_text(json.dumps({"credHelpers": {REGISTRY: "ecr-login"}}))

    real_names(skopeo, "copy", single, f"docker://{REGISTRY}/app:v1")

    [shown] = aws.client("ecr").describe_images(repositoryName="app")["imageDetails"]
    assert shown["imageDigest"] == single.digest


def test_the_server_closes_a_tls_connection():
    before = set(threading.enumerate())

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        with Server(tls=True) as server:
            server.client("ecr").describe_registry()
        for thread in set(threading.enumerate()) - before:
            thread.join(10)
        gc.collect()

    assert [str(each.message) for each in caught] == []


def test_a_short_reply_is_written_in_one_piece():
    request = b"GET /v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with Server(tls=True) as server:
        context = ssl.create_default_context(cafile=server.ca_path)
        with (
            socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(request)
            first_piece = connection.recv(65_536)  # of TLS: no more than one write of the server

    assert first_piece.endswith(b"Not Authorized\n")
