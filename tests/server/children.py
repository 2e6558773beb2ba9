"""Servers in processes of their own: what they are started by, and how much memory they took."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from tests.server import raw

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
COMMANDS = {
    "werkzeug": [sys.executable, str(HERE / "serve_child.py")],
    "granian": [sys.executable, "-m", "ecrmock", "serve", "--port", "0"],
}
_URL = re.compile(r"http://127\.0\.0\.1:\d+")
MOST_SECONDS_TO_STOP = 20


class Child(NamedTuple):
    """A server that runs in another process."""

    pid: int
    port: int

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self.port}"

    def peak_mib(self) -> dict[int, int]:
        """Return the most memory that each of its processes has held so far, in MiB."""
        return {pid: _peak_mib(pid) for pid in [self.pid, *_children(self.pid)]}


@contextlib.contextmanager
def serve(engine: str, errors: Path) -> Iterator[Child]:
    """Start a server, and stop it in the end as a user would; it writes *errors* to a file."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTEST_"))}
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            COMMANDS[engine],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env=environment,
        ) as process,
    ):
        try:
            child = Child(process.pid, port_of(process))
            wait_for(child)
            yield child
        finally:
            stop(process)


def port_of(process: subprocess.Popen[str]) -> int:
    for line in process.stdout:
        if found := _URL.search(line):
            return urlsplit(found[0]).port
    raise raw.Hang("the server ended without a URL")


def wait_for(child: Child) -> None:
    """Return when somebody listens: see test_serve, where it should do so at once."""
    deadline = time.monotonic() + raw.MOST_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), raw.Connection(child.port):
            return
    raise raw.Hang("nobody listens")


def stop(process: subprocess.Popen[str], seconds: float = MOST_SECONDS_TO_STOP) -> bool:
    """Ask a server to stop; tell whether it did. One that did not is killed with its workers."""
    process.stdin.close()
    if process.args != COMMANDS["werkzeug"]:
        process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        kill(process)
        return False
    return True


def kill(process: subprocess.Popen[str]) -> None:
    """End a server and its workers, which would go on without it."""
    if process.poll() is None:
        for pid in [*_children(process.pid), process.pid]:
            os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(each) for each in found.split()]


def _peak_mib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) // 1024
