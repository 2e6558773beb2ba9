"""GetTaskProtection and UpdateTaskProtection of tasks that no service has: none is protected."""

from __future__ import annotations

from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import LENGTH, NOBODY, SEPARATORS

ARN = "arn:aws:ecs:us-east-1:123456789012"
MISSING = f"{ARN}:task/prod/{NOBODY}"


@pytest.fixture
def tasks(ecs, prod) -> list[str]:
    launches.fargate(ecs)
    return [launches.run_fargate(ecs)["taskArn"] for _number in range(2)]


@pytest.fixture
def get(unchecked):
    return partial(unchecked.get_task_protection, cluster="prod")


@pytest.fixture
def update(unchecked):
    return partial(unchecked.update_task_protection, cluster="prod", protectionEnabled=True)


@pytest.fixture(params=["get", "update"])
def call(request, get, update):
    """Call each of the two operations."""
    return {"get": get, "update": update}[request.param]


@pytest.fixture
def refused(ecs, door, refusal):
    return partial(launches.refused, ecs, door.aws, refusal)


def test_a_standalone_task_has_no_protection(call, tasks):
    response = call(tasks=[tasks[1], tasks[0][-32:]])

    response.pop("ResponseMetadata")
    assert response == {
        "protectedTasks": [],
        "failures": [
            {"arn": tasks[1], "reason": "TASK_NOT_VALID"},
            {"arn": tasks[0], "reason": "TASK_NOT_VALID"},
        ],
    }


def test_what_is_missing_fails_in_its_place(call, tasks):
    response = call(tasks=[tasks[0], MISSING, tasks[1]])

    assert response["failures"] == [
        {"arn": tasks[0], "reason": "TASK_NOT_VALID"},
        {"arn": MISSING, "reason": "MISSING"},
        {"arn": tasks[1], "reason": "TASK_NOT_VALID"},
    ]


@pytest.mark.parametrize(
    "parameters",
    [{"expiresInMinutes": 1}, {"expiresInMinutes": 2880}, {"protectionEnabled": False}],
)
def test_an_update_changes_no_standalone_task(ecs, door, update, tasks, parameters):
    before = launches.picture(ecs, door.aws)

    response = update(tasks=tasks, **parameters)

    assert [each["reason"] for each in response["failures"]] == ["TASK_NOT_VALID"] * 2
    assert launches.picture(ecs, door.aws) == before


def test_nothing_is_protected_where_no_task_is_named(get, tasks):
    response = get()

    assert response["protectedTasks"] == []


@pytest.mark.parametrize(("operation", "most"), [("get", 100), ("update", 10)])
def test_a_call_takes_so_many_tasks_and_no_more(request, refused, prod, operation, most):
    call = request.getfixturevalue(operation)
    taken = call(tasks=[NOBODY] * most)

    answer = refused(call, tasks=[NOBODY] * (most + 1))

    assert len(taken["failures"]) == most
    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize("minutes", [0, -1, 2881, 2**31 - 1])
def test_an_expiry_is_between_a_minute_and_two_days(update, tasks, refused, minutes):
    answer = refused(update, tasks=tasks, expiresInMinutes=minutes)

    assert answer.code == "InvalidParameterException"


def test_an_update_names_tasks(update, tasks, refused):
    answer = refused(update, tasks=[])

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("", LENGTH),
        (NOBODY[:-1], LENGTH),
        ("prod/" + NOBODY, SEPARATORS),
        (f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{NOBODY}", "Invalid Region in ARN"),
        (
            f"{ARN}:task/stage/{NOBODY}",
            "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
        ),
    ],
    ids=["empty", "31 characters", "slash", "region", "cluster"],
)
def test_what_is_no_task_is_refused(call, tasks, refused, identifier, message):
    answer = refused(call, tasks=[tasks[0], identifier])

    assert answer == ("InvalidParameterException", message)


def test_an_unknown_cluster_is_refused(call, tasks, refused):
    answer = refused(call, cluster="none", tasks=[NOBODY])

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize("cluster", [None, ""], ids=["null", "empty"])
def test_there_is_no_default_cluster_here(ecs, call, tasks, refused, cluster):
    answer = refused(call, cluster=cluster, tasks=[NOBODY])

    assert answer.code in {"InvalidParameterException", "ClusterNotFoundException"}


@pytest.mark.parametrize(
    "parameters",
    [
        {"protectionEnabled": "true"},
        {"protectionEnabled": 1},
        {"expiresInMinutes": "5"},
        {"expiresInMinutes": 1.5},
        {"tasks": [5]},
    ],
    ids=str,
)
def test_a_member_of_another_type_is_refused(update, tasks, refused, parameters):
    answer = refused(update, **{"tasks": tasks} | parameters)

    assert answer.code == "SerializationException"
