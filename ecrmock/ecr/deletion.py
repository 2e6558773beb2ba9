"""How images, tags and unused layers go away.

Source: ECR API reference, BatchDeleteImage; ECR user guide, deleting an image. Assumed: what no
image refers to any more is dropped a day after its last image went.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from ecrmock.ecr import images
from ecrmock.ecr.images import Failure

if TYPE_CHECKING:
    from ecrmock.core import Core
    from ecrmock.ecr.state import Image, Registry, Repository

DROP_LAYERS: Final = "ecr.drop_unused_layers"
_UNUSED_LIFE_MS: Final = 24 * 60 * 60 * 1000


class Id(NamedTuple):
    """An image as a request names it."""

    digest: str | None
    tag: str | None


class Outcome(NamedTuple):
    """What became of one id: what was removed, or why nothing was."""

    wanted: Id
    removed: tuple[Id, ...] = ()
    failure: Failure | None = None


def delete(
    core: Core, registry: Registry, repository: Repository, wanted: Sequence[Id]
) -> list[Outcome]:
    """Remove tags, and images by digest or with their last tag.

    An image that an index refers to stays; whether one does is judged as of the beginning, so an
    index and its children cannot go in one call. An id that comes twice counts once.
    """
    unique = list(dict.fromkeys(wanted))
    kept = {d: tuple(parents) for d, parents in _parents_of(repository, unique)}
    return [_delete_one(core, registry, repository, each, kept) for each in unique]


def remove(core: Core, repository: Repository, image: Image) -> None:
    """Take an image and its tags out of the repository; its layers stay for now."""
    for tag in image.tags:
        del repository.image_tags[tag]
    image.tags.clear()
    repository.images.pop(image.seq)
    del repository.digests[image.digest]
    for child in image.children:
        repository.parents[child].remove(image.digest)
        if not repository.parents[child]:
            del repository.parents[child]
    if image.subject_digest is not None:
        repository.referrers[image.subject_digest].remove(image.seq)
    for digest in image.layers:
        layer = repository.layers[digest]
        layer.image_count -= 1
        layer.unused_since_ms = core.clock.now_ms


def drop_unused(core: Core, repository: Repository, digests: Iterable[str]) -> None:
    """Drop those of the layers that no image refers to."""
    for digest in digests:
        layer = repository.layers.get(digest)
        if layer is not None and not layer.image_count:
            del repository.layers[digest]
            core.blobs.release(digest)


def drop_expired(core: Core, repository: Repository) -> None:
    """Drop the layers whose last image went away a day ago or earlier."""
    latest = core.clock.now_ms - _UNUSED_LIFE_MS
    expired = [d for d, layer in repository.layers.items() if 0 < layer.unused_since_ms <= latest]
    drop_unused(core, repository, expired)


def _parents_of(
    repository: Repository, wanted: Iterable[Id]
) -> Iterable[tuple[str, Sequence[str]]]:
    for digest, tag in wanted:
        image = images.find(repository, digest, tag)
        if image is not None and image.digest in repository.parents:
            yield image.digest, repository.parents[image.digest]


def _delete_one(
    core: Core,
    registry: Registry,
    repository: Repository,
    wanted: Id,
    kept: dict[str, tuple[str, ...]],
) -> Outcome:
    image = images.look_up(repository, wanted.digest, wanted.tag)
    if isinstance(image, Failure):
        return Outcome(wanted, failure=image)
    tags: list[str] = [*image.tags] if wanted.tag is None else [wanted.tag]
    is_last = len(tags) == len(image.tags)
    if is_last and image.digest in kept:
        text = f"Requested image referenced by manifest list: [{', '.join(kept[image.digest])}]"
        return Outcome(wanted, failure=Failure("ImageReferencedByManifestList", text))
    if is_last:
        remove(core, repository, image)
        _schedule_drop(core, registry, repository)
    else:
        image.tags.remove(tags[0])
        del repository.image_tags[tags[0]]
    shown: list[str | None] = [*tags] or [None]
    for tag in shown:
        images.publish(core, registry, repository, image, tag=tag, action="DELETE")
    return Outcome(wanted, tuple(Id(image.digest, tag) for tag in shown))


def _schedule_drop(core: Core, registry: Registry, repository: Repository) -> None:
    core.timers.schedule_appointment(
        DROP_LAYERS,
        core.clock.now_ms + _UNUSED_LIFE_MS,
        account_id=registry.id,
        region=registry.region,
        repository_name=repository.name,
    )
