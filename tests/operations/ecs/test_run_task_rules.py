"""RunTask: its rules, and that a refusal changes nothing."""

from __future__ import annotations

from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import SEPARATORS, SUBNETS

INACTIVE = ("ClusterNotFoundException", "The referenced cluster was inactive.")
ARN = "arn:aws:ecs:us-east-1:123456789012"
NO_VOLUME = (
    "Volume configuration provided but no matching configuredAtLaunch volume found in "
    "task definition."
)
MEMBER_OF = {"type": "memberOf", "expression": "attribute:ecs.instance-type == m5.large"}


@pytest.fixture
def instance(door, prod):
    (instance,) = door.aws.instances.add("m5.large", cluster=prod)
    return instance


@pytest.fixture
def app(ecs, instance) -> str:
    return launches.bridge(ecs)


@pytest.fixture
def web(ecs, prod) -> str:
    return launches.fargate(ecs)


@pytest.fixture
def refused(ecs, door, refusal):
    return partial(launches.refused, ecs, door.aws, refusal)


@pytest.fixture
def refused_run(unchecked, app, refused):
    """Run a task on the instance with what is refused; return the refusal."""
    run = partial(unchecked.run_task, cluster="prod", taskDefinition="app")
    return partial(refused, run)


@pytest.fixture
def refused_fargate(unchecked, web, refused):
    """Run a task on Fargate with what is refused; return the refusal."""
    run = partial(unchecked.run_task, cluster="prod", taskDefinition="web", launchType="FARGATE")
    return lambda **parameters: refused(run, **{"networkConfiguration": SUBNETS} | parameters)


# ------------------------------------------------------------------------------ the cluster


@pytest.mark.parametrize("parameters", [{"cluster": "none"}, {}], ids=["unknown", "no default"])
def test_a_task_needs_a_cluster_that_is_there(ecs, web, refused, parameters):
    answer = refused(
        ecs.run_task,
        taskDefinition="web",
        launchType="FARGATE",
        networkConfiguration=SUBNETS,
        **parameters,
    )

    assert answer == ("ClusterNotFoundException", "Cluster not found.")
    assert ecs.list_clusters()["clusterArns"] == [f"{ARN}:cluster/prod"]


def test_a_task_needs_an_active_cluster(ecs, web, inactive, refused):
    answer = refused(
        ecs.run_task,
        cluster=inactive,
        taskDefinition="web",
        launchType="FARGATE",
        networkConfiguration=SUBNETS,
    )

    assert answer == INACTIVE


def test_a_cluster_is_looked_for_before_the_parameters_and_the_definition(refused_run):
    answer = refused_run(cluster="none", taskDefinition="nothing", count=11)

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize(
    ("cluster", "message"),
    [
        ("a/b", SEPARATORS),
        ("prod\r", SEPARATORS),
        ("arn:aws:ecs:eu-west-1:123456789012:cluster/prod", "Invalid Region in ARN"),
        (f"{ARN}:task/prod/{launches.NOBODY}", SEPARATORS),
    ],
    ids=["slash", "carriage return", "region", "a task"],
)
def test_a_cluster_is_a_name_or_an_arn(refused_run, cluster, message):
    answer = refused_run(cluster=cluster)

    assert answer == ("InvalidParameterException", message)


# --------------------------------------------------------------------------- the definition


@pytest.mark.parametrize(
    "name",
    [
        "nothing",
        "app:2",
        "app:0",
        "APP",
        f"{ARN}:task-definition/app:2",
        "app\x00",
        "\u00e9\u4e2d\U0001f600",
        "a" * 100_000,
    ],
    ids=["family", "revision", "zero", "case", "ARN", "NUL", "not ASCII", "huge"],
)
def test_an_unknown_definition_is_refused(refused_run, name):
    answer = refused_run(taskDefinition=name)

    assert answer == ("ClientException", "TaskDefinition not found.")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("app:1:1", SEPARATORS),
        ("app/1", SEPARATORS),
        ("arn:aws:ecs", SEPARATORS),
        ("arn:aws:ecs:eu-west-1:123456789012:task-definition/app:1", "Invalid Region in ARN"),
        ("", "Family should not be null or empty."),
    ],
    ids=["colons", "slash", "short ARN", "region", "empty"],
)
def test_a_definition_is_a_family_a_revision_or_an_arn(refused_run, name, message):
    answer = refused_run(taskDefinition=name)

    assert answer == ("InvalidParameterException", message)


def test_a_definition_of_another_account_is_refused(refused_run, other_account):
    name = f"arn:aws:ecs:us-east-1:{other_account}:task-definition/app:1"

    answer = refused_run(taskDefinition=name)

    # RunTask was also seen to say `AccountIDs mismatch`.
    assert answer.code == "InvalidParameterException"


def test_an_inactive_definition_is_refused(ecs, refused_run):
    ecs.deregister_task_definition(taskDefinition="app:1")

    answer = refused_run(taskDefinition="app:1")

    assert answer == ("InvalidParameterException", "TaskDefinition is inactive")


@pytest.mark.parametrize(("name", "deletes"), [("app", False), ("app:1", True)], ids=str)
def test_a_definition_that_is_gone_is_refused(ecs, refused_run, name, deletes):
    ecs.deregister_task_definition(taskDefinition="app:1")
    if deletes:
        ecs.delete_task_definitions(taskDefinitions=["app:1"])

    answer = refused_run(taskDefinition=name)

    assert answer.code in {"ClientException", "InvalidParameterException"}


# ------------------------------------------------------------------------------- parameters


@pytest.mark.parametrize(
    "parameters",
    [
        {"count": 0},
        {"count": -1},
        {"count": 11},
        {"startedBy": "x" * 129},
        {"clientToken": "x" * 65},
        {"propagateTags": "SERVICE"},
        {"propagateTags": "always"},
        {"placementStrategy": [{"type": "nearest"}]},
        {"placementConstraints": [{"type": "memberOf", "expression": "((("}]},
        {"placementConstraints": [MEMBER_OF | {"expression": f"attribute:a == {'a' * 2001}"}]},
        {"volumeConfigurations": [{"name": "data"}]},
        {"launchType": "MANAGED_INSTANCES"},
    ],
    ids=lambda parameters: str(parameters)[:60],
)
def test_a_parameter_outside_its_rules_is_refused(refused_run, parameters):
    answer = refused_run(**parameters)

    assert answer.code == "InvalidParameterException"
    assert answer.message


@pytest.mark.parametrize(
    "text", ["a:b", "\u00e9", "a\x00", "a\n"], ids=lambda text: ascii(text)[:20]
)
def test_started_by_has_few_kinds_of_characters(refused_run, text):
    answer = refused_run(startedBy=text)

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "text", ["a b", "\u00e9", "a\x00", "a\x7f"], ids=lambda text: ascii(text)[:20]
)
def test_a_client_token_is_of_printable_ascii(refused_run, text):
    answer = refused_run(clientToken=text)

    assert answer.code == "InvalidParameterException"


def test_the_longest_texts_are_taken(ecs, app):
    task = launches.run(ecs, startedBy="x" * 128, clientToken="!~" * 32)

    assert task["startedBy"] == "x" * 128


def test_an_unknown_launch_type_is_refused_with_those_there_are(refused_run):
    answer = refused_run(launchType="MOON")

    assert answer.code == "InvalidParameterException"
    assert answer.message.startswith("launch type should be one of [EC2,FARGATE,EXTERNAL")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"platformVersion": "LATEST"},
            "The platform version must be null when specifying an EC2 launch type.",
        ),
        ({"launchType": "FARGATE"}, "Task definition does not support launch_type FARGATE."),
        ({"placementStrategy": [{"type": "random"}] * 6}, "Maximum number of strategies is 5."),
        (
            {"placementStrategy": [{"type": "random", "field": "cpu"}]},
            "random field should not be specified.",
        ),
        (
            {"placementStrategy": [{"type": "binpack", "field": "disk"}]},
            "binpack field 'disk' is invalid.",
        ),
        (
            {"placementConstraints": [MEMBER_OF | {"type": "distinctInstance"}]},
            "distinctInstance expression should not be specified.",
        ),
        (
            {"volumeConfigurations": [{"name": "data", "managedEBSVolume": {"roleArn": ARN}}]},
            NO_VOLUME,
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_does_not_go_with_an_instance_is_refused(refused_run, parameters, message):
    answer = refused_run(**parameters)

    assert answer == ("InvalidParameterException", message)


def test_a_task_has_ten_constraints_with_those_of_its_definition(ecs, refused_run):
    launches.bridge(ecs, placementConstraints=[MEMBER_OF] * 4)

    answer = refused_run(placementConstraints=[MEMBER_OF] * 7)

    assert answer.code == "InvalidParameterException"
    assert launches.run(ecs, placementConstraints=[MEMBER_OF] * 6)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"placementConstraints": [{"type": "distinctInstance"}]},
            "Placement constraints are not supported with FARGATE launch type.",
        ),
        (
            {"placementStrategy": [{"type": "random"}]},
            "Placement strategies are not supported with FARGATE launch type.",
        ),
        (
            {"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"] * 17}}},
            "subnets can have at most 16 items.",
        ),
        (
            {
                "networkConfiguration": {
                    "awsvpcConfiguration": {"subnets": ["s"], "securityGroups": ["sg-1"] * 6}
                }
            },
            "security groups can have at most 5 items.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_does_not_go_with_fargate_is_refused(refused_fargate, parameters, message):
    answer = refused_fargate(**parameters)

    assert answer == ("InvalidParameterException", message)


@pytest.mark.parametrize(
    ("asked", "shown"), [(None, "1.4.0"), ("LATEST", "1.4.0"), ("1.4.0", "1.4.0")]
)
def test_the_latest_platform_version_is_shown_by_its_number(ecs, web, asked, shown):
    task = launches.run_fargate(ecs, **({"platformVersion": asked} if asked else {}))

    assert task["platformVersion"] == shown


@pytest.mark.parametrize("version", ["1.4", "9.9.9", "latest", "1.4.0\n"])
def test_an_unknown_platform_version_is_refused(refused_fargate, version):
    answer = refused_fargate(platformVersion=version)

    assert answer.code == "PlatformUnknownException"


def test_a_platform_version_that_cannot_do_what_is_asked_is_refused(refused_fargate):
    answer = refused_fargate(
        platformVersion="1.3.0", overrides={"ephemeralStorage": {"sizeInGiB": 30}}
    )

    assert answer == (
        "PlatformTaskDefinitionIncompatibilityException",
        "One or more of the requested capabilities are not supported.",
    )


# ------------------------------------------------------------------------------- hostile


@pytest.mark.parametrize(
    "parameters",
    [
        {"count": "3"},
        {"count": 1.5},
        {"count": True},
        {"count": 10**20},
        {"taskDefinition": 5},
        {"startedBy": 5},
        {"enableECSManagedTags": "yes"},
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE", "weight": "1"}]},
        {"placementStrategy": [{"type": 5}]},
    ],
    ids=str,
)
def test_a_member_of_another_type_is_refused(refused_run, parameters):
    answer = refused_run(**parameters)

    assert answer.code == "SerializationException"


@pytest.mark.parametrize(
    "text",
    ["", "x" * 100_000, "a\x00b\r\n", "\u00e9\u202e\U0001f600"],
    ids=lambda text: ascii(text)[:20],
)
@pytest.mark.parametrize("member", ["cluster", "taskDefinition", "launchType", "propagateTags"])
def test_hostile_text_is_refused(refused_run, member, text):
    answer = refused_run(**{member: text})

    assert answer.code.endswith("Exception")
    assert answer.code != "ServerException"
