"""PutImage, BatchGetImage, DescribeImages, ListImages, BatchDeleteImage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecrmock.ecr import conversion, deletion, images, repositories
from ecrmock.ecr.errors import InvalidParameterException
from ecrmock.operations.ecr import views
from ecrmock.operations.ecr.repositories import refuse_paging
from ecrmock.operations.table import Call, Page, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        BatchDeleteImageRequestTypeDef,
        BatchGetImageRequestTypeDef,
        DescribeImagesRequestTypeDef,
        ImageIdentifierTypeDef,
        ListImagesRequestTypeDef,
        PutImageRequestTypeDef,
    )

    from ecrmock.ecr.conversion import Given
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

    By digest, an image is given once for each of its tags, as it is stored; by tag, in a form that
    the caller accepts. Source: ECR API reference, BatchGetImage.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    accepted = request.get("acceptedMediaTypes")
    pulled: list[Image] = []
    shown: list[Any] = []
    failures: list[dict[str, Any]] = []
    for wanted in request["imageIds"]:
        digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
        image = images.look_up(repository, digest, tag)
        if isinstance(image, images.Failure):
            failures.append(_failure(wanted, image))
            continue
        pulled.append(image)
        if digest is None:
            given: Image | Given = conversion.convert(repository, image, accepted)
            shown.append(views.image(repository, given, tag))
        else:
            shown_tags: list[str | None] = [tag] if tag is not None else [*image.tags] or [None]
            shown.extend(views.image(repository, image, each) for each in shown_tags)
    for image in pulled:
        images.pull(call.core, image)
    return {"images": shown, "failures": failures}


@operation("ecr", "BatchDeleteImage")
def batch_delete_image(call: Call, request: BatchDeleteImageRequestTypeDef) -> Reply:
    """Remove images and tags. Source: ECR API reference, BatchDeleteImage."""
    registry = call.registry(request)
    repository = repositories.get(registry, request["repositoryName"])
    wanted = [
        deletion.Id(entry.get("imageDigest"), entry.get("imageTag"))
        for entry in request["imageIds"]
    ]
    outcomes = deletion.delete(call.core, registry, repository, wanted)
    return {
        "imageIds": [_id(*removed) for outcome in outcomes for removed in outcome.removed],
        "failures": [
            _failure(_id(*outcome.wanted), outcome.failure)
            for outcome in outcomes
            if outcome.failure is not None
        ],
    }


@operation("ecr", "DescribeImages")
def describe_images(call: Call, request: DescribeImagesRequestTypeDef) -> Reply | Page:
    """Show what is known of images: those asked for, or all in the order in which they came.

    Source: ECR API reference, DescribeImages. Assumed: all images are shown as they came.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    ids = request.get("imageIds")
    if ids is None:
        status, has_any = _tag_status(request), _shows_active(request)

        def walk(after: int | None) -> Iterator[tuple[int, Image]]:
            found = images.walk(repository, after, status) if has_any else ()
            return ((image.seq, image) for image in found)

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
    status, has_any = _tag_status(request), _shows_active(request)
    return Page(
        "imageIds", lambda after: _ids(repository, after, status) if has_any else iter(()), dict
    )


def _ids(
    repository: Repository, after: tuple[int, str] | None, status: images.TagStatus
) -> Iterator[tuple[tuple[int, str], ImageIdentifierTypeDef]]:
    """Walk the ids of images, beginning behind a pair of sequence number and tag."""
    seq, last_tag = after if after is not None else (-1, "")
    for image in images.walk(repository, seq - 1, status):
        for tag in sorted(image.tags) or [""]:
            if (image.seq, tag) <= (seq, last_tag) and after is not None:
                continue
            yield (image.seq, tag), _id(image.digest, tag or None)


def _get(repository: Repository, wanted: ImageIdentifierTypeDef) -> Image:
    digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
    if digest is None and tag is None:
        text = "both tag and digest cannot be null"  # Assumed: the text
        raise InvalidParameterException("imageIds", text)
    return images.get(repository, digest, tag)


def _tag_status(request: Mapping[str, Any]) -> images.TagStatus:
    """Return the tag filter of a request."""
    status: images.TagStatus = request.get("filter", {}).get("tagStatus", "ANY")
    return status


def _shows_active(request: Mapping[str, Any]) -> bool:
    """Tell whether the filter of a request takes images that are not archived, which all are."""
    return request.get("filter", {}).get("imageStatus", "ACTIVE") in ("ACTIVE", "ANY")


def _id(digest: str | None, tag: str | None) -> ImageIdentifierTypeDef:
    shown: ImageIdentifierTypeDef = {}
    if digest is not None:
        shown["imageDigest"] = digest
    if tag is not None:
        shown["imageTag"] = tag
    return shown


def _failure(wanted: ImageIdentifierTypeDef, failure: images.Failure) -> dict[str, Any]:
    return {
        "imageId": dict(wanted),
        "failureCode": failure.code,
        "failureReason": failure.reason,
    }
