"""Golden histories of tasks: what a file says, and what the mock shows when it is played.

A file of `fixtures/task_histories/` says what is given, what is done and what DescribeTasks and
the events show of it, in seconds since the task's createdAt. `play` does it and records; `found`
brings the record into the form of the file.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from dateutil.parser import isoparse

from ecrmock import mock_aws

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "task_histories"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))

NOW = datetime(2026, 1, 2, tzinfo=timezone.utc)
SEED = 7
STEP = {"milliseconds": 500}
TOLERANCE = 0.1
"""Seconds. Each call that writes moves the clock by a millisecond of its own."""
SETTLE = 10
"""Seconds that are watched after the last line of a history: nothing more may happen there."""

TASK_EVENT = "ECS Task State Change"
INSTANCE_EVENT = "ECS Container Instance State Change"
TIMESTAMPS = (
    "createdAt",
    "connectivityAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "stoppingAt",
    "executionStoppedAt",
    "stoppedAt",
)
FIRST = ("lastStatus", "desiredStatus", "version", "attachment")
"""Where a diff begins each line."""
COUNTS = ("runningTasksCount", "pendingTasksCount")
PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")
WILD = {"request_id": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "rest": ".*"}
"""Placeholders that stand for a form; `rest` is where AWS's own text is not known."""


def read(name: str) -> dict[str, Any]:
    """Return a history by its name."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def fill(value: Any, names: dict[str, str]) -> Any:
    """Return *value* with the placeholders in its texts filled in; others stay."""
    if isinstance(value, dict):
        return {key: fill(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [fill(each, names) for each in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: names.get(found[1], found[0]), value)
    return value


# ------------------------------------------------------------------------------ playing one


@dataclass
class Record:
    """What was seen while a history was played."""

    names: dict[str, str]
    created: datetime
    tasks: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    instances: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def bytes(self) -> bytes:
        """The replies and the events, as JSON."""
        whole = [self.tasks, self.instances, self.events]
        return json.dumps(whole, default=datetime.isoformat).encode()


class Stage:
    """A mock in which what a history gives is there, and its task runs."""

    def __init__(self, aws, history: dict[str, Any]) -> None:
        self.aws = aws
        self.ecs = aws.client("ecs")
        self.history = history
        self.names = {"account_id": aws.account_id, "region": aws.region_name}
        self._give(history["given"])
        self._events_before = len(aws.events)
        self._run(history["given"])

    def do_all(self) -> Record:
        """Do what is to be done, at once, let the appointments come, and look at the end."""
        for each in self.history["do"]:
            self._do(each)
        self.aws.clock.advance(seconds=last_moment(self.history))
        return self._close()

    def walk(self) -> Record:
        """Let time pass in steps, do what is due and look after each step."""
        due = list(self.history["do"])
        while self._elapsed <= last_moment(self.history) + SETTLE:
            while due and due[0]["at"] <= self._elapsed + TOLERANCE:
                self._do(due.pop(0))
            self._look()
            self.aws.clock.advance(**STEP)
        return self._close()

    def _give(self, given: dict[str, Any]) -> None:
        image = self.aws.images.push(**given["image"])
        manifest = json.loads(image.manifest)
        described = [manifest["config"], *manifest["layers"]] if "config" in manifest else []
        blobs = [each["digest"] for each in described]
        uri = image.uri.partition("@")[0]
        self.names |= {
            "repository": image.repository,
            "repository_uri": uri,
            "registry": uri.partition("/")[0],
            "digest": image.digest,
            "blobs": "|".join(blobs),
        }
        if "role" in given:
            role = given["role"]
            made = self.aws.iam.role(role["name"], policies=role["policies"], trust=role["trust"])
            self.names |= {"role_name": made.name, "role_arn": made.arn}
        self.ecs.create_cluster(**given["cluster"])
        for each in fill(given["instances"], self.names):
            options = {name: value for name, value in each.items() if name != "instanceType"}
            (instance,) = self.aws.instances.add(each["instanceType"], **options)
            self.names |= {
                "container_instance_arn": instance.arn,
                "ec2_instance_id": instance.ec2_instance_id,
            }
        self.ecs.register_task_definition(**fill(given["taskDefinition"], self.names))
        for each in given["scripts"]:
            options = {name: value for name, value in each.items() if name != "family"}
            self.aws.tasks.on_run(each["family"], **options)

    def _run(self, given: dict[str, Any]) -> None:
        reply = self.ecs.run_task(**given["runTask"])
        assert reply["failures"] == []
        (task,) = reply["tasks"]
        self.names |= {"task_arn": task["taskArn"], "task_id": task["taskArn"].rpartition("/")[2]}
        self.record = Record(self.names, task["createdAt"])

    def _do(self, deed: dict[str, Any]) -> None:
        task, instance = self.names["task_arn"], self.names.get("container_instance_arn")
        parameters = deed.get("parameters", {})
        if deed["call"] == "StopTask":
            self.ecs.stop_task(task=task, **parameters)
        elif deed["call"] == "interrupt_spot":
            self.aws.tasks.get(task).interrupt_spot()
        elif deed["call"] == "UpdateContainerInstancesState":
            self.ecs.update_container_instances_state(containerInstances=[instance], **parameters)
        elif deed["call"] == "DeregisterContainerInstance":
            self.ecs.deregister_container_instance(containerInstance=instance, **parameters)
        else:
            pytest.fail(f"nothing here does {deed['call']!r}")

    @property
    def _elapsed(self) -> float:
        return (self.aws.clock.now - self.record.created).total_seconds()

    def _look(self) -> None:
        reply = self.ecs.describe_tasks(tasks=[self.names["task_arn"]])
        (task,) = reply["tasks"]
        self.record.tasks.append((self._elapsed, task))
        if "instance" in self.history:
            arn = self.names["container_instance_arn"]
            reply = self.ecs.describe_container_instances(containerInstances=[arn])
            (instance,) = reply["containerInstances"]
            self.record.instances.append((self._elapsed, instance))

    def _close(self) -> Record:
        self._look()
        self.record.events.extend(self.aws.events[self._events_before :])
        return self.record


def play(history: dict[str, Any], *, time: str = "virtual") -> Record:
    """Play a history in a mock of its own: step by step, or in an `instant` world all at once."""
    with mock_aws(time=time, now=NOW, seed=SEED) as aws:
        stage = Stage(aws, history)
        return stage.do_all() if time == "instant" else stage.walk()


def last_moment(history: dict[str, Any]) -> float:
    """Return when the last thing of a history happens, or until when it is watched."""
    moments = [each["at"] for each in history["history"] + history["do"]]
    return max(*moments, history.get("until", 0))


# ----------------------------------------------------- what was found, in the form of the file


def half_seconds(seconds: float) -> float:
    """Round to half a second what is near one; what is not stays, and so will differ."""
    nearest = round(seconds * 2) / 2
    return nearest if abs(seconds - nearest) <= TOLERANCE else round(seconds, 3)


def found_history(record: Record, expected: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a line for each moment at which the task changed.

    Health counts where the file speaks of it; a moment of which it says nothing may have any.
    """
    has_health = any("health" in line for line in expected["history"])
    silent = {line["at"] for line in expected["history"] if "health" not in line}
    seen = [(at, _look_of_task(task, has_health=has_health)) for at, task in record.tasks]
    lines = _changes(seen)
    for line in lines:
        if line["at"] in silent:
            line.pop("health", None)
    return lines


def _look_of_task(task: dict[str, Any], *, has_health: bool) -> dict[str, Any]:
    containers = task["containers"]
    shown = {name: task[name] for name in ("lastStatus", "desiredStatus", "version")}
    shown["containers"] = {each["name"]: each["lastStatus"] for each in containers}
    for attachment in task["attachments"]:
        if attachment["type"] == "ElasticNetworkInterface":
            shown["attachment"] = attachment["status"]
    if has_health:
        health = {each["name"]: each.get("healthStatus", "UNKNOWN") for each in containers}
        shown["health"] = {"task": task.get("healthStatus", "(absent)"), **health}
    return shown


def found_instance_history(record: Record) -> list[dict[str, Any]]:
    """Return a line for each moment at which the container instance changed."""
    shown = ("status", *COUNTS)
    return _changes([(at, {name: one[name] for name in shown}) for at, one in record.instances])


def _changes(seen: list[tuple[float, dict[str, Any]]]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    before = None
    for at, shown in seen:
        if shown != before:
            lines.append({"at": half_seconds(at), **shown})
        before = shown
    return lines


def found_events(record: Record, kind: str, arn: str) -> list[dict[str, Any]]:
    """Return the events of a kind about one task or container instance, with their moments."""
    shown = ("status",) if kind == INSTANCE_EVENT else ("lastStatus", "desiredStatus", "version")
    return [
        {
            "at": half_seconds(_since(record, isoparse(event["detail"]["updatedAt"]))),
            **{name: event["detail"][name] for name in shown},
        }
        for event in record.events
        if event["detail-type"] == kind and event["resources"] == [arn]
    ]


def found_timestamps(record: Record) -> dict[str, float]:
    """Return the times that the task shows at the end."""
    task = record.tasks[-1][1]
    return {name: half_seconds(_since(record, task[name])) for name in TIMESTAMPS if name in task}


def found_end(record: Record, expected: dict[str, Any]) -> dict[str, Any]:
    """Return how the task ended; a text that is as the file says, is the file's."""
    task = record.tasks[-1][1]
    known = {name: expected["containers"].get(name, {}) for name in _names_of(task)}
    end = {
        name: _text(task[name], expected.get(name), record.names)
        for name in ("stopCode", "stoppedReason")
        if name in task
    }
    end["containers"] = {name: {} for name in _names_of(task)}
    for each in task["containers"]:
        shown = end["containers"][each["name"]]
        if "exitCode" in each:
            shown["exitCode"] = each["exitCode"]
        if "reason" in each:
            reason = known[each["name"]].get("reason")
            shown["reason"] = _text(each["reason"], reason, record.names)
    return end


def _names_of(task: dict[str, Any]) -> list[str]:
    return [each["name"] for each in task["containers"]]


def _since(record: Record, moment: datetime) -> float:
    return (moment - record.created).total_seconds()


def _text(text: str, expected: str | None, names: dict[str, str]) -> str:
    return expected if expected is not None and fits(text, expected, names) else text


def fits(text: str, expected: str, names: dict[str, str]) -> bool:
    """Tell whether *text* is the one that a file gives with placeholders."""
    parts = PLACEHOLDER.split(expected)
    pattern = "".join(
        re.escape(part) if not index % 2 else _pattern_of(part, names)
        for index, part in enumerate(parts)
    )
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def _pattern_of(placeholder: str, names: dict[str, str]) -> str:
    if placeholder == "blob_digest":
        return f"({names['blobs']})"
    if placeholder in WILD:
        return f"({WILD[placeholder]})"
    return re.escape(names.get(placeholder, f"{{{placeholder}}}"))


# ------------------------------------------------------------------------------ comparing


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Fail with a diff of the lines where a part that was found is not as expected."""
    differing = [part for part in expected if _lines(found[part]) != _lines(expected[part])]
    if not differing:
        return
    texts = []
    for part in differing:
        diff = difflib.ndiff(_lines(expected[part]), _lines(found[part]))
        texts += [f"{part} (- expected, + found):", *(line for line in diff if line[0] != "?")]
    pytest.fail("\n".join(texts), pytrace=False)


def _lines(part: Any) -> list[str]:
    """Write a part down, a moment or a member on each line, so that numbers compare as such."""
    if isinstance(part, list):
        return [_line(each) for each in part]
    return [f"{name}: {_line(value)}" for name, value in sorted(part.items())]


def _line(value: Any) -> str:
    if not isinstance(value, dict):
        return f"{value:g}" if isinstance(value, int | float) else str(value)
    shown = {name: each for name, each in value.items() if name != "source"}
    at = f"{shown.pop('at'):>6g} s  " if "at" in shown else ""
    words = [f"{name}={_line(shown[name])}" for name in sorted(shown, key=_rank)]
    return at + (" ".join(words) if at else "{" + ", ".join(words) + "}")


def _rank(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)
