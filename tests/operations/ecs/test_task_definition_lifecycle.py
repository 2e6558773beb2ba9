"""Task definitions after their registration: described, deregistered, deleted."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial

import pytest

from tests.operations.ecs import revisions

UNKNOWN = ("ClientException", "Unable to describe task definition.")
ACTIVE = (
    "The specified task definition is still in ACTIVE status. Please deregister the target and "
    "try again."
)
INVALID = (
    "The specified task definition identifier is invalid. Specify a valid name or ARN and try "
    "again."
)
MISSING = (
    "The specified task definition does not exist. Specify a valid account, family, revision and "
    "try again."
)
TAGS = [{"key": "team", "value": "a"}]

still = pytest.mark.ecrmock(time="virtual", now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc))


@pytest.fixture
def arn_of(account):
    """Return the ARN of a revision, given as `family:revision`, in us-east-1."""

    def arn_of(name: str) -> str:
        return f"arn:aws:ecs:us-east-1:{account}:task-definition/{name}"

    return arn_of


@pytest.fixture
def register(ecs):
    return partial(revisions.register, ecs)


@pytest.fixture
def deregister(ecs):
    return partial(revisions.deregister, ecs)


@pytest.fixture
def listed(ecs):
    return partial(revisions.listed, ecs)


# ------------------------------------------------------------------------------ described


@pytest.mark.parametrize(
    ("name", "revision"),
    [
        ("app", 2),
        ("app:1", 1),
        ("app:2", 2),
        ("arn:aws:ecs:us-east-1:123456789012:task-definition/app:1", 1),
        ("arn:aws:ecs:us-east-1:123456789012:task-definition/app", 2),
    ],
)
def test_a_definition_is_found_by_family_revision_and_arn(ecs, register, name, revision):
    register("app", "app", "app-2")

    response = ecs.describe_task_definition(taskDefinition=name)

    assert response["taskDefinition"]["family"] == "app"
    assert response["taskDefinition"]["revision"] == revision


def test_a_definition_is_described_as_its_registration_answered(ecs, register):
    registered = register("app", cpu="1 vCPU", networkMode="awsvpc")

    response = ecs.describe_task_definition(taskDefinition="app:1")

    response.pop("ResponseMetadata")
    assert response == {"taskDefinition": registered, "tags": []}


def test_tags_are_shown_when_they_are_asked_for(ecs, register):
    register("app", tags=TAGS)

    plain = ecs.describe_task_definition(taskDefinition="app")
    full = ecs.describe_task_definition(taskDefinition="app", include=["TAGS"])

    assert plain["tags"] == []
    assert full["tags"] == TAGS


@pytest.mark.parametrize("name", ["ghost", "ghost:1", "app:3", "gone"])
def test_a_definition_that_is_not_there_cannot_be_described(
    ecs, register, deregister, refusal, name
):
    register("app", "app", "gone")
    deregister("gone:1")

    refused = refusal(ecs.describe_task_definition, taskDefinition=name)

    assert refused == UNKNOWN


def test_a_definition_is_not_found_from_another_region_or_account(
    door, register, refusal, other_account
):
    register("app")
    strangers = [
        door.client("ecs", region_name="eu-west-1"),
        door.client("ecs", account_id=other_account),
    ]

    refused = [refusal(each.describe_task_definition, taskDefinition="app") for each in strangers]

    assert refused == [UNKNOWN] * 2


def test_a_family_stands_for_its_latest_revision_that_is_active(ecs, register, deregister):
    register("app", "app", "app")
    deregister("app:3")

    family = ecs.describe_task_definition(taskDefinition="app")["taskDefinition"]
    exact = ecs.describe_task_definition(taskDefinition="app:3")["taskDefinition"]

    assert (family["revision"], family["status"]) == (2, "ACTIVE")
    assert (exact["revision"], exact["status"]) == (3, "INACTIVE")


# ----------------------------------------------------------------------------- deregistered


@still
def test_deregister_answers_the_whole_definition_as_inactive(door, ecs, register):
    registered = register("app", tags=TAGS)

    response = ecs.deregister_task_definition(taskDefinition="app:1")

    response.pop("ResponseMetadata")
    now = door.aws.clock.now
    assert response == {
        "taskDefinition": registered | {"status": "INACTIVE", "deregisteredAt": now}
    }


def test_an_inactive_definition_keeps_its_tags(ecs, register, deregister):
    register("app", tags=TAGS)

    deregister("app:1")

    shown = ecs.describe_task_definition(taskDefinition="app:1", include=["TAGS"])
    assert shown["tags"] == TAGS


def test_deregister_takes_an_arn(ecs, register, deregister):
    arn = register("app")["taskDefinitionArn"]

    assert deregister(arn)["status"] == "INACTIVE"


def test_a_definition_can_be_deregistered_twice(register, deregister):
    register("app")

    answers = deregister("app:1"), deregister("app:1")

    assert [each["status"] for each in answers] == ["INACTIVE", "INACTIVE"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app", ("ClientException", "Revision is missing.")),
        ("app:foo", ("InvalidParameterException", "Invalid revision number. Number: foo")),
        ("app:2", UNKNOWN),
        ("ghost:1", UNKNOWN),
    ],
)
def test_deregister_refuses_what_is_no_revision(ecs, register, refusal, name, expected):
    register("app")

    refused = refusal(ecs.deregister_task_definition, taskDefinition=name)

    assert refused == expected
    assert ecs.describe_task_definition(taskDefinition="app:1")["taskDefinition"]["status"] == (
        "ACTIVE"
    )


# --------------------------------------------------------------------------------- deleted


@still
def test_delete_answers_each_definition_as_being_deleted(door, ecs, register, deregister):
    register("app", "app")
    inactive = deregister("app:1")

    response = ecs.delete_task_definitions(taskDefinitions=["app:1"])

    response.pop("ResponseMetadata")
    now = door.aws.clock.now
    gone = inactive | {"status": "DELETE_IN_PROGRESS", "deleteRequestedAt": now}
    assert response == {"taskDefinitions": [gone], "failures": []}


def test_a_deleted_definition_that_nothing_uses_is_gone(ecs, register, listed, refusal):
    register("app", "app")

    revisions.remove(ecs, "app:1")

    assert refusal(ecs.describe_task_definition, taskDefinition="app:1") == UNKNOWN
    assert listed() == ["app:2"]
    assert listed(status="INACTIVE") == []
    assert listed(status="DELETE_IN_PROGRESS") == []


@still
def test_a_deleted_definition_stays_as_long_as_a_task_runs_it(door, ecs, register, refusal):
    register("app")
    ecs.create_cluster(clusterName="prod")
    door.aws.instances.add("m5.large", cluster="prod")
    (task,) = ecs.run_task(cluster="prod", taskDefinition="app")["tasks"]
    revisions.remove(ecs, "app:1")

    kept = ecs.describe_task_definition(taskDefinition="app:1")["taskDefinition"]
    meanwhile = revisions.listed(ecs, status="DELETE_IN_PROGRESS"), revisions.families(ecs)
    ecs.stop_task(cluster="prod", task=task["taskArn"])
    door.aws.clock.advance(minutes=10)

    assert kept["status"] == "DELETE_IN_PROGRESS"
    assert meanwhile == (["app:1"], ["app"])
    assert refusal(ecs.describe_task_definition, taskDefinition="app:1") == UNKNOWN
    assert revisions.families(ecs) == []


def test_delete_tells_of_each_definition_whether_it_could(ecs, register, deregister, arn_of):
    register("app", "app")
    deregister("app:1")
    names = ["app:1", "app:2", "app", arn_of("ghost:1")]

    response = ecs.delete_task_definitions(taskDefinitions=names)

    assert [each["revision"] for each in response["taskDefinitions"]] == [1]
    assert [(each["arn"], each["reason"]) for each in response["failures"]] == [
        (
            "app:2",
            ACTIVE,
        ),
        (
            "app",
            INVALID,
        ),
        (
            arn_of("ghost:1"),
            MISSING,
        ),
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "size of TaskDefinition references list must be greater than 0"),
        (11, "Size of TaskDefinition references list cannot exceed 10"),
    ],
)
def test_delete_takes_one_to_ten_definitions(unchecked, refusal, number, text):
    names = [f"app:{revision}" for revision in range(1, number + 1)]

    refused = refusal(unchecked.delete_task_definitions, taskDefinitions=names)

    assert refused == ("InvalidParameterException", text)
