"""The bytes of layers, under the URLs of GetDownloadUrlForLayer, in the manner of Amazon S3.

Source: S3 API reference, GetObject and error responses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from werkzeug.http import parse_range_header
from werkzeug.wrappers import Response

from ecrmock.core.errors import AwsError
from ecrmock.ecr import downloads

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ecrmock.core.blobs import Blob
    from ecrmock.gateway.pipeline import Gateway

_BYTES: Final = "application/octet-stream"
_XML: Final = "application/xml"


class InvalidRange(AwsError):
    """The range begins behind the last byte."""

    status = 416

    def __init__(self) -> None:
        super().__init__("The requested range is not satisfiable")


def answer(gateway: Gateway, request: Request) -> Response:
    """Give the bytes of a layer, whole or a range of them; they are read outside the lock."""
    try:
        with gateway.lock:
            core = gateway.world.core
            blob = downloads.open_path(core, request.method, request.path, request.args.to_dict())
        return _bytes(blob, request.headers.get("Range"))
    except AwsError as error:
        return _refusal(error)


def _bytes(blob: Blob, wanted: str | None) -> Response:
    ranges = parse_range_header(wanted)
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(blob.size)}
    if ranges is None or ranges.units != "bytes" or len(ranges.ranges) != 1:
        return _stream(blob.chunks(), 200, headers)
    found = ranges.range_for_length(blob.size)
    if found is None:
        raise InvalidRange
    first, end = found
    headers["Content-Length"] = str(end - first)
    headers["Content-Range"] = f"bytes {first}-{end - 1}/{blob.size}"
    return _stream(blob.chunks(first, end - first), 206, headers)


def _stream(chunks: Iterator[bytes], status: int, headers: dict[str, str]) -> Response:
    return Response(chunks, status, headers, content_type=_BYTES, direct_passthrough=True)


def _refusal(error: AwsError) -> Response:
    top = ET.Element("Error")
    ET.SubElement(top, "Code").text = error.code
    ET.SubElement(top, "Message").text = error.message
    body = ET.tostring(top, encoding="utf-8", xml_declaration=True)
    return Response(body, error.status or 400, content_type=_XML)
