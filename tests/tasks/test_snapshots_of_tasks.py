"""Snapshots in the middle of what tasks do, classes that roll back, and worlds that do not mix."""

from __future__ import annotations

import asyncio

import pytest

from ecrmock import current, mock_aws
from tests.tasks.stage import CHECK, EC2, FARGATE, NOON, Stage, container, side
from tests.tasks.stage import after as waits_for

launches = pytest.mark.parametrize("launch", [FARGATE, EC2])


def begin(launch, **options):
    """Return a mock and its stage; the mock is started."""
    aws = mock_aws(time="virtual", now=NOON, seed=11, **options)
    handle = aws.start()
    stage = Stage(handle or current(), launch)
    stage.define(
        container(dependsOn=waits_for("db", "HEALTHY")),
        container("db", healthCheck={**CHECK, "interval": 10}),
        side("init"),
    )
    stage.aws.tasks.on_run("worker", container="init", sequence=[0, 1, 2, 3])
    return aws, stage


def go_on(stage, arn):
    """Let a task run, be stopped and end, run another one, and return all that was seen."""
    seen = []
    for _ in range(60):
        stage.aws.clock.advance(seconds=1)
        seen.append(stage.task(arn))
    stage.ecs.stop_task(task=arn)
    later = stage.run()
    for _ in range(20):
        stage.aws.clock.advance(seconds=10)
        seen.append((stage.task(arn), stage.task(later)))
    return seen, list(stage.aws.events), stage.aws.clock.now


@launches
@pytest.mark.parametrize("at", [0, 4, 9, 13, 18, 19, 25, 30, 31])
def test_from_a_snapshot_the_same_history_follows_again(at, launch):
    aws, stage = begin(launch)
    try:
        arn = stage.run()
        stage.aws.clock.advance(seconds=at)
        saved = stage.aws.snapshot()
        first = go_on(stage, arn)

        stage.aws.restore(saved)
        second = go_on(stage, arn)
        stage.aws.restore(saved)
        third = go_on(stage, arn)
    finally:
        aws.stop()

    assert first == second == third


@launches
@pytest.mark.parametrize("at", [0.5, 5, 12, 20, 42, 45, 62])
def test_from_a_snapshot_in_the_middle_of_a_stop_it_ends_the_same(at, launch):
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws, launch)
        stage.define(container(), side())
        arn = stage.running()
        stage.ecs.stop_task(task=arn)
        aws.clock.advance(seconds=at)
        saved = aws.snapshot()
        aws.clock.advance(minutes=2)
        first = stage.task(arn), list(aws.events)

        aws.restore(saved)
        aws.clock.advance(minutes=2)

        assert (stage.task(arn), list(aws.events)) == first
        assert first[0]["lastStatus"] == "STOPPED"


def test_a_snapshot_is_not_changed_by_what_happens_later(stage):
    stage.define()
    arn = stage.running()
    saved, before = stage.aws.snapshot(), stage.task(arn)
    stage.aws.tasks.get(arn).exit(3)
    stage.aws.clock.advance(hours=2)
    gone = stage.ecs.describe_tasks(tasks=[arn])["tasks"]

    stage.aws.restore(saved)

    assert (gone, stage.task(arn)) == ([], before)


def test_scripts_go_back_too(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2, 3])
    instant.run()
    saved = instant.aws.snapshot()
    first = [instant.exit_codes(instant.run())["app"] for _ in range(2)]
    instant.aws.tasks.on_run("worker", exit_code=9)

    instant.aws.restore(saved)

    second = [instant.exit_codes(instant.run())["app"] for _ in range(2)]
    assert (first, second) == ([2, 3], [2, 3])


def test_room_on_instances_goes_back_too(on_ec2):
    on_ec2.define(container(memory=5000))
    saved = on_ec2.aws.snapshot()
    on_ec2.run()
    full = on_ec2.ecs.run_task(taskDefinition="worker")["failures"]

    on_ec2.aws.restore(saved)

    assert [each["reason"] for each in full] == ["RESOURCE:MEMORY"]
    assert on_ec2.ecs.run_task(taskDefinition="worker")["failures"] == []


def test_events_go_back_and_subscribers_hear_the_second_history_too(stage):
    stage.define()
    heard = []
    stage.aws.events.subscribe(lambda event: heard.append(event["detail"]["version"]))
    arn = stage.run()
    saved, told = stage.aws.snapshot(), len(heard)
    stage.aws.clock.advance(seconds=30)
    first = heard[told:]

    stage.aws.restore(saved)
    stage.aws.clock.advance(seconds=30)

    assert heard[told:] == first * 2
    assert len(stage.details(arn)) == 3


def test_an_appointment_in_instant_goes_back_too(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=0, after=60)
    arn = instant.run()
    saved = instant.aws.snapshot()
    instant.aws.clock.advance(seconds=60)
    ended = instant.task(arn)

    instant.aws.restore(saved)
    before = instant.task(arn)["lastStatus"]
    instant.aws.clock.advance(seconds=60)

    assert before == "RUNNING"
    assert instant.task(arn) == ended


def test_a_fork_goes_its_own_way(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2])
    arn = instant.run()

    with instant.aws.fork() as fork:
        other = Stage.__new__(Stage)
        other.aws, other.launch, other.ecs = fork, FARGATE, fork.client("ecs")
        there = other.exit_codes(other.run())
        fork.clock.advance(hours=2)
        gone_there = other.ecs.describe_tasks(tasks=[arn])["tasks"]

    here = instant.exit_codes(instant.run())
    assert (there, here, gone_there) == ({"app": 2}, {"app": 2}, [])
    assert instant.task(arn)["lastStatus"] == "STOPPED"
    assert len(instant.ecs.list_tasks(desiredStatus="STOPPED")["taskArns"]) == 2


def test_reset_forgets_tasks_scripts_and_what_was_due(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=1, after=30)
    instant.run()

    instant.aws.reset()
    again = Stage(instant.aws)
    again.define()
    arn = again.run()
    again.aws.clock.advance(minutes=5)

    assert again.ecs.list_tasks()["taskArns"] == [arn]
    assert again.task(arn)["lastStatus"] == "RUNNING"


# ------------------------------------------------------------------- classes, and two worlds


@mock_aws(time="virtual", now=NOON)
class TestADecoratedClass:
    """Each test begins with the task as `setup_class` left it, in the middle of its start."""

    @classmethod
    def setup_class(cls):
        stage = Stage(current())
        stage.define()
        current().tasks.on_run("worker", sequence=[{}, 4, 5])
        cls.arn = stage.run()
        current().clock.advance(seconds=10)

    def stage(self):
        stage = Stage.__new__(Stage)
        stage.aws, stage.launch = current(), FARGATE
        stage.ecs = stage.aws.client("ecs")
        return stage

    def check_the_beginning(self):
        stage = self.stage()
        assert stage.ecs.list_tasks()["taskArns"] == [self.arn]
        assert (stage.task(self.arn)["lastStatus"], stage.task(self.arn)["version"]) == (
            "PENDING",
            2,
        )
        return stage

    def test_a_task_can_end(self):
        stage = self.check_the_beginning()
        stage.until(self.arn, "RUNNING")

        stage.aws.tasks.get(self.arn).exit(0)

        assert stage.until(self.arn, "STOPPED")["version"] == 5

    def test_a_task_can_be_stopped(self):
        stage = self.check_the_beginning()

        stage.ecs.stop_task(task=self.arn)

        assert stage.until(self.arn, "STOPPED")["stopCode"] == "UserInitiated"

    @pytest.mark.parametrize("again", [1, 2])
    def test_the_sequence_goes_on_where_it_was(self, again):
        stage = self.check_the_beginning()

        arn = stage.run()

        stage.until(arn, "STOPPED")
        assert stage.exit_codes(arn) == {"app": 4}


def test_two_nested_mocks_do_not_mix():
    with mock_aws(time="virtual", now=NOON) as outer:
        outside = Stage(outer)
        outside.define()
        outer.tasks.on_run("worker", exit_code=1)
        first = outside.run()
        with mock_aws(time="virtual", now=NOON, seed=1) as inner:
            inside = Stage(inner)
            inside.define()
            second = inside.running()
            inner.clock.advance(hours=3)
            own = outside.task(first)["lastStatus"], inside.task(second)["lastStatus"]

        assert own == ("PROVISIONING", "RUNNING")
        assert outside.ecs.describe_tasks(tasks=[second])["failures"][0]["reason"] == "MISSING"
        assert {event["detail"]["taskArn"] for event in outer.events} == {first}
        assert outside.until(first, "STOPPED")["stopCode"] == "EssentialContainerExited"


def test_mocks_of_concurrent_asyncio_tasks_do_not_mix():
    async def work(code):
        async with mock_aws(time="virtual", now=NOON) as aws:
            stage = Stage(aws)
            stage.define()
            aws.tasks.on_run("worker", exit_code=code, after=code)
            arn = stage.run()
            while stage.task(arn)["lastStatus"] != "STOPPED":  # noqa: ASYNC110 - as users poll
                await asyncio.sleep(1)
            return stage.exit_codes(arn)["app"], len(stage.ecs.list_clusters()["clusterArns"])

    async def main():
        return await asyncio.gather(*map(work, range(1, 8)))

    assert asyncio.run(main()) == [(code, 1) for code in range(1, 8)]
