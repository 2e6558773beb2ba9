"""Set up every test run: nothing leaves this machine, profiles, executed examples.

The egress guard is an audit hook, so it holds for every thread and every library that uses
Python's sockets. It does not see child processes, nor sockets that a C or Rust library opens.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import socket
import sys
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

# ------------------------------------------------------------------------- the egress guard

LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyaddr", "socket.gethostbyname"})
SENDS = frozenset({"socket.connect", "socket.sendmsg", "socket.sendto"})
LOCAL_FAMILIES = frozenset(
    getattr(socket, name) for name in ("AF_UNIX", "AF_NETLINK") if hasattr(socket, name)
)
ROOT = str(Path(__file__).parent)
OUR_FRAMES, LAST_FRAMES = 6, 3


class EgressAttempt(RuntimeError):
    """Something tried to reach a host that is not this machine; it was refused."""


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One refused attempt: what was called, for which host, in which test, from where."""

    event: str
    target: str
    test: str
    stack: str

    def __str__(self) -> str:
        return f"{self.event} to {self.target} in {self.test}\n{self.stack}"


counted: list[Attempt] = []
expected: list[list[Attempt]] = []


def is_here(host: object) -> bool:
    """Tell whether a host as given to the socket module is this machine."""
    name = bytes(host).decode("ascii", "replace") if isinstance(host, bytes | bytearray) else host
    if name is None or name == "":
        return True
    if not isinstance(name, str):
        return False
    if name.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified


def target_elsewhere(event: str, args: tuple[object, ...]) -> str | None:
    """Return the host that an audited call would reach, or None when that is this machine."""
    if event in LOOKUPS:
        return None if is_here(args[0]) else str(args[0])
    sock, address = args
    if address is None or sock.family in LOCAL_FAMILIES:
        return None
    host = address[0] if isinstance(address, tuple) else address
    return None if is_here(host) else str(address)


def short_stack() -> str:
    """Return one line for each frame of ours, and for the last ones before the socket."""
    frames = traceback.extract_stack(sys._getframe(2))
    ours = [
        frame
        for frame in frames[:-LAST_FRAMES]
        if frame.filename.startswith(ROOT) and "site-packages" not in frame.filename
    ]
    shown = [*ours[-OUR_FRAMES:], *frames[-LAST_FRAMES:]]
    return "".join(f"    {each.filename}:{each.lineno} {each.name}\n" for each in shown)


def refuse_egress(event: str, args: tuple[object, ...]) -> None:
    """Raise for a lookup, connection or datagram that is not for this machine."""
    if event not in LOOKUPS and event not in SENDS:
        return
    target = target_elsewhere(event, args)
    if target is None:
        return
    test = os.environ.get("PYTEST_CURRENT_TEST", "no test (import or collection)")
    attempt = Attempt(event, target, test, short_stack())
    (expected[-1] if expected else counted).append(attempt)
    raise EgressAttempt(f"{event} to {target} refused: tests reach loopback addresses only")


sys.addaudithook(refuse_egress)


@contextmanager
def collect_egress() -> Iterator[list[Attempt]]:
    """Keep attempts made inside, by any thread, out of the count; yield them as a list."""
    attempts: list[Attempt] = []
    expected.append(attempts)
    try:
        yield attempts
    finally:
        expected[:] = [each for each in expected if each is not attempts]


@pytest.fixture
def egress_expected() -> Callable[[], AbstractContextManager[list[Attempt]]]:
    """Let a test show that something else leaks: ``with egress_expected() as attempts:``.

    An attempt inside is refused as ever, but is listed in *attempts* and does not fail the run.
    """
    return collect_egress


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Take over what a pytest-xdist worker has counted."""
    reported = getattr(node, "workeroutput", {}).get("egress", [])
    counted.extend(Attempt(**each) for each in reported)


def pytest_sessionfinish(session) -> None:
    """Fail a run in which an attempt was made, though the code under test may have hidden it."""
    workeroutput = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput["egress"] = [dataclasses.asdict(each) for each in counted]
    elif counted and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter) -> None:
    """Print each attempt."""
    if not counted:
        return
    terminalreporter.section(f"attempts to leave this machine: {len(counted)}", red=True)
    for attempt in counted:
        terminalreporter.line(str(attempt))


# -------------------------------------------------------------------- Hypothesis's profiles

try:
    import hypothesis
except ImportError:
    pass  # its tests skip themselves
else:
    hypothesis.settings.register_profile("dev", deadline=None, max_examples=50)
    hypothesis.settings.register_profile(
        "ci",
        database=None,
        deadline=None,
        derandomize=True,
        max_examples=100,
        print_blob=True,
    )
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


# ---------------------------------------------------- the examples of README and docstrings

try:
    from sybil import Sybil
    from sybil.integration.pytest import SybilItem
    from sybil.parsers import markdown, rest
except ImportError:
    pass  # the examples run where Sybil is installed
else:
    readme = Sybil(
        [markdown.PythonCodeBlockParser(), markdown.SkipParser()],
        patterns=["README.md"],
        excludes=["*/README.md"],
        name="readme",
    )
    docstrings = Sybil([rest.DocTestParser()], path="ecrmock", patterns=["*.py"], name="docstring")
    pytest_collect_file = (readme + docstrings).pytest()

    def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
        """Run the examples last and each document's in order: pytest-randomly shuffles them."""
        items.sort(
            key=lambda item: (
                (item.parent.nodeid, item.example.line) if isinstance(item, SybilItem) else ("", 0)
            )
        )
