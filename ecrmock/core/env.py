"""The environment variables of this process. The only module that reads or writes them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

environ: os._Environ[str] = os.environ


def read(name: str) -> str | None:
    """Return the value of *name*, or None when it is not set."""
    return environ.get(name)


def names(prefixes: Iterable[str]) -> list[str]:
    """Return the names of all variables that begin with one of *prefixes*."""
    wanted = tuple(prefixes)
    return [name for name in environ if name.startswith(wanted)]


def write(values: Mapping[str, str | None]) -> None:
    """Set each variable, or remove it where the value is None."""
    for name, value in values.items():
        if value is None:
            environ.pop(name, None)
        else:
            environ[name] = value
