"""What tests of every kind share."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from tests.runs import MOST_SECONDS, NO_EGRESS, plain_environment


@pytest.fixture(scope="session")
def run_python():
    """Run a script in a Python of its own, where no lookup leaves the machine; return its output.

    The script finds what was tried all the same in `EGRESS`.
    """

    def run(source, environment=None):
        ended = subprocess.run(
            [sys.executable, "-W", "error", "-c", NO_EGRESS + textwrap.dedent(source)],
            env=plain_environment() if environment is None else environment,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout.strip()

    return run
