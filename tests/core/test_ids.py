"""Identifiers: their forms, one history for one seed, streams apart."""

from __future__ import annotations

import copy
import re
import uuid

import pytest

from ecrmock.core import ids as id_module
from ecrmock.core.ids import Ids

UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
FORMS = {
    "uuid": (lambda ids: ids.uuid(), UUID),
    "request id": (lambda ids: ids.request_id(), UUID),
    "hex": (lambda ids: ids.hex(32), r"[0-9a-f]{32}"),
    "odd hex": (lambda ids: ids.hex(7), r"[0-9a-f]{7}"),
    "digits": (lambda ids: ids.digits(19), r"[1-9][0-9]{18}"),
    "one digit": (lambda ids: ids.digits(1), r"[1-9]"),
    "base62": (lambda ids: ids.base62(21), r"[0-9A-Za-z]{21}"),
}


@pytest.mark.parametrize(("make", "form"), FORMS.values(), ids=FORMS.keys())
def test_an_id_has_its_form(make, form):
    ids = Ids(7)

    made = [make(ids) for _number in range(200)]

    assert all(re.fullmatch(form, each) for each in made)


@pytest.mark.parametrize("make", [lambda ids: ids.uuid(), lambda ids: ids.request_id()])
def test_a_uuid_is_one_of_version_4(make):
    parsed = uuid.UUID(make(Ids()))

    assert parsed.version == 4
    assert parsed.variant == uuid.RFC_4122


@pytest.mark.parametrize("make", [make for make, _form in FORMS.values()], ids=FORMS.keys())
def test_one_seed_gives_one_history(make):
    first, second = Ids(5), Ids(5)

    assert [make(first) for _number in range(5)] == [make(second) for _number in range(5)]


def test_another_seed_gives_another_history():
    assert Ids(1).uuid() != Ids(2).uuid()
    assert Ids(1).request_id() != Ids(2).request_id()


def test_an_id_does_not_come_twice():
    ids = Ids()

    made = [ids.uuid() for _number in range(1000)] + [ids.request_id() for _number in range(1000)]

    assert len(set(made)) == 2000


def test_requests_do_not_change_the_ids_of_resources():
    quiet, busy = Ids(3), Ids(3)

    for _number in range(10):
        busy.request_id()

    assert busy.uuid() == quiet.uuid()


def test_a_copy_goes_on_where_the_original_was():
    ids = Ids(3)
    ids.uuid()

    other = copy.deepcopy(ids)

    assert [other.uuid(), other.request_id()] == [ids.uuid(), ids.request_id()]


def test_streams_of_chance_are_apart_and_repeat_themselves():
    faults, again, other = (id_module.chance(1, name) for name in ("faults", "faults", "other"))

    drawn = faults.random()

    assert drawn == again.random()
    assert drawn != other.random()


def test_a_secret_is_for_one_purpose_of_one_seed():
    one, again, other_purpose, other_seed = (
        Ids(seed).secret(purpose) for seed, purpose in ((1, "a"), (1, "a"), (1, "b"), (2, "a"))
    )

    assert one == again
    assert len({one, other_purpose, other_seed}) == 3
    assert len(one) == 32
