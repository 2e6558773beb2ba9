"""Wildcards as AWS writes them: `*` for any run of characters and, in IAM, `?` for one."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def compiled(
    pattern: str, *, question_mark: bool = True, ignore_case: bool = False
) -> re.Pattern[str]:
    """Return *pattern* as a regular expression that must match the whole text."""
    parts = [
        ".*" if char == "*" else "." if char == "?" and question_mark else re.escape(char)
        for char in pattern
    ]
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    return re.compile("".join(parts), flags)


def matches(
    pattern: str, text: str, *, question_mark: bool = True, ignore_case: bool = False
) -> bool:
    """Tell whether the whole of *text* fits *pattern*."""
    if pattern == "*":
        return True
    expression = compiled(pattern, question_mark=question_mark, ignore_case=ignore_case)
    return expression.fullmatch(text) is not None
