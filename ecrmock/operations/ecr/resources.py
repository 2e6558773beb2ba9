"""The resources of ECR that a call is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecr import repositories
from ecrmock.operations.resources import Resource, attached_policy, resolver

if TYPE_CHECKING:
    from ecrmock.core.arn import Arn
    from ecrmock.ecr.state import Registry
    from ecrmock.iam.documents import Policy
    from ecrmock.operations.table import Call, Request


@resolver("ecr", "repository")
def named_repositories(call: Call, request: Request) -> list[Resource]:
    """Return the repositories that a request names, or all of the registry."""
    registry = call.registry(request)
    names = request.get("repositoryNames") or [request.get("repositoryName") or "*"]
    return [
        Resource(repositories.repository_arn(registry, name), registry.id, _policy(registry, name))
        for name in names
    ]


@attached_policy("ecr", "repository")
def repository_policy(call: Call, arn: Arn) -> Policy | None:
    """Return the policy of the repository of an ARN."""
    return _policy(call.world.registry(arn.account_id, call.region), arn.name)


def _policy(registry: Registry, name: str) -> Policy | None:
    found = registry.repositories.get(name)
    return None if found is None else found.policy
