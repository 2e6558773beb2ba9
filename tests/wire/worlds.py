"""A small world behind a gateway, and its state as plain values that can be compared."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from typing import TYPE_CHECKING, Any

from ecrmock import world
from ecrmock.core.blobs import BlobWriter
from ecrmock.core.sorted_map import SortedMap
from ecrmock.gateway.identity import Signature
from ecrmock.gateway.pipeline import Exchange, Gateway, Received
from ecrmock.wire import models

if TYPE_CHECKING:
    from collections.abc import Iterator

ACCOUNT, REGION = world.DEFAULT_ACCOUNT, world.DEFAULT_REGION
ARNS = {
    "ecr": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/web",
    "ecs": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/blue",
}
SIGNED = Signature("AKIAIOSFODNN7EXAMPLE")
LAYER, CONFIG = b"a layer", b'{"architecture":"amd64","os":"linux"}'


def call(gateway: Gateway, service: str, operation: str, body: Any) -> Exchange:
    """Hand in a body: bytes, a form, or what is to be dumped as JSON."""
    is_form = models.load(service).is_query
    sent = body if is_form or isinstance(body, bytes) else json.dumps(body).encode()
    return gateway.call(Received(service, operation, sent, REGION, SIGNED))


def digest_of(data: bytes) -> str:
    """Return the digest by which ECR knows bytes."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@contextmanager
def furnished(*, page_size: int | None = None) -> Iterator[Gateway]:
    """Give a gateway to a world of its own with an image, a begun upload and clusters."""
    gateway = Gateway(_furnished().copy(), page_size=page_size)
    gateway.download_url = "https://layers.invalid/{}".format
    begin(gateway, b"half")
    try:
        yield gateway
    finally:
        for registry in gateway.world.registries.values():
            for upload in registry.uploads.values():
                upload.writer.close()


@cache
def _furnished() -> world.World:
    gateway = Gateway(world.make(now=datetime(2026, 11, 24, 10, tzinfo=timezone.utc)))
    for name in ("web", "team/api"):
        done(gateway, "ecr", "CreateRepository", {"repositoryName": name})
    tags = [{"Key": "team", "Value": "web"}]
    done(gateway, "ecr", "TagResource", {"resourceArn": ARNS["ecr"], "tags": tags})
    for data in (LAYER, CONFIG):
        named = {"repositoryName": "web", "layerDigests": [digest_of(data)]}
        named["uploadId"] = begin(gateway, data)
        done(gateway, "ecr", "CompleteLayerUpload", named)
    image = {"repositoryName": "web", "imageManifest": manifest(), "imageTag": "1"}
    done(gateway, "ecr", "PutImage", image)
    for name in ("default", "blue"):
        done(gateway, "ecs", "CreateCluster", {"clusterName": name})
    return gateway.world


def done(gateway: Gateway, service: str, operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """Make a call that succeeds, and return its answer."""
    exchange = call(gateway, service, operation, body)
    assert exchange.error is None, exchange.error
    return json.loads(exchange.body())


def begin(gateway: Gateway, data: bytes) -> str:
    """Begin an upload with one part, and return its id."""
    named = {"repositoryName": "web"}
    named["uploadId"] = done(gateway, "ecr", "InitiateLayerUpload", named)["uploadId"]
    part = {
        "partFirstByte": 0,
        "partLastByte": len(data) - 1,
        "layerPartBlob": base64.b64encode(data).decode(),
    }
    done(gateway, "ecr", "UploadLayerPart", {**named, **part})
    return named["uploadId"]


def manifest(config: bytes = CONFIG, layers: tuple[bytes, ...] = (LAYER,)) -> str:
    """Return the manifest of an image; without arguments, of the world's."""
    kind = "application/vnd.oci.image.{}.v1{}"
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": kind.format("manifest", "+json"),
            "config": _descriptor(kind.format("config", "+json"), config),
            "layers": [_descriptor(kind.format("layer", ".tar"), data) for data in layers],
        }
    )


def names(gateway: Gateway, service: str) -> dict[str, Any]:
    """Return values of members that name what is there, as JSON has them."""
    image = {"imageDigest": digest_of(manifest().encode())}
    return {
        "repositoryName": "web",
        "repositoryNames": ["web", "team/api"],
        "registryId": ACCOUNT,
        "resourceArn": ARNS[service],
        "uploadId": next(iter(gateway.world.registry(ACCOUNT, REGION).uploads)),
        "partFirstByte": 4,
        "partLastByte": 4,
        "layerPartBlob": "eA==",
        "layerDigest": digest_of(LAYER),
        "layerDigests": [digest_of(LAYER), digest_of(b"half")],
        "imageIds": [image, {"imageTag": "1"}],
        "imageManifest": manifest(),
        "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json",
        "imageDigest": image["imageDigest"],
        "imageTag": "1",
        "clusterName": "blue",
        "cluster": "blue",
        "clusters": ["default", ARNS["ecs"]],
    }


def state(gateway: Gateway) -> Any:
    """Return what the world remembers; places where nothing is count as not there."""
    plain = _plain([gateway.world.registries, gateway.world.ecs_regions])
    return [
        {place: held for place, held in places.items() if any(_things(held))} for places in plain
    ]


def _descriptor(kind: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "size": len(data), "digest": digest_of(data)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, SortedMap):
        return [(key, _plain(value[key])) for key in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return (value.size, value.digest) if isinstance(value, BlobWriter) else value


def _things(held: dict[str, Any]) -> list[Any]:
    return [value for value in held.values() if isinstance(value, (dict, list))]
