"""Rules on what RunTask and StartTask ask for, in the order in which they are judged.

Source: ECS API reference, RunTask; texts as captured from the service.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecs.errors import (
    ClientException,
    InvalidParameterException,
    PlatformTaskDefinitionIncompatibilityException,
    PlatformUnknownException,
)
from ecrmock.ecs.task_rules import containers, definition, fargate
from ecrmock.ecs.task_rules.rule import Draft

if TYPE_CHECKING:
    from ecrmock.ecs.making import Launch

Json = dict[str, Any]

MAX_OVERRIDES: Final = 8192
MAX_SUBNETS: Final = 16
MAX_SECURITY_GROUPS: Final = 5
"""Source: ECS API reference, TaskOverride and AwsVpcConfiguration."""
LATEST: Final = {"Linux": "1.4.0", "Windows": "1.0.0"}
VERSIONS: Final = {"Linux": ("1.4.0", "1.3.0"), "Windows": ("1.0.0",)}
"""Platform versions on Fargate. Source: ECS developer guide, platform versions."""
_OLD: Final = "1.3.0"
"""A version that lacks EFS volumes and more ephemeral storage."""


def check(launch: Launch, kind: str) -> None:
    """Refuse what no task of a launch type can be.

    Raises:
        InvalidParameterException: see the texts.
        PlatformUnknownException: Fargate has no such platform version.
        PlatformTaskDefinitionIncompatibilityException: it has, and it is too old.
    """
    if kind == "MANAGED_INSTANCES":
        raise InvalidParameterException.managed_instances()
    if kind not in launch.definition.compatibilities:
        raise InvalidParameterException(f"Task definition does not support launch_type {kind}.")
    _check_network(launch, kind)
    if kind == "FARGATE":
        _check_platform(launch)
    elif launch.platform_version is not None:
        raise InvalidParameterException(
            "The platform version must be null when specifying an EC2 launch type."
        )
    _check_overrides(launch, kind)
    _check_volumes(launch)
    if launch.is_exec_enabled and not launch.task_role:
        raise InvalidParameterException.no_exec_role()


def check_fargate(constraints: Sequence[Json], strategies: Sequence[Json]) -> None:
    """Refuse what only instances can be asked.

    Raises:
        InvalidParameterException: there are constraints or strategies.
    """
    for things, given in (("constraints", constraints), ("strategies", strategies)):
        if given:
            raise InvalidParameterException(
                f"Placement {things} are not supported with FARGATE launch type."
            )


def check_spot(launch: Launch, providers: Sequence[str | None]) -> None:
    """Refuse what does not run on spare capacity.

    Raises:
        PlatformTaskDefinitionIncompatibilityException: it runs on Windows. Assumed: the error.

    Source: ECS developer guide, Fargate Spot.
    """
    if "FARGATE_SPOT" in providers and family_of(launch) == "Windows":
        raise PlatformTaskDefinitionIncompatibilityException


def check_roles(launch: Launch) -> None:
    """Refuse roles that ECS cannot assume for the task.

    Raises:
        ClientException: the role does not trust `ecs-tasks.amazonaws.com`.
    """
    for role in (launch.execution_role, launch.task_role):
        if role and not launch.can_assume(role):
            raise ClientException.role(role)


def platform_of(launch: Launch) -> str:
    """Return the platform version that `LATEST`, or no version, stands for."""
    version = launch.platform_version or "LATEST"
    return LATEST[family_of(launch)] if version == "LATEST" else version


def family_of(launch: Launch) -> str:
    """Return `Linux` or `Windows`."""
    return platform_family(launch).partition("_")[0]


def platform_family(launch: Launch) -> str:
    """Return the family as tasks show it. Assumed: Windows has its release in title case."""
    given = launch.definition.document.get("runtimePlatform", {})
    return str(given.get("operatingSystemFamily", "LINUX")).title()


def _check_network(launch: Launch, kind: str) -> None:
    is_awsvpc = launch.definition.network_mode == "awsvpc"
    network = launch.network
    if network is None:
        if is_awsvpc:
            raise InvalidParameterException(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            )
        return
    if not is_awsvpc:
        raise InvalidParameterException(
            "Network Configuration is not valid for the given networkMode of this task definition."
        )
    if not network.get("subnets"):
        raise InvalidParameterException("subnets can not be empty.")
    if len(network["subnets"]) > MAX_SUBNETS:
        raise InvalidParameterException.too_many("subnets", MAX_SUBNETS)
    if len(network.get("securityGroups", ())) > MAX_SECURITY_GROUPS:
        raise InvalidParameterException.too_many("security groups", MAX_SECURITY_GROUPS)
    if network.get("assignPublicIp") == "ENABLED" and kind != "FARGATE":
        raise InvalidParameterException("Assign public IP is not supported for this launch type.")


def _check_platform(launch: Launch) -> None:
    version = platform_of(launch)
    if version not in VERSIONS[family_of(launch)]:
        raise PlatformUnknownException
    if version == _OLD:
        document = launch.definition.document
        needs = document.get("ephemeralStorage") or launch.overrides.get("ephemeralStorage")
        if needs or any(v.get("efsVolumeConfiguration") for v in document["volumes"]):
            raise PlatformTaskDefinitionIncompatibilityException


def _check_overrides(launch: Launch, kind: str) -> None:
    overrides = launch.overrides
    if len(json.dumps(overrides, separators=(",", ":"))) > MAX_OVERRIDES:
        raise InvalidParameterException(
            f"Container Overrides length must be at most {MAX_OVERRIDES}"
        )
    names = {container["name"] for container in launch.definition.containers}
    for one in overrides.get("containerOverrides", ()):
        if not one.get("name"):
            raise InvalidParameterException("Container name must be specified.")  # Assumed
        if one["name"] not in names:
            raise InvalidParameterException.unknown_override(one["name"])
    draft = _overridden(launch)
    tables = [definition.OF_OVERRIDES, containers.OF_OVERRIDES]
    if kind == "FARGATE":
        tables.append(fargate.OF_OVERRIDES)
    for table in tables:
        for text in table.broken(draft):
            raise InvalidParameterException(text)


def _overridden(launch: Launch) -> Draft:
    """Return what overrides make of a task definition, as far as rules judge them."""
    document, overrides = launch.definition.document, launch.overrides
    kept = ("cpu", "memory", "runtimePlatform")
    asked = {member: document[member] for member in kept if member in document}
    asked |= {member: overrides[member] for member in kept if member in overrides}
    if "ephemeralStorage" in overrides:
        asked["ephemeralStorage"] = overrides["ephemeralStorage"]
    asked["inferenceAccelerators"] = overrides.get("inferenceAcceleratorOverrides")
    asked["containerDefinitions"] = overrides.get("containerOverrides", [])
    return Draft(asked, "")


def _check_volumes(launch: Launch) -> None:
    if not launch.volumes:
        return
    known = {
        v["name"] for v in launch.definition.document["volumes"] if v.get("configuredAtLaunch")
    }
    if not known:
        raise InvalidParameterException(
            "Volume configuration provided but no matching configuredAtLaunch volume found in "
            "task definition."
        )
    if len(launch.volumes) > 1:
        raise InvalidParameterException.too_many("volume configurations", 1)
    name = launch.volumes[0]["name"]
    if name not in known:
        raise InvalidParameterException(
            f"The volume name '{name}' in your request does not have a matching volume in your "
            f"Task Definition that is configurable at launch."
        )
