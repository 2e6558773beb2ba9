"""PutImageTagMutability: its reply, its filters, and what it does to tags old and new."""

from __future__ import annotations

import pytest

MODES = ("MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION")
FILTERS = "imageTagMutabilityExclusionFilters"


def wildcards(*filters: str) -> dict:
    return {FILTERS: [{"filterType": "WILDCARD", "filter": each} for each in filters]}


def filters_for(mode: str) -> dict:
    return wildcards("dev-*", "latest") if mode.endswith("EXCLUSION") else {}


@pytest.fixture
def set_mode(ecr, repository):
    """Set the mode of the repository and return the reply."""

    def set_mode(mode: str, *filters: str, client=ecr, **options) -> dict:
        options = {"repositoryName": repository, "imageTagMutability": mode} | options
        if filters:
            options |= wildcards(*filters)
        return client.put_image_tag_mutability(**options)

    return set_mode


@pytest.fixture
def described(ecr, repository):
    """Return the mode and the filters that DescribeRepositories shows."""

    def described() -> dict:
        (found,) = ecr.describe_repositories(repositoryNames=[repository])["repositories"]
        return {name: value for name, value in found.items() if name.startswith("imageTagMut")}

    return described


def sentence(tag: str, repository: str) -> str:
    return (
        f"The image tag '{tag}' already exists in the '{repository}' repository "
        "and cannot be overwritten because the tag is immutable."
    )


# ------------------------------------------------------------------------- reply and state


@pytest.mark.parametrize("mode", MODES)
def test_the_reply_has_the_mode_and_the_filters(ecr, repository, account, mode):
    response = ecr.put_image_tag_mutability(
        repositoryName=repository, imageTagMutability=mode, **filters_for(mode)
    )

    response.pop("ResponseMetadata")
    assert response == {
        "registryId": account,
        "repositoryName": repository,
        "imageTagMutability": mode,
        **filters_for(mode),
    }


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("before", MODES)
def test_mode_and_filters_are_replaced(set_mode, described, before, mode):
    set_mode(before, **filters_for(before))

    set_mode(mode, **filters_for(mode))

    assert described() == {"imageTagMutability": mode, **filters_for(mode)}


def test_filters_are_replaced_and_not_joined(set_mode, described):
    set_mode("IMMUTABLE_WITH_EXCLUSION", "dev-*")

    set_mode("IMMUTABLE_WITH_EXCLUSION", "test-*", "latest")

    assert described()[FILTERS] == wildcards("test-*", "latest")[FILTERS]


def test_another_repository_keeps_its_mode(ecr, set_mode):
    ecr.create_repository(repositoryName="other")

    set_mode("IMMUTABLE")

    (found,) = ecr.describe_repositories(repositoryNames=["other"])["repositories"]
    assert found["imageTagMutability"] == "MUTABLE"


# --------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize("mode", ["MUTABLE", "IMMUTABLE"])
def test_a_plain_mode_takes_no_filters(set_mode, described, refusal, invalid, mode):
    refused = refusal(set_mode, mode=mode, **wildcards("dev-*"))

    assert refused == invalid(
        FILTERS,
        "ImageTagMutabilityExclusionFilters are not allowed when imageTagMutability "
        f"is set as {mode}",
    )
    assert described() == {"imageTagMutability": "MUTABLE"}


@pytest.mark.parametrize("mode", ["MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"])
def test_a_mode_with_exclusion_needs_filters(set_mode, described, refusal, invalid, mode):
    refused = refusal(set_mode, mode=mode)

    assert refused == invalid(
        FILTERS,
        "ImageTagMutabilityExclusionFilters can't be null when imageTagMutability "
        f"is set as {mode}",
    )
    assert described() == {"imageTagMutability": "MUTABLE"}


def test_an_unknown_mode_is_refused(set_mode, refusal, invalid):
    refused = refusal(set_mode, mode="SOMETIMES")

    assert refused == invalid(
        "imageTagMutability",
        "Member must satisfy enum value set: "
        "[IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]",
    )


def test_the_mode_is_required(unchecked, repository, refusal, invalid):
    refused = refusal(unchecked.put_image_tag_mutability, repositoryName=repository)

    assert refused == invalid("imageTagMutability", "Member must not be null")


@pytest.mark.parametrize(
    "filters",
    [["a*b*c*"], ["***"], ["ok", "*a*b*"]],
    ids=["three", "three in a row", "the second filter"],
)
def test_a_filter_has_two_wildcards_at_most(set_mode, described, refusal, filters):
    refused = refusal(set_mode, mode="MUTABLE_WITH_EXCLUSION", **wildcards(*filters))

    assert refused.code == "InvalidParameterException"
    assert FILTERS in refused.message
    assert described() == {"imageTagMutability": "MUTABLE"}


@pytest.mark.parametrize("given", ["*", "**", "a*b*c", "*a*", "a" * 128, "A.b_c-9"])
def test_a_filter_with_two_wildcards_or_fewer_is_taken(set_mode, described, given):
    set_mode("MUTABLE_WITH_EXCLUSION", given)

    assert described()[FILTERS] == wildcards(given)[FILTERS]


@pytest.mark.parametrize(
    "filters",
    [
        wildcards(),
        wildcards("a", "b", "c", "d", "e", "f"),
        wildcards("a b"),
        wildcards("a/b"),
        wildcards("v?"),
        wildcards(""),
        wildcards("a" * 129),
        {FILTERS: [{"filterType": "PREFIX", "filter": "a"}]},
        {FILTERS: [{"filter": "a"}]},
        {FILTERS: [{"filterType": "WILDCARD"}]},
    ],
    ids=[
        "no filter",
        "six filters",
        "a space",
        "a slash",
        "a question mark",
        "no character",
        "129 characters",
        "another type",
        "no type",
        "no text",
    ],
)
def test_a_bad_filter_is_refused(set_mode, unchecked, described, refusal, filters):
    refused = refusal(set_mode, mode="IMMUTABLE_WITH_EXCLUSION", client=unchecked, **filters)

    assert refused.code == "InvalidParameterException"
    assert FILTERS in refused.message
    assert described() == {"imageTagMutability": "MUTABLE"}


def test_an_unknown_repository_is_refused(set_mode, refusal, account):
    refused = refusal(set_mode, mode="IMMUTABLE", repositoryName="none")

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'none' does not exist in the registry with id '{account}'",
    )


def test_a_repository_of_another_account_is_denied(door, set_mode, refusal, other_account):
    owner = door.client("ecr", account_id=other_account)
    owner.create_repository(repositoryName="app")

    refused = refusal(set_mode, mode="IMMUTABLE", repositoryName="app", registryId=other_account)

    arn = f"arn:aws:ecr:us-east-1:{other_account}:repository/app"
    (found,) = owner.describe_repositories()["repositories"]
    assert refused.code == "AccessDeniedException"
    assert refused.message.endswith(
        f"is not authorized to perform: ecr:PutImageTagMutability on resource: {arn} because "
        "no resource-based policy allows the ecr:PutImageTagMutability action"
    )
    assert found["imageTagMutability"] == "MUTABLE"


# ------------------------------------------------------------------------- effect on PutImage


def test_tags_that_are_there_stay_as_they_are(images, set_mode):
    first, second = images.make("first"), images.make("second")
    images.push(first, "v1")
    images.push(first, "latest")
    images.push(second, "v2")
    before = images.tags()

    set_mode("IMMUTABLE")

    assert images.tags() == before


def test_a_tag_from_before_cannot_move_any_more(images, set_mode, repository, refusal):
    old = images.make("old")
    images.push(old, "v1")
    set_mode("IMMUTABLE")

    refused = refusal(images.push, image=images.make("new"), tag="v1")

    assert refused == ("ImageTagAlreadyExistsException", sentence("v1", repository))
    assert images.tags() == {old.digest: ["v1"]}


def test_a_tag_can_move_again_once_the_repository_is_mutable(images, set_mode):
    old, new = images.make("old"), images.make("new")
    set_mode("IMMUTABLE")
    images.push(old, "v1")
    set_mode("MUTABLE")

    images.push(new, "v1")

    assert images.tags() == {old.digest: None, new.digest: ["v1"]}


MATCHES = [
    (["dev-*"], "dev-1"),
    (["dev-*"], "dev-"),
    (["*-dev"], "my-dev"),
    (["latest"], "latest"),
    (["*"], "anything"),
    (["**"], "anything"),
    (["a*b*"], "a-b-c"),
    (["none", "v1.*"], "v1.2.3"),
]
OTHERS = [
    (["dev"], "dev-1"),
    (["dev"], "my-dev"),
    (["dev-*"], "my-dev-1"),
    (["*-dev"], "my-dev-1"),
    (["v1.*"], "v1x0"),
    (["DEV*"], "dev-1"),
    (["a*b"], "a-b-c"),
]
MOVES = [("IMMUTABLE_WITH_EXCLUSION", *each) for each in MATCHES] + [
    ("MUTABLE_WITH_EXCLUSION", *each) for each in OTHERS
]
STAYS = [("MUTABLE_WITH_EXCLUSION", *each) for each in MATCHES] + [
    ("IMMUTABLE_WITH_EXCLUSION", *each) for each in OTHERS
]


@pytest.mark.parametrize("case", MOVES, ids=str)
def test_a_tag_moves_where_the_filters_let_it(images, set_mode, case):
    mode, filters, tag = case
    old, new = images.make("old"), images.make("new")
    images.push(old, tag)
    set_mode(mode, *filters)

    images.push(new, tag)

    assert images.tags() == {old.digest: None, new.digest: [tag]}


@pytest.mark.parametrize("case", STAYS, ids=str)
def test_a_tag_stays_where_the_filters_hold_it(images, set_mode, refusal, case):
    mode, filters, tag = case
    old = images.make("old")
    images.push(old, tag)
    set_mode(mode, *filters)

    refused = refusal(images.push, image=images.make("new"), tag=tag)

    assert refused.code == "ImageTagAlreadyExistsException"
    assert images.tags() == {old.digest: [tag]}


def test_an_immutable_repository_takes_a_new_tag_for_an_image_from_before(images, set_mode):
    image = images.make()
    images.push(image, "v1")
    set_mode("IMMUTABLE")

    images.push(image, "v2")

    assert images.tags() == {image.digest: ["v1", "v2"]}
