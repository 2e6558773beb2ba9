"""ExecuteCommand: the session that it answers, and when there is none."""

from __future__ import annotations

import re
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import NOBODY, SEPARATORS, VIRTUAL

NOT_READY = (
    "The execute command failed because execute command was not enabled when the task was run or "
    "the execute command agent isn’t running. Wait and try again or run a new task with execute "
    "command enabled and try again."
)
AGENT = "ExecuteCommandAgent"


@pytest.fixture
def role(door) -> str:
    """The ARN of a role with which tasks reach Session Manager."""
    statement = {"Effect": "Allow", "Action": "ssmmessages:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return door.aws.iam.role("task", policies=[policy], trust="ecs-tasks.amazonaws.com").arn


@pytest.fixture
def start(ecs, prod, role):
    """Run a task on Fargate in which commands can be executed; return it."""

    def start(*names: str, **options) -> dict:
        containers = [{"name": name, "image": "nginx"} for name in names]
        launches.fargate(ecs, taskRoleArn=role, containerDefinitions=containers)
        return launches.run_fargate(ecs, **{"enableExecuteCommand": True} | options)

    return start


@pytest.fixture
def execute(unchecked):
    return partial(unchecked.execute_command, cluster="prod", command="/bin/sh", interactive=True)


@pytest.fixture
def refused(ecs, door, refusal, execute):
    return partial(launches.refused, ecs, door.aws, refusal, execute)


def agents(task: dict) -> list[list[dict]]:
    """Return the managed agents of each container."""
    return [container["managedAgents"] for container in task["containers"]]


# ------------------------------------------------------------------------------ a session


def test_the_answer_is_a_session_with_the_container(start, execute):
    task = start("web")

    response = execute(task=task["taskArn"])

    response.pop("ResponseMetadata")
    session = response.pop("session")
    assert response == {
        "clusterArn": task["clusterArn"],
        "containerArn": task["containers"][0]["containerArn"],
        "containerName": "web",
        "interactive": True,
        "taskArn": task["taskArn"],
    }
    assert set(session) == {"sessionId", "streamUrl", "tokenValue"}
    assert re.fullmatch("ecs-execute-command-[0-9a-f]{17}", session["sessionId"])
    assert session["streamUrl"] == (
        "wss://ssmmessages.us-east-1.amazonaws.com/v1/data-channel/"
        f"{session['sessionId']}?role=publish_subscribe"
    )
    assert session["tokenValue"]


def test_each_call_is_a_session_of_its_own(start, execute):
    task = start("web")["taskArn"]

    sessions = [execute(task=task)["session"] for _number in range(3)]

    assert len({each["sessionId"] for each in sessions}) == 3
    assert len({each["tokenValue"] for each in sessions}) == 3


@pytest.mark.parametrize("form", ["{id}", "{arn}", "arn:aws:ecs:us-east-1:123456789012:task/{id}"])
def test_a_task_is_named_by_id_or_arn(start, execute, form):
    task = start("web")["taskArn"]

    response = execute(task=form.format(id=task[-32:], arn=task))

    assert response["taskArn"] == task


def test_a_container_of_several_is_named(start, execute):
    task = start("web", "log")

    response = execute(task=task["taskArn"], container="log")

    assert response["containerName"] == "log"
    assert response["containerArn"] == task["containers"][1]["containerArn"]


def test_a_session_is_no_change_of_the_task(ecs, door, start, execute):
    task = start("web")["taskArn"]
    before = launches.picture(ecs, door.aws)

    execute(task=task)

    assert launches.picture(ecs, door.aws) == before


def test_a_role_that_overrides_is_enough(ecs, prod, role, execute):
    launches.fargate(ecs)
    task = launches.run_fargate(ecs, enableExecuteCommand=True, overrides={"taskRoleArn": role})

    response = execute(task=task["taskArn"])

    assert task["enableExecuteCommand"] is True
    assert response["containerName"] == "web"


# ------------------------------------------------------------------------------ the agent


@VIRTUAL
def test_the_agent_of_each_container_starts_and_stops_with_it(ecs, door, start):
    task = start("web", "log")

    pending = agents(task)
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)
    running = launches.shown(ecs, task["taskArn"])
    ecs.stop_task(cluster="prod", task=task["taskArn"])
    door.aws.clock.advance(seconds=launches.STOPS_ON_FARGATE)
    stopped = launches.shown(ecs, task["taskArn"])

    since = {"lastStartedAt": running["startedAt"]}
    assert pending == [[{"name": AGENT, "lastStatus": "PENDING"}]] * 2
    assert agents(running) == [[{"name": AGENT, "lastStatus": "RUNNING"} | since]] * 2
    assert agents(stopped) == [[{"name": AGENT, "lastStatus": "STOPPED"} | since]] * 2


def test_without_execute_command_there_is_no_agent(ecs, start):
    task = start("web", enableExecuteCommand=False)

    found = launches.shown(ecs, task["taskArn"])

    assert found["enableExecuteCommand"] is False
    assert "managedAgents" not in found["containers"][0]


@VIRTUAL
def test_there_is_no_session_before_the_containers_run_nor_after(ecs, door, start, refused):
    task = start("web")["taskArn"]

    early = refused(task=task)
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)
    ecs.stop_task(cluster="prod", task=task)
    door.aws.clock.advance(seconds=launches.STOPS_ON_FARGATE)
    late = refused(task=task)

    assert early == late == ("InvalidParameterException", NOT_READY)


# -------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"container": "proxy"},
        {"container": "WEB"},
        {"container": ""},
        {"container": "web", "interactive": False},
    ],
    ids=["none of two", "unknown", "other case", "empty", "not interactive"],
)
def test_a_parameter_outside_its_rules_is_refused(start, refused, parameters):
    task = start("web", "log")["taskArn"]

    answer = refused(task=task, **parameters)

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize("task", ["", "None", NOBODY[:-1], "x" * 1000], ids=len)
def test_the_length_of_an_id_is_refused_in_words_of_its_own(start, refused, task):
    start("web")

    answer = refused(task=task)

    assert answer == ("InvalidParameterException", "task length should be one of [32,36]")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"task": "prod/" + NOBODY}, SEPARATORS),
        ({"task": NOBODY}, "The referenced task was not found."),
        (
            {"task": f"arn:aws:ecs:us-east-1:123456789012:task/stage/{NOBODY}"},
            "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
        ),
        (
            {"task": f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{NOBODY}"},
            "Invalid Region in ARN",
        ),
    ],
    ids=["slash", "unknown", "cluster", "region"],
)
def test_what_is_no_task_is_refused(start, refused, parameters, message):
    start("web")

    answer = refused(**parameters)

    assert answer == ("InvalidParameterException", message)


def test_an_unknown_cluster_is_refused(start, refused):
    task = start("web")["taskArn"]

    answer = refused(cluster="none", task=task[-32:])

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize(
    "parameters", [{"interactive": "yes"}, {"command": ["sh"]}, {"container": 1}], ids=str
)
def test_a_member_of_another_type_is_refused(start, refused, parameters):
    task = start("web")["taskArn"]

    answer = refused(task=task, **parameters)

    assert answer.code == "SerializationException"
