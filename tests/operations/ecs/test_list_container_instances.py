"""ListContainerInstances: the query language through the API, states and pages."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.operations.ecs.hosts import Hosts

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)


@pytest.fixture
def hosts(door):
    """Three instances that differ in all that can be asked for; `b` runs two tasks."""
    hosts = Hosts(door)
    hosts.add("a", "m5.large", az="us-east-1a", attributes={"stack": "prod", "color": "red"})
    hosts.add("b", "t3.medium", az="us-east-1b", attributes={"stack": "test", "flag": None})
    hosts.add("c", "m6g.large", az="us-east-1c", agent_version="1.9.0")
    hosts.define()
    hosts.start("b")
    hosts.start("b", group="batch")
    return hosts


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("attribute:ecs.instance-type == m5.large", "a"),
        ("attribute:ecs.instance-type =~ m.*", "ac"),
        ("attribute:ecs.availability-zone in [us-east-1a, us-east-1c]", "ac"),
        ("attribute:ecs.availability-zone not_in [us-east-1a]", "bc"),
        ("attribute:ecs.cpu-architecture == arm64", "c"),
        ("attribute:ecs.os-type == linux", "abc"),
        ("attribute:stack exists", "ab"),
        ("attribute:stack !exists", "c"),
        ("attribute:flag exists", "b"),
        ("attribute:com.amazonaws.ecs.capability.ecr-auth exists", "abc"),
        ("attribute:ecs.capability.execution-role-ecr-pull exists", "ab"),
        ('attribute:color =~ "red|blue"', "a"),
        ("agentVersion < 1.10.0", "c"),
        ("agentVersion >= 1.9", "abc"),
        ("agentConnected == true", "abc"),
        ("agentConnected==false", ""),
        ("runningTasksCount == 0", "ac"),
        ("runningTasksCount > 1", "b"),
        ("task:group == family:web", "b"),
        ("task:group == batch and runningTasksCount == 2", "b"),
        ("not(task:group == batch)", "ac"),
        ("attribute:stack == prod or attribute:ecs.cpu-architecture == arm64", "ac"),
        ("attribute:stack exists and not (attribute:color exists)", "b"),
        ("registeredAt > 2020-01-01", "abc"),
        ("registeredAt < 2020-01-01T00:00:00Z", ""),
    ],
)
def test_a_filter_chooses_what_it_says(hosts, expression, expected):
    assert hosts.listed(filter=expression) == list(expected)


def test_an_instance_is_found_by_the_id_of_its_machine(hosts):
    machine = hosts.show("b")["ec2InstanceId"]

    assert hosts.listed(filter=f"ec2InstanceId == {machine}") == ["b"]
    assert hosts.listed(filter=f"ec2InstanceId in ['{machine}', i-none]") == ["b"]
    assert hosts.listed(filter=f"ec2InstanceId != {machine}") == ["a", "c"]


@pytest.mark.ecrmock(time="virtual", now=NOON)
def test_an_instance_is_found_by_the_time_of_its_registration(hosts):
    hosts.aws.clock.advance(days=1)
    hosts.add("d")

    assert hosts.listed(filter="registeredAt >= 2026-01-03") == ["d"]
    assert hosts.listed(filter="registeredAt < 2026-01-03T00:00:00+00:00") == ["a", "b", "c"]


def test_a_filter_follows_tasks_that_stop(hosts):
    hosts.stop(*hosts.ecs.list_tasks()["taskArns"])

    assert hosts.listed(filter="task:group == batch") == []
    assert hosts.listed(filter="runningTasksCount == 0") == ["a", "b", "c"]


def test_a_filter_and_a_state_are_combined(hosts):
    hosts.set_state("DRAINING", "a", "b")

    assert hosts.listed(filter="attribute:stack == prod", status="DRAINING") == ["a"]
    assert hosts.listed(filter="attribute:stack == prod", status="ACTIVE") == []


@pytest.mark.parametrize(
    "expression", ["((", "attribute:a ==", "color == red", "a", "attribute:a == b and"]
)
def test_a_filter_that_is_no_expression_is_refused(hosts, refusal, expression):
    refused = refusal(hosts.ecs.list_container_instances, filter=expression)

    assert refused.code == "InvalidParameterException"


def test_all_but_inactive_instances_are_listed_in_the_order_of_their_registration(hosts):
    hosts.set_state("DRAINING", "b")
    hosts.deregister("c")

    assert hosts.listed() == ["a", "b"]
    assert hosts.listed(status="ACTIVE") == ["a"]
    assert hosts.listed(status="DRAINING") == ["b"]
    assert hosts.listed(status="REGISTERING") == []


@pytest.mark.parametrize("status", ["INACTIVE", "STOPPED"])
def test_a_state_outside_the_model_is_refused(hosts, door, refusal, status):
    refused = refusal(door.unchecked("ecs").list_container_instances, status=status)

    assert refused.code == "InvalidParameterException"


def test_instances_come_in_pages(hosts):
    hosts.add_all("d", "e")

    first = hosts.ecs.list_container_instances(maxResults=2)
    second = hosts.ecs.list_container_instances(maxResults=2, nextToken=first["nextToken"])
    third = hosts.ecs.list_container_instances(maxResults=2, nextToken=second["nextToken"])

    pages = [[hosts.name_of(x) for x in p["containerInstanceArns"]] for p in (first, second, third)]
    assert pages == [["a", "b"], ["c", "d"], ["e"]]
    assert "nextToken" not in third


def test_a_page_of_a_filter_has_only_what_it_chooses(hosts):
    hosts.add_all("d", "e")
    chosen = {"filter": "attribute:ecs.instance-type == m5.large", "maxResults": 2}

    first = hosts.ecs.list_container_instances(**chosen)
    second = hosts.ecs.list_container_instances(**chosen, nextToken=first["nextToken"])

    assert [len(x["containerInstanceArns"]) for x in (first, second)] == [2, 1]


def test_a_hundred_instances_are_a_page(door):
    door.aws.instances.add(count=101)
    ecs = door.client("ecs")

    pages = list(ecs.get_paginator("list_container_instances").paginate())

    assert [len(each["containerInstanceArns"]) for each in pages] == [100, 1]


def test_a_token_belongs_to_its_filter(hosts, refusal):
    token = hosts.ecs.list_container_instances(maxResults=1)["nextToken"]

    refused = refusal(
        hosts.ecs.list_container_instances, filter="attribute:stack exists", nextToken=token
    )

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize("parameters", [{"maxResults": 0}, {"maxResults": 101}, {"nextToken": "x"}])
def test_what_pages_cannot_be_is_refused(hosts, refusal, parameters):
    refused = refusal(hosts.ecs.list_container_instances, **parameters)

    assert refused.code == "InvalidParameterException"


def test_a_page_goes_on_where_it_was_though_an_instance_left(hosts):
    hosts.add_all("d")
    token = hosts.ecs.list_container_instances(maxResults=2)["nextToken"]
    hosts.deregister("a")

    rest = hosts.ecs.list_container_instances(nextToken=token)

    assert [hosts.name_of(arn) for arn in rest["containerInstanceArns"]] == ["c", "d"]


def test_clusters_do_not_share_instances(hosts, refusal):
    hosts.ecs.create_cluster(clusterName="empty")

    assert hosts.listed(cluster="empty") == []
    refused = refusal(hosts.ecs.list_container_instances, cluster="none")
    assert refused == ("ClusterNotFoundException", "Cluster not found.")
