"""What the tests of the async seam share: sessions, and runs of pytest and Python of their own.

`ECRMOCK_REQUIRE_AIO` says what must be installed, so that its tests fail instead of being skipped:
`1` for aiobotocore and aioboto3, or the name of one of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from xml.etree import ElementTree

import pytest

from tests.runs import INNER_CONFTEST, MOST_SECONDS, plain_environment


def load(name):
    """Import a package, or skip the test where it may be missing."""
    required = os.environ.get("ECRMOCK_REQUIRE_AIO", "")
    if required == "1" or name in required.split(","):
        return __import__(name)
    return pytest.importorskip(name, reason=f"{name} is not installed here")


@pytest.fixture(scope="session", autouse=True)
def aiobotocore():
    """Skip where it is missing."""
    return load("aiobotocore")


@pytest.fixture(scope="session")
def aioboto3():
    """Skip where it is missing."""
    return load("aioboto3")


@pytest.fixture
def session(aiobotocore):
    """Return a new session of aiobotocore."""
    from aiobotocore.session import get_session

    return get_session()


@pytest.fixture(scope="session")
def names():
    """Return a coroutine function that lists the repositories that an async client sees."""

    async def list_them(client):
        found = (await client.describe_repositories())["repositories"]
        return sorted(each["repositoryName"] for each in found)

    return list_them


@pytest.fixture
def run_pytest(tmp_path):
    """Run pytest over a file of that source in a process of its own; return outcomes and output.

    Nothing leaves the machine there either; a try fails the run.
    """

    def run(source, *options):
        report = tmp_path / "report.xml"
        (tmp_path / "conftest.py").write_text(INNER_CONFTEST)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "test_inner.py").write_text(textwrap.dedent(source))
        command = [sys.executable, "-m", "pytest", "-pno:cacheprovider", "-pno:xdist"]
        ended = subprocess.run(
            [*command, "-pno:randomly", f"--junitxml={report}", *options],
            cwd=tmp_path,
            env=plain_environment(),
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        output = ended.stdout + ended.stderr
        assert "left the machine" not in output, output
        found = {}
        for case in ElementTree.parse(report).iter("testcase"):
            marks = {"failure": "failed", "error": "error", "skipped": "skipped"}
            outcomes = [marks[child.tag] for child in case if child.tag in marks]
            found[case.get("name")] = outcomes[0] if outcomes else "passed"
        return found, output

    return run
