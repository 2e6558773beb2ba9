"""The ECS agent of a container instance: versions and the capabilities that come with them."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ecrmock
from ecrmock.core.errors import UsageError
from ecrmock.ecs import agent

LONG = "com.amazonaws.ecs.capability."
SHORT = "ecs.capability."

DATA = json.loads(
    (Path(ecrmock.__file__).parent / "data" / "agent_capabilities.json").read_text(encoding="utf-8")
)
VERSIONS = sorted({*DATA["since"].values(), *DATA["until"].values(), agent.LATEST}, key=agent.key)


def docker_api(*minors):
    return {f"{LONG}docker-remote-api.1.{minor}" for minor in minors}


# Every attribute that a Linux task definition can require.
REQUIRABLE = {
    *docker_api(17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 29, 30, 32),
    *(
        LONG + name
        for name in (
            "apparmor",
            "ecr-auth",
            "logging-driver.awsfirelens",
            "logging-driver.awslogs",
            "logging-driver.fluentd",
            "logging-driver.gelf",
            "logging-driver.journald",
            "logging-driver.json-file",
            "logging-driver.none",
            "logging-driver.splunk",
            "logging-driver.syslog",
            "privileged-container",
            "selinux",
            "task-iam-role",
            "task-iam-role-network-host",
        )
    ),
    *(
        SHORT + name
        for name in (
            "aws-appmesh",
            "container-health-check",
            "container-ordering",
            "container-restart-policy",
            "docker-plugin.local",
            "efs",
            "efsAuth",
            "env-files.s3",
            "execution-role-awslogs",
            "execution-role-ecr-pull",
            "fault-injection",
            "firelens.fluentbit",
            "firelens.fluentd",
            "firelens.options.config.file",
            "firelens.options.config.s3",
            "fsxWindowsFileServer",
            "gmsa",
            "gmsa-domainless",
            "increased-task-cpu-limit",
            "network.container-port-range",
            "pid-ipc-namespace-sharing",
            "private-registry-authentication.secretsmanager",
            "secrets.asm.bootstrap.log-driver",
            "secrets.asm.environment-variables",
            "secrets.ssm.bootstrap.log-driver",
            "secrets.ssm.environment-variables",
            "storage.ebs-task-volume-attach",
            "storage.s3-files",
            "task-cpu-mem-limit",
            "task-eni",
        )
    ),
}

# What an instance of the ECS-optimized AMI lacks until its owner configures it, and why.
LEFT_OUT = {
    LONG + "apparmor": "ECS_APPARMOR_CAPABLE is off",
    LONG + "selinux": "ECS_SELINUX_CAPABLE is off",
    LONG + "logging-driver.gelf": "not in ecs-init's ECS_AVAILABLE_LOGGING_DRIVERS",
    LONG + "logging-driver.journald": "not in ecs-init's ECS_AVAILABLE_LOGGING_DRIVERS",
    LONG + "logging-driver.splunk": "not in ecs-init's ECS_AVAILABLE_LOGGING_DRIVERS",
    SHORT + "fsxWindowsFileServer": "Windows only",
    SHORT + "gmsa": "needs the credentials-fetcher daemon",
    SHORT + "gmsa-domainless": "needs the credentials-fetcher daemon",
}

# The agents of two instances in the AWS CLI's examples: deregister-container-instance (1.27.0)
# and update-container-instances-state (1.29.0), without the attributes that have a value.
PUBLISHED_1_27_0 = {
    *docker_api(*range(17, 33)),
    *(
        LONG + name
        for name in (
            "ecr-auth",
            "logging-driver.awslogs",
            "logging-driver.json-file",
            "logging-driver.none",
            "logging-driver.syslog",
            "privileged-container",
            "task-iam-role",
            "task-iam-role-network-host",
        )
    ),
    *(
        SHORT + name
        for name in (
            "aws-appmesh",
            "container-health-check",
            "container-ordering",
            "docker-plugin.local",
            "ecr-endpoint",
            "execution-role-awslogs",
            "execution-role-ecr-pull",
            "pid-ipc-namespace-sharing",
            "private-registry-authentication.secretsmanager",
            "secrets.asm.bootstrap.log-driver",
            "secrets.asm.environment-variables",
            "secrets.ssm.bootstrap.log-driver",
            "secrets.ssm.environment-variables",
            "task-cpu-mem-limit",
            "task-eia",
            "task-eni",
        )
    ),
}
PUBLISHED_1_29_0 = {*PUBLISHED_1_27_0, SHORT + "task-eni-trunking"}

# Replies that users published, of an m5.large in 2018 and of a t3.nano in 2020.
PUBLISHED_1_17_2 = {
    *docker_api(*range(17, 31)),
    *(LONG + name for name in ("ecr-auth", "privileged-container")),
    *(LONG + name for name in ("task-iam-role", "task-iam-role-network-host")),
    *(LONG + f"logging-driver.{driver}" for driver in ("awslogs", "json-file", "none", "syslog")),
    *(SHORT + f"execution-role-{use}" for use in ("awslogs", "ecr-pull")),
    *(SHORT + name for name in ("container-health-check", "task-cpu-mem-limit", "task-eni")),
}
PUBLISHED_1_48_1 = {
    *PUBLISHED_1_29_0,
    LONG + "logging-driver.awsfirelens",
    LONG + "logging-driver.fluentd",
    SHORT + "docker-plugin.amazon-ecs-volume-plugin",
    SHORT + "efs",
    SHORT + "efsAuth",
    SHORT + "env-files.s3",
    SHORT + "firelens.fluentbit",
    SHORT + "firelens.fluentd",
    SHORT + "firelens.options.config.file",
    SHORT + "firelens.options.config.s3",
    SHORT + "full-sync",
    SHORT + "task-eia.optimized-cpu",
    SHORT + "task-eni.ipv6",
}

# UpdateContainerInstancesState in the ECS API reference.
PUBLISHED_1_13_1 = {
    *docker_api(*range(17, 24)),
    LONG + "ecr-auth",
    LONG + "logging-driver.awslogs",
    LONG + "logging-driver.json-file",
    LONG + "logging-driver.syslog",
    LONG + "privileged-container",
    LONG + "task-iam-role",
    LONG + "task-iam-role-network-host",
}


@pytest.mark.parametrize(
    ("version", "published"),
    [
        ("1.13.1", PUBLISHED_1_13_1),
        ("1.17.2", PUBLISHED_1_17_2),
        ("1.27.0", PUBLISHED_1_27_0),
        ("1.29.0", PUBLISHED_1_29_0),
        ("1.48.1", PUBLISHED_1_48_1),
    ],
)
def test_an_agent_registers_what_real_instances_show_of_that_version(version, published):
    assert set(agent.capabilities(version)) == published


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("1.7.0", LONG + "ecr-auth"),
        ("1.9.0", LONG + "logging-driver.awslogs"),
        ("1.11.0", LONG + "task-iam-role"),
        ("1.12.0", LONG + "task-iam-role-network-host"),
        ("1.15.0", SHORT + "task-eni"),
        ("1.16.0", SHORT + "execution-role-ecr-pull"),
        ("1.17.0", SHORT + "container-health-check"),
        ("1.19.0", SHORT + "private-registry-authentication.secretsmanager"),
        ("1.22.0", SHORT + "secrets.ssm.environment-variables"),
        ("1.23.0", SHORT + "secrets.asm.environment-variables"),
        ("1.26.0", SHORT + "container-ordering"),
        ("1.30.0", SHORT + "firelens.fluentbit"),
        ("1.39.0", SHORT + "env-files.s3"),
        ("1.50.2", SHORT + "execute-command"),
        ("1.67.0", SHORT + "network.container-port-range"),
        ("1.86.0", SHORT + "container-restart-policy"),
        ("1.88.0", SHORT + "fault-injection"),
    ],
)
def test_a_capability_comes_with_the_version_that_aws_documents(version, name):
    older = [each for each in VERSIONS if agent.compare(each, version) < 0]

    assert name in agent.capabilities(version)
    assert not any(name in agent.capabilities(each) for each in older)


@pytest.mark.parametrize("version", ["1.6.0", "1.6.99"])
def test_an_agent_before_1_7_0_cannot_pull_from_ecr(version):
    assert LONG + "ecr-auth" not in agent.capabilities(version)


def test_an_agent_before_1_16_0_cannot_pull_with_an_execution_role():
    assert SHORT + "execution-role-ecr-pull" not in agent.capabilities("1.15.0")


def test_an_agent_before_1_5_0_registers_no_capabilities():
    assert agent.capabilities("1.4.0") == ()


@pytest.mark.parametrize(("older", "newer"), list(itertools.pairwise(VERSIONS)))
def test_a_newer_agent_never_loses_a_capability_that_a_task_can_require(older, newer):
    lost = set(agent.capabilities(older)) - set(agent.capabilities(newer))

    assert lost <= set(DATA["until"])
    assert not lost & REQUIRABLE


def test_the_agent_1_99_0_gave_up_the_versions_of_docker_that_no_task_requires():
    lost = set(agent.capabilities("1.98.0")) - set(agent.capabilities("1.99.0"))

    assert lost == docker_api(26, 27, 31, *range(33, 45))


def test_the_latest_agent_has_all_that_a_linux_task_requires_but_what_the_ami_leaves_off():
    latest = set(agent.capabilities(agent.LATEST))

    assert latest >= REQUIRABLE - set(LEFT_OUT)
    assert not latest & set(LEFT_OUT)
    assert set(LEFT_OUT) <= REQUIRABLE


def test_an_agent_newer_than_the_latest_registers_what_that_one_does():
    assert agent.capabilities("2.0.0") == agent.capabilities(agent.LATEST)


def test_the_latest_agent_is_as_new_as_every_capability():
    assert VERSIONS[-1] == agent.LATEST


def test_capabilities_are_sorted_and_named_once():
    names = agent.capabilities(agent.LATEST)

    assert list(names) == sorted(set(names))


def test_a_capability_is_given_up_after_it_came():
    for name, version in DATA["until"].items():
        assert agent.compare(DATA["since"][name], version) < 0


def test_what_is_assumed_is_a_capability():
    assert set(DATA["assumed"]) <= set(DATA["since"])


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("1.9.0", "1.105.1", -1),
        ("1.105.1", "1.9.0", 1),
        ("1.14.5", "1.14.5", 0),
        ("1.7", "1.7.0", 0),
        ("1.7.0", "1.7.0.1", -1),
        ("2", "1.105.1", 1),
    ],
)
def test_versions_are_compared_number_by_number(a, b, expected):
    assert agent.compare(a, b) == expected


NUMBERS = st.lists(st.integers(min_value=0, max_value=999), min_size=3, max_size=3)


@given(NUMBERS, NUMBERS)
def test_the_comparison_of_versions_is_that_of_their_numbers(a, b):
    compared = agent.compare(".".join(map(str, a)), ".".join(map(str, b)))

    assert compared == (a > b) - (a < b)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "latest",
        "v1.105.1",
        "1.",
        ".1",
        "1..2",
        "1.7.0-dev",
        " 1.7.0",
        "1.7.0\n",
        "1,7",
        "\u0661.\u0667",
    ],
)
@pytest.mark.parametrize("ask", [agent.key, agent.capabilities, agent.agent_hash])
def test_what_is_no_version_is_refused(ask, text):
    with pytest.raises(UsageError, match=r"is no version of the ECS agent") as refused:
        ask(text)

    assert repr(text) in str(refused.value)
    assert agent.LATEST in str(refused.value)


def test_a_comparison_refuses_what_is_no_version_on_both_sides():
    with pytest.raises(UsageError, match="'newest'"):
        agent.compare("1.7.0", "newest")
    with pytest.raises(UsageError, match="'newest'"):
        agent.compare("newest", "1.7.0")


def test_the_hash_of_an_agent_is_eight_digits_and_always_the_same():
    first = agent.agent_hash("1.105.1")

    assert re.fullmatch("[0-9a-f]{8}", first)
    assert agent.agent_hash("1.105.1") == first
    assert agent.agent_hash("1.7.0") != first


def test_ports_are_reserved_in_the_order_of_describe_container_instances():
    assert agent.RESERVED_PORTS == ("22", "2376", "2375", "51678", "51679")


def test_the_version_of_docker_has_the_form_of_version_info():
    assert re.fullmatch(r"DockerVersion: [0-9]+\.[0-9]+\.[0-9]+", agent.DOCKER_VERSION)


def test_nothing_is_read_before_a_capability_is_asked_for(run_python):
    read = run_python(
        """
        import ecrmock.ecs.agent as subject

        before = subject._history.cache_info().misses
        subject.capabilities("1.7.0")
        subject.capabilities("1.8.0")
        print(before, subject._history.cache_info().misses)
        """
    )

    assert read == "0 1"
