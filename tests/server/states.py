"""What a world remembers, as plain data to compare, and what must hold of it at any moment."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecrmock import Server
    from ecrmock.core.blobs import BlobStore
    from ecrmock.ecr.state import Image, Registry, Repository

SMALL = 1 << 16


def digest_of(data: bytes) -> str:
    """Return the digest under which a registry keeps bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def fingerprint(server: Server) -> dict[str, Any]:
    """Return all that the world of a server remembers, but for the time and the last pulls."""
    world = server.aws.snapshot().world
    return {
        "registries": _plain([r for r in world.registries.values() if _is_used(r)]),
        "clusters": _plain([region for region in world.ecs_regions.values() if region.clusters]),
        "blobs": dict(world.core.blobs._holders),
        "events": [event.envelope() for event in world.core.bus.events],
    }


def counts(server: Server) -> dict[str, int]:
    """Return how many of each thing there are, over all accounts and regions."""
    world = server.aws.snapshot().world
    repositories = [r for g in world.registries.values() for r in _repositories(g)]
    return {
        "repositories": len(repositories),
        "images": sum(len(repository.images) for repository in repositories),
        "tags": sum(len(repository.image_tags) for repository in repositories),
        "layers": sum(len(repository.layers) for repository in repositories),
        "uploads": sum(len(registry.uploads) for registry in world.registries.values()),
        "blobs": len(world.core.blobs),
    }


def uploads(server: Server) -> list[tuple[str, str]]:
    """Return the repository and the id of each upload that goes on."""
    world = server.aws.snapshot().world
    found = [u for registry in world.registries.values() for u in registry.uploads.values()]
    return sorted((upload.repository_name, upload.id) for upload in found)


def assert_sound(server: Server) -> None:
    """Fail when anything refers to what is not there, or is not what its digest says."""
    world = server.aws.snapshot().world
    for registry in world.registries.values():
        for repository in _repositories(registry):
            _assert_repository(repository, world.core.blobs)
        for upload in registry.uploads.values():
            assert upload.repository_name in registry.repositories, "an upload into nothing"
            assert not upload.writer._file.closed, "an upload that cannot go on"
    every = [r for registry in world.registries.values() for r in _repositories(registry)]
    held = Counter(digest for repository in every for digest in repository.layers)
    assert world.core.blobs._holders == dict(held), "blobs are held by other than layers"


def _assert_repository(repository: Repository, blobs: BlobStore) -> None:
    images = {seq: repository.images[seq] for seq in repository.images}
    assert {image.digest: seq for seq, image in images.items()} == repository.digests
    tags = {tag: seq for seq, image in images.items() for tag in image.tags}
    assert tags == repository.image_tags, "tags and images disagree"
    assert sum(len(image.tags) for image in images.values()) == len(tags), "a tag is on two images"
    for image in images.values():
        _assert_image(image, repository)
    used = Counter(digest for image in images.values() for digest in set(image.layers))
    for digest, layer in repository.layers.items():
        assert (digest, layer.size_bytes) == (layer.digest, blobs.get(digest).size)
        assert layer.image_count == used[digest], f"{digest} is used {used[digest]} times"
        if layer.size_bytes <= SMALL:
            assert digest_of(blobs.get(digest).read()) == digest


def _assert_image(image: Image, repository: Repository) -> None:
    assert image.digest == digest_of(image.manifest.encode()), "the digest is not the manifest's"
    assert set(image.layers) <= set(repository.layers), "an image lacks layers"
    assert set(image.children) <= set(repository.digests), "an index lacks images"
    assert isinstance(image.size_bytes, int)


def _repositories(registry: Registry) -> list[Repository]:
    return [registry.repositories[name] for name in registry.repositories]


def _is_used(registry: Registry) -> bool:
    """Tell whether it holds anything: a registry comes to be with the first look at it."""
    return bool(len(registry.repositories) or registry.uploads or registry.settings)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        shown = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        shown.pop("last_pulled_at", None)
        return shown
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "digest") and hasattr(value, "write"):
        return value.digest, value.size  # an upload's bytes so far
    if hasattr(value, "_values"):
        return {key: _plain(each) for key, each in value._values.items()}
    return value
