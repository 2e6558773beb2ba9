"""Service models, parsed once for all sessions of the process.

botocore parses a model anew for every session. While a mock is active, files that have not
changed are taken from a cache by path and time of change.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, Final

from ecrmock.intercept.patches import Patch

_cache: Final[dict[str, tuple[float, Any]]] = {}
_EXTENSIONS: Final = (".json", ".json.gz")


def load_file(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `JSONFileLoader.load_file`."""

    @functools.wraps(original)
    def _load_file(self: Any, file_path: str) -> Any:
        stamp = _stamp(file_path)
        if stamp is None:
            return original(self, file_path)
        found = _cache.get(file_path)
        if found is None or found[0] != stamp:
            found = _cache[file_path] = (stamp, original(self, file_path))
        return found[1]

    return _load_file


def _stamp(file_path: str) -> float | None:
    for extension in _EXTENSIONS:
        path = file_path + extension
        if os.path.exists(path):  # noqa: PTH110 - this is on the way of every client
            return os.path.getmtime(path)  # noqa: PTH204
    return None


PATCHES: Final = (Patch("botocore.loaders", "JSONFileLoader.load_file", load_file),)
