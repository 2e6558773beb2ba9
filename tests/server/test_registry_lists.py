"""`tags/list`, the catalog and referrers: bad pages, and pages of ten thousand."""

from __future__ import annotations

import re

import pytest

from tests.server import doors, manifests, raw, states

UNSUPPORTED = (405, "UNSUPPORTED")
AT_LEAST_1 = "Member must have value greater than or equal to 1"
AT_MOST_1000 = "Member must have value less than or equal to 1000"
NONE = "sha256:" + "0" * 64
LISTS = ["/v2/app/tags/list", "/v2/_catalog"]
BAD_SIZES = {
    "zero": "0",
    "negative": "-1",
    "a word": "x",
    "empty": "",
    "fraction": "1.5",
    "exponent": "1e3",
    "plus": "%2b1x",
    "digits of another script": "%d9%a1",
    "superscript": "%c2%b2",
    "NUL": "1%00",
    "5,000 digits": "9" * 5000,
    "invalid UTF-8": "%ff",
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("size", BAD_SIZES.values(), ids=BAD_SIZES)
def test_a_page_size_that_is_none_is_an_invalid_parameter(size, path, server, registry, unchanged):
    assert registry.ask("GET", f"{path}?n={size}").verdict == UNSUPPORTED
    unchanged()


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "size",
    [
        "1001",
        "99999",
        pytest.param("9" * 20),
        pytest.param("9" * 5000, id="5,000 digits"),
    ],
)
def test_a_page_size_above_a_thousand_is_refused_in_these_words(size, path, registry):
    """Reference, section 17.4; B, go-containerregistry#681."""
    answer = registry.ask("GET", f"{path}?n={size}")

    assert answer.verdict == UNSUPPORTED
    assert answer.json()["errors"][0]["message"] == (
        f"Invalid parameter at 'maxResults' failed to satisfy constraint: '{AT_MOST_1000}'"
    )


@pytest.mark.parametrize(
    "last", ["x", "", "%00%ff", "v1", "a" * 20_000, "%7b%7d", "AAAA", "-", "eyJ9"], ids=repr
)
def test_a_token_that_is_none_is_an_invalid_parameter(last, server, registry, unchanged):
    assert registry.ask("GET", f"/v2/app/tags/list?last={last}").verdict == UNSUPPORTED
    unchanged()


def test_odd_queries_are_passed_over(registry):
    queries = ["x=1", "n=1&n=1", "&&&", "=", "%", "n", "N=0", "a" * 30_000, "&".join("ab" * 3000)]

    found = {query: registry.ask("GET", f"/v2/app/tags/list?{query}").status for query in queries}

    assert {query[:10]: status for query, status in found.items() if status not in (200, 405)} == {}


@pytest.mark.parametrize("repository", ["team/web", "app"])
def test_a_list_is_json_though_it_says_text(repository, registry):
    """Reference, section 17.4: `text/plain; charset=utf-8` (sic)."""
    answer = registry.ask("GET", f"/v2/{repository}/tags/list")

    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.json()["name"] == repository


@pytest.fixture
def many(server):
    """A repository with ten thousand tags, a thousand on each of ten images."""
    wanted = [f"t{number:05}" for number in range(10_000)]
    for start in range(0, 10_000, 1000):
        server.aws.images.push("many", tag=wanted[start : start + 1000])
    return wanted


def walk(registry, path):
    """Follow the links from page to page; return the pages."""
    pages = []
    while path:
        answer = registry.ask("GET", path)
        assert answer.status == 200, answer
        pages.append(answer.json()["tags"])
        path = next_of(answer)
    return pages


def next_of(answer):
    """Return the path of the next page, from a link that must be absolute."""
    link = answer.header("link")
    if link is None:
        return None
    found = re.fullmatch(r'<http://127\.0\.0\.1(/v2/[^>]+)>; rel="next"', link)
    assert found, link
    return found[1]


def test_ten_thousand_tags_are_listed_page_by_page(many, server, registry):
    pages = walk(registry, "/v2/many/tags/list?n=1000")

    assert [len(page) for page in pages] == [1000] * 10
    assert sorted(tag for page in pages for tag in page) == many
    states.assert_sound(server)


def test_a_page_without_a_size_does_not_hold_ten_thousand(many, registry):
    answer = registry.ask("GET", "/v2/many/tags/list")

    assert len(answer.json()["tags"]) == 100
    assert next_of(answer)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pages_of_any_size_hold_each_tag_once(size, registry, server):
    server.aws.images.push("few", tag=["a", "b", "c", "d", "e"])
    server.aws.images.push("few", tag=None)

    pages = walk(registry, f"/v2/few/tags/list?n={size}")

    assert sorted(tag for page in pages for tag in page) == ["a", "b", "c", "d", "e"]


def test_a_token_of_one_repository_opens_no_page_of_another(many, server, registry):
    server.aws.images.push("other", tag=["a", "b", "c"])
    link = next_of(registry.ask("GET", "/v2/many/tags/list?n=5"))

    answer = registry.ask("GET", link.replace("/many/", "/other/"))

    assert answer.verdict in (UNSUPPORTED, (200, ""))
    if answer.status == 200:
        assert set(answer.json()["tags"]) <= {"a", "b", "c"}


def test_a_list_goes_on_though_the_tag_of_its_token_was_deleted(many, registry):
    first = registry.ask("GET", "/v2/many/tags/list?n=10")
    for tag in first.json()["tags"]:
        registry.ask("DELETE", f"/v2/many/manifests/{tag}")

    rest = walk(registry, next_of(first))

    assert sorted(tag for page in rest for tag in page) == many[10:]


def test_the_thousand_and_first_tag_of_an_image_is_denied(server, registry):
    """Reference, section 17.2: LimitExceededException is 403 DENIED."""
    image = server.aws.images.push("full", tag=[f"t{number}" for number in range(1000)])
    before = states.fingerprint(server)

    answer = registry.put(image.manifest, "more", repository="full")

    assert answer.verdict == (403, "DENIED")
    assert answer.json()["errors"][0]["message"].endswith("image which is '1000'")
    assert states.fingerprint(server) == before


def test_the_catalog_lists_the_repositories_of_one_registry(server, registry):
    other = doors.Registry(server, account_id="999988887777")

    assert registry.ask("GET", "/v2/_catalog").json() == {
        "repositories": ["app", "fixed", "team/web"]
    }
    assert other.ask("GET", "/v2/_catalog").json() == {"repositories": []}


def test_the_referrers_of_what_nothing_refers_to_are_an_empty_index(registry):
    """Reference, section 17.4: supported; an unknown digest has an empty index."""
    answer = registry.ask("GET", f"/v2/app/referrers/{NONE}")

    assert answer.status == 200
    assert answer.json()["manifests"] == []


@pytest.mark.parametrize(
    "digest", ["x", "sha256:", "sha256:zz", "%00", "a" * 10_000, "sha256:" + "0" * 10_000], ids=len
)
def test_the_referrers_of_no_digest_are_refused_or_none(digest, server, registry, unchanged):
    answer = registry.ask("GET", f"/v2/app/referrers/{digest}")

    assert answer.status in (200, 400, 404, 405)
    unchanged()


def test_a_referrer_is_listed_once_and_filtered_by_type(registry):
    subject = manifests.descriptor(manifests.image(), doors.OCI_MANIFEST)
    referrer = manifests.image(subject=subject, artifactType="application/spdx+json")
    assert registry.put(referrer, "sbom").status == 201
    path = f"/v2/app/referrers/{subject['digest']}"

    every = registry.ask("GET", path).json()["manifests"]
    filtered = registry.ask("GET", f"{path}?artifactType=application/spdx%2Bjson").json()
    others = registry.ask("GET", f"{path}?artifactType=x").json()["manifests"]

    assert [each["digest"] for each in every] == [states.digest_of(referrer)]
    assert filtered["manifests"] == every
    assert others == []


def test_ten_thousand_queries_in_one_are_answered(server, registry):
    query = "&".join(f"n{number}=1" for number in range(7000))

    answer = raw.ask(server.port, registry.request("GET", f"/v2/_catalog?{query}"), method="GET")

    assert answer.status in (200, 400, 414)
