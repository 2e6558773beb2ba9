"""Placement constraints: they bind, those of the definition and those of the call alike."""

from __future__ import annotations

import pytest

from tests.operations.ecs.hosts import Hosts, container, subnets

MEMBER_OF = "MemberOf placement constraint unsatisfied."
DISTINCT = "DistinctInstance placement constraint unsatisfied."
distinct = [{"type": "distinctInstance"}]


def member_of(*expressions: str):
    return [{"type": "memberOf", "expression": each} for each in expressions]


@pytest.fixture
def hosts(door):
    """Two instances of `prod` and one of `test`, in three zones."""
    hosts = Hosts(door)
    for name, stack in (("a", "prod"), ("b", "prod"), ("c", "test")):
        hosts.add(name, attributes={"stack": stack})
    hosts.define()
    return hosts


# --------------------------------------------------------------------------------- memberOf


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("attribute:stack == prod", "ab"),
        ("attribute:stack != prod", "c"),
        ("attribute:ecs.availability-zone in [us-east-1b, us-east-1c]", "bc"),
        ("attribute:ecs.instance-type =~ m5.*", "abc"),
        ("not(attribute:stack == prod)", "c"),
        ("runningTasksCount == 0", "abc"),
    ],
)
def test_tasks_go_only_where_the_expression_holds(hosts, expression, allowed):
    outcome = hosts.run(count=3, placementConstraints=member_of(expression))

    assert outcome.failures == []
    assert set(outcome.placed) <= set(allowed)
    assert len(outcome.placed) == 3


def test_nothing_is_placed_where_no_instance_is_a_member(hosts):
    outcome = hosts.run(placementConstraints=member_of("attribute:stack == none"))

    assert outcome.placed == []
    assert sorted(outcome.failures) == [("a", MEMBER_OF), ("b", MEMBER_OF), ("c", MEMBER_OF)]


def test_all_constraints_hold_together(hosts):
    both = member_of("attribute:stack == prod", "attribute:ecs.availability-zone != us-east-1a")

    outcome = hosts.run(count=2, placementConstraints=both)

    assert outcome.placed == ["b", "b"]


def test_a_constraint_of_the_definition_binds(hosts):
    hosts.define(placementConstraints=member_of("attribute:stack == test"))

    outcome = hosts.run(count=2)

    assert outcome.placed == ["c", "c"]


def test_constraints_of_definition_and_call_bind_together(hosts):
    hosts.define(placementConstraints=member_of("attribute:stack == prod"))

    placed = hosts.run(placementConstraints=member_of("attribute:stack =~ .*")).placed
    outcome = hosts.run(placementConstraints=member_of("attribute:stack == test"))

    assert set(placed) <= {"a", "b"}
    assert outcome.placed == []
    assert {reason for _, reason in outcome.failures} == {MEMBER_OF}


def test_a_task_can_ask_for_company(hosts):
    hosts.start("b", group="database")

    outcome = hosts.run(count=3, placementConstraints=member_of("task:group == database"))

    assert outcome.placed == ["b"] * 3


def test_a_task_can_keep_away_from_others(hosts):
    hosts.start("b", group="database")

    outcome = hosts.run(count=4, placementConstraints=member_of("not(task:group == database)"))

    assert set(outcome.placed) == {"a", "c"}


def test_company_that_has_stopped_is_none(hosts):
    hosts.stop(*hosts.start("b", group="database").arns)

    outcome = hosts.run(placementConstraints=member_of("task:group == database"))

    assert outcome.placed == []


def test_tasks_of_one_call_see_each_other(hosts):
    hosts.set_state("DRAINING", "b", "c")

    outcome = hosts.run(
        count=3, group="web", placementConstraints=member_of("not(task:group == web)")
    )

    assert outcome.placed == ["a"]
    assert outcome.failures == [("a", MEMBER_OF)]


def put_stack(hosts, **stacks: str) -> None:
    hosts.ecs.put_attributes(
        attributes=[
            {"name": "stack", "value": stack, "targetId": hosts.arns[name]}
            for name, stack in stacks.items()
        ]
    )


def test_a_changed_attribute_counts_from_then_on(hosts):
    put_stack(hosts, a="test", b="test", c="prod")

    outcome = hosts.run(count=2, placementConstraints=member_of("attribute:stack == prod"))

    assert outcome.placed == ["c", "c"]


def test_tasks_that_run_stay_when_the_expression_no_longer_holds(hosts):
    arns = hosts.run(placementConstraints=member_of("attribute:stack == test")).arns

    put_stack(hosts, c="prod")

    (shown,) = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    assert (shown["lastStatus"], shown["desiredStatus"]) == ("RUNNING", "RUNNING")
    assert hosts.run(placementConstraints=member_of("attribute:stack == test")).placed == []


def test_start_task_heeds_the_constraints_of_the_definition(hosts):
    hosts.define(placementConstraints=member_of("attribute:stack == prod"))

    outcome = hosts.start("a", "c")

    assert outcome.placed == ["a"]
    assert outcome.failures == [("c", MEMBER_OF)]


# ------------------------------------------------------------------------- distinctInstance


def test_distinct_tasks_of_a_call_are_on_different_instances(hosts):
    outcome = hosts.run(count=3, placementConstraints=distinct)

    assert sorted(outcome.placed) == ["a", "b", "c"]


def test_distinct_tasks_that_are_too_many_fail_on_every_instance(hosts):
    outcome = hosts.run(count=5, placementConstraints=distinct)

    assert sorted(outcome.placed) == ["a", "b", "c"]
    assert sorted(outcome.failures) == [("a", DISTINCT), ("b", DISTINCT), ("c", DISTINCT)]


def test_distinct_heeds_tasks_of_earlier_calls(hosts):
    hosts.run(count=3, placementConstraints=distinct)

    outcome = hosts.run(placementConstraints=distinct)

    assert outcome.placed == []


def test_distinct_is_for_a_group(hosts):
    hosts.run(count=3, placementConstraints=distinct)

    outcome = hosts.run(count=3, group="other", placementConstraints=distinct)

    assert sorted(outcome.placed) == ["a", "b", "c"]


def test_the_group_of_a_task_is_its_family_unless_it_is_named(hosts):
    hosts.start("a")
    hosts.start("b", group="family:web")

    outcome = hosts.run(placementConstraints=distinct)

    assert outcome.placed == ["c"]
    assert outcome.tasks[0]["group"] == "family:web"


def test_an_instance_whose_task_was_stopped_is_distinct_again(hosts):
    first = hosts.run(count=3, placementConstraints=distinct)
    hosts.stop(first.arns[first.placed.index("b")])

    outcome = hosts.run(count=2, placementConstraints=distinct)

    assert outcome.placed == ["b"]


def test_distinct_and_member_of_bind_together(hosts):
    both = [*distinct, *member_of("attribute:stack == prod")]

    outcome = hosts.run(count=3, placementConstraints=both)

    assert sorted(outcome.placed) == ["a", "b"]
    assert sorted(outcome.failures) == [("a", DISTINCT), ("b", DISTINCT), ("c", MEMBER_OF)]


def test_constraints_bind_against_a_strategy(hosts):
    hosts.run(count=5, placementConstraints=member_of("attribute:stack == test"))

    outcome = hosts.run(
        count=2,
        placementConstraints=member_of("attribute:stack == prod"),
        placementStrategy=[{"type": "binpack", "field": "memory"}],
    )

    assert outcome.failures == []
    assert len(set(outcome.placed)) == 1
    assert "c" not in outcome.placed


# ---------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    "constraint",
    [
        pytest.param({"type": "memberOf"}, id="no expression"),
        pytest.param({"type": "memberOf", "expression": "stack = prod"}, id="no query"),
        pytest.param({"type": "memberOf", "expression": "runningTasksCount < 1" * 100}, id="long"),
        pytest.param({"type": "distinctInstance", "expression": "attribute:a exists"}, id="both"),
        pytest.param({"type": "sameInstance"}, id="no type"),
    ],
)
def test_a_constraint_that_cannot_be_is_refused(hosts, door, refusal, constraint):
    unchecked = door.unchecked("ecs")

    refused = refusal(unchecked.run_task, taskDefinition="web", placementConstraints=[constraint])

    assert refused.code == "InvalidParameterException"
    assert hosts.ecs.list_tasks()["taskArns"] == []


def test_a_definition_cannot_ask_for_distinct_instances(hosts, door, refusal):
    refused = refusal(
        door.unchecked("ecs").register_task_definition,
        family="web",
        containerDefinitions=[container()],
        placementConstraints=distinct,
    )

    assert refused.code == "ClientException"


@pytest.mark.parametrize("of_definition", [0, 1, 10])
def test_a_task_has_ten_constraints_and_no_more(hosts, refusal, of_definition):
    hosts.define(placementConstraints=member_of("runningTasksCount < 9") * of_definition)
    rest = member_of("attribute:stack exists") * (10 - of_definition)

    outcome = hosts.run(placementConstraints=rest)
    refused = refusal(
        hosts.ecs.run_task,
        taskDefinition="web",
        placementConstraints=rest + member_of("attribute:stack exists"),
    )

    assert len(outcome.placed) == 1
    assert refused.code == "InvalidParameterException"


def test_fargate_takes_no_constraints(hosts, refusal):
    hosts.define(networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512")

    refused = refusal(
        hosts.ecs.run_task,
        taskDefinition="web",
        launchType="FARGATE",
        networkConfiguration=subnets(),
        placementConstraints=distinct,
    )

    assert refused.code == "InvalidParameterException"
