"""A dict that can be walked in key order from any point, so that a page costs a page."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class SortedMap(Generic[K, V]):
    """Keys to values, in key order.

    Adding a key larger than all others, looking up and walking are cheap; adding or removing in
    the middle moves a block of memory.
    """

    __slots__ = ("_order", "_values")

    def __init__(self) -> None:
        self._values: dict[K, V] = {}
        self._order: list[Any] = []

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._order)

    def __contains__(self, key: K) -> bool:
        """Tell whether *key* is there."""
        return key in self._values

    def __iter__(self) -> Iterator[K]:
        """Walk the keys in order."""
        return iter(self._order)

    def __getitem__(self, key: K) -> V:
        """Return the value of *key*; raises KeyError."""
        return self._values[key]

    def __eq__(self, other: object) -> bool:
        """Compare keys and values."""
        return isinstance(other, SortedMap) and self._values == other._values

    __hash__ = None  # type: ignore[assignment]

    def get(self, key: K) -> V | None:
        """Return the value of *key*, or None."""
        return self._values.get(key)

    def add(self, key: K, value: V) -> None:
        """Set *key* to *value*."""
        if key not in self._values:
            if not self._order or self._order[-1] < key:
                self._order.append(key)
            else:
                insort(self._order, key)
        self._values[key] = value

    def pop(self, key: K) -> V:
        """Remove *key* and return its value; raises KeyError."""
        value = self._values.pop(key)
        del self._order[bisect_left(self._order, key)]
        return value

    def values(self) -> Iterator[V]:
        """Walk the values in the order of their keys."""
        return (self._values[key] for key in self._order)

    def items_before(self, key: K | None) -> Iterator[tuple[K, V]]:
        """Walk keys and values backwards, beginning before *key*, or at the end for None."""
        start = len(self._order) if key is None else bisect_left(self._order, key)
        for index in range(start - 1, -1, -1):
            found = self._order[index]
            yield found, self._values[found]

    def items_after(self, key: K | None) -> Iterator[tuple[K, V]]:
        """Walk keys and values, beginning behind *key*, which need not be there any more."""
        start = 0 if key is None else bisect_right(self._order, key)
        for index in range(start, len(self._order)):
            found = self._order[index]
            yield found, self._values[found]
