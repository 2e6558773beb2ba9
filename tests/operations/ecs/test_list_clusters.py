"""ListClusters: which, in what order, in pages."""

from __future__ import annotations

import pytest


@pytest.fixture
def five(ecs, arn_of) -> list[str]:
    """The ARNs of five clusters, not in alphabetical order."""
    names = ["delta", "alpha", "echo", "bravo", "charlie"]
    for name in names:
        ecs.create_cluster(clusterName=name)
    return [arn_of(name) for name in names]


def test_no_clusters_are_an_empty_list(ecs):
    response = ecs.list_clusters()

    response.pop("ResponseMetadata")
    assert response == {"clusterArns": []}


def test_list_clusters_keeps_the_order_of_creation(ecs, five):
    response = ecs.list_clusters()

    assert response["clusterArns"] == five


def test_list_clusters_leaves_inactive_ones_out(ecs, five):
    ecs.delete_cluster(cluster="echo")

    response = ecs.list_clusters()

    assert response["clusterArns"] == [arn for arn in five if not arn.endswith("/echo")]


def test_list_clusters_pages(ecs, five):
    first = ecs.list_clusters(maxResults=2)
    second = ecs.list_clusters(maxResults=2, nextToken=first["nextToken"])
    third = ecs.list_clusters(maxResults=2, nextToken=second["nextToken"])

    pages = [each["clusterArns"] for each in (first, second, third)]
    assert pages == [five[:2], five[2:4], five[4:]]
    assert "nextToken" not in third


def test_list_clusters_has_no_token_after_a_page_that_is_just_full(ecs, five):
    response = ecs.list_clusters(maxResults=5)

    assert "nextToken" not in response


def test_list_clusters_shows_a_hundred_on_a_page_by_default(ecs):
    for number in range(101):
        ecs.create_cluster(clusterName=f"cluster-{number}")

    first = ecs.list_clusters()
    second = ecs.list_clusters(nextToken=first["nextToken"])

    assert (len(first["clusterArns"]), len(second["clusterArns"])) == (100, 1)


def test_the_paginator_walks_all_clusters(ecs, five):
    pages = ecs.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})

    arns = [arn for page in pages for arn in page["clusterArns"]]

    assert arns == five


def test_paging_skips_nothing_when_a_cluster_goes_between_two_pages(ecs, five):
    first = ecs.list_clusters(maxResults=2)
    ecs.delete_cluster(cluster=first["clusterArns"][0])

    rest = ecs.list_clusters(nextToken=first["nextToken"])

    assert first["clusterArns"] + rest["clusterArns"] == five


@pytest.mark.parametrize("number", [0, 101, -1])
def test_list_clusters_refuses_a_page_size_out_of_range(unchecked, refusal, number):
    refused = refusal(unchecked.list_clusters, maxResults=number)

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("token", ["nonsense", "AAAA"])
def test_list_clusters_refuses_a_token_that_it_did_not_make(ecs, five, refusal, token):
    refused = refusal(ecs.list_clusters, nextToken=token)

    assert refused.code == "InvalidParameterException"
