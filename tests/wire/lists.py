"""What the lists of all operations that page show, and how it comes to be."""

from __future__ import annotations

import json

import boto3

from tests.wire import worlds

NAMES = [f"team/{number:03}" for number in range(7)]
TAGS = [f"v{number}" for number in range(5)]
CLUSTERS = [f"cluster-{number}" for number in (3, 1, 2, 0)]
FAMILIES = [f"family-{number}" for number in range(5)]
DEFINITIONS = [f"{family}:1" for family in FAMILIES]
RACKS = ["rack-a", "rack-b", "rack-c", "rack-d"]
TASKS: list[str] = []
INSTANCES: list[str] = []
"""The ids that `fill` made, in that order."""
LISTS = {
    # operation: its service, its parameters, the list member, what one entry is known by
    "DescribeRepositories": ("ecr", {}, "repositories", "repositoryName", NAMES),
    "ListImages": ("ecr", {"repositoryName": NAMES[0]}, "imageIds", "imageTag", TAGS),
    "DescribeImages": ("ecr", {"repositoryName": NAMES[0]}, "imageDetails", "imageTags", TAGS),
    "ListClusters": ("ecs", {}, "clusterArns", None, CLUSTERS),
    "ListTaskDefinitionFamilies": ("ecs", {}, "families", None, FAMILIES),
    "ListTaskDefinitions": ("ecs", {}, "taskDefinitionArns", None, DEFINITIONS),
    "ListTasks": ("ecs", {"cluster": CLUSTERS[0]}, "taskArns", None, TASKS),
    "ListContainerInstances": (
        "ecs",
        {"cluster": CLUSTERS[0]},
        "containerInstanceArns",
        None,
        INSTANCES,
    ),
    "ListAttributes": (
        "ecs",
        {"cluster": CLUSTERS[0], "targetType": "container-instance", "attributeName": "rack"},
        "attributes",
        "value",
        RACKS,
    ),
}


def fill(aws):
    """Make what the lists of the table show."""
    ecr, ecs = boto3.client("ecr"), boto3.client("ecs")
    for name in NAMES:
        ecr.create_repository(repositoryName=name)
    for tag in TAGS:
        push(ecr, NAMES[0], tag)
    for name in CLUSTERS:
        ecs.create_cluster(clusterName=name)
    container = {"name": "app", "image": "app", "memory": 64}
    for family in FAMILIES:
        ecs.register_task_definition(family=family, containerDefinitions=[container])
    made = [aws.instances.add(cluster=CLUSTERS[0], attributes={"rack": rack}) for rack in RACKS]
    INSTANCES[:] = [instance.id for (instance,) in made]
    run = {"cluster": CLUSTERS[0], "taskDefinition": FAMILIES[0]}
    TASKS[:] = [ecs.run_task(**run)["tasks"][0]["taskArn"].rpartition("/")[2] for _ in range(5)]


def push(ecr, name, tag):
    config = json.dumps({"tag": tag}).encode()
    upload_id = ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    ecr.upload_layer_part(
        repositoryName=name,
        uploadId=upload_id,
        partFirstByte=0,
        partLastByte=len(config) - 1,
        layerPartBlob=config,
    )
    digest = worlds.digest_of(config)
    ecr.complete_layer_upload(repositoryName=name, uploadId=upload_id, layerDigests=[digest])
    manifest = worlds.manifest(config, layers=())
    ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag=tag)
