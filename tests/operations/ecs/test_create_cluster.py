"""CreateCluster: defaults, names, idempotency, what is echoed."""

from __future__ import annotations

import pytest

ENABLED = [{"name": "containerInsights", "value": "enabled"}]
NAME_TEXT = "ClusterName must match"
DIFFERENT = (
    "Arguments on this idempotent request are inconsistent with arguments used in previous "
    "request(s)."
)


def test_create_cluster_answers_with_the_defaults_and_nothing_else(ecs, arn_of):
    cluster = ecs.create_cluster(clusterName="prod")["cluster"]

    assert cluster == {
        "clusterArn": arn_of("prod"),
        "clusterName": "prod",
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
        "statistics": [],
        "tags": [],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }


def test_create_cluster_without_a_name_makes_default(ecs, arn_of):
    cluster = ecs.create_cluster()["cluster"]

    assert cluster["clusterName"] == "default"
    assert cluster["clusterArn"] == arn_of("default")


def test_create_cluster_echoes_providers_and_tags(ecs):
    tags = [{"key": "Name", "value": "prod"}]

    cluster = ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE"], tags=tags)[
        "cluster"
    ]

    assert cluster["capacityProviders"] == ["FARGATE"]
    assert cluster["defaultCapacityProviderStrategy"] == []
    assert cluster["tags"] == tags
    assert "attachments" not in cluster
    assert "attachmentsStatus" not in cluster


@pytest.mark.parametrize("value", ["enabled", "disabled", "enhanced"])
def test_create_cluster_takes_each_value_of_container_insights(ecs, value):
    settings = [{"name": "containerInsights", "value": value}]

    cluster = ecs.create_cluster(clusterName="prod", settings=settings)["cluster"]

    assert cluster["settings"] == settings


def test_create_cluster_refuses_another_value_of_container_insights(ecs, refusal):
    refused = refusal(
        ecs.create_cluster,
        clusterName="prod",
        settings=[{"name": "containerInsights", "value": "sometimes"}],
    )

    assert refused == ("InvalidParameterException", "Invalid setting 'value'")


def test_create_cluster_refuses_an_unknown_setting(ecs, refusal):
    refused = refusal(
        ecs.create_cluster, clusterName="prod", settings=[{"name": "other", "value": "enabled"}]
    )

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("name", ["a", "A-b_9", "x" * 255, "0", "_", "-"])
def test_create_cluster_accepts_a_name_of_the_pattern(ecs, name):
    cluster = ecs.create_cluster(clusterName=name)["cluster"]

    assert cluster["clusterName"] == name


@pytest.mark.parametrize(
    "name",
    ["a b", "a/b", "a.b", "ä", "x" * 256, "arn:aws:ecs:us-east-1:123456789012:cluster/a", "a\n"],
    ids=["space", "slash", "dot", "umlaut", "256 characters", "ARN", "line feed"],
)
def test_create_cluster_refuses_a_name_outside_the_pattern(ecs, refusal, name):
    refused = refusal(ecs.create_cluster, clusterName=name)

    assert refused.code == "InvalidParameterException"
    assert refused.message.startswith(NAME_TEXT)


def test_a_refused_create_makes_nothing(ecs, refusal):
    refusal(
        ecs.create_cluster,
        clusterName="prod",
        settings=[{"name": "containerInsights", "value": "sometimes"}],
    )

    assert ecs.list_clusters()["clusterArns"] == []


# ---------------------------------------------------------------------- made twice


def test_create_cluster_again_answers_with_the_cluster_that_is_there(ecs):
    arguments = {"clusterName": "prod", "settings": ENABLED, "capacityProviders": ["FARGATE"]}
    first = ecs.create_cluster(**arguments)["cluster"]

    second = ecs.create_cluster(**arguments)["cluster"]

    assert second == first
    assert ecs.list_clusters()["clusterArns"] == [first["clusterArn"]]


@pytest.mark.parametrize(
    "changed",
    [
        {"settings": ENABLED},
        {"capacityProviders": ["FARGATE_SPOT"]},
        {
            "capacityProviders": ["FARGATE"],
            "defaultCapacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": 1}],
        },
    ],
    ids=["settings", "providers", "strategy"],
)
def test_create_cluster_again_refuses_other_arguments(ecs, refusal, changed):
    ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE"])

    refused = refusal(
        ecs.create_cluster, **({"clusterName": "prod", "capacityProviders": ["FARGATE"]} | changed)
    )

    assert refused == ("InvalidParameterException", DIFFERENT)


def test_create_cluster_of_an_inactive_name_makes_a_fresh_cluster_of_the_same_arn(
    ecs, inactive, arn_of
):
    cluster = ecs.create_cluster(clusterName=inactive, settings=ENABLED)["cluster"]

    assert cluster["clusterArn"] == arn_of(inactive)
    assert cluster["status"] == "ACTIVE"
    assert cluster["settings"] == ENABLED
    assert ecs.list_clusters()["clusterArns"] == [arn_of(inactive)]


# ------------------------------------------------------------ regions and partitions


def test_clusters_are_of_one_region_and_one_account(door, prod, other_account):
    elsewhere = door.client("ecs", region_name="eu-west-1")
    stranger = door.client("ecs", account_id=other_account)

    listed = elsewhere.list_clusters(), stranger.list_clusters()

    assert [each["clusterArns"] for each in listed] == [[], []]


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-northwest-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov"), ("us-iso-east-1", "aws-iso")],
)
def test_a_cluster_is_named_as_its_partition_names_it(door, region, partition):
    ecs = door.client("ecs", region_name=region)

    created = ecs.create_cluster(clusterName="prod")["cluster"]

    shown = ecs.describe_clusters(clusters=[created["clusterArn"]])["clusters"]
    assert created["clusterArn"] == f"arn:{partition}:ecs:{region}:123456789012:cluster/prod"
    assert [each["clusterName"] for each in shown] == ["prod"]
