"""Digests as the OCI image specification writes them: `sha256:` and 64 hexadecimal digits."""

from __future__ import annotations

import hashlib
import re
from typing import Final

_SHA256: Final = re.compile(r"sha256:[0-9a-f]{64}")


def sha256(data: bytes) -> str:
    """Return the digest of *data*."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def is_sha256(text: str) -> bool:
    """Tell whether *text* is a well-formed sha256 digest."""
    return _SHA256.fullmatch(text) is not None
