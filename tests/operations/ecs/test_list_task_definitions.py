"""ListTaskDefinitions and ListTaskDefinitionFamilies: which, in what order, in pages."""

from __future__ import annotations

from functools import partial

import pytest

from tests.operations.ecs import revisions


@pytest.fixture
def register(ecs):
    return partial(revisions.register, ecs)


@pytest.fixture
def deregister(ecs):
    return partial(revisions.deregister, ecs)


@pytest.fixture
def remove(ecs):
    return partial(revisions.remove, ecs)


@pytest.fixture
def listed(ecs):
    return partial(revisions.listed, ecs)


@pytest.fixture
def families(ecs):
    return partial(revisions.families, ecs)


# ------------------------------------------------------------------------------ revisions


def test_no_definitions_are_empty_lists(ecs):
    responses = ecs.list_task_definitions(), ecs.list_task_definition_families()

    for response in responses:
        response.pop("ResponseMetadata")
    assert responses == ({"taskDefinitionArns": []}, {"families": []})


def test_definitions_are_sorted_by_family_and_then_by_the_number_of_the_revision(register, listed):
    register(*["web"] * 11, "app-2", "app", "app")

    ascending, descending = listed(), listed(sort="DESC")

    revisions = [f"web:{number}" for number in range(1, 12)]
    assert ascending == ["app:1", "app:2", "app-2:1", *revisions]
    assert descending == ascending[::-1]
    assert listed(sort="ASC") == ascending


def test_a_list_shows_arns(ecs, register):
    arn = register("app")["taskDefinitionArn"]

    assert ecs.list_task_definitions()["taskDefinitionArns"] == [arn]


def test_a_list_has_the_active_definitions_unless_another_status_is_asked_for(
    register, deregister, listed
):
    register("app", "app", "web")
    deregister("app:1")

    assert listed() == ["app:2", "web:1"]
    assert listed(status="ACTIVE") == ["app:2", "web:1"]
    assert listed(status="INACTIVE") == ["app:1"]


def test_the_family_prefix_of_a_list_is_a_whole_family(register, listed):
    register("app", "app-2", "application")

    assert listed(familyPrefix="app") == ["app:1"]
    assert listed(familyPrefix="ap") == []


def test_a_list_comes_in_pages(ecs, register):
    register(*["app"] * 5)

    first = ecs.list_task_definitions(maxResults=2)
    second = ecs.list_task_definitions(maxResults=2, nextToken=first["nextToken"])
    third = ecs.list_task_definitions(maxResults=2, nextToken=second["nextToken"])

    pages = [
        [arn.rpartition(":")[2] for arn in each["taskDefinitionArns"]]
        for each in (first, second, third)
    ]
    assert pages == [["1", "2"], ["3", "4"], ["5"]]
    assert "nextToken" not in third


def test_the_paginator_walks_backwards_too(ecs, register):
    register(*["app"] * 5)
    paginator = ecs.get_paginator("list_task_definitions")

    pages = paginator.paginate(sort="DESC", PaginationConfig={"PageSize": 2})

    arns = [arn for page in pages for arn in page["taskDefinitionArns"]]
    assert [arn.rpartition(":")[2] for arn in arns] == ["5", "4", "3", "2", "1"]


def test_a_page_has_a_hundred_by_default(ecs, register):
    register(*["app"] * 101)

    first = ecs.list_task_definitions()
    second = ecs.list_task_definitions(nextToken=first["nextToken"])

    assert [len(each["taskDefinitionArns"]) for each in (first, second)] == [100, 1]


@pytest.mark.parametrize("operation", ["list_task_definitions", "list_task_definition_families"])
@pytest.mark.parametrize("page", [{"maxResults": 0}, {"maxResults": 101}, {"nextToken": "x"}])
def test_a_page_that_cannot_be_is_refused(unchecked, register, refusal, operation, page):
    register("app")

    refused = refusal(getattr(unchecked, operation), **page)

    assert refused.code == "InvalidParameterException"


# -------------------------------------------------------------------------------- families


def test_families_are_listed_once_and_in_order(register, families):
    register("web", "app", "web", "app-2", "batch")

    assert families() == ["app", "app-2", "batch", "web"]


def test_the_family_prefix_of_families_is_a_prefix(register, families):
    register("app", "app-2", "application", "web")

    assert families(familyPrefix="app") == ["app", "app-2", "application"]
    assert families(familyPrefix="appl") == ["application"]
    assert families(familyPrefix="pp") == []


def test_a_family_is_active_as_long_as_one_revision_is(register, deregister, families):
    register("app", "app", "web", "old")
    deregister("app:1", "old:1")

    assert families(status="ACTIVE") == ["app", "web"]
    assert families(status="INACTIVE") == ["old"]
    assert families(status="ALL") == ["app", "old", "web"]
    assert families() == ["app", "old", "web"]


def test_a_family_without_a_revision_is_gone(register, remove, families):
    register("app", "app", "web")

    remove("app:1", "app:2")

    assert families() == ["web"]
    assert families(status="INACTIVE") == []


def test_families_come_in_pages(ecs, register):
    register("echo", "alpha", "delta", "bravo", "charlie")

    pages = ecs.get_paginator("list_task_definition_families").paginate(
        PaginationConfig={"PageSize": 2}
    )

    assert [page["families"] for page in pages] == [
        ["alpha", "bravo"],
        ["charlie", "delta"],
        ["echo"],
    ]
