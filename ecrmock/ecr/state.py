"""What a registry holds.

A registry is one account in one region. Aggregates know each other by name or digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from ecrmock.core.sorted_map import SortedMap

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core.blobs import BlobWriter
    from ecrmock.iam.documents import Policy

EncryptionType = Literal["AES256", "KMS", "KMS_DSSE"]
Mutability = Literal["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"]


@dataclass(slots=True, frozen=True)
class Encryption:
    """How a repository is encrypted at rest; fixed when it is made."""

    type: EncryptionType = "AES256"
    kms_key: str | None = None


@dataclass(slots=True)
class Layer:
    """A blob of one repository: a layer or an image's configuration."""

    digest: str
    size_bytes: int
    media_type: str | None = None
    image_count: int = 0
    """How many images of the repository refer to it."""
    unused_since_ms: int = 0
    """When its last image went away, in milliseconds since the epoch."""


@dataclass(slots=True)
class Image:
    """A manifest by the digest of its exact bytes, and the tags that point to it."""

    seq: int
    """The place in the order in which images came to the repository."""
    digest: str
    manifest: str
    media_type: str | None
    artifact_media_type: str | None
    size_bytes: int
    layers: tuple[str, ...]
    children: tuple[str, ...]
    """The digests of the manifests that an index or manifest list refers to."""
    pushed_at: datetime
    subject_digest: str | None = None
    tags: list[str] = field(default_factory=list)
    last_pulled_at: datetime | None = None


@dataclass(slots=True)
class Repository:
    """A named collection of images, with the layers that they are made of."""

    name: str
    registry_id: str
    arn: str
    created_at: datetime
    mutability: Mutability = "MUTABLE"
    exclusion_filters: tuple[str, ...] = ()
    scan_on_push: bool = False
    encryption: Encryption = field(default_factory=Encryption)
    tags: dict[str, str] = field(default_factory=dict)
    images: SortedMap[int, Image] = field(default_factory=SortedMap)
    digests: dict[str, int] = field(default_factory=dict)
    image_tags: dict[str, int] = field(default_factory=dict)
    parents: dict[str, list[str]] = field(default_factory=dict)
    """Which indexes refer to a manifest: the digest of the child to those of its indexes."""
    referrers: dict[str, list[int]] = field(default_factory=dict)
    """Which images name a manifest as their subject: its digest to their places in the order."""
    layers: dict[str, Layer] = field(default_factory=dict)
    policy: Policy | None = None
    policy_text: str | None = None
    next_image_seq: int = 0


@dataclass(slots=True)
class Upload:
    """A layer that is coming in part by part."""

    id: str
    repository_name: str
    writer: BlobWriter
    part_count: int = 0
    first_part_bytes: int = 0
    is_last_small: bool = False
    """Whether the part that came last is below the least size, as only the last may be."""
    is_short: bool = False
    """Whether a part before the last was below the least size."""


@dataclass(slots=True)
class Registry:
    """The private registry of one account in one region."""

    id: str
    region: str
    repositories: SortedMap[str, Repository] = field(default_factory=SortedMap)
    heard_of: set[str] = field(default_factory=set)
    """The names of all repositories that there ever were."""
    uploads: dict[str, Upload] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    """The account settings that were changed, by name."""
    keys: dict[str, str] = field(default_factory=dict)
    """The ARNs of the KMS keys behind the aliases that were used here."""
