"""The five layer operations, by which an image's bytes come in and go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrmock.ecr import downloads, layers, repositories
from ecrmock.operations.table import Call, Reply, operation

if TYPE_CHECKING:
    from types_boto3_ecr.type_defs import (
        BatchCheckLayerAvailabilityRequestTypeDef,
        CompleteLayerUploadRequestTypeDef,
        GetDownloadUrlForLayerRequestTypeDef,
        InitiateLayerUploadRequestTypeDef,
        UploadLayerPartRequestTypeDef,
    )


@operation("ecr", "BatchCheckLayerAvailability")
def batch_check_layer_availability(
    call: Call, request: BatchCheckLayerAvailabilityRequestTypeDef
) -> Reply:
    """Say which layers a repository has.

    A well-formed digest that it lacks is UNAVAILABLE, not a failure.
    Source: ECR API reference, BatchCheckLayerAvailability.
    """
    repository = repositories.get(call.registry(request), request["repositoryName"])
    answers = [layers.check(repository, digest) for digest in request["layerDigests"]]
    return {
        "layers": [_available(answer) for answer in answers if answer.failure is None],
        "failures": [
            {
                "layerDigest": answer.digest,
                "failureCode": answer.failure,
                "failureReason": answer.reason,
            }
            for answer in answers
            if answer.failure is not None
        ],
    }


@operation("ecr", "InitiateLayerUpload")
def initiate_layer_upload(call: Call, request: InitiateLayerUploadRequestTypeDef) -> Reply:
    """Begin an upload. Source: ECR API reference, InitiateLayerUpload."""
    upload = layers.initiate(call.core, call.registry(request), request["repositoryName"])
    return {"uploadId": upload.id, "partSize": layers.PART_SIZE}


@operation("ecr", "UploadLayerPart")
def upload_layer_part(call: Call, request: UploadLayerPartRequestTypeDef) -> Reply:
    """Add a part to an upload. Source: ECR API reference, UploadLayerPart."""
    registry = call.registry(request)
    upload = layers.get_upload(registry, request["repositoryName"], request["uploadId"])
    data: Any = request["layerPartBlob"] if call.part is None else call.part
    layers.append(registry, upload, request["partFirstByte"], request["partLastByte"], data)
    return {
        "registryId": registry.id,
        "repositoryName": upload.repository_name,
        "uploadId": upload.id,
        "lastByteReceived": request["partLastByte"],
    }


@operation("ecr", "CompleteLayerUpload")
def complete_layer_upload(call: Call, request: CompleteLayerUploadRequestTypeDef) -> Reply:
    """Turn an upload into a layer. Source: ECR API reference, CompleteLayerUpload."""
    registry = call.registry(request)
    upload = layers.get_upload(registry, request["repositoryName"], request["uploadId"])
    layer = layers.complete(call.core, registry, upload, request["layerDigests"])
    return {
        "registryId": registry.id,
        "repositoryName": upload.repository_name,
        "uploadId": upload.id,
        "layerDigest": layer.digest,
    }


@operation("ecr", "GetDownloadUrlForLayer")
def get_download_url_for_layer(call: Call, request: GetDownloadUrlForLayerRequestTypeDef) -> Reply:
    """Give a URL for the bytes of a layer. Source: ECR API reference, GetDownloadUrlForLayer."""
    registry = call.registry(request)
    repository = repositories.get(registry, request["repositoryName"])
    layer = layers.get_for_download(repository, request["layerDigest"])
    url = call.base_url() + downloads.path_for(call.core, registry, layer.digest)
    return {"downloadUrl": url, "layerDigest": layer.digest}


def _available(answer: layers.Availability) -> dict[str, Any]:
    if answer.layer is None:
        return {"layerDigest": answer.digest, "layerAvailability": "UNAVAILABLE"}
    shown = {
        "layerDigest": answer.digest,
        "layerAvailability": "AVAILABLE",
        "layerSize": answer.layer.size_bytes,
    }
    if answer.layer.media_type is not None:
        shown["mediaType"] = answer.layer.media_type
    return shown
