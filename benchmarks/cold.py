"""Row 3: a cold process, from its start to the answer of its first call."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from benchmarks.measure import Party, Row, compare, paired, timed

ROUNDS = 12

_FIRST_CALL = """
    ecr = boto3.client("ecr", region_name="us-east-1")
    ecr.describe_repositories()
"""
_PROGRAMS = {
    "ecrmock": f"""
import boto3
from ecrmock import mock_aws
with mock_aws():{_FIRST_CALL}""",
    "moto": f"""
import boto3
from moto import mock_aws
with mock_aws():{_FIRST_CALL}""",
    "a canned answer": f"""
import boto3
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
answer = AWSResponse("https://example.invalid", 200, {{}}, None), {{"ResponseMetadata": {{}}}}
BaseClient._make_request = lambda *_: answer
if True:{_FIRST_CALL}""",
}


def _process(program: str, bytecode: str) -> Party:
    environment = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_EC2_METADATA_DISABLED": "true",
        # Compiled beforehand for all, as an installed package is.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": bytecode,
    }

    def work() -> None:
        subprocess.run([sys.executable, "-c", program], check=True, env=environment)

    return lambda: timed(work)


def cold_process() -> list[Row]:
    """Time processes that import, enter, make a client and call once."""
    with tempfile.TemporaryDirectory() as bytecode:
        parties = {name: _process(text, bytecode) for name, text in _PROGRAMS.items()}
        times = paired(parties, ROUNDS)
    what = "a cold process, to its first answer"
    return [
        compare(what, times, "ecrmock", "a canned answer", at_most=1.25),
        compare(what, times, "ecrmock", "moto", at_least=2),
    ]
