"""RegisterContainerInstance: what an agent tells, and what becomes of it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

from tests.operations.ecs.hosts import UNKNOWN_ID, Hosts, identity, resources, value_of

CAPABILITY = "com.amazonaws.ecs.capability.docker-remote-api.1.18"
VERSION = {
    "agentVersion": "1.50.0",
    "agentHash": "0123abcd",
    "dockerVersion": "DockerVersion: 20.10.4",
}


@pytest.fixture
def hosts(door):
    hosts = Hosts(door)
    hosts.ecs.create_cluster()
    return hosts


@pytest.fixture
def register(hosts):
    """Register an instance, by default one that has 2 vCPUs in us-east-1a."""

    def register(**members):
        told = {"instanceIdentityDocument": identity(), "totalResources": resources()} | members
        return hosts.ecs.register_container_instance(**told)["containerInstance"]

    return register


def attributes_of(instance) -> dict[str, str | None]:
    return {each["name"]: each.get("value") for each in instance["attributes"]}


def test_a_registered_instance_is_active_connected_and_empty(hosts, register):
    made = register(versionInfo=VERSION)

    assert made["containerInstanceArn"].startswith(
        "arn:aws:ecs:us-east-1:123456789012:container-instance/default/"
    )
    assert (made["status"], made["agentConnected"], made["version"]) == ("ACTIVE", True, 1)
    assert (made["runningTasksCount"], made["pendingTasksCount"]) == (0, 0)
    assert made["ec2InstanceId"] == "i-0123456789abcdef0"
    assert made["versionInfo"] == VERSION
    assert made["remainingResources"] == made["registeredResources"]


def test_the_answer_is_what_describe_shows(hosts, register):
    made = register()

    hosts.arns["a"] = made["containerInstanceArn"]
    assert hosts.show("a") == made


def test_total_resources_are_registered_as_they_were_told(register):
    total = resources(cpu=1024, memory=900, ports=["22", "8080"], udp_ports=["53"])

    made = register(totalResources=total)

    registered = {each["name"]: value_of(each) for each in made["registeredResources"]}
    assert registered == {
        "CPU": 1024,
        "MEMORY": 900,
        "PORTS": ["22", "8080"],
        "PORTS_UDP": ["53"],
    }


def test_what_the_agent_tells_comes_back_with_the_attributes_that_ecs_knows(register):
    told = [{"name": "stack", "value": "prod"}, {"name": CAPABILITY}]

    made = register(attributes=told)

    for each in told:
        assert each in made["attributes"]
    assert (
        attributes_of(made).items()
        >= {
            "ecs.availability-zone": "us-east-1a",
            "ecs.instance-type": "m5.large",
            "ecs.ami-id": "ami-0123456789abcdef0",
            "ecs.cpu-architecture": "x86_64",
        }.items()
    )


def test_devices_become_gpus(register):
    devices = [{"id": f"GPU-{n}", "type": "GPU"} for n in (1, 2)]

    made = register(platformDevices=devices)

    assert made["registeredResources"][-1] == {
        "name": "GPU",
        "type": "STRINGSET",
        "doubleValue": 0.0,
        "longValue": 0,
        "integerValue": 0,
        "stringSetValue": ["GPU-1", "GPU-2"],
    }


def test_tags_are_kept(hosts, register):
    tags = [{"key": "team", "value": "a"}]

    arn = register(tags=tags)["containerInstanceArn"]

    assert hosts.ecs.list_tags_for_resource(resourceArn=arn)["tags"] == tags


def test_a_machine_that_is_not_ec2_gets_the_id_of_a_managed_instance(register):
    made = register(instanceIdentityDocument="")

    assert made["ec2InstanceId"].startswith("mi-")
    assert "ecs.availability-zone" not in attributes_of(made)


def test_external_tasks_and_ec2_tasks_go_on_instances_of_their_kind(hosts, register):
    told = {"instanceIdentityDocument": "", "attributes": [{"name": "ecs.capability.external"}]}
    hosts.arns["external"] = register(**told)["containerInstanceArn"]
    hosts.add("ec2")
    hosts.define()

    external = hosts.run(count=2, launchType="EXTERNAL")
    ec2 = hosts.run(count=2, launchType="EC2")

    assert external.placed == ["external"] * 2
    assert ec2.placed == ["ec2"] * 2
    assert {each["launchType"] for each in external.tasks} == {"EXTERNAL"}


def test_an_instance_registers_in_the_cluster_that_it_names(hosts, register):
    hosts.ecs.create_cluster(clusterName="prod")

    made = register(cluster="prod")

    assert ":container-instance/prod/" in made["containerInstanceArn"]
    (shown,) = hosts.ecs.describe_clusters(clusters=["prod"])["clusters"]
    assert shown["registeredContainerInstancesCount"] == 1


def test_an_unknown_cluster_is_refused(hosts, refusal):
    refused = refusal(hosts.ecs.register_container_instance, cluster="none")

    assert refused == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize("document", ["not json", "[]", '"text"'])
def test_a_document_that_is_no_identity_is_refused(hosts, refusal, document):
    refused = refusal(hosts.ecs.register_container_instance, instanceIdentityDocument=document)

    assert refused.code in {"ClientException", "InvalidParameterException"}


def test_reserved_tags_are_refused(hosts, refusal):
    refused = refusal(
        hosts.ecs.register_container_instance, tags=[{"key": "aws:team", "value": "a"}]
    )

    assert refused.code == "InvalidParameterException"
    assert hosts.listed() == []


def test_an_agent_that_comes_back_keeps_its_arn_its_age_and_its_tasks(hosts, register):
    made = register(versionInfo=VERSION)
    hosts.arns["a"] = arn = made["containerInstanceArn"]
    hosts.define()
    hosts.run()

    again = register(containerInstanceArn=arn, versionInfo=VERSION | {"agentVersion": "1.51.0"})

    assert again["containerInstanceArn"] == arn
    assert again["registeredAt"] == made["registeredAt"]
    assert again["versionInfo"]["agentVersion"] == "1.51.0"
    assert again["runningTasksCount"] == 1
    assert len(hosts.listed()) == 1


def test_attributes_of_an_agent_that_comes_back_are_the_ones_that_it_tells(register):
    arn = register(attributes=[{"name": "stack", "value": "prod"}])["containerInstanceArn"]

    again = register(
        containerInstanceArn=arn,
        attributes=[{"name": "stack", "value": "dev"}, {"name": CAPABILITY}],
    )

    assert attributes_of(again)["stack"] == "dev"
    assert CAPABILITY in attributes_of(again)


def test_coming_back_is_an_event(hosts, register):
    hosts.arns["a"] = arn = register(versionInfo=VERSION)["containerInstanceArn"]

    register(containerInstanceArn=arn, versionInfo=VERSION | {"agentVersion": "1.51.0"})

    assert [each["version"] for each in hosts.events("a")] == [1, 2]
    assert hosts.events("a")[-1]["versionInfo"]["agentVersion"] == "1.51.0"


def test_a_machine_of_another_type_cannot_take_an_arn_over(hosts, register, refusal):
    arn = register()["containerInstanceArn"]

    refused = refusal(
        hosts.ecs.register_container_instance,
        containerInstanceArn=arn,
        instanceIdentityDocument=identity(instance_type="m5.xlarge"),
    )

    assert refused == ("ClientException", "Container instance type changes are not supported.")


def test_nobody_comes_back_to_an_unknown_arn(hosts, register, refusal):
    arn = register()["containerInstanceArn"].rpartition("/")[0] + f"/{UNKNOWN_ID}"

    refused = refusal(
        hosts.ecs.register_container_instance,
        containerInstanceArn=arn,
        instanceIdentityDocument=identity(),
    )

    assert refused.code in {"ClientException", "InvalidParameterException"}


def test_an_instance_that_was_deregistered_does_not_connect_again_under_its_arn(hosts, register):
    hosts.arns["a"] = arn = register()["containerInstanceArn"]
    hosts.deregister("a")

    with suppress(ClientError):  # to refuse it is one way
        register(containerInstanceArn=arn)

    assert hosts.show("a")["agentConnected"] is (hosts.show("a")["status"] == "ACTIVE")


def test_an_agent_that_registers_anew_is_another_instance(hosts, register):
    first = register()["containerInstanceArn"]
    hosts.arns["a"] = first
    hosts.deregister("a")

    second = register()

    assert second["containerInstanceArn"] != first
    assert second["version"] == 1


def test_tasks_go_on_an_instance_that_registered_by_itself(hosts, register):
    hosts.arns["a"] = register(totalResources=resources(memory=100))["containerInstanceArn"]
    hosts.define()

    outcome = hosts.run(count=2)

    assert outcome.placed == ["a"]
    assert outcome.failures == [("a", "RESOURCE:MEMORY")]
    assert hosts.remaining("a")["MEMORY"] == 36


def test_an_agent_asks_where_to_poll(hosts):
    hosts.add("a")

    found = hosts.ecs.discover_poll_endpoint(cluster="default", containerInstance=hosts.arns["a"])

    for member in ("endpoint", "telemetryEndpoint", "serviceConnectEndpoint"):
        assert found[member].startswith("https://")
