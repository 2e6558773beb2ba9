"""The golden histories of tasks: each is well written, and the mock's tasks live as it says."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import jsonschema
import pytest

from tests.ecs import histories

STATUSES = [
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
]
PLACEHOLDERS = {
    *histories.WILD,
    "account_id",
    "blob_digest",
    "digest",
    "ec2_instance_id",
    "region",
    "registry",
    "repository",
    "repository_uri",
    "role_arn",
    "role_name",
    "task_arn",
    "task_id",
}


def record_of(properties, *, optional=()):
    """Return the schema of an object that has these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def list_of(items, **options):
    return {"type": "array", "items": items, **options}


MOMENT = {"type": "number", "minimum": 0, "multipleOf": 0.5}
COUNT = {"type": "integer", "minimum": 0}
TEXT = {"type": "string", "minLength": 1}
SOURCE = {"type": "string", "pattern": r"^(ecs-(runtime|api) \d+(\.\d+)?|time table|assumed)$"}
STATUS = {"enum": STATUSES}
DESIRED = {"enum": ["RUNNING", "STOPPED"]}
INSTANCE_STATUS = {"enum": ["ACTIVE", "DRAINING", "INACTIVE"]}
HEALTH = {"enum": ["UNKNOWN", "HEALTHY", "UNHEALTHY"]}
CALLS = ["StopTask", "interrupt_spot", "UpdateContainerInstancesState"]
CALLS += ["DeregisterContainerInstance"]

EVENT = {"at": MOMENT, "lastStatus": STATUS, "desiredStatus": DESIRED, "version": COUNT}
LINE = record_of(
    {
        **EVENT,
        "containers": {
            "type": "object",
            "additionalProperties": {"enum": ["PENDING", "RUNNING", "STOPPED"]},
        },
        "attachment": {"enum": ["PRECREATED", "ATTACHED", "DETACHED", "DELETED"]},
        "health": {"type": "object", "additionalProperties": HEALTH, "required": ["task"]},
        "source": SOURCE,
    },
    optional=("attachment", "health"),
)
INSTANCE = record_of(
    {
        "history": list_of(
            record_of(
                {
                    "at": MOMENT,
                    "status": INSTANCE_STATUS,
                    **dict.fromkeys(histories.COUNTS, COUNT),
                    "source": SOURCE,
                }
            )
        ),
        "events": list_of(record_of({"at": MOMENT, "status": INSTANCE_STATUS, "source": SOURCE})),
    }
)
GIVEN = record_of(
    {
        "image": record_of(
            {"repository": TEXT, "tag": TEXT, "platforms": list_of(TEXT)}, optional=("platforms",)
        ),
        "role": record_of({"name": TEXT, "trust": TEXT, "policies": list_of({})}),
        "cluster": {"type": "object", "required": ["clusterName"]},
        "instances": list_of(
            record_of({"instanceType": TEXT, "role": TEXT}, optional=("role",)), maxItems=1
        ),
        "taskDefinition": {"type": "object", "required": ["family", "containerDefinitions"]},
        "scripts": list_of({"type": "object", "required": ["family"]}),
        "runTask": {"type": "object", "required": ["taskDefinition"]},
    },
    optional=("role",),
)
CONTAINER_END = record_of(
    {"exitCode": COUNT, "reason": {**TEXT, "maxLength": 1024}}, optional=("exitCode", "reason")
)
SCHEMA = record_of(
    {
        "title": TEXT,
        "note": TEXT,
        "instant": {"const": False},
        "until": MOMENT,
        "given": GIVEN,
        "do": list_of(
            record_of(
                {"at": MOMENT, "call": {"enum": CALLS}, "parameters": {"type": "object"}},
                optional=("parameters",),
            )
        ),
        "history": list_of(LINE, minItems=1),
        "events": list_of(record_of(EVENT), minItems=1),
        "instance": INSTANCE,
        "timestamps": record_of(
            dict.fromkeys(histories.TIMESTAMPS, MOMENT), optional=histories.TIMESTAMPS
        ),
        "end": record_of(
            {
                "stopCode": TEXT,
                "stoppedReason": TEXT,
                "containers": {"type": "object", "additionalProperties": CONTAINER_END},
                "source": SOURCE,
            },
            optional=("stopCode", "stoppedReason"),
        ),
    },
    optional=("note", "instant", "until", "instance"),
)

every_history = pytest.mark.parametrize("name", histories.NAMES)
every_instant_history = pytest.mark.parametrize(
    "name", [name for name in histories.NAMES if histories.read(name).get("instant", True)]
)


@cache
def played(name):
    """Play a history on a virtual clock, once for all tests that look at it."""
    return histories.play(histories.read(name))


def all_texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from all_texts(each)


# ------------------------------------------------------------------------- how it is written


@every_history
def test_a_history_has_the_form_of_all_others(name):
    history = histories.read(name)

    jsonschema.Draft202012Validator(SCHEMA).validate(history)

    used = {found for text in all_texts(history) for found in histories.PLACEHOLDER.findall(text)}
    assert used <= PLACEHOLDERS


@every_history
def test_a_history_begins_with_the_task_and_has_a_line_for_each_change(name):
    lines = histories.read(name)["history"]

    moments = [line["at"] for line in lines]
    shown = [{**line, "at": None, "source": None} for line in lines]
    assert moments[0] == 0
    assert moments == sorted(set(moments))
    assert all(one != following for one, following in pairwise(shown))


@every_history
def test_a_history_has_an_event_for_each_version_and_no_other(name):
    history = histories.read(name)

    lines = [{part: line[part] for part in EVENT} for line in history["history"]]
    before = [0, *(line["version"] for line in lines)]
    new = [line for line, version in zip(lines, before, strict=False) if line["version"] > version]
    assert history["events"] == new
    assert [line["version"] for line in new] == list(range(1, len(new) + 1))


@every_history
def test_a_history_names_the_containers_of_its_task_definition(name):
    history = histories.read(name)

    defined = history["given"]["taskDefinition"]["containerDefinitions"]
    names = {each["name"] for each in defined}
    assert all(set(line["containers"]) == names for line in history["history"])
    assert set(history["end"]["containers"]) == names
    assert "task" not in names, "the health of the task itself goes by this name"


@every_history
def test_the_times_of_a_task_at_the_end_are_those_of_its_history(name):
    history = histories.read(name)

    times, lines = history["timestamps"], history["history"]
    stopped = [line["at"] for line in lines if line["lastStatus"] == "STOPPED"]
    running = [line["at"] for line in lines if line["lastStatus"] == "RUNNING"]
    order = [times[each] for each in histories.TIMESTAMPS[:5] if each in times]
    assert times["createdAt"] == 0
    assert ("stopCode" in history["end"]) == ("stoppedAt" in times) == bool(stopped)
    assert [times["stoppedAt"]] == stopped if stopped else "stoppingAt" not in times
    assert times.get("startedAt") == (running[0] if "startedAt" in times else None)
    assert order == sorted(order)


# --------------------------------------------------------------------------- how it is lived


@every_history
def test_a_task_lives_as_its_history_says(name):
    expected = histories.read(name)

    record = played(name)

    arn = record.names["task_arn"]
    found = {
        "history": histories.found_history(record, expected),
        "events": histories.found_events(record, histories.TASK_EVENT, arn),
        "timestamps": histories.found_timestamps(record),
        "end": histories.found_end(record, expected["end"]),
    }
    end = {part: value for part, value in expected["end"].items() if part != "source"}
    wanted = {part: expected[part] for part in ("history", "events", "timestamps")}
    histories.assert_equal(found, {**wanted, "end": end})


@pytest.mark.parametrize(
    "name", [name for name in histories.NAMES if "instance" in histories.read(name)]
)
def test_a_container_instance_lives_as_the_history_of_its_task_says(name):
    expected = histories.read(name)["instance"]

    record = played(name)

    arn = record.names["container_instance_arn"]
    found = {
        "history": histories.found_instance_history(record),
        "events": histories.found_events(record, histories.INSTANCE_EVENT, arn),
    }
    histories.assert_equal(found, expected)


@every_history
def test_one_seed_gives_one_history_byte_for_byte(name):
    first = played(name)

    second = histories.play(histories.read(name))

    assert second.bytes == first.bytes


@every_instant_history
def test_an_instant_task_has_the_same_events_in_the_same_order_and_the_same_end(name):
    expected = histories.read(name)

    record = histories.play(expected, time="instant")

    arn = record.names["task_arn"]
    events = histories.found_events(record, histories.TASK_EVENT, arn)
    found = {
        "events": [{**event, "at": 0} for event in events],
        "end": histories.found_end(record, expected["end"]),
    }
    end = {part: value for part, value in expected["end"].items() if part != "source"}
    wanted = [{**event, "at": 0} for event in expected["events"]]
    histories.assert_equal(found, {"events": wanted, "end": end})
