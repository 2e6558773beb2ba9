"""Resource tags: what AWS accepts, whoever the service is; each service words its own refusal.

Source: ECR user guide, tagging; ECS API reference, Tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

MAX_TAGS: Final = 50
MAX_KEY: Final = 128
MAX_VALUE: Final = 256
_RESERVED: Final = "aws:"
_ALLOWED: Final = re.compile(
    r"[\w \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000.:/=+\-@]*"
)


class Problem(Enum):
    """Why a set of tags cannot be attached."""

    EMPTY_KEY = "a key is empty"
    KEY_TOO_LONG = f"a key has more than {MAX_KEY} characters"
    VALUE_TOO_LONG = f"a value has more than {MAX_VALUE} characters"
    RESERVED = "keys and values cannot begin with aws:"
    CHARACTERS = "only letters, numbers, spaces and _ . : / = + - @ are allowed"
    DUPLICATE = "a key is given twice"
    TOO_MANY = f"a resource can have at most {MAX_TAGS} tags"


def find_problem(
    existing: dict[str, str], new: Iterable[tuple[str, str]], *, reserved_values: bool = False
) -> Problem | None:
    """Return the first reason why *new* cannot be added to *existing*, or None.

    Args:
        existing: the tags of the resource, key to value.
        new: pairs of key and value as given, so that a key given twice is seen.
        reserved_values: whether the prefix `aws:` is reserved for values too, as in ECS.
    """
    seen: set[str] = set()
    for key, value in new:
        rules = (
            (Problem.EMPTY_KEY, not key),
            (Problem.KEY_TOO_LONG, len(key) > MAX_KEY),
            (Problem.VALUE_TOO_LONG, len(value) > MAX_VALUE),
            (Problem.RESERVED, _is_reserved(key) or (reserved_values and _is_reserved(value))),
            (Problem.CHARACTERS, not (_ALLOWED.fullmatch(key) and _ALLOWED.fullmatch(value))),
            (Problem.DUPLICATE, key in seen),
        )
        for problem, is_broken in rules:
            if is_broken:
                return problem
        seen.add(key)
    return Problem.TOO_MANY if len(existing.keys() | seen) > MAX_TAGS else None


def _is_reserved(text: str) -> bool:
    return text.lower().startswith(_RESERVED)
