"""Options of clusters: ECS Exec's configuration, provider strategies, Service Connect."""

from __future__ import annotations

import pytest

LOG_GROUP = {"cloudWatchLogGroupName": "/ecs/exec"}
NAMESPACE_ARN = "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-abcdefgh12345678"


@pytest.fixture(params=["CreateCluster", "UpdateCluster"])
def configure(request, ecs):
    """Give a cluster options by each of the two operations; return the cluster."""

    def configure(**options) -> dict:
        if request.param == "CreateCluster":
            return ecs.create_cluster(clusterName="prod", **options)["cluster"]
        ecs.create_cluster(clusterName="prod")
        return ecs.update_cluster(cluster="prod", **options)["cluster"]

    return configure


def execution(**members) -> dict:
    return {"executeCommandConfiguration": members}


# --------------------------------------------------------------------- configuration


@pytest.mark.parametrize(
    "configuration",
    [
        execution(logging="DEFAULT"),
        execution(logging="NONE", kmsKeyId="1234abcd"),
        execution(logging="OVERRIDE", logConfiguration=LOG_GROUP),
        execution(logging="OVERRIDE", logConfiguration={"s3BucketName": "logs"}),
        {"managedStorageConfiguration": {"fargateEphemeralStorageKmsKeyId": "1234abcd"}},
    ],
    ids=["default", "none", "log group", "bucket", "storage"],
)
def test_a_configuration_is_echoed(configure, configuration):
    cluster = configure(configuration=configuration)

    assert cluster["configuration"] == configuration


def test_a_configuration_is_shown_when_it_is_asked_for(configure, show):
    configuration = execution(logging="OVERRIDE", logConfiguration=LOG_GROUP)
    configure(configuration=configuration)

    asked, plain = show("prod", "CONFIGURATIONS"), show("prod")

    assert asked["configuration"] == configuration
    assert "configuration" not in plain


@pytest.mark.parametrize(
    "members",
    [
        {"logging": "OVERRIDE"},
        {"logging": "OVERRIDE", "logConfiguration": {}},
        {"logging": "OVERRIDE", "logConfiguration": {"s3KeyPrefix": "exec"}},
    ],
    ids=["no log configuration", "empty", "a prefix alone"],
)
def test_logging_override_needs_a_destination(configure, refusal, members):
    refused = refusal(configure, configuration=execution(**members))

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        "A CloudWatch log group name or S3 bucket name must be specified when overriding "
        "the default log configuration."
    )


@pytest.mark.parametrize(
    "members", [{}, {"logging": "DEFAULT"}, {"logging": "NONE"}], ids=["absent", "default", "none"]
)
def test_a_log_configuration_needs_logging_override(configure, refusal, members):
    refused = refusal(configure, configuration=execution(logConfiguration=LOG_GROUP, **members))

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        "You must set logging to 'OVERRIDE' when you supply a log configuration."
    )


def test_an_unknown_logging_is_refused(configure, refusal):
    refused = refusal(configure, configuration=execution(logging="SOMETIMES"))

    assert refused.code == "InvalidParameterException"


# ------------------------------------------------------------- provider strategies


def test_a_strategy_is_shown_with_weight_and_base(ecs, show):
    created = ecs.create_cluster(
        clusterName="prod",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[
            {"capacityProvider": "FARGATE", "base": 2},
            {"capacityProvider": "FARGATE_SPOT", "weight": 3},
        ],
    )["cluster"]

    shown = show("prod")

    assert created["defaultCapacityProviderStrategy"] == [
        {"capacityProvider": "FARGATE", "weight": 0, "base": 2},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 0},
    ]
    for member in ("capacityProviders", "defaultCapacityProviderStrategy"):
        assert shown[member] == created[member]


def test_a_strategy_takes_only_providers_of_the_cluster(ecs, refusal):
    refused = refusal(
        ecs.create_cluster,
        clusterName="prod",
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}],
    )

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        "The specified capacity provider strategy cannot contain a capacity provider that is not "
        "associated with the cluster. Associate the capacity provider with the cluster or specify "
        "a valid capacity provider and try again."
    )


def test_a_strategy_takes_one_base(ecs, refusal):
    refused = refusal(
        ecs.create_cluster,
        clusterName="prod",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[
            {"capacityProvider": "FARGATE", "weight": 1, "base": 1},
            {"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 2},
        ],
    )

    assert refused.code == "InvalidParameterException"
    assert refused.message == (
        "The specified capacity provider strategy contains multiple capacity providers with a "
        "base value defined. Only one capacity provider per strategy can have a base value "
        "defined."
    )


@pytest.mark.parametrize(
    "bounds", [{"weight": 1001}, {"weight": -1}, {"base": 100_001}, {"base": -1}], ids=str
)
def test_weight_and_base_have_bounds(unchecked, refusal, bounds):
    refused = refusal(
        unchecked.create_cluster,
        clusterName="prod",
        capacityProviders=["FARGATE"],
        defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE"} | bounds],
    )

    assert refused.code == "InvalidParameterException"


def test_an_unknown_provider_is_refused(ecs, refusal):
    refused = refusal(ecs.create_cluster, clusterName="prod", capacityProviders=["nobody"])

    assert refused.code == "InvalidParameterException"


# ------------------------------------------------------------------- Service Connect


def test_a_namespace_is_shown_by_its_arn(configure, show):
    cluster = configure(serviceConnectDefaults={"namespace": "internal"})

    namespace = cluster["serviceConnectDefaults"]["namespace"]
    assert namespace.startswith("arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-")
    assert show("prod")["serviceConnectDefaults"] == {"namespace": namespace}


def test_a_namespace_that_is_given_by_its_arn_is_kept(configure):
    cluster = configure(serviceConnectDefaults={"namespace": NAMESPACE_ARN})

    assert cluster["serviceConnectDefaults"] == {"namespace": NAMESPACE_ARN}


def test_clusters_that_name_the_same_namespace_share_it(ecs):
    first, second = (
        ecs.create_cluster(clusterName=name, serviceConnectDefaults={"namespace": "internal"})[
            "cluster"
        ]
        for name in ("prod", "stage")
    )

    assert first["serviceConnectDefaults"] == second["serviceConnectDefaults"]


@pytest.mark.parametrize(
    "name",
    ["a<b", "a>b", 'a"b', "a/b", "x" * 1025],
    ids=["less", "greater", "quote", "slash", "1025 characters"],
)
def test_a_namespace_name_outside_the_rules_is_refused(configure, refusal, name):
    refused = refusal(configure, serviceConnectDefaults={"namespace": name})

    assert refused.code == "InvalidParameterException"


def test_an_empty_namespace_takes_the_default_away(ecs, show):
    ecs.create_cluster(clusterName="prod", serviceConnectDefaults={"namespace": "internal"})

    cluster = ecs.update_cluster(cluster="prod", serviceConnectDefaults={"namespace": ""})[
        "cluster"
    ]

    assert "serviceConnectDefaults" not in cluster
    assert "serviceConnectDefaults" not in show("prod")


def test_a_cluster_without_a_namespace_has_no_defaults(prod, show):
    cluster = show(prod)

    assert "serviceConnectDefaults" not in cluster
