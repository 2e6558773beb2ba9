"""Which capacity provider a task gets: of its request, of its cluster, or none."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import SUBNETS, VIRTUAL

NOT_OF_THE_CLUSTER = (
    "The specified capacity provider strategy cannot contain a capacity provider that is not "
    "associated with the cluster. Associate the capacity provider with the cluster or specify a "
    "valid capacity provider and try again."
)
TWO_BASES = (
    "There are multiple capacity providers in the specified capacity provider strategy with a base "
    "value greater than zero. Only one capacity provider can have a base value greater than zero. "
    "Specify a valid capacity provider strategy and try again."
)
NO_WEIGHT = (
    "There are no capacity providers in the capacity provider strategy with a weight value greater "
    "than zero. Specify a weight value greater than zero for at least one capacity provider and "
    "try again."
)


def item(provider: str, weight: int | None = None, base: int | None = None) -> dict:
    """Return an item of a strategy; a number that is None is left out."""
    numbers = {"weight": weight, "base": base}
    given = {name: number for name, number in numbers.items() if number is not None}
    return {"capacityProvider": provider} | given


FARGATE, SPOT = partial(item, "FARGATE"), partial(item, "FARGATE_SPOT")


@pytest.fixture
def prod(ecs) -> str:
    """The name of a cluster with both providers of Fargate and no strategy."""
    ecs.create_cluster(clusterName="prod", capacityProviders=["FARGATE", "FARGATE_SPOT"])
    return "prod"


@pytest.fixture
def run(unchecked, prod):
    """Run tasks by a strategy; return what RunTask answers."""
    launches.fargate(unchecked)
    call = partial(unchecked.run_task, taskDefinition="web", networkConfiguration=SUBNETS)

    def run(*strategy: dict, **options):
        parameters = {"cluster": "prod", "capacityProviderStrategy": list(strategy)} | options
        return call(**parameters)

    return run


@pytest.fixture
def refused(ecs, door, refusal, run):
    """Run tasks by a strategy that is refused; return the refusal."""
    return lambda *strategy, **options: launches.refused(
        ecs, door.aws, refusal, lambda: run(*strategy, **options)
    )


def providers(response) -> Counter[str | None]:
    """Count the tasks by their provider."""
    assert response["failures"] == []
    assert {task["launchType"] for task in response["tasks"]} == {"FARGATE"}
    return Counter(task.get("capacityProviderName") for task in response["tasks"])


# ------------------------------------------------------------------------ where it comes from


@pytest.mark.parametrize("provider", ["FARGATE", "FARGATE_SPOT"])
def test_a_task_names_its_provider_and_keeps_the_launch_type_of_fargate(ecs, run, provider):
    (task,) = run(item(provider, 1))["tasks"]

    found = launches.shown(ecs, task["taskArn"])
    assert task["capacityProviderName"] == found["capacityProviderName"] == provider
    assert task["launchType"] == found["launchType"] == "FARGATE"
    assert task["platformVersion"] == "1.4.0"


def test_a_task_with_a_launch_type_has_no_provider(ecs, run):
    task = launches.run_fargate(ecs)

    assert "capacityProviderName" not in task


@pytest.fixture
def spot_by_default(ecs, run) -> str:
    """The name of a cluster whose default strategy is Spot."""
    ecs.create_cluster(
        clusterName="cheap",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[SPOT(1)],
    )
    return "cheap"


def test_the_strategy_of_the_cluster_is_the_default(run, spot_by_default):
    response = run(cluster=spot_by_default, count=3)

    assert providers(response) == {"FARGATE_SPOT": 3}


def test_a_strategy_of_the_request_replaces_that_of_the_cluster(run, spot_by_default):
    response = run(FARGATE(1), cluster=spot_by_default)

    assert providers(response) == {"FARGATE": 1}


def test_a_launch_type_replaces_the_strategy_of_the_cluster(ecs, spot_by_default):
    task = launches.run_fargate(ecs, cluster=spot_by_default)

    assert "capacityProviderName" not in task


def test_a_cluster_without_a_strategy_runs_tasks_on_instances(refused):
    answer = refused()

    assert answer.code == "InvalidParameterException"
    assert answer.message == "No Container Instances were found in your cluster."


def test_a_definition_for_instances_does_not_go_by_a_strategy_of_fargate(ecs, run, refused):
    launches.bridge(ecs)

    answer = refused(FARGATE(1), taskDefinition="app", networkConfiguration={})

    assert answer.code == "InvalidParameterException"


# ------------------------------------------------------------------------------- how many


@pytest.mark.parametrize(
    ("strategy", "on_demand", "spot"),
    [
        ([FARGATE(1)], 10, 0),
        ([FARGATE(1), SPOT(1)], 5, 5),
        ([FARGATE(1), SPOT(4)], 2, 8),
        ([SPOT(4), FARGATE(1)], 2, 8),
        ([FARGATE(0), SPOT(1)], 0, 10),
        ([FARGATE(), SPOT(1)], 0, 10),
        ([FARGATE(1000), SPOT(1000)], 5, 5),
        ([FARGATE(0, 2), SPOT(1)], 2, 8),
        ([FARGATE(1, 2), SPOT(1)], 6, 4),
        ([FARGATE(1), SPOT(1, 4)], 3, 7),
        ([FARGATE(0, 100), SPOT(1)], 10, 0),
        ([FARGATE(1, 0), SPOT(1, 0)], 5, 5),
    ],
    ids=str,
)
def test_the_base_comes_first_and_the_rest_goes_by_weight(run, strategy, on_demand, spot):
    response = run(*strategy, count=10)

    assert providers(response) == Counter(FARGATE=on_demand, FARGATE_SPOT=spot)


def test_the_strategy_of_a_cluster_has_base_and_weights_too(ecs, run):
    ecs.create_cluster(
        clusterName="mixed",
        capacityProviders=["FARGATE", "FARGATE_SPOT"],
        defaultCapacityProviderStrategy=[FARGATE(1, 1), SPOT(2)],
    )

    response = run(cluster="mixed", count=10)

    assert providers(response) == {"FARGATE": 4, "FARGATE_SPOT": 6}


@pytest.mark.parametrize("weights", [(1, 1), (1, 2), (3, 1), (1, 9)], ids=str)
def test_every_number_of_tasks_is_shared_as_evenly_as_it_can_be(run, weights):
    first, second = weights

    for count in range(1, 11):
        shared = providers(run(FARGATE(first), SPOT(second), count=count))

        exact = count * first / (first + second)
        assert abs(shared["FARGATE"] - exact) < 1


# ------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("strategy", "message"),
    [
        ([FARGATE(0)], NO_WEIGHT),
        ([FARGATE()], NO_WEIGHT),
        ([FARGATE(0, 5), SPOT(0)], NO_WEIGHT),
        ([FARGATE(1, 1), SPOT(1, 1)], TWO_BASES),
    ],
    ids=str,
)
def test_a_strategy_that_places_nothing_is_refused(refused, strategy, message):
    answer = refused(*strategy)

    assert answer == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    "strategy",
    [
        [item("nobody", 1)],
        [item("fargate", 1)],
        [item("", 1)],
        [item("x" * 100_000, 1)],
        [item("FARGATE\x00", 1)],
        [{"weight": 1}],
        [FARGATE(-1)],
        [FARGATE(1001)],
        [FARGATE(1, -1)],
        [FARGATE(1, 100_001)],
    ],
    ids=lambda strategy: str(strategy)[:60],
)
def test_an_item_outside_its_rules_is_refused(refused, strategy):
    answer = refused(*strategy)

    assert answer.code == "InvalidParameterException"


def test_a_strategy_has_at_most_twenty_items(refused):
    answer = refused(*[FARGATE(1)] * 21)

    assert answer.code == "InvalidParameterException"


def test_a_provider_that_the_cluster_does_not_have_is_refused(ecs, refused):
    ecs.create_cluster(clusterName="bare")

    answer = refused(FARGATE(1), cluster="bare")

    assert answer == ("InvalidParameterException", NOT_OF_THE_CLUSTER)


@pytest.mark.parametrize("launch_type", ["EC2", "FARGATE"])
def test_a_strategy_and_a_launch_type_exclude_each_other(refused, launch_type):
    answer = refused(FARGATE(1), launchType=launch_type)

    assert answer.code == "InvalidParameterException"


# ----------------------------------------------------------------------------------- Spot


def test_spot_does_not_run_windows(ecs, run, refused):
    platform = {"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE"}
    launches.fargate(ecs, family="win", cpu="1024", memory="2048", runtimePlatform=platform)

    answer = refused(SPOT(1), taskDefinition="win")

    assert answer.code.endswith("Exception")


@VIRTUAL
def test_only_a_task_on_spot_is_interrupted(ecs, door, run):
    tasks = run(FARGATE(1), SPOT(1), count=2)["tasks"]
    on_demand, spot = sorted(tasks, key=lambda task: task["capacityProviderName"])
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    door.aws.tasks.get(spot["taskArn"]).interrupt_spot()

    found = launches.shown(ecs, spot["taskArn"])
    assert (found["stopCode"], found["stoppedReason"]) == (
        "SpotInterruption",
        "Your Spot Task was interrupted.",
    )
    assert (found["desiredStatus"], found["capacityProviderName"]) == ("STOPPED", "FARGATE_SPOT")
    assert launches.listed(ecs) == [on_demand["taskArn"]]


@VIRTUAL
def test_the_provider_is_named_in_every_event(door, run):
    run(SPOT(1))
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)

    names = [event["detail"].get("capacityProviderName") for event in door.aws.events]
    assert names == ["FARGATE_SPOT"] * 3
