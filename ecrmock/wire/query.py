"""The query protocol of STS and IAM: parameters by dotted names in, XML out.

Source: AWS query protocol, as botocore's model of STS and IAM uses it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

from ecrmock.core.errors import AwsError
from ecrmock.wire.parse import read_iso8601

Shapes = dict[str, dict[str, Any]]
Reader = Callable[[Any], Any]
Node = dict[Any, Any]

_DIGITS: Final = re.compile(r"-?[0-9]{1,19}")
_OWN: Final = object()
"""Where a node holds a value of its own."""


class MalformedInput(AwsError):
    """A parameter cannot be read as its type. Source: STS API, common errors."""

    status = 400


def reader(shapes: Shapes, name: str | None) -> Reader:
    """Compile the reader of query parameters, `Tags.member.1.Key` and the like, for a shape."""

    def read(parameters: Mapping[str, Any]) -> dict[str, Any]:
        if name is None:
            return {}
        tree: Node = {}
        for key, value in parameters.items():
            _plant(tree, key.split("."), value)
        return _structure(shapes, shapes[name], tree)

    return read


def _plant(tree: Node, path: list[str], value: Any) -> None:
    """Put a value where its dotted name says."""
    node = tree
    for part in path:
        node = node.setdefault(part, {})
    node[_OWN] = value


def _value(shapes: Shapes, ref: dict[str, Any], node: Node) -> Any:
    shape = shapes[ref["shape"]]
    make = _NESTED.get(shape["type"])
    if make is not None:
        return make(shapes, shape, node)
    text = node.get(_OWN)
    try:
        return _SCALARS[shape["type"]](text)
    except (ValueError, TypeError, binascii.Error):
        raise MalformedInput(f"{text!r} cannot be read as {shape['type']}") from None


def _structure(shapes: Shapes, shape: dict[str, Any], node: Node) -> dict[str, Any]:
    return {
        member: _value(shapes, ref, node[ref.get("locationName", member)])
        for member, ref in shape.get("members", {}).items()
        if ref.get("locationName", member) in node
    }


def _list(shapes: Shapes, shape: dict[str, Any], node: Node) -> list[Any]:
    ref = shape["member"]
    items = node.get(ref.get("locationName", "member"), {})
    return [_value(shapes, ref, items[key]) for key in _numbered(items)]


def _map(shapes: Shapes, shape: dict[str, Any], node: Node) -> dict[str, Any]:
    entries = node.get("entry", {})
    key_name = shape["key"].get("locationName", "key")
    value_name = shape["value"].get("locationName", "value")
    return {
        _value(shapes, shape["key"], entries[n].get(key_name, {})): _value(
            shapes, shape["value"], entries[n].get(value_name, {})
        )
        for n in _numbered(entries)
    }


def _numbered(items: Node) -> list[str]:
    return sorted((key for key in items if key is not _OWN and _DIGITS.fullmatch(key)), key=int)


def _read_boolean(text: Any) -> bool:
    if text in ("true", "false"):
        return bool(text == "true")
    raise ValueError(text)


def _read_whole_number(text: Any) -> int:
    if _DIGITS.fullmatch(str(text)) is None:
        raise ValueError(text)
    return int(text)


def _read_string(text: Any) -> str:
    if text is None:
        raise ValueError(text)
    return str(text)


_NESTED: Final = {"structure": _structure, "list": _list, "map": _map}
_SCALARS: Final[dict[str, Reader]] = {
    "string": _read_string,
    "boolean": _read_boolean,
    "integer": _read_whole_number,
    "long": _read_whole_number,
    "double": float,
    "float": float,
    "timestamp": read_iso8601,
    "blob": lambda text: base64.b64decode(text, validate=True),
}


def write_reply(
    shapes: Shapes,
    name: str | None,
    reply: dict[str, Any],
    *,
    root: str,
    wrapper: str | None,
    namespace: str,
    request_id: str,
) -> bytes:
    """Return the XML of a reply, whose values are texts, numbers and booleans by now."""
    top = ET.Element(root, xmlns=namespace)
    if name is not None:
        inside = ET.SubElement(top, wrapper) if wrapper else top
        _write_structure(shapes, shapes[name], reply, inside)
    metadata = ET.SubElement(top, "ResponseMetadata")
    ET.SubElement(metadata, "RequestId").text = request_id
    return _written(top)


def write_error(error: AwsError, *, fault: str, namespace: str, request_id: str) -> bytes:
    """Return the XML of an error; *fault* is `Sender` or `Receiver`."""
    top = ET.Element("ErrorResponse", xmlns=namespace)
    inside = ET.SubElement(top, "Error")
    for name, text in (("Type", fault), ("Code", error.code), ("Message", error.message)):
        ET.SubElement(inside, name).text = text
    ET.SubElement(top, "RequestId").text = request_id
    return _written(top)


def _written(top: ET.Element) -> bytes:
    """Return the XML of an element; a carriage return would be read as a line feed as it is."""
    return bytes(ET.tostring(top, encoding="utf-8")).replace(b"\r", b"&#13;")


def _write(shapes: Shapes, ref: dict[str, Any], value: Any, node: ET.Element) -> None:
    shape = shapes[ref["shape"]]
    make = _WRITERS.get(shape["type"])
    if make is not None:
        make(shapes, shape, value, node)
    else:
        node.text = _text(value)


def _write_structure(
    shapes: Shapes, shape: dict[str, Any], value: dict[str, Any], node: ET.Element
) -> None:
    for member, ref in shape.get("members", {}).items():
        if value.get(member) is not None:
            child = ET.SubElement(node, ref.get("locationName", member))
            _write(shapes, ref, value[member], child)


def _write_list(shapes: Shapes, shape: dict[str, Any], value: list[Any], node: ET.Element) -> None:
    ref = shape["member"]
    for item in value:
        _write(shapes, ref, item, ET.SubElement(node, ref.get("locationName", "member")))


def _write_map(
    shapes: Shapes, shape: dict[str, Any], value: dict[str, Any], node: ET.Element
) -> None:
    key_ref, value_ref = shape["key"], shape["value"]
    for key, item in value.items():
        entry = ET.SubElement(node, "entry")
        ET.SubElement(entry, key_ref.get("locationName", "key")).text = key
        _write(
            shapes, value_ref, item, ET.SubElement(entry, value_ref.get("locationName", "value"))
        )


_WRITERS: Final[dict[str, Callable[[Shapes, dict[str, Any], Any, ET.Element], None]]] = {
    "structure": _write_structure,
    "list": _write_list,
    "map": _write_map,
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
