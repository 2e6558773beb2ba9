"""What a task takes from an instance, what remains, and what it fails for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest

from tests.operations.ecs.hosts import RESERVED, Hosts, container, gpus, port, subnets

CPU, MEMORY, PORTS = "RESOURCE:CPU", "RESOURCE:MEMORY", "RESOURCE:PORTS"
GPU, ENI = "RESOURCE:GPU", "RESOURCE:ENI"
stands_still = pytest.mark.ecrmock(
    time="virtual", now=datetime(2026, 1, 2, tzinfo=timezone.utc), seed=7
)


@pytest.fixture
def hosts(door):
    return Hosts(door)


# --------------------------------------------------------------------------- cpu and memory

PLAIN, OF_TASK = {"cpu": 100, "memory": 200}, {"cpu": "256", "memory": "512"}
SIZES = {
    "of one container": (PLAIN, {}, {}, (100, 200)),
    "without cpu": ({"memory": 200}, {}, {}, (0, 200)),
    "with a reservation": (PLAIN | {"memoryReservation": 150}, {}, {}, (100, 150)),
    "of the task": (PLAIN, OF_TASK, {}, (256, 512)),
    "of the task in words": ({}, {"cpu": ".25 vCPU", "memory": "1GB"}, {}, (256, 1024)),
    "of a container's override": (
        PLAIN,
        {},
        {"containerOverrides": [{"name": "app", "cpu": 300, "memory": 400}]},
        (300, 400),
    ),
    "of the task's override": (PLAIN, OF_TASK, {"cpu": "512", "memory": "1024"}, (512, 1024)),
    "of the task in spite of a container's override": (
        PLAIN,
        OF_TASK,
        {"containerOverrides": [{"name": "app", "cpu": 120, "memory": 400}]},
        (256, 512),
    ),
}


@pytest.mark.parametrize(("members", "task", "overrides", "taken"), SIZES.values(), ids=SIZES)
def test_a_task_takes_its_size(hosts, members, task, overrides, taken):
    hosts.add("a")
    before = hosts.remaining("a")
    hosts.define({"name": "app", "image": "nginx", **members}, **task)

    hosts.run(overrides=overrides)

    after = hosts.remaining("a")
    assert (before["CPU"] - after["CPU"], before["MEMORY"] - after["MEMORY"]) == taken


def test_containers_of_a_task_take_the_sum(hosts):
    reservations = "com.amazonaws.ecs.capability.docker-remote-api.1.21"
    hosts.register("a", cpu=1000, memory=1000, attributes={reservations: "yes"})
    hosts.define(
        container("app", cpu=100, memory=300, memoryReservation=200),
        container("side", cpu=50, memory=64),
    )

    hosts.run(count=2)

    assert (hosts.remaining("a")["CPU"], hosts.remaining("a")["MEMORY"]) == (700, 472)


def test_an_instance_can_be_used_to_the_last_unit(hosts):
    hosts.register("a", cpu=300, memory=300)
    hosts.define(container(cpu=100, memory=100))

    outcome = hosts.run(count=4)

    assert outcome.placed == ["a"] * 3
    assert outcome.failures == [("a", CPU)]
    assert (hosts.remaining("a")["CPU"], hosts.remaining("a")["MEMORY"]) == (0, 0)


def test_a_task_that_needs_one_unit_more_does_not_fit(hosts):
    hosts.register("cpu", cpu=99, memory=100)
    hosts.register("memory", cpu=100, memory=99)
    hosts.define(container(cpu=100, memory=100))

    outcome = hosts.run()

    assert outcome.placed == []
    assert sorted(outcome.failures) == [("cpu", CPU), ("memory", MEMORY)]


def test_tasks_without_cpu_fit_where_none_is_left(hosts):
    hosts.register("a", cpu=100)
    hosts.define(container(cpu=100))
    hosts.run()
    hosts.define(container(), family="light")

    outcome = hosts.run("light")

    assert outcome.placed == ["a"]


# ------------------------------------------------------------------------------------- ports


@pytest.mark.parametrize("mode", ["bridge", "host"])
def test_a_fixed_port_of_the_host_is_reserved_until_the_task_has_stopped(hosts, mode):
    hosts.add("a")
    hosts.define(container(portMappings=[port(8080, 8080)]), networkMode=mode)

    arns = hosts.run().arns
    taken, refused = hosts.remaining("a")["PORTS"], hosts.run()
    hosts.stop(*arns)

    assert taken == sorted([*RESERVED, "8080"])
    assert refused.failures == [("a", PORTS)]
    assert hosts.remaining("a")["PORTS"] == RESERVED
    assert hosts.run().placed == ["a"]


def test_tcp_and_udp_ports_are_counted_apart(hosts):
    hosts.add("a")
    hosts.define(container(portMappings=[port(53, 53)]), family="tcp")
    hosts.define(container(portMappings=[port(53, 53, protocol="udp")]), family="udp")

    placed = hosts.run("tcp").placed + hosts.run("udp").placed

    assert placed == ["a", "a"]
    remaining = hosts.remaining("a")
    assert "53" in remaining["PORTS"]
    assert remaining["PORTS_UDP"] == ["53"]
    assert hosts.run("udp").failures == [("a", PORTS)]


@pytest.mark.parametrize("number", [22, 2375, 2376, 51678, 51679])
def test_ports_of_the_agent_are_taken(hosts, number):
    hosts.add("a")
    hosts.define(container(portMappings=[port(number, number)]))

    outcome = hosts.run()

    assert outcome.failures == [("a", PORTS)]


def test_a_port_that_the_agent_reserves_for_tcp_is_free_for_udp(hosts):
    hosts.add("a")
    hosts.define(container(portMappings=[port(22, 22, protocol="udp")]))

    assert hosts.run().placed == ["a"]


def test_a_container_port_of_a_host_network_is_the_port_of_the_host(hosts):
    hosts.add("a")
    hosts.define(container(portMappings=[port(8080)]), networkMode="host")

    hosts.run()

    assert "8080" in hosts.remaining("a")["PORTS"]


@pytest.mark.parametrize("mapping", [port(80), port(80, 0)], ids=["absent", "zero"])
def test_dynamic_ports_reserve_nothing_and_differ(hosts, mapping):
    hosts.add("a")
    hosts.define(container(portMappings=[mapping]))

    arns = hosts.run(count=5).arns

    assert hosts.remaining("a")["PORTS"] == RESERVED
    tasks = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    bound = [each["hostPort"] for t in tasks for each in t["containers"][0]["networkBindings"]]
    assert len(set(bound)) == 5
    assert min(bound) >= 32768


def test_a_dynamic_port_is_not_one_that_a_task_has_reserved(hosts):
    hosts.add("a")
    hosts.define(container(portMappings=[port(80, 32768), port(81, 32769)]), family="fixed")
    hosts.define(container(portMappings=[port(80)]))
    hosts.run("fixed")

    arns = hosts.run().arns

    (task,) = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    (binding,) = task["containers"][0]["networkBindings"]
    assert binding["hostPort"] not in {32768, 32769}


def test_a_task_of_awsvpc_takes_no_port_of_the_host(hosts):
    hosts.add("a")
    hosts.define(container(portMappings=[port(22)]), networkMode="awsvpc")

    outcome = hosts.run(count=2, networkConfiguration=subnets())

    assert outcome.placed == ["a", "a"]
    assert hosts.remaining("a")["PORTS"] == RESERVED


def test_a_task_with_a_fixed_port_goes_where_it_is_free(hosts):
    hosts.add_all("a", "b")
    hosts.define(container(portMappings=[port(80, 8080)]))
    hosts.start("a")

    outcome = hosts.run(count=2)

    assert outcome.placed == ["b"]
    assert sorted(outcome.failures) == [("a", PORTS), ("b", PORTS)]


# ---------------------------------------------------------------------------- gpus and enis


def test_gpus_are_taken_one_by_one_and_given_back(hosts):
    hosts.add("a", "g4dn.12xlarge")
    everything = hosts.remaining("a")["GPU"]
    hosts.define(container(resourceRequirements=gpus(3)))

    outcome = hosts.run(count=2)
    left = hosts.remaining("a")["GPU"]
    hosts.stop(*outcome.arns)

    assert len(everything) == 4
    assert outcome.placed == ["a"]
    assert outcome.failures == [("a", GPU)]
    assert len(left) == 1
    assert set(left) < set(everything)
    assert hosts.remaining("a")["GPU"] == everything


def test_a_container_is_told_which_gpus_it_has(hosts):
    hosts.add("a", "g4dn.12xlarge")
    everything = hosts.remaining("a")["GPU"]
    hosts.define(
        container("app", resourceRequirements=gpus(2)),
        container("side", resourceRequirements=gpus(1)),
    )

    arns = hosts.run().arns

    (task,) = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    app, side = (each["gpuIds"] for each in task["containers"])
    assert (len(app), len(side)) == (2, 1)
    assert sorted([*app, *side, *hosts.remaining("a")["GPU"]]) == everything


def test_an_instance_whose_gpus_are_all_taken_shows_none_of_them(hosts):
    hosts.add("a", "g4dn.xlarge")
    hosts.define(container(resourceRequirements=gpus(1)))

    hosts.run()

    assert hosts.remaining("a")["GPU"] == []


def test_tasks_with_gpus_fail_where_there_are_none(hosts):
    hosts.add("a")
    hosts.add("b", "g4dn.xlarge")
    hosts.define(container(resourceRequirements=gpus(1)))

    outcome = hosts.run(count=2)

    assert outcome.placed == ["b"]
    assert sorted(outcome.failures) == [("a", GPU), ("b", GPU)]


@pytest.mark.parametrize(("kind", "slots"), [("t3.micro", 1), ("m5.large", 2), ("m5.xlarge", 3)])
def test_a_task_of_awsvpc_needs_an_interface_besides_the_first(hosts, kind, slots):
    hosts.add("a", kind)
    hosts.define(networkMode="awsvpc")

    outcome = hosts.run(count=slots + 1, networkConfiguration=subnets())
    hosts.stop(outcome.arns[0])

    assert outcome.placed == ["a"] * slots
    assert outcome.failures == [("a", ENI)]
    assert hosts.run(networkConfiguration=subnets()).placed == ["a"]


def test_other_tasks_need_no_interface(hosts):
    hosts.add("a", "t3.micro")
    hosts.define(networkMode="awsvpc")
    hosts.run(networkConfiguration=subnets())
    hosts.define(family="bridge")

    assert hosts.run("bridge").placed == ["a"]


# ------------------------------------------------------------------------- taken and released


@stands_still
def test_resources_are_taken_at_once_and_released_when_the_task_has_stopped(hosts):
    hosts.add("a")
    before = hosts.remaining("a")
    hosts.define(container(cpu=100, memory=100, portMappings=[port(80, 8080)]))

    arns = hosts.run().arns
    placed = hosts.remaining("a")
    hosts.aws.clock.advance(seconds=60)
    hosts.stop(*arns)
    hosts.aws.clock.advance(seconds=20)
    stopping = hosts.remaining("a")
    hosts.aws.clock.advance(seconds=60)

    assert placed == before | {
        "CPU": before["CPU"] - 100,
        "MEMORY": before["MEMORY"] - 100,
        "PORTS": sorted([*RESERVED, "8080"]),
    }
    assert stopping == placed
    assert hosts.remaining("a") == before


@stands_still
def test_counts_follow_the_tasks(hosts):
    hosts.add("a")
    hosts.define()

    arns = hosts.run(count=3).arns
    assert hosts.counts("a") == (0, 3)
    hosts.aws.clock.advance(seconds=60)
    assert hosts.counts("a") == (3, 0)
    hosts.stop(arns[0])

    assert hosts.counts("a") == (2, 0)
    (cluster,) = hosts.ecs.describe_clusters()["clusters"]
    assert cluster["runningTasksCount"] in {2, 3}  # whether a stopping task counts is not said


@pytest.mark.parametrize("how", ["exits", "cannot start"])
def test_resources_of_a_task_that_ends_by_itself_are_released(hosts, how):
    hosts.add("a")
    before = hosts.remaining("a")
    hosts.define(container(cpu=100, portMappings=[port(80, 8080)]))
    failing = {"fail_to_start": "CannotStartContainerError: no such file"}
    hosts.aws.tasks.on_run("web", **({"exit_code": 1} if how == "exits" else failing))

    arns = hosts.run().arns

    (task,) = hosts.ecs.describe_tasks(tasks=arns)["tasks"]
    assert task["lastStatus"] == "STOPPED"
    assert hosts.remaining("a") == before
    assert hosts.counts("a") == (0, 0)


@stands_still
def test_the_statistics_of_a_cluster_count_tasks_on_instances(hosts):
    hosts.add("a")
    hosts.define()
    hosts.run(count=2)
    hosts.aws.clock.advance(seconds=60)
    hosts.run()

    (cluster,) = hosts.ecs.describe_clusters(include=["STATISTICS"])["clusters"]

    counts = {each["name"]: each["value"] for each in cluster["statistics"]}
    assert (counts["runningEC2TasksCount"], counts["pendingEC2TasksCount"]) == ("2", "1")
    assert (counts["runningFargateTasksCount"], counts["pendingFargateTasksCount"]) == ("0", "0")


def test_a_call_that_is_repeated_with_its_token_takes_nothing_more(hosts):
    hosts.add("a")
    hosts.define(container(cpu=100))
    first = hosts.run(clientToken="once")
    before = hosts.remaining("a")

    again = hosts.run(clientToken="once")

    assert again.arns == first.arns
    assert hosts.remaining("a") == before


def test_calls_at_the_same_time_never_take_more_than_there_is(hosts):
    hosts.register("a", memory=1000)
    hosts.define(container(memory=100))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: hosts.run(count=3), range(8)))

    assert sum(len(each.tasks) for each in outcomes) == 10
    assert hosts.remaining("a")["MEMORY"] == 0


def test_tasks_of_fargate_take_nothing_from_instances(hosts):
    hosts.add("a")
    before = hosts.show("a")
    hosts.define(networkMode="awsvpc", requiresCompatibilities=["FARGATE"], cpu="256", memory="512")

    answer = hosts.ecs.run_task(
        taskDefinition="web", launchType="FARGATE", networkConfiguration=subnets()
    )

    assert "containerInstanceArn" not in answer["tasks"][0]
    assert hosts.show("a") == before
