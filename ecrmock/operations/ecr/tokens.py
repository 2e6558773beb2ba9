"""GetAuthorizationToken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecr import repositories, tokens
from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import GetAuthorizationTokenRequestTypeDef


@operation("ecr", "GetAuthorizationToken")
def get_authorization_token(call: Call, request: GetAuthorizationTokenRequestTypeDef) -> Reply:
    """Give what a Docker client logs in with, once for each registry that is asked for.

    Source: ECR API reference, GetAuthorizationToken.
    """
    password, expires_at = tokens.issue(call.core, call.caller.arn, call.region)
    token = tokens.authorization_token(password)
    return {
        "authorizationData": [
            {
                "authorizationToken": token,
                "expiresAt": expires_at,
                "proxyEndpoint": _endpoint(call, registry_id),
            }
            for registry_id in request.get("registryIds") or [call.account_id]
        ]
    }


def _endpoint(call: Call, registry_id: str) -> str:
    if call.uri_host is not None:
        return call.base_url()
    return f"https://{repositories.registry_host(call.world.registry(registry_id, call.region))}"
