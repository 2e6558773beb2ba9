"""Health checks: when there is a result, how the task's health follows, and what never happens."""

from __future__ import annotations

import itertools

import pytest

from ecrmock import UsageError
from tests.tasks.stage import CHECK, container, side

HEALTHS = ["HEALTHY", "UNHEALTHY", "UNKNOWN"]


def health(stage, arn):
    return stage.task(arn)["healthStatus"]


def when_it_is(wanted, stage, arn):
    """Return after how many seconds of RUNNING the task has that health."""
    stage.aws.clock.run_until(lambda: health(stage, arn) == wanted)
    return round((stage.aws.clock.now - stage.task(arn)["startedAt"]).total_seconds())


@pytest.mark.parametrize(
    ("settings", "after"),
    [({}, 30), ({"interval": 5}, 5), ({"interval": 5, "startPeriod": 60}, 5)],
    ids=["default", "interval", "a-success-in-the-start-period-counts"],
)
def test_the_first_success_comes_after_an_interval(settings, after, either):
    either.define(container(healthCheck={**CHECK, **settings}))
    arn = either.running()
    before = health(either, arn)

    assert (before, when_it_is("HEALTHY", either, arn)) == ("UNKNOWN", after)


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        ({}, 90),
        ({"interval": 10, "retries": 2}, 20),
        ({"interval": 10, "retries": 2, "startPeriod": 45}, 65),
        ({"interval": 5, "retries": 1, "timeout": 2}, 5),
    ],
    ids=["default", "retries", "start-period", "one-try"],
)
def test_unhealthy_comes_after_the_start_period_and_all_retries(settings, after, either):
    either.define(container(healthCheck={**CHECK, **settings}))
    either.aws.tasks.on_run("worker", health="UNHEALTHY")
    arn = either.running()

    assert when_it_is("UNHEALTHY", either, arn) == after


def test_unknown_stays_unknown(stage):
    stage.define(container(healthCheck=CHECK))
    stage.aws.tasks.on_run("worker", health="UNKNOWN")
    arn = stage.running()

    stage.aws.clock.advance(hours=1)

    assert health(stage, arn) == "UNKNOWN"


@pytest.mark.parametrize("script", [{}, {"health": "HEALTHY"}, {"health": "UNHEALTHY"}])
def test_without_a_check_the_health_is_unknown_whatever_is_asked_for(script, stage):
    stage.define()
    if script:
        stage.aws.tasks.on_run("worker", **script)
    arn = stage.running()

    stage.aws.clock.advance(minutes=10)

    assert health(stage, arn) == "UNKNOWN"
    assert stage.container(arn)["healthStatus"] == "UNKNOWN"


def expected_health(found):
    """Return the health of a task by that of its essential containers."""
    for worst in ("UNHEALTHY", "UNKNOWN"):
        if worst in found:
            return worst
    return "HEALTHY"


@pytest.mark.parametrize(("one", "other"), list(itertools.product(HEALTHS, HEALTHS)))
def test_the_task_is_as_well_as_its_worst_essential_container(one, other, instant):
    instant.define(container("one", healthCheck=CHECK), container("other", healthCheck=CHECK))
    task = instant.aws.tasks.get(instant.run())

    task.set_health({"one": one, "other": other})

    assert health(instant, task.arn) == expected_health([one, other])


@pytest.mark.parametrize("ignored", HEALTHS)
def test_containers_that_are_not_essential_are_not_counted(ignored, instant):
    instant.define(container(healthCheck=CHECK), side(healthCheck=CHECK))
    task = instant.aws.tasks.get(instant.run())

    task.set_health({"app": "HEALTHY", "side": ignored})

    assert health(instant, task.arn) == "HEALTHY"
    assert instant.container(task.arn, "side")["healthStatus"] == ignored


def test_an_essential_container_without_a_check_leaves_the_task_unknown(instant):
    instant.define(container(healthCheck=CHECK), container("other"))

    arn = instant.run()

    assert instant.container(arn)["healthStatus"] == "HEALTHY"
    assert health(instant, arn) == "UNKNOWN"


@pytest.mark.parametrize("script", ["HEALTHY", "UNHEALTHY"])
def test_in_instant_the_first_result_is_there_when_run_task_returns(script, instant):
    instant.define(container(healthCheck=CHECK))
    instant.aws.tasks.on_run("worker", health=script)

    assert health(instant, instant.run()) == script


def test_a_standalone_task_that_is_unhealthy_runs_on(either):
    either.define(container(healthCheck=CHECK))
    either.aws.tasks.on_run("worker", health="UNHEALTHY")
    arn = either.running()

    either.aws.clock.advance(hours=5)

    task = either.task(arn)
    assert (task["healthStatus"], task["lastStatus"]) == ("UNHEALTHY", "RUNNING")
    assert task["desiredStatus"] == "RUNNING"


def test_health_can_go_back_and_forth(stage):
    stage.define(container(healthCheck=CHECK))
    task = stage.aws.tasks.get(stage.running())

    seen = []
    for each in ("UNHEALTHY", "HEALTHY", "UNKNOWN"):
        task.set_health(each)
        stage.aws.clock.advance(milliseconds=1)
        seen.append(health(stage, task.arn))

    assert seen == ["UNHEALTHY", "HEALTHY", "UNKNOWN"]


def test_what_a_test_set_stays_although_a_first_check_was_due(stage):
    stage.define(container(healthCheck=CHECK))
    task = stage.aws.tasks.get(stage.running())

    task.set_health("UNHEALTHY")
    stage.aws.clock.advance(minutes=10)

    assert health(stage, task.arn) == "UNHEALTHY"


def test_a_change_of_health_is_no_event_and_no_version(stage):
    stage.define(container(healthCheck=CHECK))
    arn = stage.running()
    before = stage.task(arn)["version"], len(stage.aws.events)

    for each in ("UNHEALTHY", "HEALTHY"):
        stage.aws.tasks.get(arn).set_health(each)
    stage.aws.clock.advance(minutes=5)

    assert (stage.task(arn)["version"], len(stage.aws.events)) == before


def test_events_have_no_health(stage):
    stage.define(container(healthCheck=CHECK))
    arn = stage.running()
    stage.aws.tasks.get(arn).exit(0)
    stage.until(arn, "STOPPED")

    details = stage.details(arn)

    assert [each for each in details if "healthStatus" in each] == []
    assert [one for each in details for one in each["containers"] if "healthStatus" in one] == []


def test_the_reply_of_run_task_has_no_health_yet(stage):
    stage.define(container(healthCheck=CHECK))

    reply = stage.ecs.run_task(**stage.request())["tasks"][0]

    assert "healthStatus" not in reply
    assert "healthStatus" not in reply["containers"][0]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("SICK", "health is 'SICK'; give one of"),
        (None, "health is None; give one of"),
        ({"app": "SICK"}, "health is 'SICK'"),
        ({"web": "HEALTHY"}, "no container 'web'; it has app, side"),
        ({"side": "HEALTHY"}, "the container 'side' has no health check"),
        ({"app": "UNHEALTHY", "side": "HEALTHY"}, "the container 'side' has no health check"),
    ],
)
def test_a_health_that_cannot_be_is_refused_and_nothing_happens(given, says, instant):
    instant.define(container(healthCheck=CHECK), side())
    task = instant.aws.tasks.get(instant.run())

    with pytest.raises(UsageError, match=says):
        task.set_health(given)

    assert health(instant, task.arn) == "HEALTHY"


@pytest.mark.parametrize("given", ["HEALTHY", {"app": "HEALTHY"}])
def test_a_task_without_checks_has_no_health_to_set(given, instant):
    instant.define()
    task = instant.aws.tasks.get(instant.run())

    with pytest.raises(UsageError, match="health check"):
        task.set_health(given)


@pytest.mark.parametrize("given", ["HEALTHY", {"app": "HEALTHY"}])
def test_a_container_that_does_not_run_has_no_health_to_set(given, stage):
    stage.define(container(healthCheck=CHECK))
    task = stage.aws.tasks.get(stage.run())

    with pytest.raises(UsageError, match=r"no running container|does not run"):
        task.set_health(given)


def test_a_task_that_stops_keeps_its_last_health(stage):
    stage.define(container(healthCheck=CHECK))
    arn = stage.running()
    stage.aws.clock.advance(minutes=1)
    stage.aws.tasks.get(arn).exit(0)

    stage.until(arn, "STOPPED")

    assert health(stage, arn) == "HEALTHY"


def test_a_check_that_is_due_after_the_end_changes_nothing(stage):
    stage.define(container(healthCheck=CHECK))
    arn = stage.running()
    stage.aws.tasks.get(arn).exit(0)

    stage.until(arn, "STOPPED")
    stage.aws.clock.advance(minutes=5)

    assert health(stage, arn) == "UNKNOWN"
