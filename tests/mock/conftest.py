"""What the tests of the doors share: small worlds, and runs of pytest and Python of their own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import boto3
import pytest

from ecrmock import NotStarted, current
from tests.runs import INNER_CONFTEST, MOST_SECONDS, plain_environment

ROOT = Path(__file__).resolve().parents[2]
MANIFESTS = ROOT / "fixtures" / "manifests"
CONFIG_OF_NO_LAYERS = "sha256:e9bdd1914248c2115beb6a3ad07d263061b4f5c7dde2d68d328af5a596c42c73"

NOT_NEEDED = ("anyio", "hypothesispytest", "randomly", "xdist")
"""Plugins that an inner run goes without unless it asks for them: they cost a second each time."""


@dataclass(frozen=True)
class Run:
    """How a run of pytest ended."""

    code: int
    output: str
    outcomes: dict[str, str]
    """By class and name, `TestX.test_y`: passed, failed, error or skipped."""

    def having(self, outcome: str) -> set[str]:
        """Return the tests that ended so."""
        return {name for name, found in self.outcomes.items() if found == outcome}


def read_outcomes(report: Path) -> dict[str, str]:
    """Return the outcome of each test in a JUnit report; the worst where it is there twice."""
    ranks = ["passed", "skipped", "failed", "error"]
    found: dict[str, str] = {}
    if not report.exists():
        return found
    for case in ElementTree.parse(report).iter("testcase"):
        _, _, holder = case.get("classname", "").partition(".")
        name = f"{holder}.{case.get('name')}" if holder else str(case.get("name"))
        children = {child.tag for child in case}
        outcome = next((o for o in ("error", "failure", "skipped") if o in children), "passed")
        outcome = "failed" if outcome == "failure" else outcome
        found[name] = max(outcome, found.get(name, "passed"), key=ranks.index)
    return found


@pytest.fixture(scope="session")
def run_pytest(tmp_path_factory):
    """Run pytest over a file of that source, in a process and a folder of its own.

    Nothing leaves the machine there either; a try fails the run.

    Args:
        source: the tests.
        options: of the command line.
        ini: lines of `pytest.ini`.
        plugins: those of `NOT_NEEDED` that are needed.
        files: others beside the tests, by name.
        environment: variables besides those of this process.
    """

    def run(source, *options, ini="", plugins=(), files=None, environment=None):
        folder = tmp_path_factory.mktemp("inner")
        texts = {
            "conftest.py": INNER_CONFTEST,
            "pytest.ini": f"[pytest]\n{ini}\n",
            "test_inner.py": source,
            **(files or {}),
        }
        for name, text in texts.items():
            (folder / name).write_text(textwrap.dedent(text))
        report = folder / "report.xml"
        without = [f"-pno:{name}" for name in NOT_NEEDED if name not in plugins]
        reporting = [f"--junitxml={report}", "-o", "junit_family=xunit2"]
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-pno:cacheprovider", *without, *reporting, *options],
            cwd=folder,
            env=plain_environment() | (environment or {}),
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
            check=False,
        )
        output = ended.stdout + ended.stderr
        assert "left the machine" not in output, output
        return Run(ended.returncode, output, read_outcomes(report))

    return run


@pytest.fixture(scope="session")
def is_active():
    """Return a function that tells whether a mock answers where it is called."""

    def tell():
        try:
            current()
        except NotStarted:
            return False
        return True

    return tell


@pytest.fixture(scope="session")
def names():
    """Return a function that lists the repositories of the mock that answers where it is called."""

    def list_them(client=None):
        found = (client or boto3.client("ecr")).describe_repositories()["repositories"]
        return sorted(each["repositoryName"] for each in found)

    return list_them


@pytest.fixture(scope="session")
def push():
    """Return a function that pushes the image without layers to a repository."""
    config = (MANIFESTS / "blobs" / "sha256" / CONFIG_OF_NO_LAYERS[7:]).read_bytes()
    manifest = (MANIFESTS / "oci-zero-layers.json").read_text()

    def push_it(ecr, repository, tag="v1"):
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=upload,
            partFirstByte=0,
            partLastByte=len(config) - 1,
            layerPartBlob=config,
        )
        ecr.complete_layer_upload(
            repositoryName=repository, uploadId=upload, layerDigests=[CONFIG_OF_NO_LAYERS]
        )
        ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=tag)

    return push_it
