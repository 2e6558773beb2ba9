"""What the tests of `aws.images` share: a mock at noon, and a look for what a refusal leaves."""

from __future__ import annotations

from datetime import datetime, timezone

import boto3
import pytest

from ecrmock import mock_aws
from tests.images.archives import refusal_of, write_content

NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.fixture
def aws():
    with mock_aws(now=NOON) as aws:
        yield aws


@pytest.fixture
def images(aws):
    return aws.images


@pytest.fixture
def ecr(aws):
    return boto3.client("ecr")


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Return a function that loads a hostile path, and checks that nothing comes of it."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))

    def refused(path):
        text = refusal_of(path)
        assert list(temporary.iterdir()) == []
        return text

    return refused


@pytest.fixture
def write(tmp_path):
    """Return a function that writes bytes as a file, or a dict of them as a folder."""
    return lambda content: write_content(tmp_path / "image", content)
