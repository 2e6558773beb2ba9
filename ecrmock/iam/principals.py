"""Who asks: the principals that requests act as.

Source: IAM user guide, identifiers; unique ids begin with `AIDA` for users.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from ecrmock.iam.documents import Policy, parse

_ID_LENGTH: Final = 17
_DATA: Final = Path(__file__).parents[1] / "data" / "managed_policies.json"


@dataclass(slots=True, frozen=True)
class Principal:
    """An authenticated identity and the identity policies attached to it."""

    arn: str
    account_id: str
    unique_id: str
    policies: tuple[Policy, ...]


@cache
def managed_policy(name: str) -> Policy:
    """Return an AWS managed policy by name; raises KeyError for one that is not known."""
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    return parse(name, document["policies"][name]["document"])


@cache
def administrator(partition: str, account_id: str) -> Principal:
    """Return the user that a test acts as until it makes another: all is allowed to it."""
    arn = f"arn:{partition}:iam::{account_id}:user/administrator"
    return Principal(
        arn, account_id, unique_id("AIDA", arn), (managed_policy("AdministratorAccess"),)
    )


def unique_id(prefix: str, arn: str) -> str:
    """Return the unique id of *arn*: 4 letters for its kind, then 17 letters and digits."""
    digest = hashlib.sha256(arn.encode()).digest()
    return prefix + base64.b32encode(digest).decode("ascii")[:_ID_LENGTH]
