"""Rules on task definitions for Fargate, judged after all others; and its task sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ecrmock.core import image_reference
from ecrmock.ecs.task_rules.rule import Breaches, Draft, Json, Rules, one_if

RULES: Final = Rules()

SIZES: Final[dict[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, 1024)),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
    8192: tuple(range(16384, 61441, 4096)),
    16384: tuple(range(32768, 122881, 8192)),
}
"""CPU units to MiB. Source: ECS API reference, RegisterTaskDefinition, cpu."""
WINDOWS_CPU: Final = (1024, 2048, 4096)
LOG_DRIVERS: Final = ("awslogs", "splunk", "awsfirelens")
MAX_STOP_TIMEOUT: Final = 120
_CAPABILITY: Final = "SYS_PTRACE"


def is_size(cpu: int, memory: int, *, is_windows: bool = False) -> bool:
    """Tell whether Fargate has tasks of this size."""
    return memory in SIZES.get(cpu, ()) and (not is_windows or cpu in WINDOWS_CPU)


@RULES.add("Fargate only supports network mode ‘awsvpc’.")
def tasks_have_an_interface(draft: Draft) -> Breaches:
    """Judge the network mode; the curly quotes are the service's."""
    return one_if(not draft.is_awsvpc)


@RULES.add("Fargate requires that '{kind}' be defined at the task level.")
def tasks_have_sizes(draft: Draft) -> Breaches:
    """Judge that the task says its size."""
    for kind in ("cpu", "memory"):
        if draft.document.get(kind) is None:
            yield {"kind": kind}


@RULES.add(
    "No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
    "See the Amazon ECS documentation for the valid values."
)
def sizes_exist(draft: Draft) -> Breaches:
    """Judge the size of the task."""
    cpu, memory = draft.size("cpu"), draft.size("memory")
    if cpu is None or memory is None:
        return
    processor = draft.document.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64")
    is_odd = draft.is_windows and processor == "ARM64"
    if is_odd or not is_size(cpu, memory, is_windows=draft.is_windows):
        yield {"cpu": cpu, "memory": memory}


@RULES.add("{driver} is not a valid log driver. Must be one of [awslogs,splunk,awsfirelens]")
def log_drivers_are_known(draft: Draft) -> Breaches:
    """Judge log drivers."""
    for log in _logs(draft):
        if log["logDriver"] not in LOG_DRIVERS:
            yield {"driver": log["logDriver"]}


@RULES.add(
    "Fargate requires log configuration options to include awslogs-stream-prefix to support "
    "log driver awslogs."
)
def streams_have_a_prefix(draft: Draft) -> Breaches:
    """Judge the names of log streams."""
    return one_if(
        any(
            not (log.get("options") or {}).get("awslogs-stream-prefix")
            for log in _logs(draft)
            if log["logDriver"] == "awslogs"
        )
    )


@RULES.add(
    "Fargate requires task definition to have execution role ARN to support log driver awslogs."
)
def logs_need_an_execution_role(draft: Draft) -> Breaches:
    """Judge who writes logs."""
    writes = any(log["logDriver"] == "awslogs" for log in _logs(draft))
    return one_if(writes and not draft.document.get("executionRoleArn"))


@RULES.add("Fargate requires task definition to have execution role ARN to support ECR images.")
def images_need_an_execution_role(draft: Draft) -> Breaches:
    """Judge who pulls images."""
    pulls = any(image_reference.parse(c.get("image", "")).is_ecr for c in draft.containers)
    return one_if(pulls and not draft.document.get("executionRoleArn"))


@RULES.add("Fargate requires that the ‘privileged’ setting be ‘false’ at the container level.")
def nobody_is_privileged(draft: Draft) -> Breaches:
    """Judge privileges; the curly quotes are the service's."""
    return one_if(any(draft.having("privileged")))


@RULES.add("Fargate compatible task definitions do not support {member}")
def members_are_supported(draft: Draft) -> Breaches:
    """Judge what only instances can give."""
    for container in draft.containers:
        linux = container.get("linuxParameters", {})
        for member in ("devices", "sharedMemorySize", "maxSwap"):
            if linux.get(member):
                yield {"member": member}
        if container.get("dockerSecurityOptions"):
            yield {"member": "dockerSecurityOptions"}
    for volume in draft.document.get("volumes", ()):
        if volume.get("dockerVolumeConfiguration") is not None:
            yield {"member": "dockerVolumeConfiguration"}
        if volume.get("host", {}).get("sourcePath"):
            yield {"member": "sourcePath"}
    if draft.document.get("ipcMode"):
        yield {"member": "ipcMode"}
    if draft.document.get("placementConstraints"):
        yield {"member": "constraints"}


@RULES.add("{capability} is not allowed on Fargate.")
def capabilities_are_few(draft: Draft) -> Breaches:
    """Judge kernel capabilities."""
    for container in draft.containers:
        added = container.get("linuxParameters", {}).get("capabilities", {}).get("add", ())
        for capability in added:
            if capability != _CAPABILITY:
                yield {"capability": capability}


@RULES.add("Tasks using the Fargate launch type do not support GPU resource requirements.")
def there_are_no_gpus(draft: Draft) -> Breaches:
    """Judge GPUs."""
    return one_if(any(entry["type"] == "GPU" for _, entry in draft.listed("resourceRequirements")))


@RULES.add(
    "Tasks using the Fargate launch type do not support pidMode 'host'. "
    "The supported value for pidMode is 'task'."
)
def processes_are_the_tasks_own(draft: Draft) -> Breaches:
    """Judge the process namespace."""
    return one_if(draft.document.get("pidMode") == "host")


@RULES.add(
    "Tasks using the Fargate launch type must have a container stop timeout of less than "
    "120 seconds."
)
def stops_are_quick(draft: Draft) -> Breaches:
    """Judge how long a stop may take. Assumed: the text."""
    return one_if(any(c.get("stopTimeout", 0) > MAX_STOP_TIMEOUT for c in draft.containers))


OF_OVERRIDES: Final = RULES.only(sizes_exist)
"""What is judged of overrides, too."""


def _logs(draft: Draft) -> Iterator[Json]:
    return (container["logConfiguration"] for container in draft.having("logConfiguration"))
