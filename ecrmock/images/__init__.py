"""Floor 9: images for tests without a client: `aws.images.push(...)` and `aws.images.load(...)`.

Nothing of this goes through the journal, permissions or faults; the rules of the repository and
the events of a push are those that a client meets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecrmock.core.clock import to_datetime, to_ms
from ecrmock.core.errors import UsageError
from ecrmock.ecr import images, repositories
from ecrmock.gateway.passing import acting
from ecrmock.images import references
from ecrmock.images.placing import place
from ecrmock.images.recipe import CREATED, LayerContent, Media, Recipe

if TYPE_CHECKING:
    from ecrmock.images.content import Content
    from ecrmock.images.references import Place
    from ecrmock.steering import Home

__all__ = ["Images", "PushedImage"]


@dataclass(slots=True, frozen=True)
class PushedImage:
    """An image that is in a repository.

    Attributes:
        digest: of the manifest, or of the index where there are several platforms.
        repository: its name.
        registry_id: the account.
        region_name: the region.
        tags: those of this push.
        uri: names exactly this image, for example in a task definition.
        media_type: of the manifest or index.
        manifest: its exact bytes.
        platforms: the digest of the manifest to pull for each platform, for example
            `{"linux/amd64": "sha256:..."}`.
        layers: the digests of the layers in order; of several platforms one after the other.
        config: what the configuration says; of several platforms that of the first one.
    """

    digest: str
    repository: str
    registry_id: str
    region_name: str
    tags: tuple[str, ...]
    uri: str
    media_type: str
    manifest: bytes = field(repr=False)
    platforms: dict[str, str] = field(hash=False)
    layers: tuple[str, ...]
    config: dict[str, Any] = field(hash=False, repr=False)


class Images:
    """Makes images, and reads them from files, straight into repositories: `aws.images`."""

    def __init__(self, aws: Home) -> None:
        self._aws = aws

    def push(
        self,
        repository: str,
        *,
        tag: str | Sequence[str] | None = "latest",
        account_id: str | None = None,
        region_name: str | None = None,
        pushed_at: datetime | None = None,
        create_repository: bool = True,
        layers: int | Sequence[LayerContent] = 1,
        platforms: Sequence[str] = ("linux/amd64",),
        media: Media = "oci",
        created: datetime = CREATED,
        labels: Mapping[str, str] | None = None,
        env: Mapping[str, str] | Sequence[str] | None = None,
        cmd: Sequence[str] | None = None,
        entrypoint: Sequence[str] | None = None,
        annotations: Mapping[str, str] | None = None,
        artifact_type: str | None = None,
        subject: str | None = None,
        size_bytes: int | None = None,
    ) -> PushedImage:
        """Make a real image and push it.

        Its bytes follow from the arguments alone: the same arguments give the same digests, and
        another repository, tag or number of layers others. Pushed again, it is left as it is.

        Args:
            repository: a name, or a repositoryUri, whose account and region then count.
            tag: one tag, several, or None for an untagged image.
            account_id: by default the mock's.
            region_name: by default the mock's.
            pushed_at: what `imagePushedAt` shows; naive counts as UTC. By default now.
            create_repository: whether to make the repository where there is none.
            layers: how many small layers; or the contents, each the bytes of a finished layer or
                a dict of path and content.
            platforms: for example `["linux/amd64", "linux/arm64/v8"]`; of several an index is made.
            media: `oci`, or `docker` for schema 2 and manifest lists.
            created: when image and files were made; naive counts as UTC.
            labels: of the configuration.
            env: of the configuration, beside PATH: a dict, or a list of `NAME=value`.
            cmd: of the configuration.
            entrypoint: of the configuration.
            annotations: of the manifest, or of the index where there is one.
            artifact_type: makes an OCI artifact of this type instead, with the empty configuration;
                its layers are of this type, and texts where only their number is given.
            subject: the digest of the image of this repository that this one is about.
            size_bytes: makes the first layer so large that the image, of each platform, has about
                this size; what fills it cannot be compressed.

        Raises:
            UsageError: an argument has a value that it cannot have; the text says what it can.
            AwsError: what the repository refuses, for example ImageTagAlreadyExistsException.
        """
        recipe = Recipe(
            layers=layers,
            platforms=platforms,
            media=media,
            created=created,
            labels=labels,
            env=env,
            cmd=cmd,
            entrypoint=entrypoint,
            annotations=annotations,
            artifact_type=artifact_type,
            subject=subject,
            size_bytes=size_bytes,
        )
        at, tags = self._find_place(repository, account_id, region_name), references.read_tags(tag)
        about = None if subject is None else self._describe(at, subject)

        def make() -> Content:
            from ecrmock.images import build

            return build.image(":".join((at.name, ",".join(tags))), recipe, about)

        return self._store(at, tags, pushed_at, create_repository, make)

    def load(
        self,
        path: str | os.PathLike[str],
        reference: str,
        *,
        image: str | None = None,
        account_id: str | None = None,
        region_name: str | None = None,
        pushed_at: datetime | None = None,
        create_repository: bool = True,
    ) -> PushedImage:
        """Push an image from an OCI image layout, or from what `docker save` wrote.

        Args:
            path: a folder, a tar file, or one packed with gzip.
            reference: where to: `team/app:v1`, `team/app` for an untagged image, or either after
                the host of a registry, whose account and region then count.
            image: which one, where *path* holds several: its name there, or its digest.
            account_id: by default the mock's.
            region_name: by default the mock's.
            pushed_at: what `imagePushedAt` shows; naive counts as UTC. By default now.
            create_repository: whether to make the repository where there is none.

        Raises:
            UsageError: an argument has a value that it cannot have, or *path* holds something that
                is not accepted or damaged; the text says what was found and what is accepted.
            AwsError: what the repository refuses, for example ImageTagAlreadyExistsException.
        """
        name, tag = references.split_tag(reference)
        at, tags = self._find_place(name, account_id, region_name), references.read_tags(tag)
        if image is not None and not isinstance(image, str):
            raise UsageError(f"image is {image!r}; give a name or digest, or None")
        source = _path(path)

        def make() -> Content:
            from ecrmock.images import archive

            return archive.read(source, image)

        return self._store(at, tags, pushed_at, create_repository, make)

    def _find_place(self, name: object, account_id: object, region_name: object) -> Place:
        default = references.Registry(self._aws.account_id, self._aws.region_name)
        return references.find_place(name, account_id, region_name, default)

    def _describe(self, at: Place, digest: str) -> dict[str, Any]:
        """Describe the image that another one is about.

        Raises:
            UsageError: the repository does not have it.
        """
        with self._aws.gateway.lock:
            registry = self._aws.gateway.world.registries.get((at.account_id, at.region_name))
            home = None if registry is None else registry.repositories.get(at.name)
            found = None if home is None else images.find(home, digest, None)
        if found is None:
            raise UsageError(
                f"subject is {digest!r}, which is no image of {at.name!r}; push it there first"
            )
        from ecrmock.images import build

        return build.descriptor(found.media_type or "", digest, len(found.manifest.encode()))

    def _store(
        self,
        at: Place,
        tags: tuple[str, ...],
        pushed_at: datetime | None,
        create_repository: object,
        make: Callable[[], Content],
    ) -> PushedImage:
        """Make content and push it; the bytes are made before the world is locked."""
        if type(create_repository) is not bool:
            raise UsageError(f"create_repository is {create_repository!r}; give True or False")
        moment = _moment(pushed_at)
        content = make()
        try:
            with acting(self._aws.gateway) as world:
                registry = world.registry(at.account_id, at.region_name)
                place(
                    world.core,
                    registry,
                    at.name,
                    content,
                    tags=tags,
                    pushed_at=moment,
                    create_repository=create_repository,
                )
        finally:
            content.close()
        root = content.root
        return PushedImage(
            digest=root.digest,
            repository=at.name,
            registry_id=at.account_id,
            region_name=at.region_name,
            tags=tags,
            uri=f"{repositories.registry_host(registry)}/{at.name}@{root.digest}",
            media_type=root.media_type,
            manifest=root.data,
            platforms=content.platforms,
            layers=content.layers,
            config=content.config,
        )


def _moment(pushed_at: object) -> datetime | None:
    if pushed_at is None:
        return None
    if not isinstance(pushed_at, datetime):
        raise UsageError(f"pushed_at is {pushed_at!r}; give a datetime; naive ones count as UTC")
    return to_datetime(to_ms(pushed_at))


def _path(path: object) -> Path:
    given = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(given, str):
        raise UsageError(f"path is {path!r}; give the path of a folder or file as a text")
    return Path(given)
