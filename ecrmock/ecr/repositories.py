"""Repositories: making, finding and deleting them, and their resource tags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ecrmock.core import Core, arn, tags
from ecrmock.ecr import mutability
from ecrmock.ecr.errors import (
    InvalidParameterException,
    InvalidTagParameterException,
    KmsException,
    RepositoryAlreadyExistsException,
    RepositoryNotEmptyException,
    RepositoryNotFoundException,
    TooManyTagsException,
)
from ecrmock.ecr.state import Encryption, EncryptionType, Mutability, Registry, Repository

_GOVCLOUD: Final = "aws-us-gov"
_MANAGED_ALIAS: Final = "alias/aws/ecr"


def get(registry: Registry, name: str) -> Repository:
    """Return the repository of that name.

    Raises:
        RepositoryNotFoundException: there is none in this registry.
    """
    found = registry.repositories.get(name)
    if found is None:
        raise RepositoryNotFoundException(name, registry.id)
    return found


def create(
    core: Core,
    registry: Registry,
    name: str,
    *,
    mode: Mutability = "MUTABLE",
    exclusion_filters: tuple[str, ...] | None = None,
    scan_on_push: bool = False,
    encryption_type: EncryptionType = "AES256",
    kms_key: str | None = None,
    resource_tags: Sequence[tuple[str, str]] = (),
) -> Repository:
    """Make an empty repository.

    Raises:
        RepositoryAlreadyExistsException: the name is taken.
        InvalidParameterException: filters or encryption do not fit each other.
        InvalidTagParameterException, TooManyTagsException: see `check_tags`.
        KmsException: the key is of another region.

    Source: ECR API reference, CreateRepository.
    """
    mutability.check_filters(mode, exclusion_filters)
    check_tags({}, resource_tags)
    _check_encryption(registry, encryption_type, kms_key)
    if name in registry.repositories:
        raise RepositoryAlreadyExistsException(name, registry.id)
    repository = Repository(
        name=name,
        registry_id=registry.id,
        arn=repository_arn(registry, name),
        created_at=core.clock.now,
        mutability=mode,
        exclusion_filters=exclusion_filters or (),
        scan_on_push=scan_on_push,
        encryption=_encryption(core, registry, encryption_type, kms_key),
        tags=dict(resource_tags),
    )
    registry.repositories.add(name, repository)
    registry.heard_of.add(name)
    return repository


def delete(core: Core, registry: Registry, name: str, *, force: bool = False) -> Repository:
    """Remove a repository and return it as it was.

    Raises:
        RepositoryNotFoundException: no repository of that name in this registry.
        RepositoryNotEmptyException: it holds images and *force* is false.

    Source: ECR API reference, DeleteRepository.
    """
    repository = get(registry, name)
    if len(repository.images) and not force:
        raise RepositoryNotEmptyException(name, registry.id)
    for digest in repository.layers:
        core.blobs.release(digest)
    for upload in [u for u in registry.uploads.values() if u.repository_name == name]:
        registry.uploads.pop(upload.id).writer.close()
    return registry.repositories.pop(name)


def check_tags(existing: dict[str, str], new: Sequence[tuple[str, str]]) -> None:
    """Refuse resource tags that a repository cannot take.

    Raises:
        InvalidTagParameterException: a key or value is not acceptable.
        TooManyTagsException: there would be more than 50.
    """
    problem = tags.find_problem(existing, new)
    if problem is tags.Problem.TOO_MANY:
        raise TooManyTagsException(tags.MAX_TAGS)
    if problem is not None:
        raise InvalidTagParameterException


def tag(repository: Repository, new: Sequence[tuple[str, str]]) -> None:
    """Add or overwrite resource tags. Source: ECR API reference, TagResource.

    Raises:
        InvalidTagParameterException, TooManyTagsException: see `check_tags`.
    """
    check_tags(repository.tags, new)
    repository.tags.update(new)


def untag(repository: Repository, keys: Sequence[str]) -> None:
    """Remove resource tags. Assumed: keys that are not there are passed over."""
    for key in keys:
        repository.tags.pop(key, None)


def repository_arn(registry: Registry, name: str) -> str:
    """Return the ARN that a repository of that name has, whether it is there or not."""
    partition = arn.partition_of(registry.region)
    return f"arn:{partition}:ecr:{registry.region}:{registry.id}:repository/{name}"


def registry_host(registry: Registry) -> str:
    """Return the host name under which Docker clients reach the registry."""
    return f"{registry.id}.dkr.ecr.{registry.region}.{arn.dns_suffix(registry.region)}"


def _check_encryption(registry: Registry, kind: EncryptionType, key: str | None) -> None:
    at = "encryptionConfiguration"
    if kind == "AES256" and key is not None:
        text = "Encryption key should not be set for AES256 encryption."
        raise InvalidParameterException(at, f"Invalid encryption configuration: {text}")
    if kind == "KMS_DSSE" and arn.partition_of(registry.region) != _GOVCLOUD:
        text = f"KMS_DSSE is not supported in {registry.region}."  # Assumed: the text for KMS_DSSE
        raise InvalidParameterException(at, f"Invalid encryption configuration: {text}")
    parsed = arn.parse(key) if key else None
    if parsed is not None and parsed.region != registry.region:
        raise KmsException(f"Invalid arn {parsed.region}", "NotFoundException")


def _encryption(
    core: Core, registry: Registry, kind: EncryptionType, key: str | None
) -> Encryption:
    """Resolve a key as ECR stores it: always the ARN of a key, never an alias."""
    if kind == "AES256":
        return Encryption()
    given = key or _MANAGED_ALIAS
    name = given.split(":")[-1].removeprefix("key/")
    if name.startswith("alias/"):  # an alias that nobody has made points to a key of its own
        if name not in registry.keys:
            registry.keys[name] = _key_arn(registry, core.ids.uuid())
        return Encryption(kind, registry.keys[name])
    return Encryption(kind, given if given.startswith("arn:") else _key_arn(registry, name))


def _key_arn(registry: Registry, key_id: str) -> str:
    partition = arn.partition_of(registry.region)
    return f"arn:{partition}:kms:{registry.region}:{registry.id}:key/{key_id}"
