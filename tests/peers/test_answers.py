"""What is wrong or silent in the answers of another mock, and is exact or loud in ecrmock's."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
NO_LAYER = f"sha256:{'0' * 64}"


def against(reason, raises=AssertionError):
    """Run a test against both libraries; moto must fail it, for the reason that is given."""
    fails = pytest.mark.xfail(strict=True, reason=reason, raises=raises)
    peers = ["ecrmock", pytest.param("moto", marks=fails)]
    return pytest.mark.parametrize("peer", peers, indirect=True)


@pytest.fixture
def ecr(peer, outside):
    peer.start()
    return outside("ecr")


@pytest.fixture
def ask(request, peer, outside):
    """Return a call that asks one operation, with one repository in the mock."""
    service, operation, parameters = request.param
    peer.start()
    outside("ecr").create_repository(repositoryName="web-app")
    return functools.partial(getattr(outside(service), operation), **parameters)


def blob_of(digest):
    name = digest.removeprefix("sha256:")
    return next(FIXTURES.rglob(f"blobs/sha256/{name}")).read_bytes()


def manifest(name):
    return (FIXTURES / "manifests" / f"{name}.json").read_bytes().decode()


def push(ecr, repository, text, tag="1.0.0"):
    """Upload what a manifest names and is not there yet, then put the manifest."""
    document = json.loads(text)
    for each in [document["config"], *document["layers"]]:
        there = {"repositoryName": repository, "layerDigests": [each["digest"]]}
        found = ecr.batch_check_layer_availability(**there)["layers"]
        if [layer["layerAvailability"] for layer in found] == ["AVAILABLE"]:
            continue
        content = blob_of(each["digest"])
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=upload,
            partFirstByte=0,
            partLastByte=len(content) - 1,
            layerPartBlob=content,
        )
        ecr.complete_layer_upload(**there, uploadId=upload)
    return ecr.put_image(repositoryName=repository, imageManifest=text, imageTag=tag)["image"]


# ------------------------------------------------------------- Python errors that escape


@against("a Python error escapes from it")
@pytest.mark.parametrize(
    ("ask", "code"),
    [
        pytest.param(
            ("ecr", "put_image", {"repositoryName": "web-app", "imageManifest": "{no JSON"}),
            "InvalidParameterException",
            id="a manifest that is no JSON",
        ),
        pytest.param(
            (
                "ecr",
                "get_download_url_for_layer",
                {"repositoryName": "web-app", "layerDigest": NO_LAYER},
            ),
            "LayersNotFoundException",
            id="a layer that is not there",
        ),
        pytest.param(
            (
                "ecs",
                "list_tags_for_resource",
                {"resourceArn": "arn:aws:ecs:us-east-1:123456789012:parrot/cage"},
            ),
            "InvalidParameterException",
            id="an ARN of no kind of resource",
        ),
        pytest.param(
            (
                "ecs",
                "update_cluster_settings",
                {
                    "cluster": "absent",
                    "settings": [{"name": "containerInsights", "value": "enabled"}],
                },
            ),
            "ClusterNotFoundException",
            id="a cluster that is not there",
        ),
    ],
    indirect=["ask"],
)
def test_a_wrong_request_gets_an_error_of_aws(ask, code):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the kind is what is tested
        ask()

    assert isinstance(caught.value, ClientError)
    assert caught.value.response["Error"]["Code"] == code


# ----------------------------------------------------------------------- digests and sizes


@against("its digest is not the one of the manifest's bytes")
@pytest.mark.parametrize(
    "name", ["docker-v2-schema2", "oci-zero-layers", "docker-web-app-amd64", "docker-web-app-arm64"]
)
def test_the_digest_of_an_image_is_the_sha256_of_its_manifest(ecr, name):
    text = manifest(name)
    ecr.create_repository(repositoryName="web-app")

    image = push(ecr, "web-app", text)

    digest = hashlib.sha256(text.encode()).hexdigest()
    assert image["imageId"]["imageDigest"] == f"sha256:{digest}"


@against("it makes up the size")
def test_the_size_of_an_image_is_the_sum_of_what_was_uploaded(ecr):
    text = manifest("docker-v2-schema2")
    ecr.create_repository(repositoryName="web-app")
    push(ecr, "web-app", text)

    details = ecr.describe_images(repositoryName="web-app")["imageDetails"]

    document = json.loads(text)
    blobs = [blob_of(each["digest"]) for each in [document["config"], *document["layers"]]]
    assert [each["imageSizeInBytes"] for each in details] == [sum(map(len, blobs))]


# ------------------------------------------------------------------------ unknown options


@against("a misspelt option is kept and does nothing", raises=pytest.fail.Exception)
def test_a_misspelt_option_is_an_error(peer):
    misspelt = {
        "ecrmock": {"acount_id": "111122223333"},
        "moto": {"config": {"iam": {"load_aws_manged_policies": True}}},
    }

    with pytest.raises(TypeError):
        peer.start(**misspelt[peer.name])
