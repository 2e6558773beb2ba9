"""The resources that a call is about, for the authoriser: one resolver per resource type.

Which types an action has is data: the Service Authorization Reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.core import arn
from ecrmock.ecr import repositories
from ecrmock.ecs import clusters, identifiers

if TYPE_CHECKING:
    from ecrmock.operations.table import Call, Request

_DATA: Final = Path(__file__).parents[1] / "data" / "authorization.json"


class Resource(NamedTuple):
    """One resource of a call and the account that owns it."""

    arn: str
    account_id: str


@lru_cache(maxsize=1)
def _actions() -> dict[str, dict[str, Any]]:
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    return {service: entry["actions"] for service, entry in document["services"].items()}


@cache
def types_of(service: str, operation: str) -> tuple[str, ...]:
    """Return the resource types of the action of an operation, the required ones first.

    An empty answer: the action has no resource-level permissions.
    """
    entries = _actions()[service].get(operation, {}).get("resource_types", [])
    ordered = sorted(entries, key=lambda entry: not entry["required"])
    return tuple(entry["name"] for entry in ordered)


def resolve(call: Call, service: str, operation: str, request: Request) -> list[Resource]:
    """Return what a call is about: ARNs with their owners, or `*`."""
    types = types_of(service, operation)
    if not types:
        return [Resource("*", call.account_id)]
    tagged = request.get("resourceArn")
    if tagged is not None:
        parsed = arn.parse(tagged)
        return [Resource(tagged, parsed.account_id if parsed else call.account_id)]
    return _RESOLVERS[service, types[0]](call, request)


def _repositories(call: Call, request: Request) -> list[Resource]:
    registry = call.registry(request)
    name = request.get("repositoryName")
    names = request.get("repositoryNames") or [name or "*"]
    return [Resource(repositories.repository_arn(registry, n), registry.id) for n in names]


def _clusters(call: Call, request: Request) -> list[Resource]:
    region = call.ecs_region
    given = request.get("clusters") or [
        request.get("cluster") or request.get("clusterName") or clusters.DEFAULT_NAME
    ]
    names = [identifiers.cluster_name(region, one) for one in given]
    return [Resource(identifiers.cluster_arn(region, n), call.account_id) for n in names]


_RESOLVERS: Final[dict[tuple[str, str], Callable[[Call, Request], list[Resource]]]] = {
    ("ecr", "repository"): _repositories,
    ("ecs", "cluster"): _clusters,
}
