"""DescribeClusters: order, failures, and what `include` adds."""

from __future__ import annotations

import pytest

PLAIN = {
    "clusterArn",
    "clusterName",
    "status",
    "registeredContainerInstancesCount",
    "runningTasksCount",
    "pendingTasksCount",
    "activeServicesCount",
    "statistics",
    "tags",
    "settings",
    "capacityProviders",
    "defaultCapacityProviderStrategy",
}
STATISTICS = {
    f"{state}{kind}{noun}"
    for kind in ("EC2", "Fargate")
    for state, noun in (
        ("running", "TasksCount"),
        ("pending", "TasksCount"),
        ("active", "ServiceCount"),
        ("draining", "ServiceCount"),
    )
}


@pytest.fixture
def full(ecs) -> str:
    """The name of a cluster with tags and settings."""
    ecs.create_cluster(
        clusterName="full",
        tags=[{"key": "team", "value": "a"}],
        settings=[{"name": "containerInsights", "value": "enabled"}],
    )
    return "full"


def names_of(response) -> list[str]:
    return [each["clusterName"] for each in response["clusters"]]


def test_describe_clusters_shows_a_cluster_without_what_was_not_included(full, show):
    cluster = show(full)

    assert set(cluster) == PLAIN
    assert (cluster["tags"], cluster["settings"], cluster["statistics"]) == ([], [], [])


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        ("TAGS", {"tags": [{"key": "team", "value": "a"}]}),
        ("SETTINGS", {"settings": [{"name": "containerInsights", "value": "enabled"}]}),
        ("ATTACHMENTS", {}),
        ("CONFIGURATIONS", {}),
    ],
)
def test_include_adds_what_it_names_and_nothing_else(full, show, include, expected):
    plain = show(full)

    cluster = show(full, include)

    without = {"attachments", "attachmentsStatus", "configuration"}
    assert {name: value for name, value in cluster.items() if name not in without} == (
        plain | expected
    )


def test_include_statistics_adds_counts_as_text(full, show):
    cluster = show(full, "STATISTICS")

    counts = {each["name"]: each["value"] for each in cluster["statistics"]}
    assert set(counts) >= STATISTICS
    assert set(counts.values()) == {"0"}


def test_include_takes_several(full, show):
    cluster = show(full, "TAGS", "SETTINGS")

    assert cluster["tags"]
    assert cluster["settings"]


def test_include_refuses_what_it_does_not_know(ecs, prod, refusal):
    refused = refusal(ecs.describe_clusters, clusters=[prod], include=["EVERYTHING"])

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        "include should be one of [ATTACHMENTS,CONFIGURATIONS,SETTINGS,STATISTICS,TAGS]"
    )


def test_describe_clusters_keeps_the_order_of_the_request(ecs, arn_of):
    for name in ("a", "b", "c"):
        ecs.create_cluster(clusterName=name)

    response = ecs.describe_clusters(clusters=["c", arn_of("a"), "b"])

    assert names_of(response) == ["c", "a", "b"]
    assert response["failures"] == []


def test_an_unknown_cluster_is_a_failure_among_clusters(ecs, prod, arn_of):
    response = ecs.describe_clusters(clusters=["none", prod, arn_of("nobody")])

    assert names_of(response) == [prod]
    assert response["failures"] == [
        {"arn": arn_of("none"), "reason": "MISSING"},
        {"arn": arn_of("nobody"), "reason": "MISSING"},
    ]


@pytest.mark.parametrize("parameters", [{}, {"clusters": []}], ids=["absent", "empty"])
def test_describe_clusters_of_none_shows_default(ecs, prod, parameters):
    ecs.create_cluster()

    response = ecs.describe_clusters(**parameters)

    assert names_of(response) == ["default"]


def test_the_default_cluster_does_not_make_itself(ecs, arn_of):
    response = ecs.describe_clusters()

    assert response["clusters"] == []
    assert response["failures"] == [{"arn": arn_of("default"), "reason": "MISSING"}]


def test_an_inactive_cluster_is_still_shown(inactive, show):
    cluster = show(inactive)

    assert cluster["status"] == "INACTIVE"


def test_describe_clusters_takes_a_hundred(ecs, prod):
    response = ecs.describe_clusters(clusters=[prod, *(f"none-{n}" for n in range(99))])

    assert len(response["failures"]) == 99


def test_describe_clusters_refuses_a_hundred_and_one(ecs, refusal):
    refused = refusal(ecs.describe_clusters, clusters=[f"none-{n}" for n in range(101)])

    assert refused.code == "InvalidParameterException"
    assert refused.message.endswith("can have at most 100 items.")


def test_describing_changes_nothing(ecs, full, show):
    everything = "ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"
    before = show(full, *everything)

    ecs.describe_clusters(clusters=[full, "none"])

    assert show(full, *everything) == before
    assert len(ecs.list_clusters()["clusterArns"]) == 1
