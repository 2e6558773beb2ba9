"""Servers in processes of their own: started on free ports, stopped by their pid, weighed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.wire import HOST

PEERS = Path(__file__).parents[1] / ".venv-peers" / "bin"
"""Where `make .venv-peers` puts the peers that are Python programs."""

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


class Absent(Exception):
    """A peer is not installed."""


def free_port() -> int:
    """Return a port on which nobody listens."""
    with socket.socket() as found:
        found.bind((HOST, 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[int]:
    """Run a server and give its pid, once somebody listens on *port*.

    Raises:
        Absent: there is no such program.
    """
    with tempfile.TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        except FileNotFoundError:
            raise Absent(command[0]) from None
        try:
            if not _listens(process, port):
                log.seek(0)
                sys.exit(f"{command} does not listen:\n{log.read().decode(errors='replace')}")
            yield process.pid
        finally:
            _stop(process)


@contextmanager
def ecrmock() -> Iterator[tuple[int, int]]:
    """Run `ecrmock serve` on the fast engine and give its pid and port."""
    port = free_port()
    command = [sys.executable, "-m", "ecrmock", "serve", "--port", str(port)]
    with running(command, port) as pid:
        yield pid, port


def peak_bytes(pid: int) -> int:
    """Return the peak resident memory of a process and those that it started, added up."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return int(kilobytes) * 1024 + sum(map(peak_bytes, children))


def _listens(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and whatever it started: they are a session of their own."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
