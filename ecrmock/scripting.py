"""Floor 9: what a test says of containers, read and checked: `aws.tasks.on_run(...)`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import NoneType
from typing import Any, Final, get_args

from ecrmock.core.errors import UsageError
from ecrmock.ecs import behaviour
from ecrmock.ecs.behaviour import Selector
from ecrmock.ecs.state import Health, Script

MAX_EXIT_CODE: Final = 255
_HEALTHS: Final[tuple[str, ...]] = get_args(Health)
MAX_AFTER: Final = timedelta(days=36_525)
OUTCOME: Final = ("exit_code", "after", "health", "fail_to_start", "oom")
"""The options that say what happens."""

Duration = float | timedelta


def selector(family: object, image: object, container: object) -> Selector:
    """Check which containers a script is for."""
    given = {"family": family, "image": image, "container": container}
    for name, value in given.items():
        if value is not None and (not isinstance(value, str) or not value):
            raise UsageError(f"{name} is {value!r}; give a text")
    if isinstance(family, str) and ":" in family:
        raise UsageError(f"family is {family!r}; give the name alone, it is for all revisions")
    return Selector(**given)  # type: ignore[arg-type]  # checked


def read_sequence(sequence: object) -> list[dict[str, Any]]:
    """Read a sequence of outcomes."""
    if isinstance(sequence, (str, bytes, Mapping)) or not isinstance(sequence, Iterable):
        raise UsageError(f"sequence is {sequence!r}; give a list of exit codes and dicts")
    return [_as_outcome(entry) for entry in sequence]


def _as_outcome(entry: object) -> dict[str, Any]:
    """Read one entry of a sequence."""
    if isinstance(entry, int):
        return {"exit_code": entry}
    if not isinstance(entry, Mapping):
        raise UsageError(f"the sequence has {entry!r}; give exit codes and dicts")
    unknown = [name for name in entry if name not in OUTCOME]
    if unknown:
        raise UsageError(f"an outcome has no {unknown[0]!r}; it has {', '.join(OUTCOME)}")
    return dict(entry)


def script(outcome: Mapping[str, Any]) -> Script:
    """Check one outcome and make it a script."""
    code, health = outcome.get("exit_code"), outcome.get("health")
    text, is_oom, after = outcome.get("fail_to_start"), outcome.get("oom"), outcome.get("after")
    ends = code is not None or bool(is_oom)
    if code is not None:
        check_code(code)
    if health is not None:
        check_health(health)
    if text is not None:
        check_failure(text)
    if not isinstance(is_oom, (bool, NoneType)):
        raise UsageError(f"oom is {is_oom!r}; give True or False")
    if code is not None and is_oom:
        raise UsageError("a container that is out of memory exits with 137; give one of the two")
    if text is not None and (ends or health is not None):
        raise UsageError("a container that does not start neither exits nor has a health")
    if after is not None and not ends:
        raise UsageError("after says when a container exits; give exit_code or oom with it")
    return Script(
        exit_code=code,
        after_ms=None if after is None else _milliseconds(after),
        health=health,
        fail_to_start=text,
        is_oom=bool(is_oom),
    )


def _milliseconds(after: Duration) -> int:
    try:
        delta = after if isinstance(after, timedelta) else timedelta(seconds=after)
    except (TypeError, OverflowError, ValueError):
        delta = timedelta(-1)
    if not timedelta(0) <= delta <= MAX_AFTER:
        raise UsageError(f"after is {after!r}; give seconds, or a timedelta, from 0 on")
    return int(delta / timedelta(milliseconds=1))


def check_failure(text: object, what: str = "fail_to_start") -> None:
    """Refuse what is no reason as AWS writes them."""
    if not isinstance(text, str) or not (":" in text or behaviour.is_of_the_task(text)):
        raise UsageError(
            f"{what} is {text!r}; give it as AWS writes it: 'CannotStartContainerError: ...'"
        )


def check_code(code: object) -> None:
    """Refuse what is no exit code."""
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= MAX_EXIT_CODE:
        raise UsageError(f"an exit code is {code!r}; give a number from 0 to {MAX_EXIT_CODE}")


def check_health(health: object) -> None:
    """Refuse what is no health."""
    if health not in _HEALTHS:
        raise UsageError(f"health is {health!r}; give one of {', '.join(_HEALTHS)}")
