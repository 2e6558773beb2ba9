"""CreateRepository, DescribeRepositories, DeleteRepository, PutImageTagMutability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrmock.ecr import mutability, repositories
from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.operations.ecr import views
from ecrmock.operations.table import Call, Page, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        CreateRepositoryRequestTypeDef,
        DeleteRepositoryRequestTypeDef,
        DescribeRepositoriesRequestTypeDef,
        PutImageTagMutabilityRequestTypeDef,
    )


@operation("ecr", "CreateRepository")
def create_repository(call: Call, request: CreateRepositoryRequestTypeDef) -> Reply:
    """Make a repository. Source: ECR API reference, CreateRepository."""
    registry = call.registry(request)
    encryption = request.get("encryptionConfiguration")
    repository = repositories.create(
        call.core,
        registry,
        request["repositoryName"],
        mode=request.get("imageTagMutability", "MUTABLE"),
        exclusion_filters=_filters(request),
        scan_on_push=request.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        encryption_type=encryption["encryptionType"] if encryption else "AES256",
        kms_key=encryption.get("kmsKey") if encryption else None,
        resource_tags=pairs(request.get("tags", ()), "Key", "Value"),
    )
    return {"repository": views.repository(repository, call.registry_host(registry))}


@operation("ecr", "DescribeRepositories")
def describe_repositories(call: Call, request: DescribeRepositoriesRequestTypeDef) -> Reply | Page:
    """Show repositories: those named, in the order named, or all by name.

    Source: ECR API reference, DescribeRepositories. Assumed: all repositories are shown by name.
    """
    registry = call.registry(request)
    names, host = request.get("repositoryNames"), call.registry_host(registry)
    if names is None:
        walk: Any = registry.repositories.items_after
        return Page("repositories", walk, lambda repository: views.repository(repository, host))
    refuse_paging(request, "repositoryNames")
    found = [repositories.get(registry, name) for name in names]
    return {"repositories": [views.repository(repository, host) for repository in found]}


@operation("ecr", "DeleteRepository")
def delete_repository(call: Call, request: DeleteRepositoryRequestTypeDef) -> Reply:
    """Remove a repository. Source: ECR API reference, DeleteRepository."""
    registry = call.registry(request)
    repository = repositories.delete(
        call.core, registry, request["repositoryName"], force=request.get("force", False)
    )
    return {"repository": views.repository(repository, call.registry_host(registry))}


@operation("ecr", "PutImageTagMutability")
def put_image_tag_mutability(call: Call, request: PutImageTagMutabilityRequestTypeDef) -> Reply:
    """Say which tags may move from now on. Source: ECR API reference, PutImageTagMutability."""
    repository = repositories.get(call.registry(request), request["repositoryName"])
    mutability.change(repository, request["imageTagMutability"], _filters(request))
    shown: Reply = {
        "registryId": repository.registry_id,
        "repositoryName": repository.name,
        "imageTagMutability": repository.mutability,
    }
    if repository.exclusion_filters:
        shown["imageTagMutabilityExclusionFilters"] = views.exclusion_filters(repository)
    return shown


def _filters(request: Any) -> tuple[str, ...] | None:
    filters = request.get("imageTagMutabilityExclusionFilters")
    return None if filters is None else tuple(entry["filter"] for entry in filters)


def refuse_paging(request: Any, ids: str) -> None:
    """Refuse paging parameters beside a list of ids.

    Raises:
        InvalidParameterException: `nextToken` or `maxResults` is given. Assumed: the text.
    """
    for name in ("nextToken", "maxResults"):
        if name in request:
            raise InvalidParameterException(name, f"{name} cannot be used together with {ids}")
