"""PutAttributes, DeleteAttributes, ListAttributes: what tells container instances apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs import attributes, clusters
from ecrmock.ecs.errors import InvalidParameterException
from ecrmock.operations.table import Call, Page, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecs.type_defs import (
        DeleteAttributesRequestTypeDef,
        ListAttributesRequestTypeDef,
        PutAttributesRequestTypeDef,
    )

    from ecrmock.ecs.attributes import Attribute

MAX_CHANGED: Final = 10
_KIND: Final = "container-instance"


@operation("ecs", "PutAttributes")
def put_attributes(call: Call, request: PutAttributesRequestTypeDef) -> Reply:
    """Give instances attributes. Source: ECS API reference, PutAttributes."""
    given = request["attributes"]
    if not given:
        raise InvalidParameterException("attributes can not be empty")
    _check(given)
    cluster = clusters.get_active(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    wanted = [
        (
            attributes.target(call.ecs_region, cluster, one.get("targetId")),
            one["name"],
            one.get("value"),
        )
        for one in given
    ]
    attributes.put(call.site, cluster, wanted)
    found = [attributes.Attribute(name, value, target.arn) for target, name, value in wanted]
    return {"attributes": [_view(one) for one in found]}


@operation("ecs", "DeleteAttributes")
def delete_attributes(call: Call, request: DeleteAttributesRequestTypeDef) -> Reply:
    """Take attributes from instances. Source: ECS API reference, DeleteAttributes."""
    given = request["attributes"]
    if not given:
        raise InvalidParameterException("attributes value is required")
    _check(given)
    cluster = clusters.get_active(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)
    wanted = [
        (attributes.target(call.ecs_region, cluster, one.get("targetId")), one["name"])
        for one in given
    ]
    gone = attributes.delete(call.site, cluster, wanted)
    return {"attributes": [_view(one) for one in gone]}


@operation("ecs", "ListAttributes")
def list_attributes(call: Call, request: ListAttributesRequestTypeDef) -> Page:
    """List attributes of instances. Source: ECS API reference, ListAttributes."""
    name, value = request.get("attributeName"), request.get("attributeValue")
    if value is not None and name is None:
        raise InvalidParameterException("attributeName is required with attributeValue.")  # Assumed
    cluster = clusters.get(call.ecs_region, request.get("cluster") or clusters.DEFAULT_NAME)

    def walk(after: list[Any] | None) -> Iterator[tuple[list[Any], Attribute]]:
        start = None if after is None else (int(after[0]), str(after[1]))
        found = attributes.walk(cluster, start, name=name, value=value)
        return ((list(key), attribute) for key, attribute in found)

    return Page("attributes", walk, _view)


def _check(given: Sequence[Mapping[str, Any]]) -> None:
    if len(given) > MAX_CHANGED:
        raise InvalidParameterException.too_many("attributes", MAX_CHANGED)


def _view(found: Attribute) -> dict[str, Any]:
    shown = {"name": found.name, "targetId": found.target_id}
    if found.value is not None:
        shown["value"] = found.value
    return shown
