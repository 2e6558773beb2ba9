"""Sessions of botocore while a mock is active: any profile exists, and credentials are at hand.

What a session finds out while a mock is active it does not keep, so that afterwards it looks for
its real configuration and credentials as if nothing had been; and what it found out before it does
not use, so that no program is run and no role is assumed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from os import devnull
from typing import Any, Final

from botocore.credentials import Credentials
from botocore.exceptions import ProfileNotFound

from ecrmock.core import env
from ecrmock.intercept import active
from ecrmock.intercept.environment import ACCESS_KEY, SECRET_KEY
from ecrmock.intercept.patches import Patch

_FILES: Final = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


def full_config(original: Any) -> Any:
    """Make the replacement of `Session.full_config`: what the files say now, not kept."""

    def _full_config(self: Any) -> Any:
        if active.current() is None:
            return original.fget(self)
        if all(env.read(name) == devnull for name in _FILES):
            return {"profiles": {}}
        kept, self._config = self._config, None
        try:
            return original.fget(self)
        finally:
            self._config = kept

    return property(_full_config, doc=original.__doc__)


def build_profile_map(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `Session._build_profile_map`."""

    @functools.wraps(original)
    def _build_profile_map(self: Any) -> Any:
        if active.current() is None:
            return original(self)
        return self.full_config["profiles"]

    return _build_profile_map


def get_scoped_config(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `Session.get_scoped_config`: an unknown profile is empty."""

    @functools.wraps(original)
    def _get_scoped_config(self: Any) -> Any:
        try:
            return original(self)
        except ProfileNotFound:
            if active.current() is None:
                raise
            return {}

    return _get_scoped_config


def get_credentials(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `Session.get_credentials`."""

    @functools.wraps(original)
    def _get_credentials(self: Any) -> Any:
        if active.current() is None or _are_given(self):
            return original(self)
        return Credentials(*_keys())

    return _get_credentials


def get_credentials_async(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `AioSession.get_credentials`."""

    @functools.wraps(original)
    async def _get_credentials(self: Any) -> Any:
        if active.current() is None or _are_given(self):
            return await original(self)
        from aiobotocore.credentials import AioCredentials

        return AioCredentials(*_keys())

    return _get_credentials


def _are_given(session: Any) -> bool:
    """Tell whether the user gave the session its keys, so that nothing has to be looked for."""
    method = getattr(session._credentials, "method", None)
    return method == "explicit"


def _keys() -> tuple[str, str, str | None]:
    """Return the keys in the environment, which are fake but where the test has set others."""
    return (
        env.read("AWS_ACCESS_KEY_ID") or ACCESS_KEY,
        env.read("AWS_SECRET_ACCESS_KEY") or SECRET_KEY,
        env.read("AWS_SESSION_TOKEN"),
    )


PATCHES: Final = (
    Patch("botocore.session", "Session.full_config", full_config),
    Patch("botocore.session", "Session._build_profile_map", build_profile_map),
    Patch("botocore.session", "Session.get_scoped_config", get_scoped_config),
    Patch("botocore.session", "Session.get_credentials", get_credentials),
    Patch("aiobotocore.session", "AioSession.get_credentials", get_credentials_async),
)
