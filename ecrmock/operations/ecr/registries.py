"""DescribeRegistry, GetAccountSetting, PutAccountSetting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecrmock.ecr import settings
from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        GetAccountSettingRequestTypeDef,
        PutAccountSettingRequestTypeDef,
    )


@operation("ecr", "DescribeRegistry")
def describe_registry(call: Call, request: dict[str, object]) -> Reply:
    """Show the registry of the caller, which replicates nothing.

    Source: ECR API reference, DescribeRegistry.
    """
    return {
        "registryId": call.registry(request).id,
        "replicationConfiguration": {"rules": []},
    }


@operation("ecr", "GetAccountSetting")
def get_account_setting(call: Call, request: GetAccountSettingRequestTypeDef) -> Reply:
    """Show a setting. Source: ECR API reference, GetAccountSetting."""
    name = request["name"]
    return {"name": name, "value": settings.get(call.registry({}), name)}


@operation("ecr", "PutAccountSetting")
def put_account_setting(call: Call, request: PutAccountSettingRequestTypeDef) -> Reply:
    """Change a setting. Source: ECR API reference, PutAccountSetting."""
    name, value = request["name"], request["value"]
    settings.put(call.registry({}), name, value)
    return {"name": name, "value": value}
