"""Subscribers that run, stop and steer tasks themselves: outside the call that they hear of."""

from __future__ import annotations

import pytest

from tests.tasks.stage import container


def stopped(event):
    """Tell whether an event says that a task has stopped."""
    return event["detail"].get("lastStatus") == "STOPPED"


def test_a_subscriber_can_run_the_task_again_until_it_succeeds(any_time):
    any_time.define()
    any_time.aws.tasks.on_run("worker", sequence=[1, 1, 1, 0])
    codes = []

    def retry(event):
        if stopped(event):
            codes.append(event["detail"]["containers"][0]["exitCode"])
            if codes[-1]:
                any_time.run()

    any_time.aws.events.subscribe(retry, source="aws.ecs")
    any_time.run()
    for _ in range(5):
        any_time.aws.clock.advance(minutes=1)

    assert codes == [1, 1, 1, 0]


def test_a_subscriber_can_stop_a_task_as_soon_as_it_runs(any_time):
    any_time.define()
    stops = []

    def stop(event):
        if event["detail"].get("lastStatus") == "RUNNING" and not stops:
            stops.append(event["detail"]["taskArn"])
            any_time.ecs.stop_task(task=stops[0], reason="enough")

    any_time.aws.events.subscribe(stop, detail_type="ECS Task State Change")
    arn = any_time.run()
    any_time.aws.clock.advance(minutes=10)

    assert (any_time.task(arn)["stoppedReason"], stops) == ("enough", [arn])
    versions = [version for version, *_ in any_time.story(arn)]
    assert versions == sorted(set(versions))


def test_a_subscriber_hears_each_event_once_and_in_order(any_time):
    any_time.define()
    heard = []
    any_time.aws.events.subscribe(heard.append)

    for _ in range(3):
        any_time.ecs.stop_task(task=any_time.run())
    any_time.aws.clock.advance(minutes=10)

    assert heard == list(any_time.aws.events)


def test_a_subscriber_hears_of_what_a_handle_does(any_time):
    any_time.define()
    arn = any_time.running()
    heard = []
    any_time.aws.events.subscribe(heard.append)

    any_time.aws.tasks.get(arn).exit(1)
    any_time.aws.clock.advance(minutes=1)

    assert [event["detail"]["version"] for event in heard] == [4, 5]


def test_a_subscriber_can_move_the_clock(stage):
    stage.define()
    stage.aws.tasks.on_run("worker", exit_code=0, after=60)
    heard = []

    def skip(event):
        heard.append(event["detail"]["lastStatus"])
        stage.aws.clock.advance(minutes=1)

    stage.aws.events.subscribe(skip, source="aws.ecs")
    stage.run()

    assert heard == ["PROVISIONING", "PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]


def test_what_a_subscriber_raises_is_seen_and_the_world_goes_on(instant):
    instant.define(container())

    def fail(event):
        raise RuntimeError("the subscriber's own")

    instant.aws.events.subscribe(fail, source="aws.ecs")
    with pytest.raises(RuntimeError, match="the subscriber's own"):
        instant.run()

    instant.aws.events.subscribers([])
    tasks = instant.ecs.list_tasks()["taskArns"]
    assert [instant.task(arn)["lastStatus"] for arn in tasks] == ["RUNNING"]


def test_a_subscriber_acts_at_the_moment_of_the_event_and_not_at_the_end_of_the_step(stage):
    stage.define()
    arn = stage.run()

    def stop(event):
        if event["detail"]["lastStatus"] == "RUNNING":
            stage.ecs.stop_task(task=arn)

    stage.aws.events.subscribe(stop, source="aws.ecs")
    stage.aws.clock.advance(minutes=10)

    assert stage.after_start(arn, "stoppingAt") == pytest.approx(0, abs=1)
