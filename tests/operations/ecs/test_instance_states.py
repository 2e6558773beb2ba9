"""The life of a container instance: draining, deregistration, and an hour as INACTIVE."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.operations.ecs.hosts import TASK_EVENT, UNKNOWN_ID, Hosts

MIDNIGHT = datetime(2026, 1, 2, tzinfo=timezone.utc)
FORCED = "Container instance deregistration forced by user"
stands_still = pytest.mark.ecrmock(time="virtual", now=MIDNIGHT, seed=7)


@pytest.fixture
def hosts(door):
    hosts = Hosts(door)
    hosts.define()
    return hosts


# --------------------------------------------------------------------------------- draining


def test_an_instance_drains_and_becomes_active_again(hosts):
    hosts.add("a")

    drained = hosts.set_state("DRAINING", "a")
    active = hosts.set_state("ACTIVE", "a")

    assert [each["status"] for each in drained["containerInstances"]] == ["DRAINING"]
    assert [each["status"] for each in active["containerInstances"]] == ["ACTIVE"]
    assert drained["failures"] == active["failures"] == []
    assert [each["status"] for each in hosts.events("a")] == ["ACTIVE", "DRAINING", "ACTIVE"]
    assert [each["version"] for each in hosts.events("a")] == [1, 2, 3]


def test_a_state_that_does_not_change_is_no_event(hosts):
    hosts.add("a")
    hosts.set_state("DRAINING", "a")

    again = hosts.set_state("DRAINING", "a")

    assert [each["version"] for each in again["containerInstances"]] == [2]
    assert len(hosts.events("a")) == 2


def test_no_new_task_is_placed_on_an_instance_that_drains(hosts):
    hosts.add_all("a", "b")
    hosts.set_state("DRAINING", "a")

    outcome = hosts.run(count=4)

    assert outcome.placed == ["b"] * 4
    assert outcome.failures == []


def test_an_instance_that_drains_is_not_among_the_failures(hosts):
    hosts.add_all("a", "b")
    hosts.set_state("DRAINING", "a")

    outcome = hosts.run(
        placementConstraints=[{"type": "memberOf", "expression": "attribute:x exists"}]
    )

    assert [name for name, _ in outcome.failures] == ["b"]


def test_standalone_tasks_of_an_instance_that_drains_go_on(hosts):
    hosts.add("a")
    outcome = hosts.run(count=2)
    before = hosts.remaining("a")

    hosts.set_state("DRAINING", "a")

    shown = hosts.ecs.describe_tasks(tasks=outcome.arns)["tasks"]
    assert {each["desiredStatus"] for each in shown} == {"RUNNING"}
    assert hosts.counts("a") == (2, 0)
    assert hosts.remaining("a") == before


def test_tasks_are_placed_again_when_draining_is_over(hosts):
    hosts.add("a")
    hosts.set_state("DRAINING", "a")
    hosts.set_state("ACTIVE", "a")

    outcome = hosts.run()

    assert outcome.placed == ["a"]


def test_an_unknown_instance_is_a_failure_among_instances(hosts):
    hosts.add("a")

    response = hosts.ecs.update_container_instances_state(
        containerInstances=[UNKNOWN_ID, hosts.arns["a"]], status="DRAINING"
    )

    assert [each["status"] for each in response["containerInstances"]] == ["DRAINING"]
    assert [each["reason"] for each in response["failures"]] == ["MISSING"]


def test_an_inactive_instance_cannot_change_its_state(hosts):
    hosts.add("a")
    hosts.deregister("a")

    response = hosts.set_state("ACTIVE", "a")

    assert response["containerInstances"] == []
    assert [each["arn"] for each in response["failures"]] == [hosts.arns["a"]]
    assert hosts.show("a")["status"] == "INACTIVE"


def test_eleven_instances_are_too_many(hosts, refusal):
    hosts.add("a")

    refused = refusal(
        hosts.ecs.update_container_instances_state,
        containerInstances=[hosts.arns["a"]] * 11,
        status="DRAINING",
    )

    assert refused == ("InvalidParameterException", "instanceIds can have at most 10 items.")


@pytest.mark.parametrize(
    "status",
    ["REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED", "INACTIVE", "STOPPED"],
)
def test_only_active_and_draining_can_be_asked_for(hosts, door, refusal, status):
    hosts.add("a")
    unchecked = door.unchecked("ecs")

    refused = refusal(
        unchecked.update_container_instances_state,
        containerInstances=[hosts.arns["a"]],
        status=status,
    )

    assert refused == (
        "InvalidParameterException",
        "Container instances status should be one of [ACTIVE,DRAINING]",
    )


# --------------------------------------------------------------------------- deregistration


def test_a_deregistered_instance_is_inactive_and_not_connected(hosts):
    hosts.add_all("a", "b")

    answered = hosts.deregister("a")

    assert (answered["status"], answered["agentConnected"]) == ("INACTIVE", False)
    assert hosts.show("a") == answered
    assert hosts.listed() == ["b"]
    (cluster,) = hosts.ecs.describe_clusters()["clusters"]
    assert cluster["registeredContainerInstancesCount"] == 1
    last = hosts.events("a")[-1]
    assert (last["status"], last["agentConnected"], last["version"]) == ("INACTIVE", False, 2)


def test_an_instance_with_running_tasks_is_kept(hosts, refusal):
    hosts.add("a")
    hosts.run()

    refused = refusal(
        hosts.ecs.deregister_container_instance, containerInstance=hosts.arns["a"], force=False
    )

    assert refused == ("InvalidParameterException", "Found running tasks on the instance.")
    assert hosts.show("a")["status"] == "ACTIVE"


def test_an_instance_whose_tasks_have_stopped_can_go_without_force(hosts):
    hosts.add("a")
    hosts.stop(*hosts.run(count=2).arns)

    answered = hosts.deregister("a")

    assert answered["status"] == "INACTIVE"
    assert answered["remainingResources"] == answered["registeredResources"]


@stands_still
def test_force_stops_the_tasks_of_an_instance(hosts):
    hosts.add("a")
    outcome = hosts.run()
    hosts.aws.clock.advance(seconds=60)

    hosts.deregister("a", force=True)

    (at_once,) = hosts.ecs.describe_tasks(tasks=outcome.arns)["tasks"]
    assert (at_once["desiredStatus"], at_once["lastStatus"]) == ("STOPPED", "RUNNING")
    assert (at_once["stopCode"], at_once["stoppedReason"]) == ("UserInitiated", FORCED)
    hosts.aws.clock.advance(seconds=1)
    (later,) = hosts.ecs.describe_tasks(tasks=outcome.arns)["tasks"]
    assert later["lastStatus"] == "STOPPED"
    assert [each["lastStatus"] for each in later["containers"]] == ["STOPPED"]
    assert "exitCode" not in later["containers"][0]
    assert later["containerInstanceArn"] == hosts.arns["a"]


@stands_still
def test_force_gives_back_what_the_tasks_took(hosts):
    hosts.add("a")
    hosts.run(count=3)

    hosts.deregister("a", force=True)
    hosts.aws.clock.advance(seconds=1)

    shown = hosts.show("a")
    assert shown["remainingResources"] == shown["registeredResources"]
    assert hosts.counts("a") == (0, 0)
    (cluster,) = hosts.ecs.describe_clusters()["clusters"]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"]) == (0, 0)


def test_tasks_that_were_stopped_by_force_are_listed_as_stopped(hosts):
    hosts.add("a")
    outcome = hosts.run(count=2)

    hosts.deregister("a", force=True)

    assert hosts.ecs.list_tasks()["taskArns"] == []
    stopped = hosts.ecs.list_tasks(desiredStatus="STOPPED")["taskArns"]
    assert sorted(stopped) == sorted(outcome.arns)


def test_only_tasks_of_the_instance_are_stopped(hosts):
    hosts.add_all("a", "b")
    outcome = hosts.run(count=2)

    hosts.deregister("a", force=True)

    shown = hosts.ecs.describe_tasks(tasks=outcome.arns)["tasks"]
    assert [each["lastStatus"] for each in shown] == [
        "STOPPED" if name == "a" else "RUNNING" for name in outcome.placed
    ]


def test_deregistering_by_force_emits_for_each_task_and_the_instance(hosts):
    hosts.add("a")
    outcome = hosts.run(count=2)
    before = len(hosts.aws.events)

    hosts.deregister("a", force=True)

    new = list(hosts.aws.events)[before:]
    tasks = [each["resources"][0] for each in new if each["detail-type"] == TASK_EVENT]
    assert sorted(tasks) == sorted(outcome.arns * 2)
    assert hosts.events("a")[-1]["status"] == "INACTIVE"


def test_tasks_do_not_start_on_an_inactive_instance(hosts):
    hosts.add_all("a", "b")
    hosts.deregister("a")

    outcome = hosts.start("a", "b")

    assert outcome.placed == ["b"]
    assert outcome.failures == [("a", "INACTIVE")]
    assert hosts.run(count=3).placed == ["b"] * 3


def test_deregistering_an_unknown_instance_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.deregister_container_instance, containerInstance=UNKNOWN_ID)

    assert refused.code in {"ClientException", "InvalidParameterException"}


def test_the_last_instance_leaves_a_cluster_without_any(hosts, refusal):
    hosts.add("a")
    hosts.deregister("a")

    refused = refusal(hosts.ecs.run_task, taskDefinition="web")

    assert refused == (
        "InvalidParameterException",
        "No Container Instances were found in your cluster.",
    )


@pytest.mark.parametrize("status", ["ACTIVE", "DRAINING"])
def test_a_cluster_with_instances_cannot_be_deleted(hosts, refusal, status):
    hosts.add("a")
    hosts.set_state(status, "a")

    refused = refusal(hosts.ecs.delete_cluster, cluster="default")

    assert refused.code == "ClusterContainsContainerInstancesException"


def test_a_cluster_with_an_inactive_instance_can_be_deleted(hosts):
    hosts.add("a")
    hosts.deregister("a")

    deleted = hosts.ecs.delete_cluster(cluster="default")

    assert deleted["cluster"]["status"] == "INACTIVE"


# ------------------------------------------------------------------------------ an hour later


@stands_still
def test_an_inactive_instance_is_shown_for_an_hour(hosts):
    hosts.add("a")
    hosts.deregister("a")

    hosts.aws.clock.advance(minutes=59)

    assert hosts.show("a")["status"] == "INACTIVE"


@stands_still
def test_an_inactive_instance_is_gone_after_an_hour(hosts):
    hosts.add_all("a", "b")
    hosts.deregister("a")
    events = len(hosts.events("a"))

    hosts.aws.clock.advance(minutes=60, seconds=1)

    response = hosts.ecs.describe_container_instances(containerInstances=[hosts.arns["a"]])
    assert response["failures"] == [{"arn": hosts.arns["a"], "reason": "MISSING"}]
    assert hosts.start("a", "b").failures == [("a", "MISSING")]
    assert hosts.listed() == ["b"]
    assert len(hosts.events("a")) == events
