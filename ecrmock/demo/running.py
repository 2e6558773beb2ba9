"""The second half of the demo: the image runs on ECS, where it may, and says why where not."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import EcrmockError
from ecrmock.demo import pushing

if TYPE_CHECKING:
    from ecrmock.handle import Aws

Say = Callable[[str], None]

_IMAGE: Final = (
    f"{pushing.OWNER}.dkr.ecr.{pushing.REGION}.amazonaws.com/{pushing.REPOSITORY}:{pushing.TAG}"
)
_NETWORK: Final = {"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}}
_TOKEN_ONLY: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*"}],
}


def tell(aws: Aws, ecs: Any, say: Say) -> None:
    """Run the image on Fargate, with a role that may not pull, and on an agent that cannot.

    Raises:
        EcrmockError: something went well that should not have.
    """
    ecs.create_cluster()
    _run(aws, ecs, say)
    _deny(aws, ecs, say)
    _place(aws, ecs, say)


def _run(aws: Aws, ecs: Any, say: Say) -> None:
    role = aws.iam.role("execution", policies=["AmazonECSTaskExecutionRolePolicy"])
    ecs.register_task_definition(
        family="web-app",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="512",
        executionRoleArn=role.arn,
        containerDefinitions=[{"name": "web", "image": _IMAGE}],
    )
    task = _fargate(ecs)
    ecs.get_waiter("tasks_running").wait(tasks=[task["taskArn"]])
    say("\nThe image runs on Fargate; botocore's waiter waited on the mock's clock:")
    for event in aws.events:
        if event["resources"] == [task["taskArn"]]:
            detail = event["detail"]
            at, status = detail["updatedAt"][11:19], detail["lastStatus"]
            say(f"  {at}  {status:<13} version {detail['version']}")


def _deny(aws: Aws, ecs: Any, say: Say) -> None:
    role = aws.iam.role("no-pull", policies=[_TOKEN_ONLY])
    task = _fargate(ecs, overrides={"executionRoleArn": role.arn})
    ecs.get_waiter("tasks_stopped").wait(tasks=[task["taskArn"]])
    stopped = ecs.describe_tasks(tasks=[task["taskArn"]])["tasks"][0]
    if stopped["stopCode"] != "TaskFailedToStart":
        raise EcrmockError("a task ran whose role may not pull its image")
    say(f"\nWith a role that has a token and may not pull:\n  {stopped['stoppedReason']}")
    denial = aws.tasks.get(task["taskArn"]).denial
    if denial is not None:
        say("  " + denial.explain().replace("\n", "\n  "))


def _place(aws: Aws, ecs: Any, say: Say) -> None:
    aws.instances.add("m5.large", agent_version="1.6.0")
    ecs.register_task_definition(
        family="web-app-ec2",
        containerDefinitions=[{"name": "web", "image": _IMAGE, "memory": 128}],
    )
    answer = ecs.run_task(taskDefinition="web-app-ec2", launchType="EC2")
    if answer["tasks"]:
        raise EcrmockError("an agent before 1.7.0 took an image from ECR")
    for failure in answer["failures"]:
        say(f"\nOn a container instance with agent 1.6.0: {failure['reason']}")
    for refusal in aws.calls[-1].placement:
        say(f"  The instance {refusal.detail},")
        say("  which agents have from version 1.7.0 on, and which an image in ECR asks for.")


def _fargate(ecs: Any, **options: Any) -> Any:
    answer = ecs.run_task(
        taskDefinition="web-app", launchType="FARGATE", networkConfiguration=_NETWORK, **options
    )
    return answer["tasks"][0]
