"""References to images as container definitions and clients write them.

Source: distribution reference grammar; ECS API reference, ContainerDefinition.image.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from ecrmock.core import hosts

DEFAULT_TAG: Final = "latest"


class Reference(NamedTuple):
    """An image in a registry."""

    host: str
    """The registry with its port; empty for Docker Hub."""
    repository: str
    tag: str | None
    """Which one is meant when there is no digest; `latest` when the reference says neither."""
    digest: str | None
    account_id: str | None
    """Whose ECR it is in; None for a registry that is not ECR."""
    region: str | None

    @property
    def is_ecr(self) -> bool:
        """Whether the image is in a private ECR registry."""
        return self.account_id is not None

    @property
    def selector(self) -> str:
        """What picks the image in its repository: its digest, else its tag."""
        return self.digest or self.tag or DEFAULT_TAG


@lru_cache(maxsize=1024)
def parse(text: str) -> Reference:
    """Take a reference apart."""
    name, _, digest = text.partition("@")
    first, slash, rest = name.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    host, path = (first, rest) if is_host else ("", name)
    before, colon, tag = path.rpartition(":")
    repository = before if colon else path
    chosen = tag if colon else None if digest else DEFAULT_TAG
    place = hosts.parse(host) if host else hosts.Place()
    return Reference(host, repository, chosen, digest or None, place.account_id, place.region)
