"""Amazon Resource Names and the partitions that they live in.

Source: IAM user guide, ARN format; botocore partitions.json for regions and DNS suffixes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_PREFIXES: Final = (  # first match wins; everything else is the standard partition
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)
_DNS_SUFFIXES: Final = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-eusc": "amazonaws.eu",
}
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_PARTS: Final = 6


class Arn(NamedTuple):
    """The six parts of an ARN; `str()` puts them together again."""

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    def __str__(self) -> str:
        """Return the ARN as AWS prints it."""
        return (
            f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"
        )

    @property
    def kind(self) -> str:
        """The resource type, what stands before the first slash or colon of the resource."""
        return re.split(r"[/:]", self.resource, maxsplit=1)[0]

    @property
    def name(self) -> str:
        """What follows the resource type; empty when there is none."""
        return self.resource[len(self.kind) + 1 :]


def parse(text: str) -> Arn | None:
    """Take an ARN apart, or return None when *text* is not one."""
    parts = text.split(":", 5)
    if len(parts) != _PARTS or parts[0] != "arn" or not all((parts[1], parts[2], parts[5])):
        return None
    return Arn(*parts[1:])


def is_account_id(text: str) -> bool:
    """Tell whether *text* is twelve digits."""
    return _ACCOUNT.fullmatch(text) is not None


def of_role(given: str, partition: str, account_id: str) -> str:
    """Return the ARN of a role that is given by name or ARN."""
    return given if given.startswith("arn:") else f"arn:{partition}:iam::{account_id}:role/{given}"


@lru_cache(maxsize=256)
def partition_of(region: str) -> str:
    """Return the partition of *region*, for example `aws-cn` for `cn-north-1`."""
    for prefix, partition in _PREFIXES:
        if region.startswith(prefix):
            return partition
    return "aws"


def dns_suffix(region: str) -> str:
    """Return the domain under which the services of *region* are reached."""
    return _DNS_SUFFIXES[partition_of(region)]
