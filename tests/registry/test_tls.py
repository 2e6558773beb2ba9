"""The registry over HTTPS: the challenge names it by https, a connection ends when it says so."""

from __future__ import annotations

import gc
import socket
import ssl
import threading
import warnings

import pytest

from ecrmock import Server
from tests.registry.client import HOST, MOST_SECONDS


@pytest.fixture
def tls():
    """A server with a certificate; what its threads leave open is picked up here, not later."""
    others = set(threading.enumerate())
    with Server(tls=True) as server:
        yield server
    for thread in set(threading.enumerate()) - others:
        thread.join(MOST_SECONDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def connect(server, seconds: float) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=server.ca_path)
    plain = socket.create_connection(("127.0.0.1", server.port), seconds)
    secure = context.wrap_socket(plain, server_hostname="127.0.0.1")
    secure.sendall(f"GET /v2/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    return secure


def test_the_challenge_names_the_registry_by_https_and_the_host_that_was_called(tls):
    with connect(tls, MOST_SECONDS) as secure:
        head = secure.recv(65536).decode()

    assert head.startswith("HTTP/1.1 401 ")
    assert f'Www-Authenticate: Basic realm="https://{HOST}/",service="ecr.amazonaws.com"' in head


def test_a_connection_is_closed_after_the_answer(tls):
    received = b""
    gc.disable()
    try:
        with connect(tls, MOST_SECONDS) as secure:
            while chunk := secure.recv(65536):
                received += chunk
    finally:
        gc.enable()

    assert received.endswith(b"Not Authorized\n")
