"""Pages: their sizes, and tokens that hold for one operation and its parameters alone."""

from __future__ import annotations

import base64
import json
import re

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import given

from ecrmock import mock_aws
from ecrmock.core.errors import AwsError
from ecrmock.operations import table
from ecrmock.wire import models, paging
from tests.wire import shapes, worlds
from tests.wire.lists import LISTS, NAMES, fill

every_list = pytest.mark.parametrize("operation", LISTS)
UNCHECKED = Config(parameter_validation=False)
REFUSALS = {
    "ecr": "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid next token'",
    "ecs": "Invalid token",
}


@pytest.fixture(params=LISTS)
def listing(request):
    with mock_aws(page_size=2) as aws:
        fill(aws)
        yield Listing(request.param)


class Listing:
    """One list operation, called with more parameters than those of the table."""

    def __init__(self, operation):
        self.operation = operation
        self.service, self.parameters, self.member, self.key, self.expected = LISTS[operation]
        self.client = boto3.client(self.service, config=UNCHECKED)

    def __call__(self, **more):
        return getattr(self.client, xform_name(self.operation))(**self.parameters, **more)

    def paginate(self, **config):
        paginator = self.client.get_paginator(xform_name(self.operation))
        return paginator.paginate(**self.parameters, PaginationConfig=config)

    def names(self, answer):
        return [self.name(entry) for entry in answer[self.member]]

    def name(self, entry):
        if self.key is None:
            return entry.rpartition("/")[2]
        return entry[self.key] if isinstance(entry[self.key], str) else entry[self.key][0]

    def refused(self, **more):
        with pytest.raises(ClientError) as caught:
            self(**more)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


def test_every_built_operation_with_a_paginator_is_tested_here():
    paged = {
        operation
        for service in models.SERVICES
        for operation in table.built(service)
        if models.load(service).has(operation)
        if models.load(service).operation(operation).paginator is not None
    }

    assert paged == set(LISTS)


@pytest.mark.parametrize("page_size", [1, 2, 100])
@every_list
def test_a_paginator_walks_everything_once_and_in_order(operation, page_size):
    with mock_aws(page_size=page_size) as aws:
        fill(aws)
        listing = Listing(operation)

        pages = list(listing.paginate())

    assert [name for page in pages for name in listing.names(page)] == listing.expected
    assert len(pages) == -(-len(listing.expected) // page_size)
    assert "nextToken" not in pages[-1]


@every_list
def test_a_paginator_begins_again_where_it_stopped(operation):
    with mock_aws() as aws:
        fill(aws)
        listing = Listing(operation)

        first = listing.paginate(MaxItems=3, PageSize=2)
        seen = listing.names(first.build_full_result())
        rest = listing.paginate(StartingToken=first.resume_token, PageSize=1).build_full_result()

    assert seen == listing.expected[:3]
    assert listing.names(rest) == listing.expected[3:]


def test_a_token_shows_nothing_of_what_it_stands_for(listing):
    answer = listing()

    assert re.fullmatch(r"[A-Za-z0-9_=-]+", answer["nextToken"])
    assert not any(name in answer["nextToken"] for name in listing.expected)


def test_pages_of_one_list_may_differ_in_size(listing):
    first = listing(maxResults=1)

    second = listing(maxResults=2, nextToken=first["nextToken"])

    assert listing.names(first) + listing.names(second) == listing.expected[:3]


def test_a_token_can_be_used_twice(listing):
    token = listing()["nextToken"]

    assert listing.names(listing(nextToken=token)) == listing.names(listing(nextToken=token))


def test_an_entry_that_is_gone_takes_no_other_with_it():
    with mock_aws(page_size=2) as aws:
        fill(aws)
        ecr = boto3.client("ecr")
        first = ecr.describe_repositories()
        for name in NAMES[1:3]:
            ecr.delete_repository(repositoryName=name)

        second = ecr.describe_repositories(nextToken=first["nextToken"])

    assert [found["repositoryName"] for found in second["repositories"]] == NAMES[3:5]


# ------------------------------------------------------------------------- tokens to be refused


def forged(key, token):
    """Return a token whose key is another but whose binding is right."""
    *binding, _ = json.loads(base64.urlsafe_b64decode(token))
    return base64.urlsafe_b64encode(json.dumps([*binding, key]).encode()).decode()


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "%%%%",
        "AAAA",
        "\U0001f433",
        "x" * 4096,
        base64.b64encode(b"null").decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b'["",""]').decode(),
        base64.b64encode(b"[" * 100_000).decode(),
        base64.b64encode(b"\xff\xfe").decode(),
    ],
    ids=[
        "letter",
        "signs",
        "zeros",
        "no ascii",
        "long",
        "null",
        "object",
        "one",
        "two",
        "deep",
        "bytes",
    ],
)
def test_garbage_is_no_token(listing, token):
    assert listing.refused(nextToken=token) == (
        "InvalidParameterException",
        REFUSALS[listing.service],
    )


def test_a_changed_token_is_no_token(listing):
    token = listing()["nextToken"]
    changed = [
        f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}"
        for at in range(len(token.rstrip("=")) - 1)
    ]

    accepted = []
    for other in changed:
        try:
            listing(nextToken=other)
        except ClientError:
            continue
        accepted.append(other)

    assert accepted == []


def test_a_token_of_repositories_holds_for_its_registry_alone():
    with mock_aws(page_size=2) as aws:
        fill(aws)
        ecr = boto3.client("ecr")
        token = ecr.describe_repositories()["nextToken"]

        with pytest.raises(ClientError, match="Invalid next token"):
            ecr.describe_repositories(nextToken=token, registryId="123456789012")


@pytest.mark.parametrize(
    "parameters",
    [
        {"repositoryName": NAMES[1]},
        {"repositoryName": NAMES[0], "filter": {"tagStatus": "TAGGED"}},
    ],
    ids=["repository", "filter"],
)
@pytest.mark.parametrize("operation", ["list_images", "describe_images"])
def test_a_token_of_images_holds_for_its_repository_and_filter(operation, parameters):
    with mock_aws(page_size=2) as aws:
        fill(aws)
        call = getattr(boto3.client("ecr"), operation)
        token = call(repositoryName=NAMES[0])["nextToken"]

        with pytest.raises(ClientError, match="Invalid next token"):
            call(nextToken=token, **parameters)


def test_a_token_holds_for_its_operation_alone():
    with mock_aws(page_size=2) as aws:
        fill(aws)
        ecr = boto3.client("ecr")
        token = ecr.list_images(repositoryName=NAMES[0])["nextToken"]

        with pytest.raises(ClientError, match="Invalid next token"):
            ecr.describe_images(repositoryName=NAMES[0], nextToken=token)


@every_list
@shapes.steady
@given(key=shapes.JSON_VALUES)
def test_a_forged_token_is_answered_or_refused(operation, key):
    service, *_ = LISTS[operation]
    parameters = {"repositoryName": "web"} if "Image" in operation else {}
    token = paging.make_token(operation, parameters, None)
    with worlds.furnished() as gateway:
        body = {**parameters, "nextToken": forged(key, token)}

        exchange = worlds.call(gateway, service, operation, body)

    assert exchange.error is None or isinstance(exchange.error, AwsError)


# --------------------------------------------------------------------------------------- sizes

LEAST = "Member must have value greater than or equal to 1"
MOST = "Member must have value less than or equal to 1000"


@pytest.mark.parametrize(
    ("wanted", "constraint"), [(-1, LEAST), (0, LEAST), (1001, MOST), (2**31 - 1, MOST)]
)
@pytest.mark.parametrize("operation", ["DescribeRepositories", "ListImages", "DescribeImages"])
def test_ecr_gives_between_1_and_1000(operation, wanted, constraint):
    parameters = LISTS[operation][1]
    with worlds.furnished() as gateway:
        exchange = worlds.call(gateway, "ecr", operation, {**parameters, "maxResults": wanted})

    assert str(exchange.error) == (
        "InvalidParameterException: Invalid parameter at 'maxResults' failed to satisfy "
        f"constraint: '{constraint}'"
    )


@pytest.mark.parametrize("wanted", [-1, 0, 101, 2**31 - 1])
def test_ecs_gives_between_1_and_100(wanted):
    with worlds.furnished() as gateway:
        exchange = worlds.call(gateway, "ecs", "ListClusters", {"maxResults": wanted})

    assert str(exchange.error) == (
        "InvalidParameterException: maxResults must be between 1 and 100"
    )


@pytest.mark.parametrize(
    ("service", "operation", "largest", "default"),
    [
        ("ecr", "DescribeRepositories", 1000, 100),
        ("ecr", "ListImages", 1000, 100),
        ("ecr", "DescribeImages", 1000, 100),
        ("ecr", "DescribeImageScanFindings", 1000, 100),
        ("ecr", "DescribePullThroughCacheRules", 1000, 100),
        ("ecr", "DescribeRepositoryCreationTemplates", 1000, 100),
        ("ecr", "GetLifecyclePolicyPreview", 100, 100),
        ("ecr", "ListPullTimeUpdateExclusions", 1000, 100),
        ("ecr", "ListImageReferrers", 50, 50),
        ("ecs", "ListClusters", 100, 100),
        ("ecs", "ListContainerInstances", 100, 100),
        ("ecs", "ListTaskDefinitions", 100, 100),
        ("ecs", "ListTaskDefinitionFamilies", 100, 100),
        ("ecs", "ListTasks", 100, 100),
        ("ecs", "ListAttributes", 100, 100),
        ("ecs", "ListDaemons", 100, 100),
        ("ecs", "ListDaemonTaskDefinitions", 100, 100),
        ("ecs", "ListServices", 100, 10),
        ("ecs", "ListServicesByNamespace", 100, 10),
        ("ecs", "ListServiceDeployments", 100, 20),
        ("ecs", "ListDaemonDeployments", 100, 20),
        ("ecs", "ListAccountSettings", 10, 10),
        ("ecs", "DescribeCapacityProviders", 10, 10),
    ],
)
def test_a_page_is_as_large_as_the_references_say(service, operation, largest, default):
    assert paging.page_size(service, operation, None, None) == default
    assert paging.page_size(service, operation, largest, None) == largest
    with pytest.raises(AwsError):
        paging.page_size(service, operation, largest + 1, None)


@pytest.mark.parametrize(
    ("wanted", "cap", "size"), [(None, 1, 1), (5, 1, 1), (5, 7, 5), (None, 1000, 100)]
)
def test_the_mock_s_own_page_size_only_makes_pages_smaller(wanted, cap, size):
    assert paging.page_size("ecs", "ListClusters", wanted, cap) == size


def test_a_page_holds_100_repositories_unless_asked_otherwise():
    with worlds.furnished() as gateway:
        for number in range(99):
            worlds.done(gateway, "ecr", "CreateRepository", {"repositoryName": f"r/{number:03}"})

        page = worlds.done(gateway, "ecr", "DescribeRepositories", {})
        more = worlds.done(gateway, "ecr", "DescribeRepositories", {"maxResults": 101})

    assert len(page["repositories"]) == 100
    assert len(more["repositories"]) == 101
    assert "nextToken" in page
    assert "nextToken" not in more
