"""skopeo reaches the registry of another account as far as the repository policy lets it.

On the server's own host, credentials mean the registry of their own account. Another one has to
be called by its real name: here the server is skopeo's proxy for plain HTTP, whatever the name.
"""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.clients

PULL = ("BatchGetImage", "GetDownloadUrlForLayer")
PUSH = (
    "BatchCheckLayerAvailability",
    "CompleteLayerUpload",
    "InitiateLayerUpload",
    "PutImage",
    "UploadLayerPart",
)


@pytest.fixture
def proxied(skopeo, server):
    """Run skopeo so that each host name leads to the server."""
    proxy = {"HTTP_PROXY": server.url, "HTTPS_PROXY": server.url}

    def proxied(verb, *arguments, **options):
        sides = ("src-", "dest-") if verb == "copy" else ("",)
        plain = [f"--{side}tls-verify=false" for side in sides]
        return skopeo(verb, *plain, *arguments, env=proxy, **options)

    return proxied


@pytest.fixture
def ours(registry) -> str:
    """An image in the repository, by the real name of its registry."""
    host = f"{registry.account}.dkr.ecr.us-east-1.amazonaws.com"
    return f"docker://{host}/{registry.repository}:v1"


@pytest.fixture
def grant(registry):
    """Let the principals of the other account do something with the repository."""

    def grant(*actions: str) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{registry.other_account}:root"},
            "Action": [f"ecr:{each}" for each in actions],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        registry.ecr.set_repository_policy(
            repositoryName=registry.repository, policyText=json.dumps(policy)
        )

    return grant


@pytest.fixture
def pushed(proxied, registry, single, ours) -> str:
    """The same, pushed by its owner."""
    proxied("copy", "--dest-creds", registry.credentials(), single, ours)
    return ours


def test_another_account_pulls_where_it_is_granted(proxied, registry, pushed, grant, fetched):
    stranger = registry.credentials(registry.other_account)
    grant(*PULL)

    proxied("copy", "--src-creds", stranger, pushed, fetched)

    assert fetched.digest in registry.tags()
    assert len(fetched.blobs()) == 4  # the manifest, the configuration and two layers


def test_another_account_pushes_where_it_is_granted(proxied, registry, ours, grant, single):
    stranger = registry.credentials(registry.other_account)
    grant(*PULL, *PUSH)

    proxied("copy", "--dest-creds", stranger, single, ours)

    [shown] = registry.described().values()
    assert (shown["registryId"], shown["imageDigest"]) == (registry.account, single.digest)


def test_another_account_pulls_nothing_without_a_grant(proxied, registry, pushed):
    stranger = registry.credentials(registry.other_account)

    complaint = proxied("inspect", "--raw", "--creds", stranger, pushed, fails=True)

    assert (
        f"denied: User: arn:aws:iam::{registry.other_account}:user/administrator is not "
        "authorized to perform: ecr:BatchGetImage on resource: "
        f"arn:aws:ecr:us-east-1:{registry.account}:repository/{registry.repository} "
        "because no resource-based policy allows the ecr:BatchGetImage action" in complaint
    )


def test_who_may_only_pull_does_not_push(proxied, registry, ours, grant, single):
    stranger = registry.credentials(registry.other_account)
    grant(*PULL, "BatchCheckLayerAvailability")

    complaint = proxied("copy", "--dest-creds", stranger, single, ours, fails=True)

    assert "is not authorized to perform: ecr:InitiateLayerUpload on resource: " in complaint
    assert registry.described() == {}
