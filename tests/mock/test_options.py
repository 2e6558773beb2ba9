"""The options of `mock_aws`: what cannot be is refused with what was given and what is accepted."""

from __future__ import annotations

import inspect
import re
from datetime import datetime, timezone

import boto3
import pytest
from botocore.session import Session

from ecrmock import UsageError, mock_aws

SERVICES = ["ecr", "ecr-public", "ecs", "sts", "iam"]
DIGITS = "twelve digits"
WHOLE = "whole number"

REFUSED = [
    ("region_name", "mars-north-1", "us-east-1"),
    ("region_name", "", "us-east-1"),
    ("region_name", "EU-WEST-1", "eu-west-1"),
    ("region_name", None, "us-east-1"),
    ("region_name", 5, "us-east-1"),
    ("region_name", ["eu-west-1"], "us-east-1"),
    ("account_id", "12345", DIGITS),
    ("account_id", "1111222233334", DIGITS),
    ("account_id", "11112222333x", DIGITS),
    ("account_id", "١٢٣٤٥٦٧٨٩٠١٢", DIGITS),  # digits, but not ASCII's
    ("account_id", 111122223333, DIGITS),
    ("account_id", None, DIGITS),
    ("time", "fast", "instant, virtual, real"),
    ("time", "Virtual", "instant, virtual, real"),
    ("time", None, "instant, virtual, real"),
    ("now", "2026-01-01", "datetime"),
    ("now", 1767225600, "datetime"),
    ("services", ["s3"], "ecr, ecr-public, ecs, sts, iam"),
    ("services", ["ecr", "ECS"], "ecr, ecr-public, ecs, sts, iam"),
    ("services", "ecr", "services=['ecr']"),
    ("services", None, "list"),
    ("services", 5, "list"),
    ("passthrough", ["example.com"], "URLs"),
    ("passthrough", "http://localhost:5000", "passthrough=['http://localhost:5000']"),
    ("passthrough", [5], "URLs"),
    ("services", [5], "ecr, ecr-public, ecs, sts, iam"),
    ("page_size", 0, WHOLE),
    ("page_size", -1, WHOLE),
    ("page_size", 1.5, WHOLE),
    ("page_size", True, WHOLE),
    ("page_size", "1", WHOLE),
    ("rate", 0, "above 0"),
    ("rate", -2.5, "above 0"),
    ("rate", float("nan"), "above 0"),
    ("rate", "fast", "above 0"),
    ("rate", None, "above 0"),
    ("seed", "seven", WHOLE),
    ("seed", None, WHOLE),
    ("seed", 1.5, WHOLE),
    ("seed", [1], WHOLE),
    ("strict", "yes", "True"),
    ("patch_sleep", "no", "True"),
]


@pytest.mark.parametrize(
    ("option", "value", "accepted"), REFUSED, ids=[f"{o}={v!r}" for o, v, _ in REFUSED]
)
def test_a_value_that_cannot_be_is_refused_with_what_was_given_and_what_is_accepted(
    option, value, accepted
):
    with pytest.raises(UsageError) as refused:
        mock_aws(**{option: value})

    given = value[-1] if option in ("services", "passthrough") and type(value) is list else value
    assert option in str(refused.value)
    assert repr(given) in str(refused.value)
    assert accepted in str(refused.value)


def test_a_refused_option_is_a_value_error_too():
    with pytest.raises(ValueError, match="fast"):
        mock_aws(time="fast")


@pytest.mark.parametrize("name", ["region", "service", "lifecycle", "iam", "Strict"])
def test_an_unknown_option_is_an_error_by_its_name(name):
    with pytest.raises(TypeError, match=re.escape(f"'{name}'")):
        mock_aws(**{name: True})


def test_options_are_given_by_name_only():
    with pytest.raises(TypeError):
        mock_aws(lambda: None, "eu-west-1")


def test_a_region_in_the_place_of_a_function_is_refused():
    with pytest.raises(UsageError, match="'eu-west-1'"):
        mock_aws("eu-west-1")


def test_the_options_and_their_defaults_are_a_contract():
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(mock_aws).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }

    assert defaults == {
        "region_name": "us-east-1",
        "account_id": "123456789012",
        "time": "instant",
        "now": None,
        "seed": 0,
        "strict": False,
        "services": tuple(SERVICES),
        "passthrough": (),
        "page_size": None,
        "patch_sleep": None,
        "rate": 1.0,
    }


@pytest.mark.parametrize("partition", Session().get_available_partitions())
def test_every_region_of_every_partition_is_accepted(partition):
    regions = Session().get_available_regions("ecr", partition, allow_non_regional=False)

    for region in regions:
        with mock_aws(region_name=region):
            assert boto3.client("ecr").meta.region_name == region


@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_REGION"])
def test_a_region_that_was_given_takes_the_place_of_that_of_the_environment(variable, monkeypatch):
    monkeypatch.setenv(variable, "us-west-2")

    with mock_aws(region_name="eu-west-1"):
        assert boto3.session.Session().client("ecr").meta.region_name == "eu-west-1"


def test_a_region_of_the_environment_goes_before_the_default(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    with mock_aws():
        assert boto3.session.Session().client("ecr").meta.region_name == "us-west-2"


def test_a_default_region_that_was_given_counts_as_given(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")

    with mock_aws(region_name="us-east-1"):
        assert boto3.session.Session().client("ecr").meta.region_name == "us-east-1"


def test_page_size_makes_every_list_page(names):
    with mock_aws(page_size=1) as aws:
        ecr = aws.client("ecr")
        for name in ("team/a", "team/b", "team/c"):
            ecr.create_repository(repositoryName=name)
        pages = list(ecr.get_paginator("describe_repositories").paginate())

    sizes = [len(page["repositories"]) for page in pages]
    assert sizes == [1, 1, 1]


def test_a_naive_now_counts_as_utc():
    with mock_aws(now=datetime(2026, 1, 2, 3, 4, 5)) as aws:  # noqa: DTZ001 - naive on purpose
        assert aws.clock.now == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize("kind", [list, tuple, set, frozenset])
def test_services_may_be_a_list_a_tuple_or_a_set(kind):
    with mock_aws(services=kind(["ecr", "sts"])) as aws:
        aws.client("ecr").describe_repositories()

        assert sorted(aws.options.services) == ["ecr", "sts"]
