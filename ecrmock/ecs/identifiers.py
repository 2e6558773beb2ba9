"""Names and ARNs as ECS takes them: most inputs accept either.

Source: ECS API reference; texts as captured from the service.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ecrmock.core import arn
from ecrmock.ecs.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.ecs.state import Region


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def cluster_name(region: Region, given: str) -> str:
    """Return the name of a cluster that is given by name or ARN.

    Raises:
        InvalidParameterException: it is neither, or of another region or account.
    """
    if not given.startswith("arn:"):
        if "/" in given or ":" in given or _CONTROL.search(given):
            raise InvalidParameterException.separators()
        return given
    parsed = parse(region, given)
    if parsed.kind != "cluster" or "/" in parsed.name or not parsed.name:
        raise InvalidParameterException.separators()
    return parsed.name


def parse(region: Region, given: str) -> arn.Arn:
    """Take an ECS ARN of this account and region apart.

    Raises:
        InvalidParameterException: it is not one.
    """
    parsed = arn.parse(given)
    if parsed is None or parsed.service != "ecs":
        raise InvalidParameterException.separators()
    if parsed.region != region.name:
        raise InvalidParameterException.region()
    if parsed.account_id != region.account_id:
        raise InvalidParameterException.account(parsed.account_id, region.account_id)
    return parsed


def cluster_arn(region: Region, name: str) -> str:
    """Return the ARN that a cluster of that name has, whether it is there or not."""
    partition = arn.partition_of(region.name)
    return f"arn:{partition}:ecs:{region.name}:{region.account_id}:cluster/{name}"
