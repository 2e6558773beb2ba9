"""What a mock leaves behind: no thread, no open file, no warning, no patched function."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import boto3
import botocore.client
import pytest

from ecrmock import mock_aws

UNFINISHED = """
    import gc
    import boto3
    from ecrmock import mock_aws

    def work():
        with mock_aws() as aws:
            ecr = aws.client("ecr")
            ecr.create_repository(repositoryName="team/app")
            upload = ecr.initiate_layer_upload(repositoryName="team/app")["uploadId"]
            data = b"x" * {size}
            ecr.upload_layer_part(
                repositoryName="team/app",
                uploadId=upload,
                partFirstByte=0,
                partLastByte=len(data) - 1,
                layerPartBlob=data,
            )
            saved, fork = aws.snapshot(), aws.fork()
            {then}

    work()
    gc.collect()
    print("done")
"""
COMPLETE = """
            import hashlib
            digest = "sha256:" + hashlib.sha256(data).hexdigest()
            ecr.complete_layer_upload(
                repositoryName="team/app", uploadId=upload, layerDigests=[digest]
            )
"""


@pytest.mark.parametrize("size", [1, 5 << 20], ids=["small", "large"])
@pytest.mark.parametrize("then", ["pass", COMPLETE], ids=["open-upload", "layer"])
def test_bytes_that_a_mock_still_held_are_let_go_without_a_warning(then, size, run_python):
    script = UNFINISHED.replace("{size}", str(size)).replace("{then}", then.strip())

    assert run_python(script) == "done"


def test_an_upload_that_expires_is_let_go_without_a_warning(run_python):
    script = UNFINISHED.replace("{size}", "1").replace("{then}", "aws.clock.advance(days=2)")

    assert run_python(script) == "done"


def test_the_listener_for_layers_ends_with_its_mock(push):
    before = set(threading.enumerate())
    with mock_aws() as aws:
        ecr = aws.client("ecr")
        ecr.create_repository(repositoryName="team/app")
        push(ecr, "team/app")
        digest = ecr.batch_check_layer_availability(
            repositoryName="team/app",
            layerDigests=[
                "sha256:e9bdd1914248c2115beb6a3ad07d263061b4f5c7dde2d68d328af5a596c42c73"
            ],
        )["layers"][0]["layerDigest"]
        ecr.get_download_url_for_layer(repositoryName="team/app", layerDigest=digest)
        assert set(threading.enumerate()) > before

    assert set(threading.enumerate()) == before


def test_a_mock_starts_no_thread():
    before = threading.enumerate()
    with mock_aws() as aws:
        aws.client("ecr").create_repository(repositoryName="team/app")
        aws.clock.advance(days=400)

        assert threading.enumerate() == before


def test_the_functions_that_it_replaced_are_back():
    before = (botocore.client.BaseClient._make_request, time.sleep, asyncio.sleep)
    with mock_aws(time="virtual"):
        assert botocore.client.BaseClient._make_request is not before[0]
        assert time.sleep is not before[1]

    assert (botocore.client.BaseClient._make_request, time.sleep, asyncio.sleep) == before


def test_the_environment_is_back_to_the_byte(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:9")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    before = dict(os.environ)

    with mock_aws(region_name="eu-west-1"):
        boto3.session.Session().client("ecr").describe_repositories()
        assert dict(os.environ) != before

    assert dict(os.environ) == before
