"""GetCallerIdentity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from collections.abc import Mapping


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call, request: Mapping[str, object]) -> Reply:
    """Say who asks. Source: STS API reference, GetCallerIdentity."""
    principal = call.caller
    return {
        "UserId": principal.unique_id,
        "Account": principal.account_id,
        "Arn": principal.arn,
    }
