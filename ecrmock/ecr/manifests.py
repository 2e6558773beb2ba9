"""Manifests: what an image's JSON says of its layers, its children, its type and its size.

Reads Docker schema 1 and 2, OCI image manifests and artifacts, and the lists of both kinds.
Source: OCI image specification; ECR user guide, image manifest formats.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from ecrmock.ecr.errors import InvalidParameterException

MAX_LAYERS: Final = 4000
"""Assumed: ECR refuses manifests with too many layers and does not publish the number."""

DOCKER_SCHEMA_1: Final = "application/vnd.docker.distribution.manifest.v1+json"
DOCKER_IMAGE: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_IMAGE: Final = "application/vnd.oci.image.manifest.v1+json"
DOCKER_SCHEMA_1_SIGNED: Final = "application/vnd.docker.distribution.manifest.v1+prettyjws"
OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_ORAS_ARTIFACT: Final = "application/vnd.cncf.oras.artifact.manifest.v1+json"
INDEX_TYPES: Final = frozenset({DOCKER_LIST, OCI_INDEX})
MEDIA_TYPES: Final = INDEX_TYPES | {
    DOCKER_SCHEMA_1,
    DOCKER_SCHEMA_1_SIGNED,
    DOCKER_IMAGE,
    OCI_IMAGE,
    _ORAS_ARTIFACT,
}
"""The types that ECR takes. Source: ECR user guide, image manifest formats."""


@dataclass(slots=True, frozen=True)
class Descriptor:
    """A reference to a blob or to another manifest."""

    digest: str
    media_type: str | None
    is_foreign: bool = False
    """Whether the bytes may be elsewhere, as those of Windows base layers are."""


@dataclass(slots=True, frozen=True)
class Manifest:
    """What one manifest says."""

    media_type: str
    artifact_media_type: str | None
    blobs: tuple[Descriptor, ...] = ()
    """The configuration first, then the layers in order."""
    children: tuple[str, ...] = ()
    """The digests of the manifests of an index or a manifest list, each once."""
    subject: str | None = None
    """The digest of the manifest that this one refers to, as OCI 1.1 artifacts do."""


def parse(text: str, media_type: str | None) -> Manifest:
    """Read the JSON of a manifest.

    Args:
        text: the manifest as it was sent.
        media_type: `imageManifestMediaType` of the request; needed where the JSON has none.

    Raises:
        InvalidParameterException: it is not a manifest, or its type is not known.
    """
    try:
        document = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _invalid() from None
    if not isinstance(document, dict):
        raise _invalid()
    kind = media_type or document.get("mediaType")
    if not isinstance(kind, str):
        raise _invalid()
    if kind not in MEDIA_TYPES:
        # Assumed: the text for a type that is no manifest's.
        raise InvalidParameterException("ImageManifest", f"Unsupported media type '{kind}'")
    artifact_type, subject = _artifact_type(document), _subject(document)
    if kind in INDEX_TYPES:
        children = _descriptors(document.get("manifests", []), "digest")
        unique = tuple(dict.fromkeys(child.digest for child in children))
        return Manifest(kind, artifact_type, children=unique, subject=subject)
    blobs = _blobs(document, kind)
    if len(blobs) > MAX_LAYERS:
        text = "Limit on number of layers per image exceeded"
        raise InvalidParameterException("ImageManifest", text)
    return Manifest(kind, artifact_type, blobs=blobs, subject=subject)


def children_by_platform(text: str) -> list[tuple[str, str]]:
    """Return the children of an index that was parsed before: (`os/architecture`, digest)."""
    found = []
    for entry in json.loads(text).get("manifests", []):
        platform = entry.get("platform")
        if isinstance(platform, dict):
            found.append((f"{platform.get('os')}/{platform.get('architecture')}", entry["digest"]))
    return found


def _no_number(name: str) -> None:
    """Refuse `NaN` and the infinities, which Python reads and JSON does not have."""
    raise ValueError(name)


def _artifact_type(document: dict[str, Any]) -> str | None:
    config = document.get("config")
    kind = document.get("artifactType") or (
        config.get("mediaType") if isinstance(config, dict) else None
    )
    return kind if isinstance(kind, str) else None


def _subject(document: dict[str, Any]) -> str | None:
    subject = document.get("subject")
    return None if subject is None else _descriptor(subject, "digest").digest


def _blobs(document: dict[str, Any], kind: str) -> tuple[Descriptor, ...]:
    """Collect the blobs that a manifest needs."""
    if document.get("schemaVersion") == 1:
        return _descriptors(document.get("fsLayers"), "blobSum")
    entries = document.get("blobs" if kind == _ORAS_ARTIFACT else "layers", [])
    if "config" in document and isinstance(entries, list):
        entries = [document["config"], *entries]
    return _descriptors(entries, "digest")


def _descriptors(entries: Any, key: str) -> tuple[Descriptor, ...]:
    if not isinstance(entries, list):
        raise _invalid()
    return tuple(_descriptor(entry, key) for entry in entries)


def _descriptor(entry: Any, key: str) -> Descriptor:
    digest = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(digest, str):
        raise _invalid()
    media_type = entry.get("mediaType")
    return Descriptor(
        digest, media_type if isinstance(media_type, str) else None, bool(entry.get("urls"))
    )


def _invalid() -> InvalidParameterException:
    return InvalidParameterException("ImageManifest", "Invalid JSON syntax")
