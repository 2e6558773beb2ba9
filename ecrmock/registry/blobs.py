"""Blobs: asked for, fetched, uploaded at once or in parts, and mounted from elsewhere.

Source: OCI distribution specification, pushing blobs; captures of ECR where it deviates: it answers
201 to a part with a Content-Range, and goes on naming the end of the first part.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from werkzeug.wrappers import Response

from ecrmock.core.blobs import BlobWriter
from ecrmock.core.errors import AwsError
from ecrmock.ecr import layers, settings
from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.registry import errors
from ecrmock.registry.door import Refused, Visit
from ecrmock.wire import bodies

if TYPE_CHECKING:
    from ecrmock.ecr.state import Upload

_RANGE: Final = re.compile(r"(?:bytes[ =])?([0-9]{1,19})-([0-9]{1,19})(?:/(?:\*|[0-9]{1,19}))?")
_LAST_BYTE: Final = (1 << 63) - 1
"""The largest number that the API takes for a byte."""
_BROKEN: Final = errors.Problem(400, "BLOB_UPLOAD_INVALID")
_TOO_LARGE: Final = errors.Problem(413, "BLOB_UPLOAD_INVALID")


def head(visit: Visit, digest: str) -> Response:
    """Tell whether a repository has a blob: BatchCheckLayerAvailability."""
    answer = visit.call("BatchCheckLayerAvailability", layerDigests=[digest])
    found = next(iter(answer["layers"]), None)
    if found is None or found["layerAvailability"] != "AVAILABLE":
        return errors.respond(errors.Problem(404, "BLOB_UNKNOWN"), "Requested layer not found")
    headers = {
        "Content-Length": str(found["layerSize"]),
        "Content-Type": "application/octet-stream",
        "Docker-Content-Digest": digest,
    }
    return Response(status=200, headers=headers)


def get(visit: Visit, digest: str) -> Response:
    """Send the client to where the bytes of a blob are: GetDownloadUrlForLayer."""
    answer = visit.call("GetDownloadUrlForLayer", layerDigest=digest)
    return Response(status=307, headers={"Location": answer["downloadUrl"]})


def start(visit: Visit) -> Response:
    """Begin an upload, or make it one request, or none where the blob can be mounted."""
    query = visit.request.args
    if "mount" in query:
        digest = _mount(visit, query["mount"], query.get("from", ""))
        if digest is not None:
            return _created(visit, digest)
    upload_id = visit.call("InitiateLayerUpload")["uploadId"]
    digest = query.get("digest")
    if digest is None:
        return _accepted(visit, upload_id, 202, 0)
    try:  # Assumed: ECR takes an upload in one request
        _receive(visit, upload_id)
        return _complete(visit, upload_id, digest)
    except Refused:
        _drop(visit, upload_id)
        raise


def status(visit: Visit, upload_id: str) -> Response:
    """Tell how much of an upload has come."""
    with visit.gateway.lock:
        size = _find(visit, upload_id).writer.size
    return _accepted(visit, upload_id, 204, size)


def cancel(visit: Visit, upload_id: str) -> Response:
    """Drop an upload. Assumed: ECR, which documents no cancelling, does it like others."""
    with visit.gateway.lock:
        _find(visit, upload_id)
        layers.expire(visit.registry, upload_id)
    return Response(status=204)


def patch(visit: Visit, upload_id: str) -> Response:
    """Add the body to an upload: UploadLayerPart."""
    is_ranged = "Content-Range" in visit.request.headers
    _receive(visit, upload_id)
    with visit.gateway.lock:
        upload = _find(visit, upload_id)
        size = upload.first_part_bytes if is_ranged else upload.writer.size
    return _accepted(visit, upload_id, 201 if is_ranged else 202, size)


def put(visit: Visit, upload_id: str) -> Response:
    """Complete an upload, the body being its last part if there is one: CompleteLayerUpload."""
    digest = visit.request.args.get("digest")
    if digest is None:
        visit.refuse(
            "CompleteLayerUpload",
            InvalidParameterException("layerDigests", "Member must not be null"),  # Assumed
        )
    _receive(visit, upload_id)
    return _complete(visit, upload_id, digest)


def _complete(visit: Visit, upload_id: str, digest: str) -> Response:
    exchange = visit.ask("CompleteLayerUpload", uploadId=upload_id, layerDigests=[digest])
    error = exchange.error
    if error is not None and error.code == "LayerAlreadyExistsException":
        _drop(visit, upload_id)
    elif error is not None:
        raise Refused(errors.of_error("CompleteLayerUpload", error, exchange.status))
    return _created(visit, digest)


def _receive(visit: Visit, upload_id: str) -> None:
    """Take the body in and add it to an upload as a part; an empty body is no part."""
    part = BlobWriter()
    try:
        _take_in(visit, part)
        if len(part):
            first, last = _range(visit, upload_id, len(part))
            visit.call(
                "UploadLayerPart",
                uploadId=upload_id,
                partFirstByte=first,
                partLastByte=last,
                layerPartBlob="",
                part=part,
            )
    except BaseException:  # what fails leaves nothing
        part.close()
        raise


def _take_in(visit: Visit, part: BlobWriter) -> None:
    """Write the body to *part*, which hashes it, outside the lock.

    Raises:
        Refused: it is cut off or too large.
    """
    try:
        for piece in bodies.pieces(visit.request.environ, limit=layers.MAX_BYTES):
            part.write(piece)
    except bodies.BrokenBody as error:
        raise Refused(errors.respond(_BROKEN, str(error))) from None
    except bodies.BodyTooLarge:
        raise Refused(errors.respond(_TOO_LARGE, "The layer is too large")) from None


def _range(visit: Visit, upload_id: str, size: int) -> tuple[int, int]:
    """Return the first and last byte of a part: what it says, else what comes next."""
    text = visit.request.headers.get("Content-Range")
    if text is None:
        with visit.gateway.lock:
            first = _find(visit, upload_id).writer.size
        return first, first + size - 1
    match = _RANGE.fullmatch(text.strip())
    if match is None or int(match[2]) > _LAST_BYTE:
        problem = errors.Problem(416, "BLOB_UPLOAD_INVALID")
        raise Refused(errors.respond(problem, f"The range '{text[:64]}' cannot be read"))
    return min(int(match[1]), _LAST_BYTE), int(match[2])


def _mount(visit: Visit, digest: str, source_name: str) -> str | None:
    """Make a blob of another repository one of this, and return its digest, or None.

    Source: ECR user guide, blob mounting: off until the account setting turns it on.
    """
    with visit.gateway.lock:
        if settings.get(visit.registry, settings.BLOB_MOUNTING) != "ENABLED":
            return None
    source = Visit(visit.gateway, visit.request, visit.caller, visit.base_url, source_name)
    if source.ask("GetDownloadUrlForLayer", layerDigest=digest).error is not None:
        return None
    upload_id = visit.call("InitiateLayerUpload")["uploadId"]
    with visit.gateway.lock:
        layers.expire(visit.registry, upload_id)
        here, there = visit.find_repository(), source.find_repository()
        if here is None or there is None:
            return None
        mounted = layers.mount(visit.gateway.world.core, there, here, digest)
    return None if mounted is None else digest


def _find(visit: Visit, upload_id: str) -> Upload:
    """Return an upload to who may add to it; the lock is held.

    Raises:
        Refused: the caller may not, or there is no such upload.
    """
    visit.permit("UploadLayerPart")
    try:
        return layers.get_upload(visit.registry, visit.name, upload_id)
    except AwsError as error:
        visit.refuse("UploadLayerPart", error)


def _drop(visit: Visit, upload_id: str) -> None:
    with visit.gateway.lock:
        layers.expire(visit.registry, upload_id)


def _created(visit: Visit, digest: str) -> Response:
    headers = {
        "Location": f"{visit.base_url}/v2/{visit.name}/blobs/{digest}",
        "Docker-Content-Digest": digest,
    }
    return Response(status=201, headers=headers)


def _accepted(visit: Visit, upload_id: str, code: int, size: int) -> Response:
    headers = {
        "Location": f"{visit.base_url}/v2/{visit.name}/blobs/uploads/{upload_id}",
        "Range": f"0-{max(0, size - 1)}",
        "Docker-Upload-Uuid": upload_id,
    }
    return Response(status=code, headers=headers)
