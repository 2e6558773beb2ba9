"""DescribeContainerInstances: what it shows of an instance, its order and its failures."""

from __future__ import annotations

import pytest

from tests.operations.ecs.hosts import RESERVED, UNKNOWN_ID, Hosts, value_of

PLAIN = {
    "containerInstanceArn",
    "ec2InstanceId",
    "version",
    "versionInfo",
    "remainingResources",
    "registeredResources",
    "status",
    "agentConnected",
    "runningTasksCount",
    "pendingTasksCount",
    "attributes",
    "registeredAt",
    "attachments",
    "tags",
}
BUILT_IN = {
    "ecs.ami-id",
    "ecs.availability-zone",
    "ecs.cpu-architecture",
    "ecs.instance-type",
    "ecs.os-family",
    "ecs.os-type",
    "ecs.subnet-id",
    "ecs.vpc-id",
}


@pytest.fixture
def hosts(door):
    return Hosts(door)


def describe(ecs, *identifiers, **parameters):
    return ecs.describe_container_instances(containerInstances=list(identifiers), **parameters)


def test_an_instance_is_shown_with_these_members(hosts):
    hosts.add("a")

    shown = hosts.show("a")

    assert set(shown) == PLAIN
    assert (shown["status"], shown["agentConnected"], shown["version"]) == ("ACTIVE", True, 1)
    assert (shown["attachments"], shown["tags"]) == ([], [])
    assert set(shown["versionInfo"]) == {"agentHash", "agentVersion", "dockerVersion"}
    assert shown["versionInfo"]["dockerVersion"].startswith("DockerVersion: ")


def test_what_was_added_is_what_is_described(hosts):
    added = hosts.add("a")

    shown = hosts.show("a")

    assert shown["containerInstanceArn"] == added.arn
    assert shown["ec2InstanceId"] == added.ec2_instance_id
    assert added.arn.endswith(f":123456789012:container-instance/default/{added.id}")
    assert len(added.id) == 32


def test_resources_carry_all_members_in_this_order(hosts):
    hosts.add("a", "g4dn.xlarge")

    shown = hosts.show("a")

    for resources in (shown["registeredResources"], shown["remainingResources"]):
        names = [each["name"] for each in resources]
        assert names == ["CPU", "MEMORY", "PORTS", "PORTS_UDP", "GPU"]
        for each in resources:
            assert (each["doubleValue"], each["longValue"]) == (0.0, 0)
            if each["type"] == "STRINGSET":
                assert each["integerValue"] == 0
            else:
                assert "stringSetValue" not in each


def test_an_instance_registers_cpu_units_and_the_ports_that_its_agent_reserves(hosts):
    hosts.add("a")

    registered = {each["name"]: value_of(each) for each in hosts.show("a")["registeredResources"]}

    assert registered["CPU"] == 2048
    assert 7000 < registered["MEMORY"] < 8192
    assert registered["PORTS"] == RESERVED
    assert registered["PORTS_UDP"] == []


def test_ecs_adds_attributes_of_its_own(hosts):
    hosts.add("a", az="us-east-1b")

    attributes = {each["name"]: each.get("value") for each in hosts.show("a")["attributes"]}

    assert set(attributes) >= BUILT_IN
    assert attributes["ecs.availability-zone"] == "us-east-1b"
    assert attributes["ecs.instance-type"] == "m5.large"
    assert (attributes["ecs.os-type"], attributes["ecs.cpu-architecture"]) == ("linux", "x86_64")


def test_a_capability_has_no_value(hosts):
    hosts.add("a")

    (shown,) = [each for each in hosts.show("a")["attributes"] if each["name"].endswith("ecr-auth")]

    assert shown == {"name": "com.amazonaws.ecs.capability.ecr-auth"}


def test_health_is_shown_when_it_is_included(hosts):
    hosts.add("a")

    health = hosts.show("a", "CONTAINER_INSTANCE_HEALTH")["healthStatus"]

    assert health["overallStatus"] == "OK"
    assert {each["type"] for each in health["details"]} == {"CONTAINER_RUNTIME"}
    assert "healthStatus" not in hosts.show("a", "TAGS")


def test_tags_are_shown_when_they_are_included(hosts):
    hosts.add("a")
    tags = [{"key": "team", "value": "a"}]
    hosts.ecs.tag_resource(resourceArn=hosts.arns["a"], tags=tags)

    included = hosts.show("a", "TAGS")["tags"]

    assert included == tags
    assert hosts.show("a")["tags"] == []


def test_an_unknown_include_is_refused(hosts, door, refusal):
    a = hosts.add("a")
    unchecked = door.unchecked("ecs")

    refused = refusal(
        unchecked.describe_container_instances, containerInstances=[a.id], include=["ALL"]
    )

    assert refused.code == "InvalidParameterException"
    assert refused.message.startswith("include should be one of [")


def test_instances_are_described_in_the_order_of_the_request(hosts):
    a, b, c = (hosts.add(name) for name in "abc")

    response = describe(hosts.ecs, c.id, a.arn, b.id)

    shown = [hosts.name_of(each["containerInstanceArn"]) for each in response["containerInstances"]]
    assert shown == ["c", "a", "b"]
    assert response["failures"] == []


def test_an_unknown_instance_is_a_failure_among_instances(hosts):
    a = hosts.add("a")
    prefix = "arn:aws:ecs:us-east-1:123456789012:container-instance"
    whole = f"{prefix}/default/{'1' * 32}"

    response = describe(hosts.ecs, UNKNOWN_ID, a.id, whole)

    assert len(response["containerInstances"]) == 1
    assert response["failures"] == [
        {"arn": f"{prefix}/{UNKNOWN_ID}", "reason": "MISSING"},
        {"arn": whole, "reason": "MISSING"},
    ]


def test_an_instance_is_known_in_its_own_cluster_alone(hosts):
    a = hosts.add("a")
    hosts.ecs.create_cluster(clusterName="other")

    response = describe(hosts.ecs, a.id, cluster="other")

    assert response["containerInstances"] == []
    assert [each["reason"] for each in response["failures"]] == ["MISSING"]


def test_describing_none_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.describe_container_instances, containerInstances=[])

    assert refused == ("ClientException", "Container Instances cannot be empty.")


def test_a_hundred_are_described_and_no_more(hosts, refusal):
    hosts.add("a")

    response = describe(hosts.ecs, *[f"{n:032x}" for n in range(100)])
    refused = refusal(
        hosts.ecs.describe_container_instances,
        containerInstances=[f"{n:032x}" for n in range(101)],
    )

    assert len(response["failures"]) == 100
    assert refused.code == "InvalidParameterException"
    assert refused.message.endswith("can have at most 100 items.")


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        pytest.param("i-0123", "length should be one of [32,36]", id="an EC2 instance's id"),
        pytest.param(
            f"arn:aws:ecs:eu-west-1:123456789012:container-instance/default/{UNKNOWN_ID}",
            "Invalid Region in ARN",
            id="of another region",
        ),
        pytest.param(
            f"arn:aws:ecs:us-east-1:999988887777:container-instance/default/{UNKNOWN_ID}",
            "Identifier is for 999988887777. Your accountId is 123456789012",
            id="of another account",
        ),
        pytest.param(
            f"arn:aws:ecs:us-east-1:123456789012:container-instance/prod/{UNKNOWN_ID}",
            "Invalid identifier: Identifier is for cluster prod. Your cluster is default",
            id="of another cluster",
        ),
        pytest.param(
            f"default/{UNKNOWN_ID}/x",
            "Invalid identifier: Unexpected number of separators",
            id="with too many parts",
        ),
    ],
)
def test_what_cannot_name_an_instance_of_the_cluster_is_refused(
    hosts, refusal, identifier, message
):
    hosts.add("a")

    refused = refusal(hosts.ecs.describe_container_instances, containerInstances=[identifier])

    assert refused.code == "InvalidParameterException"
    assert refused.message.endswith(message)


def test_an_unknown_cluster_is_refused(hosts, refusal):
    refused = refusal(
        hosts.ecs.describe_container_instances, cluster="none", containerInstances=[UNKNOWN_ID]
    )

    assert refused == ("ClusterNotFoundException", "Cluster not found.")


def test_describing_changes_nothing(hosts):
    hosts.add("a")
    before, events = hosts.show("a", "TAGS", "CONTAINER_INSTANCE_HEALTH"), len(hosts.aws.events)

    hosts.show("a")

    assert hosts.show("a", "TAGS", "CONTAINER_INSTANCE_HEALTH") == before
    assert len(hosts.aws.events) == events
