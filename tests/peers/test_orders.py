"""The environment after mocks that were started and stopped in every order, with others between.

An order is left out only where it goes wrong without ecrmock as well; the test shows that it does.
"""

from __future__ import annotations

import itertools
import os
from unittest import mock

import moto
import pytest
from moto.core.models import MockAWS

import ecrmock
from ecrmock.intercept import environment

OF_ANOTHER = {"AWS_ACCESS_KEY_ID": "OF-ANOTHER", "AWS_PROFILE": "of-another", "ANOTHER": "1"}

MAKERS = {
    "A": ecrmock.mock_aws,
    "B": lambda: ecrmock.mock_aws(region_name="eu-west-1"),
    "moto": moto.mock_aws,
    "dict": lambda: mock.patch.dict(os.environ, {**OF_ANOTHER, "AWS_DEFAULT_REGION": "ap-south-1"}),
}
OURS = ("A", "B")

BEGINNINGS = {
    "absent": None,
    "empty": "",
    "set": "of the machine",
}
VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ECR",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
)


MOTO_S_OWN = MockAWS._unmock_env_variables


@pytest.fixture(autouse=True)
def moto_as_it_was():
    """Take away after each test what a failed one may have left in moto."""
    yield
    getattr(environment, "_gone", {}).clear()
    MockAWS._unmock_env_variables = MOTO_S_OWN


def begin(value):
    """Give the variables of AWS a value, or none."""
    for name in VARIABLES:
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def run(starts, stops):
    """Start and stop in the given orders; return the environment at the end, or None."""
    made = {}
    for name in starts:
        made[name] = MAKERS[name]()
        made[name].start()
    stopped = [stop(made[name]) for name in stops]
    return dict(os.environ) if all(stopped) else None


def stop(started):
    """Stop a mock and tell whether it could: moto deletes what is gone already, and gives up."""
    try:
        started.stop()
    except KeyError:
        os.environ.update(started._fake_creds)
        MockAWS._nested_count += 1
        started.stop()
        return False
    return True


def differences(before, after):
    """Return the variables that are not as they were, with both values."""
    if after is None:
        return {"a stop": "failed"}
    changed = {name for name, _ in before.items() ^ after.items()}
    return {name: (before.get(name), after.get(name)) for name in sorted(changed)}


def without_ours(names):
    return [name for name in names if name not in OURS]


def all_orders(names, most):
    """Return every order of starting and stopping up to *most* of *names*, ours among them."""
    sets = [some for n in range(1, most + 1) for some in itertools.combinations(names, n)]
    return [
        pytest.param(starts, stops, id=f"{'-'.join(starts)} stopped as {'-'.join(stops)}")
        for some in sets
        if not set(OURS).isdisjoint(some)
        for starts, stops in itertools.product(itertools.permutations(some), repeat=2)
    ]


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize(("starts", "stops"), all_orders(MAKERS, most=3))
def test_the_environment_is_restored_to_the_byte(starts, stops, beginning):
    begin(BEGINNINGS[beginning])
    before = dict(os.environ)

    after = run(starts, stops)

    assert differences(before, after) == {} or not is_restored_without_ours(
        starts, stops, beginning
    )


def is_restored_without_ours(starts, stops, beginning):
    """Tell whether what is not ours restores the environment in the same order."""
    begin(BEGINNINGS[beginning])
    before = dict(os.environ)
    return run(without_ours(starts), without_ours(stops)) == before


@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize(("starts", "stops"), all_orders(OURS, most=2))
def test_ecrmock_alone_restores_the_environment(starts, stops, beginning):
    begin(BEGINNINGS[beginning])
    before = dict(os.environ)

    after = run(starts, stops)

    assert differences(before, after) == {}


@pytest.mark.parametrize(
    ("starts", "stops", "beginning"),
    [
        pytest.param(["moto"], ["moto"], "empty", id="moto deletes what was empty"),
        pytest.param(["moto", "dict"], ["moto", "dict"], "absent", id="patch.dict keeps moto's"),
        pytest.param(["dict", "moto"], ["dict", "moto"], "absent", id="moto keeps patch.dict's"),
    ],
)
def test_what_is_left_out_goes_wrong_without_ecrmock(starts, stops, beginning):
    assert not is_restored_without_ours(starts, stops, beginning)


@pytest.mark.parametrize("stops", [*itertools.permutations(("A", "dict", "moto"))], ids="-".join)
@pytest.mark.parametrize("starts", [*itertools.permutations(("A", "dict", "moto"))], ids="-".join)
def test_moto_restores_by_itself_again_when_none_of_ours_is_left(starts, stops):
    begin("of the machine")

    run(starts, stops)

    assert MockAWS._unmock_env_variables is MOTO_S_OWN
