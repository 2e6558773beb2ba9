"""Manifests: what an image's JSON says of its layers, its type and its size.

Reads Docker schema 1 and 2 and OCI image manifests. Lists of manifests (Docker manifest lists,
OCI indexes) are refused by name.
Source: OCI image specification; ECR user guide, image manifest formats.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from ecrmock.core.errors import OperationNotModelled
from ecrmock.ecr.errors import InvalidParameterException

MAX_LAYERS: Final = 4000
"""Assumed: ECR refuses manifests with too many layers and does not publish the number."""

_SCHEMA_1: Final = "application/vnd.docker.distribution.manifest.v1+json"
MEDIA_TYPES: Final = frozenset(
    {
        _SCHEMA_1,
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.cncf.oras.artifact.manifest.v1+json",
    }
)
"""The types that ECR takes. Source: ECR user guide, image manifest formats."""


@dataclass(slots=True, frozen=True)
class Descriptor:
    """A reference to a blob."""

    digest: str
    media_type: str | None


@dataclass(slots=True, frozen=True)
class Manifest:
    """What one manifest says."""

    media_type: str
    artifact_media_type: str | None
    blobs: tuple[Descriptor, ...]
    """The configuration first, then the layers in order."""
    subject: str | None = None
    """The digest of the manifest that this one refers to, as OCI 1.1 artifacts do."""


def parse(text: str, media_type: str | None) -> Manifest:
    """Read the JSON of a manifest.

    Args:
        text: the manifest as it was sent.
        media_type: `imageManifestMediaType` of the request; needed where the JSON has none.

    Raises:
        InvalidParameterException: it is not a manifest, or its type is not known.
        OperationNotModelled: it is a list of manifests.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(document, dict):
        raise _invalid()
    kind = media_type or document.get("mediaType") or _implied_type(document)
    if not isinstance(kind, str):
        raise _invalid()
    if kind not in MEDIA_TYPES:
        # Assumed: the text for a type that is no manifest's.
        raise InvalidParameterException("ImageManifest", f"Unsupported media type '{kind}'")
    if "manifests" in document:
        raise OperationNotModelled("ecr", "PutImage of an image index or manifest list")
    blobs = _blobs(document)
    if len(blobs) > MAX_LAYERS:
        text = "Limit on number of layers per image exceeded"
        raise InvalidParameterException("ImageManifest", text)
    return Manifest(kind, _artifact_type(document), blobs, _subject(document))


def _implied_type(document: dict[str, Any]) -> str | None:
    """Return the type of a schema 1 manifest, which says so by its version alone."""
    return _SCHEMA_1 if document.get("schemaVersion") == 1 else None


def _artifact_type(document: dict[str, Any]) -> str | None:
    config = document.get("config")
    kind = document.get("artifactType") or (
        config.get("mediaType") if isinstance(config, dict) else None
    )
    return kind if isinstance(kind, str) else None


def _subject(document: dict[str, Any]) -> str | None:
    subject = document.get("subject")
    return None if subject is None else _descriptor(subject, "digest").digest


def _blobs(document: dict[str, Any]) -> tuple[Descriptor, ...]:
    """Collect the blobs that a manifest needs."""
    if document.get("schemaVersion") == 1:
        entries, key = document.get("fsLayers"), "blobSum"
    else:
        entries, key = document.get("layers", []), "digest"
        if "config" in document and isinstance(entries, list):
            entries = [document["config"], *entries]
    if not isinstance(entries, list):
        raise _invalid()
    return tuple(_descriptor(entry, key) for entry in entries)


def _descriptor(entry: Any, key: str) -> Descriptor:
    digest = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(digest, str):
        raise _invalid()
    media_type = entry.get("mediaType")
    return Descriptor(digest, media_type if isinstance(media_type, str) else None)


def _invalid() -> InvalidParameterException:
    return InvalidParameterException("ImageManifest", "Invalid JSON syntax")
