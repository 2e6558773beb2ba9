"""What an image is made of before it is in a repository: manifests, and the bytes they name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.digest import sha256

if TYPE_CHECKING:
    from ecrmock.core.blobs import BlobWriter

Json = dict[str, Any]

DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
CONFIG_TYPES: Final = frozenset({DOCKER_CONFIG, OCI_CONFIG})
"""The types of a configuration that says for what platform an image is."""

_UNKNOWN: Final = "unknown"
"""What buildx gives as the platform of an attestation, which is no image to run."""


@dataclass(slots=True, frozen=True)
class Manifest:
    """One manifest or index, by its exact bytes, which are UTF-8 and hold a JSON object."""

    data: bytes
    media_type: str
    digest: str = field(init=False)
    document: Json = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the digest, and read the JSON."""
        object.__setattr__(self, "digest", sha256(self.data))
        object.__setattr__(self, "document", json.loads(self.data.decode()))


@dataclass(slots=True, frozen=True)
class Content:
    """All of one image.

    Args:
        manifests: children before their index; the last is the one that a tag will point to.
        blobs: layers and configurations by their digest, each come whole. Who stores one takes
            it out.
        configs: what the configurations say that describe a platform, by digest.
    """

    manifests: tuple[Manifest, ...]
    blobs: dict[str, BlobWriter]
    configs: dict[str, Json]

    @property
    def root(self) -> Manifest:
        """The manifest that a tag will point to."""
        return self.manifests[-1]

    @property
    def platforms(self) -> dict[str, str]:
        """The digest of the manifest for each platform; the first, where there are several."""
        found: dict[str, str] = {}
        for platform, manifest in self._leaves(self.root):
            name = platform_name(platform) or platform_name(self._config_of(manifest))
            if name is not None:
                found.setdefault(name, manifest.digest)
        return found

    @property
    def layers(self) -> tuple[str, ...]:
        """The digests of the layers in order, each once; those of an index platform by platform."""
        layers = [
            layer["digest"]
            for _, manifest in self._leaves(self.root)
            for layer in manifest.document.get("layers", ())
        ]
        return tuple(dict.fromkeys(layers))

    @property
    def config(self) -> Json:
        """The configuration, of an index that of its first image; empty where there is none."""
        configs = (self._config_of(manifest) for _, manifest in self._leaves(self.root))
        return next((config for config in configs if config), {})

    def close(self) -> None:
        """Drop the bytes that nobody took."""
        while self.blobs:
            self.blobs.popitem()[1].close()

    def _leaves(self, manifest: Manifest, platform: Any = None) -> Iterator[tuple[Any, Manifest]]:
        """Walk the images of a manifest with the platform that their index names."""
        children = manifest.document.get("manifests")
        if children is None:
            yield platform, manifest
            return
        by_digest = {each.digest: each for each in self.manifests}
        for child in children:
            yield from self._leaves(by_digest[child["digest"]], child.get("platform"))

    def _config_of(self, manifest: Manifest) -> Json:
        described = manifest.document.get("config", {})
        return self.configs.get(described.get("digest"), {})


def platform_name(described: Any) -> str | None:
    """Return `os/architecture` or `os/architecture/variant` of a descriptor or configuration."""
    if not isinstance(described, dict):
        return None
    parts = [described.get(name) for name in ("os", "architecture", "variant")]
    names = [part for part in parts if part and isinstance(part, str)]
    is_named = all(parts[:2]) and len(names) == len([part for part in parts if part])
    return "/".join(names) if is_named and _UNKNOWN not in names else None
