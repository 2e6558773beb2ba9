"""ECS Container Instance State Change: its shape, its versions, and when there is one."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from tests.operations.ecs.hosts import INSTANCE_EVENT, Hosts, container, port, value_of

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
stands_still = pytest.mark.ecrmock(time="virtual", now=NOW, seed=7)
DETAIL = {
    "agentConnected",
    "attributes",
    "clusterArn",
    "containerInstanceArn",
    "ec2InstanceId",
    "registeredResources",
    "remainingResources",
    "status",
    "updatedAt",
    "version",
    "versionInfo",
}


@pytest.fixture
def hosts(door):
    hosts = Hosts(door)
    hosts.add("a")
    hosts.define(container(cpu=100, memory=100, portMappings=[port(80, 8080)]))
    return hosts


@stands_still
def test_an_event_has_the_common_envelope(hosts):
    (event,) = [each for each in hosts.aws.events if each["detail-type"] == INSTANCE_EVENT]

    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event.pop("id"))
    assert set(event.pop("detail")) == DETAIL
    assert event == {
        "version": "0",
        "detail-type": "ECS Container Instance State Change",
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [hosts.arns["a"]],
    }


def test_the_detail_agrees_with_describe(hosts):
    shown = hosts.show("a")

    (detail,) = hosts.events("a")

    assert detail["clusterArn"] == "arn:aws:ecs:us-east-1:123456789012:cluster/default"
    same = "agentConnected", "attributes", "containerInstanceArn", "ec2InstanceId", "status"
    for member in (*same, "version", "versionInfo"):
        assert detail[member] == shown[member]
    for member in ("registeredResources", "remainingResources"):
        assert [(x["name"], x["type"], value_of(x)) for x in detail[member]] == [
            (x["name"], x["type"], value_of(x)) for x in shown[member]
        ]


def test_resources_of_an_event_have_only_the_value_of_their_type(hosts):
    (detail,) = hosts.events("a")

    for resource in detail["registeredResources"] + detail["remainingResources"]:
        value = "integerValue" if resource["type"] == "INTEGER" else "stringSetValue"
        assert set(resource) == {"name", "type", value}


@stands_still
def test_the_time_of_the_change_is_a_text_with_milliseconds(hosts):
    (detail,) = hosts.events("a")

    assert re.fullmatch(r"2026-01-02T03:04:05(\.\d{1,3})?Z", detail["updatedAt"])
    assert not detail["updatedAt"].endswith("0Z") or "." not in detail["updatedAt"]


@stands_still
def test_placing_and_stopping_a_task_are_events_with_what_remains(hosts):
    arns = hosts.run().arns
    hosts.aws.clock.advance(seconds=60)
    hosts.stop(*arns)
    hosts.aws.clock.advance(seconds=60)

    events = hosts.events("a")

    left = [{r["name"]: value_of(r) for r in each["remainingResources"]} for each in events]
    assert [each["version"] for each in events] == [1, 2, 3]
    assert [each["CPU"] for each in left] == [2048, 1948, 2048]
    assert ["8080" in each["PORTS"] for each in left] == [False, True, False]
    assert all(each["registeredResources"] == events[0]["registeredResources"] for each in events)


@stands_still
def test_an_instance_changes_when_its_task_has_stopped_not_when_it_was_asked_to(hosts):
    arns = hosts.run().arns
    hosts.aws.clock.advance(seconds=60)
    hosts.stop(*arns)
    asked = len(hosts.events("a"))
    hosts.aws.clock.advance(seconds=60)

    assert asked == 2
    (task,) = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    when = datetime.fromisoformat(hosts.events("a")[-1]["updatedAt"].replace("Z", "+00:00"))
    assert abs((when - task["stoppedAt"]).total_seconds()) < 0.1


def test_each_task_of_a_call_is_an_event(hosts):
    hosts.define()

    hosts.run(count=4)

    assert [each["version"] for each in hosts.events("a")] == [1, 2, 3, 4, 5]


def test_a_task_that_is_not_placed_is_no_event(hosts):
    hosts.define(container(cpu=9999))

    hosts.run()

    assert len(hosts.events("a")) == 1
    assert hosts.show("a")["version"] == 1


def test_instances_have_versions_of_their_own(hosts):
    hosts.add("b")
    hosts.define()

    hosts.start("a")

    assert (hosts.show("a")["version"], hosts.show("b")["version"]) == (2, 1)


def test_the_life_of_an_instance_is_told_in_order(hosts):
    hosts.ecs.put_attributes(
        attributes=[{"name": "stack", "value": "prod", "targetId": hosts.arns["a"]}]
    )
    hosts.set_state("DRAINING", "a")
    hosts.deregister("a")

    events = hosts.events("a")

    assert [each["status"] for each in events] == ["ACTIVE", "ACTIVE", "DRAINING", "INACTIVE"]
    assert [each["agentConnected"] for each in events] == [True, True, True, False]
    assert [each["version"] for each in events] == [1, 2, 3, 4]
    assert hosts.show("a")["version"] == 4


def test_tags_and_refusals_are_no_events(hosts, refusal):
    hosts.run()
    before = len(hosts.aws.events)

    hosts.ecs.tag_resource(resourceArn=hosts.arns["a"], tags=[{"key": "k", "value": "v"}])
    refusal(hosts.ecs.deregister_container_instance, containerInstance=hosts.arns["a"])

    assert len(hosts.aws.events) == before


def test_an_instance_of_another_cluster_names_it(hosts):
    hosts.ecs.create_cluster(clusterName="prod")
    hosts.add("b", cluster="prod")

    (detail,) = hosts.events("b")

    assert detail["clusterArn"] == "arn:aws:ecs:us-east-1:123456789012:cluster/prod"
    assert "/prod/" in detail["containerInstanceArn"]


def test_an_event_is_a_copy_of_its_moment(hosts):
    hosts.events("a")[0]["status"] = "CHANGED"

    hosts.run()

    assert hosts.show("a")["status"] == "ACTIVE"
    assert hosts.events("a")[-1]["status"] == "ACTIVE"
