"""Where one call puts its tasks: the best place for each, and exactly where a query allows."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone

import pytest

from ecrmock import mock_aws

pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from tests.ecs.placements import (
    GROUPS,
    RACKS,
    ZONES,
    Host,
    Need,
    Task,
    best,
    on_wire,
    reasons,
    rules,
    strategies,
)
from tests.ecs.queries import WORDS, spelled, trees

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
SIZES = st.sampled_from([100, 200, 300, 500, 900])


@st.composite
def fleets(draw):
    """Up to six empty instances of odd sizes."""
    return [
        Host(
            arn="",
            kind="m5.large",
            zone=draw(st.sampled_from(ZONES[:2])),
            cpu=draw(SIZES),
            memory=draw(SIZES),
            tcp=frozenset(),
            udp=frozenset(),
            gpus=frozenset(),
            attributes={} if rack is None else {"rack": rack},
        )
        for rack in draw(st.lists(st.none() | st.sampled_from(RACKS), min_size=1, max_size=6))
    ]


small_needs = st.tuples(*[st.sampled_from([10, 90, 200])] * 2).map(lambda sizes: Need(*sizes))
earlier = st.lists(st.tuples(st.integers(0, 100), st.sampled_from(GROUPS), small_needs), max_size=6)


def register(ecs, number: int, host: Host) -> None:
    """Register what an instance has, and take over its ARN."""
    sizes = {"CPU": host.cpu, "MEMORY": host.memory}
    identity = {
        "instanceId": f"i-{number:017x}",
        "availabilityZone": host.zone,
        "instanceType": host.kind,
    }
    made = ecs.register_container_instance(
        instanceIdentityDocument=json.dumps(identity),
        totalResources=[
            {"name": name, "type": "INTEGER", "integerValue": size} for name, size in sizes.items()
        ],
        attributes=[{"name": name, "value": each} for name, each in host.attributes.items()],
    )
    host.arn = made["containerInstance"]["containerInstanceArn"]


def place(answer, hosts: list[Host], need: Need) -> None:
    """Take over tasks that were placed."""
    for made in answer["tasks"]:
        host = next(each for each in hosts if each.arn == made["containerInstanceArn"])
        host.tasks.append(Task(made["taskArn"], host, made["group"], need))


calls = st.fixed_dictionaries(
    {
        "need": small_needs,
        "count": st.integers(1, 10),
        "constraints": st.just([]) | st.lists(rules, max_size=2),
        "strategy": strategies,
    }
)


@given(hosts=fleets(), before=earlier, call=calls)
def test_each_task_goes_where_it_is_best(hosts, before, call):
    need, constraints, strategy = call["need"], call["constraints"], call["strategy"]
    with mock_aws(time="virtual", now=NOW) as aws:
        ecs = aws.client("ecs")
        ecs.create_cluster()
        for number, host in enumerate(hosts):
            register(ecs, number, host)
        for pick, group, each in before:
            arn = hosts[pick % len(hosts)].arn
            ecs.register_task_definition(family="other", **each.definition())
            started = ecs.start_task(taskDefinition="other", containerInstances=[arn], group=group)
            place(started, hosts, each)
        ecs.register_task_definition(family="app", **need.definition())

        answer = ecs.run_task(
            taskDefinition="app",
            count=call["count"],
            placementConstraints=[each.wire() for each in constraints],
            placementStrategy=on_wire(strategy),
        )

    for made in answer["tasks"]:
        fits = [h for h in hosts if not reasons(h, need, made["group"], constraints)]
        chosen = best(hosts, fits, made["group"], strategy)
        assert made["containerInstanceArn"] in [host.arn for host in chosen]
        place({"tasks": [made]}, hosts, need)
    told = [(each["arn"], each["reason"]) for each in answer["failures"]]
    if len(answer["tasks"]) < call["count"]:
        assert [arn for arn, _ in told] == [host.arn for host in hosts]
    for host, (_, reason) in zip(hosts, told, strict=False):
        assert reason in reasons(host, need, "family:app", constraints)


# ------------------------------------------------------- a query means the same everywhere


@pytest.fixture(scope="module")
def fleet():
    """Eight large instances that differ in what can be asked for; some run tasks."""
    with mock_aws(time="virtual", now=NOW) as aws:
        ecs = aws.client("ecs")
        ecs.register_task_definition(family="app", **Need(memory=4).definition())
        for number in range(8):
            version = ("1.9.0", "1.14.5", "1.105.1")[number % 3]
            (made,) = aws.instances.add("m5.xlarge", agent_version=version)
            words = {"color": WORDS[number], "x/y.z-1": WORDS[-number]}
            ecs.put_attributes(
                attributes=[
                    {"name": name, "value": word, "targetId": made.arn}
                    for name, word in words.items()
                    if word.replace(" ", "").replace(":", "").replace(".", "").isalnum()
                ]
            )
            for group in ("service:web", "red")[: number % 3]:
                ecs.start_task(taskDefinition="app", containerInstances=[made.arn], group=group)
            aws.clock.advance(days=1)
        yield aws, ecs, aws.snapshot()


@given(data=st.data(), tree=trees)
def test_member_of_allows_exactly_the_instances_that_the_same_filter_lists(fleet, data, tree):
    aws, ecs, snapshot = fleet
    expression = spelled(data.draw, tree)
    listed = ecs.list_container_instances(filter=expression)["containerInstanceArns"]

    answer = ecs.run_task(
        taskDefinition="app",
        count=10,
        group="asked",
        placementConstraints=[
            {"type": "distinctInstance"},
            {"type": "memberOf", "expression": expression},
        ],
    )

    aws.restore(snapshot)
    placed = [each["containerInstanceArn"] for each in answer["tasks"]]
    assert sorted(placed) == sorted(listed)
    assert Counter(each["reason"] for each in answer["failures"]) == Counter(
        {
            "DistinctInstance placement constraint unsatisfied.": len(listed),
            "MemberOf placement constraint unsatisfied.": 8 - len(listed),
        }
    )


# -------------------------------------------------------------- what was taken is given back


@given(needs=st.lists(st.tuples(small_needs, st.integers(1, 5)), max_size=4), force=st.booleans())
def test_all_that_was_taken_is_given_back(needs, force):
    with mock_aws(time="virtual", now=NOW) as aws:
        ecs = aws.client("ecs")
        arns = [each.arn for each in aws.instances.add(count=2)]

        def shown():
            found = ecs.describe_container_instances(containerInstances=arns)
            return [each["remainingResources"] for each in found["containerInstances"]]

        before = shown()
        for need, count in needs:
            ecs.register_task_definition(family="app", **need.definition())
            ecs.run_task(taskDefinition="app", count=count)
        if force:
            for arn in arns:
                ecs.deregister_container_instance(containerInstance=arn, force=True)
        else:
            aws.clock.advance(minutes=1)
            for arn in ecs.list_tasks()["taskArns"]:
                ecs.stop_task(task=arn)

        aws.clock.advance(minutes=1)

        assert shown() == before
