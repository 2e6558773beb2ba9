"""Every refusal of the tables in `fixtures/ecs_refusals`: its code and its very words."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Template

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from ecrmock import mock_aws

FOLDER = Path(__file__).resolve().parents[3] / "fixtures" / "ecs_refusals"
FILES = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")}
ROWS_OF_AWS = {"failures": 14, "register_task_definition": 65, "tasks": 20}
KEPT = {
    "family": "kept",
    "containerDefinitions": [{"name": "app", "image": "nginx", "memory": 128}],
}


def cases(name: str) -> list:
    """Return the cases of a file, each with the number and the name of its row."""
    return [
        pytest.param(case, id=f"{row['row']} {row['rule']}" + (f" {n}" if n else ""))
        for row in FILES[name]["table"]
        for n, case in enumerate(row.get("cases", []))
    ]


def spelled(value):
    """Return a request with `$repeat` written out."""
    if isinstance(value, dict):
        if set(value) == {"$repeat"}:
            text, number = value["$repeat"]
            return text * number
        return {key: spelled(inner) for key, inner in value.items()}
    return [spelled(inner) for inner in value] if isinstance(value, list) else value


def named(value, names: dict[str, str]):
    """Put the ARNs of what was made first in place of `${...}`."""
    if isinstance(value, dict):
        return {key: named(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [named(inner, names) for inner in value]
    return Template(value).safe_substitute(names) if isinstance(value, str) else value


def send(client, operation: str, request: dict):
    return getattr(client, xform_name(operation))(**spelled(request))


def refused(client, operation: str, request: dict) -> dict:
    """Call, and return the error with the members that came beside it."""
    with pytest.raises(ClientError) as caught:
        send(client, operation, request)
    return caught.value.response


def prepare(aws, client, given: dict) -> dict[str, str]:
    """Make what a case needs first; return the names that its request may use."""
    names: dict[str, str] = {}
    for cluster in given.get("clusters", []):
        client.create_cluster(**cluster)
    for role in given.get("roles", []):
        aws.iam.role(role["name"], policies=role.get("policies", []), trust=role["trust"])
    instances = [
        one
        for each in given.get("instances", [])
        for one in aws.instances.add(
            each["instance_type"], **{key: each[key] for key in each if key != "instance_type"}
        )
    ]
    for number, instance in enumerate(instances):
        names[f"instance_{number}"] = instance.arn
        names[f"instance_{number}_ec2"] = instance.ec2_instance_id
    for definition in given.get("task_definitions", []):
        client.register_task_definition(**spelled(definition))
    tasks = [task for each in given.get("tasks", []) for task in client.run_task(**each)["tasks"]]
    names |= {f"task_{number}": task["taskArn"] for number, task in enumerate(tasks)}
    for each in given.get("calls", []):
        send(client, each["operation"], named(each["request"], names))
    return names


def check(error: dict, case: dict, names: dict[str, str]) -> None:
    """Compare code and text; a case without a text has one that nobody captured."""
    code, message = error["Error"]["Code"], error["Error"]["Message"]
    if "message" in case:
        assert (code, message) == (case["code"], case["message"])
    elif "message_pattern" in case:
        assert code == case["code"]
        assert re.fullmatch(case["message_pattern"], message)
    else:
        assert code == case["code"]
        assert message
    for member, value in case.get("members", {}).items():
        assert error[member] == named(value, names)


def registered(client) -> tuple[list, list]:
    """Return all that the two lists show."""
    arns = client.list_task_definitions()["taskDefinitionArns"]
    return arns, client.list_task_definition_families()["families"]


@pytest.fixture
def aws():
    """A mock whose calls are answered in this process."""
    with mock_aws() as started:
        yield started


@pytest.fixture
def client(aws):
    """A client that sends what botocore would refuse by itself."""
    return boto3.client(
        "ecs", region_name=aws.region_name, config=Config(parameter_validation=False)
    )


# ------------------------------------------------------------------------- the tables


@pytest.mark.parametrize(("name", "rows"), ROWS_OF_AWS.items(), ids=ROWS_OF_AWS)
def test_a_table_has_every_row_once_and_in_order(name, rows):
    document = FILES[name]

    numbers = [row["row"] for row in document["table"]]

    assert document["rows"] == rows
    assert numbers == list(range(1, rows + 1))


def test_there_is_no_table_that_nobody_counts():
    assert set(FILES) == set(ROWS_OF_AWS)


@pytest.mark.parametrize("name", ROWS_OF_AWS)
def test_every_row_has_cases_or_says_why_not(name):
    for row in FILES[name]["table"]:
        assert row["rule"]
        assert row["confidence"]
        assert row.get("cases") or row.get("not_reached"), row["row"]


# ----------------------------------------------------------- the definition as it is sent


@pytest.mark.parametrize("case", cases("register_task_definition"))
def test_register_task_definition_refuses_and_keeps_what_there_was(client, case):
    client.register_task_definition(**KEPT)
    before = registered(client)

    error = refused(client, "RegisterTaskDefinition", case["request"])

    check(error, case, {})
    assert registered(client) == before


@pytest.mark.parametrize("row", [1, 16, 33, 55, 64])
def test_register_task_definition_refuses_the_same_through_both_doors(unchecked, row):
    table = FILES["register_task_definition"]["table"]

    for case in table[row - 1]["cases"]:
        check(refused(unchecked, "RegisterTaskDefinition", case["request"]), case, {})


def test_a_refused_definition_takes_no_revision(client):
    first = client.register_task_definition(**KEPT)["taskDefinition"]
    refused(client, "RegisterTaskDefinition", KEPT | {"cpu": "lots"})

    second = client.register_task_definition(**KEPT)["taskDefinition"]

    assert (first["revision"], second["revision"]) == (1, 2)


# --------------------------------------------------------------- which rule comes first


def test_the_memory_of_a_container_is_asked_for_before_the_sizes_of_fargate(client):
    request = {
        "family": "app",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "containerDefinitions": [{"name": "app", "image": "nginx"}],
    }

    error = refused(client, "RegisterTaskDefinition", request)

    assert error["Error"]["Message"] == (
        "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' "
        "must be specified."
    )


def test_a_secret_of_another_account_is_refused_before_a_missing_execution_role(
    client, account, other_account
):
    secret = {"name": "TOKEN", "valueFrom": f"arn:aws:ssm:us-east-1:{other_account}:parameter/a"}
    container = {"name": "app", "image": "nginx", "memory": 128, "secrets": [secret]}

    error = refused(
        client, "RegisterTaskDefinition", {"family": "app", "containerDefinitions": [container]}
    )

    assert error["Error"]["Message"].startswith("The Systems Manager parameter ARN has a different")
    assert f"The current account ID is {account} and" in error["Error"]["Message"]


# ---------------------------------------------------------------------- tasks and instances


@pytest.mark.parametrize("case", cases("tasks"))
def test_a_call_about_tasks_is_refused(aws, client, case):
    names = prepare(aws, client, case["given"])

    error = refused(client, case["operation"], named(case["request"], names))

    check(error, case, names)


@pytest.mark.parametrize("case", cases("failures"))
def test_a_call_succeeds_and_lists_what_failed(aws, client, case):
    names = prepare(aws, client, case["given"])

    response = send(client, case["operation"], named(case["request"], names))

    assert response["failures"] == named(case["failures"], names)
    if case["operation"] in ("RunTask", "StartTask"):
        assert response["tasks"] == []
