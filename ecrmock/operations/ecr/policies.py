"""SetRepositoryPolicy, GetRepositoryPolicy, DeleteRepositoryPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecr import policies, repositories
from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        DeleteRepositoryPolicyRequestTypeDef,
        GetRepositoryPolicyRequestTypeDef,
        SetRepositoryPolicyRequestTypeDef,
    )

    from ecrmock.ecr.state import Repository


@operation("ecr", "SetRepositoryPolicy")
def set_repository_policy(call: Call, request: SetRepositoryPolicyRequestTypeDef) -> Reply:
    """Replace the policy. Source: ECR API reference, SetRepositoryPolicy."""
    repository = repositories.get(call.registry(request), request["repositoryName"])
    force = request.get("force", False)
    return _shown(
        repository, policies.put(repository, request["policyText"], call.caller, force=force)
    )


@operation("ecr", "GetRepositoryPolicy")
def get_repository_policy(call: Call, request: GetRepositoryPolicyRequestTypeDef) -> Reply:
    """Show the policy. Source: ECR API reference, GetRepositoryPolicy."""
    repository = repositories.get(call.registry(request), request["repositoryName"])
    return _shown(repository, policies.get(repository))


@operation("ecr", "DeleteRepositoryPolicy")
def delete_repository_policy(call: Call, request: DeleteRepositoryPolicyRequestTypeDef) -> Reply:
    """Take the policy away. Source: ECR API reference, DeleteRepositoryPolicy."""
    repository = repositories.get(call.registry(request), request["repositoryName"])
    return _shown(repository, policies.delete(repository))


def _shown(repository: Repository, text: str) -> Reply:
    return {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "policyText": text,
    }
