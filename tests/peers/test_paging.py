"""Pages: a limit and a token are ignored by another mock, so that loops over pages go untested."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

import ecrmock


class Listing(NamedTuple):
    """An operation that lists something, and where in the reply the list is."""

    service: str
    operation: str
    member: str
    parameters: dict[str, str] = {}  # noqa: RUF012 - a tuple's default, never changed

    def ask(self, outside, **more):
        """Call the operation by a client that was made outside of any mock."""
        return getattr(outside(self.service), self.operation)(**self.parameters, **more)


LISTINGS = [
    Listing("ecr", "describe_repositories", "repositories"),
    Listing("ecs", "list_clusters", "clusterArns"),
]
each_listing = pytest.mark.parametrize("listing", LISTINGS, ids=lambda each: each.operation)


def against(reason, raises=AssertionError):
    """Run a test against both libraries; moto must fail it, for the reason that is given."""
    fails = pytest.mark.xfail(strict=True, reason=reason, raises=raises)
    peers = ["ecrmock", pytest.param("moto", marks=fails)]
    return pytest.mark.parametrize("peer", peers, indirect=True)


def fill(outside):
    """Make three of each thing that is listed."""
    ecr, ecs = outside("ecr"), outside("ecs")
    for name in ("api", "web-app", "worker"):
        ecr.create_repository(repositoryName=name)
        ecs.create_cluster(clusterName=name)


@against("it takes no notice of maxResults")
@each_listing
def test_a_page_holds_no_more_than_was_asked_for(peer, outside, listing):
    peer.start()
    fill(outside)

    page = listing.ask(outside, maxResults=2)

    assert (len(page[listing.member]), bool(page.get("nextToken"))) == (2, True)


@against("it takes no notice of a token", raises=pytest.fail.Exception)
@each_listing
def test_a_token_that_nobody_gave_is_refused(peer, outside, listing):
    peer.start()
    fill(outside)

    with pytest.raises(ClientError) as caught:
        listing.ask(outside, nextToken="made up")

    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"


@each_listing
def test_pages_of_one_lead_a_paginator_through_everything(outside, listing):
    with ecrmock.mock_aws() as aws:
        fill(outside)
        expected = listing.ask(outside)[listing.member]
        saved = aws.snapshot()

    with ecrmock.mock_aws(page_size=1) as aws:
        aws.restore(saved)
        paginator = outside(listing.service).get_paginator(listing.operation)
        pages = [page[listing.member] for page in paginator.paginate(**listing.parameters)]

    assert pages == [[each] for each in expected]


@pytest.mark.parametrize(
    ("asked", "given"), [LISTINGS, LISTINGS[::-1]], ids=lambda each: each.operation
)
def test_a_token_of_another_question_is_refused(outside, asked, given):
    with ecrmock.mock_aws(page_size=1):
        fill(outside)
        token = given.ask(outside)["nextToken"]

        with pytest.raises(ClientError) as caught:
            asked.ask(outside, nextToken=token)

    assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
