"""Real images from a recipe: layers, configurations, manifests, and an index of several platforms.

The same name and recipe give the same digests, on every machine and in every run.
Source: OCI image specification 1.1; Docker registry, "Image Manifest Version 2, Schema 2".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.core.blobs import BlobWriter
from ecrmock.ecr.manifests import DOCKER_IMAGE, DOCKER_LIST, OCI_IMAGE, OCI_INDEX
from ecrmock.images import tarballs
from ecrmock.images.content import DOCKER_CONFIG, OCI_CONFIG, Content, Json, Manifest

if TYPE_CHECKING:
    from ecrmock.images.recipe import LayerContent, Media, Platform, Recipe
    from ecrmock.images.tarballs import Layer

OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
"""The type of the configuration `{}`. Source: OCI image specification, guidance for artifacts."""

_EMPTY: Final = b"{}"
_EMPTY_MEMBERS: Final = {"data": "e30="}  # the bytes themselves, in base 64
_DOCKER_INDENT: Final = 3
_PATH: Final = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ANY_DIFF_ID: Final = "sha256:" + "0" * 64


class _Types(NamedTuple):
    """The media types of one family."""

    image: str
    several: str
    config: str
    gzip: str
    zstd: str
    tar: str


_FAMILIES: Final[dict[Media, _Types]] = {
    "oci": _Types(
        OCI_IMAGE,
        OCI_INDEX,
        OCI_CONFIG,
        "application/vnd.oci.image.layer.v1.tar+gzip",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.v1.tar",
    ),
    "docker": _Types(
        DOCKER_IMAGE,
        DOCKER_LIST,
        DOCKER_CONFIG,
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
        "application/vnd.docker.image.rootfs.diff.tar",
    ),
}


def image(name: str, recipe: Recipe, subject: Json | None = None) -> Content:
    """Make an image, or an index of one image for each platform.

    Args:
        name: what the content of layers is derived from where the recipe does not give it.
        recipe: what is wanted.
        subject: the descriptor of the manifest that this one is about.
    """
    return _Build(name, recipe, subject).run()


def docker_image(config: Json, layers: list[Json]) -> Manifest:
    """Make the manifest that `docker push` makes of the descriptors of an image's blobs."""
    document = {
        "schemaVersion": 2,
        "mediaType": DOCKER_IMAGE,
        "config": config,
        "layers": layers,
    }
    return Manifest(_encode(document, "docker"), DOCKER_IMAGE)


def docker_layer(blob: BlobWriter) -> Json:
    """Describe a gzip layer as Docker does."""
    return descriptor(_FAMILIES["docker"].gzip, blob.digest, blob.size)


def descriptor(media_type: str, digest: str, size_bytes: int, **more: Any) -> Json:
    """Return a reference to a blob or a manifest. Source: OCI image specification, descriptors."""
    return {"mediaType": media_type, "digest": digest, "size": size_bytes, **more}


class _Build:
    """One image on its way."""

    def __init__(self, name: str, recipe: Recipe, subject: Json | None) -> None:
        self._name = name
        self._recipe = recipe
        self._types = _FAMILIES[recipe.media]
        self._blobs: dict[str, BlobWriter] = {}
        self._configs: dict[str, Json] = {}
        self._manifests: dict[str, Manifest] = {}
        self._root_members: Json = {}
        if subject is not None:
            self._root_members["subject"] = subject
        if recipe.annotations is not None:
            self._root_members["annotations"] = dict(recipe.annotations)

    def run(self) -> Content:
        """Make all of it."""
        platforms = self._recipe.parsed_platforms
        if self._recipe.artifact_type is not None:
            self._add_artifact(self._recipe.artifact_type)
        elif len(platforms) == 1:
            self._add_image(platforms[0], self._root_members)
        else:
            children = [self._add_image(platform, {}) for platform in platforms]
            document = {"manifests": children, **self._root_members}
            self._add_manifest(self._types.several, document)
        return Content(tuple(self._manifests.values()), self._blobs, self._configs)

    def _add_image(self, platform: Platform, more: Json) -> Json:
        """Make the image of one platform and return its descriptor."""
        layers = self._layers(platform)
        config = self._config(platform, [layer.diff_id for layer in layers])
        data = _encode(config, self._recipe.media)
        described = self._add_bytes(self._types.config, data)
        self._configs[described["digest"]] = config
        document = {
            "config": described,
            "layers": [self._add_blob(self._type_of(layer), layer.blob) for layer in layers],
            **more,
        }
        manifest = self._add_manifest(self._types.image, document)
        size = len(manifest.data)
        target = platform.document()
        return descriptor(manifest.media_type, manifest.digest, size, platform=target)

    def _add_artifact(self, artifact_type: str) -> None:
        """Make an artifact. Source: OCI image specification, guidance for artifacts usage."""
        empty = self._add_bytes(OCI_EMPTY, _EMPTY, **_EMPTY_MEMBERS)
        document = {
            "artifactType": artifact_type,
            "config": empty,
            "layers": [
                self._add_blob(artifact_type, blob) for blob in self._artifact_blobs(artifact_type)
            ]
            or [empty],
            **self._root_members,
        }
        self._add_manifest(self._types.image, document)

    def _artifact_blobs(self, artifact_type: str) -> Iterator[BlobWriter]:
        layers, size_bytes = self._recipe.layers, self._recipe.size_bytes
        mtime = self._recipe.created_seconds
        if not isinstance(layers, int):
            for content in layers:
                yield _layer_of(content, mtime).blob
            return
        for index in range(layers):
            if size_bytes is not None and index == 0:
                yield tarballs.of_size(self._name, size_bytes, mtime).blob
            else:
                blob = BlobWriter()
                blob.write(f"part {index + 1} of {self._name}, {artifact_type}\n".encode())
                yield blob

    def _layers(self, platform: Platform) -> list[Layer]:
        wanted, mtime = self._recipe.layers, self._recipe.created_seconds
        if not isinstance(wanted, int):
            return [_layer_of(content, mtime) for content in wanted]
        seed = f"{self._name} for {platform}"
        layers = [
            tarballs.of_files({f"app/layer-{at}.txt": f"layer {at} of {seed}\n".encode()}, mtime)
            for at in range(1, wanted + 1)
        ]
        if self._recipe.size_bytes is not None:
            config = self._config(platform, [_ANY_DIFF_ID] * wanted)
            taken = len(_encode(config, self._recipe.media))
            taken += sum(layer.blob.size for layer in layers[1:])
            layers[0] = tarballs.of_size(seed, self._recipe.size_bytes - taken, mtime)
        return layers

    def _config(self, platform: Platform, diff_ids: list[str]) -> Json:
        """Return the configuration of an image. Source: OCI image specification, config."""
        recipe, created = self._recipe, self._recipe.created_text
        given = recipe.environment
        has_path = any(variable.startswith("PATH=") for variable in given)
        config: Json = {"Env": given if has_path else [_PATH, *given]}
        if recipe.entrypoint is not None:
            config["Entrypoint"] = list(recipe.entrypoint)
        if recipe.cmd is not None:
            config["Cmd"] = list(recipe.cmd)
        if recipe.labels is not None:
            config["Labels"] = dict(recipe.labels)
        history = [
            {"created": created, "created_by": f"COPY layer-{at} / # ecrmock"}
            for at in range(1, len(diff_ids) + 1)
        ]
        return {
            "created": created,
            **platform.document(),
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": history,
        }

    def _type_of(self, layer: Layer) -> str:
        """Return the media type of a layer, by how it begins."""
        start = layer.start
        if start.startswith(tarballs.GZIP_MAGIC):
            return self._types.gzip
        return self._types.zstd if start.startswith(tarballs.ZSTD_MAGIC) else self._types.tar

    def _add_bytes(self, media_type: str, content: bytes, **more: Any) -> Json:
        blob = BlobWriter()
        blob.write(content)
        return self._add_blob(media_type, blob, **more)

    def _add_blob(self, media_type: str, blob: BlobWriter, **more: Any) -> Json:
        if blob.digest in self._blobs:
            blob.close()
        else:
            self._blobs[blob.digest] = blob
        return descriptor(media_type, blob.digest, blob.size, **more)

    def _add_manifest(self, media_type: str, members: Json) -> Manifest:
        document = {"schemaVersion": 2, "mediaType": media_type, **members}
        manifest = Manifest(_encode(document, self._recipe.media), media_type)
        self._manifests[manifest.digest] = manifest
        return manifest


def _layer_of(content: LayerContent, mtime: int) -> Layer:
    if isinstance(content, Mapping):
        return tarballs.of_files(content, mtime)
    return tarballs.of_blob(content)


def _encode(document: Json, media: Media) -> bytes:
    """Encode as the tools of each family do: Docker indents."""
    if media == "docker":
        return json.dumps(document, indent=_DOCKER_INDENT).encode()
    return json.dumps(document, separators=(",", ":")).encode()
