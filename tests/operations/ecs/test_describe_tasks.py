"""DescribeTasks: what it shows of tasks, in what order, for how long; that it changes nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import LENGTH, NOBODY, SEPARATORS, VIRTUAL

ARN = "arn:aws:ecs:us-east-1:123456789012"


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def task(ecs, instance) -> str:
    """The ARN of a task in bridge mode."""
    launches.bridge(ecs)
    return launches.run(ecs)["taskArn"]


@pytest.fixture
def tasks(ecs, task) -> list[str]:
    return [task, *(launches.run(ecs)["taskArn"] for _number in range(3))]


@pytest.fixture
def describe(ecs):
    return lambda *tasks, **options: ecs.describe_tasks(
        cluster="prod", tasks=list(tasks), **options
    )


@pytest.fixture
def refused(ecs, door, unchecked, refusal):
    call = partial(unchecked.describe_tasks, cluster="prod")
    return partial(launches.refused, ecs, door.aws, refusal, call)


def arns(response) -> list[str]:
    return [task["taskArn"] for task in response["tasks"]]


def after(task: dict, seconds: float):
    """Return the moment so many seconds after the task was made."""
    return task["createdAt"] + timedelta(seconds=seconds)


# ------------------------------------------------------------------------------ the shape


@VIRTUAL
def test_a_running_task_on_fargate_is_shown_member_by_member(ecs, door, prod):
    launches.fargate(ecs)
    made = launches.run_fargate(ecs, startedBy="me")
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    task = launches.shown(ecs, made["taskArn"])

    (container,), (attachment,) = task["containers"], task["attachments"]
    address = attachment["details"][4]["value"]
    task_id = task["taskArn"][-32:]
    assert re.fullmatch(rf"{task_id}-\d{{9,10}}", container["runtimeId"])
    container.pop("networkBindings", None)  # a test of its own
    assert container == made["containers"][0] | {
        "lastStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "runtimeId": container["runtimeId"],
        "networkInterfaces": [{"attachmentId": attachment["id"], "privateIpv4Address": address}],
    }
    assert task == made | {
        "attachments": [attachment],
        "connectivity": "CONNECTED",
        "connectivityAt": after(made, 4),
        "containers": [container],
        "healthStatus": "UNKNOWN",
        "lastStatus": "RUNNING",
        "pullStartedAt": after(made, 13),
        "pullStoppedAt": after(made, 18),
        "startedAt": after(made, 19),
        "version": 3,
    }


@VIRTUAL
def test_an_attached_network_interface_has_five_details_in_order(ecs, door, prod):
    launches.fargate(ecs)
    made = launches.run_fargate(ecs)
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    (attachment,) = launches.shown(ecs, made["taskArn"])["attachments"]

    forms = {
        "subnetId": "subnet-0a1b2c3d",
        "networkInterfaceId": "eni-[0-9a-f]{17}",
        "macAddress": "[0-9a-f]{2}(:[0-9a-f]{2}){5}",
        "privateDnsName": r"ip-\d+-\d+-\d+-\d+\.ec2\.internal",
        "privateIPv4Address": r"\d+\.\d+\.\d+\.\d+",
    }
    details = {detail["name"]: detail["value"] for detail in attachment["details"]}
    assert list(details) == list(forms)
    assert all(re.fullmatch(form, details[name]) for name, form in forms.items())
    address = details["privateIPv4Address"].replace(".", "-")
    assert details["privateDnsName"] == f"ip-{address}.ec2.internal"
    assert (attachment["id"], attachment["status"]) == (made["attachments"][0]["id"], "ATTACHED")


@VIRTUAL
def test_a_running_task_in_bridge_mode_is_shown_member_by_member(ecs, door, instance):
    launches.bridge(ecs)
    made = launches.run(ecs)
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)

    task = launches.shown(ecs, made["taskArn"])

    (container,) = task["containers"]
    assert re.fullmatch("[0-9a-f]{64}", container["runtimeId"])
    assert container == made["containers"][0] | {
        "lastStatus": "RUNNING",
        "healthStatus": "UNKNOWN",
        "runtimeId": container["runtimeId"],
        "networkBindings": [],
    }
    assert task == made | {
        "containers": [container],
        "healthStatus": "UNKNOWN",
        "lastStatus": "RUNNING",
        "pullStartedAt": after(made, 3),
        "pullStoppedAt": after(made, 8),
        "startedAt": after(made, 9),
        "version": 2,
    }


def test_a_container_with_a_network_interface_shows_no_bindings(ecs, prod):
    launches.fargate(ecs)

    task = launches.shown(ecs, launches.run_fargate(ecs)["taskArn"])

    assert task["containers"][0]["networkBindings"] == []


def test_ports_of_a_bridge_are_shown_with_those_of_the_host(ecs, instance):
    ports = [
        {"containerPort": 80},
        {"containerPort": 53, "hostPort": 5353, "protocol": "udp"},
    ]
    launches.bridge(ecs, containerDefinitions=[launches.container(portMappings=ports)])

    task = launches.shown(ecs, launches.run(ecs)["taskArn"])

    dynamic, fixed = task["containers"][0]["networkBindings"]
    assert set(dynamic) == {"bindIP", "containerPort", "hostPort", "protocol"}
    assert (dynamic["containerPort"], dynamic["protocol"]) == (80, "tcp")
    assert 32768 <= dynamic["hostPort"] <= 65535
    assert fixed == {
        "bindIP": "0.0.0.0",
        "containerPort": 53,
        "hostPort": 5353,
        "protocol": "udp",
    }


def test_ports_in_host_mode_are_those_of_the_container(ecs, instance):
    ports = [{"containerPort": 8080}]
    container = launches.container(portMappings=ports)
    launches.bridge(ecs, networkMode="host", containerDefinitions=[container])

    task = launches.shown(ecs, launches.run(ecs)["taskArn"])

    (binding,) = task["containers"][0]["networkBindings"]
    assert (binding["containerPort"], binding["hostPort"]) == (8080, 8080)


def test_no_two_tasks_of_an_instance_get_the_same_port(ecs, instance):
    mapping = {"containerPort": 80}
    launches.bridge(ecs, containerDefinitions=[launches.container(portMappings=[mapping])])
    ecs.run_task(cluster="prod", taskDefinition="app", count=10)

    tasks = ecs.describe_tasks(cluster="prod", tasks=launches.listed(ecs))["tasks"]

    ports = [task["containers"][0]["networkBindings"][0]["hostPort"] for task in tasks]
    assert len(set(ports)) == 10


@VIRTUAL
def test_the_digest_of_an_image_in_ecr_is_known_after_the_pull(ecs, door, instance):
    image = door.aws.images.push("team-a/web-app", tag="v1")
    uri = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{image.repository}:v1"
    launches.bridge(ecs, containerDefinitions=[launches.container(image=uri)])
    task = launches.run(ecs)["taskArn"]
    (before,) = launches.shown(ecs, task)["containers"]

    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)

    (container,) = launches.shown(ecs, task)["containers"]
    assert "imageDigest" not in before
    assert (container["image"], container["imageDigest"]) == (uri, image.digest)


# -------------------------------------------------------------------- which, in what order


def test_the_answer_has_the_order_of_the_request(describe, tasks):
    first, second, third, fourth = tasks

    response = describe(third, first[-32:], fourth, second)

    assert arns(response) == [third, first, fourth, second]
    assert response["failures"] == []


def test_what_is_missing_fails_among_what_is_there(describe, tasks):
    missing = f"{ARN}:task/prod/{NOBODY}"

    response = describe(tasks[1], missing, tasks[0], NOBODY)

    assert arns(response) == [tasks[1], tasks[0]]
    # The ARN of a bare id follows other operations; AWS's was not seen.
    assert response["failures"] == [
        {"arn": missing, "reason": "MISSING"},
        {"arn": f"{ARN}:task/{NOBODY}", "reason": "MISSING"},
    ]


@pytest.mark.parametrize("form", ["{id}", "{arn}", ARN + ":task/{id}"], ids=["id", "ARN", "short"])
def test_a_task_is_named_by_id_or_arn(describe, task, form):
    response = describe(form.format(id=task[-32:], arn=task))

    assert arns(response) == [task]


def test_a_hundred_tasks_are_taken_and_one_more_refused(describe, task, refused):
    taken = describe(task, *[NOBODY] * 99)

    answer = refused(tasks=[task, *[NOBODY] * 100])

    assert (len(taken["tasks"]), len(taken["failures"])) == (1, 99)
    assert answer.code == "InvalidParameterException"
    assert answer.message.endswith("can have at most 100 items.")


def test_no_tasks_are_refused(task, refused):
    answer = refused(tasks=[])

    assert answer == ("InvalidParameterException", "Tasks cannot be empty.")


def test_a_task_of_another_cluster_is_missing_by_its_id(ecs, task):
    ecs.create_cluster(clusterName="stage")

    response = ecs.describe_tasks(cluster="stage", tasks=[task[-32:]])

    assert response["tasks"] == []
    assert [each["reason"] for each in response["failures"]] == ["MISSING"]


def test_another_account_does_not_see_a_task(door, task, other_account):
    stranger = door.client("ecs", account_id=other_account)
    stranger.create_cluster(clusterName="prod")

    response = stranger.describe_tasks(cluster="prod", tasks=[task[-32:]])

    assert response["tasks"] == []


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("", LENGTH),
        (NOBODY + "0", LENGTH),
        (f"{ARN}:task/prod/1", LENGTH),
        ("prod/" + NOBODY, SEPARATORS),
        (NOBODY + "\r", SEPARATORS),
        (f"{ARN}:cluster/prod", SEPARATORS),
        (f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{NOBODY}", "Invalid Region in ARN"),
        (
            f"{ARN}:task/stage/{NOBODY}",
            "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
        ),
    ],
    ids=["empty", "33 characters", "short id", "slash", "return", "cluster", "region", "other"],
)
def test_one_identifier_that_is_none_refuses_all(task, refused, identifier, message):
    answer = refused(tasks=[task, identifier])

    assert answer == ("InvalidParameterException", message)


def test_without_a_cluster_a_long_arn_must_be_of_default(ecs, task, refusal):
    ecs.create_cluster()

    refused = refusal(ecs.describe_tasks, tasks=[task])

    assert refused == (
        "InvalidParameterException",
        "Invalid identifier: Identifier is for cluster prod. Your cluster is default",
    )


def test_an_unknown_cluster_is_refused(task, refused):
    answer = refused(cluster="none", tasks=[task[-32:]])

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


def test_only_tags_can_be_included(task, refused):
    answer = refused(tasks=[task], include=["EVERYTHING"])

    assert answer == ("InvalidParameterException", "include should be one of [TAGS]")


@pytest.mark.parametrize(
    "parameters", [{"tasks": [5]}, {"tasks": {}}, {"tasks": [NOBODY], "include": [5]}], ids=str
)
def test_a_member_of_another_type_is_refused(task, refused, parameters):
    answer = refused(**parameters)

    assert answer.code in {"SerializationException", "InvalidParameterException"}


# ------------------------------------------------------------------------------- how long


@VIRTUAL
def test_a_stopped_task_is_shown_for_an_hour(ecs, door, describe, task):
    ecs.stop_task(cluster="prod", task=task)
    door.aws.clock.advance(minutes=1)
    stopped_at = launches.shown(ecs, task)["stoppedAt"]
    door.aws.clock.advance(stopped_at + timedelta(minutes=59) - door.aws.clock.now)
    still = describe(task)

    door.aws.clock.advance(minutes=1, seconds=1)

    gone = describe(task)
    assert arns(still) == [task]
    assert (gone["tasks"], gone["failures"]) == ([], [{"arn": task, "reason": "MISSING"}])
    assert launches.listed(ecs, desiredStatus="STOPPED") == []


def test_a_stopped_task_of_a_deleted_cluster_is_shown_until_the_cluster_is_made_again(ecs, prod):
    launches.fargate(ecs)
    task = launches.run_fargate(ecs, tags=[{"key": "a", "value": "b"}])["taskArn"]
    ecs.stop_task(cluster=prod, task=task)
    ecs.delete_cluster(cluster=prod)
    then = ecs.describe_tasks(cluster=prod, tasks=[task])

    ecs.create_cluster(clusterName=prod)

    now = ecs.describe_tasks(cluster=prod, tasks=[task])
    assert (arns(then), arns(now)) == ([task], [])


@VIRTUAL
def test_a_hundred_reads_change_nothing(ecs, door, task):
    door.aws.clock.advance(seconds=5)
    before, moment = launches.picture(ecs, door.aws), door.aws.clock.now

    for _number in range(100):
        ecs.describe_tasks(cluster="prod", tasks=[task, NOBODY], include=["TAGS"])
        ecs.list_tasks(cluster="prod", family="app")
        ecs.describe_clusters(clusters=["prod"], include=["STATISTICS"])

    assert launches.picture(ecs, door.aws) == before
    assert door.aws.clock.now == moment
