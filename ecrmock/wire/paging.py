"""Pages: how many items one holds, and the tokens that ask for the next.

A token is opaque and bound to its operation and to the other parameters of the request, so that
one used elsewhere, or changed, is refused. Source: ECR and ECS API references. Assumed: the texts
of refused tokens.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from ecrmock.ecr import errors as ecr_errors
from ecrmock.ecs import errors as ecs_errors

if TYPE_CHECKING:
    from ecrmock.core.errors import AwsError

DEFAULT_SIZE: Final = 100
_SIZES: Final = {
    # (largest, default) where they differ from 100; source: model prose of each operation
    "ecr.DescribeRepositories": (1000, 100),
    "ecr.ListImages": (1000, 100),
    "ecr.DescribeImages": (1000, 100),
    "ecr.DescribeImageScanFindings": (1000, 100),
    "ecr.DescribePullThroughCacheRules": (1000, 100),
    "ecr.DescribeRepositoryCreationTemplates": (1000, 100),
    "ecr.ListImageReferrers": (50, 50),
    "ecr.ListPullTimeUpdateExclusions": (1000, 100),
    "ecs.ListServices": (100, 10),
    "ecs.ListServicesByNamespace": (100, 10),
    "ecs.ListServiceDeployments": (100, 20),
    "ecs.ListDaemonDeployments": (100, 20),
    "ecs.ListAccountSettings": (10, 10),
    "ecs.DescribeCapacityProviders": (10, 10),
}
_FINGERPRINT: Final = 12


def page_size(service: str, operation: str, wanted: int | None, cap: int | None) -> int:
    """Return how many items a page holds.

    Args:
        service: for example `ecr`.
        operation: for example `DescribeRepositories`.
        wanted: `maxResults` of the request.
        cap: the mock's own `page_size`, which makes every list page.

    Raises:
        InvalidParameterException: *wanted* is out of the operation's range, where the model
            leaves the check to the service.
    """
    largest, default = _SIZES.get(f"{service}.{operation}", (DEFAULT_SIZE, DEFAULT_SIZE))
    if wanted is not None and not 1 <= wanted <= largest:
        text = f"maxResults must be between 1 and {largest}"
        raise ecs_errors.InvalidParameterException(text)
    size = default if wanted is None else wanted
    return size if cap is None else min(size, cap)


def make_token(operation: str, request: Mapping[str, Any], key: Any) -> str:
    """Return the token that continues behind *key*, a JSON value."""
    payload = json.dumps([_fingerprint(operation, request, key), key], separators=(",", ":"))
    return base64.urlsafe_b64encode(payload.encode()).decode("ascii")


def read_token(service: str, operation: str, request: Mapping[str, Any], token: str) -> Any:
    """Return the key that *token* continues behind.

    Raises:
        InvalidParameterException: the token was not made for this operation and these parameters.
    """
    try:
        fingerprint, key = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise _invalid_token(service) from None
    if fingerprint != _fingerprint(operation, request, key):
        raise _invalid_token(service)
    return tuple(key) if isinstance(key, list) else key


def _fingerprint(operation: str, request: Mapping[str, Any], key: Any) -> str:
    bound = {k: v for k, v in request.items() if k not in ("nextToken", "maxResults")}
    text = json.dumps([operation, bound, key], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_FINGERPRINT]


def _invalid_token(service: str) -> AwsError:
    if service == "ecs":
        return ecs_errors.InvalidParameterException("Invalid token")
    return ecr_errors.InvalidParameterException("nextToken", "Invalid next token")
