"""Why tasks are not placed: one failure for each instance, with its ARN and a reason."""

from __future__ import annotations

import pytest

from tests.operations.ecs.hosts import (
    ECR_IMAGE,
    UNKNOWN_ID,
    Hosts,
    container,
    gpus,
    port,
    subnets,
)

CPU, MEMORY, PORTS = "RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS"
GPU, ENI = "RESOURCE:GPU", "RESOURCE:ENI"


@pytest.fixture
def hosts(door):
    return Hosts(door)


DEMANDS = {
    CPU: {"cpu": 4096},
    MEMORY: {"memory": 100_000},
    PORTS: {"portMappings": [port(22, 22)]},
    GPU: {"resourceRequirements": gpus(1)},
    "ATTRIBUTE": {"logConfiguration": {"logDriver": "splunk"}},
    "MemberOf placement constraint unsatisfied.": {},
}


@pytest.mark.parametrize("first", range(len(DEMANDS)), ids=DEMANDS)
def test_of_several_reasons_the_first_of_the_documented_order_is_told(hosts, first):
    hosts.add("a")
    reasons = list(DEMANDS)[first:]
    members = {key: each for reason in reasons for key, each in DEMANDS[reason].items()}
    hosts.define(container(**members))
    nobody = [{"type": "memberOf", "expression": "attribute:none exists"}]

    outcome = hosts.run(placementConstraints=nobody)

    assert outcome.failures == [("a", reasons[0])]


def test_there_is_one_failure_for_each_instance_with_its_own_reason(hosts):
    hosts.register("cpu", cpu=10)
    hosts.register("memory", memory=10)
    hosts.register("ports", ports=["80"])
    hosts.add("old", agent_version="1.6.0")
    hosts.define(container(image=ECR_IMAGE, cpu=100, memory=100, portMappings=[port(80, 80)]))

    outcome = hosts.run(count=5)

    assert outcome.tasks == []
    assert sorted(outcome.failures) == [
        ("cpu", CPU),
        ("memory", MEMORY),
        ("old", "ATTRIBUTE"),
        ("ports", PORTS),
    ]


def test_a_failure_is_an_arn_and_a_reason(hosts):
    hosts.add("a")
    hosts.define(container(cpu=9999))

    answer = hosts.ecs.run_task(taskDefinition="web", count=10)

    assert answer["failures"] == [{"arn": hosts.arns["a"], "reason": CPU}]


def test_a_task_that_finds_a_place_leaves_no_failure(hosts):
    hosts.register("small", memory=10)
    hosts.register("large", memory=1000)
    hosts.define()

    outcome = hosts.run(count=2)

    assert outcome.placed == ["large", "large"]
    assert outcome.failures == []


def test_start_task_fails_for_each_instance_with_its_reason(hosts):
    hosts.register("small", memory=10)
    hosts.add("good")
    hosts.define()

    outcome = hosts.start("small", "good")

    assert outcome.placed == ["good"]
    assert outcome.failures == [("small", MEMORY)]


def test_start_task_on_an_instance_that_is_named_twice_starts_two_tasks_or_refuses(hosts):
    hosts.add("a")
    hosts.define()

    outcome = hosts.start("a", "a")

    assert len(outcome.tasks) in {1, 2}
    assert hosts.counts("a") == (len(outcome.tasks), 0)


def test_start_task_tells_unknown_instances(hosts):
    made = hosts.add("a")
    hosts.define()

    answer = hosts.ecs.start_task(taskDefinition="web", containerInstances=[UNKNOWN_ID, made.id])

    assert [each["reason"] for each in answer["failures"]] == ["MISSING"]
    assert len(answer["tasks"]) == 1


def test_a_failure_has_the_arn_of_an_instance_that_was_named_by_its_id(hosts):
    made = hosts.add("a")
    hosts.define(container(cpu=9999))

    answer = hosts.ecs.start_task(taskDefinition="web", containerInstances=[made.id])

    assert answer["failures"] == [{"arn": made.arn, "reason": CPU}]


@pytest.mark.parametrize("named", [0, 11])
def test_start_task_takes_one_to_ten_instances(hosts, refusal, named):
    hosts.add("a")
    hosts.define()

    refused = refusal(
        hosts.ecs.start_task, taskDefinition="web", containerInstances=[hosts.arns["a"]] * named
    )

    assert refused.code in {"ClientException", "InvalidParameterException"}
    assert hosts.counts("a") == (0, 0)


# ----------------------------------------------------------------------------------- location


def subnet_of(hosts, name: str) -> str:
    attributes = {each["name"]: each.get("value") for each in hosts.show(name)["attributes"]}
    return attributes["ecs.subnet-id"]


def test_a_task_of_awsvpc_runs_in_the_zone_of_its_subnet(hosts):
    hosts.add("a", az="us-east-1a")
    hosts.add("b", az="us-east-1b")
    hosts.define(networkMode="awsvpc")

    outcome = hosts.run(count=3, networkConfiguration=subnets(subnet_of(hosts, "b")))

    assert outcome.placed == ["b", "b"]
    assert sorted(outcome.failures) == [("a", "LOCATION"), ("b", ENI)]
    assert {each["availabilityZone"] for each in outcome.tasks} == {"us-east-1b"}


def test_an_interface_is_in_a_subnet_of_the_zone_of_its_instance(hosts):
    for name in "abc":
        hosts.add(name, az=f"us-east-1{name}")
    hosts.define(networkMode="awsvpc")
    of_all = {name: subnet_of(hosts, name) for name in "abc"}

    outcome = hosts.run(count=6, networkConfiguration=subnets(*reversed(of_all.values())))

    used = [
        next(d["value"] for d in task["attachments"][0]["details"] if d["name"] == "subnetId")
        for task in outcome.tasks
    ]
    assert used == [of_all[name] for name in outcome.placed]
