"""RunTask: what it answers, member by member; how many; which definition; one token, one run."""

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


def test_a_response_has_tasks_and_failures_and_nothing_else(ecs, prod):
    launches.fargate(ecs)

    response = ecs.run_task(
        cluster=prod, taskDefinition="web", launchType="FARGATE", networkConfiguration=SUBNETS
    )

    assert set(response) == {"tasks", "failures", "ResponseMetadata"}
    assert response["failures"] == []


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


# ------------------------------------------------------------------------ one token, one run


@pytest.fixture
def request_twice(ecs, instance):
    """Return RunTask with a token and its parameters."""
    launches.bridge(ecs)
    return partial(ecs.run_task, cluster="prod", taskDefinition="app", clientToken="deploy-1")


def arns(response) -> list[str]:
    return [task["taskArn"] for task in response["tasks"]]


def test_the_same_token_and_parameters_return_the_original_tasks(ecs, door, request_twice):
    first = request_twice(count=2)
    before = launches.picture(ecs, door.aws)

    second = request_twice(count=2)

    assert arns(second) == arns(first)
    assert second["failures"] == []
    assert launches.picture(ecs, door.aws) == before


def test_requests_without_a_token_are_two_runs(ecs, instance):
    launches.bridge(ecs)

    first, second = (ecs.run_task(cluster="prod", taskDefinition="app") for _number in range(2))

    assert arns(first) != arns(second)


@pytest.mark.parametrize(
    "changed",
    [
        {"count": 3},
        {"startedBy": "me"},
        {"group": "other"},
        {"launchType": "EC2"},
        {"tags": [{"key": "a", "value": "b"}]},
        {"overrides": {"containerOverrides": [{"name": "app", "command": ["true"]}]}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_token_with_other_parameters_conflicts_and_names_the_tasks(
    ecs, door, request_twice, error_of, changed
):
    first = request_twice(count=2)
    before = launches.picture(ecs, door.aws)

    error = error_of(request_twice, **{"count": 2} | changed)

    assert error["Error"]["Code"] == "ConflictException"
    assert error["resourceIds"] == arns(first)
    assert launches.picture(ecs, door.aws) == before


def test_a_token_is_case_sensitive(request_twice):
    first = request_twice()

    second = request_twice(clientToken="DEPLOY-1")

    assert arns(first) != arns(second)


def test_each_cluster_has_tokens_of_its_own(ecs, door, request_twice):
    first = request_twice()
    ecs.create_cluster(clusterName="stage")
    door.aws.instances.add("m5.large", cluster="stage")

    second = request_twice(cluster="stage", count=2)

    assert len(second["tasks"]) == 2
    assert not set(arns(first)) & set(arns(second))


def test_a_refused_request_leaves_its_token_free(request_twice, refusal):
    refused = refusal(request_twice, taskDefinition="nothing")

    second = request_twice()

    assert refused.code == "ClientException"
    assert len(second["tasks"]) == 1


@pytest.mark.xfail(strict=True, reason="ecs-api 6.1: a replay forgets the failures of the original")
def test_the_same_token_returns_the_original_failures(ecs, door, prod):
    door.aws.instances.add("m5.large", cluster=prod)
    launches.bridge(ecs, containerDefinitions=[launches.container(memory=100_000)])
    run = partial(ecs.run_task, cluster=prod, taskDefinition="app", clientToken="deploy-1")
    first = run()

    second = run()

    assert first["failures"]
    assert second["failures"] == first["failures"]


@pytest.mark.xfail(strict=True, reason="ecs-api 6.1, AWS's page on idempotency: a token ends")
@VIRTUAL
def test_a_token_ends_an_hour_after_its_last_task_stopped(ecs, door, request_twice):
    (first,) = arns(request_twice())
    ecs.stop_task(cluster="prod", task=first)
    door.aws.clock.advance(hours=1, seconds=launches.STOPS_ON_BRIDGE + 60)

    second = request_twice()

    assert len(second["tasks"]) == 1
    assert arns(second) != [first]


def test_one_token_on_many_threads_makes_one_task(ecs, request_twice):
    barrier = Barrier(4)

    def start(_number: int) -> list[str]:
        barrier.wait(timeout=30)
        return arns(request_twice())

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(start, range(4)))

    assert made == [launches.listed(ecs)] * 4
