"""ARNs and partitions."""

from __future__ import annotations

import botocore.session
import pytest

from ecrmock.core import arn
from ecrmock.core.arn import Arn


@pytest.mark.parametrize(
    ("text", "parts", "kind", "name"),
    [
        (
            "arn:aws:ecr:us-east-1:123456789012:repository/team/app",
            ("aws", "ecr", "us-east-1", "123456789012", "repository/team/app"),
            "repository",
            "team/app",
        ),
        (
            "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7",
            ("aws", "ecs", "eu-west-1", "123456789012", "task-definition/web:7"),
            "task-definition",
            "web:7",
        ),
        (
            "arn:aws-cn:iam::123456789012:role/path/name",
            ("aws-cn", "iam", "", "123456789012", "role/path/name"),
            "role",
            "path/name",
        ),
        (
            "arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web:*",
            ("aws", "logs", "us-east-1", "123456789012", "log-group:/ecs/web:*"),
            "log-group",
            "/ecs/web:*",
        ),
        ("arn:aws:s3:::bucket", ("aws", "s3", "", "", "bucket"), "bucket", ""),
    ],
)
def test_an_arn_is_taken_apart_and_put_together(text, parts, kind, name):
    parsed = arn.parse(text)

    assert parsed == Arn(*parts)
    assert (parsed.kind, parsed.name) == (kind, name)
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "arn",
        "arn:aws:ecr",
        "arn:aws:ecr:us-east-1:123456789012",
        "arn:aws:ecr:us-east-1:123456789012:",
        "arn::ecr:us-east-1:123456789012:repository/app",
        "arn:aws::us-east-1:123456789012:repository/app",
        "ARN:aws:ecr:us-east-1:123456789012:repository/app",
        "xarn:aws:ecr:us-east-1:123456789012:repository/app",
    ],
)
def test_what_is_no_arn_is_none(text):
    assert arn.parse(text) is None


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("123456789012", True),
        ("000000000000", True),
        ("12345678901", False),
        ("1234567890123", False),
        ("12345678901a", False),
        ("123456789012\n", False),
        ("١٢٣٤٥٦٧٨٩٠١٢", False),
        ("", False),
    ],
)
def test_an_account_id_is_twelve_digits(text, is_one):
    assert arn.is_account_id(text) is is_one


def all_regions() -> list[tuple[str, str]]:
    """The regions that botocore lists, with their partitions."""
    session = botocore.session.Session()
    return [
        (region, partition)
        for partition in session.get_available_partitions()
        for region in session.get_available_regions(
            "ecs", partition_name=partition, allow_non_regional=False
        )
    ]


@pytest.mark.parametrize(("region", "partition"), all_regions())
def test_a_region_is_in_the_partition_that_botocore_says(region, partition):
    assert arn.partition_of(region) == partition


@pytest.mark.parametrize(
    ("region", "suffix"),
    [
        ("us-east-1", "amazonaws.com"),
        ("cn-northwest-1", "amazonaws.com.cn"),
        ("us-gov-east-1", "amazonaws.com"),
        ("us-iso-west-1", "c2s.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("eu-isoe-west-1", "cloud.adc-e.uk"),
        ("us-isof-south-1", "csp.hci.ic.gov"),
        ("eusc-de-east-1", "amazonaws.eu"),
    ],
)
def test_a_region_has_the_domain_of_its_partition(region, suffix):
    assert arn.dns_suffix(region) == suffix
