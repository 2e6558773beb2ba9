"""PutImage, BatchGetImage, DescribeImages, ListImages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecrmock.core.errors import OperationNotModelled
from ecrmock.ecr import images, repositories
from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.operations.ecr import views
from ecrmock.operations.ecr.repositories import refuse_paging
from ecrmock.operations.table import Call, Page, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        BatchGetImageRequestTypeDef,
        DescribeImagesRequestTypeDef,
        ImageIdentifierTypeDef,
        ListImagesRequestTypeDef,
        PutImageRequestTypeDef,
    )

    from ecrmock.ecr.state import Image, Repository


@operation("ecr", "PutImage")
def put_image(call: Call, request: PutImageRequestTypeDef) -> Reply:
    """Store a manifest or move a tag. Source: ECR API reference, PutImage."""
    registry = call.registry(request)
    repository = repositories.get(registry, request["repositoryName"])
    image = images.put(
        call.core,
        registry,
        repository,
        request["imageManifest"],
        media_type=request.get("imageManifestMediaType"),
        tag=request.get("imageTag"),
        digest=request.get("imageDigest"),
    )
    return {"image": views.image(repository, image, request.get("imageTag"))}


@operation("ecr", "BatchGetImage")
def batch_get_image(call: Call, request: BatchGetImageRequestTypeDef) -> Reply:
    """Give manifests by tag or digest, and record the pull.

    By digest, an image is given once for each of its tags.
    Source: ECR API reference, BatchGetImage.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    found: list[tuple[Image, str | None]] = []
    failures: list[dict[str, Any]] = []
    for wanted in request["imageIds"]:
        digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
        image = images.look_up(repository, digest, tag)
        if isinstance(image, images.Failure):
            failures.append(_failure(wanted, image))
            continue
        if tag is not None:
            _refuse_conversion(image, request.get("acceptedMediaTypes"))
        shown_tags: list[str | None] = [tag] if tag is not None else [*image.tags] or [None]
        found.extend((image, shown) for shown in shown_tags)
    for image, _ in found:
        images.pull(call.core, image)
    return {
        "images": [views.image(repository, image, tag) for image, tag in found],
        "failures": failures,
    }


@operation("ecr", "DescribeImages")
def describe_images(call: Call, request: DescribeImagesRequestTypeDef) -> Reply | Page:
    """Show what is known of images: those asked for, or all in the order in which they came.

    Source: ECR API reference, DescribeImages. Assumed: all images are shown as they came.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    ids = request.get("imageIds")
    if ids is None:
        status = _tag_status(request)

        def walk(after: int | None) -> Iterator[tuple[int, Image]]:
            return ((i.seq, i) for i in images.walk(repository, after, status))

        return Page("imageDetails", walk, lambda image: views.image_detail(repository, image))
    refuse_paging(request, "imageIds")
    found = [_get(repository, wanted) for wanted in ids]
    unique = {image.seq: image for image in found}
    return {"imageDetails": [views.image_detail(repository, i) for i in unique.values()]}


@operation("ecr", "ListImages")
def list_images(call: Call, request: ListImagesRequestTypeDef) -> Page:
    """List ids: one for each tag, and one for each image without.

    Source: ECR API reference, ListImages. Assumed: ids are listed as their images came, the tags
    of one image sorted.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    status = _tag_status(request)
    return Page("imageIds", lambda after: _ids(repository, after, status), dict)


def _ids(
    repository: Repository, after: tuple[int, str] | None, status: images.TagStatus
) -> Iterator[tuple[tuple[int, str], dict[str, str]]]:
    """Walk the ids of images, beginning behind a pair of sequence number and tag."""
    seq, last_tag = after if after is not None else (-1, "")
    for image in images.walk(repository, seq - 1, status):
        for tag in sorted(image.tags) or [""]:
            if (image.seq, tag) <= (seq, last_tag) and after is not None:
                continue
            shown = {"imageDigest": image.digest}
            if tag:
                shown["imageTag"] = tag
            yield (image.seq, tag), shown


def _get(repository: Repository, wanted: ImageIdentifierTypeDef) -> Image:
    digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
    if digest is None and tag is None:
        text = "both tag and digest cannot be null"  # Assumed: the text
        raise InvalidParameterException("imageIds", text)
    return images.get(repository, digest, tag)


def _tag_status(request: Mapping[str, Any]) -> images.TagStatus:
    """Return the tag filter of a request.

    Raises:
        OperationNotModelled: it filters by a status that images cannot have yet.
    """
    wanted = request.get("filter", {})
    if wanted.get("imageStatus", "ACTIVE") not in ("ACTIVE", "ANY"):
        raise OperationNotModelled("ecr", "a filter by imageStatus (archived images)")
    status: images.TagStatus = wanted.get("tagStatus", "ANY")
    return status


def _refuse_conversion(image: Image, accepted: Any) -> None:
    """Refuse to give a manifest in another format than it is stored in.

    Raises:
        OperationNotModelled: the caller does not accept the stored type.
    """
    if accepted and image.media_type not in accepted:
        raise OperationNotModelled("ecr", "BatchGetImage with conversion of the manifest")


def _failure(wanted: ImageIdentifierTypeDef, failure: images.Failure) -> dict[str, Any]:
    return {
        "imageId": dict(wanted),
        "failureCode": failure.code,
        "failureReason": failure.reason,
    }
