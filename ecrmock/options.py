"""Floor 9: the options of `mock_aws`, checked before anything starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ecrmock import world as worlds
from ecrmock.core import arn
from ecrmock.core.clock import MODES, Mode
from ecrmock.core.errors import UsageError
from ecrmock.wire import models


class DefaultRegion(str):
    """The region that is used when the user names none; one from the environment goes before."""

    __slots__ = ()


DEFAULT_REGION: Final = DefaultRegion(worlds.DEFAULT_REGION)


@dataclass(slots=True, frozen=True, kw_only=True)
class Options:
    """The options of `mock_aws`, checked."""

    region_name: str = DEFAULT_REGION
    account_id: str = worlds.DEFAULT_ACCOUNT
    time: Mode = "instant"
    now: datetime | None = None
    seed: int = 0
    strict: bool = False
    services: Iterable[str] = models.SERVICES
    passthrough: Iterable[str] = ()
    page_size: int | None = None
    patch_sleep: bool | None = None
    rate: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is not acceptable, and say what is.

        Raises:
            UsageError: an option has a value that it cannot have.
        """
        if self.region_name is not DEFAULT_REGION:
            check_region(self.region_name)
        check_account(self.account_id)
        if self.time not in MODES:
            raise UsageError(f"time is {self.time!r}; it must be one of {', '.join(MODES)}")
        for name, accepts, wanted in _KINDS:
            value = getattr(self, name)
            if not accepts(value):
                raise UsageError(f"{name} is {value!r}; give {wanted}")
        object.__setattr__(self, "services", _names(self.services, "services"))
        object.__setattr__(self, "passthrough", _names(self.passthrough, "passthrough"))
        unknown = [name for name in self.services if name not in models.SERVICES]
        if unknown:
            accepted = ", ".join(models.SERVICES)
            raise UsageError(f"services has {unknown[0]!r}; ecrmock models {accepted}")
        for url in self.passthrough:
            if not str(url).startswith(("http://", "https://")):
                raise UsageError(f"passthrough has {url!r}; give URLs, as in endpoint_url")

    @property
    def sleeps(self) -> bool:
        """Whether `time.sleep` moves the mock's clock."""
        return self.time == "virtual" if self.patch_sleep is None else self.patch_sleep


_KINDS: Final = (
    # an option, what it accepts, and how that is said
    ("now", lambda v: v is None or isinstance(v, datetime), "a datetime; naive ones count as UTC"),
    ("seed", lambda v: type(v) is int, "a whole number"),
    ("strict", lambda v: type(v) is bool, "True or False"),
    ("patch_sleep", lambda v: v is None or type(v) is bool, "True, False or None"),
    ("page_size", lambda v: v is None or (type(v) is int and v >= 1), "a whole number from 1 up"),
    ("rate", lambda v: type(v) in (int, float) and v > 0, "a number above 0"),
)


def _names(value: Iterable[str], option: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UsageError(f"{option} is {value!r}; give a list, for example {option}=[{value!r}]")
    return tuple(value)


def check_region(name: object) -> None:
    """Refuse a region that the installed botocore does not list.

    Raises:
        UsageError: see the text.
    """
    if not isinstance(name, str) or name not in models.regions():
        known = ", ".join(sorted(models.regions()))
        raise UsageError(f"region_name is {name!r}; the installed botocore knows {known}")


def check_account(account_id: object) -> None:
    """Refuse what is not an account id.

    Raises:
        UsageError: see the text.
    """
    if not isinstance(account_id, str) or not arn.is_account_id(account_id):
        raise UsageError(f"account_id is {account_id!r}; give a string of twelve digits")
