"""Reading changes nothing: not what is read, not the clock, no event and not what comes after."""

from __future__ import annotations

import pytest

from ecrmock import mock_aws
from tests.tasks.stage import CHECK, EC2, FARGATE, NOON, REGISTRY, Stage, container

TIMES = 100
READS = {
    "DescribeClusters": lambda ecs, arns: ecs.describe_clusters(
        clusters=["default", "nowhere"],
        include=["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"],
    ),
    "DescribeContainerInstances": lambda ecs, arns: ecs.describe_container_instances(
        containerInstances=[*arns["instances"], "0" * 32],
        include=["TAGS", "CONTAINER_INSTANCE_HEALTH"],
    ),
    "DescribeTaskDefinition": lambda ecs, arns: ecs.describe_task_definition(
        taskDefinition="worker", include=["TAGS"]
    ),
    "DescribeTasks": lambda ecs, arns: ecs.describe_tasks(
        tasks=[*arns["tasks"], "0" * 32], include=["TAGS"]
    ),
    "GetTaskProtection": lambda ecs, arns: ecs.get_task_protection(
        cluster="default", tasks=arns["tasks"]
    ),
    "ListAttributes": lambda ecs, arns: ecs.list_attributes(targetType="container-instance"),
    "ListClusters": lambda ecs, arns: ecs.list_clusters(),
    "ListContainerInstances": lambda ecs, arns: ecs.list_container_instances(
        filter="agentVersion > 1.0.0"
    ),
    "ListTagsForResource": lambda ecs, arns: ecs.list_tags_for_resource(
        resourceArn=arns["tasks"][0]
    ),
    "ListTaskDefinitionFamilies": lambda ecs, arns: ecs.list_task_definition_families(),
    "ListTaskDefinitions": lambda ecs, arns: ecs.list_task_definitions(),
    "ListTasks": lambda ecs, arns: ecs.list_tasks(),
    "ListTasks STOPPED": lambda ecs, arns: ecs.list_tasks(desiredStatus="STOPPED"),
}
NOT_FOUND = {
    "no cluster": lambda ecs: ecs.describe_tasks(cluster="nowhere", tasks=["0" * 32]),
    "no definition": lambda ecs: ecs.describe_task_definition(taskDefinition="nothing"),
    "no token": lambda ecs: ecs.list_tasks(nextToken="none"),
}

pytestmark = pytest.mark.filterwarnings("ignore::ecrmock.NothingMoves")


def body(reply):
    """Return a reply without what only this call has."""
    return {name: value for name, value in reply.items() if name != "ResponseMetadata"}


class World:
    """A world in the middle of everything: starting, running, checked, stopping and stopped."""

    def __init__(self, aws, launch):
        self.stage = Stage(aws, launch)
        self.aws, self.ecs = aws, self.stage.ecs
        aws.images.push("app", tag="v1")
        checked = {**CHECK, "interval": 10}
        self.stage.define(container(image=f"{REGISTRY}/app:v1", healthCheck=checked))
        aws.tasks.on_run("worker", sequence=[0, {"exit_code": 1, "after": 200}, {}])
        tasks = []
        for pause in (60, 15, 10, 12, 3):
            tasks.append(self.stage.run())
            aws.clock.advance(seconds=pause)
        self.ecs.stop_task(task=tasks[2])
        instances = self.ecs.list_container_instances()["containerInstanceArns"]
        self.arns = {"tasks": tasks, "instances": instances}

    def look(self):
        """Return all that can be seen."""
        seen = {name: body(read(self.ecs, self.arns)) for name, read in READS.items()}
        images = self.stage.ecr.describe_images(repositoryName="app")["imageDetails"]
        return seen, images, list(self.aws.events), self.aws.clock.now

    def go_on(self):
        """Let everything come to its end, with one more task, and return what was seen."""
        self.arns["tasks"].append(self.stage.run())
        seen = []
        for _ in range(30):
            self.aws.clock.advance(seconds=10)
            seen.append(self.look())
        return seen


@pytest.fixture(params=[FARGATE, EC2])
def world(request):
    with mock_aws(time="virtual", now=NOON, seed=5) as aws:
        yield World(aws, request.param)


@pytest.mark.parametrize("name", READS)
def test_a_hundred_reads_leave_all_as_it_was(name, world):
    before = world.look()

    answers = [body(READS[name](world.ecs, world.arns)) for _ in range(TIMES)]

    assert answers == answers[:1] * TIMES
    assert world.look() == before


def test_a_hundred_polls_for_an_endpoint_leave_all_as_it_was(world):
    before = world.look()

    for _ in range(TIMES):
        world.ecs.discover_poll_endpoint(cluster="default")

    assert world.look() == before


@pytest.mark.parametrize("name", NOT_FOUND)
def test_a_hundred_reads_of_what_is_not_there_leave_all_as_it_was(name, world):
    before = world.look()

    for _ in range(TIMES):
        with pytest.raises(world.ecs.exceptions.ClientError):
            NOT_FOUND[name](world.ecs)

    assert world.look() == before


def test_what_the_user_holds_reads_without_a_change(world):
    before = world.look()

    for _ in range(TIMES):
        _ = world.aws.clock.now
        _ = (len(world.aws.events), list(world.aws.events), world.aws.events[-1])
        _ = (repr(world.aws.calls), list(world.aws.calls))
        _ = [world.aws.tasks.get(arn).status for arn in world.arns["tasks"]]
        world.aws.snapshot()

    assert world.look() == before


@pytest.mark.parametrize("launch", [FARGATE, EC2])
def test_what_comes_after_many_reads_is_what_comes_without_them(launch):
    futures = []
    for times in (0, TIMES):
        with mock_aws(time="virtual", now=NOON, seed=5) as aws:
            world = World(aws, launch)
            for read in READS.values():
                for _ in range(times):
                    read(world.ecs, world.arns)
            futures.append(world.go_on())

    assert futures[0] == futures[1]


@pytest.mark.parametrize("launch", [FARGATE, EC2])
def test_in_instant_reads_change_nothing_either(launch):
    with mock_aws(now=NOON, seed=5) as aws:
        world = World(aws, launch)
        before = world.look()

        for read in READS.values():
            for _ in range(TIMES):
                read(world.ecs, world.arns)

        assert world.look() == before


def test_what_was_answered_is_not_changed_by_what_happens_later(world):
    arn = world.arns["tasks"][-1]
    first = world.ecs.describe_tasks(tasks=[arn])["tasks"][0]
    event = world.aws.events[-1]
    kept = repr(first), repr(event)

    world.aws.clock.advance(minutes=5)

    assert (repr(first), repr(event)) == kept


def test_what_a_caller_does_to_an_answer_changes_nothing(world):
    before = world.look()
    answer = world.ecs.describe_tasks(tasks=world.arns["tasks"])["tasks"][0]

    answer["containers"][0]["lastStatus"] = "GONE"
    answer["attachments"].append({})
    answer["overrides"]["containerOverrides"][0]["name"] = "other"
    world.aws.events[-1]["detail"]["containers"].clear()

    assert world.look() == before
