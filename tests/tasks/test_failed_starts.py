"""`fail_to_start`: where the text goes, what a task shows that never ran, and when."""

from __future__ import annotations

import pytest

from tests.tasks.stage import PULL_FAILURE, REGISTRY, START_FAILURE, container, side

OF_THE_TASK = [
    PULL_FAILURE,
    "ResourceInitializationError: failed to validate logger args: exit status 1",
    (
        "Unexpected EC2 error while attempting to Create Network Interface with public IP "
        "assignment enabled in subnet 'subnet-1': InsufficientFreeAddressesInSubnet"
    ),
]
OF_THE_CONTAINER = [
    START_FAILURE,
    "CannotCreateContainerError: API error (500): devmapper",
    "DockerTimeoutError: Could not transition to started; timed out after waiting 3m0s",
]


def fail(stage, text, **selector):
    """Run a task that fails to start, and describe it when it has stopped."""
    stage.aws.tasks.on_run("worker", fail_to_start=text, **selector)
    return stage.until(stage.run(), "STOPPED")


@pytest.mark.parametrize("text", OF_THE_TASK, ids=["pull", "resources", "network"])
def test_on_fargate_a_cause_of_the_task_is_in_its_stopped_reason(text, stage):
    stage.define()

    task = fail(stage, text)

    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", text)
    assert "reason" not in task["containers"][0]


@pytest.mark.parametrize("text", OF_THE_CONTAINER, ids=["start", "create", "time-out"])
def test_on_fargate_a_cause_of_a_container_is_with_the_container(text, stage):
    stage.define()

    task = fail(stage, text)

    assert (task["stopCode"], task["stoppedReason"]) == (
        "TaskFailedToStart",
        "Task failed to start",
    )
    assert task["containers"][0]["reason"] == text


@pytest.mark.parametrize("text", [PULL_FAILURE, *OF_THE_CONTAINER])
def test_on_an_instance_the_cause_is_always_with_the_container(text, on_ec2):
    on_ec2.define()

    task = fail(on_ec2, text)

    assert (task["stopCode"], task["stoppedReason"]) == (
        "TaskFailedToStart",
        "Task failed to start",
    )
    assert task["containers"][0]["reason"] == text


def test_a_cause_that_aws_writes_without_a_colon_is_accepted(stage):
    stage.define()

    task = fail(stage, "Timeout waiting for network interface provisioning to complete.")

    assert task["stoppedReason"] == (
        "Timeout waiting for network interface provisioning to complete."
    )


@pytest.mark.parametrize("text", [PULL_FAILURE, START_FAILURE], ids=["pull", "start"])
def test_a_task_that_never_ran_shows_no_start_and_no_exit_code(text, either):
    either.define()

    task = fail(either, text)

    assert "startedAt" not in task
    assert {"pullStartedAt", "pullStoppedAt", "executionStoppedAt", "stoppingAt"} < set(task)
    assert "exitCode" not in task["containers"][0]
    assert task["containers"][0]["lastStatus"] == "STOPPED"
    assert task["healthStatus"] == "UNKNOWN"


def test_on_fargate_a_failed_start_has_five_versions(stage):
    stage.define()

    task = fail(stage, PULL_FAILURE)

    assert stage.story(task["taskArn"]) == [
        (1, "PROVISIONING", "RUNNING"),
        (2, "PENDING", "RUNNING"),
        (3, "STOPPING", "STOPPED"),
        (4, "DEPROVISIONING", "STOPPED"),
        (5, "STOPPED", "STOPPED"),
    ]
    since = task["createdAt"]
    assert [
        round((task[each] - since).total_seconds())
        for each in ("executionStoppedAt", "stoppingAt", "stoppedAt")
    ] in ([18, 28, 48], [19, 29, 49])


def test_on_an_instance_a_failed_start_ends_a_second_later(on_ec2):
    on_ec2.define()

    task = fail(on_ec2, PULL_FAILURE)

    assert task["stoppingAt"] == task["executionStoppedAt"]
    assert (task["stoppedAt"] - task["stoppingAt"]).total_seconds() == pytest.approx(1, abs=0.01)
    assert on_ec2.story(task["taskArn"])[-1] == (3, "STOPPED", "STOPPED")


def test_a_long_reason_is_cut_to_what_aws_shows(on_ec2):
    on_ec2.define()

    task = fail(on_ec2, "CannotStartContainerError: " + "x" * 2000)

    assert len(task["containers"][0]["reason"]) == 1024


def test_the_other_containers_stop_without_ever_having_run(either):
    either.define(container(), container("other"), side())

    task = fail(either, START_FAILURE, container="app")

    assert either.exit_codes(task["taskArn"]) == {"app": None, "other": None, "side": None}
    assert {one["name"] for one in task["containers"] if "reason" in one} == {"app"}


def test_the_resources_of_a_failed_start_are_free_again(on_ec2):
    on_ec2.define(container(memory=7000))
    on_ec2.aws.tasks.on_run("worker", sequence=[{"fail_to_start": START_FAILURE}, {}])
    on_ec2.until(on_ec2.run(), "STOPPED")

    arn = on_ec2.run()

    assert on_ec2.until(arn, "RUNNING")["lastStatus"] == "RUNNING"


def test_a_failed_start_in_instant_is_over_when_run_task_returns(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", fail_to_start=PULL_FAILURE)

    arn = instant.run()

    assert instant.task(arn)["stoppedReason"] == PULL_FAILURE
    assert instant.task(arn)["lastStatus"] == "STOPPED"


def test_a_pull_failure_leaves_no_digest(either):
    pushed = either.aws.images.push("app", tag="v1")
    either.define(container(image=pushed.uri))

    task = fail(either, PULL_FAILURE)

    assert "imageDigest" not in task["containers"][0]
    assert "runtimeId" not in task["containers"][0]


def run_with_a_side_that_fails(stage, script=None, image="nginx"):
    """Run a task of an essential container and one that is not, which fails; describe both."""
    stage.define(container(), side(image=image))
    if script is not None:
        stage.aws.tasks.on_run("worker", container="side", fail_to_start=script)
    arn = stage.run()
    stage.aws.clock.advance(minutes=2)
    return stage.task(arn)["lastStatus"], stage.statuses(arn), stage.container(arn, "side")


def test_on_an_instance_a_task_runs_on_without_a_container_that_was_not_pulled(on_ec2):
    on_ec2.aws.images.push("app", tag="v1")

    status, statuses, failed = run_with_a_side_that_fails(on_ec2, image=f"{REGISTRY}/app:v2")

    assert (status, statuses) == ("RUNNING", {"app": "RUNNING", "side": "STOPPED"})
    assert failed["reason"].startswith("CannotPull")
    assert "exitCode" not in failed


@pytest.mark.parametrize("text", [PULL_FAILURE, START_FAILURE], ids=["pull", "start"])
def test_on_an_instance_a_task_runs_on_without_a_container_that_is_told_to_fail(text, on_ec2):
    status, statuses, failed = run_with_a_side_that_fails(on_ec2, script=text)

    assert (status, statuses) == ("RUNNING", {"app": "RUNNING", "side": "STOPPED"})
    assert failed["reason"] == text
