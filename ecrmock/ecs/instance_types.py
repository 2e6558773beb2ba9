"""EC2 instance types, as far as a container instance shows them: processors, memory, GPUs, ENIs.

Leaves out bare metal and families that no ECS cluster uses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from ecrmock.core.errors import UsageError

CPU_UNITS_OF_A_VCPU: Final = 1024
"""Source: ECS API reference, Resource."""

MOST_FIRMWARE_MIB: Final = 288

_DATA: Final = Path(__file__).parents[1] / "data" / "instance_types.json"


class UnknownInstanceType(UsageError):
    """A name that is none of the instance types in ecrmock's table."""

    def __init__(self, name: str) -> None:
        near = get_close_matches(name.lower(), _all()) or _siblings(name)
        hint = f" Near names: {', '.join(near)}." if near else " Names look like m5.large."
        super().__init__(
            f"{name!r} is no EC2 instance type that ecrmock knows.{hint} An instance of any other "
            f"type can be registered with RegisterContainerInstance, whose totalResources say "
            f"what it has."
        )
        self.name = name
        self.near = tuple(near)


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One instance type; the interfaces count the primary one.

    Source: EC2 API reference, DescribeInstanceTypes.
    """

    name: str
    vcpus: int
    memory_mib: int
    gpus: int
    max_interfaces: int
    architecture: str
    """`x86_64` or `arm64`, as in the attribute `ecs.cpu-architecture`."""

    @property
    def cpu_units(self) -> int:
        """Give the CPU that an instance registers. Source: ECS API reference, Resource."""
        return self.vcpus * CPU_UNITS_OF_A_VCPU

    @property
    def registered_memory_mib(self) -> int:
        """Give the memory that an instance registers: what firmware and kernel leave of it.

        Source: ECS developer guide, container instance memory management (less than installed).
        Assumed: the kernel keeps 1/64 for its page table, and what firmware and kernel image take
        grows with the memory to 288 MiB. So 8 GiB show 7776 MiB; real ones show 7690 to 7985.
        """
        page_table = self.memory_mib // 64
        firmware = min(32 + self.memory_mib // 32, MOST_FIRMWARE_MIB)
        return self.memory_mib - page_table - firmware


@cache
def _all() -> dict[str, InstanceType]:
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    columns = document["columns"]
    return {
        name: InstanceType(name=name, **dict(zip(columns, row, strict=True)))
        for name, row in document["types"].items()
    }


def _siblings(name: str) -> list[str]:
    """Give a few types of the family that a name begins with."""
    family = name.lower().partition(".")[0]
    return [known for known in _all() if known.partition(".")[0] == family][:3]


def get(name: str) -> InstanceType:
    """Return the instance type of that name.

    Raises:
        UnknownInstanceType: the table has no such type.
    """
    found = _all().get(name)
    if found is None:
        raise UnknownInstanceType(name)
    return found
