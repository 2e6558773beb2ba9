"""AssumeRole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ecrmock.core.clock import to_datetime
from ecrmock.core.errors import NotModelled
from ecrmock.iam import roles, sessions
from ecrmock.operations.table import Call, Reply, operation

_MODELLED: Final = ("RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId")
"""What is read; ExternalId counts in conditions only, which no decision goes by."""


@operation("sts", "AssumeRole")
def assume_role(call: Call, request: Mapping[str, Any]) -> Reply:
    """Give out credentials of a role.

    Source: STS API reference, AssumeRole. Assumed: the reason at the end of a denial, which IAM's
    documentation has and older captured answers have not.
    """
    for name, value in request.items():
        if name not in _MODELLED and value:
            raise NotModelled(
                f"the parameter {name!r} of sts.AssumeRole is not modelled by ecrmock; accepted "
                f"are {', '.join(_MODELLED)}"
            )
    role_arn, session_name = request["RoleArn"], request["RoleSessionName"]
    iam, strict = call.world.iam, call.world.strict
    seconds = request.get("DurationSeconds")
    session = sessions.begin(
        call.core, iam, role_arn, session_name, caller=call.caller, seconds=seconds
    )
    user = roles.act_as(iam, role_arn, session_name, strict=strict)
    assert user is not None  # noqa: S101 - a role that is not there trusts nobody
    return {
        "Credentials": {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret_key,
            "SessionToken": session.token,
            "Expiration": to_datetime(session.expires_ms),
        },
        "AssumedRoleUser": {"AssumedRoleId": user.unique_id, "Arn": user.arn},
    }
