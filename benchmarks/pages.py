"""Row 4: a page of a short list, and of one that is a thousand times as long."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.measure import Line, Party, compare, paired, timed
from ecrmock import mock_aws
from ecrmock.ecr import images, layers, manifests, repositories

ROUNDS = 200
PAGE = 100
LEAP = 1000
FEW, MANY = 100, 100_000
LISTS = {
    "DescribeImages": ("describe_images", "imageDetails"),
    "ListImages": ("list_images", "imageIds"),
}


def _fill(aws: Any, count: int) -> None:
    """Put images into a new repository, each with a tag, by the domain itself."""
    from ecrmock.core.blobs import BlobWriter

    world = aws.gateway.world
    core, registry = world.core, world.registry(aws.account_id, aws.region_name)
    repository = repositories.create(core, registry, "app")
    writer = BlobWriter()
    writer.write(b"{}")
    config = layers.add(core, repository, writer)
    document: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": manifests.OCI_IMAGE,
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": config.digest,
            "size": config.size_bytes,
        },
        "layers": [],
    }
    for number in range(count):
        document["annotations"] = {"number": str(number)}
        images.put(core, registry, repository, json.dumps(document), tag=f"v{number}")


def _tokens(call: Any) -> tuple[str, str]:
    """Return what asks for the second and for the last page."""
    second = call(repositoryName="app", maxResults=PAGE)["nextToken"]
    token, seen = second, PAGE
    while seen < MANY - PAGE:
        step = min(LEAP, MANY - PAGE - seen)
        token = call(repositoryName="app", maxResults=step, nextToken=token)["nextToken"]
        seen += step
    return second, token


def _page(call: Any, member: str, **token: str) -> Party:
    def work() -> None:
        found = call(repositoryName="app", maxResults=PAGE, **token)
        assert len(found[member]) == PAGE

    return lambda: timed(work)


def one_page() -> list[Line]:
    """Time pages of 100 images: of a repository that has no more, and of one with 100,000."""
    short = f"a repository of {FEW}"
    lines: list[Line] = []
    with mock_aws() as small, mock_aws() as large:
        _fill(small, FEW)
        _fill(large, MANY)
        for operation, (method, member) in LISTS.items():
            few, many = getattr(small.client("ecr"), method), getattr(large.client("ecr"), method)
            second, last = _tokens(many)
            assert "nextToken" not in many(repositoryName="app", nextToken=last)
            parties = {
                short: _page(few, member),
                "first": _page(many, member),
                "second": _page(many, member, nextToken=second),
                "last": _page(many, member, nextToken=last),
            }
            times = paired(parties, ROUNDS)
            lines += [
                compare(f"{operation} of {MANY:,}, {page} page", times, page, short, at_most=1.5)
                for page in ("first", "second", "last")
            ]
    return lines
