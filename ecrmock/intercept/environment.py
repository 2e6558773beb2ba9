"""The environment variables while mocks are active, and putting them back to the byte.

Each mock lays one layer over the environment. A layer that is taken away from below others hands
what it had saved to the next one above, whether that is ours, `mock.patch.dict(os.environ)` or
moto; so every order of stopping ends with the environment as it was before the first.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, Final

from ecrmock.core import env
from ecrmock.intercept.patches import Patch, Patches

ACCESS_KEY: Final = "ECRMOCKACCESSKEY"
SECRET_KEY: Final = "ecrmock-secret-key"
SESSION_TOKEN: Final = "ecrmock-session-token"

_DROPPED: Final = (
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECURITY_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
_DROPPED_PREFIX: Final = "AWS_ENDPOINT_URL"

Values = dict[str, "str | None"]


def wanted(region: str, *, replace_region: bool) -> Values:
    """Return what a mock makes of the environment; None removes a variable.

    Args:
        region: the default region where there is none.
        replace_region: whether it also takes the place of one that is set.
    """
    values: Values = dict.fromkeys(_DROPPED)
    values.update(dict.fromkeys(env.names((_DROPPED_PREFIX,))))
    values.update(
        AWS_ACCESS_KEY_ID=ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY=SECRET_KEY,
        AWS_SESSION_TOKEN=SESSION_TOKEN,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
    )
    if replace_region:
        values.update(AWS_DEFAULT_REGION=region, AWS_REGION=region)
    elif not env.read("AWS_DEFAULT_REGION"):
        values["AWS_DEFAULT_REGION"] = region
    return values


class Layer:
    """What one mock set, and what was there before."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.saved: Values = {}
        self._below: list[Any] = []

    def lay(self) -> None:
        """Set the variables."""
        _moto.apply()
        self.saved = {name: env.read(name) for name in self.values}
        self._below = _patched_dicts()
        env.write(self.values)
        _layers.append(self)

    def lift(self) -> None:
        """Put back what was there before, or hand it to whoever lies above."""
        above = _layers[_layers.index(self) + 1 :]
        _layers.remove(self)
        patched = [one for one in _patched_dicts() if all(one is not b for b in self._below)]
        for name, before in self.saved.items():
            if not _hand_over(name, self.values[name], before, above, patched):
                env.write({name: before})
        _leave_moto()


_layers: Final[list[Layer]] = []
_gone: Final[dict[str, tuple[str | None, str | None]]] = {}
"""Variables that moto saved while a layer lay below it that has been lifted since: (what the
layer had set, what was there before it)."""


def _hand_over(
    name: str, value: str | None, before: str | None, above: list[Layer], patched: list[Any]
) -> bool:
    """Give what was *before* to the next one above that saved our *value*; tell whether one had."""
    for layer in above:
        if name in layer.saved:
            layer.saved[name] = before
            return True
    for patch in patched:
        saved = patch._original
        if saved.get(name) == value:
            if before is None:
                saved.pop(name, None)
            else:
                saved[name] = before
            return True
    if _moto_lies_above(name, value):
        _gone[name] = (value, before)
        return True
    return False


def _patched_dicts() -> list[Any]:
    """Return the `mock.patch.dict(os.environ)` patches that were started and not stopped yet."""
    mock = sys.modules.get("unittest.mock")  # if it is not loaded, nobody has patched with it
    started = getattr(getattr(mock, "_patch", None), "_active_patches", [])
    return [patch for patch in started if getattr(patch, "in_dict", None) is env.environ]


def _moto_lies_above(name: str, value: str | None) -> bool:
    """Tell whether moto is active and has put its own value over ours."""
    moto = sys.modules.get("moto.core.models")
    if moto is None or not moto.MockAWS._mocks_active:
        return False
    return name in _MOTO_KEYS and env.read(name) != value


_MOTO_KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def unmock_env(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of moto's own restoring, so that it fits with ours in every order."""

    @functools.wraps(original)
    def _unmock_env_variables(self: Any) -> None:
        for name, fake in self._fake_creds.items():
            before = self._orig_creds.get(name)
            if name in _gone and _gone[name][0] == before:  # ours lay below and is gone
                before = _gone.pop(name)[1]
            layer = next((one for one in _layers if one.saved.get(name) == fake), None)
            if layer is not None:  # ours lies above: it restores what moto would have
                layer.saved[name] = before
            else:
                env.write({name: before})
        _leave_moto()

    return _unmock_env_variables


_moto: Final = Patches(
    [Patch("moto.core.models", "MockAWS._unmock_env_variables", unmock_env, optional=True)]
)


def _leave_moto() -> None:
    """Let moto restore by itself once nothing of ours is above or below it."""
    if not _layers and not _gone:
        _moto.undo()
