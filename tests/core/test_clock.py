"""The clock: three modes, never backwards, milliseconds."""

from __future__ import annotations

import copy
from datetime import datetime, timedelta, timezone

import pytest

from ecrmock.core import clock as clocks
from ecrmock.core.clock import MODES, Clock, to_datetime, to_ms

START = datetime(2024, 2, 29, 12, 0, 0, 123_000, tzinfo=timezone.utc)
WALL = 1_700_000_000_000


class Wall:
    """The machine's time, in the hand of the test; milliseconds since the epoch."""

    def __init__(self) -> None:
        self.ms = WALL

    def __call__(self) -> int:
        return self.ms


@pytest.fixture
def wall(monkeypatch) -> Wall:
    wall = Wall()
    monkeypatch.setattr(clocks, "wall_ms", wall)
    return wall


STILL = [("virtual", None), ("virtual", START), ("instant", START)]
FOLLOWING = [("instant", None), ("real", None), ("real", START)]


@pytest.mark.parametrize(("mode", "start"), STILL)
def test_a_clock_that_does_not_follow_stands_still(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now

    wall.ms += 60_000

    assert clock.now == first


@pytest.mark.parametrize(("mode", "start"), FOLLOWING)
def test_a_clock_that_follows_goes_with_the_machine(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now

    wall.ms += 60_000

    assert clock.now == first + timedelta(minutes=1)


@pytest.mark.parametrize("mode", MODES)
def test_a_clock_begins_at_its_start(wall, mode):
    clock = Clock(mode, START)

    assert clock.now == START


@pytest.mark.parametrize("mode", MODES)
def test_a_clock_without_a_start_begins_at_the_machines_time(wall, mode):
    clock = Clock(mode)

    assert clock.now_ms == WALL


def test_the_present_is_utc(wall):
    now = Clock("virtual", START).now

    assert now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("mode", MODES)
def test_reading_the_clock_changes_nothing(wall, mode):
    clock = Clock(mode, START)
    before = copy.deepcopy(clock)

    _read = [clock.now for _number in range(3)]

    assert clock == before


@pytest.mark.parametrize(("mode", "start"), STILL + FOLLOWING)
def test_each_tick_is_later_than_the_one_before(wall, mode, start):
    clock = Clock(mode, start)

    ticks = [clock.tick() for _number in range(5)]

    assert ticks == sorted(set(ticks))
    assert clock.now_ms == ticks[-1]


@pytest.mark.parametrize(("mode", "start"), STILL)
def test_a_tick_of_a_clock_that_stands_still_is_a_millisecond(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now_ms

    ticked = clock.tick()

    assert ticked == first + 1


@pytest.mark.parametrize(("mode", "start"), FOLLOWING)
def test_ticks_of_a_clock_that_follows_do_not_run_ahead(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now_ms
    clock.tick()

    wall.ms += 1000

    assert clock.now_ms == first + 1000


@pytest.mark.parametrize(("mode", "start"), FOLLOWING)
def test_a_machine_whose_time_is_set_back_does_not_take_the_clock_along(wall, mode, start):
    clock = Clock(mode, start)
    wall.ms += 5000
    latest = clock.tick()

    wall.ms -= 4000

    assert clock.now_ms >= latest


@pytest.mark.parametrize(("mode", "start"), STILL + FOLLOWING)
def test_a_clock_moves_to_a_later_moment(wall, mode, start):
    clock = Clock(mode, start)
    later = clock.now_ms + 90_000

    clock.move_to(later)

    assert clock.now_ms == later


@pytest.mark.parametrize(("mode", "start"), STILL + FOLLOWING)
def test_a_clock_does_not_move_back(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now_ms

    clock.move_to(first - 1)

    assert clock.now_ms == first


@pytest.mark.parametrize(("mode", "start"), FOLLOWING)
def test_what_was_advanced_is_kept_while_the_machine_goes_on(wall, mode, start):
    clock = Clock(mode, start)
    first = clock.now_ms
    clock.move_to(first + 3_600_000)

    wall.ms += 1000

    assert clock.now_ms == first + 3_601_000


@pytest.mark.parametrize(
    ("moment", "ms"),
    [
        (datetime(1970, 1, 1, tzinfo=timezone.utc), 0),
        (datetime(1970, 1, 1), 0),  # noqa: DTZ001 - what a user may give
        (datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))), 0),
        (datetime(1970, 1, 1, 0, 0, 1, 500_999, tzinfo=timezone.utc), 1500),
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=timezone.utc), -1000),
    ],
    ids=["epoch", "naive is UTC", "another zone", "microseconds are cut", "before the epoch"],
)
def test_a_moment_in_milliseconds(moment, ms):
    assert to_ms(moment) == ms


@pytest.mark.parametrize("ms", [0, 1, 999, 1_709_208_000_123])
def test_milliseconds_make_the_moment_that_they_came_from(ms):
    assert to_ms(to_datetime(ms)) == ms
