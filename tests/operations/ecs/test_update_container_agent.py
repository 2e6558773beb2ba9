"""UpdateContainerAgent: an agent becomes the newest one, and can do more."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.operations.ecs.hosts import ECR_IMAGE, UNKNOWN_ID, Hosts, container

stands_still = pytest.mark.ecrmock(
    time="virtual", now=datetime(2026, 1, 2, tzinfo=timezone.utc), seed=7
)


@pytest.fixture
def hosts(door):
    return Hosts(door)


def update(hosts, name="a"):
    response = hosts.ecs.update_container_agent(containerInstance=hosts.arns[name])
    return response["containerInstance"]


def test_the_answer_is_that_an_update_is_pending(hosts):
    hosts.add("a", agent_version="1.80.0")

    answered = update(hosts)

    assert answered["agentUpdateStatus"] == "PENDING"
    assert answered["versionInfo"]["agentVersion"] == "1.80.0"
    assert answered["containerInstanceArn"] == hosts.arns["a"]


def test_nothing_is_said_of_updates_before_the_first(hosts):
    hosts.add("a", agent_version="1.80.0")

    assert "agentUpdateStatus" not in hosts.show("a")


@stands_still
def test_an_agent_is_updated_after_a_while(hosts):
    hosts.add("a", agent_version="1.80.0")
    hosts.add("newest")
    update(hosts)

    hosts.aws.clock.run_until(lambda: hosts.show("a")["agentUpdateStatus"] == "UPDATED")

    shown = hosts.show("a")
    assert shown["versionInfo"] == hosts.show("newest")["versionInfo"]
    assert (shown["status"], shown["agentConnected"]) == ("ACTIVE", True)


def test_without_a_clock_an_update_is_complete_at_once(hosts):
    hosts.add("a", agent_version="1.80.0")

    update(hosts)

    assert hosts.show("a")["agentUpdateStatus"] == "UPDATED"


def test_an_update_brings_the_capabilities_of_the_new_agent(hosts):
    hosts.add("a", agent_version="1.6.0", attributes={"stack": "prod"})
    hosts.define(container(image=ECR_IMAGE))
    assert hosts.run().failures == [("a", "ATTRIBUTE")]

    update(hosts)

    assert hosts.run().placed == ["a"]
    names = {each["name"] for each in hosts.show("a")["attributes"]}
    assert names >= {"stack", "com.amazonaws.ecs.capability.ecr-auth"}


def test_running_tasks_are_not_interrupted(hosts):
    hosts.add("a", agent_version="1.80.0")
    hosts.define()
    arns = hosts.run(count=2).arns
    before = hosts.ecs.describe_tasks(tasks=arns)["tasks"]

    update(hosts)

    assert hosts.ecs.describe_tasks(tasks=arns)["tasks"] == before
    assert hosts.counts("a") == (2, 0)


def test_an_update_is_told_by_events(hosts):
    hosts.add("a", agent_version="1.80.0")
    hosts.add("newest")
    newest = hosts.show("newest")["versionInfo"]["agentVersion"]

    update(hosts)

    events = hosts.events("a")
    assert [each["version"] for each in events] == [1, 2, 3]
    assert [each["versionInfo"]["agentVersion"] for each in events] == ["1.80.0", "1.80.0", newest]


def test_the_newest_agent_has_no_update(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.update_container_agent, containerInstance=hosts.arns["a"])

    assert refused == (
        "NoUpdateAvailableException",
        "There is no update available for your container agent.",
    )


@stands_still
def test_one_update_at_a_time(hosts, refusal):
    hosts.add("a", agent_version="1.80.0")
    update(hosts)

    refused = refusal(hosts.ecs.update_container_agent, containerInstance=hosts.arns["a"])

    assert refused.code == "UpdateInProgressException"


def test_an_unknown_instance_is_refused(hosts, refusal):
    hosts.add("a")

    refused = refusal(hosts.ecs.update_container_agent, containerInstance=UNKNOWN_ID)

    assert refused.code in {"ClientException", "InvalidParameterException"}


def test_an_inactive_instance_is_not_updated(hosts, refusal):
    hosts.add("a", agent_version="1.80.0")
    hosts.deregister("a")

    refused = refusal(hosts.ecs.update_container_agent, containerInstance=hosts.arns["a"])

    assert refused.code in {"ClientException", "InvalidParameterException"}
    assert hosts.show("a")["versionInfo"]["agentVersion"] == "1.80.0"


@stands_still
def test_an_instance_that_leaves_during_an_update_stays_as_it_was(hosts):
    hosts.add("a", agent_version="1.80.0")
    update(hosts)
    hosts.deregister("a")
    events = len(hosts.events("a"))

    hosts.aws.clock.advance(minutes=10)

    shown = hosts.show("a")
    assert (shown["status"], shown["versionInfo"]["agentVersion"]) == ("INACTIVE", "1.80.0")
    assert len(hosts.events("a")) == events
