"""The events of tasks: their shape, their order, their versions."""

from __future__ import annotations

import copy
import re
from datetime import datetime, timezone

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import UUID, VIRTUAL

ENVELOPE = "version id detail-type source account time region resources detail"
CHANGE = "ECS Task State Change"
NOT_IN_EVENTS = {"healthStatus", "tags", "platformFamily", "fargateEphemeralStorage"}
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,2}[1-9])?Z")

ORDER = (
    "attachments attributes availabilityZone capacityProviderName clusterArn connectivity "
    "connectivityAt containers cpu createdAt desiredStatus enableExecuteCommand "
    "ephemeralStorage executionStoppedAt group launchType lastStatus memory overrides "
    "platformVersion pullStartedAt pullStoppedAt startedAt startedBy stoppingAt stoppedAt "
    "stoppedReason stopCode taskArn taskDefinitionArn updatedAt version"
)
ORDER_IN_A_CONTAINER = (
    "containerArn exitCode lastStatus name image imageDigest runtimeId taskArn "
    "networkInterfaces cpu memory managedAgents"
)


def changes(aws) -> list[dict]:
    """Return the events of tasks."""
    return [event for event in aws.events if event["detail-type"] == CHANGE]


def course(aws, task: str) -> list[tuple[str, str, int]]:
    """Return what each event of a task says of its status."""
    details = [event["detail"] for event in changes(aws) if event["resources"] == [task]]
    return [(each["lastStatus"], each["desiredStatus"], each["version"]) for each in details]


def written(moment: datetime) -> str:
    """Write a moment as events do: in UTC, to the millisecond, without zeros at the end."""
    moment = moment.astimezone(timezone.utc)
    thousandths = f"{moment.microsecond // 1000:03}".rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{thousandths and '.' + thousandths}Z"


def as_event(task: dict) -> dict:
    """Return the detail that an event must have of a task that DescribeTasks shows."""
    detail = {
        name: written(value) if isinstance(value, datetime) else copy.deepcopy(value)
        for name, value in task.items()
        if name not in NOT_IN_EVENTS
    }
    for attachment in detail["attachments"]:
        attachment["type"] = "eni"
    for container in detail["containers"]:
        container.pop("healthStatus", None)
        if "platformVersion" in detail:
            container.pop("networkBindings", None)
        if "managedAgents" in container:
            container["managedAgents"] = [
                {"name": each["name"], "status": each["lastStatus"]}
                for each in container["managedAgents"]
            ]
    del detail["overrides"]["inferenceAcceleratorOverrides"]
    return detail


@pytest.fixture
def full(ecs, door) -> str:
    """The ARN of a task that has all that an event can show."""
    allowed = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allowed]}
    role = door.aws.iam.role("task", policies=[policy], trust="ecs-tasks.amazonaws.com").arn
    door.aws.images.push("team-a/web-app", tag="v1")
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team-a/web-app:v1"
    ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE"])
    launches.fargate(
        ecs,
        containerDefinitions=[{"name": "web", "image": image, "memory": 512}],
        taskRoleArn=role,
        executionRoleArn=role,
    )
    task = launches.run(
        ecs,
        "web",
        capacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1}],
        networkConfiguration=launches.SUBNETS,
        enableExecuteCommand=True,
        startedBy="me",
        tags=[{"key": "team", "value": "a"}],
    )
    return task["taskArn"]


@pytest.fixture
def stopped(ecs, door, full) -> str:
    """The same task when it has run and was stopped."""
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)
    ecs.stop_task(cluster="prod", task=full)
    door.aws.clock.advance(seconds=launches.STOPS_ON_FARGATE)
    return full


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


# ------------------------------------------------------------------------------ the shape


@VIRTUAL
def test_an_event_has_the_envelope_of_eventbridge(door, full):
    (event,) = changes(door.aws)

    assert set(event) == set(ENVELOPE.split())
    assert re.fullmatch(UUID, event.pop("id"))
    event.pop("detail")
    assert event == {
        "version": "0",
        "detail-type": CHANGE,
        "source": "aws.ecs",
        "account": "123456789012",
        "time": "2026-01-02T00:00:00Z",
        "region": "us-east-1",
        "resources": [full],
    }


@VIRTUAL
def test_the_first_event_has_what_is_known_then(ecs, door, full):
    detail = changes(door.aws)[0]["detail"]

    assert detail == as_event(launches.shown(ecs, full)) | {"updatedAt": detail["createdAt"]}
    (container,) = detail["containers"]
    assert (detail["lastStatus"], container["lastStatus"]) == ("PROVISIONING", "PENDING")
    assert detail["attachments"][0]["status"] == "PRECREATED"
    assert not {"runtimeId", "imageDigest", "exitCode", "reason"} & set(container)
    assert not {"connectivity", "pullStartedAt", "startedAt", "stopCode"} & set(detail)


@VIRTUAL
def test_the_last_event_has_all_members_of_the_task(ecs, door, stopped):
    detail = changes(door.aws)[-1]["detail"]

    task = as_event(launches.shown(ecs, stopped))
    assert set(detail) == set(ORDER.split())
    assert set(detail["containers"][0]) == set(ORDER_IN_A_CONTAINER.split())
    assert detail == task | {"updatedAt": detail["stoppedAt"]}


@VIRTUAL
def test_the_members_have_the_order_of_those_that_were_captured(door, stopped):
    detail = changes(door.aws)[-1]["detail"]

    assert " ".join(detail) == ORDER
    assert " ".join(detail["containers"][0]) == ORDER_IN_A_CONTAINER


@VIRTUAL
def test_an_event_of_a_task_in_bridge_mode_names_its_instance_and_its_ports(ecs, door, instance):
    ports = [{"containerPort": 53, "hostPort": 5353, "protocol": "udp"}]
    launches.bridge(ecs, containerDefinitions=[launches.container(portMappings=ports)])
    task = launches.run(ecs)["taskArn"]
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)

    detail = changes(door.aws)[-1]["detail"]

    shown = launches.shown(ecs, task)
    assert detail == as_event(shown) | {"updatedAt": detail["startedAt"]}
    assert detail["containerInstanceArn"] == instance.arn
    (container,) = detail["containers"]
    assert container["networkBindings"] == shown["containers"][0]["networkBindings"]
    assert container["networkInterfaces"] == []
    assert not {"platformVersion", "ephemeralStorage", "startedBy"} & set(detail)
    assert "capacityProviderName" not in detail


@VIRTUAL
def test_moments_are_written_without_zeros_at_their_end(ecs, door, prod):
    launches.fargate(ecs)
    for _number in range(12):  # a millisecond apart
        launches.run_fargate(ecs)
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    details = [event["detail"] for event in changes(door.aws)]

    moments = {each[name] for each in details for name in each if name.endswith("At")}
    assert all(TIMESTAMP.fullmatch(moment) for moment in moments)
    assert {len(moment) for moment in moments} > {len("2026-01-02T00:00:00.123Z")}


def test_events_of_another_account_and_region_say_so(door, other_account):
    stranger = door.client("ecs", account_id=other_account, region_name="eu-west-1")
    stranger.create_cluster(clusterName="prod")
    launches.fargate(stranger)

    launches.run_fargate(stranger)

    found = {(event["account"], event["region"]) for event in changes(door.aws)}
    assert found == {(other_account, "eu-west-1")}


# ---------------------------------------------------------------------- order and versions


@VIRTUAL
def test_a_task_on_fargate_has_six_events(door, stopped):
    assert course(door.aws, stopped) == [
        ("PROVISIONING", "RUNNING", 1),
        ("PENDING", "RUNNING", 2),
        ("RUNNING", "RUNNING", 3),
        ("RUNNING", "STOPPED", 4),
        ("DEPROVISIONING", "STOPPED", 5),
        ("STOPPED", "STOPPED", 6),
    ]


def test_in_an_instant_a_task_has_the_same_events(ecs, door, full):
    ecs.stop_task(cluster="prod", task=full)

    statuses = [each[0] for each in course(door.aws, full)]

    assert statuses == [
        "PROVISIONING",
        "PENDING",
        "RUNNING",
        "RUNNING",
        "DEPROVISIONING",
        "STOPPED",
    ]
    assert [each[2] for each in course(door.aws, full)] == [1, 2, 3, 4, 5, 6]


@VIRTUAL
def test_a_task_in_bridge_mode_has_four_events(ecs, door, instance):
    launches.bridge(ecs)
    task = launches.run(ecs)["taskArn"]
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)
    ecs.stop_task(cluster="prod", task=task)
    door.aws.clock.advance(seconds=launches.STOPS_ON_BRIDGE)

    assert course(door.aws, task) == [
        ("PENDING", "RUNNING", 1),
        ("RUNNING", "RUNNING", 2),
        ("RUNNING", "STOPPED", 3),
        ("STOPPED", "STOPPED", 4),
    ]


@VIRTUAL
def test_the_version_of_a_task_is_that_of_its_last_event(ecs, door, full):
    seen = []
    for second in range(100):
        if second == 30:
            ecs.stop_task(cluster="prod", task=full)
        seen.append((launches.shown(ecs, full)["version"], course(door.aws, full)[-1][2]))
        door.aws.clock.advance(seconds=1)

    assert all(shown == sent for shown, sent in seen)
    assert {shown for shown, _sent in seen} == {1, 2, 3, 4, 5, 6}


@VIRTUAL
def test_events_of_many_tasks_are_in_the_order_of_time(ecs, door, instance):
    launches.bridge(ecs)
    launches.fargate(ecs)
    tasks = []
    for _number in range(4):
        tasks += [launches.run(ecs)["taskArn"], launches.run_fargate(ecs)["taskArn"]]
        door.aws.clock.advance(seconds=5)
    for task in tasks[::2]:
        ecs.stop_task(cluster="prod", task=task)
    door.aws.clock.advance(minutes=5)

    moments = [event["time"] for event in door.aws.events]
    assert moments == sorted(moments)
    for task in tasks:
        versions = [version for _last, _desired, version in course(door.aws, task)]
        assert versions == list(range(1, len(versions) + 1))
    ids = [event["id"] for event in door.aws.events]
    assert len(set(ids)) == len(ids)


@VIRTUAL
def test_the_time_of_an_event_is_when_the_task_changed(door, stopped):
    for event in changes(door.aws):
        updated = event["detail"]["updatedAt"]
        assert re.sub(r"\.\d+", "", updated) == event["time"]


@VIRTUAL
def test_an_event_stays_as_it_was(ecs, door, full):
    first = copy.deepcopy(door.aws.events[0])

    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)
    ecs.stop_task(cluster="prod", task=full)

    assert door.aws.events[0] == first


# -------------------------------------------------------------------- what is an event


@VIRTUAL
def test_a_change_of_health_is_no_event(ecs, door, prod):
    check = {"command": ["CMD-SHELL", "true"], "interval": 5}
    web = {"name": "web", "image": "nginx", "healthCheck": check}
    launches.fargate(ecs, containerDefinitions=[web])
    task = launches.run_fargate(ecs)["taskArn"]
    door.aws.clock.advance(minutes=1)
    before = launches.shown(ecs, task), len(door.aws.events)

    door.aws.tasks.get(task).set_health("UNHEALTHY")

    after = launches.shown(ecs, task), len(door.aws.events)
    assert (before[0]["healthStatus"], after[0]["healthStatus"]) == ("HEALTHY", "UNHEALTHY")
    assert after[0]["version"] == before[0]["version"] == 3
    assert after[1] == before[1] == 3


@VIRTUAL
def test_the_exit_of_a_container_that_is_not_essential_is_an_event(ecs, door, prod):
    init = {"name": "init", "image": "nginx", "essential": False}
    launches.fargate(ecs, containerDefinitions=[{"name": "web", "image": "nginx"}, init])
    task = launches.run_fargate(ecs)["taskArn"]
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    door.aws.tasks.get(task).exit({"init": 3})

    detail = changes(door.aws)[-1]["detail"]
    web, init = detail["containers"]
    assert course(door.aws, task)[-1] == ("RUNNING", "RUNNING", 4)
    assert (init["lastStatus"], init["exitCode"]) == ("STOPPED", 3)
    assert (web["lastStatus"], "exitCode" in web) == ("RUNNING", False)


@VIRTUAL
def test_the_event_of_a_task_that_failed_says_why(ecs, door, prod):
    launches.fargate(ecs)
    door.aws.tasks.on_run("web", exit_code=1, after=5)
    launches.run_fargate(ecs)
    door.aws.clock.advance(minutes=5)

    detail = changes(door.aws)[-1]["detail"]

    assert (detail["lastStatus"], detail["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert detail["stoppedReason"] == "Essential container in task exited"
    assert detail["containers"][0]["exitCode"] == 1
    assert detail["executionStoppedAt"] < detail["stoppingAt"] < detail["stoppedAt"]
