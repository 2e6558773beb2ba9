"""ListTasks: its filters, alone and together, and its pages."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest

from tests.operations.ecs import launches
from tests.operations.ecs.launches import NOBODY, VIRTUAL

ARN = "arn:aws:ecs:us-east-1:123456789012"
STARTED_BY_ALONE = "cannot specify startedBy with other arguments"
SERVICE_ALONE = "cannot specify serviceName with other arguments"


@pytest.fixture
def instances(door, prod):
    return door.aws.instances.add("m5.large", cluster=prod, count=2)


@pytest.fixture
def mixed(ecs, instances) -> dict[str, str]:
    """The ARNs of six tasks in the order in which they were made; `done` is stopped."""
    launches.bridge(ecs, family="app")
    launches.bridge(ecs, family="app-2")
    launches.fargate(ecs, family="web")

    def on(number: int, definition: str = "app", **options) -> str:
        response = ecs.start_task(
            cluster="prod",
            taskDefinition=definition,
            containerInstances=[instances[number].arn],
            **options,
        )
        return response["tasks"][0]["taskArn"]

    made = {
        "first": on(0),
        "web": launches.run_fargate(ecs, startedBy="me")["taskArn"],
        "second": on(1, startedBy="me"),
        "done": on(0),
        "other": on(0, "app-2", startedBy="you"),
        "job": launches.run_fargate(ecs)["taskArn"],
    }
    ecs.stop_task(cluster="prod", task=made["done"])
    return made


@pytest.fixture
def named(ecs, mixed):
    """List tasks, each by its name in `mixed`."""
    names = {arn: name for name, arn in mixed.items()}
    return lambda **filters: [names[arn] for arn in launches.listed(ecs, **filters)]


@pytest.fixture
def refused(ecs, door, unchecked, refusal):
    call = partial(unchecked.list_tasks, cluster="prod")
    return partial(launches.refused, ecs, door.aws, refusal, call)


# -------------------------------------------------------------------------------- filters


def test_a_cluster_without_tasks_has_an_empty_list_and_no_token(ecs, prod):
    response = ecs.list_tasks(cluster=prod)

    response.pop("ResponseMetadata")
    assert response == {"taskArns": []}


def test_tasks_are_listed_in_the_order_in_which_they_were_made(named):
    assert named() == ["first", "web", "second", "other", "job"]


@pytest.mark.parametrize(
    ("status", "names"),
    [
        ("RUNNING", ["first", "web", "second", "other", "job"]),
        ("STOPPED", ["done"]),
        ("PENDING", []),
    ],
)
def test_the_desired_status_filters(named, status, names):
    assert named(desiredStatus=status) == names


@VIRTUAL
def test_the_desired_status_is_no_last_status(ecs, door, prod):
    launches.fargate(ecs)
    task = launches.run_fargate(ecs)["taskArn"]
    running = launches.listed(ecs)

    ecs.stop_task(cluster=prod, task=task)

    assert running == [task]
    assert launches.shown(ecs, task)["lastStatus"] == "PROVISIONING"
    assert launches.listed(ecs, desiredStatus="PENDING") == []
    assert (launches.listed(ecs), launches.listed(ecs, desiredStatus="STOPPED")) == ([], [task])


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"family": "app"}, ["first", "second"]),
        ({"family": "app-2"}, ["other"]),
        ({"family": "ap"}, []),
        ({"family": "nothing"}, []),
        ({"launchType": "FARGATE"}, ["web", "job"]),
        ({"launchType": "EC2"}, ["first", "second", "other"]),
        ({"launchType": "EXTERNAL"}, []),
        ({"startedBy": "me"}, ["web", "second"]),
        ({"startedBy": "ME"}, []),
        ({"family": "app", "launchType": "EC2"}, ["first", "second"]),
        ({"family": "app", "launchType": "FARGATE"}, []),
        ({"family": "app", "desiredStatus": "STOPPED"}, ["done"]),
        ({"launchType": "FARGATE", "desiredStatus": "STOPPED"}, []),
        ({"family": "web", "launchType": "FARGATE", "desiredStatus": "RUNNING"}, ["web", "job"]),
    ],
    ids=str,
)
def test_filters_all_hold(named, filters, names):
    assert named(**filters) == names


@pytest.mark.parametrize("form", ["{id}", "{arn}", ARN + ":container-instance/{id}"])
def test_tasks_are_listed_by_their_instance(named, instances, form):
    first, second = (form.format(id=each.id, arn=each.arn) for each in instances)

    assert named(containerInstance=first) == ["first", "other"]
    assert named(containerInstance=second) == ["second"]
    assert named(containerInstance=first, family="app") == ["first"]
    assert named(containerInstance=first, desiredStatus="STOPPED") == ["done"]
    assert named(containerInstance=first, launchType="FARGATE") == []


def test_tasks_of_every_revision_belong_to_their_family(ecs, named, mixed):
    launches.bridge(ecs, family="app")

    assert named(family="app") == ["first", "second"]


def test_tasks_of_other_clusters_accounts_and_regions_are_not_listed(
    ecs, door, mixed, other_account
):
    ecs.create_cluster(clusterName="stage")
    stranger = door.client("ecs", account_id=other_account)
    elsewhere = door.client("ecs", region_name="eu-west-1")
    for client in (stranger, elsewhere):
        client.create_cluster(clusterName="prod")

    assert launches.listed(ecs, cluster="stage") == []
    assert launches.listed(stranger) == launches.listed(elsewhere) == []


def test_tasks_are_listed_by_their_daemon(ecs, mixed):
    found = []
    with suppress(ecs.exceptions.ClientError):  # or it is refused: there are no daemons
        found = launches.listed(ecs, daemonName="agent")

    assert found == []


# -------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"startedBy": "me", "family": "app"}, STARTED_BY_ALONE),
        ({"startedBy": "me", "launchType": "EC2"}, STARTED_BY_ALONE),
        ({"startedBy": "me", "containerInstance": NOBODY}, STARTED_BY_ALONE),
        ({"serviceName": "web", "family": "app"}, SERVICE_ALONE),
        ({"desiredStatus": "DONE"}, "desired status should be one of [RUNNING,PENDING,STOPPED]"),
        (
            {"containerInstance": f"{ARN}:container-instance/stage/{NOBODY}"},
            "Invalid identifier: Identifier is for cluster stage. Your cluster is prod",
        ),
    ],
    ids=str,
)
def test_filters_that_do_not_go_together_are_refused(mixed, refused, filters, message):
    answer = refused(**filters)

    assert answer == ("InvalidParameterException", message)


@pytest.mark.parametrize("more", [{}, {"desiredStatus": "RUNNING"}], ids=["alone", "with status"])
def test_an_unknown_service_is_refused(mixed, refused, more):
    answer = refused(serviceName="web", **more)

    assert answer == ("ServiceNotFoundException", "Service not found.")


@pytest.mark.parametrize("cluster", ["none", None], ids=["unknown", "no default"])
def test_a_cluster_that_is_not_there_is_refused(mixed, refused, cluster):
    answer = refused(cluster=cluster)

    assert answer == ("ClusterNotFoundException", "Cluster not found.")


@pytest.mark.parametrize(
    "parameters",
    [
        {"maxResults": 0},
        {"maxResults": -1},
        {"maxResults": 101},
        {"nextToken": "nonsense"},
        {"nextToken": "\x00\u00e9"},
        {"nextToken": "e" * 100_000},
        {"launchType": "MOON"},
        {"containerInstance": "i-0123456789abcdef0"},
    ],
    ids=lambda parameters: ascii(parameters)[:40],
)
def test_a_parameter_outside_its_rules_is_refused(mixed, refused, parameters):
    answer = refused(**parameters)

    assert answer.code == "InvalidParameterException"


@pytest.mark.parametrize(
    "parameters",
    [{"maxResults": "5"}, {"maxResults": 1.5}, {"family": 5}, {"startedBy": []}],
    ids=str,
)
def test_a_member_of_another_type_is_refused(mixed, refused, parameters):
    answer = refused(**parameters)

    assert answer.code == "SerializationException"


# ----------------------------------------------------------------------------------- pages


def test_a_list_comes_in_pages(ecs, mixed):
    whole = launches.listed(ecs)

    first = ecs.list_tasks(cluster="prod", maxResults=2)
    second = ecs.list_tasks(cluster="prod", maxResults=2, nextToken=first["nextToken"])
    third = ecs.list_tasks(cluster="prod", maxResults=2, nextToken=second["nextToken"])

    pages = [page["taskArns"] for page in (first, second, third)]
    assert pages == [whole[:2], whole[2:4], whole[4:]]
    assert "nextToken" not in third


def test_a_page_that_takes_all_has_no_token(ecs, mixed):
    response = ecs.list_tasks(cluster="prod", maxResults=5)

    assert len(response["taskArns"]) == 5
    assert "nextToken" not in response


@pytest.mark.ecrmock(page_size=1)
@pytest.mark.parametrize(
    ("filters", "number"), [({}, 5), ({"family": "app"}, 2), ({"startedBy": "me"}, 2)], ids=str
)
def test_a_paginator_finds_all_in_pages_of_one(ecs, mixed, filters, number):
    pages = list(ecs.get_paginator("list_tasks").paginate(cluster="prod", **filters))

    assert [len(page["taskArns"]) for page in pages] == [1] * number
    assert len({arn for page in pages for arn in page["taskArns"]}) == number


def test_a_token_belongs_to_its_filters(ecs, mixed, refused):
    token = ecs.list_tasks(cluster="prod", maxResults=2)["nextToken"]

    answer = refused(nextToken=token, family="app")

    assert answer.code == "InvalidParameterException"


def test_a_token_belongs_to_its_operation(ecs, mixed, refusal):
    token = ecs.list_tasks(cluster="prod", maxResults=2)["nextToken"]

    refused = refusal(ecs.list_container_instances, cluster="prod", nextToken=token)

    assert refused.code == "InvalidParameterException"


def test_no_task_is_listed_twice_when_one_stops_between_pages(ecs, mixed):
    first = ecs.list_tasks(cluster="prod", maxResults=2)
    ecs.stop_task(cluster="prod", task=first["taskArns"][0])

    second = ecs.list_tasks(cluster="prod", nextToken=first["nextToken"])

    assert second["taskArns"] == [mixed[name] for name in ("second", "other", "job")]
