"""Wildcards as AWS writes them: `*` for any run of characters and, in IAM, `?` for one."""

from __future__ import annotations


def matches(
    pattern: str, text: str, *, question_mark: bool = True, ignore_case: bool = False
) -> bool:
    """Tell whether the whole of *text* fits *pattern*.

    Takes at most as many steps as both are long, multiplied: no pattern makes it hang.
    """
    if ignore_case:
        pattern, text = pattern.casefold(), text.casefold()
    one = "?" if question_mark else None
    at = here = 0
    star = resume = -1  # the last star, and where in the text it was last tried
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in (text[here], one):
            at += 1
            here += 1
        elif star >= 0:
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")
