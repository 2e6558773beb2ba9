"""Which tags may move. One rule for every way in which an image can be pushed.

Source: ECR user guide, image tag mutability. Assumed: a filter must match the whole tag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecrmock.core import wildcard
from ecrmock.ecr.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.ecr.state import Mutability, Repository

MAX_WILDCARDS: Final = 2
_WITH_EXCLUSION: Final = "_WITH_EXCLUSION"


def is_mutable(repository: Repository, tag: str) -> bool:
    """Tell whether *tag* may be moved from one image to another."""
    mutable = repository.mutability.startswith("MUTABLE")
    if not repository.mutability.endswith(_WITH_EXCLUSION):
        return mutable
    excluded = any(
        wildcard.matches(pattern, tag, question_mark=False)
        for pattern in repository.exclusion_filters
    )
    return mutable != excluded


def change(repository: Repository, mode: Mutability, filters: tuple[str, ...] | None) -> None:
    """Replace the mode and its filters; tags that are there stay as they are.

    Raises:
        InvalidParameterException: mode and filters do not fit each other.

    Source: ECR API reference, PutImageTagMutability.
    """
    check_filters(mode, filters)
    repository.mutability = mode
    repository.exclusion_filters = filters or ()


def check_filters(mode: Mutability, filters: tuple[str, ...] | None) -> None:
    """Refuse filters that do not go with *mode*, or their absence.

    Raises:
        InvalidParameterException: see the texts.
    """
    at = "imageTagMutabilityExclusionFilters"
    name = "ImageTagMutabilityExclusionFilters"
    if mode.endswith(_WITH_EXCLUSION) and filters is None:
        text = f"{name} can't be null when imageTagMutability is set as {mode}"
        raise InvalidParameterException(at, text)
    if not mode.endswith(_WITH_EXCLUSION) and filters is not None:
        text = f"{name} are not allowed when imageTagMutability is set as {mode}"
        raise InvalidParameterException(at, text)
    if any(pattern.count("*") > MAX_WILDCARDS for pattern in filters or ()):
        # Assumed: the text for more than two wildcards.
        text = f"A filter can have at most {MAX_WILDCARDS} wildcards"
        raise InvalidParameterException(at, text)
