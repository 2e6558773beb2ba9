"""What an error of the ECR API becomes on the registry's side.

Source: responses of ECR captured in public issues. Assumed: the statuses of what a manifest or an
upload lacks, of a layer that no image refers to, of a part that is too small and of an image that
an index refers to; the codes of malformed tags and digests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from ecrmock.core.errors import AwsError

JSON: Final = "application/json; charset=utf-8"
PLAIN: Final = "text/plain; charset=utf-8"
VERSION: Final = ("Docker-Distribution-Api-Version", "registry/2.0")


class Problem(NamedTuple):
    """An error as the registry answers it."""

    status: int
    code: str


_BY_OPERATION: Final = {
    ("GetDownloadUrlForLayer", "LayersNotFoundException"): Problem(404, "BLOB_UNKNOWN"),
}
_BY_CODE: Final = {
    "AccessDeniedException": Problem(403, "DENIED"),
    "EmptyUploadException": Problem(400, "BLOB_UPLOAD_INVALID"),
    "ImageDigestDoesNotMatchException": Problem(400, "MANIFEST_INVALID"),
    "ImageTagAlreadyExistsException": Problem(400, "TAG_INVALID"),
    "InvalidLayerException": Problem(400, "BLOB_UPLOAD_INVALID"),
    "InvalidLayerPartException": Problem(416, "BLOB_UPLOAD_INVALID"),
    "InvalidParameterException": Problem(405, "UNSUPPORTED"),
    "LayerInaccessibleException": Problem(404, "BLOB_UNKNOWN"),
    "LayerPartTooSmallException": Problem(400, "BLOB_UPLOAD_INVALID"),
    "LayersNotFoundException": Problem(404, "BLOB_UPLOAD_UNKNOWN"),
    "LimitExceededException": Problem(403, "DENIED"),
    "ReferencedImagesNotFoundException": Problem(404, "MANIFEST_BLOB_UNKNOWN"),
    "RepositoryNotFoundException": Problem(404, "NAME_UNKNOWN"),
    "ThrottlingException": Problem(429, "TOOMANYREQUESTS"),
    "UploadNotFoundException": Problem(404, "BLOB_UPLOAD_UNKNOWN"),
}
_BY_FAILURE: Final = {
    "ImageNotFound": Problem(404, "MANIFEST_UNKNOWN"),
    "ImageReferencedByManifestList": Problem(405, "UNSUPPORTED"),
    "InvalidImageDigest": Problem(400, "DIGEST_INVALID"),
    "InvalidImageTag": Problem(400, "TAG_INVALID"),
}
_SERVER_FAULT: Final = 500


def of_error(operation: str, error: AwsError, status: int) -> Response:
    """Return the answer to a request whose *operation* ended with *error*, of that HTTP status."""
    problem = _BY_OPERATION.get((operation, error.code)) or _BY_CODE.get(error.code)
    if problem is None:
        problem = Problem(status if status >= _SERVER_FAULT else 400, "UNKNOWN")
    return respond(problem, error.message)


def of_failure(code: str, reason: str) -> Response:
    """Return the answer to a request whose one image of a batch failed."""
    return respond(_BY_FAILURE.get(code, Problem(400, "UNSUPPORTED")), reason)


def respond(problem: Problem, message: str) -> Response:
    """Return an error in the form that the distribution specification gives it."""
    document = {"errors": [{"code": problem.code, "message": message}]}
    body = json.dumps(document, separators=(",", ":")) + "\n"
    return Response(body, problem.status, [VERSION], content_type=JSON)


def not_found() -> Response:
    """Return the answer to a path that leads nowhere."""
    return Response("404 page not found\n", 404, [VERSION], content_type=PLAIN)
