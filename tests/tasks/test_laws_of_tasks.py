"""Laws that hold of every task, whatever a test does to it: over actions chosen by Hypothesis."""

from __future__ import annotations

from itertools import pairwise

import pytest
from botocore.exceptions import ClientError
from dateutil.parser import isoparse
from hypothesis import given
from hypothesis import strategies as st

from ecrmock import UsageError, mock_aws
from tests.tasks.stage import (
    CHECK,
    EC2,
    FARGATE,
    NETWORK,
    NOON,
    TASK_EVENT,
    Stage,
    container,
    moments,
    side,
)
from tests.tasks.stage import after as waits_for

STATUSES = (
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
)
LAUNCHES = (FARGATE, "FARGATE_SPOT", EC2, "EC2 awsvpc")
CONTAINERS = ("app", "db", "init", "side")

scripts = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"exit_code": st.sampled_from([0, 1]), "after": st.integers(0, 90)}),
    st.just({"oom": True}),
    st.just({"fail_to_start": "CannotStartContainerError: no"}),
    st.just({"fail_to_start": "CannotPullContainerError: no"}),
    st.just({"health": "UNHEALTHY"}),
)
steps = st.one_of(
    st.tuples(st.just("advance"), st.sampled_from([0.001, 1, 5, 9, 10, 11, 31, 120])),
    st.tuples(st.just("stop")),
    st.tuples(st.just("exit"), st.sampled_from(CONTAINERS), st.sampled_from([0, 1, 137])),
    st.tuples(st.just("fail")),
    st.tuples(st.just("health"), st.sampled_from(["HEALTHY", "UNHEALTHY", "UNKNOWN"])),
    st.tuples(st.just("interrupt")),
    st.tuples(st.just("lose the instance")),
    st.tuples(st.just("restore")),
)


class Life:
    """A task of four containers, what is done to it, and all that was seen."""

    def __init__(self, aws, launch, wishes):
        self.aws, self.launch = aws, launch
        self.stage = stage = Stage(aws, EC2 if launch.startswith(EC2) else FARGATE)
        members = {"networkMode": "awsvpc"} if launch == "EC2 awsvpc" else {}
        stage.define(
            container(dependsOn=waits_for("init", "SUCCESS") + waits_for("db", "START")),
            container("db", healthCheck={**CHECK, "interval": 5}),
            side("init", dependsOn=waits_for("db", "START")),
            side(restartPolicy={"enabled": True, "restartAttemptPeriod": 60}),
            **members,
        )
        for name, wish in wishes.items():
            if wish:
                aws.tasks.on_run("worker", container=name, **wish)
        if launch == "FARGATE_SPOT":
            self.arn = stage.run_spot()
        else:
            options = {"networkConfiguration": NETWORK} if members else {}
            self.arn = stage.run(**options)
        self.seen = [stage.task(self.arn)]

    def take(self, name, *values):
        """Take a step; what is refused is no harm."""
        try:
            getattr(self, name.replace(" ", "_"))(*values)
        except (UsageError, ClientError):
            pass
        else:
            if name != "restore":
                self.seen.append(self.stage.task(self.arn))

    def advance(self, seconds):
        self.aws.clock.advance(seconds=seconds)

    def stop(self):
        self.stage.ecs.stop_task(task=self.arn)

    def exit(self, name, code):
        self.aws.tasks.get(self.arn).exit({name: code})

    def fail(self):
        self.aws.tasks.get(self.arn).fail("ContainerRuntimeError: gone")

    def health(self, health):
        self.aws.tasks.get(self.arn).set_health({"db": health})

    def interrupt(self):
        self.aws.tasks.get(self.arn).interrupt_spot()

    def lose_the_instance(self):
        arns = self.stage.ecs.list_container_instances()["containerInstanceArns"]
        for arn in arns:
            self.stage.ecs.deregister_container_instance(containerInstance=arn, force=True)

    def restore(self):
        self.aws.restore(self.aws.snapshot())


def check_moments(task):
    """Check that what is later has the later time."""
    shown = moments(task)
    start = [
        shown[name]
        for name in ("createdAt", "connectivityAt", "pullStartedAt", "pullStoppedAt", "startedAt")
        if name in shown
    ]
    assert start == sorted(start)
    for name in ("executionStoppedAt", "stoppingAt"):
        if name in shown:
            assert shown["createdAt"] <= shown[name] <= shown.get("stoppedAt", shown[name])


def check_shown(task):
    """Check what a task shows against itself."""
    is_over = task["lastStatus"] == "STOPPED"
    assert ("stoppedAt" in task) is is_over
    assert ("stopCode" in task) is ("stoppedReason" in task) is (task["desiredStatus"] == "STOPPED")
    if task.get("stopCode") == "TaskFailedToStart":
        assert "startedAt" not in task
    if task["lastStatus"] == "RUNNING":
        assert "startedAt" in task
    for one in task["containers"]:
        if one["lastStatus"] != "STOPPED":
            assert "exitCode" not in one
            assert not is_over
        if "exitCode" in one:
            assert "runtimeId" in one
    check_moments(task)


def check_history(tasks):
    """Check that statuses and versions never go back, and that what was told stays."""
    for earlier, later in pairwise(tasks):
        assert STATUSES.index(earlier["lastStatus"]) <= STATUSES.index(later["lastStatus"])
        assert earlier["version"] <= later["version"]
        for name, value in moments(earlier).items():
            assert later[name] == value
        if earlier["desiredStatus"] == "STOPPED":
            for name in ("desiredStatus", "stopCode", "stoppedReason"):
                assert later[name] == earlier[name]


def check_events(stage, task):
    """Check the events of a task against the task."""
    details = stage.details(task["taskArn"])
    versions = [detail["version"] for detail in details]
    assert versions == list(range(1, len(versions) + 1))
    assert versions[-1] == task["version"]
    assert details[-1]["lastStatus"] == "STOPPED"
    times = [isoparse(detail["updatedAt"]) for detail in details]
    assert times == sorted(times)
    assert {event["detail-type"] for event in stage.aws.events} >= {TASK_EVENT}


def check_room(stage):
    """Check that nothing is counted or taken any more."""
    cluster = stage.ecs.describe_clusters(clusters=["default"])["clusters"][0]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"]) == (0, 0)
    arns = stage.ecs.list_container_instances()["containerInstanceArns"]
    found = stage.ecs.describe_container_instances(containerInstances=arns) if arns else {}
    for instance in found.get("containerInstances", []):
        assert instance["remainingResources"] == instance["registeredResources"]
        assert (instance["runningTasksCount"], instance["pendingTasksCount"]) == (0, 0)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
@given(
    launch=st.sampled_from(LAUNCHES),
    wishes=st.fixed_dictionaries(dict.fromkeys(CONTAINERS, scripts)),
    steps=st.lists(steps, max_size=8),
)
def test_whatever_is_done_to_a_task_it_keeps_the_laws(launch, mode, wishes, steps):
    with mock_aws(time=mode, now=NOON) as aws:
        life = Life(aws, launch, wishes)
        for step in steps:
            life.take(*step)
        life.take("stop")
        for _ in range(10):
            life.take("advance", 60)

        check_history(life.seen)
        for task in life.seen:
            check_shown(task)
        assert life.seen[-1]["lastStatus"] == "STOPPED"
        check_events(life.stage, life.seen[-1])
        check_room(life.stage)
