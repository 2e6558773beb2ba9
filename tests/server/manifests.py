"""Manifests as bytes, right ones and ones with members changed."""

from __future__ import annotations

import json
from typing import Any

from tests.server import doors, states

CONFIG, LAYER = b"{}", b"a layer"
ABSENT = object()
"""As the value of a member: leave it out."""


def descriptor(data: bytes, media_type: str = doors.OCI_LAYER, **members: Any) -> dict[str, Any]:
    """Describe a blob or manifest."""
    described = {"mediaType": media_type, "digest": states.digest_of(data), "size": len(data)}
    return described | members


def image(**changes: Any) -> bytes:
    """Return a manifest of the blobs `CONFIG` and `LAYER`, with members changed."""
    members = {
        "schemaVersion": 2,
        "mediaType": doors.OCI_MANIFEST,
        "config": descriptor(CONFIG, doors.OCI_CONFIG),
        "layers": [descriptor(LAYER)],
    }
    return _dump(members | changes)


def index(*children: bytes, **changes: Any) -> bytes:
    """Return an index of manifests, with members changed."""
    listed = [descriptor(child, doors.OCI_MANIFEST) for child in children]
    members = {"schemaVersion": 2, "mediaType": doors.OCI_INDEX, "manifests": listed}
    return _dump(members | changes)


def _dump(members: dict[str, Any]) -> bytes:
    return json.dumps({k: v for k, v in members.items() if v is not ABSENT}).encode()
