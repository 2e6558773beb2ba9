"""DeleteCluster: what it answers, what is left."""

from __future__ import annotations


def test_delete_cluster_answers_with_the_cluster_as_inactive(ecs, prod, arn_of):
    cluster = ecs.delete_cluster(cluster=prod)["cluster"]

    assert cluster["clusterArn"] == arn_of(prod)
    assert cluster["status"] == "INACTIVE"


def test_a_deleted_cluster_is_not_listed(ecs, prod):
    ecs.delete_cluster(cluster=prod)

    assert ecs.list_clusters()["clusterArns"] == []


def test_deleting_one_cluster_leaves_the_others(ecs, prod, arn_of):
    ecs.create_cluster(clusterName="stage")

    ecs.delete_cluster(cluster="stage")

    assert ecs.list_clusters()["clusterArns"] == [arn_of(prod)]


def test_a_name_lives_again_and_again(ecs, prod, show):
    for _number in range(2):
        ecs.delete_cluster(cluster=prod)
        ecs.create_cluster(clusterName=prod)

    assert show(prod)["status"] == "ACTIVE"
    assert len(ecs.list_clusters()["clusterArns"]) == 1
