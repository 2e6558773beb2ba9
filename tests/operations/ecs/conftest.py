"""A client of ECS, and clusters as its answers show them."""

from __future__ import annotations

import pytest


@pytest.fixture
def ecs(door):
    return door.client("ecs")


@pytest.fixture
def unchecked(door):
    """A client that sends what botocore would refuse by itself."""
    return door.unchecked("ecs")


@pytest.fixture
def arn_of(account):
    """Return the ARN of a cluster in us-east-1."""

    def arn_of(name: str, *, region: str = "us-east-1", owner: str = account) -> str:
        return f"arn:aws:ecs:{region}:{owner}:cluster/{name}"

    return arn_of


@pytest.fixture
def prod(ecs) -> str:
    """The name of a cluster that exists and is plain."""
    ecs.create_cluster(clusterName="prod")
    return "prod"


@pytest.fixture
def inactive(ecs) -> str:
    """The name of a cluster that was deleted."""
    ecs.create_cluster(clusterName="gone")
    ecs.delete_cluster(cluster="gone")
    return "gone"


@pytest.fixture
def show(ecs):
    """Return one cluster as DescribeClusters shows it."""

    def show(cluster: str, *include: str) -> dict:
        response = ecs.describe_clusters(clusters=[cluster], include=list(include))
        (shown,) = response["clusters"]
        return shown

    return show
