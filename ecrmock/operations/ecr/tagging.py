"""TagResource, UntagResource, ListTagsForResource: the resource tags of repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.core import arn
from ecrmock.ecr import repositories
from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.operations.table import Call, Reply, operation, pairs

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        ListTagsForResourceRequestTypeDef,
        TagResourceRequestTypeDef,
        UntagResourceRequestTypeDef,
    )

    from ecrmock.ecr.state import Repository


@operation("ecr", "TagResource")
def tag_resource(call: Call, request: TagResourceRequestTypeDef) -> Reply:
    """Add or overwrite tags. Source: ECR API reference, TagResource."""
    repositories.tag(_tagged(call, request["resourceArn"]), pairs(request["tags"], "Key", "Value"))
    return {}


@operation("ecr", "UntagResource")
def untag_resource(call: Call, request: UntagResourceRequestTypeDef) -> Reply:
    """Remove tags. Source: ECR API reference, UntagResource."""
    repositories.untag(_tagged(call, request["resourceArn"]), request["tagKeys"])
    return {}


@operation("ecr", "ListTagsForResource")
def list_tags_for_resource(call: Call, request: ListTagsForResourceRequestTypeDef) -> Reply:
    """Show the tags. Source: ECR API reference, ListTagsForResource."""
    tags = _tagged(call, request["resourceArn"]).tags
    return {"tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def _tagged(call: Call, given: str) -> Repository:
    """Return the repository of an ARN.

    Raises:
        InvalidParameterException: it is no ARN of a repository in this region.
        RepositoryNotFoundException: there is no such repository.
    """
    parsed = arn.parse(given)
    if (
        parsed is None
        or (parsed.partition, parsed.service, parsed.region) != (call.partition, "ecr", call.region)
        or parsed.kind != "repository"
        or not arn.is_account_id(parsed.account_id)
    ):
        raise InvalidParameterException("resourceArn", "Invalid ARN")
    return repositories.get(call.world.registry(parsed.account_id, call.region), parsed.name)
