"""Putting an image into a repository, all of it or nothing.

The steps are those of a client: blobs, then manifests, children before their index, then tags.
What a step draws or publishes counts only when all have been taken.
"""

from __future__ import annotations

import copy
import dataclasses
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from ecrmock.core.bus import Bus
from ecrmock.ecr import deletion, images, layers, repositories
from ecrmock.ecr.errors import ImageAlreadyExistsException

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ecrmock.core import Core
    from ecrmock.ecr.state import Registry, Repository
    from ecrmock.images.content import Content, Manifest


def place(
    core: Core,
    registry: Registry,
    name: str,
    content: Content,
    *,
    tags: Sequence[str],
    pushed_at: datetime | None,
    create_repository: bool,
) -> None:
    """Store an image and point *tags* at it; what is there already is left as it is.

    Args:
        core: of the world.
        registry: where to.
        name: of the repository.
        content: the image; its blobs are taken out of it.
        tags: none for an untagged image.
        pushed_at: when all of the image counts as pushed; by default now.
        create_repository: whether to make the repository where there is none.

    Raises:
        AwsError: any that CreateRepository and PutImage answer; nothing has changed then.
    """
    is_new = create_repository and name not in registry.repositories
    draft = _draft(core, is_single=len(content.manifests) == 1 and len(tags) <= 1)
    with ExitStack() as undo:
        if is_new:
            repository = repositories.create(draft, registry, name)
            undo.callback(repositories.delete, draft, registry, name, force=True)
        else:
            repository = repositories.get(registry, name)
            undo.callback(_Before(draft, repository, content, tags).restore)
        for digest in list(content.blobs):
            layers.add(draft, repository, content.blobs.pop(digest))
        for child in content.manifests[:-1]:
            _put(draft, registry, repository, child, None)
        wanted: Sequence[str | None] = tags or [None]
        for tag in wanted:
            _put(draft, registry, repository, content.root, tag)
        undo.pop_all()
    if pushed_at is not None:
        for manifest in content.manifests:
            images.get(repository, manifest.digest, None).pushed_at = pushed_at
    for event in draft.bus.events:
        core.bus.publish(event)
    core.ids, core.timers = draft.ids, draft.timers


def _draft(core: Core, *, is_single: bool) -> Core:
    """Return a core whose events nobody sees, and whose ids and timers can be dropped.

    A single step draws and schedules nothing unless it is taken, so it needs no copies of those.
    """
    if is_single:
        return dataclasses.replace(core, bus=Bus())
    ids, timers = copy.deepcopy(core.ids), copy.deepcopy(core.timers)
    return dataclasses.replace(core, bus=Bus(), ids=ids, timers=timers)


def _put(
    draft: Core, registry: Registry, repository: Repository, manifest: Manifest, tag: str | None
) -> None:
    with suppress(ImageAlreadyExistsException):  # so that a push can be repeated
        images.put(
            draft,
            registry,
            repository,
            manifest.data.decode(),
            media_type=manifest.media_type,
            tag=tag,
            digest=manifest.digest,
        )


class _Before:
    """What a push may change of a repository that was there before it."""

    def __init__(
        self, draft: Core, repository: Repository, content: Content, tags: Sequence[str]
    ) -> None:
        self._draft = draft
        self._repository = repository
        self._content = content
        self._layers = [digest for digest in content.blobs if digest not in repository.layers]
        self._tags = {tag: repository.image_tags.get(tag) for tag in tags}
        self._next_image_seq = repository.next_image_seq
        found = [images.find(repository, each.digest, None) for each in content.manifests]
        found += [images.find(repository, None, tag) for tag in tags]
        known = [layer for digest in content.blobs if (layer := repository.layers.get(digest))]
        self._images = {image.digest for image in found if image is not None}
        touched: list[Any] = [image for image in found if image is not None]
        self._saved = [(each, copy.deepcopy(each)) for each in [*touched, *known]]

    def restore(self) -> None:
        """Make the repository what it was."""
        repository = self._repository
        for manifest in reversed(self._content.manifests):
            image = images.find(repository, manifest.digest, None)
            if image is not None and image.digest not in self._images:
                deletion.remove(self._draft, repository, image)
        for tag, seq in self._tags.items():
            if seq is None:
                repository.image_tags.pop(tag, None)
            else:
                repository.image_tags[tag] = seq
        for each, saved in self._saved:
            for field in dataclasses.fields(each):
                setattr(each, field.name, getattr(saved, field.name))
        deletion.drop_unused(self._draft, repository, self._layers)
        repository.next_image_seq = self._next_image_seq
