"""Account settings of a registry.

Source: ECR API reference, PutAccountSetting. Assumed: blob mounting is off until it is asked for;
the text of a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ecrmock.ecr.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.ecr.state import Registry

BLOB_MOUNTING: Final = "BLOB_MOUNTING"
_VALUES: Final = {
    # a setting: its values, the default first
    "BASIC_SCAN_TYPE_VERSION": ("AWS_NATIVE",),
    "REGISTRY_POLICY_SCOPE": ("V2", "V1"),
    BLOB_MOUNTING: ("DISABLED", "ENABLED"),
}


def get(registry: Registry, name: str) -> str:
    """Return the value of a setting, the default when nobody changed it.

    Raises:
        InvalidParameterException: there is no such setting.
    """
    return registry.settings.get(name, _values(name)[0])


def put(registry: Registry, name: str, value: str) -> None:
    """Change a setting.

    Raises:
        InvalidParameterException: there is no such setting, or it cannot have that value.
    """
    accepted = _values(name)
    if value not in accepted:
        raise InvalidParameterException("value", _choice(accepted))
    registry.settings[name] = value


def _values(name: str) -> tuple[str, ...]:
    if name not in _VALUES:
        raise InvalidParameterException("name", _choice(_VALUES))
    return _VALUES[name]


def _choice(accepted: tuple[str, ...] | dict[str, tuple[str, ...]]) -> str:
    return f"Member must satisfy enum value set: [{', '.join(accepted)}]"
