"""Images from outside: an OCI image layout, or what `docker save` writes.

Every byte is checked against its digest while it is read. Where an archive holds an image in both
forms, as newer versions of Docker write it, the layout counts.
Source: OCI image specification, image layout; Docker image specification 1.2, combined image.
"""

from __future__ import annotations

import json
import re
import zlib
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

from ecrmock.core.blobs import BlobWriter
from ecrmock.core.digest import is_sha256, sha256
from ecrmock.ecr.manifests import DOCKER_IMAGE, INDEX_TYPES, MAX_LAYERS, OCI_IMAGE
from ecrmock.images import build, tarballs
from ecrmock.images.content import CONFIG_TYPES, DOCKER_CONFIG, Content, Json, Manifest
from ecrmock.images.files import Files, open_tree

if TYPE_CHECKING:
    from pathlib import Path

MAX_DOCUMENT: Final = 4_194_304
"""The most bytes of a JSON document. Source: ECR service model, ImageManifest."""
MAX_DEPTH: Final = 8
"""Assumed: indexes in indexes, deeper than this, are no image."""

_LAYOUT: Final = "index.json"
_SAVED: Final = "manifest.json"
_VERSION_FILE: Final = "oci-layout"
_REF_NAME: Final = "org.opencontainers.image.ref.name"
_IMAGE_NAME: Final = "io.containerd.image.name"
_HUB: Final = ("docker.io/library/", "docker.io/")
_LATEST: Final = ":latest"
_SHOWN: Final = 100
_CONFIG_NAME: Final = re.compile(r"(?:.*[/:])?([0-9a-f]{64})(?:\.json)?")


class _Descriptor(NamedTuple):
    """A reference to a blob, checked."""

    digest: str
    size_bytes: int
    media_type: str | None
    is_elsewhere: bool

    @property
    def path(self) -> str:
        """Where a layout has the blob."""
        return f"blobs/{self.digest.replace(':', '/')}"


class _Choice(NamedTuple):
    """One image of those that an archive holds."""

    key: str
    names: list[str]
    found: Any


def read(path: Path, image: str | None = None) -> Content:
    """Read one image, with all that belongs to it.

    Args:
        path: a folder or file.
        image: the name or digest of the image; needed where there are several.

    Raises:
        UsageError: it is not what is accepted, is damaged, or holds no or several such images.
    """
    with open_tree(path) as files, ExitStack() as undo:
        reader: _Layout | _Saved
        if files.has(_LAYOUT):
            reader = _Layout(files)
        elif files.has(_SAVED):
            reader = _Saved(files)
        else:
            found = files.show_top()
            raise files.refuse(f"it has neither {_LAYOUT!r} nor {_SAVED!r}, but {found}")
        undo.callback(reader.close)
        content = reader.read(image)
        undo.pop_all()
        return content


class _Reader:
    """What has been read so far of one image."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.blobs: dict[str, BlobWriter] = {}
        self.configs: dict[str, Json] = {}

    def close(self) -> None:
        """Drop what has been read."""
        for blob in self.blobs.values():
            blob.close()

    def choose(self, choices: list[_Choice], wanted: str | None) -> Any:
        """Return the one image that is wanted."""
        matching = [each for each in choices if wanted is None or _is_called(each, wanted)]
        unique = {each.key: each for each in matching}
        if len(unique) == 1:
            return matching[0].found
        listed = "; ".join(_show(each) for each in choices) or "none"
        if wanted is None:
            found = f"{len(unique)} images, and image= names none of them"
        else:
            found = f"{len(unique)} images called {wanted!r}"
        raise self.files.refuse(f"it holds {found}; there are: {listed}")

    def parse(self, name: str, data: bytes, kind: type[Any] = dict) -> Any:
        """Return the JSON object, or list, of a document."""
        try:
            document = json.loads(data.decode())
        except (ValueError, RecursionError) as error:
            text = f"{type(error).__name__}: {str(error)[:200]}"
            raise self.files.refuse(f"{name!r} is no JSON that can be read ({text})") from None
        if not isinstance(document, kind):
            wanted = "object" if kind is dict else "list"
            raise self.files.refuse(f"{name!r} holds no JSON {wanted}")
        return document

    def add_config(self, name: str, digest: str, data: bytes) -> Json:
        """Keep what a configuration says."""
        config: Json = self.parse(name, data)
        self.configs[digest] = config
        return config


class _Layout(_Reader):
    """An OCI image layout."""

    def __init__(self, files: Files) -> None:
        super().__init__(files)
        self.manifests: dict[str, Manifest] = {}

    def read(self, image: str | None) -> Content:
        """Read the image that is wanted."""
        if self.files.has(_VERSION_FILE):
            data = self.files.read(_VERSION_FILE, MAX_DOCUMENT)
            version = self.parse(_VERSION_FILE, data).get("imageLayoutVersion")
            if not isinstance(version, str) or not version.startswith("1."):
                raise self.files.refuse(f"it is a layout of version {version!r}, not of 1.0.0")
        index = self.parse(_LAYOUT, self.files.read(_LAYOUT, MAX_DOCUMENT))
        choices = []
        for entry in self._list(_LAYOUT, index, "manifests"):
            described = self._descriptor(_LAYOUT, entry)
            choices.append(_Choice(described.digest, _names_of(entry), described))
        self._add(self.choose(choices, image), 0)
        return Content(tuple(self.manifests.values()), self.blobs, self.configs)

    def _add(self, described: _Descriptor, depth: int) -> None:
        """Read a manifest, after its children and blobs."""
        name = described.path
        if described.digest in self.manifests:
            return
        if depth > MAX_DEPTH:
            raise self.files.refuse(f"{name!r} is an index in more than {MAX_DEPTH} indexes")
        data = self._read(described)
        document = self.parse(name, data)
        kind = described.media_type or document.get("mediaType")
        if kind in INDEX_TYPES:
            for entry in self._list(name, document, "manifests"):
                self._add(self._descriptor(name, entry), depth + 1)
        elif kind in (OCI_IMAGE, DOCKER_IMAGE):
            self._add_blobs(name, document)
        else:
            accepted = ", ".join(sorted({*INDEX_TYPES, OCI_IMAGE, DOCKER_IMAGE}))
            raise self.files.refuse(f"{name!r} is a {kind!r}, not one of {accepted}")
        self.manifests[described.digest] = Manifest(data, kind)

    def _add_blobs(self, name: str, document: Json) -> None:
        """Read the configuration and the layers of a manifest."""
        entries = self._list(name, document, "layers")
        if "config" in document:
            config = self._descriptor(name, document["config"])
            self._add_blob(config)
            if config.media_type in CONFIG_TYPES:
                self.add_config(config.path, config.digest, self._read(config))
        for entry in entries:
            self._add_blob(self._descriptor(name, entry))

    def _add_blob(self, described: _Descriptor) -> None:
        if described.digest in self.blobs:
            return
        if described.is_elsewhere and not self.files.has(described.path):
            return
        blob = self.blobs[described.digest] = BlobWriter()
        for piece in self.files.pieces(described.path):
            blob.write(piece)
            if blob.size > described.size_bytes:
                break
        self._check(described, blob.digest, blob.size)

    def _read(self, described: _Descriptor) -> bytes:
        """Return a blob that is a document."""
        data = self.files.read(described.path, MAX_DOCUMENT)
        self._check(described, sha256(data), len(data))
        return data

    def _check(self, described: _Descriptor, digest: str, size_bytes: int) -> None:
        """Refuse bytes that are not those of their descriptor."""
        name = described.path
        if size_bytes != described.size_bytes:
            found = "more" if size_bytes > described.size_bytes else str(size_bytes)
            wanted = f"the {described.size_bytes} that its descriptor says"
            raise self.files.refuse(f"{name!r} has {found} bytes, not {wanted}")
        if digest != described.digest:
            raise self.files.refuse(f"{name!r} holds bytes with the digest {digest}")

    def _list(self, name: str, document: Json, member: str) -> list[Any]:
        found = document.get(member)
        if not isinstance(found, list):
            raise self.files.refuse(f"{name!r} has no list {member!r}")
        return found

    def _descriptor(self, name: str, entry: Any) -> _Descriptor:
        """Read a descriptor. Source: OCI image specification, descriptors."""
        if not isinstance(entry, dict):
            raise self.files.refuse(f"{name!r} has a descriptor that is no JSON object")
        digest, size, kind = (entry.get(each) for each in ("digest", "size", "mediaType"))
        if not isinstance(digest, str) or not is_sha256(digest):
            shown = repr(digest)[:_SHOWN]
            raise self.files.refuse(f"{name!r} has a descriptor with the digest {shown}, no sha256")
        if type(size) is not int or size < 0:
            shown = repr(size)[:_SHOWN]
            raise self.files.refuse(f"{name!r} has a descriptor with the size {shown}")
        media_type = kind if isinstance(kind, str) else None
        return _Descriptor(digest, size, media_type, bool(entry.get("urls")))


class _Saved(_Reader):
    """What `docker save` writes: a configuration, and layers as plain tar files."""

    def read(self, image: str | None) -> Content:
        """Make the image that is wanted what `docker push` makes of it."""
        entries = self.parse(_SAVED, self.files.read(_SAVED, MAX_DOCUMENT), list)
        config_name, layer_names = self.choose([self._choice(each) for each in entries], image)
        data = self.files.read(config_name, MAX_DOCUMENT)
        digest = sha256(data)
        named = _CONFIG_NAME.fullmatch(config_name)
        if named is not None and digest != f"sha256:{named[1]}":
            raise self.files.refuse(f"{config_name!r} holds bytes with the digest {digest}")
        config = self.add_config(config_name, digest, data)
        diff_ids = self._diff_ids(config_name, config, len(layer_names))
        blob = self.blobs[digest] = BlobWriter()
        blob.write(data)
        described = {
            diff_id: self._add_layer(name, diff_id)
            for diff_id, name in dict(zip(diff_ids, layer_names, strict=True)).items()
        }
        manifest = build.docker_image(
            build.descriptor(DOCKER_CONFIG, digest, len(data)),
            [described[diff_id] for diff_id in diff_ids],
        )
        return Content((manifest,), self.blobs, self.configs)

    def _choice(self, entry: Any) -> _Choice:
        """Read an entry of the list of images."""
        entry = entry if isinstance(entry, dict) else {}
        config, layers, tags = (entry.get(each) for each in ("Config", "Layers", "RepoTags"))
        if not isinstance(config, str) or not _is_texts(layers) or not _is_texts(tags or []):
            text = "an image without Config, Layers or RepoTags as texts"
            raise self.files.refuse(f"{_SAVED!r} lists {text}")
        if len(layers) > MAX_LAYERS:
            raise self.files.refuse(f"{_SAVED!r} lists an image of more than {MAX_LAYERS} layers")
        named = _CONFIG_NAME.fullmatch(config)
        key = config if named is None else f"sha256:{named[1]}"
        return _Choice(key, tags or [], (config, layers))

    def _diff_ids(self, name: str, config: Json, count: int) -> list[str]:
        """Return the digests that the configuration gives of its layers."""
        rootfs = config.get("rootfs")
        diff_ids = rootfs.get("diff_ids") if isinstance(rootfs, dict) else None
        if not _is_texts(diff_ids) or len(diff_ids) != count:
            raise self.files.refuse(f"{name!r} has no rootfs.diff_ids for each of {count} layers")
        return list(diff_ids)

    def _add_layer(self, name: str, diff_id: str) -> Json:
        """Pack a layer, unless it is packed, and return its descriptor."""
        blob = BlobWriter()
        pieces = self.files.pieces(name)
        first = next(pieces, b"")
        is_packed = first.startswith(tarballs.GZIP_MAGIC)
        inside = (tarballs.Unpacked if is_packed else tarballs.Packed)(blob)
        try:
            for piece in chain((first,), pieces):
                inside.write(piece)
            found = inside.finish()
        except zlib.error as error:
            raise self.files.refuse(f"{name!r} is damaged gzip: {error}") from error
        if found != diff_id:
            blob.close()
            shown = diff_id[:_SHOWN]
            raise self.files.refuse(f"{name!r} holds a layer with the digest {found}, not {shown}")
        self.blobs[blob.digest] = blob
        return build.docker_layer(blob)


def _names_of(entry: Json) -> list[str]:
    """Return the names that an entry of a layout's index has."""
    annotations = entry.get("annotations")
    found = annotations if isinstance(annotations, dict) else {}
    names = (found.get(each) for each in (_IMAGE_NAME, _REF_NAME))
    return [name for name in names if isinstance(name, str)]


def _is_called(choice: _Choice, wanted: str) -> bool:
    return wanted == choice.key or _familiar(wanted) in map(_familiar, choice.names)


def _familiar(name: str) -> str:
    """Return a name without what Docker leaves out when it shows one."""
    for prefix in _HUB:
        name = name.removeprefix(prefix)
    return name.removesuffix(_LATEST)


def _show(choice: _Choice) -> str:
    return f"{' or '.join(map(repr, choice.names)) or 'one without a name'} ({choice.key})"


def _is_texts(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
