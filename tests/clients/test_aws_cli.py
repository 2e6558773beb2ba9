"""The AWS CLI asks over HTTP, and what it prints is what AWS would answer."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.clients


@pytest.fixture
def aws(program, run, server):
    """Run the AWS CLI against the server; return the document it printed, or its complaint."""
    start = [program("aws"), "--endpoint-url", server.url, "--output", "json"]

    def aws(*arguments, account_id=None, **options):
        env = {} if account_id is None else {"AWS_ACCESS_KEY_ID": account_id}
        done = run([*start, *arguments], env=env, **options)
        return done.stderr.strip() if options.get("fails") else json.loads(done.stdout)

    return aws


@pytest.fixture
def login_password(program, run, server) -> str:
    """What `aws ecr get-login-password` prints."""
    path = program("aws")
    return run([path, "--endpoint-url", server.url, "ecr", "get-login-password"]).stdout


def test_get_login_password_is_piped_into_skopeo_login(skopeo, registry, login_password, single):
    arguments = ("--username", "AWS", "--password-stdin", registry.host)

    said = skopeo("login", *arguments, input=login_password)

    assert said == "Login Succeeded!\n"
    skopeo("copy", single, registry.at(":v1"))


def test_get_login_password_is_piped_into_docker_login(program, run, server, home, login_password):
    docker = program("docker", optional=True)
    arguments = ("--username", "AWS", "--password-stdin", server.host)

    said = run([docker, "login", *arguments], input=login_password).stdout

    assert said == "Login Succeeded\n"
    kept = json.loads((home / ".docker" / "config.json").read_bytes())
    assert kept["auths"].keys() == {server.host}


def test_get_caller_identity_is_that_of_the_key(aws, registry):
    other_account = registry.other_account

    identity = aws("sts", "get-caller-identity", account_id=other_account)

    assert identity["Account"] == other_account
    assert identity["Arn"] == f"arn:aws:iam::{other_account}:user/administrator"


def test_create_repository_makes_one_and_names_where_to_push(aws, server):
    made = aws("ecr", "create-repository", "--repository-name", "app")["repository"]

    [shown] = server.client("ecr").describe_repositories()["repositories"]
    assert made["repositoryUri"] == f"{server.host}/app"
    assert made["repositoryArn"] == shown["repositoryArn"]


def test_describe_images_shows_what_skopeo_pushed(aws, skopeo, registry, logged_in, web_app):
    skopeo("copy", "--all", web_app, registry.at(":v1"))

    shown = aws("ecr", "describe-images", "--repository-name", registry.repository)

    assert {each["imageDigest"]: each.get("imageTags") for each in shown["imageDetails"]} == {
        web_app.digest: ["v1"],
        web_app.child("amd64"): None,
        web_app.child("arm64"): None,
    }


def test_a_layer_is_uploaded_from_a_file(aws, registry, single):
    digest = single.document["layers"][0]["digest"]
    file = single.folder / "blobs" / "sha256" / digest.removeprefix("sha256:")
    where = {"repositoryName": registry.repository}
    where["uploadId"] = registry.ecr.initiate_layer_upload(**where)["uploadId"]
    upload = ("--repository-name", registry.repository, "--upload-id", where["uploadId"])
    part = ("--part-first-byte", "0", "--part-last-byte", str(file.stat().st_size - 1))

    aws("ecr", "upload-layer-part", *upload, *part, "--layer-part-blob", f"fileb://{file}")

    completed = registry.ecr.complete_layer_upload(**where, layerDigests=[digest])
    assert completed["layerDigest"] == digest


def test_list_clusters_follows_every_page(aws, server):
    ecs = server.client("ecs")
    made = [
        ecs.create_cluster(clusterName=name)["cluster"]["clusterArn"]
        for name in ("one", "three", "two")
    ]
    server.aws.calls.clear()

    listed = aws("ecs", "list-clusters", "--page-size", "1")

    assert sorted(listed["clusterArns"]) == made
    assert len(server.aws.calls("ecs.ListClusters")) >= len(made)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param(
            ("ecr", "list-images", "--repository-name", "nowhere"),
            "An error occurred (RepositoryNotFoundException) when calling the ListImages "
            "operation: The repository with name 'nowhere' does not exist in the registry with "
            "id '123456789012'",
            id="ecr",
        ),
        pytest.param(
            ("ecs", "delete-cluster", "--cluster", "nowhere"),
            "An error occurred (ClusterNotFoundException) when calling the DeleteCluster "
            "operation: Cluster not found.",
            id="ecs",
        ),
    ],
)
def test_errors_are_shown_as_those_of_aws(aws, arguments, complaint):
    assert aws(*arguments, fails=True) == complaint
