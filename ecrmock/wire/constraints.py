"""The model's constraints on a request: what is required, lengths, ranges, enums and patterns.

A checker collects facts; how a service words its refusal stands in `wording.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

Shapes = dict[str, dict[str, Any]]
Path = tuple[Any, str] | None
"""The way to a member: (way to its parent, own name); None is the request itself."""


class Violation(NamedTuple):
    """One constraint that one member breaks."""

    path: Path
    kind: str
    """`required`, `min_length`, `max_length`, `min_value`, `max_value`, `enum` or `pattern`."""
    bound: Any
    value: Any

    @property
    def names(self) -> list[str]:
        """The way to the member from the top; elements of a list are numbered from 1."""
        names: list[str] = []
        at = self.path
        while at is not None:
            names.append(at[1])
            at = at[0]
        return names[::-1]


Checker = Callable[[Any, Path, list[Violation]], None]

_SIZED: Final = ("string", "list", "map", "blob")
_SPACES: Final = " \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"


def checker(shapes: Shapes, name: str | None) -> Checker | None:
    """Compile the checker of the shape *name*; None when nothing in it can be broken."""
    if name is None:
        return None
    return _Compiler(shapes).of(name)


_UNAMBIGUOUS: Final = {
    # A pattern that can match one text in exponentially many ways, and one that matches the same
    # texts in one way each.
    r"^[a-z0-9*](?:[._\-/a-z0-9*]?[a-z0-9*]+)*$": r"[a-z0-9*]+(?:[._\-/][a-z0-9*]+)*",
}


@cache
def expression(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern of a service model.

    The models write `\p{L}`, `\p{Z}` and `\p{N}` for letters, separators and numbers, always with
    an underscore in the same class; Python's `\w` is letters, numbers and the underscore.
    """
    pattern = _UNAMBIGUOUS.get(pattern, pattern)
    translated = pattern.replace("\\p{L}", "\\w").replace("\\p{N}", "")
    return re.compile(translated.replace("\\p{Z}", _SPACES))


class _Compiler:
    """The checkers of one operation's shapes."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.done: dict[str, Checker | None] = {}

    def of(self, name: str) -> Checker | None:
        if name in self.done:
            return self.done[name]
        self.done[name] = lambda value, path, found: self._late(name, value, path, found)
        shape = self.shapes[name]
        own = _own(shape)
        inner = _INNER.get(shape["type"], _no_inner)(self, shape)
        made = _both(own, inner)
        self.done[name] = made
        return made

    def _late(self, name: str, value: Any, path: Path, found: list[Violation]) -> None:
        made = self.done[name]
        if made is not None:
            made(value, path, found)

    def structure(self, shape: dict[str, Any]) -> Checker | None:
        members = shape.get("members", {})
        wire = {member: ref.get("locationName", member) for member, ref in members.items()}
        required = [member for member in members if member in set(shape.get("required", ()))]
        inner = [
            (member, wire[member], check)
            for member, ref in members.items()
            if (check := self.of(ref["shape"])) is not None
        ]
        if not required and not inner:
            return None

        def check_structure(value: Any, path: Path, found: list[Violation]) -> None:
            if required:
                found.extend(
                    Violation((path, wire[member]), "required", None, None)
                    for member in required
                    if member not in value
                )
            for member, name, check in inner:
                item = value.get(member)
                if item is not None:
                    check(item, (path, name), found)

        return check_structure

    def list(self, shape: dict[str, Any]) -> Checker | None:
        check = self.of(shape["member"]["shape"])
        if check is None:
            return None

        def check_list(value: Any, path: Path, found: list[Violation]) -> None:
            for number, item in enumerate(value, 1):
                check(item, (path, f"[{number}]"), found)

        return check_list

    def map(self, shape: dict[str, Any]) -> Checker | None:
        keys = self.of(shape["key"]["shape"])
        values = self.of(shape["value"]["shape"])
        if keys is None and values is None:
            return None

        def check_map(value: Any, path: Path, found: list[Violation]) -> None:
            for key, item in value.items():
                if keys is not None:
                    keys(key, path, found)
                if values is not None:
                    values(item, (path, key), found)

        return check_map


def _no_inner(compiler: _Compiler, shape: dict[str, Any]) -> Checker | None:
    return None


_INNER: Final = {
    "structure": _Compiler.structure,
    "list": _Compiler.list,
    "map": _Compiler.map,
}


def _own(shape: dict[str, Any]) -> Checker | None:
    """Compile the constraints that a shape itself states."""
    low, high = shape.get("min"), shape.get("max")
    values = shape.get("enum")
    pattern = shape.get("pattern")
    if low is None and high is None and values is None and pattern is None:
        return None
    sized = shape["type"] in _SIZED
    below, above = ("min_length", "max_length") if sized else ("min_value", "max_value")
    allowed = frozenset(values) if values else None
    regex = expression(pattern) if pattern else None

    def check_own(value: Any, path: Path, found: list[Violation]) -> None:
        size = len(value) if sized else value
        if low is not None and size < low:
            found.append(Violation(path, below, low, value))
        elif high is not None and size > high:
            found.append(Violation(path, above, high, value))
        elif allowed is not None and value not in allowed:
            found.append(Violation(path, "enum", values, value))
        elif regex is not None and regex.fullmatch(value) is None:
            found.append(Violation(path, "pattern", pattern, value))

    return check_own


def _both(first: Checker | None, second: Checker | None) -> Checker | None:
    if first is None or second is None:
        return first or second

    def check_both(value: Any, path: Path, found: list[Violation]) -> None:
        first(value, path, found)
        second(value, path, found)

    return check_both
