"""The ECS container agent of an instance: its version and the capabilities that it registers.

Models the agent of the Amazon ECS-optimized Linux AMI of its time; attributes with a value, and
what users turn on by themselves, are left out.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

LATEST: Final = "1.105.1"
"""The version whose capabilities were read last; a newer one has the same."""

DOCKER_VERSION: Final = "DockerVersion: 25.0.16"
"""As `versionInfo` shows it. Source: release notes of the ECS-optimized AMI 20260708, which has
the agent 1.105.1."""

RESERVED_PORTS: Final = ("22", "2376", "2375", "51678", "51679")
"""SSH, Docker with TLS and without, the agent's introspection and credentials, in the order of
DescribeContainerInstances. Source: ECS developer guide, host port mappings."""

_DATA: Final = Path(__file__).parents[1] / "data" / "agent_capabilities.json"

_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")

Key = tuple[int, ...]
"""A version as its numbers, without zeros at its end; greater is newer."""


def key(version: str) -> Key:
    """Give what versions are sorted by, number by number: 1.105.1 is newer than 1.9.0.

    Raises:
        UsageError: it is no dotted version.
    """
    if not _VERSION.fullmatch(version):
        raise UsageError(
            f"{version!r} is no version of the ECS agent. A version is numbers with dots between, "
            f"such as {LATEST}."
        )
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def compare(a: str, b: str) -> int:
    """Give -1 when version *a* is older than *b*, 0 when they are the same, 1 when it is newer.

    Raises:
        UsageError: one of them is no dotted version.
    """
    key_a, key_b = key(a), key(b)
    return (key_a > key_b) - (key_a < key_b)


@cache
def _history() -> Mapping[str, tuple[Key, Key | None]]:
    """Give for each capability the first version with it and the first without it again."""
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    until = {name: key(version) for name, version in document["until"].items()}
    return {name: (key(version), until.get(name)) for name, version in document["since"].items()}


@cache
def capabilities(version: str) -> tuple[str, ...]:
    """Return the names of the attributes that an agent of that version registers, sorted.

    Newer agents have more of them, but for some `docker-remote-api` that 1.99.0 gave up because
    no task definition requires them.

    Raises:
        UsageError: it is no dotted version.

    Source: amazon-ecs-agent, CHANGELOG and agent_capability.go.
    Assumed: the versions of the capabilities that the data lists as assumed.
    """
    registering = key(version)
    return tuple(
        sorted(
            name
            for name, (since, until) in _history().items()
            if since <= registering and (until is None or registering < until)
        )
    )


def released(version: str) -> str:
    """Return the release that a version is of: 1.14.5 for 1.14.5-dev, 0 for what is none."""
    found = re.match(r"v?([0-9]+(\.[0-9]+)*)", version)
    return found[1] if found else "0"


def agent_hash(version: str) -> str:
    """Return the eight hexadecimal digits that `versionInfo` shows as the agent's commit.

    Raises:
        UsageError: it is no dotted version.

    Assumed: AWS shows the start of a commit's hash; ours only depends on the version.
    """
    numbers = ".".join(map(str, key(version)))
    return hashlib.sha256(f"amazon-ecs-agent {numbers}".encode()).hexdigest()[:8]
