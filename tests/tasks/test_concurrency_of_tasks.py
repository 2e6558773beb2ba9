"""Many threads on one world: each task is one task, no count is off, nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecrmock import mock_aws
from tests.tasks.stage import EC2, FARGATE, NOON, TASK_EVENT, Stage, container

THREADS = 50


def at_once(function, number=THREADS):
    """Call *function* with 0, 1, ... on as many threads, all let go at one moment."""
    barrier = threading.Barrier(number)

    def start(each):
        barrier.wait(timeout=60)
        return function(each)

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(start, range(number)))


@pytest.fixture(params=[FARGATE, EC2])
def crowd(request):
    """Room for many tasks."""
    with mock_aws(now=NOON) as aws:
        stage = Stage(aws, request.param)
        if request.param == EC2:
            aws.instances.add("m5.4xlarge", count=4)
        stage.define(container(memory=16))
        yield stage


def versions_of(aws):
    """Return the versions of each task in the order of its events."""
    found = {}
    for event in aws.events:
        if event["detail-type"] == TASK_EVENT:
            found.setdefault(event["detail"]["taskArn"], []).append(event["detail"]["version"])
    return found


def test_each_thread_gets_a_task_of_its_own(crowd):
    arns = at_once(lambda _number: crowd.run())

    assert len(set(arns)) == THREADS
    assert set(crowd.ecs.list_tasks()["taskArns"]) == set(arns)
    assert [crowd.task(arn)["lastStatus"] for arn in arns] == ["RUNNING"] * THREADS


def test_the_counts_of_cluster_and_instances_agree(crowd):
    def live(number):
        arns = [crowd.run() for _ in range(3)]
        crowd.ecs.stop_task(task=arns[number % 3])
        return [arn for arn in arns if arn != arns[number % 3]]

    left = [arn for arns in at_once(live) for arn in arns]

    cluster = crowd.ecs.describe_clusters(clusters=["default"])["clusters"][0]
    assert (cluster["runningTasksCount"], cluster["pendingTasksCount"]) == (len(left), 0)
    pages = crowd.ecs.get_paginator("list_tasks").paginate()
    assert {arn for page in pages for arn in page["taskArns"]} == set(left)
    if crowd.launch == EC2:
        instances = crowd.ecs.list_container_instances()["containerInstanceArns"]
        found = crowd.ecs.describe_container_instances(containerInstances=instances)
        counts = [each["runningTasksCount"] for each in found["containerInstances"]]
        assert sum(counts) == len(left)


def test_running_stopping_and_describing_at_the_same_time_raise_nothing(crowd):
    first = [crowd.run() for _ in range(10)]

    def do(number):
        arn = crowd.run()
        seen = crowd.ecs.describe_tasks(tasks=[arn, first[number % 10]])
        crowd.ecs.stop_task(task=first[number % 10])
        crowd.ecs.stop_task(task=arn)
        return seen["failures"], crowd.task(arn)["lastStatus"]

    assert at_once(do) == [([], "STOPPED")] * THREADS
    assert crowd.ecs.list_tasks()["taskArns"] == []


def test_a_task_that_many_stop_is_stopped_once(crowd):
    arn = crowd.run()

    replies = at_once(lambda number: crowd.ecs.stop_task(task=arn, reason=f"by {number}"))

    reasons = {reply["task"]["stoppedReason"] for reply in replies}
    assert reasons == {crowd.task(arn)["stoppedReason"]}
    versions = versions_of(crowd.aws)[arn]
    assert versions == list(range(1, len(versions) + 1))


def test_the_versions_of_each_task_come_in_order(crowd):
    def live(_number):
        crowd.ecs.stop_task(task=crowd.run())

    at_once(live)

    found = versions_of(crowd.aws)
    assert len(found) == THREADS
    assert [each for each in found.values() if each != sorted(set(each))] == []
    assert len(set(map(tuple, found.values()))) == 1


def test_each_run_takes_one_outcome_of_a_sequence(crowd):
    crowd.aws.tasks.on_run("worker", sequence=[*range(THREADS), 255])

    codes = at_once(lambda _number: crowd.exit_codes(crowd.run())["app"])

    assert Counter(codes) == Counter(range(THREADS))


def test_an_instance_never_takes_more_than_it_has():
    with mock_aws(now=NOON) as aws:
        stage = Stage(aws, EC2)
        stage.define(container(memory=1024))

        replies = at_once(lambda _number: stage.ecs.run_task(taskDefinition="worker"))

        placed = [reply for reply in replies if reply["tasks"]]
        reasons = {each["reason"] for reply in replies for each in reply["failures"]}
        instance = stage.ecs.list_container_instances()["containerInstanceArns"]
        found = stage.ecs.describe_container_instances(containerInstances=instance)
        left = {
            each["name"]: each["integerValue"]
            for each in found["containerInstances"][0]["remainingResources"]
            if each["type"] == "INTEGER"
        }
        assert 0 < len(placed) < THREADS
        assert reasons == {"RESOURCE:MEMORY"}
        assert 0 <= left["MEMORY"] < 1024


def test_the_clock_can_be_moved_while_tasks_are_run():
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws)
        stage.define()

        def do(number):
            if number % 5 == 0:
                aws.clock.advance(seconds=number)
                return None
            return stage.run()

        arns = [arn for arn in at_once(do) if arn]
        aws.clock.advance(minutes=1)

        tasks = [stage.task(arn) for arn in arns]
        assert {task["lastStatus"] for task in tasks} == {"RUNNING"}
        taken = {(task["startedAt"] - task["createdAt"]).total_seconds() for task in tasks}
        assert max(taken) - min(taken) < 1


def test_handles_can_be_used_from_many_threads(crowd):
    arns = [crowd.run() for _ in range(THREADS)]

    at_once(lambda number: crowd.aws.tasks.get(arns[number]).exit(number))

    assert [crowd.exit_codes(arn)["app"] for arn in arns] == list(range(THREADS))


def test_waiters_of_many_threads_all_end():
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws)
        stage.define()
        aws.tasks.on_run("worker", exit_code=0, after=30)

        def live(_number):
            arn = stage.run()
            stage.ecs.get_waiter("tasks_stopped").wait(tasks=[arn])
            return stage.exit_codes(arn)["app"]

        assert at_once(live, 12) == [0] * 12
