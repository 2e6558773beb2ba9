"""ListImageReferrers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ecrmock.ecr import images, repositories
from ecrmock.operations.table import Call, Page, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import ListImageReferrersRequestTypeDef

    from ecrmock.ecr.state import Image


@operation("ecr", "ListImageReferrers")
def list_image_referrers(call: Call, request: ListImageReferrersRequestTypeDef) -> Page:
    """List the artifacts that name an image as their subject, which need not be there.

    Source: ECR API reference, ListImageReferrers. Assumed: they are listed as they came; a
    subject that is not there has none.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    subject, chosen = request["subjectId"]["imageDigest"], request.get("filter", {})
    types = chosen.get("artifactTypes")
    has_any = chosen.get("artifactStatus", "ACTIVE") in ("ACTIVE", "ANY")

    def walk(after: int | None) -> Iterator[tuple[int, Image]]:
        found = images.walk_referrers(repository, subject, after) if has_any else ()
        for image in found:
            if not types or image.artifact_media_type in types:
                yield image.seq, image

    return Page("referrers", walk, _referrer)


def _referrer(image: Image) -> dict[str, Any]:
    """Show an artifact as a descriptor. Source: ECR API reference, ImageReferrer."""
    shown: dict[str, Any] = {
        "digest": image.digest,
        "mediaType": image.media_type,
        "size": len(image.manifest.encode()),
        "artifactStatus": "ACTIVE",
    }
    if image.artifact_media_type is not None:
        shown["artifactType"] = image.artifact_media_type
    annotations = json.loads(image.manifest).get("annotations")
    if isinstance(annotations, dict):
        texts = {name: text for name, text in annotations.items() if isinstance(text, str)}
        shown["annotations"] = texts
    return shown
