"""Rules on secrets of containers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ecrmock.core import arn
from ecrmock.ecs.task_rules.rule import Breaches, Draft, Json, Rules, one_if

RULES: Final = Rules()


@RULES.add(
    "The Systems Manager parameter ARN has a different account ID than the current account. "
    "The current account ID is {own} and the ARN account ID is {other}. "
    "Cross-account access for ARNs is not currently supported."
)
def parameters_are_of_this_account(draft: Draft) -> Breaches:
    """Judge whose parameters secrets come from."""
    for secret in _secrets(draft):
        parsed = arn.parse(secret["valueFrom"])
        if parsed is not None and parsed.service == "ssm" and parsed.account_id != draft.account_id:
            yield {"own": draft.account_id, "other": parsed.account_id}


@RULES.add(
    "The secret name must be unique and not shared with any new or existing environment "
    "variables set on the container, such as '{name}'."
)
def secrets_have_names_of_their_own(draft: Draft) -> Breaches:
    """Judge the names of secrets."""
    for container in draft.having("secrets"):
        taken = {entry.get("name") for entry in container.get("environment", ())}
        for secret in container["secrets"]:
            if secret["name"] in taken:
                yield {"name": secret["name"]}
            taken.add(secret["name"])


@RULES.add(
    "When you are specifying container secrets, you must also specify a value for "
    "'executionRoleArn'."
)
def secrets_need_an_execution_role(draft: Draft) -> Breaches:
    """Judge who fetches secrets. Assumed: the final period."""
    return one_if(any(draft.having("secrets")) and not draft.document.get("executionRoleArn"))


def _secrets(draft: Draft) -> Iterator[Json]:
    for container in draft.containers:
        yield from container.get("secrets", ())
        yield from container.get("logConfiguration", {}).get("secretOptions", ())
