"""Pythons of their own for tests that must look at a whole process; nothing leaves the machine."""

from __future__ import annotations

import os

MOST_SECONDS = 120

# Refuses each lookup and connection that is not for this machine, and writes it down.
NO_EGRESS = """
import sys

EGRESS = []

def _refuse(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if host not in (None, "", "localhost", "127.0.0.1", "::1"):
        EGRESS.append((event, host))
        raise RuntimeError(f"{event} to {host} refused")

sys.addaudithook(_refuse)
"""
INNER_CONFTEST = f"""{NO_EGRESS}
def pytest_unconfigure():
    assert not EGRESS, f"left the machine: {{EGRESS}}"
"""


def plain_environment() -> dict[str, str]:
    """Return the environment without what the outer run or the user's AWS set-up puts there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PYTEST_"))}
