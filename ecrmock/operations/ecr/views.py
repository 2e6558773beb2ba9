"""What ECR shows of its state. Views copy: a reply shares nothing with the state."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        ImageDetailTypeDef,
        ImageTagMutabilityExclusionFilterTypeDef,
        ImageTypeDef,
        RepositoryTypeDef,
    )

    from ecrmock.ecr.conversion import Given
    from ecrmock.ecr.state import Image, Repository


def repository(found: Repository, host: str) -> RepositoryTypeDef:
    """Show a repository of the registry at *host*. Source: ECR API reference, Repository."""
    shown: RepositoryTypeDef = {
        "repositoryArn": found.arn,
        "registryId": found.registry_id,
        "repositoryName": found.name,
        "repositoryUri": f"{host}/{found.name}",
        "createdAt": found.created_at,
        "imageTagMutability": found.mutability,
        "imageScanningConfiguration": {"scanOnPush": found.scan_on_push},
        "encryptionConfiguration": {"encryptionType": found.encryption.type},
    }
    if found.encryption.kms_key is not None:
        shown["encryptionConfiguration"]["kmsKey"] = found.encryption.kms_key
    if found.exclusion_filters:
        shown["imageTagMutabilityExclusionFilters"] = exclusion_filters(found)
    return shown


def exclusion_filters(found: Repository) -> list[ImageTagMutabilityExclusionFilterTypeDef]:
    """Show which tags are exempt. Source: ECR API, ImageTagMutabilityExclusionFilter."""
    return [{"filterType": "WILDCARD", "filter": pattern} for pattern in found.exclusion_filters]


def image(home: Repository, found: Image | Given, tag: str | None) -> ImageTypeDef:
    """Show an image with its manifest, under one tag. Source: ECR API reference, Image."""
    shown: ImageTypeDef = {
        "registryId": home.registry_id,
        "repositoryName": home.name,
        "imageId": {"imageDigest": found.digest},
        "imageManifest": found.manifest,
    }
    if tag is not None:
        shown["imageId"]["imageTag"] = tag
    if found.media_type is not None:
        shown["imageManifestMediaType"] = found.media_type
    return shown


def image_detail(home: Repository, found: Image) -> ImageDetailTypeDef:
    """Show what is known of an image. Source: ECR API reference, ImageDetail."""
    shown: ImageDetailTypeDef = {
        "registryId": home.registry_id,
        "repositoryName": home.name,
        "imageDigest": found.digest,
        "imageSizeInBytes": found.size_bytes,
        "imagePushedAt": found.pushed_at,
        "imageStatus": "ACTIVE",
    }
    if found.tags:
        shown["imageTags"] = list(found.tags)
    if found.media_type is not None:
        shown["imageManifestMediaType"] = found.media_type
    if found.artifact_media_type is not None:
        shown["artifactMediaType"] = found.artifact_media_type
    if found.subject_digest is not None:
        shown["subjectManifestDigest"] = found.subject_digest
    if found.last_pulled_at is not None:
        shown["lastRecordedPullTime"] = found.last_pulled_at
    return shown
