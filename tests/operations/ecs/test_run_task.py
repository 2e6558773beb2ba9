"""RunTask: what it answers, member by member; how many; which definition."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import NOW, SUBNETS, UUID, VIRTUAL

HEX = "[0-9a-f]{32}"
ARN = "arn:aws:ecs:us-east-1:123456789012"
ON_AN_INSTANCE = {
    "attachments",
    "attributes",
    "availabilityZone",
    "clusterArn",
    "connectivity",
    "connectivityAt",
    "containerInstanceArn",
    "containers",
    "cpu",
    "createdAt",
    "desiredStatus",
    "enableExecuteCommand",
    "group",
    "lastStatus",
    "launchType",
    "memory",
    "overrides",
    "tags",
    "taskArn",
    "taskDefinitionArn",
    "version",
}


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def run(ecs, instance):
    return partial(launches.run, ecs)


@pytest.fixture
def run_fargate(ecs, prod):
    return partial(launches.run_fargate, ecs)


# --------------------------------------------------------------- the shape of the answer


@VIRTUAL
def test_a_task_on_fargate_is_answered_member_by_member(ecs, run_fargate):
    definition = launches.fargate(ecs)

    task = run_fargate()

    created = task.pop("createdAt")
    task_arn = task["taskArn"]
    assert NOW < created < NOW + timedelta(seconds=1)
    assert task == {
        "attachments": [
            {
                "id": task["attachments"][0]["id"],
                "type": "ElasticNetworkInterface",
                "status": "PRECREATED",
                "details": [{"name": "subnetId", "value": "subnet-0a1b2c3d"}],
            }
        ],
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "availabilityZone": task["availabilityZone"],
        "clusterArn": f"{ARN}:cluster/prod",
        "containers": [
            {
                "containerArn": task["containers"][0]["containerArn"],
                "taskArn": task_arn,
                "name": "web",
                "image": "nginx",
                "lastStatus": "PENDING",
                "networkInterfaces": [],
                "cpu": "0",
            }
        ],
        "cpu": "256",
        "desiredStatus": "RUNNING",
        "enableExecuteCommand": False,
        "group": "family:web",
        "lastStatus": "PROVISIONING",
        "launchType": "FARGATE",
        "memory": "512",
        "overrides": {
            "containerOverrides": [{"name": "web"}],
            "inferenceAcceleratorOverrides": [],
        },
        "platformVersion": "1.4.0",
        "platformFamily": "Linux",
        "tags": [],
        "taskArn": task_arn,
        "taskDefinitionArn": definition,
        "version": 1,
        "ephemeralStorage": {"sizeInGiB": 20},
        "fargateEphemeralStorage": {"sizeInGiB": 20},
    }


def test_the_ids_of_a_task_have_the_forms_of_aws(ecs, run_fargate):
    launches.fargate(ecs)

    task = run_fargate()

    task_id = task["taskArn"].rpartition("/")[2]
    assert re.fullmatch(f"{ARN}:task/prod/{HEX}", task["taskArn"])
    (container,), (attachment,) = task["containers"], task["attachments"]
    assert re.fullmatch(f"{ARN}:container/prod/{task_id}/{UUID}", container["containerArn"])
    assert re.fullmatch(UUID, attachment["id"])
    assert re.fullmatch("us-east-1[a-z]", task["availabilityZone"])


@VIRTUAL
def test_a_task_in_bridge_mode_is_pending_on_its_instance(ecs, run, instance):
    launches.bridge(ecs)

    task = run()

    assert set(task) == ON_AN_INSTANCE
    assert (task["attachments"], task["lastStatus"], task["version"]) == ([], "PENDING", 1)
    assert (task["launchType"], task["containerInstanceArn"]) == ("EC2", instance.arn)
    assert task["attributes"] == [{"name": "ecs.cpu-architecture", "value": "x86_64"}]
    assert (task["connectivity"], task["connectivityAt"]) == ("CONNECTED", task["createdAt"])


@VIRTUAL
def test_an_awsvpc_task_on_an_instance_provisions_its_network_interface(ecs, run, instance):
    launches.bridge(ecs, networkMode="awsvpc")

    task = run(networkConfiguration=SUBNETS)

    assert set(task) == ON_AN_INSTANCE
    assert (task["lastStatus"], task["containerInstanceArn"]) == ("PROVISIONING", instance.arn)
    (attachment,) = task["attachments"]
    assert attachment["status"] == "PRECREATED"
    assert attachment["details"] == [{"name": "subnetId", "value": "subnet-0a1b2c3d"}]


def test_all_containers_appear_in_the_order_of_the_definition(ecs, run_fargate):
    names = ["web", "log", "a-proxy"]
    launches.fargate(
        ecs, containerDefinitions=[{"name": name, "image": f"{name}:1"} for name in names]
    )

    task = run_fargate()

    containers = task["containers"]
    assert [each["name"] for each in containers] == names
    assert [each["image"] for each in containers] == ["web:1", "log:1", "a-proxy:1"]
    assert {each["lastStatus"] for each in containers} == {"PENDING"}
    assert {each["taskArn"] for each in containers} == {task["taskArn"]}
    assert len({each["containerArn"] for each in containers}) == 3


def test_containers_show_numbers_as_text_and_only_those_that_are_set(ecs, run):
    hard = launches.container("hard", cpu=10)
    soft = {"name": "soft", "image": "nginx", "memoryReservation": 64}
    launches.bridge(ecs, containerDefinitions=[hard, soft])

    first, second = run()["containers"]

    assert (first["cpu"], first["memory"]) == ("10", "128")
    assert "memoryReservation" not in first
    assert (second["cpu"], second["memoryReservation"]) == ("0", "64")
    assert "memory" not in second


@pytest.mark.parametrize(
    ("containers", "size"),
    [
        ([launches.container(cpu=10, memory=300)], ("10", "300")),
        (
            [launches.container("a", cpu=100), launches.container("b", cpu=28, memory=72)],
            ("128", "200"),
        ),
        ([launches.container()], ("0", "128")),
    ],
    ids=["one", "two", "no cpu"],
)
def test_without_a_size_of_its_own_a_task_shows_the_sum_of_its_containers(
    ecs, run, containers, size
):
    launches.bridge(ecs, containerDefinitions=containers)

    task = run()

    assert (task["cpu"], task["memory"]) == size


def test_a_size_of_the_definition_is_the_size_of_a_task_on_an_instance(ecs, run):
    launches.bridge(ecs, cpu="1 vCPU", memory="1 GB")

    task = run()

    assert (task["cpu"], task["memory"]) == ("1024", "1024")


def test_ephemeral_storage_of_the_definition_is_shown_twice(ecs, run_fargate):
    launches.fargate(ecs, ephemeralStorage={"sizeInGiB": 30})

    task = run_fargate()

    assert task["ephemeralStorage"] == {"sizeInGiB": 30}
    assert task["fargateEphemeralStorage"] == {"sizeInGiB": 30}


def test_a_task_shows_the_architecture_that_it_asked_for(ecs, run_fargate):
    launches.fargate(ecs, runtimePlatform={"cpuArchitecture": "ARM64"})

    task = run_fargate()

    assert task["attributes"] == [{"name": "ecs.cpu-architecture", "value": "arm64"}]


WINDOWS = {
    "cpu": "1024",
    "memory": "2048",
    "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2019_CORE"},
}


def test_a_task_of_windows_has_a_platform_version_of_its_own(ecs, run_fargate):
    launches.fargate(ecs, **WINDOWS)

    task = run_fargate()

    assert task["platformVersion"] == "1.0.0"


def test_a_task_of_windows_names_its_release(ecs, run_fargate):
    launches.fargate(ecs, **WINDOWS)

    task = run_fargate()

    # Both WINDOWS_SERVER_2019_CORE and Windows_Server_2019_Core are told of.
    assert task["platformFamily"].lower() == "windows_server_2019_core"


def test_a_task_belongs_to_its_family_and_was_started_by_nobody(ecs, run):
    launches.bridge(ecs, family="batch")

    task = run("batch")

    assert task["group"] == "family:batch"
    assert "startedBy" not in task


def test_group_and_started_by_are_kept(ecs, run):
    launches.bridge(ecs)

    task = launches.shown(ecs, run(group="nightly", startedBy="team-a/job_1")["taskArn"])

    assert (task["group"], task["startedBy"]) == ("nightly", "team-a/job_1")


# ----------------------------------------------------------------------- how many, of what


@pytest.mark.parametrize("count", [1, 2, 10])
def test_count_makes_so_many_tasks_of_one_request(ecs, instance, count):
    launches.bridge(ecs)

    tasks = ecs.run_task(cluster="prod", taskDefinition="app", count=count)["tasks"]

    assert len({task["taskArn"] for task in tasks}) == count
    assert launches.listed(ecs) == [task["taskArn"] for task in tasks]


def test_what_does_not_fit_fails_and_the_rest_runs(ecs, door, instance):
    (other,) = door.aws.instances.add("m5.large", cluster="prod")
    launches.bridge(ecs, containerDefinitions=[launches.container(memory=4000)])

    response = ecs.run_task(cluster="prod", taskDefinition="app", count=10)

    assert len(response["tasks"]) == 2
    assert response["failures"] == [
        {"arn": arn, "reason": "RESOURCE:MEMORY"} for arn in (instance.arn, other.arn)
    ]
    assert len(launches.listed(ecs)) == 2


def test_requests_of_many_threads_never_share_the_same_memory(ecs, instance):
    launches.bridge(ecs, containerDefinitions=[launches.container(memory=700)])
    barrier = Barrier(4)

    def start(_number: int) -> int:
        barrier.wait(timeout=30)
        return len(ecs.run_task(cluster="prod", taskDefinition="app", count=5)["tasks"])

    with ThreadPoolExecutor(4) as pool:
        made = sum(pool.map(start, range(4)))

    # A m5.large has less than 8 GiB for tasks, and more than 7700 MiB.
    assert made == len(launches.listed(ecs)) == 11


@pytest.mark.parametrize(
    ("name", "revision"),
    [("app", 3), ("app:2", 2), (f"{ARN}:task-definition/app:1", 1)],
    ids=["family", "revision", "ARN"],
)
def test_a_family_is_its_latest_active_revision(ecs, run, name, revision):
    for _number in range(4):
        launches.bridge(ecs)
    ecs.deregister_task_definition(taskDefinition="app:4")

    task = run(name)

    assert task["taskDefinitionArn"] == f"{ARN}:task-definition/app:{revision}"


def test_without_a_cluster_a_task_runs_on_default(ecs):
    ecs.create_cluster()
    launches.fargate(ecs)

    response = ecs.run_task(
        taskDefinition="web", launchType="FARGATE", networkConfiguration=SUBNETS
    )

    (task,) = response["tasks"]
    assert task["clusterArn"] == f"{ARN}:cluster/default"
    assert f":task/default/{task['taskArn'][-32:]}" in task["taskArn"]


def test_a_task_runs_on_when_its_definition_is_deregistered(ecs, run):
    definition = launches.bridge(ecs)
    task = run()["taskArn"]

    ecs.deregister_task_definition(taskDefinition="app:1")

    assert launches.shown(ecs, task)["lastStatus"] == "RUNNING"
    assert launches.shown(ecs, task)["taskDefinitionArn"] == definition
