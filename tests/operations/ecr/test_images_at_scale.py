"""DescribeImages and ListImages over 250 images: pages, tokens, filters."""

from __future__ import annotations

import pytest

NUMBER = 250
NUMBER_UNTAGGED = 50  # each fifth
MEMBERS = {"describe_images": "imageDetails", "list_images": "imageIds"}


@pytest.fixture
def digests(ecr, repository, images, digest_of) -> list[str]:
    """Push 250 images of the same blobs, each fifth without a tag; return their digests."""
    image = images.make()
    images.upload_blobs(image)
    digests = []
    for number in range(NUMBER):
        # White space makes each manifest another image.
        manifest = image.manifest + " " * number
        tag = {"imageTag": f"v{number}"} if number % 5 else {}
        ecr.put_image(repositoryName=repository, imageManifest=manifest, **tag)
        digests.append(digest_of(manifest.encode()))
    return digests


@pytest.fixture(params=MEMBERS)
def operation(request) -> str:
    return request.param


@pytest.fixture
def page(ecr, repository, operation):
    """Call the operation; return the digests on the page and the token of the next."""

    def page(**options) -> tuple[list[str], str | None]:
        response = getattr(ecr, operation)(repositoryName=repository, **options)
        items = [each["imageDigest"] for each in response[MEMBERS[operation]]]
        return items, response.get("nextToken")

    return page


@pytest.fixture
def walk(page):
    """Follow the tokens to the end; return the pages. At most *maximum* pages are asked for."""

    def walk(*, maximum: int = NUMBER + 1, **options) -> list[list[str]]:
        pages, token = [], None
        while len(pages) < maximum:
            items, token = page(**options, **({"nextToken": token} if token else {}))
            pages.append(items)
            if token is None:
                return pages
        pytest.fail(f"there is another page after {maximum}")

    return walk


def flat(pages: list[list[str]]) -> list[str]:
    return [digest for items in pages for digest in items]


# --------------------------------------------------------------------------------- pages


def test_pages_hold_a_hundred_by_default(digests, walk):
    pages = walk()

    assert [len(items) for items in pages] == [100, 100, 50]
    assert sorted(flat(pages)) == sorted(digests)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [(1000, [250]), (250, [250]), (249, [249, 1]), (125, [125, 125]), (60, [60] * 4 + [10])],
)
def test_pages_hold_as_many_as_are_asked_for(digests, walk, size, sizes):
    pages = walk(maxResults=size)

    assert [len(items) for items in pages] == sizes
    assert sorted(flat(pages)) == sorted(digests)


@pytest.mark.ecrmock(page_size=60)
def test_the_page_size_of_the_mock_is_the_most(digests, walk):
    by_default, more, fewer = walk(), walk(maxResults=1000), walk(maxResults=50)

    assert [len(items) for items in by_default] == [60] * 4 + [10]
    assert [len(items) for items in more] == [60] * 4 + [10]
    assert [len(items) for items in fewer] == [50] * 5
    assert sorted(flat(by_default)) == sorted(digests)


def test_the_paginator_of_botocore_walks_all_pages(ecr, repository, digests, operation):
    paginator = ecr.get_paginator(operation)

    pages = paginator.paginate(repositoryName=repository, PaginationConfig={"PageSize": 33})

    items = [each["imageDigest"] for page in pages for each in page[MEMBERS[operation]]]
    assert sorted(items) == sorted(digests)


def test_a_token_can_be_used_twice(digests, page):
    _items, token = page(maxResults=100)

    first, second = page(maxResults=100, nextToken=token), page(maxResults=100, nextToken=token)

    assert first[0] == second[0]


def test_the_size_may_change_from_page_to_page(digests, page):
    first, token = page(maxResults=10)
    second, token = page(maxResults=200, nextToken=token)
    third, token = page(maxResults=1000, nextToken=token)

    assert [len(first), len(second), len(third)] == [10, 200, 40]
    assert sorted(first + second + third) == sorted(digests)
    assert token is None


# --------------------------------------------------------------- changes between two pages


@pytest.mark.parametrize("which", ["seen", "to come", "last seen"])
def test_a_token_goes_on_after_a_deletion(digests, images, page, walk, which):
    (whole,) = walk(maxResults=1000)
    first, token = page(maxResults=100)
    chosen = {"seen": whole[:50], "to come": whole[150:200], "last seen": whole[80:100]}[which]
    images.delete(*[{"imageDigest": digest} for digest in chosen])

    rest, end = page(maxResults=1000, nextToken=token)

    assert first == whole[:100]
    assert rest == [digest for digest in whole[100:] if digest not in chosen]
    assert end is None


def test_a_token_goes_on_when_the_next_image_was_deleted(digests, images, page, walk):
    (whole,) = walk(maxResults=1000)
    _first, token = page(maxResults=100)
    images.delete({"imageDigest": whole[100]})

    rest, _end = page(maxResults=1000, nextToken=token)

    assert rest == whole[101:]


def test_a_token_has_nothing_left_when_all_is_deleted(digests, images, page):
    _first, token = page(maxResults=100)
    for start in range(0, NUMBER, 100):
        images.delete(*[{"imageDigest": digest} for digest in digests[start : start + 100]])

    rest, end = page(maxResults=100, nextToken=token)

    assert rest == []
    assert end is None


def test_a_token_skips_no_image_when_one_is_pushed(digests, images, page, walk):
    first, token = page(maxResults=100)
    images.push(images.make("new"), "new")

    rest, _end = page(maxResults=1000, nextToken=token)

    assert set(digests) <= {*first, *rest}
    assert len({*first, *rest}) == len(first) + len(rest)


# -------------------------------------------------------------------------------- filters


@pytest.mark.parametrize("size", [7, 100])
@pytest.mark.parametrize(
    ("status", "number"),
    [("TAGGED", NUMBER - NUMBER_UNTAGGED), ("UNTAGGED", NUMBER_UNTAGGED), ("ANY", NUMBER)],
)
def test_pages_of_a_filter_hold_all_that_it_chooses(digests, walk, status, number, size):
    wanted = {
        "TAGGED": [digest for at, digest in enumerate(digests) if at % 5],
        "UNTAGGED": digests[::5],
        "ANY": digests,
    }[status]

    pages = walk(filter={"tagStatus": status}, maxResults=size)

    assert sorted(flat(pages)) == sorted(wanted)
    assert len(wanted) == number
    assert max(len(items) for items in pages) <= size


def test_a_filter_goes_on_after_a_deletion(digests, images, page, walk):
    chosen = {"filter": {"tagStatus": "UNTAGGED"}}
    first, token = page(**chosen, maxResults=20)
    left = [digest for digest in digests[::5] if digest not in first]
    images.delete(*[{"imageDigest": digest} for digest in left[:10]])

    rest = []
    while token is not None:
        items, token = page(**chosen, maxResults=20, nextToken=token)
        rest += items

    assert sorted(rest) == sorted(left[10:])
