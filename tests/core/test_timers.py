"""Timers: order, due times, transitions apart from appointments."""

from __future__ import annotations

import copy

import pytest

from ecrmock.core.timers import Timers


@pytest.fixture
def timers() -> Timers:
    return Timers()


def drain(timers: Timers, now_ms: int) -> list[str]:
    """Take all that is due; return the kinds."""
    kinds = []
    while (timer := timers.pop_due(now_ms)) is not None:
        kinds.append(timer.kind)
    return kinds


def test_without_timers_nothing_is_due(timers):
    assert timers.pop_due(10**15) is None
    assert timers.pop_transition() is None
    assert timers.next_due_ms() is None
    assert len(timers) == 0


def test_timers_fire_by_due_time_whatever_their_class_and_the_order_they_were_made_in(timers):
    timers.schedule_appointment("third", 30)
    timers.schedule_transition("first", 10)
    timers.schedule_appointment("second", 20)
    timers.schedule_transition("fourth", 40)

    fired = drain(timers, 100)

    assert fired == ["first", "second", "third", "fourth"]
    assert len(timers) == 0


def test_timers_of_one_time_fire_in_the_order_they_were_made_in(timers):
    for number in range(6):
        add = timers.schedule_transition if number % 2 else timers.schedule_appointment
        add(str(number), 10)

    fired = drain(timers, 10)

    assert fired == ["0", "1", "2", "3", "4", "5"]


def test_a_timer_fires_at_its_time_and_not_before(timers):
    timers.schedule_appointment("later", 10)

    before, at = timers.pop_due(9), timers.pop_due(10)

    assert before is None
    assert (at.kind, at.due_ms) == ("later", 10)


def test_a_timer_carries_its_ids(timers):
    timers.schedule_transition("task.start", 10, account_id="123456789012", task_id="abc")

    timer = timers.pop_due(10)

    assert timer.payload == {"account_id": "123456789012", "task_id": "abc"}


@pytest.mark.parametrize(
    ("transition", "appointment", "due"), [(10, 20, 10), (20, 10, 10), (None, 5, 5), (5, None, 5)]
)
def test_the_next_due_time_is_the_least_of_both_classes(timers, transition, appointment, due):
    if transition is not None:
        timers.schedule_transition("t", transition)
    if appointment is not None:
        timers.schedule_appointment("a", appointment)

    assert timers.next_due_ms() == due


def test_transitions_are_taken_whether_due_or_not_and_appointments_are_not(timers):
    timers.schedule_appointment("appointment", 1)
    timers.schedule_transition("second", 2000)
    timers.schedule_transition("first", 1000)

    taken = [timers.pop_transition(), timers.pop_transition(), timers.pop_transition()]

    assert [timer and timer.kind for timer in taken] == ["first", "second", None]
    assert len(timers) == 1


def test_walking_shows_the_order_and_takes_nothing(timers):
    timers.schedule_appointment("second", 20)
    timers.schedule_transition("first", 10)

    shown = [timer.kind for timer in timers]

    assert shown == ["first", "second"]
    assert len(timers) == 2


def test_a_timer_made_while_another_fires_takes_its_place(timers):
    timers.schedule_transition("first", 10)
    timers.schedule_transition("third", 30)
    timers.pop_due(10)

    timers.schedule_transition("second", 20)

    assert drain(timers, 30) == ["second", "third"]


def test_a_copy_fires_on_its_own(timers):
    timers.schedule_transition("first", 10)

    other = copy.deepcopy(timers)
    other.schedule_transition("second", 20)

    assert drain(timers, 100) == ["first"]
    assert drain(other, 100) == ["first", "second"]
