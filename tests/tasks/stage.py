"""A mock with clients, and short ways to define tasks, run them and look at them.

Everything goes through boto3's operations, or through what a test of a user would call.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

NOON = datetime(2026, 1, 2, 12, tzinfo=timezone.utc)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "999988887777"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
REGISTRY = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
TASK_EVENT = "ECS Task State Change"
CHECK = {"command": ["CMD-SHELL", "true"]}
NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
TIMESTAMPS = (
    "createdAt",
    "connectivityAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "executionStoppedAt",
    "stoppingAt",
    "stoppedAt",
)
FARGATE, EC2 = "FARGATE", "EC2"
PULL_FAILURE = "CannotPullContainerError: pull image manifest has been retried 1 time(s): gone"
START_FAILURE = "CannotStartContainerError: exec: no such file"


def container(name="app", image="nginx", **members) -> dict[str, Any]:
    """Describe a container of a definition."""
    return {"name": name, "image": image, "memory": 64, **members}


def side(name="side", **members) -> dict[str, Any]:
    """Describe a container that is not essential."""
    return container(name, essential=False, **members)


def after(name: str, condition: str) -> list[dict[str, str]]:
    """Return what is given as `dependsOn`."""
    return [{"containerName": name, "condition": condition}]


class Stage:
    """A mock whose tasks are all of one launch type; on EC2 there is one instance."""

    def __init__(self, aws, launch: str = FARGATE, *, role=None, server=None) -> None:
        self.aws, self.launch = aws, launch
        door = aws if server is None else server
        self.ecs, self.ecr = door.client("ecs"), door.client("ecr")
        providers = ["FARGATE", "FARGATE_SPOT"]
        self.ecs.create_cluster(clusterName="default", capacityProviders=providers)
        if launch == EC2:
            aws.instances.add("m5.large", role=role)

    def define(self, *containers, family="worker", **members) -> str:
        """Register a definition, by default of one container `app`; return its ARN."""
        needs: dict[str, Any] = {}
        if self.launch == FARGATE:
            needs = {
                "requiresCompatibilities": [FARGATE],
                "networkMode": "awsvpc",
                "cpu": "256",
                "memory": "512",
                "executionRoleArn": f"{ROLES}ecsTaskExecutionRole",
            }
        needs |= members
        made = self.ecs.register_task_definition(
            family=family,
            containerDefinitions=list(containers) or [container()],
            **{name: value for name, value in needs.items() if value is not None},
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def request(self, family="worker", **options) -> dict[str, Any]:
        """Return the parameters of RunTask."""
        if self.launch == FARGATE:
            how = {} if "capacityProviderStrategy" in options else {"launchType": FARGATE}
            options = {**how, "networkConfiguration": NETWORK, **options}
        return {"taskDefinition": family, **options}

    def run(self, family="worker", **options) -> str:
        """Run a task and return its ARN."""
        reply = self.ecs.run_task(**self.request(family, **options))
        assert reply["failures"] == []
        return reply["tasks"][0]["taskArn"]

    def run_spot(self, family="worker") -> str:
        """Run a task on FARGATE_SPOT."""
        strategy = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        return self.run(family, capacityProviderStrategy=strategy)

    def task(self, arn: str) -> dict[str, Any]:
        """Describe a task."""
        return self.ecs.describe_tasks(tasks=[arn])["tasks"][0]

    def container(self, arn: str, name="app") -> dict[str, Any]:
        """Describe a container of a task."""
        return next(one for one in self.task(arn)["containers"] if one["name"] == name)

    def statuses(self, arn: str) -> dict[str, str]:
        """Return the last status of each container by its name."""
        return {one["name"]: one["lastStatus"] for one in self.task(arn)["containers"]}

    def exit_codes(self, arn: str) -> dict[str, int | None]:
        """Return the exit code of each container by its name."""
        return {one["name"]: one.get("exitCode") for one in self.task(arn)["containers"]}

    def until(self, arn: str, status: str) -> dict[str, Any]:
        """Let time pass until a task has a status, and describe it."""
        self.aws.clock.run_until(lambda: self.task(arn)["lastStatus"] == status)
        return self.task(arn)

    def running(self, family="worker", **options) -> str:
        """Run a task, let time pass until it is RUNNING, and return its ARN."""
        arn = self.run(family, **options)
        self.until(arn, "RUNNING")
        return arn

    def after_start(self, arn: str, moment: str) -> float:
        """Return how many seconds after startedAt something happened."""
        task = self.task(arn)
        return (task[moment] - task["startedAt"]).total_seconds()

    def details(self, arn: str) -> list[dict[str, Any]]:
        """Return the details of the events of a task, the oldest first."""
        return [
            event["detail"]
            for event in self.aws.events
            if event["detail-type"] == TASK_EVENT and event["detail"]["taskArn"] == arn
        ]

    def story(self, arn: str) -> list[tuple[int, str, str]]:
        """Return version, last and desired status of each event of a task."""
        return [
            (detail["version"], detail["lastStatus"], detail["desiredStatus"])
            for detail in self.details(arn)
        ]


def seconds(number: float) -> timedelta:
    """Return so many seconds."""
    return timedelta(seconds=number)


def moments(task: dict[str, Any]) -> dict[str, datetime]:
    """Return the timestamps that a task has, in the order in which they come."""
    return {name: task[name] for name in TIMESTAMPS if name in task}
