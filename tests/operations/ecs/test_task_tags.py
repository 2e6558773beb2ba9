"""Tags of tasks, task definitions and container instances: given, copied, managed, gone."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import NOBODY, VIRTUAL

ARN = "arn:aws:ecs:us-east-1:123456789012"
MANAGED = {"key": "aws:ecs:clusterName", "value": "prod"}
FIFTY = {f"key-{number}": "x" for number in range(50)}


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs.items()]


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def app(ecs, instance) -> str:
    """The ARN of a definition with tags."""
    return launches.bridge(ecs, tags=tags(team="a", stage="dev"))


@pytest.fixture
def run(ecs, app):
    return lambda **options: launches.run(ecs, **options)["taskArn"]


@pytest.fixture(params=["task", "definition", "instance"])
def resource(request, run, app, instance) -> str:
    """The ARN of a task, a definition and an instance, each without tags."""
    if request.param == "task":
        return run()
    if request.param == "instance":
        return instance.arn
    return request.getfixturevalue("plain_definition")


@pytest.fixture
def plain_definition(ecs) -> str:
    return launches.bridge(ecs, family="plain")


@pytest.fixture
def kept(ecs):
    """Return the tags that ListTagsForResource shows."""

    def kept(arn: str) -> dict[str, str]:
        found = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert len({tag["key"] for tag in found}) == len(found)
        return {tag["key"]: tag["value"] for tag in found}

    return kept


@pytest.fixture
def seen(ecs):
    """Return the tags that the Describe operation of a resource shows."""

    def seen(arn: str, *include: str) -> list[dict[str, str]]:
        if ":task/" in arn:
            return launches.shown(ecs, arn, *include)["tags"]
        if ":task-definition/" in arn:
            response = ecs.describe_task_definition(taskDefinition=arn, include=list(include))
            return response["tags"]
        response = ecs.describe_container_instances(
            cluster="prod", containerInstances=[arn], include=list(include)
        )
        return response["containerInstances"][0]["tags"]

    return seen


@pytest.fixture
def refused(ecs, door, refusal):
    return partial(launches.refused, ecs, door.aws, refusal)


# --------------------------------------------------------------- given when a task is made


def test_tags_of_a_request_are_those_of_each_task(ecs, app, kept):
    response = ecs.run_task(
        cluster="prod", taskDefinition="app", count=3, tags=tags(owner="me", empty="")
    )

    for task in response["tasks"]:
        assert task["tags"] == tags(owner="me", empty="")
        assert kept(task["taskArn"]) == {"owner": "me", "empty": ""}


@pytest.mark.parametrize("options", [{}, {"propagateTags": "NONE"}], ids=["absent", "none"])
def test_tags_of_the_definition_are_not_copied_unless_that_is_asked_for(run, kept, options):
    task = run(**options)

    assert kept(task) == {}


def test_tags_of_the_definition_are_copied(run, kept):
    task = run(propagateTags="TASK_DEFINITION")

    assert kept(task) == {"team": "a", "stage": "dev"}


def test_a_tag_of_the_request_wins_over_one_that_is_copied(run, kept):
    task = run(propagateTags="TASK_DEFINITION", tags=tags(stage="prod", owner="me"))

    assert kept(task) == {"team": "a", "stage": "prod", "owner": "me"}


def test_a_copy_does_not_follow_the_definition(ecs, app, run, kept):
    task = run(propagateTags="TASK_DEFINITION")

    ecs.tag_resource(resourceArn=app, tags=tags(stage="prod", more="x"))
    ecs.tag_resource(resourceArn=task, tags=tags(team="b"))

    assert kept(task) == {"team": "b", "stage": "dev"}
    assert kept(app) == {"team": "a", "stage": "prod", "more": "x"}


def test_a_managed_tag_names_the_cluster(run, kept, seen):
    task = run(enableECSManagedTags=True, tags=tags(owner="me"))

    assert kept(task) == {"aws:ecs:clusterName": "prod", "owner": "me"}
    assert MANAGED in seen(task, "TAGS")


def test_tasks_started_on_instances_are_tagged_alike(ecs, app, instance, kept):
    (task,) = ecs.start_task(
        cluster="prod",
        taskDefinition="app",
        containerInstances=[instance.arn],
        propagateTags="TASK_DEFINITION",
        enableECSManagedTags=True,
        tags=tags(stage="prod"),
    )["tasks"]

    assert kept(task["taskArn"]) == {
        "aws:ecs:clusterName": "prod",
        "team": "a",
        "stage": "prod",
    }


def test_managed_tags_do_not_count_among_fifty(run, kept):
    task = run(enableECSManagedTags=True, tags=tags(**FIFTY))

    assert kept(task) == FIFTY | {"aws:ecs:clusterName": "prod"}


def test_copied_tags_count_among_fifty(ecs, app):
    given = tags(**FIFTY)
    found = []

    with suppress(ecs.exceptions.InvalidParameterException):
        found = launches.run(ecs, propagateTags="TASK_DEFINITION", tags=given)["tags"]

    assert len(found) <= 50


@pytest.mark.parametrize(
    "given",
    [
        tags(**{"aws:team": "a"}),
        tags(**{"AWS:team": "a"}),
        tags(team="aws:a"),
        tags(**{"k" * 129: "a"}),
        tags(**{"": "a"}),
        tags(key="v" * 257),
        tags(**{"k!": "a"}),
        tags(key="a\x00"),
        [*tags(a="1"), *tags(a="2")],
        tags(**FIFTY, more="x"),
        [{"value": "a"}],
    ],
    ids=[
        "reserved key",
        "in capitals",
        "reserved value",
        "key of 129",
        "empty key",
        "value of 257",
        "sign",
        "NUL",
        "duplicate",
        "51",
        "no key",
    ],
)
def test_no_task_is_made_with_tags_outside_the_rules(unchecked, app, refused, given):
    run = partial(unchecked.run_task, cluster="prod", taskDefinition="app")

    answer = refused(run, tags=given)

    assert answer.code == "InvalidParameterException"


# -------------------------------------------------------------- TagResource and UntagResource


def test_a_resource_without_tags_lists_none(resource, kept, seen):
    assert kept(resource) == {}
    assert seen(resource, "TAGS") == []


def test_tags_are_added_overwritten_and_shown_where_they_are_asked_for(ecs, resource, kept, seen):
    ecs.tag_resource(resourceArn=resource, tags=tags(owner="me", stage="dev"))

    response = ecs.tag_resource(resourceArn=resource, tags=tags(stage="prod", empty=""))

    assert set(response) == {"ResponseMetadata"}
    assert kept(resource) == {"owner": "me", "stage": "prod", "empty": ""}
    assert {tag["key"]: tag["value"] for tag in seen(resource, "TAGS")} == kept(resource)
    assert seen(resource) == []


def test_tags_are_taken_away_and_what_is_not_there_is_passed_over(ecs, resource, kept):
    ecs.tag_resource(resourceArn=resource, tags=tags(owner="me", stage="dev"))

    response = ecs.untag_resource(resourceArn=resource, tagKeys=["stage", "never", "OWNER"])

    assert set(response) == {"ResponseMetadata"}
    assert kept(resource) == {"owner": "me"}


@pytest.mark.parametrize(
    "given",
    [
        tags(**{"aws:a": "b"}),
        tags(a="aws:b"),
        tags(**{"k" * 129: "a"}),
        [*tags(a="1"), *tags(a="2")],
    ],
    ids=["reserved key", "reserved value", "long key", "duplicate"],
)
def test_a_tag_outside_the_rules_is_refused(unchecked, resource, kept, refusal, given):
    unchecked.tag_resource(resourceArn=resource, tags=tags(owner="me"))

    refused = refusal(unchecked.tag_resource, resourceArn=resource, tags=[*tags(b="c"), *given])

    assert refused.code == "InvalidParameterException"
    assert kept(resource) == {"owner": "me"}


def test_the_fifty_first_tag_is_refused_and_an_overwritten_one_is_not(ecs, resource, kept, refusal):
    ecs.tag_resource(resourceArn=resource, tags=tags(**FIFTY))

    refused = refusal(ecs.tag_resource, resourceArn=resource, tags=tags(more="x"))
    ecs.tag_resource(resourceArn=resource, tags=tags(**{"key-0": "y"}))

    # Which of the two codes AWS answers is open.
    assert refused.code in {"InvalidParameterException", "LimitExceededException"}
    assert kept(resource) == FIFTY | {"key-0": "y"}


def test_a_managed_tag_cannot_be_taken_away(ecs, run, kept):
    task = run(enableECSManagedTags=True)

    with suppress(ecs.exceptions.InvalidParameterException):
        ecs.untag_resource(resourceArn=task, tagKeys=["aws:ecs:clusterName"])

    assert kept(task) == {"aws:ecs:clusterName": "prod"}


def test_each_revision_has_tags_of_its_own(ecs, app, kept):
    second = launches.bridge(ecs)

    ecs.tag_resource(resourceArn=second, tags=tags(team="b"))

    assert kept(app) == {"team": "a", "stage": "dev"}
    assert kept(second) == {"team": "b"}


def test_tagging_is_no_change_of_the_task(ecs, door, run):
    task = run()
    before, events = launches.shown(ecs, task), len(door.aws.events)

    ecs.tag_resource(resourceArn=task, tags=tags(owner="me"))

    assert launches.shown(ecs, task) == before
    assert len(door.aws.events) == events


@pytest.fixture(params=["tag", "untag", "list"])
def call(request, unchecked):
    """Call each of the three operations with an ARN."""
    more = {
        "tag": (unchecked.tag_resource, {"tags": tags(a="b")}),
        "untag": (unchecked.untag_resource, {"tagKeys": ["a"]}),
        "list": (unchecked.list_tags_for_resource, {}),
    }
    operation, parameters = more[request.param]
    return lambda arn: operation(resourceArn=arn, **parameters)


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}:task/prod/{NOBODY}",
        f"{ARN}:task-definition/app:2",
        f"{ARN}:task-definition/nothing:1",
        f"{ARN}:container-instance/prod/{NOBODY}",
    ],
    ids=["task", "revision", "family", "instance"],
)
def test_what_is_not_there_is_refused(call, app, refused, arn):
    answer = refused(call, arn=arn)

    # The model has ResourceNotFoundException, too, for two of the three.
    assert answer.code in {"InvalidParameterException", "ResourceNotFoundException"}


@pytest.mark.parametrize(
    "arn",
    ["", "app:1", NOBODY, "\x00", "x" * 100_000, f"{ARN}:", f"{ARN}:moon/app"],
    ids=["empty", "revision", "id", "NUL", "huge", "no resource", "unknown type"],
)
def test_what_is_no_arn_is_refused(call, app, refused, arn):
    answer = refused(call, arn=arn)

    assert answer == ("InvalidParameterException", "The ARN provided is invalid.")


def test_a_resource_of_another_region_is_refused(call, resource, refused):
    answer = refused(call, arn=resource.replace("us-east-1", "eu-west-1"))

    assert answer.code == "InvalidParameterException"


def test_a_resource_of_another_account_is_refused(call, resource, refused, other_account):
    answer = refused(call, arn=resource.replace("123456789012", other_account))

    assert answer.code == "InvalidParameterException"


# --------------------------------------------------------------------------------- how long


@VIRTUAL
def test_tags_of_a_task_are_gone_when_it_was_stopped(ecs, door, run, kept, seen):
    task = run(tags=tags(owner="me"), enableECSManagedTags=True)
    door.aws.clock.advance(seconds=launches.STARTS_ON_BRIDGE)

    ecs.stop_task(cluster="prod", task=task)
    door.aws.clock.advance(seconds=launches.STOPS_ON_BRIDGE)

    assert kept(task) == {}
    assert seen(task, "TAGS") == []


@VIRTUAL
def test_tags_of_a_task_are_gone_when_it_ended_by_itself(ecs, door, run, kept):
    door.aws.tasks.on_run("app", exit_code=0, after=5)
    task = run(tags=tags(owner="me"))

    door.aws.clock.advance(minutes=1)

    assert launches.shown(ecs, task)["lastStatus"] == "STOPPED"
    assert kept(task) == {}


def test_an_inactive_definition_keeps_its_tags(ecs, app, kept):
    ecs.deregister_task_definition(taskDefinition="app:1")

    ecs.tag_resource(resourceArn=app, tags=tags(more="x"))

    assert kept(app) == {"team": "a", "stage": "dev", "more": "x"}
