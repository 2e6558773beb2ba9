"""RunTask with a clientToken: one token, one run."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import VIRTUAL


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def request_twice(ecs, instance):
    """Return RunTask with a token and its parameters."""
    launches.bridge(ecs)
    return partial(ecs.run_task, cluster="prod", taskDefinition="app", clientToken="deploy-1")


def arns(response) -> list[str]:
    return [task["taskArn"] for task in response["tasks"]]


def test_the_same_token_and_parameters_return_the_original_tasks(ecs, door, request_twice):
    first = request_twice(count=2)
    before = launches.picture(ecs, door.aws)

    second = request_twice(count=2)

    assert arns(second) == arns(first)
    assert second["failures"] == []
    assert launches.picture(ecs, door.aws) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"count": 3},
        {"startedBy": "me"},
        {"group": "other"},
        {"launchType": "EC2"},
        {"tags": [{"key": "a", "value": "b"}]},
        {"overrides": {"containerOverrides": [{"name": "app", "command": ["true"]}]}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_with_other_parameters_conflicts_and_names_the_tasks(
    ecs, door, request_twice, error_of, changed
):
    first = request_twice(count=2)
    before = launches.picture(ecs, door.aws)

    error = error_of(request_twice, **{"count": 2} | changed)

    assert error["Error"]["Code"] == "ConflictException"
    assert error["resourceIds"] == arns(first)
    assert launches.picture(ecs, door.aws) == before


def test_a_token_is_case_sensitive(request_twice):
    first = request_twice()

    second = request_twice(clientToken="DEPLOY-1")

    assert arns(first) != arns(second)


def test_each_cluster_has_tokens_of_its_own(ecs, door, request_twice):
    first = request_twice()
    ecs.create_cluster(clusterName="stage")
    door.aws.instances.add("m5.large", cluster="stage")

    second = request_twice(cluster="stage", count=2)

    assert len(second["tasks"]) == 2
    assert not set(arns(first)) & set(arns(second))


def test_a_refused_request_leaves_its_token_free(request_twice, refusal):
    refused = refusal(request_twice, taskDefinition="nothing")

    second = request_twice()

    assert refused.code == "ClientException"
    assert len(second["tasks"]) == 1


def test_the_same_token_returns_the_original_failures(ecs, door, prod):
    door.aws.instances.add("m5.large", cluster=prod)
    launches.bridge(ecs, containerDefinitions=[launches.container(memory=100_000)])
    run = partial(ecs.run_task, cluster=prod, taskDefinition="app", clientToken="deploy-1")
    first = run()

    second = run()

    assert first["failures"]
    assert second["failures"] == first["failures"]


@VIRTUAL
def test_a_token_ends_an_hour_after_its_last_task_stopped(ecs, door, request_twice):
    (first,) = arns(request_twice())
    ecs.stop_task(cluster="prod", task=first)
    door.aws.clock.advance(hours=1, seconds=launches.STOPS_ON_BRIDGE + 60)

    second = request_twice()

    assert len(second["tasks"]) == 1
    assert arns(second) != [first]


def test_one_token_on_many_threads_makes_one_task(ecs, request_twice):
    barrier = Barrier(4)

    def start(_number: int) -> list[str]:
        barrier.wait(timeout=30)
        return arns(request_twice())

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(start, range(4)))

    assert made == [launches.listed(ecs)] * 4


@VIRTUAL
def test_a_replay_shows_the_tasks_as_they_are_now(door, request_twice):
    (first,) = request_twice()["tasks"]
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)

    (second,) = request_twice()["tasks"]

    assert (first["lastStatus"], second["lastStatus"]) == ("PENDING", "RUNNING")


def test_each_account_and_region_has_tokens_of_its_own(door, other_account):
    clients = [
        door.client("ecs"),
        door.client("ecs", account_id=other_account),
        door.client("ecs", region_name="eu-west-1"),
    ]
    for client in clients:
        client.create_cluster(clusterName="prod")
        launches.fargate(client)

    made = {launches.run_fargate(client, clientToken="deploy-1")["taskArn"] for client in clients}

    assert len(made) == 3


@VIRTUAL
def test_a_token_ends_after_a_day_though_its_task_runs_on(door, request_twice):
    first = request_twice()
    door.aws.clock.advance(hours=24, seconds=1)

    second = request_twice()

    assert arns(second) != arns(first)
