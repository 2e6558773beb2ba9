"""Rules on a task definition as a whole: its name, its roles, its sizes and what it asks for."""

from __future__ import annotations

import json
import re
from typing import Final

from ecrmock.core import arn
from ecrmock.ecs.task_rules.rule import Breaches, Draft, Rules, one_if

RULES: Final = Rules()
LAST_RULES: Final = Rules()
"""What is judged after everything else."""

MAX_BYTES: Final = 65_536
MAX_CONTAINERS: Final = 10
MAX_CONSTRAINTS: Final = 10
MIN_CPU: Final = 128
MAX_CPU: Final = 196_608
"""Limits of a definition. Source: ECS developer guide, service quotas; ECS API reference."""
MIN_EPHEMERAL: Final = 21
MAX_EPHEMERAL: Final = 200
"""GiB of storage that a task on Fargate can ask for. Source: ECS API reference."""
_FAMILY: Final = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_ROLE_NAME: Final = re.compile(r"[\w+=,.@/-]{1,576}", re.ASCII)
_ROLES: Final = ("taskRoleArn", "executionRoleArn")
_PROXY_PORTS: Final = {
    "ProxyIngressPort": "Ingress port",
    "ProxyEgressPort": "Egress port",
    "AppPorts": "App ports",
}


@RULES.add("Family contains invalid characters.")
def family_is_well_formed(draft: Draft) -> Breaches:
    """Judge the name. Source: ECS API reference, RegisterTaskDefinition."""
    return one_if(_FAMILY.fullmatch(draft.document["family"]) is None)


@RULES.add("Container list cannot be empty.")
def there_are_containers(draft: Draft) -> Breaches:
    """Judge the list of containers."""
    return one_if(not draft.containers)


@RULES.add("Container definitions can have at most {limit} items.")
def containers_are_few(draft: Draft) -> Breaches:
    """Judge the number of containers. Assumed: the text."""
    if len(draft.containers) > MAX_CONTAINERS:
        yield {"limit": MAX_CONTAINERS}


@RULES.add("Tags can not be empty.")
def tags_are_not_an_empty_list(draft: Draft) -> Breaches:
    """Judge the tags."""
    return one_if(draft.document.get("tags") == [])


@RULES.add("Unsupported field 'inferenceAccelerators'.")
def there_are_no_inference_accelerators(draft: Draft) -> Breaches:
    """Judge what AWS no longer offers."""
    return one_if(draft.document.get("inferenceAccelerators"))


@RULES.add("Role is not valid")
def roles_are_names_or_arns(draft: Draft) -> Breaches:
    """Judge the roles. Assumed: an empty one is not valid, as the newer reports say."""
    return one_if(
        any(role in draft.document and not _is_role(draft.document[role]) for role in _ROLES)
    )


def _is_role(text: str) -> bool:
    if text.startswith("arn:"):
        parsed = arn.parse(text)
        return parsed is not None and parsed.service == "iam" and parsed.kind == "role"
    return _ROLE_NAME.fullmatch(text) is not None


@RULES.add("Invalid '{kind}' setting for task.")
def sizes_are_readable(draft: Draft) -> Breaches:
    """Judge the form of task sizes. Assumed: the text for `memory`, and the range of `cpu`."""
    for kind in ("cpu", "memory"):
        text = draft.document.get(kind)
        if text is None:
            continue
        size = draft.size(kind)
        if size is None or size < 1 or (kind == "cpu" and not MIN_CPU <= size <= MAX_CPU):
            yield {"kind": kind}


@RULES.add("Placement constraints can have at most {limit} items.")
def constraints_are_few(draft: Draft) -> Breaches:
    """Judge the number of constraints. Assumed: the text."""
    if len(draft.document.get("placementConstraints", ())) > MAX_CONSTRAINTS:
        yield {"limit": MAX_CONSTRAINTS}


@RULES.add("Tasks using the EC2 launch type do not support EphemeralStorage.")
def instances_give_no_ephemeral_storage(draft: Draft) -> Breaches:
    """Judge storage on container instances."""
    return one_if("ephemeralStorage" in draft.document and "EC2" in draft.required)


@RULES.add("EphemeralStorage size should be {bound}")
def ephemeral_storage_is_in_range(draft: Draft) -> Breaches:
    """Judge the size of the storage."""
    storage = draft.document.get("ephemeralStorage")
    if storage is None:
        return
    if storage["sizeInGiB"] < MIN_EPHEMERAL:
        yield {"bound": f"at least {MIN_EPHEMERAL}"}
    elif storage["sizeInGiB"] > MAX_EPHEMERAL:
        yield {"bound": f"at most {MAX_EPHEMERAL}"}


@RULES.add("APPMESH proxy configuration is only supported in networkMode=awsvpc")
def proxies_need_an_interface(draft: Draft) -> Breaches:
    """Judge the network mode of a proxy."""
    return one_if("proxyConfiguration" in draft.document and not draft.is_awsvpc)


@RULES.add("Proxy container [{name}] does not exist.")
def proxies_are_containers(draft: Draft) -> Breaches:
    """Judge the container of a proxy."""
    proxy = draft.document.get("proxyConfiguration")
    if proxy is not None and proxy["containerName"] not in draft.names:
        yield {"name": proxy["containerName"]}


@RULES.add("{port} not found")
def proxies_have_ports(draft: Draft) -> Breaches:
    """Judge the properties of a proxy. Assumed: the texts for all but the ingress port."""
    proxy = draft.document.get("proxyConfiguration")
    if proxy is None:
        return
    given = {entry.get("name") for entry in proxy.get("properties", ())}
    for name, words in _PROXY_PORTS.items():
        if name not in given:
            yield {"port": words}


@LAST_RULES.add("Task definition does not support launch_type {kind}.")
def launch_types_are_supported(draft: Draft) -> Breaches:
    """Judge the launch types asked for. Assumed: the text, which is that of CreateService."""
    known = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
    for kind in draft.required:
        if kind not in known or (kind == "EXTERNAL" and draft.is_awsvpc):
            yield {"kind": kind}


@LAST_RULES.add("Actual length: '{length}'. Max allowed length is '{limit}' bytes.")
def definition_is_small(draft: Draft) -> Breaches:
    """Judge the size of the whole."""
    length = len(json.dumps(draft.document, separators=(",", ":")).encode())
    if length > MAX_BYTES:
        yield {"length": length, "limit": MAX_BYTES}


OF_OVERRIDES: Final = RULES.only(
    there_are_no_inference_accelerators, sizes_are_readable, ephemeral_storage_is_in_range
)
"""What is judged of overrides, too."""
