"""Resource tags of whatever ECS tags. Source: ECS API reference, Tag."""

from __future__ import annotations

from collections.abc import Sequence

from ecrmock.core import tags
from ecrmock.ecs.errors import InvalidParameterException


def check(existing: dict[str, str], new: Sequence[tuple[str, str]]) -> None:
    """Refuse resource tags that ECS does not take.

    Raises:
        InvalidParameterException: see `tags.Problem`. Assumed: the texts.
    """
    problem = tags.find_problem(existing, new, reserved_values=True)
    if problem is not None:
        raise InvalidParameterException.tags(problem.value)


def check_count(found: dict[str, str]) -> None:
    """Refuse more tags than a resource can have; those of AWS do not count.

    Raises:
        InvalidParameterException: there are too many.
    """
    if sum(not key.startswith("aws:") for key in found) > tags.MAX_TAGS:
        raise InvalidParameterException.tags(tags.Problem.TOO_MANY.value)


def add(existing: dict[str, str], new: Sequence[tuple[str, str]]) -> None:
    """Add or overwrite resource tags.

    Raises:
        InvalidParameterException: see `check`.
    """
    check(existing, new)
    existing.update(new)


def remove(existing: dict[str, str], keys: Sequence[str]) -> None:
    """Remove resource tags; keys that are not there are passed over.

    Raises:
        InvalidParameterException: a key is one of AWS's own.
    """
    if any(key.lower().startswith("aws:") for key in keys):
        raise InvalidParameterException.tags(tags.Problem.RESERVED.value)
    for key in keys:
        existing.pop(key, None)
