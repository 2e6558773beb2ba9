"""StartTask: a task on each of the instances that are named."""

from __future__ import annotations

from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import NOBODY, SUBNETS, VIRTUAL

ARN = "arn:aws:ecs:us-east-1:123456789012"
INSTANCE = f"{ARN}:container-instance"


@pytest.fixture
def instances(door, prod):
    return door.aws.instances.add("m5.large", cluster=prod, count=3)


@pytest.fixture
def app(ecs, instances) -> str:
    return launches.bridge(ecs)


@pytest.fixture
def start(ecs, instances):
    """Start a task on the instances that are given by what a caller may call them."""

    def start(*named: str, definition: str = "app", **options) -> dict:
        return ecs.start_task(
            cluster="prod", taskDefinition=definition, containerInstances=list(named), **options
        )

    return start


@pytest.fixture
def refused(ecs, door, refusal):
    return partial(launches.refused, ecs, door.aws, refusal)


@pytest.fixture
def refused_start(unchecked, instances, app, refused):
    """Start a task on the first instance with what is refused; return the refusal."""
    call = partial(unchecked.start_task, cluster="prod", taskDefinition="app")
    return lambda **parameters: refused(
        call, **{"containerInstances": [instances[0].arn]} | parameters
    )


def hosts(response) -> list[str]:
    return [task["containerInstanceArn"] for task in response["tasks"]]


# ---------------------------------------------------------------------------- what is started


@VIRTUAL
def test_a_started_task_looks_like_one_that_was_run(ecs, instances, app, start):
    ran = launches.run(ecs)

    response = start(instances[0].arn)

    (task,) = response["tasks"]
    assert set(response) == {"tasks", "failures", "ResponseMetadata"}
    assert response["failures"] == []
    assert set(task) == set(ran)
    assert set(task["containers"][0]) == set(ran["containers"][0])
    for member in (
        "launchType",
        "lastStatus",
        "desiredStatus",
        "group",
        "cpu",
        "memory",
        "version",
    ):
        assert task[member] == ran[member]


def test_each_instance_gets_a_task_in_the_order_of_the_request(instances, app, start):
    first, second, third = instances

    response = start(third.arn, first.id, second.arn)

    assert hosts(response) == [third.arn, first.arn, second.arn]
    assert len({task["taskArn"] for task in response["tasks"]}) == 3


@pytest.mark.parametrize("form", ["{id}", "{arn}", INSTANCE + "/{id}"], ids=["id", "ARN", "short"])
def test_an_instance_is_named_by_id_or_arn(instances, app, start, form):
    (first, *_) = instances

    response = start(form.format(id=first.id, arn=first.arn))

    assert hosts(response) == [first.arn]


def test_what_is_asked_for_is_kept(ecs, instances, app, start):
    override = {"name": "app", "command": ["true"]}

    (task,) = start(
        instances[0].arn,
        startedBy="scheduler/" + "x" * 26,
        group="mine",
        overrides={"containerOverrides": [override]},
        tags=[{"key": "team", "value": "a"}],
    )["tasks"]

    found = launches.shown(ecs, task["taskArn"], "TAGS")
    assert (found["startedBy"], found["group"]) == ("scheduler/" + "x" * 26, "mine")
    assert found["overrides"]["containerOverrides"] == [override]
    assert found["tags"] == [{"key": "team", "value": "a"}]


def test_an_awsvpc_task_is_started_with_its_subnets(ecs, instances, start):
    launches.bridge(ecs, family="vpc", networkMode="awsvpc")

    (task,) = start(instances[0].arn, definition="vpc", networkConfiguration=SUBNETS)["tasks"]

    assert task["lastStatus"] == "PROVISIONING"
    assert task["attachments"][0]["details"][0] == {"name": "subnetId", "value": "subnet-0a1b2c3d"}


# -------------------------------------------------------------------------------- failures


def test_an_instance_that_is_not_there_fails_and_the_others_start(ecs, instances, app, start):
    first, second, _ = instances
    ecs.deregister_container_instance(cluster="prod", containerInstance=second.arn)

    response = start(f"{INSTANCE}/prod/{NOBODY}", first.arn, second.arn)

    assert hosts(response) == [first.arn]
    assert response["failures"] == [
        {"arn": f"{INSTANCE}/prod/{NOBODY}", "reason": "MISSING"},
        {"arn": second.arn, "reason": "INACTIVE"},
    ]


def test_an_instance_that_is_full_fails_and_the_others_start(ecs, instances, start):
    launches.bridge(ecs, containerDefinitions=[launches.container(memory=6000)])
    first, second, _ = instances
    start(first.arn)

    response = start(first.arn, second.arn)

    assert hosts(response) == [second.arn]
    assert response["failures"] == [{"arn": first.arn, "reason": "RESOURCE:MEMORY"}]


def test_an_instance_of_another_cluster_is_missing_by_its_id(ecs, door, app, start):
    ecs.create_cluster(clusterName="stage")
    (stranger,) = door.aws.instances.add("m5.large", cluster="stage")

    response = start(stranger.id)

    assert response["tasks"] == []
    assert [failure["reason"] for failure in response["failures"]] == ["MISSING"]
    assert launches.listed(ecs, cluster="stage") == []


# -------------------------------------------------------------------------------- refusals


def test_an_instance_of_another_cluster_is_refused_by_its_arn(ecs, door, refused_start):
    ecs.create_cluster(clusterName="stage")
    (stranger,) = door.aws.instances.add("m5.large", cluster="stage")

    answer = refused_start(containerInstances=[stranger.arn])

    assert answer == (
        "InvalidParameterException",
        "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
    )


def test_no_instances_are_refused(refused_start):
    answer = refused_start(containerInstances=[])

    assert answer == ("ClientException", "Container Instances cannot be empty.")


def test_ten_instances_are_taken_and_eleven_refused(start, refused_start):
    taken = start(*[NOBODY] * 10)

    answer = refused_start(containerInstances=[NOBODY] * 11)

    assert len(taken["failures"]) == 10
    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "i-0123456789abcdef0",
        NOBODY + "\r",
        "a/b/c",
        f"{ARN}:task/prod/{NOBODY}",
        INSTANCE.replace("us-east-1", "eu-west-1") + f"/prod/{NOBODY}",
        INSTANCE.replace("123456789012", "999988887777") + f"/prod/{NOBODY}",
        "\x00" * 32,
        "x" * 100_000,
    ],
    ids=["empty", "EC2", "return", "slashes", "task", "region", "account", "NUL", "huge"],
)
def test_what_is_no_instance_is_refused(refused_start, identifier):
    answer = refused_start(containerInstances=[identifier])

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"cluster": "none", "containerInstances": [NOBODY]}, "ClusterNotFoundException"),
        ({"cluster": None, "containerInstances": [NOBODY]}, "ClusterNotFoundException"),
        ({"taskDefinition": "nothing"}, "ClientException"),
        ({"startedBy": "x" * 37}, "InvalidParameterException"),
        ({"networkConfiguration": SUBNETS}, "InvalidParameterException"),
        ({"overrides": {"containerOverrides": [{"name": "b"}]}}, "InvalidParameterException"),
        ({"enableExecuteCommand": True}, "InvalidParameterException"),
        ({"containerInstances": [5]}, "SerializationException"),
        ({"group": ["a"]}, "SerializationException"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_parameter_outside_its_rules_is_refused(refused_start, parameters, code):
    answer = refused_start(**parameters)

    assert answer.code == code


def test_an_inactive_cluster_is_refused(refused_start, inactive):
    answer = refused_start(cluster=inactive, containerInstances=[NOBODY])

    assert answer == ("ClusterNotFoundException", "The referenced cluster was inactive.")


def test_an_inactive_definition_is_refused(ecs, refused_start):
    ecs.deregister_task_definition(taskDefinition="app:1")

    answer = refused_start(taskDefinition="app:1")

    # The code is known of RunTask and UpdateService, where it differs.
    assert answer.code in {"ClientException", "InvalidParameterException"}
    assert answer.message == "TaskDefinition is inactive"


@pytest.mark.parametrize("mode", ["absent", "public"])
def test_the_network_of_an_awsvpc_task_is_checked(ecs, refused_start, mode):
    launches.bridge(ecs, family="vpc", networkMode="awsvpc")
    public = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
    options = {"networkConfiguration": public} if mode == "public" else {}

    answer = refused_start(taskDefinition="vpc", **options)

    texts = {
        "absent": "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        "public": "Assign public IP is not supported for this launch type.",
    }
    assert answer == ("InvalidParameterException", texts[mode])
