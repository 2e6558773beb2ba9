"""A loop that polls without moving the clock is told so, once."""

from __future__ import annotations

import warnings
from datetime import datetime, timezone

import pytest

from ecrmock import NothingMoves, mock_aws

DEFINITION = {
    "family": "app",
    "networkMode": "awsvpc",
    "cpu": "256",
    "memory": "512",
    "containerDefinitions": [{"name": "app", "image": "app"}],
}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}}


def run(aws) -> tuple:
    """Run a task that is to exit in half a minute."""
    ecs = aws.client("ecs")
    ecs.create_cluster()
    ecs.register_task_definition(**DEFINITION)
    aws.tasks.on_run("app", exit_code=0, after=30)
    answer = ecs.run_task(taskDefinition="app", launchType="FARGATE", networkConfiguration=NETWORK)
    return ecs, answer["tasks"][0]["taskArn"]


def test_the_twentieth_read_of_a_task_that_is_yet_to_exit_warns():
    with mock_aws() as aws:
        ecs, arn = run(aws)
        for _ in range(19):
            ecs.describe_tasks(tasks=[arn])

        with pytest.warns(NothingMoves, match=r"'container exited' of task .*advance\(seconds="):
            ecs.describe_tasks(tasks=[arn])


def test_a_read_more_does_not_warn_again():
    with mock_aws() as aws:
        ecs, arn = run(aws)
        for _ in range(19):
            ecs.describe_tasks(tasks=[arn])
        with pytest.warns(NothingMoves):
            ecs.describe_tasks(tasks=[arn])

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ecs.describe_tasks(tasks=[arn])


@pytest.mark.parametrize("between", ["advance", "another call"])
def test_who_moves_the_clock_or_asks_for_something_else_is_not_warned(between):
    with mock_aws() as aws:
        ecs, arn = run(aws)

        for _ in range(25):
            ecs.describe_tasks(tasks=[arn])
            if between == "advance":
                aws.clock.advance(milliseconds=1)
            else:
                ecs.list_clusters()


def test_a_task_that_has_stopped_may_be_read_at_will():
    with mock_aws() as aws:
        ecs, arn = run(aws)
        ecs.stop_task(task=arn)

        for _ in range(25):
            ecs.describe_tasks(tasks=[arn])


def test_a_task_to_which_nothing_is_to_happen_may_be_read_at_will():
    with mock_aws() as aws:
        ecs, arn = run(aws)
        aws.tasks.get(arn).exit(0)

        for _ in range(25):
            ecs.describe_tasks(tasks=[arn])


@pytest.mark.filterwarnings("ignore::ecrmock.NothingMoves")
def test_a_loop_that_would_never_end_is_ended():
    with mock_aws(time="virtual", now=datetime(2026, 1, 2, tzinfo=timezone.utc)) as aws:
        ecs, arn = run(aws)
        for _ in range(1999):
            ecs.describe_tasks(tasks=[arn])

        with pytest.raises(NothingMoves, match="2000 times"):
            ecs.describe_tasks(tasks=[arn])
