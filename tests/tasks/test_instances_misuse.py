"""`aws.instances.add` with what cannot be: it says what was given and what is accepted."""

from __future__ import annotations

import pytest

from ecrmock import EcrmockError, UsageError


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"instance_type": "m5.huge"}, "'m5.huge' is no EC2 instance type.*m5.large"),
        ({"cluster": "prod"}, "no active cluster 'prod'; create it first"),
        ({"count": 0}, "count is 0; give a number from 1"),
        ({"count": -1}, "count is -1; give a number from 1"),
        ({"agent_version": "latest"}, "'latest' is no version of the ECS agent"),
    ],
)
def test_what_cannot_be_is_refused(options, says, instant):
    with pytest.raises(EcrmockError, match=says):
        instant.aws.instances.add(**options)


REFUSED = [{"instance_type": None}, {"cluster": None}, {"role": "no such role"}]
REFUSED += [{"agent_version": 5}, {"attributes": ["gpu"]}]
REFUSED += [{"count": "2"}, {"count": 1.5}, {"count": True}, {"role": 5}]
REFUSED += [{"attributes": {"stage": 5}}, {"az": 5}, {"az": "eu-west-1a"}, {"az": "nowhere"}]


@pytest.mark.parametrize("options", REFUSED, ids=str)
def test_what_has_another_type_or_another_place_is_refused(options, instant):
    with pytest.raises(UsageError, match=next(iter(options))):
        instant.aws.instances.add(**options)


def test_what_is_refused_registers_nothing(instant):
    with pytest.raises(EcrmockError):
        instant.aws.instances.add("m5.huge", count=3)

    assert instant.ecs.list_container_instances()["containerInstanceArns"] == []
