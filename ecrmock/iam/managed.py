"""The managed policies of AWS for ECR and ECS, by name, from the documents of AWS.

Customer managed policies are not modelled.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from ecrmock.iam.documents import Policy, parse

_DATA: Final = Path(__file__).parents[1] / "data" / "managed_policies.json"
_OWNER: Final = ":iam::aws:policy/"
"""What stands between the partition and the path in the ARN of an AWS managed policy."""


@cache
def get(name: str) -> Policy:
    """Return an AWS managed policy by name; raises KeyError for one that is not known."""
    return parse(name, _entries()[name]["document"], keep_conditions=True)


def find(reference: str) -> Policy | None:
    """Return the AWS managed policy of a name, of a path with a name, or of an ARN, or None.

    Source: IAM user guide, AWS managed policies; every partition has them under its own ARN.
    """
    is_arn = reference.startswith("arn:")
    path = reference.partition(_OWNER)[2] if is_arn else reference
    name = path.rpartition("/")[2]
    entry = _entries().get(name)
    if entry is None:
        return None
    is_name = path == name and not is_arn
    return get(name) if is_name or path == entry["arn"].partition(_OWNER)[2] else None


def names() -> list[str]:
    """Return the names of all that are known, sorted."""
    return sorted(_entries())


@cache
def _entries() -> dict[str, dict[str, Any]]:
    document = json.loads(_DATA.read_text(encoding="utf-8"))
    entries: dict[str, dict[str, Any]] = document["policies"]
    return entries
