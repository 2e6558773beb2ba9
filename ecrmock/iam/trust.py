"""Trust policies that nobody wrote: of a role that was given none, or that nobody made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from ecrmock.iam.documents import Policy, parse

ACTION: Final = "sts:AssumeRole"
NAME: Final = "trust policy"
SERVICES: Final = ("ecs-tasks.amazonaws.com", "ec2.amazonaws.com", "ecs.amazonaws.com")
"""Whom a role serves in the life of a task: task and execution roles, instances, infrastructure."""
NOBODY: Final = Policy("trust policy of a role that does not exist", (), "trust")

_UNKNOWN: Final = "trust policy taken for a role that was never made"


@cache
def default(partition: str, account_id: str) -> Policy:
    """Return the trust of a role that was given none: its account, and what runs tasks."""
    return in_principals({"AWS": account_id, "Service": list(SERVICES)}, partition)


@cache
def of_unknown(caller_account: str, partition: str) -> Policy:
    """Return the trust of a role that the world has never heard of, towards an account."""
    return in_principals({"AWS": caller_account}, partition, name=_UNKNOWN)


@cache
def of_unknown_for(service: str) -> Policy:
    """Return the trust of a role that the world has never heard of, towards a service."""
    return in_principals({"Service": service}, "aws", name=_UNKNOWN)


def in_principals(principals: Mapping[str, Any], partition: str, *, name: str = NAME) -> Policy:
    """Return the policy that trusts *principals*, which are as in a document."""
    statement = {"Effect": "Allow", "Principal": principals, "Action": ACTION}
    return parse(name, {"Statement": statement}, kind="trust", partition=partition)
