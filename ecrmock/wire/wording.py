"""How each service words a request that breaks the model's constraints.

Source: `InvalidParameterException` of the ECR API as captured from the service, the ECS API
reference and captured texts, and the common errors of the query services.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import AwsError
from ecrmock.ecr import errors as ecr_errors
from ecrmock.ecs import errors as ecs_errors

if TYPE_CHECKING:
    from ecrmock.wire.constraints import Violation

_MUST: Final = frozenset({"repositoryName", "registryId", "imageDigest", "imageTag"})
"""ECR's older parameters, whose sentences begin with `must` instead of `Member must`."""

_ENUM_ORDER: Final = {
    # AWS prints these in another order than the model's.
    "imageTagMutability": [
        "IMMUTABLE",
        "MUTABLE",
        "MUTABLE_WITH_EXCLUSION",
        "IMMUTABLE_WITH_EXCLUSION",
    ],
}
_ECS_CLIENT_EXCEPTIONS: Final = frozenset(
    {
        "RegisterTaskDefinition",
        "DeregisterTaskDefinition",
        "DescribeTaskDefinition",
        "DeleteTaskDefinitions",
        "CreateCapacityProvider",
        "UpdateCapacityProvider",
        "DeleteCapacityProvider",
    }
)


class ValidationError(AwsError):
    """A parameter breaks a constraint, in query services. Source: STS API, common errors."""

    status = 400


_ECS_ENUMS: Final = {
    ("ListAttributes", "targetType"): "targetType must be container-instance",
    ("UpdateContainerInstancesState", "status"): (
        "Container instances status should be one of [ACTIVE,DRAINING]"
    ),
}
"""Texts for values that are none of an enumeration, where ECS has one of their own."""
_TOLERATED: Final = frozenset({("RegisterTaskDefinition", "protocol", "enum")})
"""What a model forbids and the service takes. Source: ECS API reference, PortMapping."""


def refusal(service: str, operation: str, found: list[Violation]) -> AwsError | None:
    """Return the error that *service* answers to a request with the violations *found*.

    None where the service takes every one of them.
    """
    if service == "ecs":
        found = [one for one in found if (operation, one.names[-1], one.kind) not in _TOLERATED]
    return _WORDINGS[service](operation, found) if found else None


def _ecr(operation: str, found: list[Violation]) -> AwsError:
    """Word the first violation as ECR and ECR Public do: one at a time."""
    first = found[0]
    names = first.names
    at, constraint = _ecr_path(names), _coral(first)
    if names[-1].startswith("[") and first.kind != "required":
        at, constraint = _ecr_path(names[:-1]), f"Member must satisfy constraint: [{constraint}]"
    elif names == ["policyText"] and first.kind == "required":
        at, constraint = "PolicyText", "Cannot be null"
    elif len(names) == 1 and names[0] in _MUST:
        constraint = _must(first, quoted=names[0] != "registryId")
    return ecr_errors.InvalidParameterException(at, constraint)


def _ecr_path(names: list[str]) -> str:
    """Join names as ECR does: `tags.2.member.key`."""
    parts = []
    for name in names:
        if name.startswith("["):
            parts += [name[1:-1], "member"]
        else:
            parts.append(name[:1].lower() + name[1:])
    return ".".join(parts)


def _must(violation: Violation, *, quoted: bool) -> str:
    if violation.kind == "pattern":
        mark = "'" if quoted else ""
        return f"must satisfy regular expression {mark}{_printed(violation.bound)}{mark}"
    return "m" + _coral(violation)[len("Member m") :]


def _coral(violation: Violation) -> str:
    kind, bound = violation.kind, violation.bound
    if kind == "enum":
        values = _ENUM_ORDER.get(violation.names[-1], bound)
        return f"Member must satisfy enum value set: [{', '.join(values)}]"
    if kind == "pattern":
        return f"Member must satisfy regular expression pattern: {_printed(bound)}"
    return _CORAL[kind].format(bound)


_CORAL: Final = {
    "required": "Member must not be null",
    "min_length": "Member must have length greater than or equal to {}",
    "max_length": "Member must have length less than or equal to {}",
    "min_value": "Member must have value greater than or equal to {}",
    "max_value": "Member must have value less than or equal to {}",
}


def _printed(pattern: str) -> str:
    """Return a pattern as the service prints it: the models escape slashes and anchor."""
    return pattern.replace("\\/", "/").removeprefix("^").removesuffix("$")


def _ecs(operation: str, found: list[Violation]) -> AwsError:
    """Word the first violation as ECS does. Assumed: all texts but the enum's."""
    first = found[0]
    name = next(n for n in reversed(first.names) if not n.startswith("["))
    words = re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: f" {m[1].lower()}", name)
    if first.kind == "enum" and first.names[0] == "placementConstraints":
        text = f"constraint.type '{first.value}' is not supported."
    elif first.kind == "enum" and (operation, name) in _ECS_ENUMS:
        text = _ECS_ENUMS[operation, name]
    elif first.kind == "enum":
        text = f"{words} should be one of [{','.join(first.bound)}]"
    elif first.kind == "required":
        text = f"{name} cannot be null."
    elif first.kind == "max_length" and not isinstance(first.value, str):
        text = f"{words} can have at most {first.bound} items."
    else:
        text = f"{name}: {_coral(first)[len('Member ') :]}."
    if operation in _ECS_CLIENT_EXCEPTIONS:
        return ecs_errors.ClientException(text)
    return ecs_errors.InvalidParameterException(text)


def _query(operation: str, found: list[Violation]) -> AwsError:
    """Word all violations as STS and IAM do."""
    count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return ValidationError(f"{count} detected: " + "; ".join(map(_query_one, found)))


def _query_one(violation: Violation) -> str:
    value: Any = violation.value
    shown = "null" if value is None else f"'{value}'"
    at = _ecr_path(violation.names)
    return f"Value {shown} at '{at}' failed to satisfy constraint: {_coral(violation)}"


_WORDINGS: Final[dict[str, Callable[[str, list[Violation]], AwsError]]] = {
    "ecr": _ecr,
    "ecr-public": _ecr,
    "ecs": _ecs,
    "sts": _query,
    "iam": _query,
}
