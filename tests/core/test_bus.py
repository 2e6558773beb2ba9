"""Events: their envelope, and that what is handed out shares nothing."""

from __future__ import annotations

import copy
import dataclasses
from datetime import datetime, timezone

import pytest

from ecrmock.core.bus import Bus, Event


@pytest.fixture
def event() -> Event:
    return Event(
        id="13cde686-328b-6117-af20-0e5566167482",
        source="aws.ecr",
        detail_type="ECR Image Action",
        time=datetime(2024, 2, 29, 12, 30, 5, 999_000, tzinfo=timezone.utc),
        account_id="123456789012",
        region="eu-west-1",
        resources=("arn:aws:ecr:eu-west-1:123456789012:repository/app",),
        detail={"result": "SUCCESS", "nested": {"tags": ["v1"]}},
    )


def test_the_envelope_is_as_event_bridge_writes_it(event):
    envelope = event.envelope()

    assert envelope == {
        "version": "0",
        "id": "13cde686-328b-6117-af20-0e5566167482",
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": "123456789012",
        "time": "2024-02-29T12:30:05Z",
        "region": "eu-west-1",
        "resources": ["arn:aws:ecr:eu-west-1:123456789012:repository/app"],
        "detail": {"result": "SUCCESS", "nested": {"tags": ["v1"]}},
    }


def test_an_envelope_is_the_callers_to_change(event):
    envelope = event.envelope()

    envelope["detail"]["nested"]["tags"].append("v2")
    envelope["resources"].clear()

    assert event.envelope()["detail"]["nested"]["tags"] == ["v1"]
    assert len(event.envelope()["resources"]) == 1


def test_a_bus_keeps_events_in_their_order(event):
    bus, later = Bus(), dataclasses.replace(event, id="later")

    bus.publish(event)
    bus.publish(later)

    assert bus.events == [event, later]


def test_a_copy_of_a_bus_goes_on_apart(event):
    bus = Bus()
    bus.publish(event)

    other = copy.deepcopy(bus)
    other.publish(event)

    assert len(bus.events) == 1
    assert other.events == [event, event]
