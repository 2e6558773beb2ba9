"""One step beyond what a model allows, and up to it: the constraints of requests, and types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from ecrmock.wire import models

MISSING = object()
SIZED = ("string", "list", "map", "blob")


class Mutation(NamedTuple):
    """One member put to another value."""

    names: list[str]
    """The way to it from the top; elements of a list are numbered from 1."""
    kind: str | None
    """Which constraint it breaks; None for a value that just keeps all."""
    bound: Any
    holder: Any
    key: Any
    value: Any
    """`MISSING` when it is taken away."""

    def __str__(self) -> str:
        return f"{'.'.join(self.names)}: {self.kind} {self.bound!r}"[:200]


@contextmanager
def applied(mutation: Mutation) -> Iterator[None]:
    """Change a request inside, and put it right again."""
    holder, key = mutation.holder, mutation.key
    before = holder.get(key, MISSING) if isinstance(holder, dict) else holder[key]
    _put(holder, key, mutation.value)
    try:
        yield
    finally:
        _put(holder, key, before)


def _put(holder: Any, key: Any, value: Any) -> None:
    if value is MISSING:
        del holder[key]
    else:
        holder[key] = value


def mutations(service: str, operation: str, request: dict[str, Any]) -> Iterator[Mutation]:
    """Give every mutation of a request that its operation's model speaks of."""
    shapes = models.load(service).shapes
    name = models.load(service).operation(operation).input
    yield from _Walk(shapes).inside(name, request, [])


class _Walk:
    """The members of a request with what their shapes demand."""

    def __init__(self, shapes: dict[str, Any]) -> None:
        self.shapes = shapes

    def inside(self, name: str, value: Any, names: list[str]) -> Iterator[Mutation]:
        shape = self.shapes[name]
        kind = shape["type"]
        if kind == "structure":
            for member in shape.get("required", ()):
                yield Mutation([*names, member], "required", None, value, member, MISSING)
            for member in value if not shape.get("document") else ():
                inner = shape["members"][member]["shape"]
                yield from self.at(inner, value, member, [*names, member])
        elif kind == "list":
            for index in range(len(value)):
                yield from self.at(
                    shape["member"]["shape"], value, index, [*names, f"[{index + 1}]"]
                )
        elif kind == "map":
            for key in value:
                yield from self.at(shape["value"]["shape"], value, key, [*names, key])

    def at(self, name: str, holder: Any, key: Any, names: list[str]) -> Iterator[Mutation]:
        shape, value = self.shapes[name], holder[key]
        for kind, bound, other in _others(shape, value):
            yield Mutation(names, kind, bound, holder, key, other)
        yield from self.inside(name, value, names)


def _others(shape: dict[str, Any], value: Any) -> Iterator[tuple[str | None, Any, Any]]:
    kind, low, high = shape["type"], shape.get("min"), shape.get("max")
    sized = kind in SIZED
    below, above = ("min_length", "max_length") if sized else ("min_value", "max_value")
    is_free = "pattern" not in shape and "enum" not in shape
    resized = _RESIZED.get(kind, _number)
    if low is not None and (low > 0 or not sized):
        yield below, low, resized(value, low - 1)
        if is_free:
            yield None, low, resized(value, low)
    if high is not None:
        yield above, high, resized(value, high + 1)
        if is_free:
            yield None, high, resized(value, high)
    if "enum" in shape:
        yield "enum", shape["enum"], "no such value"
        for allowed in shape["enum"]:
            yield None, shape["enum"], allowed
    elif "pattern" in shape:
        yield "pattern", shape["pattern"], "\0" * max(low or 0, 1)
        yield "pattern", shape["pattern"], "\0" + value[1:] if value else "\0" * max(low or 0, 1)


def _number(value: Any, size: Any) -> Any:
    return type(value)(size)


def _map(value: dict[str, Any], size: int) -> dict[str, Any]:
    item = next(iter(value.values()))
    return {f"key{number}": item for number in range(size)}


def _list(value: list[Any], size: int) -> list[Any]:
    return [value[index % len(value)] for index in range(size)]


_RESIZED = {
    "string": lambda value, size: "x" * size,
    "blob": lambda value, size: bytes(size),
    "list": _list,
    "map": _map,
}


def misfits(service: str, operation: str, reply: dict[str, Any]) -> Iterator[Mutation]:
    """Give every mutation after which a reply has a member too many or one of another type."""
    name = models.load(service).operation(operation).output
    yield from _Misfits(service, _NOT_PYTHON, strict=True).inside(name, reply, [])


def mistyped(service: str, operation: str, body: dict[str, Any]) -> Iterator[Mutation]:
    """Give every mutation after which a member of a JSON body cannot be read as its type."""
    name = models.load(service).operation(operation).input
    yield from _Misfits(service, _NOT_JSON, strict=False).inside(name, body, [])


class _Misfits:
    """The members of a value, each with other values that are not of its type."""

    def __init__(self, service: str, wrong: dict[str, tuple[Any, ...]], *, strict: bool) -> None:
        self.shapes = models.load(service).shapes
        self.wrong = wrong
        self.strict = strict

    def inside(self, name: str, value: Any, names: list[str]) -> Iterator[Mutation]:
        shape = self.shapes[name]
        if self.strict and shape["type"] == "structure":
            yield Mutation([*names, "nope"], "unknown", None, value, "nope", "x")
        for key, name_inside in self.parts(shape, value):
            kind, way = self.shapes[name_inside]["type"], [*names, str(key)]
            if self.shapes[name_inside].get("document"):
                continue
            for other in self.wrong[kind]:
                yield Mutation(way, "type", f"{other!r:.40}", value, key, other)
            yield from self.inside(name_inside, value[key], way)

    def parts(self, shape: dict[str, Any], value: Any) -> list[tuple[Any, str]]:
        if shape["type"] == "structure":
            return [(key, shape["members"][key]["shape"]) for key in value]
        if shape["type"] == "map":
            return [(key, shape["value"]["shape"]) for key in value]
        if shape["type"] == "list":
            return [(index, shape["member"]["shape"]) for index in range(len(value))]
        return []


_NOT_PYTHON = {
    "structure": ([], "text"),
    "list": ({}, "text", {"a"}),
    "map": ([], "text"),
    "string": (1, b"bytes", ["text"]),
    "boolean": (1, "true"),
    "integer": (True, 1.0, "1"),
    "long": (True, 1.0, "1"),
    "double": (True, "1.0"),
    "timestamp": (1.0, "2026-11-24T10:00:00Z"),
    "blob": ("text", bytearray(b"bytes")),
}
_HUGE = 10**400
_NOT_JSON = {
    "structure": ([], "text", 1, True),
    "list": ({}, "text", 1, False),
    "map": ([], "text", 1),
    "string": (1, 1.5, True, [], {}, _HUGE),
    "boolean": (0, 1, "true", [], {}),
    "integer": (True, 1.5, "1", 1 << 31, -(1 << 31) - 1, _HUGE, [], {}),
    "long": (True, 1.5, "1", 1 << 63, -(1 << 63) - 1, _HUGE, [], {}),
    "double": (True, "1.5", _HUGE, [], {}),
    "timestamp": (True, "tomorrow", "", _HUGE, 1e300, -1e300, [], {}),
    "blob": (1, "a", "YQ=", "YQ==YQ==", "!!!!", "\u00e9", "Y Q==", [], {}),
}
