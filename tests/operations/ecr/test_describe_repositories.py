"""DescribeRepositories: by name, whole registries, pages."""

from __future__ import annotations

import pytest


def names_of(response) -> list[str]:
    return [each["repositoryName"] for each in response["repositories"]]


@pytest.fixture
def five(ecr) -> list[str]:
    """The names of five repositories, not in alphabetical order."""
    names = ["delta", "alpha", "echo", "bravo", "charlie"]
    for name in names:
        ecr.create_repository(repositoryName=name)
    return names


def test_describe_repositories_of_an_empty_registry_is_an_empty_list(ecr):
    response = ecr.describe_repositories()

    assert response["repositories"] == []
    assert "nextToken" not in response


def test_describe_repositories_shows_what_create_answered(ecr):
    created = ecr.create_repository(
        repositoryName="app",
        imageTagMutability="MUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=[{"filterType": "WILDCARD", "filter": "v*"}],
        encryptionConfiguration={"encryptionType": "KMS"},
    )["repository"]

    described = ecr.describe_repositories(repositoryNames=["app"])["repositories"]

    assert described == [created]


def test_describe_repositories_omits_the_filters_of_a_plain_mode(ecr, repository):
    described = ecr.describe_repositories()["repositories"]

    assert "imageTagMutabilityExclusionFilters" not in described[0]


def test_describe_repositories_without_names_shows_each_once(ecr, five):
    response = ecr.describe_repositories()

    assert sorted(names_of(response)) == sorted(five)


def test_describe_repositories_keeps_the_order_of_the_names(ecr, five):
    response = ecr.describe_repositories(repositoryNames=["echo", "alpha", "delta"])

    assert names_of(response) == ["echo", "alpha", "delta"]


def test_describe_repositories_fails_whole_when_one_name_is_missing(ecr, five, refusal, account):
    refused = refusal(ecr.describe_repositories, repositoryNames=["alpha", "zulu"])

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'zulu' does not exist in the registry with id '{account}'",
    )


def test_a_registry_is_of_one_region_and_one_account(door, repository, other_account):
    elsewhere = door.client("ecr", region_name="eu-west-1")
    stranger = door.client("ecr", account_id=other_account)

    found = elsewhere.describe_repositories(), stranger.describe_repositories()

    assert [names_of(each) for each in found] == [[], []]


def test_describe_repositories_takes_the_callers_own_registry_id(ecr, repository, account):
    response = ecr.describe_repositories(registryId=account)

    assert names_of(response) == [repository]


def test_describe_repositories_pages(ecr, five):
    unpaged = names_of(ecr.describe_repositories())

    first = ecr.describe_repositories(maxResults=2)
    second = ecr.describe_repositories(maxResults=2, nextToken=first["nextToken"])
    third = ecr.describe_repositories(maxResults=2, nextToken=second["nextToken"])

    assert [names_of(each) for each in (first, second, third)] == [
        unpaged[:2],
        unpaged[2:4],
        unpaged[4:],
    ]
    assert "nextToken" not in third


def test_describe_repositories_has_no_token_after_a_page_that_is_just_full(ecr, five):
    response = ecr.describe_repositories(maxResults=5)

    assert "nextToken" not in response


def test_describe_repositories_shows_a_hundred_on_a_page_by_default(ecr):
    for number in range(101):
        ecr.create_repository(repositoryName=f"app-{number}")

    first = ecr.describe_repositories()
    second = ecr.describe_repositories(nextToken=first["nextToken"])

    assert (len(first["repositories"]), len(second["repositories"])) == (100, 1)


def test_the_paginator_walks_all_repositories(ecr, five):
    pages = list(
        ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 2})
    )

    assert sorted(name for page in pages for name in names_of(page)) == sorted(five)
    assert len(pages) == 3


@pytest.mark.ecrmock(page_size=1)
def test_a_page_size_of_one_makes_every_list_page(ecr, five):
    pages = list(ecr.get_paginator("describe_repositories").paginate())

    assert [len(page["repositories"]) for page in pages] == [1] * 5


def test_paging_skips_nothing_when_a_repository_goes_between_two_pages(ecr, five):
    first = ecr.describe_repositories(maxResults=2)
    ecr.delete_repository(repositoryName=names_of(first)[0])

    rest = ecr.describe_repositories(nextToken=first["nextToken"])

    assert sorted(names_of(first) + names_of(rest)) == sorted(five)


@pytest.mark.parametrize("token", ["nonsense", "", "AAAA"], ids=["text", "empty", "base64"])
def test_describe_repositories_refuses_a_token_that_it_did_not_make(ecr, five, refusal, token):
    refused = refusal(ecr.describe_repositories, nextToken=token)

    assert refused.code == "InvalidParameterException"


def test_describe_repositories_refuses_the_token_of_another_operation(
    ecr, repository, five, images, refusal
):
    for name in ("one", "two"):
        images.push(images.make(name))
    token = ecr.list_images(repositoryName=repository, maxResults=1)["nextToken"]

    refused = refusal(ecr.describe_repositories, nextToken=token)

    assert refused.code == "InvalidParameterException"


def test_describe_repositories_refuses_names_together_with_a_page_size(ecr, repository, refusal):
    refused = refusal(ecr.describe_repositories, repositoryNames=[repository], maxResults=10)

    assert refused.code == "InvalidParameterException"


@pytest.mark.parametrize(
    ("number", "constraint"),
    [
        (1001, "Member must have value less than or equal to 1000"),
        (0, "Member must have value greater than or equal to 1"),
    ],
)
def test_describe_repositories_refuses_a_page_size_out_of_range(
    unchecked, refusal, invalid, number, constraint
):
    refused = refusal(unchecked.describe_repositories, maxResults=number)

    assert refused == invalid("maxResults", constraint)


@pytest.mark.parametrize(
    ("names", "constraint"),
    [
        ([], "Member must have length greater than or equal to 1"),
        (["app"] * 101, "Member must have length less than or equal to 100"),
    ],
    ids=["none", "101"],
)
def test_describe_repositories_refuses_too_few_or_too_many_names(
    unchecked, refusal, invalid, names, constraint
):
    refused = refusal(unchecked.describe_repositories, repositoryNames=names)

    assert refused == invalid("repositoryNames", constraint)


def test_describe_repositories_refuses_a_registry_id_that_is_no_account(ecr, refusal, invalid):
    refused = refusal(ecr.describe_repositories, registryId="12345")

    assert refused == invalid("registryId", "must satisfy regular expression [0-9]{12}")
