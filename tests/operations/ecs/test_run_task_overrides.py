"""RunTask with overrides: what is shown of them, what they change, what is refused."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import SUBNETS

ROLE = "arn:aws:iam::123456789012:role/job"
EVERYTHING = {
    "name": "side",
    "command": ["python", "-m", "job"],
    "environment": [{"name": "B", "value": "2"}, {"name": "A", "value": ""}],
    "environmentFiles": [{"value": "arn:aws:s3:::bucket/app.env", "type": "s3"}],
    "cpu": 128,
    "memory": 256,
    "memoryReservation": 192,
}


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def two(ecs, instance) -> str:
    """The ARN of a definition of two containers."""
    environment = [{"name": "A", "value": "1"}]
    app = launches.container("app", cpu=64, environment=environment)
    return launches.bridge(ecs, containerDefinitions=[app, launches.container("side")])


@pytest.fixture
def web(ecs, prod) -> str:
    return launches.fargate(ecs)


@pytest.fixture
def run(ecs):
    """Run a task with overrides; return it."""
    return lambda **overrides: launches.run(ecs, overrides=overrides)


@pytest.fixture
def run_fargate(ecs):
    return lambda **overrides: launches.run_fargate(ecs, overrides=overrides)


@pytest.fixture
def send(unchecked):
    """Send overrides that botocore would not."""
    return lambda overrides: unchecked.run_task(
        cluster="prod", taskDefinition="app", overrides=overrides
    )


def remaining(ecs, instance) -> dict[str, int]:
    """Return the numbers of what is left on an instance."""
    response = ecs.describe_container_instances(cluster="prod", containerInstances=[instance.arn])
    (found,) = response["containerInstances"]
    return {
        each["name"]: each["integerValue"]
        for each in found["remainingResources"]
        if each["name"] in ("CPU", "MEMORY")
    }


# --------------------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    "overrides",
    [{}, {"containerOverrides": []}, {"containerOverrides": [{"name": "side"}]}],
    ids=["empty", "no containers", "a name alone"],
)
def test_overrides_list_every_container_though_nothing_is_overridden(two, run, overrides):
    task = run(**overrides)

    assert task["overrides"] == {
        "containerOverrides": [{"name": "app"}, {"name": "side"}],
        "inferenceAcceleratorOverrides": [],
    }


def test_what_is_overridden_in_a_container_is_shown_as_it_was_sent(ecs, two, run):
    task = run(containerOverrides=[EVERYTHING])

    expected = {
        "containerOverrides": [{"name": "app"}, EVERYTHING],
        "inferenceAcceleratorOverrides": [],
    }
    assert task["overrides"] == expected
    assert launches.shown(ecs, task["taskArn"])["overrides"] == expected


def test_what_is_overridden_in_the_task_is_shown_as_it_was_sent(two, run):
    overrides = {"cpu": "512", "memory": "1024", "taskRoleArn": ROLE, "executionRoleArn": ROLE}

    task = run(**overrides)

    assert task["overrides"] == overrides | {
        "containerOverrides": [{"name": "app"}, {"name": "side"}],
        "inferenceAcceleratorOverrides": [],
    }


def test_an_environment_is_not_merged_into_what_is_shown(ecs, two, run):
    override = {"name": "app", "environment": [{"name": "B", "value": "2"}]}

    task = run(containerOverrides=[override])

    assert task["overrides"]["containerOverrides"][0] == override
    definition = ecs.describe_task_definition(taskDefinition="app")["taskDefinition"]
    assert definition["containerDefinitions"][0]["environment"] == [{"name": "A", "value": "1"}]


def test_overrides_end_with_their_task(ecs, two, run):
    run(cpu="512", containerOverrides=[EVERYTHING])

    task = launches.run(ecs)

    assert task["overrides"]["containerOverrides"] == [{"name": "app"}, {"name": "side"}]
    assert (task["cpu"], task["memory"]) == ("64", "256")


def test_texts_of_any_kind_come_back_as_they_were_sent(ecs, two, run):
    value = "\u00e9\u4e2d\U0001f600 \t\n\x01\x7f\u2028 'quote\" \\ {}"
    override = {
        "name": "app",
        "command": ["sh", "-c", value, ""],
        "environment": [{"name": "TEXT", "value": value}],
    }

    task = launches.shown(ecs, run(containerOverrides=[override])["taskArn"])

    assert task["overrides"]["containerOverrides"][0] == override


# -------------------------------------------------------------------------- what they change


def test_a_container_has_the_size_that_overrides_it(two, run):
    task = run(containerOverrides=[EVERYTHING])

    app, side = task["containers"]
    assert (app["cpu"], app["memory"]) == ("64", "128")
    assert (side["cpu"], side["memory"], side["memoryReservation"]) == ("128", "256", "192")
    assert task["cpu"] == "192"


def test_an_instance_reserves_the_size_of_the_override(ecs, instance, two, run):
    before = remaining(ecs, instance)

    run(cpu="1024", memory="2048")

    after = remaining(ecs, instance)
    assert before["CPU"] - after["CPU"] == 1024
    assert before["MEMORY"] - after["MEMORY"] == 2048


@pytest.mark.parametrize("size", [{"cpu": -1024}, {"memory": -4096}], ids=str)
def test_no_override_gives_an_instance_more_than_it_has(ecs, instance, two, send, size):
    before = remaining(ecs, instance)

    with suppress(ecs.exceptions.ClientError):
        send({"containerOverrides": [{"name": "app"} | size]})

    after = remaining(ecs, instance)
    assert all(after[name] <= before[name] for name in before)


@pytest.mark.parametrize(
    ("overrides", "size"),
    [
        ({"cpu": "512", "memory": "1024"}, ("512", "1024")),
        ({"cpu": "1 vCPU", "memory": "2 GB"}, ("1024", "2048")),
        ({"memory": "1024"}, ("256", "1024")),
    ],
    ids=["units", "vCPU and GB", "memory alone"],
)
def test_a_task_on_fargate_has_the_size_that_overrides_it(web, run_fargate, overrides, size):
    task = run_fargate(**overrides)

    assert (task["cpu"], task["memory"]) == size


def test_ephemeral_storage_is_overridden(web, run_fargate):
    task = run_fargate(ephemeralStorage={"sizeInGiB": 100})

    assert task["ephemeralStorage"] == task["fargateEphemeralStorage"] == {"sizeInGiB": 100}
    assert task["overrides"]["ephemeralStorage"] == {"sizeInGiB": 100}


def test_overrides_below_the_limit_are_taken(two, run):
    override = {"name": "app", "environment": [{"name": "A", "value": "x" * 8000}]}

    task = run(containerOverrides=[override])

    assert task["overrides"]["containerOverrides"][0] == override


# ------------------------------------------------------------------------- what is refused


@pytest.fixture
def refused(ecs, door, refusal):
    return partial(launches.refused, ecs, door.aws, refusal)


@pytest.fixture
def refused_fargate(ecs, refused):
    """Run with overrides that are refused; return the refusal."""
    run = partial(ecs.run_task, cluster="prod", taskDefinition="web", launchType="FARGATE")
    return lambda **overrides: refused(run, networkConfiguration=SUBNETS, overrides=overrides)


@pytest.mark.parametrize(
    ("overrides", "size"),
    [
        ({"cpu": "512"}, "512 CPU, 512 memory"),
        ({"memory": "4096"}, "256 CPU, 4096 memory"),
        ({"cpu": "300", "memory": "1024"}, "300 CPU, 1024 memory"),
    ],
    ids=["cpu alone", "memory alone", "between sizes"],
)
def test_fargate_refuses_a_size_that_it_does_not_have(web, refused_fargate, overrides, size):
    refused = refused_fargate(**overrides)

    # The text is that of RegisterTaskDefinition.
    assert refused.code in {"InvalidParameterException", "ClientException"}
    assert refused.message.startswith(f"No Fargate configuration exists for given values: {size}.")


@pytest.mark.parametrize("overrides", [{"cpu": "much"}, {"memory": "1 TB?"}, {"cpu": "\x00"}])
def test_a_size_that_is_no_number_is_refused(web, refused_fargate, overrides):
    refused = refused_fargate(**overrides)

    assert refused.code in {"InvalidParameterException", "ClientException"}
    assert refused.message == f"Invalid '{next(iter(overrides))}' setting for task."


@pytest.mark.parametrize("size", [-1, 0, 20, 201])
def test_ephemeral_storage_has_bounds(web, refused_fargate, size):
    refused = refused_fargate(ephemeralStorage={"sizeInGiB": size})

    assert refused.code in {"InvalidParameterException", "ClientException"}


@pytest.mark.parametrize("role", ["taskRoleArn", "executionRoleArn"])
def test_a_role_that_ecs_cannot_assume_is_refused(door, web, refused_fargate, role):
    arn = door.aws.iam.role("builder", policies=[], trust="ec2.amazonaws.com").arn

    refused = refused_fargate(**{role: arn})

    assert refused.code == "ClientException"
    assert refused.message.startswith(
        f"ECS was unable to assume the role '{arn}' that was provided for this task."
    )


@pytest.mark.parametrize(
    "override",
    [{"command": ["true"]}, {"name": "", "command": ["true"]}, {"name": "APP"}, {"name": "app "}],
    ids=["no name", "empty name", "other case", "trailing space"],
)
def test_an_override_names_a_container_of_the_definition(two, send, refused, override):
    answer = refused(send, overrides={"containerOverrides": [{"name": "app"}, override]})

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "overrides",
    [
        {"cpu": 512},
        {"containerOverrides": [{"name": 5}]},
        {"containerOverrides": [{"name": "app", "cpu": "64"}]},
        {"containerOverrides": [{"name": "app", "cpu": 1.5}]},
        {"containerOverrides": [{"name": "app", "memory": True}]},
        {"containerOverrides": [{"name": "app", "memory": 2**40}]},
        {"containerOverrides": [{"name": "app", "command": [None]}]},
        {"containerOverrides": [{"name": "app", "environment": [{"name": [], "value": "x"}]}]},
        {"ephemeralStorage": {"sizeInGiB": "30"}},
    ],
    ids=str,
)
def test_a_member_of_another_type_is_refused(two, send, refused, overrides):
    answer = refused(send, overrides=overrides)

    assert answer.code == "SerializationException"
