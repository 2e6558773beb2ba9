"""What the tests of image pulls share: policies, and tasks that pull from ECR."""

from __future__ import annotations

import json
from typing import Any

from tests.tasks.stage import EC2, FARGATE, ROLES, container

TOKEN, MANIFEST = "ecr:GetAuthorizationToken", "ecr:BatchGetImage"
LAYER, CHECK_LAYER = "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"
NEEDED = (TOKEN, MANIFEST, LAYER)
EXECUTION, INSTANCE, TASK = "execution", "instance", "task"


def policy(*actions, effect="Allow", resource: Any = "*", **members) -> dict[str, Any]:
    """Return a policy document of one statement for an identity."""
    statement = {"Effect": effect, "Action": list(actions), "Resource": resource, **members}
    return {"Version": "2012-10-17", "Statement": [statement]}


def all_but(missing: str) -> dict[str, Any]:
    """Return a policy that allows what a pull needs, but for one action."""
    return policy(*(action for action in NEEDED if action != missing))


def may_pull() -> dict[str, Any]:
    """Return a policy that allows what a pull needs and no more."""
    return policy(*NEEDED)


def set_policy(ecr, principal, *actions, effect="Allow", repository="app") -> None:
    """Give a repository a policy of one statement."""
    statement = {"Effect": effect, "Principal": principal, "Action": list(actions)}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName=repository, policyText=text)


def define(stage, image, *, role=EXECUTION, **members) -> None:
    """Define a task of one image, by default with an execution role, on EC2 with none."""
    given = None if role is None else f"{ROLES}{role}"
    stage.define(container(image=image), executionRoleArn=given, **members)


def run(stage) -> dict[str, Any]:
    """Run a task, wait until it runs or has failed, and describe it."""
    arn = stage.run()
    stage.aws.clock.run_until(lambda: stage.task(arn)["lastStatus"] in ("RUNNING", "STOPPED"))
    return stage.task(arn)


def failure(stage, task) -> str:
    """Return why a task failed to start, from where its launch type has it."""
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    if stage.launch == FARGATE:
        return task["stoppedReason"]
    assert task["stoppedReason"] == "Task failed to start"
    return task["containers"][0]["reason"]


def session(stage, task, role: str) -> str:
    """Return the ARN of the session in which a role pulls for a task."""
    name = task["taskArn"].rpartition("/")[2]
    if stage.launch == EC2 and role == INSTANCE:
        arn = task["containerInstanceArn"]
        found = stage.ecs.describe_container_instances(containerInstances=[arn])
        name = found["containerInstances"][0]["ec2InstanceId"]
    return f"arn:aws:sts::123456789012:assumed-role/{role}/{name}"
