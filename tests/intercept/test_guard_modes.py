"""`ecrmock_guard` in the configuration of pytest, in sessions of their own."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

TESTS = """
import json
import os
import pathlib
import warnings

import botocore.session
from botocore.config import Config
from ecrmock import mock_aws
from urllib3.connectionpool import HTTPConnectionPool

RESULTS = pathlib.Path(__file__).with_name("results.json")
results = {}
sent = []


def urlopen(pool, *args, **kwargs):
    sent.append(pool.host)
    raise OSError


HTTPConnectionPool.urlopen = urlopen
once = Config(retries={"total_max_attempts": 1})


def make():
    return botocore.session.Session().create_client(
        "ecr",
        region_name="us-east-1",
        aws_access_key_id="AKIA",
        aws_secret_access_key="secret",
        config=once,
    )


at_import = make()


def note(name, call):
    sent.clear()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            call()
        except Exception as error:
            raised = type(error).__name__
        else:
            raised = None
    kinds = [each.category.__name__ for each in warned]
    results[name] = [raised, kinds, list(sent)]
    RESULTS.write_text(json.dumps(results))


def test_before_any_mock():
    note("before", at_import.describe_repositories)


def test_inside_a_mock():
    with mock_aws():
        s3 = botocore.session.Session().create_client("s3", region_name="us-east-1", config=once)
        note("inside", at_import.describe_repositories)
        note("foreign service inside", s3.list_buckets)


def test_after_a_mock():
    with mock_aws():
        made_inside = make()
    note("made before, used after", at_import.describe_repositories)
    note("made inside, used after", made_inside.describe_repositories)
    note("made after", make().describe_repositories)
"""

HOST = ["api.ecr.us-east-1.amazonaws.com"]
REFUSED = ["RealCallRefused", [], []]
WARNED = ["HTTPClientError", ["RealCallWarning"], HOST]
SENT = ["HTTPClientError", [], HOST]
ANSWERED = [None, [], []]


def run(folder, ini):
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    (folder / "test_calls.py").write_text(TESTS)
    options = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:sybil"]
    command = [sys.executable, "-m", "pytest", *options, "test_calls.py"]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder)


@pytest.mark.parametrize(
    ("ini", "outside_of_mocks"),
    [
        pytest.param("ecrmock_guard = error", REFUSED, id="error"),
        pytest.param("ecrmock_guard = warn", WARNED, id="warn"),
        pytest.param("ecrmock_guard = off", SENT, id="off"),
        pytest.param("", WARNED, id="by default"),
    ],
)
def test_the_mode_says_what_happens_to_calls_that_no_mock_has_to_do_with(
    ini, outside_of_mocks, tmp_path
):
    done = run(tmp_path, ini)

    assert done.returncode == 0, done.stdout
    assert json.loads((tmp_path / "results.json").read_text()) == {
        "before": outside_of_mocks,
        "inside": ANSWERED,
        "foreign service inside": REFUSED,
        "made before, used after": outside_of_mocks,
        "made inside, used after": REFUSED,
        "made after": outside_of_mocks,
    }


def test_a_mode_that_does_not_exist_stops_the_session(tmp_path):
    done = run(tmp_path, "ecrmock_guard = eror")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ecrmock_guard is 'eror'; it must be one of error, warn, off" in done.stderr


def test_the_header_says_what_the_mode_is(tmp_path):
    done = run(tmp_path, "ecrmock_guard = error")

    assert "guard=error" in done.stdout
