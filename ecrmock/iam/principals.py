"""Who asks: the principals that requests act as.

Source: IAM user guide, identifiers; unique ids begin with `AIDA` for users and `AROA` for roles.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from ecrmock.iam import managed

if TYPE_CHECKING:
    from ecrmock.iam.documents import Policy

_ID_LENGTH: Final = 17


@dataclass(slots=True, frozen=True)
class Principal:
    """An authenticated identity and the identity policies attached to it."""

    arn: str
    """Of a user or of a session; of a service its name, such as `ecs-tasks.amazonaws.com`."""
    account_id: str
    unique_id: str
    policies: tuple[Policy, ...]
    role_arn: str = ""
    """The role that this is a session of."""
    is_service: bool = False
    """Whether this is a service of AWS, which has no account and no policies."""


@cache
def administrator(partition: str, account_id: str) -> Principal:
    """Return the user that a test acts as until it makes another: all is allowed to it."""
    arn = f"arn:{partition}:iam::{account_id}:user/administrator"
    return Principal(arn, account_id, unique_id("AIDA", arn), (managed.get("AdministratorAccess"),))


@cache
def service(name: str) -> Principal:
    """Return a service of AWS that calls as itself, for example `ecs-tasks.amazonaws.com`."""
    return Principal(name, "", name, (), is_service=True)


def unique_id(prefix: str, arn: str) -> str:
    """Return the unique id of *arn*: 4 letters for its kind, then 17 letters and digits."""
    digest = hashlib.sha256(arn.encode()).digest()
    return prefix + base64.b32encode(digest).decode("ascii")[:_ID_LENGTH]
