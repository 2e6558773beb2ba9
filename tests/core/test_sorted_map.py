"""The sorted map does what a dict does, and walks in key order from any point."""

from __future__ import annotations

import copy

import pytest
from hypothesis import stateful
from hypothesis import strategies as st

from ecrmock.core.sorted_map import SortedMap

keys = st.integers(0, 15)


class SortedMapMachine(stateful.RuleBasedStateMachine):
    """A sorted map and a dict side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.map: SortedMap[int, int] = SortedMap()
        self.dict: dict[int, int] = {}

    @stateful.rule(key=keys, value=st.integers())
    def add(self, key, value):
        self.map.add(key, value)
        self.dict[key] = value

    @stateful.rule(value=st.integers())
    def add_behind_all(self, value):
        key = max(self.dict, default=0) + 1
        self.map.add(key, value)
        self.dict[key] = value

    @stateful.precondition(lambda self: self.dict)
    @stateful.rule(data=st.data())
    def pop(self, data):
        key = data.draw(st.sampled_from(sorted(self.dict)))
        assert self.map.pop(key) == self.dict.pop(key)

    @stateful.rule(key=keys)
    def look_up(self, key):
        assert (key in self.map) == (key in self.dict)
        assert self.map.get(key) == self.dict.get(key)
        if key in self.dict:
            assert self.map[key] == self.dict[key]

    @stateful.rule(key=st.none() | keys)
    def walk_behind(self, key):
        expected = [(k, v) for k, v in sorted(self.dict.items()) if key is None or k > key]
        assert list(self.map.items_after(key)) == expected

    @stateful.rule()
    def go_on_with_a_copy(self):
        left = self.map
        self.map = copy.deepcopy(left)
        left.add(-1, -1)

    @stateful.invariant()
    def they_agree(self):
        assert len(self.map) == len(self.dict)
        assert list(self.map) == sorted(self.dict)
        assert list(self.map.values()) == [self.dict[key] for key in sorted(self.dict)]


TestSortedMap = SortedMapMachine.TestCase


@pytest.fixture
def letters() -> SortedMap[str, int]:
    made: SortedMap[str, int] = SortedMap()
    for number, letter in enumerate("dacb"):
        made.add(letter, number)
    return made


def test_a_missing_key_is_a_key_error(letters):
    with pytest.raises(KeyError):
        letters["x"]
    with pytest.raises(KeyError):
        letters.pop("x")


def test_adding_a_key_again_replaces_its_value(letters):
    letters.add("a", 99)

    assert letters["a"] == 99
    assert list(letters) == ["a", "b", "c", "d"]


def test_walking_begins_behind_a_key_that_is_gone(letters):
    letters.pop("b")

    assert [key for key, _value in letters.items_after("b")] == ["c", "d"]


def test_pairs_are_keys_too():
    pairs: SortedMap[tuple[int, str], None] = SortedMap()
    for pair in ((2, "a"), (1, "b"), (1, "a")):
        pairs.add(pair, None)

    assert [key for key, _value in pairs.items_after((1, "a"))] == [(1, "b"), (2, "a")]


def test_maps_of_the_same_content_are_equal(letters):
    other = copy.deepcopy(letters)
    equal_before = other == letters

    other.add("a", 99)

    assert equal_before
    assert other != letters


def test_a_map_is_not_hashable(letters):
    with pytest.raises(TypeError):
        hash(letters)
