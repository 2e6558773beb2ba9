"""What the host of a request says: which service, whose registry, which region.

`*.localhost` stands in for the domains of AWS wherever names below it lead to this machine.
Source: AWS general reference, ECR and ECS endpoints; ECR user guide, private registries.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_DOMAIN: Final = (
    r"(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu|api\.aws|api\.amazonwebservices\.com\.cn|on\.aws"
    r"|on\.amazonwebservices\.com\.cn|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk"
    r"|csp\.hci\.ic\.gov|localhost)"
)
_REGION: Final = r"([a-z]{2,4}(?:-[a-z]+)+-[0-9])"
_REGISTRY: Final = re.compile(rf"([0-9]{{12}})\.dkr[.-]ecr(?:-fips)?\.{_REGION}\.{_DOMAIN}")
_API: Final = re.compile(
    rf"(?:api\.)?(?:ecr|ecr-fips|ecr-public|ecs|ecs-fips|sts|sts-fips|iam)\.(?:{_REGION}\.)?{_DOMAIN}"
)


class Place(NamedTuple):
    """What a host name says; None where it does not."""

    account_id: str | None = None
    region: str | None = None
    is_aws: bool = False
    """Whether the name is one that AWS has, so that it leads to this machine for some only."""


@lru_cache(maxsize=64)
def parse(host: str) -> Place:
    """Read the `Host` of a request, with or without a port; any other name says nothing."""
    name = host.rpartition(":")[0] if re.search(r":[0-9]+$", host) else host
    name = name.lower().rstrip(".")
    registry = _REGISTRY.fullmatch(name)
    if registry is not None:
        return Place(registry[1], registry[2], is_aws=True)
    api = _API.fullmatch(name)
    return Place() if api is None else Place(None, api[1], is_aws=True)
