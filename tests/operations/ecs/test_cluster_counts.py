"""What DescribeClusters counts while tasks and instances come and go; when a cluster can go."""

from __future__ import annotations

from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import STARTS_ON_BRIDGE, STARTS_ON_FARGATE, VIRTUAL

INSTANCES = (
    "ClusterContainsContainerInstancesException",
    "The Cluster cannot be deleted while Container Instances are active or draining.",
)
TASKS = ("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")


@pytest.fixture
def instances(door, prod):
    return door.aws.instances.add("m5.large", cluster=prod, count=2)


@pytest.fixture
def counts(show):
    """Return the counts of `prod`: instances, running tasks, pending tasks."""

    def counts() -> tuple[int, int, int]:
        cluster = show("prod")
        names = ("registeredContainerInstancesCount", "runningTasksCount", "pendingTasksCount")
        return tuple(cluster[name] for name in names)

    return counts


@pytest.fixture
def statistics(show):
    """Return the statistics of tasks of `prod` that are not zero."""

    def statistics() -> dict[str, str]:
        found = {each["name"]: each["value"] for each in show("prod", "STATISTICS")["statistics"]}
        assert all(isinstance(value, str) for value in found.values())
        return {name: value for name, value in found.items() if value != "0"}

    return statistics


@pytest.fixture
def delete(ecs):
    return partial(ecs.delete_cluster, cluster="prod")


@pytest.fixture
def refused_delete(ecs, door, refusal, delete):
    return partial(launches.refused, ecs, door.aws, refusal, delete)


# ------------------------------------------------------------------------------ instances


def test_active_and_draining_instances_are_counted(ecs, instances, counts):
    before = counts()

    ecs.update_container_instances_state(
        cluster="prod", containerInstances=[instances[0].arn], status="DRAINING"
    )

    assert before == counts() == (2, 0, 0)


def test_an_instance_that_is_gone_is_not_counted(ecs, instances, counts):
    ecs.deregister_container_instance(cluster="prod", containerInstance=instances[0].arn)

    assert counts() == (1, 0, 0)


def test_clusters_do_not_count_for_each_other(ecs, door, prod, counts):
    ecs.create_cluster(clusterName="stage")
    door.aws.instances.add("m5.large", cluster="stage")
    launches.bridge(ecs)

    launches.run(ecs, cluster="stage")

    assert counts() == (0, 0, 0)


# ---------------------------------------------------------------------------------- tasks


@VIRTUAL
def test_a_task_on_fargate_is_pending_until_it_runs(ecs, door, prod, counts, statistics):
    launches.fargate(ecs)
    launches.run_fargate(ecs)
    seen = []

    for seconds in (0, 8, 10, 1):
        door.aws.clock.advance(seconds=seconds)
        seen.append((counts(), statistics()))

    # PROVISIONING, PENDING, ACTIVATING, RUNNING
    pending = (0, 0, 1), {"pendingFargateTasksCount": "1"}
    assert seen == [pending] * 3 + [((0, 1, 0), {"runningFargateTasksCount": "1"})]


@VIRTUAL
def test_a_task_on_an_instance_is_counted_apart(ecs, door, instances, counts, statistics):
    launches.bridge(ecs)
    launches.fargate(ecs)
    ecs.run_task(cluster="prod", taskDefinition="app", count=2)
    launches.run_fargate(ecs)
    before = counts(), statistics()

    door.aws.clock.advance(seconds=STARTS_ON_BRIDGE)

    assert before == ((2, 0, 3), {"pendingEC2TasksCount": "2", "pendingFargateTasksCount": "1"})
    assert counts() == (2, 2, 1)
    assert statistics() == {"runningEC2TasksCount": "2", "pendingFargateTasksCount": "1"}


@VIRTUAL
def test_a_task_is_running_until_its_status_is_another(ecs, door, prod, counts, statistics):
    launches.fargate(ecs)
    task = launches.run_fargate(ecs)["taskArn"]
    door.aws.clock.advance(seconds=STARTS_ON_FARGATE)
    ecs.stop_task(cluster=prod, task=task)
    asked = counts()

    door.aws.clock.advance(seconds=1)

    assert launches.shown(ecs, task)["lastStatus"] == "DEACTIVATING"
    assert (asked, counts()) == ((0, 1, 0), (0, 0, 0))
    assert statistics() == {}


def test_tasks_that_stopped_are_not_counted(ecs, instances, counts):
    launches.bridge(ecs)
    tasks = ecs.run_task(cluster="prod", taskDefinition="app", count=5)["tasks"]
    before = counts()

    for task in tasks[:3]:
        ecs.stop_task(cluster="prod", task=task["taskArn"])

    assert (before, counts()) == ((2, 5, 0), (2, 2, 0))


@VIRTUAL
def test_a_task_that_failed_to_start_is_not_counted(ecs, door, prod, counts):
    launches.fargate(ecs)
    door.aws.tasks.on_run("web", fail_to_start="CannotStartContainerError: no")
    launches.run_fargate(ecs)
    before = counts()

    door.aws.clock.advance(minutes=5)

    assert (before, counts()) == ((0, 0, 1), (0, 0, 0))


@pytest.mark.parametrize("number", range(3))
def test_the_counts_of_a_cluster_and_its_instances_agree(ecs, instances, counts, number):
    launches.bridge(ecs)
    tasks = ecs.run_task(cluster="prod", taskDefinition="app", count=7)["tasks"]
    for task in tasks[:number]:
        ecs.stop_task(cluster="prod", task=task["taskArn"])

    response = ecs.describe_container_instances(
        cluster="prod", containerInstances=[each.arn for each in instances]
    )

    running = [each["runningTasksCount"] for each in response["containerInstances"]]
    assert sum(running) == counts()[1] == 7 - number


# --------------------------------------------------------------------------- DeleteCluster


@pytest.mark.parametrize("status", ["ACTIVE", "DRAINING"])
def test_a_cluster_with_instances_is_not_deleted(ecs, instances, refused_delete, status):
    ecs.update_container_instances_state(
        cluster="prod", containerInstances=[each.arn for each in instances], status=status
    )

    answer = refused_delete()

    assert answer == INSTANCES


@VIRTUAL
@pytest.mark.parametrize(
    "seconds", [0, 8, STARTS_ON_FARGATE], ids=["PROVISIONING", "PENDING", "RUNNING"]
)
def test_a_cluster_with_a_task_is_not_deleted(ecs, door, prod, refused_delete, seconds):
    launches.fargate(ecs)
    launches.run_fargate(ecs)
    door.aws.clock.advance(seconds=seconds)

    answer = refused_delete()

    assert answer == TASKS


def test_a_cluster_whose_tasks_have_stopped_is_deleted(ecs, prod, delete):
    launches.fargate(ecs)
    ecs.stop_task(cluster=prod, task=launches.run_fargate(ecs)["taskArn"])

    cluster = delete()["cluster"]

    assert (cluster["status"], cluster["runningTasksCount"]) == ("INACTIVE", 0)


def test_a_cluster_whose_instances_are_gone_is_deleted(ecs, instances, delete):
    launches.bridge(ecs)
    launches.run(ecs)
    for instance in instances:
        ecs.deregister_container_instance(
            cluster="prod", containerInstance=instance.arn, force=True
        )

    cluster = delete()["cluster"]

    assert cluster["status"] == "INACTIVE"
    assert cluster["registeredContainerInstancesCount"] == 0


def test_a_cluster_that_is_made_again_is_empty(ecs, prod, delete, counts):
    launches.fargate(ecs)
    ecs.stop_task(cluster=prod, task=launches.run_fargate(ecs)["taskArn"])
    delete()

    ecs.create_cluster(clusterName=prod)

    assert counts() == (0, 0, 0)
    assert launches.listed(ecs, desiredStatus="STOPPED") == []
