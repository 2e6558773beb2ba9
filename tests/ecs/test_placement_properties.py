"""Placement never exceeds an instance, keeps to constraints, and chooses what is best.

A state machine adds instances, runs, starts and stops tasks, and compares each answer with the
model of `placements`: `new` tasks are pending until time passes, `stopping` ones still take what
they need.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError

from ecrmock import mock_aws

pytest.importorskip("hypothesis")

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.ecs.placements import (
    GROUPS,
    RACKS,
    SLOTS,
    ZONES,
    Host,
    Task,
    best,
    needs,
    on_wire,
    reasons,
    rules,
    strategies,
)

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
INSTANCE_EVENT = "ECS Container Instance State Change"
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
MOST_HOSTS = 6

groups = st.sampled_from(GROUPS)
picks = st.integers(0, 1000)


class Placement(RuleBasedStateMachine):
    """One cluster, its instances and their tasks."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.aws = self.stack.enter_context(mock_aws(time="virtual", now=NOW, seed=7))
        self.ecs = self.aws.client("ecs")
        self.hosts: list[Host] = []
        self.gone: list[Host] = []
        self.definitions = {}

    def teardown(self):
        self.stack.close()

    # ----------------------------------------------------------------------- instances

    @initialize(kinds=st.lists(st.sampled_from(sorted(SLOTS)), min_size=1, max_size=3))
    def begin(self, kinds):
        for kind in kinds:
            self.add(kind, None, None)

    @precondition(lambda self: len(self.hosts) < MOST_HOSTS)
    @rule(
        kind=st.sampled_from(sorted(SLOTS)),
        zone=st.none() | st.sampled_from(ZONES),
        rack=st.none() | st.sampled_from(RACKS),
    )
    def add(self, kind, zone, rack):
        attributes = {} if rack is None else {"rack": rack}
        (made,) = self.aws.instances.add(kind, az=zone, attributes=attributes)
        (shown,) = self.describe(made.arn)
        has = {each["name"]: each for each in shown["registeredResources"]}
        self.hosts.append(
            Host(
                arn=made.arn,
                kind=kind,
                zone=made.availability_zone,
                cpu=has["CPU"]["integerValue"],
                memory=has["MEMORY"]["integerValue"],
                tcp=frozenset(map(int, has["PORTS"]["stringSetValue"])),
                udp=frozenset(map(int, has["PORTS_UDP"]["stringSetValue"])),
                gpus=frozenset(has.get("GPU", {}).get("stringSetValue", [])),
                attributes=dict(attributes),
            )
        )

    @precondition(lambda self: self.hosts)
    @rule(pick=picks, rack=st.sampled_from(RACKS))
    def put_on_a_rack(self, pick, rack):
        host = self.hosts[pick % len(self.hosts)]
        self.ecs.put_attributes(attributes=[{"name": "rack", "value": rack, "targetId": host.arn}])
        host.attributes["rack"] = rack

    @precondition(lambda self: self.hosts)
    @rule(pick=picks, status=st.sampled_from(["ACTIVE", "DRAINING"]))
    def set_state(self, pick, status):
        host = self.hosts[pick % len(self.hosts)]
        self.ecs.update_container_instances_state(containerInstances=[host.arn], status=status)
        host.status = status

    @precondition(lambda self: len(self.hosts) > 1)
    @rule(pick=picks, force=st.booleans())
    def deregister(self, pick, force):
        host = self.hosts[pick % len(self.hosts)]

        refused = self.refusal(
            self.ecs.deregister_container_instance, containerInstance=host.arn, force=force
        )

        if refused is not None:
            assert refused == "Found running tasks on the instance."
            assert host.present
            assert not force
            return
        assert force or not any(each.is_wanted for each in host.tasks)
        self.hosts.remove(host)
        self.gone.append(host)
        host.status = "INACTIVE"
        for each in host.present:
            each.state = "stopping"

    # --------------------------------------------------------------------------- tasks

    @precondition(lambda self: self.hosts)
    @rule(
        need=needs,
        count=st.integers(1, 10),
        group=groups,
        constraints=st.just([]) | st.lists(rules, max_size=2),
        strategy=strategies,
    )
    def run(self, need, count, group, constraints, strategy):
        request = {
            "taskDefinition": self.define(need),
            "count": count,
            "group": None if group == GROUPS[0] else group,
            "placementConstraints": [each.wire() for each in constraints],
            "placementStrategy": on_wire(strategy),
            "networkConfiguration": NETWORK if need.mode == "awsvpc" else None,
        }

        request = {key: each for key, each in request.items() if each is not None}
        if not self.active:
            refused = self.refusal(self.ecs.run_task, **request)
            assert refused == "No Container Instances were found in your cluster."
            return

        answer = self.ecs.run_task(**request)

        for made in answer["tasks"]:
            fits = [h for h in self.active if not reasons(h, need, group, constraints)]
            chosen = best(self.hosts, fits, group, strategy)
            assert made["containerInstanceArn"] in [host.arn for host in chosen]
            self.place(made, need)
        self.check_failures(answer, count, need, group, constraints)

    def check_failures(self, answer, count, need, group, constraints):
        if len(answer["tasks"]) == count:
            assert answer["failures"] == []
            return
        told = {each["arn"]: each["reason"] for each in answer["failures"]}
        assert len(told) == len(answer["failures"])
        assert set(told) == {host.arn for host in self.active}
        for host in self.active:
            assert told[host.arn] in reasons(host, need, group, constraints)

    @precondition(lambda self: self.active)
    @rule(need=needs, group=groups, chosen=st.sets(picks, min_size=1, max_size=3))
    def start(self, need, group, chosen):
        named = list(dict.fromkeys(self.active[pick % len(self.active)].arn for pick in chosen))
        lacking = {host.arn: host.lacks(need) for host in self.active if host.arn in named}
        network = {"networkConfiguration": NETWORK} if need.mode == "awsvpc" else {}

        answer = self.ecs.start_task(
            taskDefinition=self.define(need), containerInstances=named, group=group, **network
        )

        able = [arn for arn in named if not lacking[arn]]
        assert [each["containerInstanceArn"] for each in answer["tasks"]] == able
        assert [each["arn"] for each in answer["failures"]] == [x for x in named if x not in able]
        assert all(each["reason"] in lacking[each["arn"]] for each in answer["failures"])
        for made in answer["tasks"]:
            self.place(made, need)

    @precondition(lambda self: self.tasks)
    @rule(pick=picks)
    def stop(self, pick):
        task = self.tasks[pick % len(self.tasks)]

        self.ecs.stop_task(task=task.arn)

        task.state = "stopping" if task.is_wanted else task.state

    @rule()
    def pass_time(self):
        self.aws.clock.advance(minutes=5)
        for task in self.tasks:
            task.state = "running" if task.is_wanted else "stopped"

    # ---------------------------------------------------------------------- invariants

    @invariant()
    def instances_are_as_the_model_says(self):
        for host, shown in zip(
            self.hosts, self.describe(*[h.arn for h in self.hosts]), strict=True
        ):
            left = {each["name"]: each for each in shown["remainingResources"]}
            cpu, memory = left["CPU"]["integerValue"], left["MEMORY"]["integerValue"]
            assert min(cpu, memory) >= 0
            assert (cpu, memory) == host.left()
            ports = [left[n]["stringSetValue"] for n in ("PORTS", "PORTS_UDP")]
            assert all(len(set(each)) == len(each) for each in ports)
            assert tuple({int(n) for n in each} for each in ports) == host.taken()
            gpus = left.get("GPU", {}).get("stringSetValue", [])
            assert set(gpus) <= host.gpus
            assert len(gpus) == len(host.gpus) - sum(each.need.gpus for each in host.present)
            assert shown["status"] == host.status
            assert (shown["runningTasksCount"], shown["pendingTasksCount"]) == host.counts()

    @invariant()
    def the_cluster_counts_its_instances_and_tasks(self):
        (cluster,) = self.ecs.describe_clusters()["clusters"] or [None]
        if cluster is None:
            return
        assert cluster["registeredContainerInstancesCount"] == len(self.hosts)
        running, pending = map(sum, zip((0, 0), *(h.counts() for h in self.hosts), strict=True))
        stopping = sum(each.state == "stopping" for each in self.tasks)
        assert running <= cluster["runningTasksCount"] <= running + stopping
        assert pending <= cluster["pendingTasksCount"] <= pending + stopping

    @invariant()
    def versions_count_the_events(self):
        events = {}
        for each in self.aws.events:
            if each["detail-type"] == INSTANCE_EVENT:
                events.setdefault(each["resources"][0], []).append(each["detail"]["version"])
        for shown in self.describe(*[host.arn for host in self.hosts]):
            versions = events[shown["containerInstanceArn"]]
            assert versions == list(range(1, shown["version"] + 1))

    # ------------------------------------------------------------------------- helpers

    @property
    def active(self) -> list[Host]:
        return [host for host in self.hosts if host.status == "ACTIVE"]

    @property
    def tasks(self) -> list[Task]:
        return [task for host in (*self.hosts, *self.gone) for task in host.present]

    def place(self, made, need):
        host = next(h for h in self.hosts if h.arn == made["containerInstanceArn"])
        assert not host.lacks(need)
        assert made["availabilityZone"] == host.zone
        host.tasks.append(Task(made["taskArn"], host, made["group"], need))

    def refusal(self, call, **parameters) -> str | None:
        """Return the text with which a call is refused; None when it is not."""
        try:
            call(**parameters)
        except ClientError as error:
            return error.response["Error"]["Message"]
        return None

    def define(self, need) -> str:
        """Return the revision of `app` that needs so much."""
        if need not in self.definitions:
            made = self.ecs.register_task_definition(family="app", **need.definition())
            self.definitions[need] = made["taskDefinition"]["taskDefinitionArn"]
        return self.definitions[need]

    def describe(self, *arns):
        if not arns:
            return []
        answer = self.ecs.describe_container_instances(containerInstances=list(arns))
        assert answer["failures"] == []
        return answer["containerInstances"]


def test_placement_agrees_with_a_small_model():
    run_state_machine_as_test(Placement, settings=settings(stateful_step_count=10))
