"""Placement strategies: among the instances that a task fits on, the best by each rule in turn."""

from __future__ import annotations

from collections import Counter

import pytest

from ecrmock import mock_aws
from tests.operations.ecs.hosts import Hosts, container, subnets

AZ = "attribute:ecs.availability-zone"


def by(*rules: str):
    """Return a strategy of rules such as `spread instanceId` or `random`."""
    keys = ("type", "field")
    return [dict(zip(keys, rule.split(), strict=False)) for rule in rules]


@pytest.fixture
def hosts(door):
    return Hosts(door)


@pytest.fixture
def zones(hosts):
    """Two instances in each of two zones: a1, a2, b1, b2; `web` needs 100 units and 100 MiB."""
    for name in ("a1", "a2", "b1", "b2"):
        hosts.register(name, az=f"us-east-1{name[0]}", cpu=1000, memory=1000)
    hosts.define(container(cpu=100, memory=100))
    return hosts


# ---------------------------------------------------------------------------------- binpack


@pytest.mark.parametrize(("field", "chosen"), [("cpu", "x"), ("memory", "y")])
def test_binpack_takes_the_instance_with_the_least_left_of_its_field(hosts, field, chosen):
    hosts.register("x", cpu=200, memory=900)
    hosts.register("y", cpu=900, memory=200)
    hosts.register("z", cpu=1000, memory=1000)
    hosts.define(container(cpu=10, memory=10))

    outcome = hosts.run(placementStrategy=by(f"binpack {field}"))

    assert outcome.placed == [chosen]


@pytest.mark.parametrize("field", ["cpu", "memory"])
def test_binpack_fills_one_instance_after_the_other(hosts, field):
    for name in "xyz":
        hosts.register(name, cpu=300, memory=300)
    hosts.define(container(cpu=100, memory=100))

    outcome = hosts.run(count=9, placementStrategy=by(f"binpack {field}"))

    placed = outcome.placed
    assert [len(set(placed[n : n + 3])) for n in (0, 3, 6)] == [1, 1, 1]
    assert len(set(placed)) == 3


def test_binpack_skips_what_is_too_full_for_the_task(hosts):
    hosts.register("small", memory=50)
    hosts.register("middle", memory=150)
    hosts.register("large", memory=400)
    hosts.define(container(memory=100))

    outcome = hosts.run(count=3, placementStrategy=by("binpack memory"))

    assert outcome.placed == ["middle", "large", "large"]
    assert outcome.failures == []


def test_binpack_counts_what_other_tasks_took_and_gave_back(zones):
    zones.start("b2", "b1", group="x")
    zones.stop(*zones.start("a1", "a1", group="x").arns)
    zones.start("b2", group="x")

    outcome = zones.run(placementStrategy=by("binpack memory"))

    assert outcome.placed == ["b2"]


@pytest.mark.parametrize("field", ["CPU", "Memory"])
def test_a_field_of_binpack_can_be_written_in_capitals(zones, field):
    zones.start("b1")

    outcome = zones.run(count=2, placementStrategy=by(f"binpack {field}"))

    assert outcome.placed == ["b1", "b1"]


# ----------------------------------------------------------------------------------- spread


@pytest.mark.parametrize("field", ["instanceId", "host"])
def test_spread_by_instance_gives_each_as_many(zones, field):
    outcome = zones.run(count=8, placementStrategy=by(f"spread {field}"))

    assert Counter(outcome.placed) == dict.fromkeys(("a1", "a2", "b1", "b2"), 2)
    assert len(set(outcome.placed[:4])) == 4


def test_spread_by_zone_gives_each_zone_as_many(hosts):
    for name in ("a1", "a2", "a3", "b1"):
        hosts.register(name, az=f"us-east-1{name[0]}")
    hosts.define()

    outcome = hosts.run(count=10, placementStrategy=by(f"spread {AZ}"))

    assert Counter(name[0] for name in outcome.placed) == {"a": 5, "b": 5}
    assert all(outcome.placed[n][0] != outcome.placed[n + 1][0] for n in range(0, 10, 2))


def test_spread_by_an_attribute_of_ones_own(hosts):
    for name, rack in (("x", "1"), ("y", "1"), ("z", "2")):
        hosts.register(name, attributes={"rack": rack})
    hosts.define()

    outcome = hosts.run(count=6, placementStrategy=by("spread attribute:rack"))

    assert outcome.placed.count("z") == 3


def test_spread_counts_tasks_of_the_same_group_alone(zones):
    for _ in range(3):
        zones.start("b1", "b2", group="other")
    zones.start("a1")

    zone = zones.run(placementStrategy=by(f"spread {AZ}")).placed[0][0]
    instances = zones.run(count=2, placementStrategy=by("spread instanceId")).placed

    assert zone == "b"
    assert not set(instances) & {"a1"}


def test_spread_counts_tasks_of_earlier_calls(zones):
    zones.start("a1", "a2", "b1")

    outcome = zones.run(placementStrategy=by("spread instanceId"))

    assert outcome.placed == ["b2"]


def test_spread_no_longer_counts_tasks_that_stopped(zones):
    arns = zones.start("a1", "a2", "b1", "b2").arns
    zones.stop(arns[2])

    outcome = zones.run(placementStrategy=by("spread instanceId"))

    assert outcome.placed == ["b1"]


def test_spread_is_best_effort(hosts):
    hosts.register("a1", az="us-east-1a", memory=1000)
    hosts.register("b1", az="us-east-1b", memory=200)
    hosts.define(container(memory=100))

    outcome = hosts.run(count=6, placementStrategy=by(f"spread {AZ}"))

    assert Counter(outcome.placed) == {"a1": 4, "b1": 2}
    assert outcome.failures == []


def test_spread_goes_on_with_a_new_instance(zones):
    zones.start("a1", "a2", "b1", "b2")
    zones.register("c1", az="us-east-1c")

    outcome = zones.run(placementStrategy=by(f"spread {AZ}"))

    assert outcome.placed == ["c1"]


# ------------------------------------------------------------------------------ rules in turn


def test_spread_by_zone_then_binpack_fills_one_instance_of_each_zone(zones):
    outcome = zones.run(count=10, placementStrategy=by(f"spread {AZ}", "binpack memory"))

    used = Counter(outcome.placed)
    assert sorted(used.values()) == [5, 5]
    assert {name[0] for name in used} == {"a", "b"}


def test_spread_by_zone_then_by_instance_uses_all(zones):
    outcome = zones.run(count=8, placementStrategy=by(f"spread {AZ}", "spread instanceId"))

    assert Counter(outcome.placed) == dict.fromkeys(("a1", "a2", "b1", "b2"), 2)
    assert len({name[0] for name in outcome.placed[:2]}) == 2


def test_the_second_rule_decides_only_what_the_first_leaves_open(hosts):
    hosts.register("x", cpu=500, memory=900)
    hosts.register("y", cpu=500, memory=800)
    hosts.register("z", cpu=600, memory=300)
    hosts.define(container(cpu=10, memory=10))

    outcome = hosts.run(placementStrategy=by("binpack cpu", "binpack memory"))

    assert outcome.placed == ["y"]


def test_binpack_first_leaves_nothing_for_spread(zones):
    zones.start("b1", group="other")

    outcome = zones.run(count=5, placementStrategy=by("binpack cpu", f"spread {AZ}"))

    assert outcome.placed == ["b1"] * 5


def test_random_decides_what_spread_leaves_open(zones):
    outcome = zones.run(count=10, placementStrategy=by(f"spread {AZ}", "random"))

    assert Counter(name[0] for name in outcome.placed) == {"a": 5, "b": 5}


def test_three_rules_in_turn(zones):
    zones.start("a2", group="other")

    outcome = zones.run(
        count=2, placementStrategy=by(f"spread {AZ}", "binpack memory", "spread instanceId")
    )

    assert "a2" in outcome.placed
    assert {name[0] for name in outcome.placed} == {"a", "b"}


# ----------------------------------------------------------------------------------- random


def scattered(seed: int) -> tuple[int, ...]:
    """Return where thirty tasks went at random, as positions of instances."""
    with mock_aws(seed=seed) as aws:
        ecs = aws.client("ecs")
        arns = [each.arn for each in aws.instances.add(count=4)]
        ecs.register_task_definition(family="web", containerDefinitions=[container()])
        answers = [
            ecs.run_task(taskDefinition="web", count=10, placementStrategy=by("random"))
            for _ in range(3)
        ]
    tasks = [task for answer in answers for task in answer["tasks"]]
    return tuple(arns.index(task["containerInstanceArn"]) for task in tasks)


def test_random_places_are_the_same_for_the_same_seed():
    assert scattered(7) == scattered(7)


def test_random_places_differ_between_seeds():
    assert len({scattered(seed) for seed in range(4)}) == 4


def test_random_uses_every_instance_and_prefers_none():
    counts = Counter(scattered(7))

    assert set(counts) == {0, 1, 2, 3}
    assert max(counts.values()) < 18


def test_random_places_only_what_fits(hosts):
    hosts.register("full", memory=50)
    hosts.register("free", memory=5000)
    hosts.define(container(memory=100))

    outcome = hosts.run(count=10, placementStrategy=by("random"))

    assert outcome.placed == ["free"] * 10


# -------------------------------------------------------------------------- ties and defaults


@pytest.mark.parametrize(
    "strategy", [(), ("binpack cpu",), ("spread instanceId",), (f"spread {AZ}",)]
)
def test_a_tie_is_decided_the_same_way_each_time(strategy):
    def placed():
        with mock_aws(seed=3) as aws:
            ecs = aws.client("ecs")
            arns = [each.arn for each in aws.instances.add(count=5)]
            ecs.register_task_definition(family="web", containerDefinitions=[container()])
            answer = ecs.run_task(taskDefinition="web", count=9, placementStrategy=by(*strategy))
        return [arns.index(each["containerInstanceArn"]) for each in answer["tasks"]]

    assert placed() == placed()


def test_without_a_strategy_tasks_are_spread_over_zones_and_their_instances(zones):
    outcome = zones.run(count=8)

    assert Counter(outcome.placed) == dict.fromkeys(("a1", "a2", "b1", "b2"), 2)
    assert len({name[0] for name in outcome.placed[:2]}) == 2


def test_an_empty_strategy_is_none(zones):
    outcome = zones.run(count=4, placementStrategy=[])

    assert sorted(outcome.placed) == ["a1", "a2", "b1", "b2"]


# ---------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "rule",
    [
        "random cpu",
        "binpack",
        "binpack instanceId",
        "spread",
        "spread memory",
        "shuffle",
    ],
)
def test_a_rule_that_cannot_be_is_refused(zones, door, refusal, rule):
    unchecked = door.unchecked("ecs")

    refused = refusal(unchecked.run_task, taskDefinition="web", placementStrategy=by(rule))

    assert refused.code == "InvalidParameterException"
    assert zones.ecs.list_tasks()["taskArns"] == []


def test_a_strategy_has_five_rules_and_no_more(zones, refusal):
    outcome = zones.run(placementStrategy=by(*["spread instanceId"] * 5))
    refused = refusal(
        zones.ecs.run_task, taskDefinition="web", placementStrategy=by(*["spread instanceId"] * 6)
    )

    assert len(outcome.placed) == 1
    assert refused.code == "InvalidParameterException"


def test_fargate_takes_no_strategy(hosts, refusal):
    hosts.ecs.create_cluster()
    hosts.define(networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512")

    refused = refusal(
        hosts.ecs.run_task,
        taskDefinition="web",
        launchType="FARGATE",
        networkConfiguration=subnets(),
        placementStrategy=by("random"),
    )

    assert refused.code == "InvalidParameterException"
