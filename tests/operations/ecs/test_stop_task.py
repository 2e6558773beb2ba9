"""StopTask: what it answers, what comes after, what it refuses."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import LENGTH, NOBODY, SEPARATORS, VIRTUAL

ARN = "arn:aws:ecs:us-east-1:123456789012"
STOPPING = {"stopCode", "stoppedReason", "stoppingAt"}


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def start(ecs, instance):
    """Run a task in bridge mode; return its ARN."""
    launches.bridge(ecs)
    return lambda **options: launches.run(ecs, **options)["taskArn"]


@pytest.fixture
def task(door, start) -> str:
    """The ARN of a task that runs, in a world that takes its time."""
    arn = start()
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)
    return arn


@pytest.fixture
def fargate_task(ecs, door, prod) -> str:
    launches.fargate(ecs)
    arn = launches.run_fargate(ecs)["taskArn"]
    door.aws.clock.advance(seconds=launches.STARTS_ON_FARGATE)
    return arn


@pytest.fixture
def stop(ecs):
    return lambda task, **options: ecs.stop_task(cluster="prod", task=task, **options)["task"]


@pytest.fixture
def refused_stop(ecs, door, unchecked, refusal):
    """Stop what is refused; return the refusal."""
    stop = partial(unchecked.stop_task, cluster="prod")
    return partial(launches.refused, ecs, door.aws, refusal, stop)


# --------------------------------------------------------------------------- the answer


@VIRTUAL
def test_the_answer_is_the_running_task_with_the_wish_to_stop_it(ecs, door, task):
    before = launches.shown(ecs, task)
    asked = door.aws.clock.now

    response = ecs.stop_task(cluster="prod", task=task)

    found = response.pop("task")
    stopping = {name: found.pop(name) for name in STOPPING}
    assert set(response) == {"ResponseMetadata"}
    assert asked <= stopping.pop("stoppingAt") < asked + timedelta(seconds=1)
    assert stopping == {"stopCode": "UserInitiated", "stoppedReason": "Task stopped by user"}
    assert found == before | {"desiredStatus": "STOPPED", "version": before["version"] + 1}


@pytest.mark.parametrize("reason", ["deploy 17", "\u00e9\u4e2d\U0001f600 'q\" \\n\n", "a" * 255])
def test_a_reason_is_kept_to_the_letter(ecs, start, stop, reason):
    task = start()

    stop(task, reason=reason)

    found = launches.shown(ecs, task)
    assert (found["stoppedReason"], found["stopCode"]) == (reason, "UserInitiated")


def test_the_answer_shows_what_was_before_though_all_is_over(ecs, start, stop):
    task = start()

    answered = stop(task)

    assert (answered["lastStatus"], answered["desiredStatus"]) == ("RUNNING", "STOPPED")
    assert "stoppedAt" not in answered
    assert launches.shown(ecs, task)["lastStatus"] == "STOPPED"


@pytest.mark.parametrize("form", ["{id}", "{arn}", ARN + ":task/{id}"], ids=["id", "ARN", "short"])
def test_a_task_is_named_by_id_or_arn(start, stop, form):
    task = start()

    answered = stop(form.format(id=task[-32:], arn=task))

    assert answered["taskArn"] == task


# ------------------------------------------------------------------------ what comes after


@VIRTUAL
def test_a_stopped_task_on_an_instance_keeps_what_it_was(ecs, door, task, stop):
    before = launches.shown(ecs, task)
    stopping_at = stop(task)["stoppingAt"]

    door.aws.clock.advance(seconds=launches.STOPS_ON_BRIDGE)

    found = launches.shown(ecs, task)
    assert set(found) - set(before) == STOPPING | {"executionStoppedAt", "stoppedAt"}
    assert set(before) <= set(found)
    assert (found["lastStatus"], found["desiredStatus"]) == ("STOPPED", "STOPPED")
    assert found["stoppingAt"] == stopping_at < found["executionStoppedAt"] < found["stoppedAt"]
    (container,) = found["containers"]
    assert container == before["containers"][0] | {"lastStatus": "STOPPED", "exitCode": 137}


@VIRTUAL
def test_a_stopped_task_on_fargate_has_given_its_network_interface_back(
    ecs, door, fargate_task, stop
):
    before = launches.shown(ecs, fargate_task)
    stop(fargate_task)

    door.aws.clock.advance(seconds=launches.STOPS_ON_FARGATE)

    found = launches.shown(ecs, fargate_task)
    assert (found["lastStatus"], found["version"]) == ("STOPPED", before["version"] + 3)
    assert found["attachments"] == [before["attachments"][0] | {"status": "DELETED"}]
    for member in ("connectivity", "connectivityAt", "startedAt", "pullStoppedAt"):
        assert found[member] == before[member]


@VIRTUAL
def test_a_task_that_never_ran_stops_without_having_executed(ecs, door, prod, stop):
    launches.fargate(ecs)
    task = launches.run_fargate(ecs)["taskArn"]

    answered = stop(task, reason="changed my mind")
    door.aws.clock.advance(minutes=2)

    found = launches.shown(ecs, task)
    assert answered["lastStatus"] == "PROVISIONING"
    assert (found["lastStatus"], found["stoppedReason"]) == ("STOPPED", "changed my mind")
    assert not {"startedAt", "executionStoppedAt"} & set(found)
    assert "exitCode" not in found["containers"][0]


@VIRTUAL
@pytest.mark.parametrize("seconds", [0, 20, launches.STOPS_ON_BRIDGE], ids=str)
def test_a_second_stop_changes_nothing(ecs, door, task, stop, seconds):
    stop(task, reason="first")
    door.aws.clock.advance(seconds=seconds)
    before = launches.picture(ecs, door.aws)

    answered = stop(task, reason="second")

    assert answered["stoppedReason"] == "first"
    assert launches.picture(ecs, door.aws) == before
    assert answered == launches.shown(ecs, task)


@VIRTUAL
def test_a_stopped_task_leaves_its_room(ecs, door, instance, stop):
    port = {"containerPort": 80, "hostPort": 80}
    launches.bridge(ecs, containerDefinitions=[launches.container(portMappings=[port])])
    first = launches.run(ecs)["taskArn"]
    full = ecs.run_task(cluster="prod", taskDefinition="app")
    stop(first)
    door.aws.clock.advance(minutes=1)

    second = launches.run(ecs)

    assert full["failures"] == [{"arn": instance.arn, "reason": "RESOURCE:PORTS"}]
    assert second["containerInstanceArn"] == instance.arn


# ------------------------------------------------------------------------------- refusals


@VIRTUAL
def test_a_task_that_stopped_more_than_an_hour_ago_is_not_found(door, task, stop, refused_stop):
    stop(task)
    door.aws.clock.advance(hours=1, seconds=launches.STOPS_ON_BRIDGE + 1)

    answer = refused_stop(task=task)

    assert answer == ("InvalidParameterException", "The referenced task was not found.")


@pytest.mark.parametrize(
    ("identifier", "message"),
    [
        ("", LENGTH),
        ("None", LENGTH),
        (NOBODY[:-1], LENGTH),
        ("x" * 100_000, LENGTH),
        (f"{ARN}:task/prod/1", LENGTH),
        ("prod/" + NOBODY, SEPARATORS),
        (NOBODY + "\r", SEPARATORS),
        (f"{ARN}:task/prod/web/{NOBODY}", SEPARATORS),
        (f"{ARN}:container-instance/prod/{NOBODY}", SEPARATORS),
        (f"arn:aws:ecs:eu-west-1:123456789012:task/prod/{NOBODY}", "Invalid Region in ARN"),
        (
            f"{ARN}:task/stage/{NOBODY}",
            "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
        ),
        (NOBODY.upper(), "The referenced task was not found."),
        ("\u00e9" * 32, "The referenced task was not found."),
    ],
    ids=[
        "empty",
        "None",
        "31 characters",
        "huge",
        "short id in ARN",
        "slash",
        "carriage return",
        "slashes in ARN",
        "an instance",
        "region",
        "cluster",
        "unknown",
        "not ASCII",
    ],
)
def test_what_is_no_task_is_refused(start, refused_stop, identifier, message):
    start()

    answer = refused_stop(task=identifier)

    assert answer == ("InvalidParameterException", message)


def test_a_task_of_another_account_is_refused(start, refused_stop, other_account):
    arn = start().replace("123456789012", other_account)

    answer = refused_stop(task=arn)

    # AWS was seen with and without `Invalid identifier: ` before it.
    assert answer.code == "InvalidParameterException"
    assert answer.message.removeprefix("Invalid identifier: ") == (
        f"Identifier is for {other_account}. Your accountId is 123456789012"
    )


def test_a_cluster_that_is_not_there_is_refused(start, refused_stop):
    task = start()

    answer = refused_stop(cluster="none", task=task[-32:])

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


def test_an_inactive_cluster_is_refused(start, refused_stop, inactive):
    start()

    answer = refused_stop(cluster=inactive, task=NOBODY)

    assert answer.code == "ClusterNotFoundException"


def test_a_long_arn_is_not_of_the_default_cluster(ecs, start, refused_stop):
    task = start()
    ecs.create_cluster()

    answer = refused_stop(cluster=None, task=task)

    assert answer.message == (
        "Invalid identifier: Identifier is for cluster prod. Your cluster is default"
    )


@pytest.mark.parametrize("parameters", [{"task": 5}, {"task": ["a"]}, {"reason": {}}], ids=str)
def test_a_member_of_another_type_is_refused(start, refused_stop, parameters):
    task = start()

    answer = refused_stop(**{"task": task} | parameters)

    assert answer.code == "SerializationException"
