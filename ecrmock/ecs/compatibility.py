"""What follows from a task definition: the launch types it fits and the attributes it requires.

Source: captures of RegisterTaskDefinition; names of the ECS agent's capabilities. Assumed: the
order of both lists, which differs between captures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from ecrmock.core import image_reference
from ecrmock.ecs import task_rules

if TYPE_CHECKING:
    from ecrmock.ecs.task_rules import Draft

_AGENT: Final = "com.amazonaws.ecs.capability."
_API: Final = f"{_AGENT}docker-remote-api."
_ECS: Final = "ecs.capability."
ECR_AUTH: Final = f"{_AGENT}ecr-auth"
"""What an agent has from version 1.7.0 on: it can pull from ECR."""
EXECUTION_ROLE_PULL: Final = f"{_ECS}execution-role-ecr-pull"
_NETWORKS_WITH_MANAGED: Final = ("awsvpc", "host")


def compatibilities(draft: Draft) -> list[str]:
    """Return the launch types that a definition fits.

    Assumed: managed instances take what Fargate takes, and whatever asks for them.
    """
    if not draft.is_awsvpc:
        volumes = draft.document.get("volumes", ())
        has_efs = any(volume.get("efsVolumeConfiguration") for volume in volumes)
        found = ["EC2"] if has_efs else ["EXTERNAL", "EC2"]
        asked = "MANAGED_INSTANCES" in draft.required
        return [*found, "MANAGED_INSTANCES"] if asked and _can_be_managed(draft) else found
    found = ["EC2"]
    if task_rules.fits_fargate(draft):
        found.append("FARGATE")
    if _can_be_managed(draft) and ("FARGATE" in found or "MANAGED_INSTANCES" in draft.required):
        found.append("MANAGED_INSTANCES")
    return found


def _can_be_managed(draft: Draft) -> bool:
    return not draft.is_windows and draft.network_mode in _NETWORKS_WITH_MANAGED


def required_attributes(draft: Draft) -> list[str]:
    """Return the attributes that a container instance must have for a definition, each once."""
    found = (name for derive in _DERIVATIONS for name in derive(draft))
    return list(dict.fromkeys(found))


def _logs(draft: Draft) -> Iterator[str]:
    for container in draft.having("logConfiguration"):
        log = container["logConfiguration"]
        yield f"{_AGENT}logging-driver.{log['logDriver']}"
        if log["logDriver"] == "awslogs":
            if draft.document.get("executionRoleArn"):
                yield f"{_ECS}execution-role-awslogs"
            yield f"{_API}1.19"
        for secret in log.get("secretOptions", ()):
            yield f"{_ECS}secrets.{_store(secret['valueFrom'])}.bootstrap.log-driver"


def _store(source: str) -> str:
    return "asm" if ":secretsmanager:" in source else "ssm"


def _images(draft: Draft) -> Iterator[str]:
    if any(image_reference.parse(container["image"]).is_ecr for container in draft.containers):
        yield ECR_AUTH
        if draft.document.get("executionRoleArn"):
            yield EXECUTION_ROLE_PULL


def _roles(draft: Draft) -> Iterator[str]:
    if draft.document.get("taskRoleArn"):
        suffix = "-network-host" if draft.network_mode == "host" else ""
        yield f"{_AGENT}task-iam-role{suffix}"


def _network(draft: Draft) -> Iterator[str]:
    if draft.is_awsvpc:
        yield f"{_API}1.18"
        yield f"{_ECS}task-eni"
    if any(entry.get("containerPortRange") for _, entry in draft.listed("portMappings")):
        yield f"{_ECS}network.container-port-range"


def _task(draft: Draft) -> Iterator[str]:
    document = draft.document
    sized = document.get("cpu") is not None or document.get("memory") is not None
    if sized and "FARGATE" not in draft.required:
        yield f"{_ECS}task-cpu-mem-limit"
    if document.get("pidMode") or document.get("ipcMode"):
        yield f"{_ECS}pid-ipc-namespace-sharing"
    if document.get("proxyConfiguration"):
        yield f"{_ECS}aws-appmesh"
    if document.get("enableFaultInjection"):
        yield f"{_ECS}fault-injection"


def _volumes(draft: Draft) -> Iterator[str]:
    for volume in draft.document.get("volumes", ()):
        docker = volume.get("dockerVolumeConfiguration")
        efs = volume.get("efsVolumeConfiguration")
        if docker is not None:
            yield f"{_ECS}docker-plugin.{docker.get('driver', 'local')}"
            yield f"{_API}1.25"
        if efs is not None:
            yield f"{_ECS}efs"
            if efs.get("transitEncryption") == "ENABLED" or efs.get("authorizationConfig"):
                yield f"{_ECS}efsAuth"
            yield f"{_API}1.25"
        if volume.get("fsxWindowsFileServerVolumeConfiguration"):
            yield f"{_ECS}fsxWindowsFileServer"
        if volume.get("configuredAtLaunch"):
            yield f"{_ECS}storage.ebs-task-volume-attach"
        if volume.get("s3filesVolumeConfiguration"):
            yield f"{_ECS}storage.s3-files"


def _secrets(draft: Draft) -> Iterator[str]:
    for _, secret in draft.listed("secrets"):
        yield f"{_ECS}secrets.{_store(secret['valueFrom'])}.environment-variables"


def _members(draft: Draft) -> Iterator[str]:
    for member, names in _BY_MEMBER.items():
        if any(draft.having(member)):
            yield from names


_BY_MEMBER: Final = {
    "repositoryCredentials": (f"{_ECS}private-registry-authentication.secretsmanager",),
    "memoryReservation": (f"{_API}1.21",),
    "volumesFrom": (f"{_API}1.17",),
    "privileged": (f"{_AGENT}privileged-container",),
    "dependsOn": (f"{_ECS}container-ordering",),
    "startTimeout": (f"{_ECS}container-ordering",),
    "stopTimeout": (f"{_ECS}container-ordering",),
    "environmentFiles": (f"{_ECS}env-files.s3",),
}
"""What a container needs for one of its members."""


def _containers(draft: Draft) -> Iterator[str]:
    for container in draft.containers:
        check = container.get("healthCheck")
        if check is not None:
            yield f"{_ECS}container-health-check"
            yield f"{_API}1.29" if check.get("startPeriod") else f"{_API}1.24"
        if container.get("linuxParameters", {}).get("initProcessEnabled"):
            yield f"{_API}1.25"
        if (container.get("restartPolicy") or {}).get("enabled"):
            yield f"{_ECS}container-restart-policy"
        for option in container.get("dockerSecurityOptions", ()):
            yield from _security(option)
        firelens = container.get("firelensConfiguration")
        if firelens is not None:
            yield f"{_ECS}firelens.{firelens['type']}"
            kind = (firelens.get("options") or {}).get("config-file-type")
            if kind:
                yield f"{_ECS}firelens.options.config.{kind}"
        for spec in container.get("credentialSpecs", ()):
            yield f"{_ECS}gmsa{'-domainless' if 'domainless' in spec else ''}"


def _security(option: str) -> Iterator[str]:
    if option.startswith("label"):
        yield f"{_AGENT}selinux"
    elif option.startswith("apparmor"):
        yield f"{_AGENT}apparmor"


_DERIVATIONS: Final[tuple[Callable[[Draft], Iterator[str]], ...]] = (
    _logs,
    _images,
    _secrets,
    _roles,
    _network,
    _task,
    _volumes,
    _members,
    _containers,
)
