"""Counters of what leaves the process and of what sleeps, and an environment that knows no AWS."""

from __future__ import annotations

import http.server
import os
import threading
import time

import boto3
import botocore.session
import pytest
from urllib3.connectionpool import HTTPConnectionPool

from ecrmock.intercept import guard


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


@pytest.fixture(autouse=True)
def sends(monkeypatch):
    """Count the requests that get past the guard to urllib3, by their hosts."""
    original = HTTPConnectionPool.urlopen
    hosts = []

    def urlopen(pool, *args, **kwargs):
        hosts.append(pool.host)
        return original(pool, *args, **kwargs)

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", urlopen)
    return hosts


@pytest.fixture
def sleeps(monkeypatch):
    """Count the seconds that `time.sleep` is asked for, on any thread, instead of sleeping."""
    asked = []
    monkeypatch.setattr(time, "sleep", asked.append)
    return asked


@pytest.fixture
def guard_mode(request):
    """Return a function that sets the guard's mode for one test."""
    yield guard.set_mode
    guard.set_mode(request.config.getini("ecrmock_guard"))


@pytest.fixture(scope="session")
def outside():
    """Return a function that makes a client outside of any mock, with keys that look real."""
    session = botocore.session.Session()

    def make(service, **options):
        defaults = {
            "region_name": "us-east-1",
            "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        }
        return session.create_client(service, **{**defaults, **options})

    return make


@pytest.fixture
def server():
    """Run a little HTTP server that answers everything alike and keeps the paths it was asked."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b'{"repositories": []}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST  # noqa: N815 - the names are those of http.server

        def log_message(self, *args):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.asked = []
    running.url = f"http://127.0.0.1:{running.server_port}"
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()
