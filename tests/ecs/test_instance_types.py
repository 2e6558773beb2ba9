"""The table of EC2 instance types and what an instance of each registers."""

from __future__ import annotations

import dataclasses
import re

import pytest

from ecrmock.core.errors import UsageError
from ecrmock.ecs import instance_types
from ecrmock.ecs.instance_types import UnknownInstanceType

# What the EC2 user guide says: vCPUs, memory in MiB, GPUs, interfaces, architecture.
KNOWN = {
    "t2.micro": (1, 1024, 0, 2, "x86_64"),
    "t3.nano": (2, 512, 0, 2, "x86_64"),
    "t3.medium": (2, 4096, 0, 3, "x86_64"),
    "t3a.small": (2, 2048, 0, 2, "x86_64"),
    "t4g.micro": (2, 1024, 0, 2, "arm64"),
    "t4g.medium": (2, 4096, 0, 3, "arm64"),
    "m4.large": (2, 8192, 0, 2, "x86_64"),
    "m5.large": (2, 8192, 0, 3, "x86_64"),
    "m5.xlarge": (4, 16384, 0, 4, "x86_64"),
    "m5.4xlarge": (16, 65536, 0, 8, "x86_64"),
    "m5.24xlarge": (96, 393216, 0, 15, "x86_64"),
    "m6g.medium": (1, 4096, 0, 2, "arm64"),
    "m7i.large": (2, 8192, 0, 3, "x86_64"),
    "m7g.16xlarge": (64, 262144, 0, 15, "arm64"),
    "c4.large": (2, 3840, 0, 3, "x86_64"),
    "c5.large": (2, 4096, 0, 3, "x86_64"),
    "c5.18xlarge": (72, 147456, 0, 15, "x86_64"),
    "c5n.9xlarge": (36, 98304, 0, 8, "x86_64"),
    "c6i.2xlarge": (8, 16384, 0, 4, "x86_64"),
    "r4.large": (2, 15616, 0, 3, "x86_64"),
    "r5.large": (2, 16384, 0, 3, "x86_64"),
    "i3.large": (2, 15616, 0, 3, "x86_64"),
    "p2.16xlarge": (64, 749568, 16, 8, "x86_64"),
    "p3.2xlarge": (8, 62464, 1, 4, "x86_64"),
    "g4dn.xlarge": (4, 16384, 1, 3, "x86_64"),
    "g4dn.12xlarge": (48, 196608, 4, 8, "x86_64"),
    "g5.48xlarge": (192, 786432, 8, 7, "x86_64"),
    "a1.medium": (1, 2048, 0, 2, "arm64"),
    "x1.32xlarge": (128, 1998848, 0, 8, "x86_64"),
}

FAMILIES = [
    *("t2", "t3", "t3a", "t4g"),
    *("m4", "m5", "m5a", "m5d", "m6i", "m6a", "m6g", "m7i", "m7g"),
    *("c4", "c5", "c5a", "c5n", "c6i", "c6g", "c7i", "c7g"),
    *("r4", "r5", "r6i", "r6g", "r7g", "i3", "i4i", "x1"),
    *("p2", "p3", "g4dn", "g5", "a1"),
]

EVERY_TYPE = [instance_types.get(name) for name in instance_types._all()]


@pytest.mark.parametrize("name", KNOWN)
def test_a_type_has_what_ec2_documents(name):
    found = instance_types.get(name)

    assert dataclasses.astuple(found) == (name, *KNOWN[name])


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_that_ecs_clusters_use_is_in_the_table(family):
    members = [each for each in EVERY_TYPE if each.name.partition(".")[0] == family]

    assert len(members) >= 2


def test_every_row_is_possible():
    for each in EVERY_TYPE:
        assert re.fullmatch(r"[a-z][a-z0-9-]*\.(nano|micro|small|medium|[0-9]*x?large)", each.name)
        assert 1 <= each.vcpus <= 192
        assert each.memory_mib >= 512
        assert each.gpus in {0, 1, 2, 4, 8, 16}
        assert each.max_interfaces >= 2
        assert each.architecture in {"x86_64", "arm64"}


def test_the_table_is_sorted_by_name():
    names = [each.name for each in EVERY_TYPE]

    assert names == sorted(names)


def test_only_families_with_graviton_processors_are_arm64():
    graviton = {each.name for each in EVERY_TYPE if each.architecture == "arm64"}

    named_so = {
        each.name for each in EVERY_TYPE if re.match(r"(a1|[a-z]+[0-9]g[a-z]*)\.", each.name)
    }
    assert graviton == named_so


def test_a_bigger_size_of_a_family_never_has_less():
    families = {}
    for each in EVERY_TYPE:
        families.setdefault(each.name.partition(".")[0], []).append(each)

    for members in families.values():
        members.sort(key=lambda each: (each.vcpus, each.memory_mib))
        memories = [each.memory_mib for each in members]
        assert memories == sorted(memories)


def test_an_instance_registers_1024_units_of_cpu_for_a_vcpu():
    assert instance_types.get("m5.large").cpu_units == 2048


def test_an_instance_with_8_gib_registers_what_the_kernel_leaves_of_them():
    registered = instance_types.get("m5.large").registered_memory_mib

    assert registered == 7776


def test_an_instance_registers_less_memory_than_it_has_but_most_of_it():
    for each in EVERY_TYPE:
        assert 0.88 * each.memory_mib < each.registered_memory_mib < each.memory_mib


# Published replies of DescribeContainerInstances, with various kernels and Xen or Nitro below.
@pytest.mark.parametrize(
    ("name", "published_mib"),
    [
        ("t3.nano", 459),
        ("t2.micro", 993),
        ("c5.large", 3705),
        ("t3a.medium", 3896),
        ("c4.xlarge", 7482),
        ("m5.large", 7690),
        ("m5a.large", 7725),
        ("t2.large", 7974),
    ],
)
def test_the_registered_memory_is_near_what_real_instances_show(name, published_mib):
    registered = instance_types.get(name).registered_memory_mib

    assert registered == pytest.approx(published_mib, rel=0.06)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("m5.lage", "m5.large"),
        ("M5.Large", "m5.large"),
        ("g4dn.xlrage", "g4dn.xlarge"),
        ("m5", "m5.12xlarge"),
        ("c5.metal", "c5.12xlarge"),
    ],
)
def test_an_unknown_type_is_refused_with_the_names_near_to_it(name, near):
    with pytest.raises(UnknownInstanceType) as refused:
        instance_types.get(name)

    assert near in refused.value.near
    assert near in str(refused.value)


@pytest.mark.parametrize("name", ["", "toaster", "q9.parsec"])
def test_an_unknown_type_without_a_near_name_is_refused_with_an_example(name):
    with pytest.raises(UnknownInstanceType, match=r"Names look like m5\.large"):
        instance_types.get(name)


def test_an_unknown_type_is_a_misuse_and_says_what_was_given_and_what_to_do():
    with pytest.raises(UsageError) as refused:
        instance_types.get("mac1.metal")

    assert "'mac1.metal'" in str(refused.value)
    assert "RegisterContainerInstance" in str(refused.value)


def test_a_type_cannot_be_changed():
    found = instance_types.get("m5.large")

    with pytest.raises(dataclasses.FrozenInstanceError):
        found.vcpus = 4


def test_nothing_is_read_before_a_type_is_asked_for(run_python):
    read = run_python(
        """
        import ecrmock.ecs.instance_types as subject

        before = subject._all.cache_info().misses
        subject.get("m5.large")
        subject.get("m5.xlarge")
        print(before, subject._all.cache_info().misses)
        """
    )

    assert read == "0 1"
