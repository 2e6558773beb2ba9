"""How operations on clusters take names and ARNs, and what they refuse."""

from __future__ import annotations

import pytest

SEPARATORS = "Invalid identifier: Unexpected number of separators"

CALLS = {
    "DescribeClusters": lambda ecs, cluster: ecs.describe_clusters(clusters=[cluster]),
    "UpdateCluster": lambda ecs, cluster: ecs.update_cluster(cluster=cluster),
    "UpdateClusterSettings": lambda ecs, cluster: ecs.update_cluster_settings(
        cluster=cluster, settings=[{"name": "containerInsights", "value": "enabled"}]
    ),
    "DeleteCluster": lambda ecs, cluster: ecs.delete_cluster(cluster=cluster),
}


@pytest.fixture(params=CALLS)
def call(request, ecs):
    """Call each operation that takes a cluster."""
    return lambda cluster: CALLS[request.param](ecs, cluster)


@pytest.fixture(params=[name for name in CALLS if name != "DescribeClusters"])
def call_of_one(request, ecs):
    """Call each operation that takes one cluster and refuses an unknown one."""
    return lambda cluster: CALLS[request.param](ecs, cluster)


@pytest.mark.parametrize("form", ["prod", "arn:aws:ecs:us-east-1:123456789012:cluster/prod"])
def test_a_cluster_is_found_by_name_and_by_arn(call, prod, form):
    response = call(form)

    found = response["cluster"] if "cluster" in response else response["clusters"][0]
    assert found["clusterName"] == prod


def test_an_unknown_cluster_is_refused(call_of_one, refusal):
    refused = refusal(call_of_one, cluster="none")

    assert refused == ("ClusterNotFoundException", "Cluster not found.")


def test_names_are_case_sensitive(call_of_one, prod, refusal):
    refused = refusal(call_of_one, cluster="PROD")

    assert refused == ("ClusterNotFoundException", "Cluster not found.")


def test_an_arn_of_another_region_is_refused(call, prod, arn_of, refusal):
    refused = refusal(call, cluster=arn_of(prod, region="eu-west-1"))

    assert refused == ("InvalidParameterException", "Invalid Region in ARN")


def test_an_arn_of_another_account_is_refused(call, prod, arn_of, refusal, other_account):
    refused = refusal(call, cluster=arn_of(prod, owner=other_account))

    # AWS was seen with and without `Invalid identifier: ` before it.
    assert refused.code == "InvalidParameterException"
    assert refused.message.removeprefix("Invalid identifier: ") == (
        f"Identifier is for {other_account}. Your accountId is 123456789012"
    )


@pytest.mark.parametrize(
    "identifier",
    ["a/b", "a:b", "arn:aws:ecs:us-east-1:123456789012:cluster/a/b", "arn:aws:ecs", "prod\r"],
    ids=["slash", "colon", "ARN with two slashes", "ARN that ends early", "carriage return"],
)
def test_an_identifier_with_too_many_or_too_few_separators_is_refused(
    call, prod, refusal, identifier
):
    refused = refusal(call, cluster=identifier)

    assert refused == ("InvalidParameterException", SEPARATORS)


@pytest.mark.parametrize(
    "identifier",
    [
        "arn:aws:ecs:us-east-1:123456789012:service/prod",
        "arn:aws:ecs:us-east-1:123456789012:capacity-provider/prod",
        "arn:aws:ecr:us-east-1:123456789012:repository/prod",
        "arn:aws:sqs:us-east-1:123456789012:prod",
    ],
    ids=["service", "capacity provider", "repository", "queue"],
)
def test_an_arn_of_something_else_is_refused(call, prod, refusal, identifier):
    refused = refusal(call, cluster=identifier)

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("operation", ["UpdateCluster", "UpdateClusterSettings"])
def test_an_inactive_cluster_is_not_updated(ecs, inactive, refusal, operation):
    refused = refusal(lambda: CALLS[operation](ecs, inactive))

    assert refused == ("ClusterNotFoundException", "The referenced cluster was inactive.")
