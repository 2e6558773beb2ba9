"""Rules on the logs of containers."""

from __future__ import annotations

from typing import Final

from ecrmock.ecs.task_rules.rule import Breaches, Draft, Rules, one_if

RULES: Final = Rules()

_REQUIRED: Final = {"awslogs": ("awslogs-group", "awslogs-region")}
"""Options that a driver cannot do without. Source: ECS developer guide, awslogs."""


@RULES.add("Log driver {driver} requires options: {names}")
def drivers_have_their_options(draft: Draft) -> Breaches:
    """Judge the options of a driver. Assumed: `awslogs-region` is required with no other option."""
    for container in draft.having("logConfiguration"):
        log = container["logConfiguration"]
        options = log.get("options") or {}
        lacking = [name for name in _REQUIRED.get(log["logDriver"], ()) if not options.get(name)]
        if lacking:
            yield {"driver": log["logDriver"], "names": ", ".join(lacking)}


@RULES.add(
    "When awsfirelens log driver is specified in log configuration, a firelens configuration "
    "object must be configured in one of the containers."
)
def somebody_routes_logs(draft: Draft) -> Breaches:
    """Judge that FireLens has a router."""
    routed = any(
        container["logConfiguration"]["logDriver"] == "awsfirelens"
        for container in draft.having("logConfiguration")
    )
    return one_if(routed and not any(draft.having("firelensConfiguration")))


@RULES.add("Invalid arn syntax.")
def routers_have_their_configuration(draft: Draft) -> Breaches:
    """Judge where a router reads its configuration."""
    found = (
        container["firelensConfiguration"] for container in draft.having("firelensConfiguration")
    )
    options = [firelens.get("options") or {} for firelens in found]
    return one_if(
        any(
            o.get("config-file-type") == "s3"
            and not o.get("config-file-value", "").startswith("arn:")
            for o in options
        )
    )
