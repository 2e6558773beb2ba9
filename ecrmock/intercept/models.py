"""Service models, found and parsed once for all sessions of the process.

botocore looks through its data and parses a model anew for every session. While a mock is active,
what has not changed since is taken from a cache: files by path and time of change, the list of
services by the folders that are searched and their times of change.
"""

from __future__ import annotations

import functools
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from ecrmock.intercept.patches import Patch

_files: Final[dict[str, tuple[float, Any]]] = {}
_services: Final[dict[tuple[str, tuple[str, ...]], tuple[list[float | None], list[str]]]] = {}
_EXTENSIONS: Final = (".json", ".json.gz")


def load_file(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `JSONFileLoader.load_file`."""

    @functools.wraps(original)
    def _load_file(self: Any, file_path: str) -> Any:
        stamps = (_changed(file_path + extension) for extension in _EXTENSIONS)
        stamp = next((found for found in stamps if found is not None), None)
        if stamp is None:
            return original(self, file_path)
        found = _files.get(file_path)
        if found is None or found[0] != stamp:
            with _without_gc():
                found = _files[file_path] = (stamp, original(self, file_path))
        return found[1]

    return _load_file


def list_available_services(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `Loader.list_available_services`."""

    @functools.wraps(original)
    def _list_available_services(self: Any, type_name: str) -> Any:
        key = (type_name, tuple(self.search_paths))
        stamps = [_changed(path) for path in self.search_paths]
        found = _services.get(key)
        if found is None or found[0] != stamps:
            with _without_gc():
                found = _services[key] = (stamps, original(self, type_name))
        return list(found[1])

    return _list_available_services


@contextmanager
def _without_gc() -> Iterator[None]:
    """Hold the garbage collector back while much is made that stays.

    Looking through it over and over takes as long as parsing a model does.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _changed(path: str) -> float | None:
    """Return when a file or folder was changed, or None when it is not there."""
    try:
        return os.stat(path).st_mtime  # noqa: PTH116 - this is on the way of every client
    except OSError:
        return None


PATCHES: Final = (
    Patch("botocore.loaders", "JSONFileLoader.load_file", load_file),
    Patch("botocore.loaders", "Loader.list_available_services", list_available_services),
)
