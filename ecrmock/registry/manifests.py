"""Manifests: asked for, fetched, pushed and deleted, by tag or by digest.

Source: OCI distribution specification; captures of ECR where it deviates: it gives no
Docker-Content-Digest with a GET.
"""

from __future__ import annotations

import re
from typing import Any, Final

from werkzeug.http import parse_options_header
from werkzeug.wrappers import Response

from ecrmock.core.digest import sha256
from ecrmock.ecr import images, mutability
from ecrmock.ecr.errors import ImageTagAlreadyExistsException, InvalidParameterException
from ecrmock.registry import errors
from ecrmock.registry.door import Refused, Visit
from ecrmock.wire import bodies

MAX_MANIFEST_BYTES: Final = 4_194_304
"""Source: ECR API reference, PutImage."""
_TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
"""Narrower than the API's. Source: OCI distribution specification, pulling manifests."""
_MAX_ACCEPTED: Final = 100
_INVALID: Final = errors.Problem(400, "MANIFEST_INVALID")


def get(visit: Visit, reference: str) -> Response:
    """Give a manifest, or for HEAD what would be given: BatchGetImage."""
    parameters: dict[str, Any] = {"imageIds": [_id(reference)]}
    accepted = _accepted(visit)
    if accepted:
        parameters["acceptedMediaTypes"] = accepted
    answer = visit.call("BatchGetImage", **parameters)
    _refuse_failure(answer)
    image = answer["images"][0]
    body = image["imageManifest"].encode()
    headers = {"Content-Length": str(len(body)), "Sizes": ""}
    if visit.request.method == "HEAD":
        headers["Docker-Content-Digest"] = image["imageId"]["imageDigest"]
    return Response(body, 200, headers, content_type=image["imageManifestMediaType"])


def put(visit: Visit, reference: str) -> Response:
    """Store a manifest, or move a tag to it: PutImage."""
    if ":" not in reference and _TAG.fullmatch(reference) is None:
        text = f"must satisfy regular expression '{_TAG.pattern}'"
        visit.refuse("PutImage", InvalidParameterException("imageTag", text))
    text = _text(visit)
    parameters: dict[str, Any] = {"imageManifest": text}
    media_type, _ = parse_options_header(visit.request.headers.get("Content-Type"))
    if media_type:
        parameters["imageManifestMediaType"] = media_type
    parameters.update(_id(reference))
    exchange = visit.ask("PutImage", **parameters)
    error = exchange.error
    digest = sha256(text.encode())
    if error is not None and error.code == "ImageAlreadyExistsException":
        _refuse_fixed(visit, parameters.get("imageTag"))
    elif error is not None:
        raise Refused(errors.of_error("PutImage", error, exchange.status))
    headers = {
        "Location": f"{visit.base_url}/v2/{visit.name}/manifests/{digest}",
        "Docker-Content-Digest": digest,
    }
    with visit.gateway.lock:
        repository = visit.find_repository()
        image = None if repository is None else images.find(repository, digest, None)
    if image is not None and image.subject_digest is not None:
        headers["OCI-Subject"] = image.subject_digest  # Assumed
    return Response(status=201, headers=headers)


def delete(visit: Visit, reference: str) -> Response:
    """Remove a tag, or an image by its digest: BatchDeleteImage."""
    _refuse_failure(visit.call("BatchDeleteImage", imageIds=[_id(reference)]))
    return Response(status=202)


def _id(reference: str) -> dict[str, str]:
    return {"imageDigest" if ":" in reference else "imageTag": reference}


def _accepted(visit: Visit) -> list[str]:
    """Return the media types that the client accepts; none where it accepts all."""
    header = visit.request.headers.get("Accept", "")
    types = [parse_options_header(entry)[0].strip() for entry in header.split(",")]
    if "*/*" in types:
        return []
    return [kind for kind in dict.fromkeys(types) if kind][:_MAX_ACCEPTED]


def _text(visit: Visit) -> str:
    try:
        body = bodies.whole(visit.request.environ, limit=MAX_MANIFEST_BYTES)
        return body.decode("utf-8")
    except bodies.BodyTooLarge:
        text = f"The manifest is larger than {MAX_MANIFEST_BYTES} bytes"
        raise Refused(errors.respond(errors.Problem(413, "MANIFEST_INVALID"), text)) from None
    except bodies.BrokenBody as error:
        raise Refused(errors.respond(_INVALID, str(error))) from None
    except UnicodeDecodeError:
        invalid = InvalidParameterException("ImageManifest", "Invalid JSON syntax")
        visit.refuse("PutImage", invalid)


def _refuse_fixed(visit: Visit, tag: str | None) -> None:
    """Refuse to push the image again that a tag is on, where the tag cannot move.

    The registry says so in the words for a tag that is on another image; elsewhere it hides that
    nothing changed. Source: containers-roadmap issue 2179.
    """
    with visit.gateway.lock:
        repository = visit.find_repository()
        is_fixed = tag and repository and not mutability.is_mutable(repository, tag)
    if is_fixed and tag:
        visit.refuse("PutImage", ImageTagAlreadyExistsException(tag, visit.name))


def _refuse_failure(answer: dict[str, Any]) -> None:
    for failure in answer["failures"]:
        raise Refused(errors.of_failure(failure["failureCode"], failure["failureReason"]))
