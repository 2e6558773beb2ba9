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
ID_LENGTHS: Final = (32, 36)
"""Of ids as they are now, and as they were."""
_WORDS: Final = {"task": "taskId", "container-instance": "containerInstanceId"}


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


def member_id(
    region: Region, cluster: str, given: str, kind: str, *, words: str | None = None
) -> str:
    """Return the id of something that is in a cluster, given by id or by either form of ARN.

    Args:
        region: where.
        cluster: the name of the cluster.
        given: the id or the ARN.
        kind: `task` or `container-instance`.
        words: what the refusal of an id calls it, by default after *kind*: `taskId`.

    Raises:
        InvalidParameterException: it is neither, or of another region, account or cluster.
    """
    found = given
    if given.startswith("arn:"):
        parsed = parse(region, given)
        place, slash, last = parsed.name.rpartition("/")
        if parsed.kind != kind or "/" in place or not last:
            raise InvalidParameterException.separators()
        if slash and place != cluster:
            raise InvalidParameterException.cluster(place, cluster)
        found = last
    elif "/" in given or ":" in given or _CONTROL.search(given):
        raise InvalidParameterException.separators()
    if len(found) not in ID_LENGTHS:
        raise InvalidParameterException.length(words or _WORDS[kind], ID_LENGTHS)
    return found


def arn_of(region: Region, kind: str) -> str:
    """Return how the ARNs of one kind of resource begin."""
    return f"arn:{arn.partition_of(region.name)}:ecs:{region.name}:{region.account_id}:{kind}"


def cluster_arn(region: Region, name: str) -> str:
    """Return the ARN that a cluster of that name has, whether it is there or not."""
    return f"{arn_of(region, 'cluster')}/{name}"
