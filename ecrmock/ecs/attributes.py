"""Attributes of container instances: those that users give, beside what the agent and ECS tell.

Source: ECS API reference, PutAttributes. Assumed: AWS's own attributes cannot be put or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from ecrmock.ecs import instances
from ecrmock.ecs.errors import (
    AttributeLimitExceededException,
    InvalidParameterException,
    TargetNotFoundException,
)

if TYPE_CHECKING:
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Cluster, Instance, Region

MAX_CUSTOM_ATTRIBUTES: Final = 10
"""Source: ECS API reference, PutAttributes."""
_NAME: Final = re.compile(r"[A-Za-z0-9_./\\-]{1,128}")
_VALUE: Final = re.compile(r"(?! )[A-Za-z0-9_.@/\\: -]{1,128}(?<! )")


class Attribute(NamedTuple):
    """An attribute of an instance."""

    name: str
    value: str | None
    target_id: str


def target(region: Region, cluster: Cluster, given: str | None) -> Instance:
    """Return the instance that an attribute is of.

    Raises:
        TargetNotFoundException: there is none.
        InvalidParameterException: *given* is malformed.
    """
    found = instances.find(region, cluster, given or "") if given else None
    if found is None or found.status == "INACTIVE":
        raise TargetNotFoundException(given or "")
    return found


def put(site: Site, cluster: Cluster, given: Sequence[tuple[Instance, str, str | None]]) -> None:
    """Give instances attributes of their own; all of them or none.

    Raises:
        AttributeLimitExceededException: an instance would have more than ten.
        InvalidParameterException: a name is one of AWS's own.
    """
    names: dict[str, set[str]] = {}
    for instance, name, value in given:
        _check_custom(instance, name)
        _check_form(name, value)
        names.setdefault(instance.id, set(instance.custom_attributes)).add(name)
    if any(len(found) > MAX_CUSTOM_ATTRIBUTES for found in names.values()):
        raise AttributeLimitExceededException(MAX_CUSTOM_ATTRIBUTES)
    changed = []
    for instance, name, value in given:
        if name not in instance.custom_attributes or instance.attributes[name] != value:
            instance.attributes[name] = value
            instance.custom_attributes.add(name)
            changed.append(instance)
    _all_changed(site, cluster, changed)


def delete(site: Site, cluster: Cluster, given: Sequence[tuple[Instance, str]]) -> list[Attribute]:
    """Take attributes away and return those that were there.

    Raises:
        InvalidParameterException: a name is one of AWS's own.
    """
    for instance, name in given:
        _check_custom(instance, name)
    gone, changed = [], []
    for instance, name in given:
        if name in instance.custom_attributes:
            instance.custom_attributes.remove(name)
            gone.append(Attribute(name, instance.attributes.pop(name), instance.arn))
            changed.append(instance)
    _all_changed(site, cluster, changed)
    return gone


def walk(
    cluster: Cluster, after: tuple[int, str] | None, *, name: str | None, value: str | None
) -> Iterator[tuple[tuple[int, str], Attribute]]:
    """Walk the attributes of all instances, sorted within each, beginning behind *after*."""
    start = None if after is None else after[0] - 1
    for seq, instance in cluster.instance_order.items_after(start):
        for found, its_value in sorted(instance.attributes.items()):
            if after is not None and (seq, found) <= after:
                continue
            if name in (None, found) and value in (None, its_value):
                yield (seq, found), Attribute(found, its_value, instance.arn)


def is_form(name: str, value: str | None) -> bool:
    """Tell whether a name and a value are those of an attribute."""
    return _NAME.fullmatch(name) is not None and (
        value is None or _VALUE.fullmatch(value) is not None
    )


def _check_form(name: str, value: str | None) -> None:
    """Refuse names and values that no attribute has. Assumed: the texts.

    Source: ECS API reference, Attribute.
    """
    if _NAME.fullmatch(name) is None:
        raise InvalidParameterException(f"The attribute name {name!r} is not valid.")
    if value is not None and _VALUE.fullmatch(value) is None:
        raise InvalidParameterException(f"The attribute value {value!r} is not valid.")


def _check_custom(instance: Instance, name: str) -> None:
    if name.startswith(instances.OWN) and name not in instance.custom_attributes:
        raise InvalidParameterException(f"The attribute {name} cannot be changed.")


def _all_changed(site: Site, cluster: Cluster, touched: Sequence[Instance]) -> None:
    for instance in {one.id: one for one in touched}.values():
        instances.changed(site, cluster, instance)
