"""The rules on task definitions: only the first that is broken is reported.

Source: ECS API reference, RegisterTaskDefinition; texts and their order as captured from the
service, `Assumed:` where unseen.
"""

from __future__ import annotations

from typing import Final

from ecrmock.ecs.errors import ClientException
from ecrmock.ecs.task_rules import (
    containers,
    definition,
    fargate,
    health,
    logging,
    network,
    secrets,
    volumes,
)
from ecrmock.ecs.task_rules.rule import Draft, Rule

__all__ = ["ORDER", "Draft", "check", "fits_fargate"]

ORDER: Final = (
    definition.RULES,
    containers.RULES,
    volumes.RULES,
    health.RULES,
    network.RULES,
    secrets.RULES,
    logging.RULES,
)
"""The rules for every launch type; those for Fargate come last."""


def check(draft: Draft) -> None:
    """Refuse a task definition that breaks a rule.

    Raises:
        ClientException: with the text of the first rule that is broken.
    """
    for rules in ORDER:
        for text in rules.broken(draft):
            raise ClientException(text)
    if "FARGATE" in draft.required:
        for text in fargate.RULES.broken(draft):
            raise ClientException(text)
    for text in definition.LAST_RULES.broken(draft):
        raise ClientException(text)


def fits_fargate(draft: Draft) -> bool:
    """Tell whether a definition that breaks no other rule could run on Fargate."""
    return next(fargate.RULES.broken(draft), None) is None


def rows() -> list[Rule]:
    """Return all rules, in the order in which they are judged."""
    every = (*ORDER, fargate.RULES, definition.LAST_RULES)
    return [row for rules in every for row in rules.rows]
