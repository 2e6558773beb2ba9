"""Rules on health checks, time-outs and restarts of containers."""

from __future__ import annotations

from typing import Final

from ecrmock.ecs.task_rules.rule import Breaches, Draft, Rules

RULES: Final = Rules()

RANGES: Final = {
    "interval": (5, 300),
    "retries": (1, 10),
    "startPeriod": (0, 300),
    "timeout": (2, 60),
}
"""Seconds, and the number of tries. Source: ECS API reference, HealthCheck."""
MIN_TIMEOUT: Final = 2
RESTART_RANGE: Final = (60, 1800)
"""Seconds. Source: ECS API reference, ContainerRestartPolicy."""
_COMMANDS: Final = ("CMD", "CMD-SHELL", "NONE")


@RULES.add("Health check command for container '{name}' must begin with CMD or CMD-SHELL.")
def commands_say_how_they_run(draft: Draft) -> Breaches:
    """Judge the command of a check. Assumed: the text."""
    for container in draft.having("healthCheck"):
        command = container["healthCheck"]["command"]
        if not command or command[0] not in _COMMANDS:
            yield {"name": container["name"]}


@RULES.add(
    "Health check {member} must be {than} than or equal to the {which} allowed value {bound} "
    "for container '{name}'"
)
def checks_are_in_range(draft: Draft) -> Breaches:
    """Judge the numbers of a check. Assumed: the text for numbers that are too low."""
    for container in draft.having("healthCheck"):
        for member, (low, high) in RANGES.items():
            value = container["healthCheck"].get(member)
            if value is None or low <= value <= high:
                continue
            yield {
                "member": member,
                "name": container["name"],
                **(
                    {"than": "less", "which": "maximum", "bound": high}
                    if value > high
                    else {"than": "greater", "which": "minimum", "bound": low}
                ),
            }


@RULES.add("Granular {which} timeout on container '{name}' must be at least 2 seconds.")
def timeouts_are_not_too_short(draft: Draft) -> Breaches:
    """Judge how long a start or a stop may take. Assumed: the text."""
    for container in draft.containers:
        for which in ("start", "stop"):
            if container.get(f"{which}Timeout", MIN_TIMEOUT) < MIN_TIMEOUT:
                yield {"which": which, "name": container["name"]}


@RULES.add("The 'restartAttemptPeriod' setting for container '{name}' must be between 60 and 1800.")
def restarts_are_in_range(draft: Draft) -> Breaches:
    """Judge the period between restarts."""
    low, high = RESTART_RANGE
    for container in draft.having("restartPolicy"):
        if not low <= container["restartPolicy"].get("restartAttemptPeriod", low) <= high:
            yield {"name": container["name"]}
