"""Layers: uploads in parts, their check and completion, and what may be downloaded.

Assumed: an upload that nobody completes expires after a day; AWS does not publish when.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ecrmock.core.blobs import BlobWriter
from ecrmock.ecr import repositories
from ecrmock.ecr.errors import (
    EmptyUploadException,
    InvalidLayerException,
    InvalidLayerPartException,
    LayerAlreadyExistsException,
    LayerInaccessibleException,
    LayerPartTooSmallException,
    LayersNotFoundException,
    LimitExceededException,
    UploadNotFoundException,
)
from ecrmock.ecr.state import Layer, Registry, Repository, Upload

if TYPE_CHECKING:
    from ecrmock.core import Core

PART_SIZE: Final = 10 * 1024 * 1024
"""The part size that InitiateLayerUpload answers. Source: AWS CLI reference example."""
LEAST_PART_SIZE: Final = 5 * 1024 * 1024
MAX_PARTS: Final = 4200
MAX_BYTES: Final = 52_000 * 1024 * 1024
"""Parts and bytes of a layer. Source: ECR user guide, service quotas."""
UPLOAD_EXPIRES: Final = "ecr.upload_expires"
_UPLOAD_LIFE_MS: Final = 24 * 60 * 60 * 1000
_DIGEST: Final = re.compile(r"[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+")


@dataclass(slots=True, frozen=True)
class Availability:
    """What is known of one digest: a layer, or why the question cannot be answered."""

    digest: str
    layer: Layer | None = None
    failure: str | None = None
    reason: str | None = None


def initiate(core: Core, registry: Registry, name: str) -> Upload:
    """Begin an upload.

    Raises:
        RepositoryNotFoundException: no repository of that name.

    Source: ECR API reference, InitiateLayerUpload.
    """
    repositories.get(registry, name)
    upload = Upload(core.ids.uuid(), name, BlobWriter())
    registry.uploads[upload.id] = upload
    core.timers.schedule_appointment(
        UPLOAD_EXPIRES,
        core.clock.now_ms + _UPLOAD_LIFE_MS,
        account_id=registry.id,
        region=registry.region,
        upload_id=upload.id,
    )
    return upload


def get_upload(registry: Registry, name: str, upload_id: str) -> Upload:
    """Return an upload into the repository of that name.

    Raises:
        RepositoryNotFoundException: no repository of that name.
        UploadNotFoundException: no such upload, or it has expired.
    """
    repositories.get(registry, name)
    upload = registry.uploads.get(upload_id)
    if upload is None or upload.repository_name != name:
        raise UploadNotFoundException(upload_id, name, registry.id)
    return upload


def append(
    registry: Registry, upload: Upload, first: int, last: int, data: bytes | BlobWriter
) -> None:
    """Add one part, the bytes *first* to *last* of the layer, both inclusive.

    A part that came in as a stream is closed afterwards, or becomes the beginning of the layer.

    Raises:
        InvalidLayerPartException: it does not begin where the last one ended, or is not as long
            as it says; carries the last byte that was received.
        LimitExceededException: the upload has 4,200 parts.

    Source: ECR API reference, UploadLayerPart.
    """
    expected = upload.writer.size
    if first != expected:
        text = f"First byte of the layer part is {first} instead of {expected}"
        raise _invalid_part(registry, upload, text)
    size = len(data)
    if size != last - first + 1:
        text = f"The layer part has {size} bytes instead of {last - first + 1}"  # Assumed
        raise _invalid_part(registry, upload, text)
    if upload.part_count == MAX_PARTS:
        raise LimitExceededException.layer_parts(MAX_PARTS)
    upload.is_short |= upload.is_last_small
    upload.is_last_small = size < LEAST_PART_SIZE
    if isinstance(data, bytes):
        upload.writer.write(data)
    elif not upload.writer.size:
        upload.writer.close()
        upload.writer = data
    else:
        upload.writer.take(data)
    upload.part_count += 1
    if upload.part_count == 1:
        upload.first_part_bytes = size


def complete(core: Core, registry: Registry, upload: Upload, digests: Sequence[str]) -> Layer:
    """Turn an upload into a layer of its repository.

    Raises:
        EmptyUploadException: nothing has come.
        LayerPartTooSmallException: a part before the last is smaller than 5 MiB.
        InvalidLayerException: the bytes have none of *digests*.
        LayerAlreadyExistsException: the repository has the layer.

    Source: ECR API reference, CompleteLayerUpload.
    """
    repository = repositories.get(registry, upload.repository_name)
    if not upload.part_count:
        raise EmptyUploadException(upload.id, repository.name, registry.id)
    if upload.is_short:
        raise LayerPartTooSmallException
    digest = upload.writer.digest
    if digest not in digests:
        raise InvalidLayerException
    if digest in repository.layers:
        raise LayerAlreadyExistsException(digest, repository.name, registry.id)
    del registry.uploads[upload.id]
    return add(core, repository, upload.writer)


def add(core: Core, repository: Repository, writer: BlobWriter) -> Layer:
    """Make a layer of bytes that have come whole; a layer that is there already is returned."""
    existing = repository.layers.get(writer.digest)
    if existing is not None:
        writer.close()
        return existing
    blob = core.blobs.hold(writer.finish())
    layer = repository.layers[blob.digest] = Layer(blob.digest, blob.size)
    return layer


def mount(core: Core, source: Repository, target: Repository, digest: str) -> Layer | None:
    """Make a layer of another repository one of *target*; None where that cannot be.

    Source: ECR user guide, blob mounting: an image must refer to it, and both repositories must
    be encrypted alike.
    """
    layer = source.layers.get(digest)
    if layer is None or not layer.image_count or source.encryption != target.encryption:
        return None
    if digest not in target.layers:
        core.blobs.hold(core.blobs.get(digest))
        target.layers[digest] = Layer(digest, layer.size_bytes, layer.media_type)
    return target.layers[digest]


def expire(registry: Registry, upload_id: str) -> None:
    """Drop an upload that nobody completed; one that is gone already is passed over."""
    upload = registry.uploads.pop(upload_id, None)
    if upload is not None:
        upload.writer.close()


def check(repository: Repository, digest: str) -> Availability:
    """Say whether the repository has a layer.

    Source: ECR API reference, BatchCheckLayerAvailability. Assumed: the failure reasons.
    """
    if not digest.strip():
        return Availability(
            digest, None, "MissingLayerDigest", "Layer digest cannot be null or empty"
        )
    if _DIGEST.fullmatch(digest) is None:
        reason = f"Layer digest should satisfy the regex '{_DIGEST.pattern}'"
        return Availability(digest, None, "InvalidLayerDigest", reason)
    return Availability(digest, repository.layers.get(digest))


def get_for_download(repository: Repository, digest: str) -> Layer:
    """Return a layer that an image refers to.

    Raises:
        LayersNotFoundException: the repository has no such layer.
        LayerInaccessibleException: no image refers to it.

    Source: ECR API reference, GetDownloadUrlForLayer.
    """
    layer = repository.layers.get(digest)
    if layer is None:
        raise LayersNotFoundException.for_download(digest, repository.name, repository.registry_id)
    if not layer.image_count:
        raise LayerInaccessibleException(digest, repository.name, repository.registry_id)
    return layer


def _invalid_part(registry: Registry, upload: Upload, text: str) -> InvalidLayerPartException:
    return InvalidLayerPartException(
        text,
        registryId=registry.id,
        repositoryName=upload.repository_name,
        uploadId=upload.id,
        lastValidByteReceived=max(0, upload.writer.size - 1),
    )
