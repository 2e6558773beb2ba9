"""Writing replies: the parsed form that a botocore client hands out, and the values of the wire.

They are compiled once per shape from one walk over the model; they differ in their leaves and in
the names of members. A reply with a member that the model lacks, or of another type, is a bug of
ecrmock and raises.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Final, NamedTuple

from dateutil.tz import tzlocal, tzutc

from ecrmock.core.errors import EcrmockError

Shapes = dict[str, dict[str, Any]]
Writer = Callable[[Any], Any]

_UTC: Final = tzutc()
_MISSING: Final = object()


class ReplyDoesNotFitModel(EcrmockError):
    """An operation answered something that its service model does not know."""


class Leaves(NamedTuple):
    """How the values at the end of a walk are written, and whether wire names are used."""

    timestamp: Callable[[datetime], Any]
    blob: Callable[[bytes], Any]
    wire_names: bool


def epoch(moment: datetime) -> float:
    """Return the seconds since the epoch with milliseconds, as AWS writes them."""
    return round(moment.timestamp(), 3)


def _local(moment: datetime) -> datetime:
    """Return *moment* as botocore's parser does, in the time zone of the process."""
    return _in_zone(moment, time.timezone, time.tzname)


@lru_cache(maxsize=4096)
def _in_zone(moment: datetime, _offset: int, _names: tuple[str, str]) -> datetime:
    """Return *moment* in the local zone, which takes its time to find out."""
    return datetime.fromtimestamp(epoch(moment), tzlocal())


def _whole_utc(moment: datetime) -> datetime:
    """Return *moment* as botocore's parser makes it of XML.

    What ends in `Z` is in the local zone where that is called UTC, as dateutil has it.
    """
    zone = tzlocal() if "UTC" in time.tzname else _UTC
    return moment.astimezone(timezone.utc).replace(microsecond=0, tzinfo=zone)


def _iso8601(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


PARSED_JSON: Final = Leaves(_local, bytes, wire_names=False)
PARSED_QUERY: Final = Leaves(_whole_utc, bytes, wire_names=False)
WIRE_JSON: Final = Leaves(epoch, _base64, wire_names=True)
WIRE_XML: Final = Leaves(_iso8601, _base64, wire_names=False)


_NEWER: Final = {
    # Members that AWS answers and older models, from 1.40 on, lack: a client with such a model
    # never sees them.
    "ImageDetail": frozenset({"imageStatus", "subjectManifestDigest"}),
    "Repository": frozenset({"imageTagMutabilityExclusionFilters"}),
}


def writer(shapes: Shapes, name: str | None, leaves: Leaves) -> Writer:
    """Compile the writer of the shape *name*; without a shape a reply must be empty."""
    if name is None:
        return _write_nothing
    return _Compiler(shapes, leaves).of(name)


class _Compiler:
    """The writers of one operation's shapes in one form."""

    def __init__(self, shapes: Shapes, leaves: Leaves) -> None:
        self.shapes = shapes
        self.leaves = leaves
        self.done: dict[str, Writer] = {}

    def of(self, name: str) -> Writer:
        found = self.done.get(name)
        if found is None:
            self.done[name] = lambda value: self.done[name](value)  # noqa: PLW0108 - read late
            found = _MAKERS[self.shapes[name]["type"]](self, name, self.shapes[name])
            self.done[name] = found
        return found

    def structure(self, name: str, shape: dict[str, Any]) -> Writer:
        if shape.get("document"):
            return _write_document
        rows = []
        for member, ref in shape.get("members", {}).items():
            key = ref.get("locationName", member) if self.leaves.wire_names else member
            plain = _PLAIN.get(self.shapes[ref["shape"]]["type"], _MISSING)
            rows.append((member, key, plain, self.of(ref["shape"])))
        known = frozenset(row[0] for row in rows)

        def write(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise _mismatch(name, "a dict", value)
            out = {}
            left = len(value)
            for member, key, plain, inner in rows:
                item = value.get(member, _MISSING)
                if item is _MISSING:
                    continue
                left -= 1
                if item is not None:
                    out[key] = item if type(item) is plain else inner(item)
                if not left:
                    break
            if left:
                _refuse_unknown(name, set(value) - known)
            return out

        return write

    def list(self, name: str, shape: dict[str, Any]) -> Writer:
        inner = self.of(shape["member"]["shape"])

        def write(value: Any) -> list[Any]:
            if type(value) not in (list, tuple):
                raise _mismatch(name, "a list", value)
            return [inner(item) for item in value]

        return write

    def map(self, name: str, shape: dict[str, Any]) -> Writer:
        inner = self.of(shape["value"]["shape"])

        def write(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise _mismatch(name, "a dict", value)
            return {key: inner(item) for key, item in value.items()}

        return write

    def timestamp(self, name: str, shape: dict[str, Any]) -> Writer:
        convert = self.leaves.timestamp

        def write(value: Any) -> Any:
            if not isinstance(value, _MOMENT):
                raise _mismatch(name, "a datetime", value)
            return convert(value)

        return write

    def blob(self, name: str, shape: dict[str, Any]) -> Writer:
        return _typed(name, (bytes,), "bytes", self.leaves.blob)

    def scalar(self, name: str, shape: dict[str, Any]) -> Writer:
        accepted, words = _SCALARS[shape["type"]]
        return _typed(name, accepted, words, None)


_MOMENT: Final = (datetime,)
"""In a tuple, where libraries that freeze time do not find it to replace it."""
_PLAIN: Final = {"string": str, "boolean": bool, "integer": int, "long": int}
_SCALARS: Final = {
    "string": ((str,), "a str"),
    "boolean": ((bool,), "a bool"),
    "integer": ((int,), "an int"),
    "long": ((int,), "an int"),
    "double": ((float, int), "a float"),
    "float": ((float, int), "a float"),
}
_MAKERS: Final = {
    "structure": _Compiler.structure,
    "list": _Compiler.list,
    "map": _Compiler.map,
    "timestamp": _Compiler.timestamp,
    "blob": _Compiler.blob,
    **dict.fromkeys(_SCALARS, _Compiler.scalar),
}


def _refuse_unknown(name: str, members: set[str]) -> None:
    unknown = members - _NEWER.get(name, frozenset())
    if unknown:
        raise ReplyDoesNotFitModel(f"{name} has no member {', '.join(sorted(unknown))}")


def _typed(
    name: str, accepted: tuple[type, ...], words: str, convert: Callable[[Any], Any] | None
) -> Writer:
    def write(value: Any) -> Any:
        if type(value) not in accepted:
            raise _mismatch(name, words, value)
        return value if convert is None else convert(value)

    return write


def _write_nothing(value: Any) -> dict[str, Any]:
    if value:
        raise ReplyDoesNotFitModel(f"this operation has no output, but answered {value!r}")
    return {}


def _write_document(value: Any) -> Any:
    return value


def _mismatch(name: str, words: str, value: Any) -> ReplyDoesNotFitModel:
    return ReplyDoesNotFitModel(f"{name} takes {words}, not {type(value).__name__}: {value!r}")
