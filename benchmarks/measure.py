"""Paired measurements: the parties take turns, and ratios are medians of the pairs."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Party = Callable[[], float]
"""Does the work once and returns how many seconds the timed part of it took."""


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
            f"{_shown(self.ours)} against {_shown(self.theirs)}"
        )


def _shown(seconds: float) -> str:
    return f"{seconds * 1e6:7.0f} us" if seconds < 0.01 else f"{seconds * 1e3:7.1f} ms"


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
    )
