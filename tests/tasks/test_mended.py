"""Odd turns that once went wrong: each ends as it should."""

from __future__ import annotations

import pytest

from ecrmock import mock_aws

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}}


def define(ecs, *containers) -> None:
    """Register a definition for Fargate in a cluster of its own."""
    ecs.create_cluster()
    ecs.register_task_definition(
        family="app",
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        containerDefinitions=[{"image": "app", **one} for one in containers],
    )


def run(ecs) -> str:
    """Run it and return the ARN."""
    answer = ecs.run_task(taskDefinition="app", launchType="FARGATE", networkConfiguration=NETWORK)
    return answer["tasks"][0]["taskArn"]


def shown(ecs, arn: str) -> dict:
    """Return the task as it is now."""
    return ecs.describe_tasks(tasks=[arn])["tasks"][0]


def test_a_chain_ends_though_its_first_exits_by_itself_while_the_task_ends():
    waits = [{"containerName": "b", "condition": "START"}]
    with mock_aws(time="virtual") as aws:
        ecs = aws.client("ecs")
        define(
            ecs,
            {"name": "e"},
            {"name": "a", "essential": False, "dependsOn": waits},
            {"name": "b", "essential": False},
        )
        task = run(ecs)
        aws.clock.advance(minutes=1)

        aws.tasks.get(task).exit({"e": 0, "a": 0})
        aws.clock.advance(minutes=5)

        assert shown(ecs, task)["lastStatus"] == "STOPPED"


def test_a_constraint_on_running_tasks_is_judged_for_each_instance():
    with mock_aws(time="virtual") as aws:
        ecs = aws.client("ecs")
        first, second = aws.instances.add(count=2, az="us-east-1a")
        ecs.register_task_definition(
            family="app", containerDefinitions=[{"name": "app", "image": "app", "memory": 64}]
        )
        ecs.start_task(taskDefinition="app", containerInstances=[first.arn])
        aws.clock.advance(minutes=1)
        ecs.start_task(taskDefinition="app", containerInstances=[second.arn])
        idle = [{"type": "memberOf", "expression": "runningTasksCount == 0"}]

        answer = ecs.run_task(taskDefinition="app", placementConstraints=idle)

        assert [task["containerInstanceArn"] for task in answer["tasks"]] == [second.arn]


def test_a_start_timeout_says_nothing_of_a_task_that_is_stopping():
    check = {"command": ["CMD", "true"], "interval": 300}
    with mock_aws(time="virtual") as aws:
        ecs = aws.client("ecs")
        define(
            ecs,
            {"name": "m", "dependsOn": [{"containerName": "d", "condition": "HEALTHY"}]},
            {"name": "d", "healthCheck": check, "startTimeout": 30},
        )
        task = run(ecs)
        aws.clock.advance(seconds=44)

        ecs.stop_task(task=task, reason="mine")
        aws.clock.advance(minutes=5)

        found = shown(ecs, task)
        assert (found["stopCode"], found["stoppedReason"]) == ("UserInitiated", "mine")


def test_image_and_container_both_select():
    with mock_aws() as aws:
        ecs = aws.client("ecs")
        define(
            ecs, {"name": "a", "essential": False}, {"name": "b", "essential": False}, {"name": "c"}
        )
        aws.tasks.on_run("app", image="app", container="b", exit_code=1)

        found = shown(ecs, run(ecs))

        assert {c["name"]: c.get("exitCode") for c in found["containers"]} == {
            "a": None,
            "b": 1,
            "c": None,
        }


def test_a_pull_that_is_refused_by_name_leaves_other_calls_alone():
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    statement = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    with mock_aws() as aws:
        ecs = aws.client("ecs")
        role = aws.iam.role("execution", policies=[policy])
        ecs.create_cluster()
        ecs.register_task_definition(
            family="app",
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=role.arn,
            containerDefinitions=[
                {"name": "a", "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"}
            ],
        )
        with pytest.raises(NotImplementedError, match="Condition"):
            run(ecs)

        (task,) = ecs.list_tasks()["taskArns"]
        ecs.stop_task(task=task)

        assert shown(ecs, task)["lastStatus"] == "STOPPED"
        assert len(aws.calls("ecs.RunTask")) == 1
