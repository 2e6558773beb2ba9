"""The AWS SDK for JavaScript, from the scripts in `javascript/`, against the server.

Its packages are installed once and kept in pytest's cache; another `package.json` installs anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.clients

SCRIPTS = Path(__file__).parent / "javascript"
MOST_SECONDS_OF_INSTALLING = 300


@pytest.fixture(scope="session")
def node_modules(program, missing, pytestconfig) -> Path:
    """The folder of the installed packages."""
    wanted = SCRIPTS / "package.json"
    npm = program("npm")
    cache = Path(pytestconfig.cache.mkdir("ecrmock-javascript"))
    folder = cache / hashlib.sha256(wanted.read_bytes()).hexdigest()[:16]
    if not folder.exists():
        begun = cache / f"begun-{os.getpid()}"
        begun.mkdir()
        shutil.copy(wanted, begun)
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        installed = subprocess.run(
            [npm, "install", *options, "--prefix", begun],
            capture_output=True,
            check=False,
            text=True,
            timeout=MOST_SECONDS_OF_INSTALLING,
        )
        if installed.returncode != 0:
            shutil.rmtree(begun)
            missing(f"npm cannot install the AWS SDK for JavaScript: {installed.stderr}")
        begun.rename(folder)  # whole or not at all
    return folder / "node_modules"


@pytest.fixture
def node(program, run, node_modules, tmp_path, server):
    """Run a script and return the document that it prints."""
    folder = tmp_path / "javascript"
    shutil.copytree(SCRIPTS, folder)
    (folder / "node_modules").symlink_to(node_modules)
    path = program("node")

    def node(script: str, *arguments, **options) -> dict:
        return json.loads(run([path, folder / script, *arguments], **options).stdout)

    return node


def test_an_image_is_pushed_and_read_back(node, server, single):
    said = node("push.mjs", server.url, single.folder, "app", "v1")

    parts = [single.document["config"], *single.document["layers"]]
    layers = [layer["digest"] for layer in single.document["layers"]]
    assert said == {
        "createdAt": True,
        "uri": f"{server.host}/app",
        "uploaded": [part["digest"] for part in parts],
        "imageId": {"imageDigest": single.digest, "imageTag": "v1"},
        "manifest": single.manifest.decode(),
        "mediaType": single.document["mediaType"],
        "downloaded": [{"status": 200, "digest": digest} for digest in layers],
    }
    [shown] = server.client("ecr").describe_images(repositoryName="app")["imageDetails"]
    assert (shown["imageDigest"], shown["imageTags"]) == (single.digest, ["v1"])


@pytest.fixture
def asked(node, server) -> dict:
    """What is said of a server with three repositories and three clusters."""
    ecr, ecs = server.client("ecr"), server.client("ecs")
    for name in ("one", "three", "two"):
        ecr.create_repository(repositoryName=name)
        ecs.create_cluster(clusterName=name)
    return node("ask.mjs", env={"AWS_ENDPOINT_URL": server.url})


def test_paginators_give_every_page(asked):
    arn = "arn:aws:ecs:us-east-1:123456789012:cluster"

    assert asked["repositories"] == [["one"], ["three"], ["two"]]
    assert asked["clusters"] == [[f"{arn}/one"], [f"{arn}/three"], [f"{arn}/two"]]


def test_errors_are_of_the_classes_that_the_model_names(asked):
    shared = {"isOfItsClass": True, "fault": "client", "status": 400, "hasRequestId": True}

    assert asked["noRepository"] == shared | {
        "name": "RepositoryNotFoundException",
        "message": "The repository with name 'nowhere' does not exist in the registry "
        "with id '123456789012'",
    }
    assert asked["noCluster"] == shared | {
        "name": "ClusterNotFoundException",
        "message": "Cluster not found.",
    }
