"""Sessions of botocore while a mock is active: any profile exists, and credentials are at hand.

What a session finds out while a mock is active it does not keep, so that afterwards it looks for
its real credentials as if nothing had been.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final

from botocore.credentials import Credentials
from botocore.exceptions import ProfileNotFound

from ecrmock.intercept import active
from ecrmock.intercept.environment import ACCESS_KEY, SECRET_KEY
from ecrmock.intercept.patches import Patch


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
        if active.current() is None or self._credentials is not None:
            return original(self)
        found = original(self)
        self._credentials = None
        return found or _fake()

    return _get_credentials


def get_credentials_async(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `AioSession.get_credentials`."""

    @functools.wraps(original)
    async def _get_credentials(self: Any) -> Any:
        if active.current() is None or self._credentials is not None:
            return await original(self)
        found = await original(self)
        self._credentials = None
        return found or _fake_async()

    return _get_credentials


def _fake() -> Credentials:
    return Credentials(ACCESS_KEY, SECRET_KEY, method="ecrmock")


def _fake_async() -> Any:
    from aiobotocore.credentials import AioCredentials

    return AioCredentials(ACCESS_KEY, SECRET_KEY, method="ecrmock")


PATCHES: Final = (
    Patch("botocore.session", "Session.get_scoped_config", get_scoped_config),
    Patch("botocore.session", "Session.get_credentials", get_credentials),
    Patch("aiobotocore.session", "AioSession.get_credentials", get_credentials_async),
)
