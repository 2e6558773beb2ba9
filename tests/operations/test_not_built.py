"""An operation that is not built is refused by its name, and it is no error of AWS."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from ecrmock import OperationNotModelled

SERVICES = ("ecr", "ecr-public", "ecs", "iam", "sts")
BUILT = {
    "ecr.BatchCheckLayerAvailability",
    "ecr.BatchDeleteImage",
    "ecr.BatchGetImage",
    "ecr.CompleteLayerUpload",
    "ecr.CreateRepository",
    "ecr.DeleteRepository",
    "ecr.DeleteRepositoryPolicy",
    "ecr.DescribeImages",
    "ecr.DescribeRegistry",
    "ecr.DescribeRepositories",
    "ecr.GetAccountSetting",
    "ecr.GetAuthorizationToken",
    "ecr.GetDownloadUrlForLayer",
    "ecr.GetRepositoryPolicy",
    "ecr.InitiateLayerUpload",
    "ecr.ListImageReferrers",
    "ecr.ListImages",
    "ecr.ListTagsForResource",
    "ecr.PutAccountSetting",
    "ecr.PutImage",
    "ecr.PutImageTagMutability",
    "ecr.SetRepositoryPolicy",
    "ecr.TagResource",
    "ecr.UntagResource",
    "ecr.UploadLayerPart",
    "ecs.CreateCluster",
    "ecs.DeleteAttributes",
    "ecs.DeleteCluster",
    "ecs.DeleteTaskDefinitions",
    "ecs.DeregisterContainerInstance",
    "ecs.DeregisterTaskDefinition",
    "ecs.DescribeClusters",
    "ecs.DescribeContainerInstances",
    "ecs.DescribeTaskDefinition",
    "ecs.DescribeTasks",
    "ecs.DiscoverPollEndpoint",
    "ecs.ExecuteCommand",
    "ecs.GetTaskProtection",
    "ecs.ListAttributes",
    "ecs.ListClusters",
    "ecs.ListContainerInstances",
    "ecs.ListTagsForResource",
    "ecs.ListTaskDefinitionFamilies",
    "ecs.ListTaskDefinitions",
    "ecs.ListTasks",
    "ecs.PutAttributes",
    "ecs.RegisterContainerInstance",
    "ecs.RegisterTaskDefinition",
    "ecs.RunTask",
    "ecs.StartTask",
    "ecs.StopTask",
    "ecs.TagResource",
    "ecs.UntagResource",
    "ecs.UpdateCluster",
    "ecs.UpdateClusterSettings",
    "ecs.UpdateContainerAgent",
    "ecs.UpdateContainerInstancesState",
    "ecs.UpdateTaskProtection",
    "sts.AssumeRole",
    "sts.GetCallerIdentity",
}
"""What is built; a new operation is a new name here."""


def all_operations() -> set[str]:
    session = botocore.session.Session()
    return {
        f"{service}.{operation}"
        for service in SERVICES
        for operation in session.get_service_model(service).operation_names
    }


@pytest.mark.parametrize("name", sorted(all_operations() - BUILT))
def test_an_operation_that_is_not_built_is_refused_by_its_name(door, name):
    service, operation = name.split(".")
    client = door.unchecked(service)

    with pytest.raises((OperationNotModelled, ClientError)) as caught:
        getattr(client, xform_name(operation))()

    assert f"{name} is not modelled" in str(caught.value)
    if door.is_wire:
        assert caught.value.response["Error"]["Code"] == "OperationNotModelled"
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    else:
        assert not isinstance(caught.value, BotoCoreError | ClientError)
