"""In which form a manifest is given to a client that does not take every type.

Asked by tag, ECR gives a Docker image as an OCI image and the reverse; asked by digest, never.
Source: ECR user guide, image manifest formats. Assumed: of an index, a client that takes no index
gets the image for linux/amd64; a client that takes nothing of what there is gets what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.core.digest import sha256
from ecrmock.core.errors import OperationNotModelled
from ecrmock.ecr import images, manifests

if TYPE_CHECKING:
    from ecrmock.ecr.state import Image, Repository

_PLATFORM: Final = "linux/amd64"
_COUNTERPART: Final = {
    manifests.DOCKER_IMAGE: manifests.OCI_IMAGE,
    manifests.OCI_IMAGE: manifests.DOCKER_IMAGE,
}
_CONFIG: Final = {
    manifests.DOCKER_IMAGE: "application/vnd.docker.container.image.v1+json",
    manifests.OCI_IMAGE: "application/vnd.oci.image.config.v1+json",
}
_LAYERS: Final = (
    # the type of a layer in a Docker image, and in an OCI image
    (
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.oci.image.layer.v1.tar+gzip",
    ),
    ("application/vnd.docker.image.rootfs.diff.tar", "application/vnd.oci.image.layer.v1.tar"),
    (
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    ),
)


class Given(NamedTuple):
    """A manifest as a client gets it."""

    digest: str
    manifest: str
    media_type: str | None


def convert(repository: Repository, image: Image, accepted: Collection[str] | None) -> Given:
    """Return the manifest of *image* in a form that the client accepts.

    Args:
        repository: the home of the image.
        image: what the client asked for by tag.
        accepted: media types; without any, what is stored is accepted.

    Raises:
        OperationNotModelled: only Docker schema 1 is accepted, which ECR would make of it.
    """
    if not accepted or image.media_type in accepted or not manifests.MEDIA_TYPES & set(accepted):
        return _as_stored(image)
    if image.media_type in manifests.INDEX_TYPES:
        child = _child_of(repository, image)
        given = _as_stored(image) if child is None else convert(repository, child, accepted)
        return given if given.media_type in accepted else _as_stored(image)
    other = _COUNTERPART.get(image.media_type or "")
    if other is None or image.artifact_media_type != _CONFIG.get(image.media_type or ""):
        return _as_stored(image)
    if other not in accepted:
        if {manifests.DOCKER_SCHEMA_1, manifests.DOCKER_SCHEMA_1_SIGNED} & set(accepted):
            raise OperationNotModelled("ecr", "BatchGetImage with conversion to Docker schema 1")
        return _as_stored(image)
    text = _translate(image.manifest, other)
    return Given(sha256(text.encode()), text, other)


def _as_stored(image: Image) -> Given:
    return Given(image.digest, image.manifest, image.media_type)


def _child_of(repository: Repository, index: Image) -> Image | None:
    children = manifests.children_by_platform(index.manifest)
    wanted = next((digest for platform, digest in children if platform == _PLATFORM), None)
    return None if wanted is None else images.find(repository, wanted, None)


def _translate(text: str, kind: str) -> str:
    """Return a manifest with the media types of the other format."""
    document: dict[str, Any] = json.loads(text)
    types = dict(_LAYERS) if kind == manifests.OCI_IMAGE else {b: a for a, b in _LAYERS}
    document["mediaType"] = kind
    document["config"]["mediaType"] = _CONFIG[kind]
    for layer in document.get("layers", []):
        layer["mediaType"] = types.get(layer.get("mediaType"), layer.get("mediaType"))
    return json.dumps(document, indent=3)
