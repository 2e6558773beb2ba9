"""Task definitions: registering, finding, listing and retiring them.

A definition is a document: it is kept and shown by the service's own member names.
Source: ECS API reference.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core import Core, arn, tags
from ecrmock.ecs import compatibility, identifiers, task_rules
from ecrmock.ecs.errors import ClientException, InvalidParameterException
from ecrmock.ecs.state import Family, TaskDefinition
from ecrmock.ecs.task_rules.rule import Draft, read_size

if TYPE_CHECKING:
    from ecrmock.ecs.state import Region, TaskDefinitionStatus

Json = dict[str, Any]
Key = tuple[str, int]
"""A family and a revision."""

_ROLES: Final = ("taskRoleArn", "executionRoleArn")
_CONTAINER_DEFAULTS: Final[Json] = {
    "cpu": 0,
    "essential": True,
    "environment": [],
    "mountPoints": [],
    "portMappings": [],
    "volumesFrom": [],
    "systemControls": [],
}
_CHECK_DEFAULTS: Final = {"interval": 30, "timeout": 5, "retries": 3}
_SAME_PORTS: Final = ("awsvpc", "host")
_PROTOCOLS: Final = ("tcp", "udp")


def register(core: Core, region: Region, document: Json, caller_arn: str) -> TaskDefinition:
    """Add a revision to a family.

    Args:
        core: time.
        region: where.
        document: the request, which stays the caller's.
        caller_arn: who registers it.

    Raises:
        ClientException: a rule is broken; see `task_rules`.

    Source: ECS API reference, RegisterTaskDefinition.
    """
    draft = Draft(document, region.account_id)
    task_rules.check(draft)
    given = [(tag.get("key", ""), tag.get("value", "")) for tag in document.get("tags", ())]
    problem = tags.find_problem({}, given, reserved_values=True)
    if problem is not None:
        raise ClientException.tags(problem.value)
    family = region.families.get(document["family"])
    if family is None:
        family = Family(document["family"])
        region.families.add(family.name, family)
    family.last_revision += 1
    definition = TaskDefinition(
        family=family.name,
        revision=family.last_revision,
        arn=f"{identifiers.arn_of(region, 'task-definition')}/{family.name}:{family.last_revision}",
        document=_filled(document, region),
        required_attributes=tuple(compatibility.required_attributes(draft)),
        compatibilities=tuple(compatibility.compatibilities(draft)),
        registered_at=core.clock.now,
        registered_by=caller_arn,
        tags=dict(given),
    )
    family.active.append(definition.revision)
    region.task_definitions.add(definition.key, definition)
    return definition


def find(region: Region, given: str) -> TaskDefinition | None:
    """Return a definition by family, `family:revision` or ARN; of a family the latest ACTIVE one.

    Raises:
        InvalidParameterException: *given* is an ARN of another account or region, or malformed.
    """
    family, revision = split(region, given)
    if revision is None:
        found = region.families.get(family)
        if found is None or not found.active:
            return None
        return region.task_definitions[family, found.active[-1]]
    return region.task_definitions.get((family, revision)) if revision >= 0 else None


def get(region: Region, given: str) -> TaskDefinition:
    """Return a definition by family, `family:revision` or ARN.

    Raises:
        ClientException: there is none.
        InvalidParameterException: see `find`.

    Source: ECS API reference, DescribeTaskDefinition.
    """
    found = find(region, given)
    if found is None:
        raise ClientException.undescribable()
    return found


def get_runnable(region: Region, given: str) -> TaskDefinition:
    """Return a definition that new tasks can be made of.

    Raises:
        ClientException: there is none.
        InvalidParameterException: it is not ACTIVE; or see `find`.

    Source: ECS API reference, RunTask.
    """
    if not given:
        raise InvalidParameterException("Family should not be null or empty.")
    found = find(region, given)
    if found is None:
        raise ClientException.unknown_task_definition()
    if found.status != "ACTIVE":
        raise InvalidParameterException("TaskDefinition is inactive")
    return found


def split(region: Region, given: str) -> tuple[str, int | None]:
    """Return family and revision of a reference; None for none, -1 for what is no number.

    Raises:
        InvalidParameterException: it is an ARN of another account or region, or malformed.
    """
    name = given
    if given.startswith("arn:"):
        parsed = identifiers.parse(region, given)
        if parsed.kind != "task-definition":
            raise InvalidParameterException.separators()
        name = parsed.name
    family, colon, revision = name.partition(":")
    if "/" in name or ":" in revision:
        raise InvalidParameterException.separators()
    if not colon:
        return family, None
    return family, int(revision) if revision.isascii() and revision.isdigit() else -1


def deregister(core: Core, region: Region, given: str) -> TaskDefinition:
    """Make a revision INACTIVE; one that already is stays so.

    Raises:
        ClientException: the revision is missing, or there is none.
        InvalidParameterException: the revision is no number.

    Source: ECS API reference, DeregisterTaskDefinition.
    """
    _, revision = split(region, given)
    if revision is None:
        raise ClientException("Revision is missing.")
    if revision < 0:
        raise InvalidParameterException.revision(given.rpartition(":")[2])
    found = get(region, given)
    if found.status == "ACTIVE":
        found.status = "INACTIVE"
        found.deregistered_at = core.clock.now
        region.families[found.family].active.remove(found.revision)
    return found


def delete(core: Core, region: Region, given: str) -> TaskDefinition | str:
    """Let a revision go as soon as no task needs it; return it as it is, or why it stays.

    Source: ECS API reference, DeleteTaskDefinitions.
    """
    _, revision = split(region, given)
    if revision is None:
        return (
            "The specified task definition identifier is invalid. "
            "Specify a valid name or ARN and try again."
        )
    found = find(region, given)
    if found is None:
        return (
            "The specified task definition does not exist. "
            "Specify a valid account, family, revision and try again."
        )
    if found.status == "ACTIVE":
        return (
            "The specified task definition is still in ACTIVE status. "
            "Please deregister the target and try again."
        )
    if found.status == "INACTIVE":
        found.status = "DELETE_IN_PROGRESS"
        found.delete_requested_at = core.clock.now
    return found


def drop_deleted(region: Region, definition: TaskDefinition) -> None:
    """Forget a deleted revision that no task needs any more. Its number is not used again."""
    if definition.status == "DELETE_IN_PROGRESS" and not definition.task_count:
        region.task_definitions.pop(definition.key)


def walk(
    region: Region,
    after: Key | None,
    *,
    family: str | None,
    status: TaskDefinitionStatus,
    descending: bool,
) -> Iterator[TaskDefinition]:
    """Walk the definitions of a status by family and revision, beginning behind *after*."""
    found = region.task_definitions
    if family is not None and after is None:  # begin where the family does
        after = (family, 0) if not descending else (family + "\0", 0)
    items = found.items_before(after) if descending else found.items_after(after)
    for key, definition in items:
        if family is not None and key[0] != family:
            return
        if definition.status == status:
            yield definition


def walk_families(
    region: Region, after: str | None, *, prefix: str, status: str | None
) -> Iterator[str]:
    """Walk the names of families that have a revision, sorted, beginning behind *after*."""
    first = region.families.get(prefix) if after is None else None
    if first is not None and _is_listed(region, first, status):
        yield first.name
    for name, family in region.families.items_after(max(after or "", prefix)):
        if not name.startswith(prefix):
            return
        if _is_listed(region, family, status):
            yield name


def _is_listed(region: Region, family: Family, status: str | None) -> bool:
    """Tell whether a family has revisions, and one that is ACTIVE or none, as *status* asks."""
    if status not in (None, "ALL") and (status == "ACTIVE") != bool(family.active):
        return False
    first = next(region.task_definitions.items_after((family.name, 0)), None)
    return first is not None and first[0][0] == family.name


def _filled(document: Json, region: Region) -> Json:
    """Return a definition as it is kept, with what is given when nothing is said."""
    kept: Json = {"volumes": [], "placementConstraints": []} | copy.deepcopy(document)
    kept.pop("tags", None)
    partition = arn.partition_of(region.name)
    for role in _ROLES:
        if role in kept:
            kept[role] = arn.of_role(kept[role], partition, region.account_id)
    for kind in ("cpu", "memory"):
        if kind in kept:
            kept[kind] = str(read_size(kind, kept[kind]))
    kept["containerDefinitions"] = [
        _filled_container(container, kept.get("networkMode"))
        for container in kept["containerDefinitions"]
    ]
    return kept


def _filled_container(container: Json, network_mode: str | None) -> Json:
    kept = copy.deepcopy(_CONTAINER_DEFAULTS) | container
    for entry in kept["portMappings"]:
        if entry.get("protocol") not in _PROTOCOLS:
            entry["protocol"] = "tcp"
        if "containerPortRange" not in entry:
            same = network_mode in _SAME_PORTS
            entry.setdefault("hostPort", entry["containerPort"] if same else 0)
    if "healthCheck" in kept:
        kept["healthCheck"] = _CHECK_DEFAULTS | kept["healthCheck"]
    return kept
