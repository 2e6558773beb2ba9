"""Tags, page by page with ECR's tokens, and the catalog."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from ecrmock import Server
from tests.registry.client import (
    ACCOUNT,
    HOST,
    Refusal,
    Registry,
    image,
)

TOO_MANY = Refusal(
    "UNSUPPORTED",
    "Invalid parameter at 'maxResults' failed to satisfy constraint: "
    "'Member must have value less than or equal to 1000'",
)
LIST = "/v2/app/tags/list"


def tag(registry, number: int, *, repository: str = "app", prefix: str = "t") -> set[str]:
    """Put this many tags on one image, in the world behind the socket: at most a thousand."""
    tags = [f"{prefix}{each:04}" for each in range(number)]
    registry.server.aws.images.push(repository, tag=tags)
    return set(tags)


def link_of(answer) -> str | None:
    """Return the URL of the next page; it is absolute, and nothing else is said of it."""
    header = answer.headers["Link"]
    if header is None:
        return None
    found = re.fullmatch(r'<(http[^>]+)>; rel="next"', header)
    assert found, header
    return found[1]


def all_pages(registry, path: str = LIST) -> list[list[str]]:
    """Follow the links to the end."""
    pages = []
    while path:
        answer = registry.get(path)
        assert answer.status == 200, answer
        pages.append(answer.json["tags"])
        path = link_of(answer)
    return pages


def flat(pages: list[list[str]]) -> list[str]:
    return [each for page in pages for each in page]


# ------------------------------------------------------------------------------ one page


def test_tags_are_json_that_calls_itself_plain_text(registry):
    registry.push(image(), "v1")

    answer = registry.get(LIST)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Docker-Distribution-Api-Version"] == "registry/2.0"
    assert answer.json == {"name": "app", "tags": ["v1"]}
    assert link_of(answer) is None


@pytest.mark.parametrize("images", [[], [image("untagged")]], ids=["no image", "no tag"])
def test_a_repository_without_tags_has_an_empty_list(registry, images):
    for each in images:
        registry.push(each)

    answer = registry.get(LIST)

    assert answer.status == 200
    assert answer.json == {"name": "app", "tags": []}


def test_each_tag_of_each_image_is_listed_once(registry):
    for name in ("one", "two"):
        registry.push(image(name), f"{name}-a")
        registry.put(image(name), f"{name}-b")
    registry.push(image("untagged"))

    assert sorted(registry.get(LIST).json["tags"]) == ["one-a", "one-b", "two-a", "two-b"]


def test_a_name_with_slashes_is_given_back_whole(registry, ecr):
    ecr.create_repository(repositoryName="team/part/app")
    registry.push(image(), "v1", "team/part/app")

    answer = registry.get("/v2/team/part/app/tags/list")

    assert answer.json == {"name": "team/part/app", "tags": ["v1"]}


def test_tags_of_a_missing_repository_are_refused_by_name(registry):
    answer = registry.get("/v2/no-such-repository/tags/list")

    assert answer.status == 404
    assert answer.refusal == Refusal(
        "NAME_UNKNOWN",
        "The repository with name 'no-such-repository' does not exist "
        f"in the registry with id '{ACCOUNT}'",
    )


def test_tags_of_the_api_are_listed_and_gone_when_it_deletes_them(registry, ecr):
    registry.push(image(), "v1")
    ecr.put_image(repositoryName="app", imageManifest=image().content.decode(), imageTag="v2")
    before = registry.get(LIST).json["tags"]

    ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])

    assert sorted(before) == ["v1", "v2"]
    assert registry.get(LIST).json["tags"] == ["v2"]


# ------------------------------------------------------------------------------ many pages


def test_a_page_has_a_hundred_tags_when_nothing_is_said(registry):
    expected = tag(registry, 250)

    pages = all_pages(registry)

    assert len(pages[0]) == 100
    assert sorted(flat(pages)) == sorted(expected)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 6, 7], ids=lambda n: f"n {n}")
def test_n_is_the_most_on_a_page_and_no_tag_is_lost(registry, n):
    expected = tag(registry, 6)

    first = registry.get(f"{LIST}?n={n}")

    assert len(first.json["tags"]) == min(n, 6)
    assert (link_of(first) is not None) == (n < 6)
    assert sorted(flat(all_pages(registry, f"{LIST}?n={n}"))) == sorted(expected)


def test_a_link_is_absolute_and_carries_a_token(registry):
    tag(registry, 4)

    answer = registry.get(f"{LIST}?n=2")

    url = urlsplit(link_of(answer))
    (token,) = parse_qs(url.query)["last"]
    assert f"{url.scheme}://{url.netloc}" == registry.server.url
    assert url.path == LIST
    assert set(parse_qs(url.query)) <= {"last", "n"}
    assert token not in answer.json["tags"]


def test_a_link_has_the_host_that_was_called(registry):
    tag(registry, 2)

    answer = registry.under(HOST).get(f"{LIST}?n=1")

    assert link_of(answer).startswith(f"http://{HOST}{LIST}?")


def test_a_token_goes_on_with_another_size(registry):
    expected = tag(registry, 9)
    first = registry.get(f"{LIST}?n=2")
    (token,) = parse_qs(urlsplit(link_of(first)).query)["last"]

    rest = all_pages(registry, f"{LIST}?n=5&last={token}")

    assert len(rest[0]) == 5
    assert sorted([*first.json["tags"], *flat(rest)]) == sorted(expected)


def test_a_page_can_be_read_twice(registry):
    tag(registry, 4)
    link = link_of(registry.get(f"{LIST}?n=2"))

    first, second = registry.get(link), registry.get(link)

    assert first.json == second.json


def test_untagged_images_do_not_hide_tags(registry):
    for number in range(12):
        registry.push(image(f"untagged {number}"))
    registry.push(image("tagged"), "v1")

    assert flat(all_pages(registry, f"{LIST}?n=2")) == ["v1"]


def test_a_thousand_is_the_largest_page(registry):
    expected = tag(registry, 1000)

    answer = registry.get(f"{LIST}?n=1000")

    assert set(answer.json["tags"]) == expected
    assert link_of(answer) is None


def test_ten_thousand_tags_are_ten_pages(registry):
    expected: set[str] = set()
    for number in range(10):
        expected |= tag(registry, 1000, prefix=f"image-{number}-")

    pages = all_pages(registry, f"{LIST}?n=1000")

    assert [len(page) for page in pages] == [1000] * 10
    assert set(flat(pages)) == expected


@pytest.mark.parametrize("n", ["1001", "5000", "1000000"])
def test_more_than_a_thousand_is_refused(registry, n):
    answer = registry.get(f"{LIST}?n={n}")

    assert answer.status == 405
    assert answer.refusal == TOO_MANY


@pytest.mark.parametrize("n", ["0", "-1", "many"])
def test_a_size_that_cannot_be_is_refused(registry, n):
    answer = registry.get(f"{LIST}?n={n}")

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"


@pytest.mark.parametrize("last", ["v1", "not-a-token"], ids=["a tag", "nothing known"])
def test_last_is_a_token_and_no_tag(registry, last):
    registry.push(image(), "v1")

    answer = registry.get(f"{LIST}?n=1&last={last}")

    assert answer.status == 405
    assert answer.refusal.code == "UNSUPPORTED"


def test_small_pages_of_a_mock_are_those_of_its_registry_too():
    with Server(page_size=2) as server:
        registry = Registry(server)
        expected = tag(registry, 5)

        pages = all_pages(registry)

    assert max(len(page) for page in pages) == 2
    assert sorted(flat(pages)) == sorted(expected)


# --------------------------------------------------------------------------------- catalog


def test_the_catalog_has_the_repositories_of_the_registry(registry, ecr):
    ecr.create_repository(repositoryName="team/other")

    answer = registry.get("/v2/_catalog")

    assert answer.status == 200
    assert sorted(answer.json["repositories"]) == ["app", "team/other"]


def test_the_catalog_of_an_empty_registry_is_empty(server):
    assert Registry(server).get("/v2/_catalog").json == {"repositories": []}


def test_the_catalog_is_as_long_as_n(registry, ecr):
    ecr.create_repository(repositoryName="team/other")

    answer = registry.get("/v2/_catalog?n=1")

    assert len(answer.json["repositories"]) == 1


def test_the_catalog_refuses_more_than_a_thousand(registry):
    answer = registry.get("/v2/_catalog?n=1001")

    assert answer.status == 405
    assert answer.refusal == TOO_MANY
