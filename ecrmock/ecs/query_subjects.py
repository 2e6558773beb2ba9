"""What a cluster query can ask of a container instance: subjects, their operators, what both mean.

A subject has any number of values on an instance: an attribute none or one, `task:group` one for
each group that has a task there, every other subject one. An operator fits when one of the values
does, its negation when none does.
Source: ECS developer guide, cluster query language.
"""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from itertools import repeat
from typing import Any, Final, Protocol

ATTRIBUTE: Final = "attribute:"
"""The kind of the subjects that have a name of their own behind it."""
NEGATIONS: Final = {"!=": "==", "!in": "in", "!~": "=~", "!exists": "exists"}

_NAME: Final = re.compile(r"[A-Za-z0-9_./\\-]+")
_COUNT: Final = re.compile(r"[0-9]{1,9}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_VERSION: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?)?", re.ASCII)


class Subject(Protocol):
    """A container instance, as far as a query can ask about it."""

    @property
    def agent_connected(self) -> bool:
        """Whether its agent is connected."""

    @property
    def agent_version(self) -> str:
        """For example `1.105.1`; the empty text when no agent has reported one."""

    @property
    def attributes(self) -> Mapping[str, str | None]:
        """Its attributes by name; one without a value has None or the empty text."""

    @property
    def ec2_instance_id(self) -> str:
        """For example `i-0123456789abcdef0`."""

    @property
    def registered_at(self) -> datetime:
        """When it was registered; aware of its time zone."""

    @property
    def running_tasks_count(self) -> int:
        """How many tasks run on it."""

    @property
    def task_groups(self) -> Collection[str]:
        """The groups of the tasks that it hosts."""


class Refused(Exception):
    """What is asked of a subject makes no sense; its text is the reason."""


Test = Callable[[Any, Any], bool]
"""Tells whether a value fits an argument."""
Verdict = Callable[[Collection[Any], Any], bool]
"""Tells whether the values of a subject fit an argument."""


@dataclass(slots=True, frozen=True)
class Kind:
    """A kind of subject: how to read it, and what it can be compared with by which operator."""

    read: Callable[[Subject, str], Collection[Any]]
    """Returns the values on an instance; the text is the name behind `attribute:`."""
    convert: Callable[[str], Any]
    """Makes an argument out of its text."""
    verdicts: Mapping[str, Verdict]


def find_kind(subject: str) -> tuple[str, str]:
    """Take the text of a subject apart into the name of its kind and the name behind it.

    Raises:
        Refused: there is no such subject.
    """
    if subject.startswith(ATTRIBUTE) and _NAME.fullmatch(subject, len(ATTRIBUTE)):
        return ATTRIBUTE, subject[len(ATTRIBUTE) :]
    if subject == ATTRIBUTE or subject not in KINDS:
        raise Refused(f"there is no subject {subject!r}")
    return subject, ""


# ------------------------------------------------------------------------------ arguments


def to_pattern(text: str) -> re.Pattern[str]:
    """Compile a regular expression, which is to fit a whole value.

    Assumed: it means to Java, whose syntax AWS names, what it means to Python.

    Raises:
        Refused: Python cannot compile it.
    """
    try:
        with warnings.catch_warnings():
            # What Python warns of, it reads otherwise than Java, or will.
            warnings.simplefilter("error")
            return re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise Refused(f"{text!r} is not a regular expression") from error


def _to_text(text: str) -> str:
    return text


def _to_boolean(text: str) -> str:
    """Return `true` or `false`, as a text so that a pattern can fit it too."""
    if text not in {"true", "false"}:
        raise Refused(f"{text!r} is neither true nor false")
    return text


def _to_count(text: str) -> int:
    if _COUNT.fullmatch(text) is None:
        raise Refused(f"{text!r} is not a number")
    return int(text)


def _to_version(text: str) -> tuple[int, ...]:
    if _VERSION.fullmatch(text) is None:
        raise Refused(f"{text!r} is not a version")
    return _version(text)


def _to_date(text: str) -> datetime:
    """Read one of the four forms of a date. Assumed: without a zone it is UTC."""
    if _DATE.fullmatch(text):
        with suppress(ValueError):  # such as a 30th of February
            date = datetime.fromisoformat(text.replace("Z", "+00:00"))
            return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
    raise Refused(f"{text!r} is not a date")


# --------------------------------------------------------------------------------- values


@lru_cache(maxsize=64)
def _version(text: str) -> tuple[int, ...]:
    """Return the numbers at the start of a version; zeros at their end do not count.

    Assumed: 1.14 is 1.14.0, and a suffix such as `-dev` makes no difference.
    """
    found = _VERSION.match(text)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _versions(subject: Subject, _name: str) -> tuple[tuple[int, ...], ...]:
    return (_version(subject.agent_version),) if subject.agent_version else ()


def _values_of_attribute(subject: Subject, name: str) -> tuple[str, ...]:
    attributes = subject.attributes
    return (attributes[name] or "",) if name in attributes else ()


# -------------------------------------------------------------------------------- operators


def _is_member(value: str, arguments: tuple[str, ...]) -> bool:
    return value in arguments


def _is_match(value: str, pattern: re.Pattern[str]) -> bool:
    return pattern.fullmatch(value) is not None


def _is_there(_value: str, _argument: None) -> bool:
    return True


def _by_number(compare: Test) -> Test:
    """Compare as numbers what is a number on both sides, and all else as text. Assumed."""

    def compared(value: str, argument: str) -> bool:
        if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(argument):
            return compare(float(value), float(argument))
        return compare(value, argument)

    return compared


def _any_fits(test: Test) -> Verdict:
    def verdict(values: Collection[Any], argument: Any) -> bool:
        return any(map(test, values, repeat(argument)))

    return verdict


def _none_fits(test: Test, *, without_values: bool) -> Verdict:
    """Negate `_any_fits`; *without_values* is the verdict on a subject that has no value."""

    def verdict(values: Collection[Any], argument: Any) -> bool:
        return not any(map(test, values, repeat(argument))) if values else without_values

    return verdict


def _verdicts(tests: Mapping[str, Test], *, without_values: bool = True) -> dict[str, Verdict]:
    """Return the verdicts of operators and of those of their negations that exist."""
    return {symbol: _any_fits(test) for symbol, test in tests.items()} | {
        negation: _none_fits(tests[symbol], without_values=without_values)
        for negation, symbol in NEGATIONS.items()
        if symbol in tests
    }


_ORDER: Final[Mapping[str, Test]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TEXTUAL: Final[Mapping[str, Test]] = {"==": operator.eq, "in": _is_member, "=~": _is_match}
_BY_NUMBER: Final = {symbol: _by_number(compare) for symbol, compare in _ORDER.items()}
_ON_TEXT: Final = _verdicts(_TEXTUAL)
_ON_ORDERED: Final = _verdicts({"==": operator.eq, **_ORDER})
_ON_ATTRIBUTE: Final = {
    # An attribute that is absent is not different: `attribute:stack != prod` lists, of the
    # instances with the attribute, those with another value. Source: ECS developer guide,
    # task placement constraints.
    **_verdicts({**_TEXTUAL, **_BY_NUMBER}, without_values=False),
    **_verdicts({"exists": _is_there}),
}

KINDS: Final[Mapping[str, Kind]] = {
    "agentConnected": Kind(
        lambda instance, _: ("true" if instance.agent_connected else "false",),
        _to_boolean,
        _ON_TEXT,
    ),
    "agentVersion": Kind(_versions, _to_version, _ON_ORDERED),
    ATTRIBUTE: Kind(_values_of_attribute, _to_text, _ON_ATTRIBUTE),
    "ec2InstanceId": Kind(lambda instance, _: (instance.ec2_instance_id,), _to_text, _ON_TEXT),
    "registeredAt": Kind(lambda instance, _: (instance.registered_at,), _to_date, _ON_ORDERED),
    "runningTasksCount": Kind(
        lambda instance, _: (instance.running_tasks_count,), _to_count, _ON_ORDERED
    ),
    "task:group": Kind(lambda instance, _: instance.task_groups, _to_text, _ON_TEXT),
}
