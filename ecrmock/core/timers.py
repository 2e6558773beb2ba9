"""What is yet to happen in a world, as data.

A timer is a due time, a kind and ids; what a kind does stands in one table (`reactions.py`),
so that a world with timers can be copied and saved.

*Transitions* are what AWS does by itself in minutes. *Appointments* wait for their time in every
world. They are kept apart so that an `instant` world finds its transitions at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True, order=True)
class Timer:
    """One thing to come. Equal due times fire in the order in which they were made."""

    due_ms: int
    seq: int
    kind: str = field(compare=False)
    payload: dict[str, str] = field(compare=False)
    is_appointment: bool = field(compare=False, default=False)


@dataclass(slots=True)
class Timers:
    """All timers of a world, the next one first."""

    _transitions: list[Timer] = field(default_factory=list)
    _appointments: list[Timer] = field(default_factory=list)
    _aside: list[Timer] = field(default_factory=list)
    _next_seq: int = 0

    def __len__(self) -> int:
        """Count the timers that have yet to fire."""
        return len(self._transitions) + len(self._appointments)

    def __iter__(self) -> Iterator[Timer]:
        """Walk the timers in the order in which they will fire."""
        return iter(sorted(self._transitions + self._appointments))

    def schedule_transition(self, kind: str, due_ms: int, **payload: str) -> None:
        """Add something that AWS does by itself, at *due_ms* since the epoch."""
        self._push(self._transitions, kind, due_ms, payload)

    def schedule_appointment(self, kind: str, due_ms: int, **payload: str) -> None:
        """Add something that waits for its time in every world, at *due_ms* since the epoch."""
        self._push(self._appointments, kind, due_ms, payload)

    def next_due_ms(self) -> int | None:
        """Return when the next timer fires, or None when there is none."""
        if not self._transitions and not self._appointments:
            return None
        heads = [heap[0].due_ms for heap in (self._transitions, self._appointments) if heap]
        return min(heads)

    def pop_due(self, now_ms: int) -> Timer | None:
        """Take the next timer if it is due at *now_ms*."""
        heaps = [heap for heap in (self._transitions, self._appointments) if heap]
        first = min(heaps, key=lambda heap: heap[0], default=None)
        if first is None or first[0].due_ms > now_ms:
            return None
        return heapq.heappop(first)

    def pop_transition(self) -> Timer | None:
        """Take the first transition, due or not."""
        return heapq.heappop(self._transitions) if self._transitions else None

    def set_aside(self, timer: Timer) -> None:
        """Keep a timer that was taken until `rearm`."""
        self._aside.append(timer)

    def rearm(self) -> None:
        """Let timers that were set aside be due again."""
        for timer in self._aside:
            heap = self._appointments if timer.is_appointment else self._transitions
            heapq.heappush(heap, timer)
        self._aside.clear()

    def _push(self, heap: list[Timer], kind: str, due_ms: int, payload: dict[str, str]) -> None:
        is_appointment = heap is self._appointments
        heapq.heappush(heap, Timer(due_ms, self._next_seq, kind, payload, is_appointment))
        self._next_seq += 1
