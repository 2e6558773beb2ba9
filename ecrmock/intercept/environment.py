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
        self._learn_from_gone()
        at = _layers.index(self)
        above = _layers[at + 1 :]
        _layers.remove(self)
        for name, before in self.saved.items():
            value = self.values[name]
            following = next((one for one in above if name in one.saved), None)
            between = self._between(following)
            is_patched = any(_is_active(patch) for patch in between)
            for patch in between:
                _replace(patch._original, name, value, before)
            if _moto_lies_above(name, value, following):
                _gone[name] = (value, before)
            elif following is not None:
                if following.saved[name] == value or not is_patched:
                    following.saved[name] = before
            elif not is_patched or env.read(name) == value:
                env.write({name: before})
        _leave_moto()

    def _learn_from_gone(self) -> None:
        """Take over what a `patch.dict` from below restored, that stopped while we were here."""
        gone = next((patch for patch in self._below if not _is_active(patch)), None)
        if gone is not None:
            self.saved = {name: gone._original.get(name) for name in self.saved}

    def _between(self, following: Layer | None) -> list[Any]:
        """Return the patches that began after this layer and before the *following* one."""
        later = _patched_dicts() if following is None else following._below
        return [patch for patch in later if all(patch is not below for below in self._below)]


_layers: Final[list[Layer]] = []
_gone: Final[dict[str, tuple[str | None, str | None]]] = {}
"""Variables that moto saved while a layer lay below it that has been lifted since: (what the
layer had set, what was there before it)."""


def _replace(saved: dict[str, str], name: str, value: str | None, before: str | None) -> None:
    """Put what was *before* in the place of our *value* in what somebody else saved."""
    if saved.get(name) != value:
        return
    if before is None:
        saved.pop(name, None)
    else:
        saved[name] = before


def _is_active(patch: Any) -> bool:
    return any(patch is one for one in _patched_dicts())


def _patched_dicts() -> list[Any]:
    """Return the `mock.patch.dict(os.environ)` patches that were started and not stopped yet."""
    mock = sys.modules.get("unittest.mock")  # if it is not loaded, nobody has patched with it
    started = getattr(getattr(mock, "_patch", None), "_active_patches", [])
    return [patch for patch in started if getattr(patch, "in_dict", None) is env.environ]


def _moto_lies_above(name: str, value: str | None, following: Layer | None) -> bool:
    """Tell whether moto put its own value over our *value*, before the *following* layer came."""
    moto = sys.modules.get("moto.core.models")
    if moto is None or name not in _MOTO_VALUES or not moto.MockAWS._mocks_active:
        return False
    if following is not None:
        return following.saved.get(name) == _MOTO_VALUES[name]
    return env.read(name) != value


_MOTO_VALUES: Final = {
    "AWS_ACCESS_KEY_ID": "FOOBARKEY",
    "AWS_SECRET_ACCESS_KEY": "FOOBARSECRET",
}
"""The variables that moto sets, and to what."""


def correct(layer: Layer, noted: list[tuple[Any, Any, Any]], absent: object) -> None:
    """Put what was there before *layer* into what pytest's monkeypatch noted while it lay.

    Args:
        layer: whose values monkeypatch took for what was there before.
        noted: triples of a dict, a key and the value to be restored.
        absent: stands for no value.
    """
    for at, (changed, name, value) in enumerate(noted):
        if changed is env.environ and name in layer.saved:
            ours, before = layer.values[name], layer.saved[name]
            if value == (absent if ours is None else ours):
                noted[at] = (changed, name, absent if before is None else before)


def unmock_env(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of moto's own restoring, so that it fits with ours in every order."""

    @functools.wraps(original)
    def _unmock_env_variables(self: Any) -> None:
        for name, fake in self._fake_creds.items():
            before = self._orig_creds.get(name)
            if name in _gone and _gone[name][0] == before:  # ours lay below and is gone
                before = _gone.pop(name)[1]
            for patch in (patch for one in _layers for patch in one._below):
                _replace(patch._original, name, fake, before)
            layer = next((one for one in _layers if one.saved.get(name) == fake), None)
            if layer is not None:  # ours lies above: it restores what moto would have
                layer.saved[name] = before
            else:
                env.write({name: before})
        if not self._nested_count:  # the last moto: nobody asks for what is gone any more
            _gone.clear()
        _leave_moto()

    return _unmock_env_variables


_moto: Final = Patches(
    [Patch("moto.core.models", "MockAWS._unmock_env_variables", unmock_env, optional=True)]
)


def _leave_moto() -> None:
    """Let moto restore by itself once nothing of ours is above or below it."""
    if not _layers and not _gone:
        _moto.undo()
