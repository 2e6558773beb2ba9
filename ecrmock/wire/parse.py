"""Reading the body of a JSON 1.1 request: types are checked, unknown members are passed over.

A reader is compiled once per shape. Assumed: the texts of SerializationException, of which AWS
documents only the code.
"""

from __future__ import annotations

import base64
import binascii
import json
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from ecrmock.core.errors import SerializationException

Shapes = dict[str, dict[str, Any]]
Reader = Callable[[Any], Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_PLAIN: Final = {"string": str, "boolean": bool, "integer": int, "long": int}
_RANGES: Final = {"integer": 1 << 31, "long": 1 << 63}
_MAX_NUMBER: Final = sys.float_info.max
_NAMES: Final = {
    "string": "a String",
    "boolean": "a Boolean",
    "integer": "an Integer",
    "long": "a Long",
    "double": "a Double",
    "float": "a Float",
    "timestamp": "a Timestamp",
    "blob": "a Blob",
}
_TOKENS: Final = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}


def load_body(body: bytes | str) -> Any:
    """Return the JSON value of a body; an empty body is an empty object.

    Raises:
        SerializationException: it is not JSON, is nested too deeply to be read, or holds half of
            a surrogate pair.
    """
    if not body:
        return {}
    try:
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        value = _DECODER.decode(text)
        if "\\ud" in text or "\\uD" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise SerializationException from None
    return value


def reader(shapes: Shapes, name: str | None) -> Reader:
    """Compile the reader of the shape *name*; without a shape every object reads as empty."""
    if name is None:
        return _read_nothing
    return _Compiler(shapes).of(name)


class _Compiler:
    """The readers of one operation's shapes; a shape that contains itself is compiled once."""

    def __init__(self, shapes: Shapes) -> None:
        self.shapes = shapes
        self.done: dict[str, Reader] = {}

    def of(self, name: str) -> Reader:
        found = self.done.get(name)
        if found is None:
            self.done[name] = lambda value: self.done[name](value)  # noqa: PLW0108 - read late
            shape = self.shapes[name]
            make = _MAKERS.get(shape["type"])
            found = make(self, shape) if make else _scalar(shape["type"])
            self.done[name] = found
        return found

    def structure(self, shape: dict[str, Any]) -> Reader:
        if shape.get("document"):
            return _read_document
        table = {
            ref.get("locationName", member): (
                member,
                _PLAIN.get(self.shapes[ref["shape"]]["type"]),
                self.of(ref["shape"]),
            )
            for member, ref in shape.get("members", {}).items()
        }

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise _unexpected(value)
            out = {}
            for key, item in value.items():
                known = table.get(key)
                if known is None or item is None:
                    continue
                member, plain, inner = known
                out[member] = item if type(item) is plain and plain is not int else inner(item)
            return out

        return read

    def list(self, shape: dict[str, Any]) -> Reader:
        inner = self.of(shape["member"]["shape"])

        def read(value: Any) -> list[Any]:
            if type(value) is not list:
                raise _unexpected(value)
            return [inner(item) for item in value]

        return read

    def map(self, shape: dict[str, Any]) -> Reader:
        inner = self.of(shape["value"]["shape"])

        def read(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise _unexpected(value)
            return {key: inner(item) for key, item in value.items() if item is not None}

        return read


_MAKERS: Final = {
    "structure": _Compiler.structure,
    "list": _Compiler.list,
    "map": _Compiler.map,
}


def _scalar(kind: str) -> Reader:
    return _SCALARS[kind]


def _read_nothing(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise _unexpected(value)
    return {}


def _read_document(value: Any) -> Any:
    return value


def _read_string(value: Any) -> str:
    if type(value) is not str:
        raise _mismatch(value, "string")
    return value


def _read_boolean(value: Any) -> bool:
    if type(value) is not bool:
        raise _mismatch(value, "boolean")
    return value


def _whole_number(kind: str) -> Reader:
    bound = _RANGES[kind]

    def read(value: Any) -> int:
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not -bound <= value < bound:
            raise _mismatch(value, kind)
        return value

    return read


def _read_number(value: Any) -> float | int:
    if type(value) not in (int, float) or not abs(value) <= _MAX_NUMBER:
        raise _mismatch(value, "double")
    return value  # type: ignore[no-any-return]


def _read_blob(value: Any) -> bytes:
    if type(value) is not str:
        raise _mismatch(value, "blob")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise SerializationException("Invalid base64 content") from None


def _read_timestamp(value: Any) -> datetime:
    try:
        if type(value) in (int, float):
            return _EPOCH + timedelta(milliseconds=round(value * 1000))
        if type(value) is str:
            return read_iso8601(value)
    except (ValueError, OverflowError):
        pass
    raise _mismatch(value, "timestamp")


def read_iso8601(text: str) -> datetime:
    """Read a date and time; without an offset it is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)


_SCALARS: Final[dict[str, Reader]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _whole_number("integer"),
    "long": _whole_number("long"),
    "double": _read_number,
    "float": _read_number,
    "blob": _read_blob,
    "timestamp": _read_timestamp,
}


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant)


def _unexpected(value: Any) -> SerializationException:
    if type(value) is list:
        return SerializationException("Start of list found where not expected")
    if type(value) is dict:
        return SerializationException("Start of structure or map found where not expected.")
    return SerializationException("Unexpected field type")


def _mismatch(value: Any, kind: str) -> SerializationException:
    if type(value) in (dict, list):
        return _unexpected(value)
    token = f"{value}_VALUE".upper() if type(value) is bool else _TOKENS.get(type(value), "NULL")
    return SerializationException(f"{token} can not be converted to {_NAMES[kind]}")
