"""UpdateCluster and UpdateClusterSettings."""

from __future__ import annotations

import pytest

CONFIGURATION = {"executeCommandConfiguration": {"logging": "DEFAULT"}}


def insights(value: str) -> list[dict[str, str]]:
    return [{"name": "containerInsights", "value": value}]


@pytest.fixture(params=["update_cluster", "update_cluster_settings"])
def update(request, ecs):
    """Change settings by each of the two operations."""
    return getattr(ecs, request.param)


@pytest.mark.parametrize("value", ["enabled", "disabled", "enhanced"])
def test_settings_are_changed_and_answered(update, prod, show, value):
    cluster = update(cluster=prod, settings=insights(value))["cluster"]

    assert cluster["settings"] == insights(value)
    assert show(prod, "SETTINGS")["settings"] == insights(value)


def test_a_value_that_settings_cannot_have_is_refused(update, prod, refusal, show):
    refused = refusal(update, cluster=prod, settings=insights("sometimes"))

    assert refused == ("InvalidParameterException", "Invalid setting 'value'")
    assert show(prod, "SETTINGS")["settings"] == insights("disabled")


def test_the_answer_is_the_whole_cluster(update, ecs, arn_of):
    created = ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE"])["cluster"]

    cluster = update(cluster=arn_of("prod"), settings=insights("enabled"))["cluster"]

    assert set(cluster) >= set(created) - {"tags"}
    assert cluster["clusterArn"] == created["clusterArn"]
    assert cluster["capacityProviders"] == ["FARGATE"]


def test_update_cluster_keeps_what_it_does_not_name(ecs, show):
    ecs.create_cluster(
        clusterName="prod", settings=insights("enhanced"), tags=[{"key": "a", "value": "b"}]
    )

    ecs.update_cluster(cluster="prod", configuration=CONFIGURATION)

    shown = show("prod", "SETTINGS", "TAGS", "CONFIGURATIONS")
    assert shown["settings"] == insights("enhanced")
    assert shown["tags"] == [{"key": "a", "value": "b"}]
    assert shown["configuration"] == CONFIGURATION


def test_update_cluster_of_nothing_answers_with_the_cluster(ecs, prod):
    cluster = ecs.update_cluster(cluster=prod)["cluster"]

    assert cluster["status"] == "ACTIVE"
    assert cluster["settings"] == insights("disabled")


def test_a_refused_update_changes_nothing(ecs, prod, refusal, show):
    before = show(prod, "SETTINGS", "CONFIGURATIONS")

    refusal(
        ecs.update_cluster,
        cluster=prod,
        settings=insights("enabled"),
        configuration={"executeCommandConfiguration": {"logging": "OVERRIDE"}},
    )

    assert show(prod, "SETTINGS", "CONFIGURATIONS") == before
