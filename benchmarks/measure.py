"""Paired measurements: the parties take turns, and ratios are medians of the pairs."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Party = Callable[[], float]
"""Does the work once and returns how many seconds the timed part of it took."""


def _duration(seconds: float) -> str:
    return f"{seconds * 1e6:7.0f} us" if seconds < 0.01 else f"{seconds * 1e3:7.1f} ms"


@dataclass(frozen=True)
class Row:
    """One line of the result: ours against one peer."""

    what: str
    peer: str
    ratio: float
    """Our time over the peer's, or the peer's over ours where `faster` is true."""
    target: float
    faster: bool
    ours: float
    theirs: float
    shown: Callable[[float], str] = _duration
    """Writes seconds as what they mean in this row."""

    @property
    def is_met(self) -> bool:
        """Whether the target of the design is reached."""
        return self.ratio >= self.target if self.faster else self.ratio <= self.target

    def __str__(self) -> str:
        wanted = f"{'>=' if self.faster else '<='} {self.target:g}"
        kind = "x faster" if self.faster else "x"
        return (
            f"{'ok  ' if self.is_met else 'MISS'}  {self.what:<44} {self.peer:<26}"
            f"{self.ratio:6.2f} {kind:<8} (target {wanted:>7})   "
            f"{self.shown(self.ours)} against {self.shown(self.theirs)}"
        )


@dataclass(frozen=True)
class Weight:
    """One line of the result: how much memory ours takes; the peer's is shown beside it."""

    what: str
    ours: int
    limit: int
    peer: str
    theirs: int | None

    def __str__(self) -> str:
        wanted = f"< {_mebibytes(self.limit).strip()}"
        beside = "" if self.theirs is None else f"   {_mebibytes(self.theirs)} of {self.peer}"
        return (
            f"{'ok  ' if self.ours < self.limit else 'MISS'}  {self.what:<44} {'':<26}"
            f"{_mebibytes(self.ours):<15} (target {wanted:>9}){beside}"
        )


def _mebibytes(count: int) -> str:
    return f"{count / (1 << 20):6.0f} MiB"


@dataclass(frozen=True)
class Missing:
    """One line of the result: there is nothing to compare with."""

    what: str
    peer: str

    def __str__(self) -> str:
        return f"none  {self.what:<44} {self.peer:<26}is not installed"


Line = Row | Weight | Missing


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds *work* takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def paired(
    parties: dict[str, Party], rounds: int, *, clean: bool = False
) -> dict[str, list[float]]:
    """Let the parties take turns, in an order that changes, and return their times.

    With *clean*, garbage is collected before each turn, so that none pays for another's.
    """
    times: dict[str, list[float]] = {name: [] for name in parties}
    names = list(parties)
    for name in names:
        parties[name]()  # warm
    gc.collect()
    for number in range(rounds):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            if clean:
                gc.collect()
            times[name].append(parties[name]())
    return times


def compare(
    what: str,
    times: dict[str, list[float]],
    ours: str,
    peer: str,
    *,
    at_most: float | None = None,
    at_least: float | None = None,
    shown: Callable[[float], str] = _duration,
) -> Row:
    """Return the median of the paired ratios of *ours* and *peer*."""
    pairs = list(zip(times[ours], times[peer], strict=True))
    faster = at_least is not None
    ratio = statistics.median(b / a if faster else a / b for a, b in pairs)
    return Row(
        what,
        peer,
        ratio,
        at_least if at_least is not None else at_most or 0.0,
        faster,
        statistics.median(times[ours]),
        statistics.median(times[peer]),
        shown,
    )
