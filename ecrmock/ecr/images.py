"""Images: pushing, finding and pulling them by digest and by tag.

Tags move as the repository's mutability allows; an image whose tag was moved away stays, untagged.
What an index refers to must be there before it. How images go away stands in `deletion.py`.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ecrmock.core.bus import Event
from ecrmock.core.digest import sha256
from ecrmock.ecr import manifests, mutability
from ecrmock.ecr.errors import (
    ImageAlreadyExistsException,
    ImageDigestDoesNotMatchException,
    ImageNotFoundException,
    ImageTagAlreadyExistsException,
    InvalidParameterException,
    LayersNotFoundException,
    LimitExceededException,
    ReferencedImagesNotFoundException,
)
from ecrmock.ecr.state import Image, Registry, Repository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ecrmock.core import Core

TagStatus = Literal["TAGGED", "UNTAGGED", "ANY"]

MAX_TAGS: Final = 1000
MAX_IMAGES: Final = 100_000
"""Tags of an image and images of a repository. Source: ECR user guide, service quotas."""
_TAG: Final = re.compile(r"[a-zA-Z0-9-_.]+")
_DIGEST: Final = re.compile(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")
_DIGEST_TEXT: Final = "[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+"


@dataclass(slots=True, frozen=True)
class Failure:
    """Why one id of a batch has no image."""

    code: str
    reason: str


def put(
    core: Core,
    registry: Registry,
    repository: Repository,
    manifest: str,
    *,
    media_type: str | None = None,
    tag: str | None = None,
    digest: str | None = None,
) -> Image:
    """Store a manifest, or point a tag at it, or both.

    Raises:
        InvalidParameterException: the manifest, tag or digest is malformed.
        ImageDigestDoesNotMatchException: *digest* is not that of the manifest's bytes.
        LayersNotFoundException: the repository lacks blobs that the manifest refers to.
        ReferencedImagesNotFoundException: it lacks manifests that an index refers to.
        ImageAlreadyExistsException: nothing would change.
        ImageTagAlreadyExistsException: the tag is on another image and immutable.
        LimitExceededException: the image has 1,000 tags, or the repository 100,000 images.

    Source: ECR API reference, PutImage.
    """
    check_id(digest, tag)
    document = manifests.parse(manifest, media_type)
    found = sha256(manifest.encode())
    if digest is not None and digest != found:
        raise ImageDigestDoesNotMatchException(digest, repository.name, registry.id)
    _check_references(repository, document)
    existing = find(repository, found, None)
    _check_change(repository, existing, found, tag)
    if existing is None:
        existing = _store(repository, manifest, found, document, core)
    existing.pushed_at = core.clock.now  # Assumed: a new tag counts as a push
    if tag is not None:
        _point(repository, tag, existing)
    publish(core, registry, repository, existing, tag=tag, action="PUSH")
    return existing


def find(repository: Repository, digest: str | None, tag: str | None) -> Image | None:
    """Return the image of *digest*, or of *tag*, or the one that has both, or None."""
    if digest is not None:
        seq = repository.digests.get(digest)
        if seq is None or (tag is not None and repository.image_tags.get(tag) != seq):
            return None
        return repository.images[seq]
    seq = repository.image_tags.get(tag) if tag is not None else None
    return None if seq is None else repository.images[seq]


def get(repository: Repository, digest: str | None, tag: str | None) -> Image:
    """Return an image by its id.

    Raises:
        ImageNotFoundException: the repository has no such image.
        InvalidParameterException: digest or tag is malformed.
    """
    check_id(digest, tag)
    image = find(repository, digest, tag)
    if image is None:
        raise ImageNotFoundException(digest, tag, repository.name, repository.registry_id)
    return image


def look_up(repository: Repository, digest: str | None, tag: str | None) -> Image | Failure:
    """Return an image by its id, or why a batch does not have it.

    Source: ECR API reference, ImageFailure.
    """
    if digest is None and tag is None:
        text = "Invalid request parameters: both tag and digest cannot be null"
        return Failure("MissingDigestAndTag", text)
    if digest is not None and _DIGEST.fullmatch(digest) is None:
        text = f"Invalid request parameters: image digest should satisfy the regex '{_DIGEST_TEXT}'"
        return Failure("InvalidImageDigest", text)
    if tag is not None and _TAG.fullmatch(tag) is None:
        text = f"Invalid request parameters: image tag should satisfy the regex '{_TAG.pattern}'"
        return Failure("InvalidImageTag", text)
    image = find(repository, digest, tag)
    if image is not None:
        return image
    if digest is not None and digest in repository.digests and tag in repository.image_tags:
        text = "Invalid request parameters: given tag does not map to the given digest"
        return Failure("ImageTagDoesNotMatchDigest", text)
    return Failure("ImageNotFound", "Requested image not found")


def pull(core: Core, image: Image) -> None:
    """Record that the image was pulled now."""
    image.last_pulled_at = core.clock.now


def walk(repository: Repository, after: int | None, status: TagStatus) -> Iterator[Image]:
    """Walk images in the order in which they came, beginning behind *after*."""
    for _, image in repository.images.items_after(after):
        if status == "ANY" or (status == "TAGGED") == bool(image.tags):
            yield image


def walk_referrers(repository: Repository, subject: str, after: int | None) -> Iterator[Image]:
    """Walk the images that name *subject* as theirs, as they came, beginning behind *after*."""
    seqs = repository.referrers.get(subject, [])
    start = 0 if after is None else bisect_right(seqs, after)
    return (repository.images[seq] for seq in itertools.islice(seqs, start, None))


def check_id(digest: str | None, tag: str | None) -> None:
    """Refuse a malformed digest or tag.

    Raises:
        InvalidParameterException: see the texts.
    """
    for at, value, expression in (("imageDigest", digest, _DIGEST), ("imageTag", tag, _TAG)):
        if value is not None and expression.fullmatch(value) is None:
            pattern = _DIGEST_TEXT if at == "imageDigest" else expression.pattern
            raise InvalidParameterException(at, f"must satisfy regular expression '{pattern}'")


def _check_references(repository: Repository, document: manifests.Manifest) -> None:
    """Refuse a manifest whose blobs or children are not there.

    Assumed: a layer that names URLs of its own need not be there.
    """
    at = repository.name, repository.registry_id
    lacking = _unique(
        b.digest for b in document.blobs if not b.is_foreign and b.digest not in repository.layers
    )
    if lacking:
        raise LayersNotFoundException.for_image(lacking, *at)
    lacking = _unique(c for c in document.children if c not in repository.digests)
    if lacking:
        raise ReferencedImagesNotFoundException(lacking, *at)


def _unique(digests: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(digests))


def _check_change(
    repository: Repository, existing: Image | None, digest: str, tag: str | None
) -> None:
    """Refuse a push that changes nothing or that may not move its tag."""
    holder = find(repository, None, tag)
    if existing is not None and (tag is None or holder is existing):
        raise ImageAlreadyExistsException(digest, tag, repository.name, repository.registry_id)
    if existing is None and len(repository.images) >= MAX_IMAGES:
        raise LimitExceededException.images_per_repository(
            repository.name, repository.registry_id, MAX_IMAGES
        )
    if tag is None:
        return
    if holder is not None and not mutability.is_mutable(repository, tag):
        raise ImageTagAlreadyExistsException(tag, repository.name)
    if existing is not None and len(existing.tags) >= MAX_TAGS:
        raise LimitExceededException.tags_per_image(
            tag, repository.name, repository.registry_id, MAX_TAGS
        )


def _store(
    repository: Repository, text: str, digest: str, document: manifests.Manifest, core: Core
) -> Image:
    stored = [blob for blob in document.blobs if blob.digest in repository.layers]
    for blob in stored:
        layer = repository.layers[blob.digest]
        layer.media_type = layer.media_type or blob.media_type
    layers = _unique(blob.digest for blob in stored)
    for layer_digest in layers:
        repository.layers[layer_digest].image_count += 1
    for child in document.children:
        repository.parents.setdefault(child, []).append(digest)
    image = Image(
        seq=repository.next_image_seq,
        digest=digest,
        manifest=text,
        media_type=document.media_type,
        artifact_media_type=document.artifact_media_type,
        size_bytes=_size(repository, stored, document.children),
        layers=layers,
        children=document.children,
        pushed_at=core.clock.now,
        subject_digest=document.subject,
    )
    if image.subject_digest is not None:
        repository.referrers.setdefault(image.subject_digest, []).append(image.seq)
    repository.next_image_seq += 1
    repository.images.add(image.seq, image)
    repository.digests[digest] = image.seq
    return image


def _size(
    repository: Repository, blobs: list[manifests.Descriptor], children: tuple[str, ...]
) -> int:
    """Return the size of an image: its blobs together; of an index, its largest child.

    Source: ECR API reference, ImageDetail. Assumed: the configuration counts.
    """
    if children:
        found = (repository.images[repository.digests[child]] for child in children)
        return max(image.size_bytes for image in found)
    return sum(repository.layers[blob.digest].size_bytes for blob in blobs)


def _point(repository: Repository, tag: str, image: Image) -> None:
    """Point *tag* at *image*, taking it from the image that had it."""
    holder = find(repository, None, tag)
    if holder is not None:
        holder.tags.remove(tag)
    image.tags.append(tag)
    repository.image_tags[tag] = image.seq


def publish(
    core: Core,
    registry: Registry,
    repository: Repository,
    image: Image,
    *,
    tag: str | None,
    action: Literal["PUSH", "DELETE"],
) -> None:
    """Tell the bus what was done to an image. Source: ECR user guide, EventBridge events."""
    detail = {
        "result": "SUCCESS",
        "repository-name": repository.name,
        "image-digest": image.digest,
        "action-type": action,
    }
    optional = {
        "image-tag": tag,
        "manifest-media-type": image.media_type,
        "artifact-media-type": image.artifact_media_type,
    }
    detail.update({key: value for key, value in optional.items() if value is not None})
    core.bus.publish(
        Event(
            core.ids.uuid(),
            "aws.ecr",
            "ECR Image Action" if image.subject_digest is None else "ECR Referrer Action",
            core.clock.now,
            registry.id,
            registry.region,
            (),
            detail,
        )
    )
