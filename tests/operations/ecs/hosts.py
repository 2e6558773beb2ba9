"""Container instances by short names, and where tasks went on them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

TASK_EVENT = "ECS Task State Change"
INSTANCE_EVENT = "ECS Container Instance State Change"
RESERVED = ["22", "2375", "2376", "51678", "51679"]
ECR_IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team-a/web-app:v1"
UNKNOWN_ID = "0" * 32


def resources(cpu=2048, memory=4096, ports=("22",), udp_ports=()) -> list[dict[str, Any]]:
    """Return what an agent registers as `totalResources`."""
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": list(ports)},
        {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": list(udp_ports)},
    ]


def identity(
    instance_id="i-0123456789abcdef0", az="us-east-1a", instance_type="m5.large", **further: str
) -> str:
    """Return the identity document of an EC2 instance."""
    document = {
        "instanceId": instance_id,
        "region": "us-east-1",
        "availabilityZone": az,
        "accountId": "123456789012",
        "imageId": "ami-0123456789abcdef0",
        "instanceType": instance_type,
        "architecture": "x86_64",
    }
    return json.dumps(document | further)


def container(name="app", image="nginx", memory=64, **members) -> dict[str, Any]:
    """Describe a container of a definition."""
    return {"name": name, "image": image, "memory": memory, **members}


def port(number: int, host: int | None = None, **members) -> dict[str, Any]:
    """Describe a port mapping; without *host* the port is dynamic."""
    fixed = {} if host is None else {"hostPort": host}
    return {"containerPort": number, **fixed, **members}


def gpus(number: int) -> list[dict[str, str]]:
    """Describe `resourceRequirements`."""
    return [{"type": "GPU", "value": str(number)}]


def subnets(*names: str) -> dict[str, Any]:
    """Describe a `networkConfiguration`."""
    return {"awsvpcConfiguration": {"subnets": list(names or ("subnet-1",))}}


class Outcome(NamedTuple):
    """What RunTask or StartTask answered, with the short names of instances."""

    placed: list[str]
    failures: list[tuple[str, str]]
    tasks: list[dict[str, Any]]

    @property
    def arns(self) -> list[str]:
        return [each["taskArn"] for each in self.tasks]


class Hosts:
    """A mock with container instances in the cluster `default`."""

    def __init__(self, door) -> None:
        self.aws = door.aws
        self.ecs = door.client("ecs")
        self.arns: dict[str, str] = {}

    def add(self, name: str, instance_type="m5.large", **options):
        """Add an instance of a type."""
        (made,) = self.aws.instances.add(instance_type, **options)
        self.arns[name] = made.arn
        return made

    def add_all(self, *names: str, **options) -> None:
        """Add instances of one kind."""
        for name in names:
            self.add(name, **options)

    def register(self, name: str, *, az="us-east-1a", attributes=None, **total) -> None:
        """Register an instance that has exactly what is said."""
        if not self.ecs.list_clusters()["clusterArns"]:
            self.ecs.create_cluster()
        response = self.ecs.register_container_instance(
            instanceIdentityDocument=identity(f"i-{name:0>17}", az),
            totalResources=resources(**total),
            attributes=[{"name": k, "value": v} for k, v in (attributes or {}).items()],
        )
        self.arns[name] = response["containerInstance"]["containerInstanceArn"]

    def define(self, *containers, family="web", **members) -> None:
        """Register a definition, by default of one small container."""
        self.ecs.register_task_definition(
            family=family, containerDefinitions=list(containers) or [container()], **members
        )

    def run(self, family="web", **options) -> Outcome:
        """Run tasks."""
        return self._outcome(self.ecs.run_task(taskDefinition=family, **options))

    def start(self, *names: str, family="web", **options) -> Outcome:
        """Start a task on each of the named instances."""
        arns = [self.arns[name] for name in names]
        response = self.ecs.start_task(taskDefinition=family, containerInstances=arns, **options)
        return self._outcome(response)

    def stop(self, *arns: str) -> None:
        for arn in arns:
            self.ecs.stop_task(task=arn)

    def set_state(self, status: str, *names: str) -> dict[str, Any]:
        """Make instances ACTIVE or DRAINING."""
        arns = [self.arns[name] for name in names]
        return self.ecs.update_container_instances_state(containerInstances=arns, status=status)

    def deregister(self, name: str, **options) -> dict[str, Any]:
        response = self.ecs.deregister_container_instance(
            containerInstance=self.arns[name], **options
        )
        return response["containerInstance"]

    def show(self, name: str, *include: str) -> dict[str, Any]:
        """Return an instance as DescribeContainerInstances shows it."""
        response = self.ecs.describe_container_instances(
            containerInstances=[self.arns[name]], include=list(include)
        )
        (shown,) = response["containerInstances"]
        return shown

    def remaining(self, name: str) -> dict[str, Any]:
        """Return what remains on an instance: numbers, and sets as sorted lists."""
        return {each["name"]: value_of(each) for each in self.show(name)["remainingResources"]}

    def counts(self, name: str) -> tuple[int, int]:
        """Return the numbers of running and of pending tasks."""
        shown = self.show(name)
        return shown["runningTasksCount"], shown["pendingTasksCount"]

    def listed(self, **parameters) -> list[str]:
        """Return the short names that ListContainerInstances shows."""
        response = self.ecs.list_container_instances(**parameters)
        return [self.name_of(arn) for arn in response["containerInstanceArns"]]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return the details of the events of an instance, oldest first."""
        return [
            each["detail"]
            for each in self.aws.events
            if each["detail-type"] == INSTANCE_EVENT and each["resources"] == [self.arns[name]]
        ]

    def name_of(self, arn: str) -> str:
        """Return the short name of an ARN; itself when nobody has it."""
        return next((name for name, each in self.arns.items() if each == arn), arn)

    def _outcome(self, response: dict[str, Any]) -> Outcome:
        return Outcome(
            [self.name_of(each["containerInstanceArn"]) for each in response["tasks"]],
            [(self.name_of(each["arn"]), each["reason"]) for each in response["failures"]],
            response["tasks"],
        )


def value_of(resource: dict[str, Any]) -> Any:
    """Return the value of a resource."""
    if resource["type"] == "STRINGSET":
        return sorted(resource["stringSetValue"])
    return resource["integerValue"]
