"""The errors of Amazon ECR, each named as its code and owning its sentence.

Source: texts captured from the service and quoted in public issues; `Assumed:` where unseen.
ECR says `in the registry with id` in some sentences and `in registry with id` in others.
"""

from __future__ import annotations

from collections.abc import Iterable

from ecrmock.core.errors import AwsError


class InvalidParameterException(AwsError):
    """A parameter breaks a rule of the service."""

    def __init__(self, parameter: str, constraint: str) -> None:
        super().__init__(
            f"Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"
        )


class RepositoryNotFoundException(AwsError):
    """No repository of that name in the registry."""

    def __init__(self, name: str, registry_id: str) -> None:
        super().__init__(
            f"The repository with name '{name}' does not exist in the registry with id "
            f"'{registry_id}'"
        )


class RepositoryAlreadyExistsException(AwsError):
    """The name is taken."""

    def __init__(self, name: str, registry_id: str) -> None:
        super().__init__(
            f"The repository with name '{name}' already exists in the registry with id "
            f"'{registry_id}'"
        )


class RepositoryNotEmptyException(AwsError):
    """The repository holds images and the deletion is not forced."""

    def __init__(self, name: str, registry_id: str) -> None:
        super().__init__(
            f"The repository with name '{name}' in registry with id '{registry_id}' cannot be "
            f"deleted because it still contains images"
        )


class InvalidTagParameterException(AwsError):
    """A resource tag is not acceptable."""

    def __init__(self) -> None:
        super().__init__("Tag parameters are invalid")


class TooManyTagsException(AwsError):
    """The repository would have more tags than allowed. Assumed: the text."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The maximum number of tags that can be added to a repository is {limit}")


class KmsException(AwsError):
    """A KMS key cannot be used."""

    def __init__(self, message: str, kms_error: str) -> None:
        super().__init__(message, kmsError=kms_error)


class ImageNotFoundException(AwsError):
    """An image that was asked for by id is not there."""

    def __init__(self, digest: str | None, tag: str | None, name: str, registry_id: str) -> None:
        super().__init__(
            f"The image with imageId {{imageDigest:'{digest or 'null'}', imageTag:'"
            f"{tag or 'null'}'}} does not exist within the repository with name '{name}' in the "
            f"registry with id '{registry_id}'"
        )


class ImageAlreadyExistsException(AwsError):
    """Neither the manifest nor the tag would change."""

    def __init__(self, digest: str, tag: str | None, name: str, registry_id: str) -> None:
        super().__init__(
            f"Image with digest '{digest}' and tag '{tag or 'null'}' already exists in the "
            f"repository with name '{name}' in registry with id '{registry_id}'"
        )


class ImageTagAlreadyExistsException(AwsError):
    """The tag is on another image and cannot be moved."""

    def __init__(self, tag: str, name: str) -> None:
        super().__init__(
            f"The image tag '{tag}' already exists in the '{name}' repository and cannot be "
            f"overwritten because the tag is immutable."
        )


class ImageDigestDoesNotMatchException(AwsError):
    """The digest given is not the digest of the manifest."""

    def __init__(self, digest: str, name: str, registry_id: str) -> None:
        super().__init__(
            f"The image with digest '{digest}' in repository '{name}' and registry ID "
            f"'{registry_id}' does not match the image digest that Amazon ECR has calculated."
        )


class LayersNotFoundException(AwsError):
    """Blobs that a manifest needs, or one that was asked for, are not in the repository."""

    @classmethod
    def for_image(
        cls, digests: Iterable[str], name: str, registry_id: str
    ) -> LayersNotFoundException:
        """Say which blobs a manifest lacks."""
        return cls(
            f"Layers with digests '[{', '.join(digests)}]' required for pushing image into "
            f"repository with name '{name}' in the registry with id '{registry_id}' do not exist"
        )

    @classmethod
    def for_download(cls, digest: str, name: str, registry_id: str) -> LayersNotFoundException:
        """Say which blob is not there to be downloaded."""
        return cls(
            f"The layer with digest '{digest}' does not exist within the repository with name "
            f"'{name}' in the registry with id '{registry_id}'"
        )


class ReferencedImagesNotFoundException(AwsError):
    """Manifests that an index refers to are not in the repository."""

    def __init__(self, digests: Iterable[str], name: str, registry_id: str) -> None:
        super().__init__(
            f"Images with digests '[{', '.join(digests)}]' required for pushing image into "
            f"repository with name '{name}' in the registry with id '{registry_id}' do not exist"
        )


class RepositoryPolicyNotFoundException(AwsError):
    """The repository has no policy."""

    def __init__(self, name: str, registry_id: str) -> None:
        super().__init__(
            f"Repository policy does not exist for the repository with name '{name}' in the "
            f"registry with id '{registry_id}'"
        )


class LayerInaccessibleException(AwsError):
    """The layer belongs to no image, so it cannot be downloaded. Assumed: the text."""

    def __init__(self, digest: str, name: str, registry_id: str) -> None:
        super().__init__(
            f"The layer with digest '{digest}' in the repository with name '{name}' in registry "
            f"with id '{registry_id}' is not associated with an image"
        )


class LayerAlreadyExistsException(AwsError):
    """The repository has a layer of that digest. Assumed: the text."""

    def __init__(self, digest: str, name: str, registry_id: str) -> None:
        super().__init__(
            f"The layer with digest '{digest}' already exists in the repository with name "
            f"'{name}' in registry with id '{registry_id}'"
        )


class UploadNotFoundException(AwsError):
    """No such upload, or it has expired. Assumed: the text."""

    def __init__(self, upload_id: str, name: str, registry_id: str) -> None:
        super().__init__(
            f"The upload with id '{upload_id}' in the repository with name '{name}' in registry "
            f"with id '{registry_id}' does not exist"
        )


class EmptyUploadException(AwsError):
    """The upload has no parts."""

    def __init__(self, upload_id: str, name: str, registry_id: str) -> None:
        super().__init__(
            f"The upload with id '{upload_id}' in the repository with name '{name}' in registry "
            f"with id '{registry_id}' cannot be completed because it does not have any parts"
        )


class InvalidLayerPartException(AwsError):
    """A part does not follow the one before, or is not as long as it says."""


class LayerPartTooSmallException(AwsError):
    """A part that is not the last is smaller than 5 MiB."""

    def __init__(self) -> None:
        super().__init__("All layer parts except the last part should be at least 5MB")


class InvalidLayerException(AwsError):
    """None of the digests given is that of the bytes."""

    def __init__(self) -> None:
        super().__init__("None of the provided layer digests match the calculated layer digest")


class LimitExceededException(AwsError):
    """A quota is reached."""

    @classmethod
    def tags_per_image(
        cls, tag: str, name: str, registry_id: str, limit: int
    ) -> LimitExceededException:
        """Say that an image cannot take one tag more."""
        return cls(
            f"Adding tag '{tag}' to an image in the repository with name '{name}' in registry "
            f"with id '{registry_id}' exceeds the maximum allowed number of tags per image which "
            f"is '{limit}'"
        )

    @classmethod
    def images_per_repository(
        cls, name: str, registry_id: str, limit: int
    ) -> LimitExceededException:
        """Say that a repository cannot take one image more. Assumed: how the text begins."""
        return cls(
            f"The repository with name '{name}' in registry with id '{registry_id}' already has "
            f"the maximum allowed number of images which is '{limit}'"
        )

    @classmethod
    def layer_parts(cls, limit: int) -> LimitExceededException:
        """Say that an upload has too many parts. Assumed: the text."""
        return cls(f"The maximum number of layer parts is {limit}")
