"""With one seed and one start, one thread gives one history, ids included."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from ecrmock import mock_aws
from tests.runs import plain_environment
from tests.tasks.stage import CHECK, EC2, FARGATE, NETWORK, NOON, Stage, container, side

ROOT = str(Path(__file__).resolve().parents[2])
AWSVPC = "EC2 awsvpc"
launches = pytest.mark.parametrize("launch", [FARGATE, EC2, AWSVPC])
READS = {
    "DescribeTasks": lambda stage: stage.ecs.describe_tasks(tasks=["0" * 32]),
    "ListTasks": lambda stage: stage.ecs.list_tasks(),
    "ListClusters": lambda stage: stage.ecs.list_clusters(),
    "DescribeImages": lambda stage: stage.ecr.describe_images(repositoryName="app"),
    "snapshot": lambda stage: stage.aws.snapshot(),
    "events": lambda stage: list(stage.aws.events),
}


def play(stage, *, awsvpc=False, between=lambda stage: None):
    """Do a bit of everything and return all that was seen, as JSON."""
    pushed = stage.aws.images.push("app", tag="v1")
    members = {"networkMode": "awsvpc"} if awsvpc else {}
    own = container(image=pushed.uri, healthCheck=CHECK)
    stage.define(own, side(), **members)
    stage.aws.tasks.on_run("worker", sequence=[{"exit_code": 1, "after": 30}, {"oom": True}, {}])
    options = {"networkConfiguration": NETWORK} if awsvpc else {}
    if awsvpc:  # one instance has room for two network interfaces
        stage.aws.instances.add("m5.xlarge")
    arns, seen = [], []
    for _ in range(3):
        between(stage)
        arns.append(stage.run(**options))
        between(stage)
        stage.aws.clock.advance(seconds=25)
    stage.ecs.stop_task(task=arns[-1])
    for _ in range(12):
        between(stage)
        seen.append(stage.ecs.describe_tasks(tasks=arns, include=["TAGS"])["tasks"])
        stage.aws.clock.advance(seconds=10)
    seen += [list(stage.aws.events), stage.aws.clock.now]
    return json.dumps(seen, default=str)


def history(launch, *, seed=7, now=NOON, between=lambda stage: None, mode="virtual", http=False):
    """Return the history of a world of its own."""
    with mock_aws(time=mode, now=now, seed=seed) as aws:
        server = aws.serve(uri_style="aws") if http else None
        stage = Stage(aws, FARGATE if launch == FARGATE else EC2, server=server)
        return play(stage, awsvpc=launch == AWSVPC, between=between)


@cache
def plain_history(launch):
    """Return the history of a world that nothing special was done to."""
    return history(launch)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
@launches
def test_the_same_seed_and_start_give_the_same_history(launch, mode):
    assert history(launch, mode=mode) == history(launch, mode=mode)


@launches
def test_over_http_it_is_the_same_history(launch):
    assert history(launch, http=True) == plain_history(launch)


@pytest.mark.parametrize("seed", [0, 8, 2**63])
def test_another_seed_gives_other_ids(seed):
    assert history(FARGATE, seed=seed) != plain_history(FARGATE)


def test_the_seed_is_zero_where_none_is_given():
    with mock_aws(time="virtual", now=NOON) as aws:
        without = play(Stage(aws))

    assert without == history(FARGATE, seed=0)


@launches
@pytest.mark.parametrize("name", READS)
def test_one_more_read_in_between_changes_no_id(name, launch):
    assert history(launch, between=READS[name]) == plain_history(launch)


def test_a_call_that_was_refused_in_between_changes_no_later_id():
    def refused(stage):
        with pytest.raises(stage.ecs.exceptions.ClientError):
            stage.ecs.describe_tasks(cluster="nowhere", tasks=["0" * 32])

    assert history(FARGATE, between=refused) == plain_history(FARGATE)


def test_the_hashing_of_python_plays_no_part(run_python):
    source = f"""
        sys.path.insert(0, {ROOT!r})
        from tests.tasks.test_determinism import history
        print(history("EC2") + history("FARGATE"))
    """
    outputs = {
        run_python(source, plain_environment() | {"PYTHONHASHSEED": seed}) for seed in ("1", "2")
    }

    assert len(outputs) == 1


@launches
def test_all_ids_of_a_history_are_of_one_thing(launch):
    with mock_aws(now=NOON) as aws:
        stage = Stage(aws, FARGATE if launch == FARGATE else EC2)
        awsvpc = launch == AWSVPC
        members = {"networkMode": "awsvpc"} if awsvpc else {}
        stage.define(container(memory=4), side(memory=4), **members)
        options = {"networkConfiguration": NETWORK} if awsvpc else {}
        if awsvpc:
            aws.instances.add("m5.4xlarge", count=3)
        tasks = [stage.task(stage.run(**options)) for _ in range(15)]

        ids = [task["taskArn"] for task in tasks]
        for task in tasks:
            ids += [one["containerArn"] for one in task["containers"]]
            ids += [one["runtimeId"] for one in task["containers"]]
            for attachment in task["attachments"]:
                details = {each["name"]: each["value"] for each in attachment["details"]}
                ids += [attachment["id"], details["networkInterfaceId"], details["macAddress"]]
                ids.append(details["privateIPv4Address"])

        assert len(ids) == len(set(ids))


def test_tasks_that_run_at_the_same_time_never_share_an_address(instant):
    instant.define()
    addresses = []
    for _ in range(60):
        reply = instant.ecs.run_task(**instant.request(count=10))
        arns = [task["taskArn"] for task in reply["tasks"]]
        for task in instant.ecs.describe_tasks(tasks=arns)["tasks"]:
            one = task["containers"][0]["networkInterfaces"][0]
            addresses.append(one["privateIpv4Address"])

    assert len(addresses) == len(set(addresses)) == 600
