"""The resources of ECR that a call is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecr import repositories
from ecrmock.operations.resources import Resource, resolver

if TYPE_CHECKING:
    from ecrmock.operations.table import Call, Request


@resolver("ecr", "repository")
def named_repositories(call: Call, request: Request) -> list[Resource]:
    """Return the repositories that a request names, or all of the registry."""
    registry = call.registry(request)
    names = request.get("repositoryNames") or [request.get("repositoryName") or "*"]
    return [Resource(repositories.repository_arn(registry, n), registry.id) for n in names]
