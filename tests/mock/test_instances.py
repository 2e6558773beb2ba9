"""`aws.instances.add`: what can be said of instances, and what cannot."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest

from ecrmock import UsageError, mock_aws

MIDNIGHT = datetime(2026, 1, 2, tzinfo=timezone.utc)
CONTAINERS = [{"name": "app", "image": "nginx", "cpu": 100, "memory": 100}]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team-a/web-app:v1"


@pytest.fixture
def aws():
    with mock_aws(time="virtual", now=MIDNIGHT, seed=7) as aws:
        yield aws


@pytest.fixture
def ecs(aws):
    return aws.client("ecs")


@pytest.fixture
def show(ecs):
    """Return an instance as DescribeContainerInstances shows it."""

    def show(instance, cluster="default"):
        response = ecs.describe_container_instances(
            cluster=cluster, containerInstances=[instance.arn]
        )
        return response["containerInstances"][0]

    return show


def attributes_of(shown) -> dict[str, str | None]:
    return {each["name"]: each.get("value") for each in shown["attributes"]}


# ---------------------------------------------------------------------------------- options


def test_one_m5_large_is_added_unless_more_is_said(aws, ecs, show):
    (made,) = aws.instances.add()

    assert attributes_of(show(made))["ecs.instance-type"] == "m5.large"
    assert made.arn == f"arn:aws:ecs:us-east-1:123456789012:container-instance/default/{made.id}"
    assert re.fullmatch(r"i-[0-9a-f]{17}", made.ec2_instance_id)
    assert show(made)["ec2InstanceId"] == made.ec2_instance_id


def test_the_default_cluster_is_made_when_it_is_missing(aws, ecs):
    assert ecs.list_clusters()["clusterArns"] == []

    aws.instances.add()

    (cluster,) = ecs.describe_clusters()["clusters"]
    assert (cluster["status"], cluster["registeredContainerInstancesCount"]) == ("ACTIVE", 1)


def test_the_default_cluster_is_made_again_after_it_was_deleted(aws, ecs):
    ecs.create_cluster()
    ecs.delete_cluster(cluster="default")

    aws.instances.add()

    assert ecs.describe_clusters()["clusters"][0]["status"] == "ACTIVE"


@pytest.mark.parametrize("by_arn", [False, True], ids=["name", "ARN"])
def test_instances_go_into_the_cluster_that_is_named(aws, ecs, by_arn):
    arn = ecs.create_cluster(clusterName="prod")["cluster"]["clusterArn"]

    (made,) = aws.instances.add(cluster=arn if by_arn else "prod")

    assert ecs.list_container_instances(cluster="prod")["containerInstanceArns"] == [made.arn]


def test_several_are_added_in_order_and_all_differ(aws, ecs):
    made = aws.instances.add(count=5)

    assert ecs.list_container_instances()["containerInstanceArns"] == [each.arn for each in made]
    for member in ("id", "arn", "ec2_instance_id"):
        assert len({getattr(each, member) for each in made}) == 5


def test_zones_take_turns_over_all_calls(aws):
    made = [aws.instances.add(), aws.instances.add(count=2), aws.instances.add(count=2)]

    zones = [each.availability_zone[-1] for call in made for each in call]
    assert zones == ["a", "b", "c", "a", "b"]


def test_zones_are_of_the_region():
    with mock_aws(region_name="eu-west-1") as aws:
        (made,) = aws.instances.add()

    assert made.availability_zone == "eu-west-1a"
    assert made.arn.startswith("arn:aws:ecs:eu-west-1:")


def test_a_zone_can_be_named(aws, show):
    made = aws.instances.add(count=2, az="us-east-1d")

    assert [each.availability_zone for each in made] == ["us-east-1d"] * 2
    assert attributes_of(show(made[0]))["ecs.availability-zone"] == "us-east-1d"


def test_instances_of_a_zone_share_its_subnet(aws, show):
    made = aws.instances.add(count=6)

    subnets = [attributes_of(show(each))["ecs.subnet-id"] for each in made]
    assert subnets[:3] == subnets[3:]
    assert len(set(subnets)) == 3
    assert len({attributes_of(show(each))["ecs.vpc-id"] for each in made}) == 1


@pytest.mark.parametrize(
    ("instance_type", "expected"),
    [
        ("t3.nano", (2048, "x86_64", 0)),
        ("m6g.xlarge", (4096, "arm64", 0)),
        ("g4dn.12xlarge", (49152, "x86_64", 4)),
    ],
)
def test_a_type_says_what_an_instance_has(aws, show, instance_type, expected):
    (made,) = aws.instances.add(instance_type)

    has = {each["name"]: each for each in show(made)["registeredResources"]}
    cpu, gpus = has["CPU"]["integerValue"], has.get("GPU", {}).get("stringSetValue", [])
    assert (cpu, attributes_of(show(made))["ecs.cpu-architecture"], len(gpus)) == expected


def test_attributes_have_values_or_none(aws, show):
    (made,) = aws.instances.add(attributes={"stack": "prod", "flag": None})

    found = show(made)["attributes"]
    assert {"name": "stack", "value": "prod"} in found
    assert {"name": "flag"} in found


def test_an_agent_has_the_version_that_is_given(aws, show):
    (made,) = aws.instances.add(agent_version="1.80.0")

    assert show(made)["versionInfo"]["agentVersion"] == "1.80.0"


def test_adding_is_an_event_but_no_call(aws):
    calls = len(aws.calls)

    (made,) = aws.instances.add()

    assert [each["resources"] for each in aws.events] == [[made.arn]]
    assert aws.events[-1]["detail"]["version"] == 1
    assert len(aws.calls) == calls


@pytest.mark.parametrize("given", ["name", "ARN", "role"])
def test_the_role_of_an_instance_pulls_for_its_tasks(aws, ecs, given):
    aws.images.push("team-a/web-app", tag="v1")
    role = aws.iam.role("weak", policies=[], trust="ec2.amazonaws.com")
    aws.instances.add(role={"name": role.name, "ARN": role.arn, "role": role}[given])
    containers = [{**CONTAINERS[0], "image": IMAGE}]
    ecs.register_task_definition(family="web", containerDefinitions=containers)

    arn = ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"]
    aws.clock.advance(seconds=60)

    (task,) = ecs.describe_tasks(tasks=[arn])["tasks"]
    assert (task["lastStatus"], task["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert "ecr:GetAuthorizationToken" in task["containers"][0]["reason"]


def test_the_default_role_can_pull(aws, ecs):
    aws.images.push("team-a/web-app", tag="v1")
    aws.instances.add()
    containers = [{**CONTAINERS[0], "image": IMAGE}]
    ecs.register_task_definition(family="web", containerDefinitions=containers)

    arn = ecs.run_task(taskDefinition="web")["tasks"][0]["taskArn"]
    aws.clock.advance(seconds=60)

    assert ecs.describe_tasks(tasks=[arn])["tasks"][0]["lastStatus"] == "RUNNING"


# ----------------------------------------------------------------------------------- misuse


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"instance_type": "m5.tiny"}, id="no type"),
        pytest.param({"instance_type": ""}, id="no name of a type"),
        pytest.param({"count": 0}, id="none"),
        pytest.param({"count": -1}, id="fewer than none"),
        pytest.param({"cluster": "prod"}, id="no cluster"),
        pytest.param({"agent_version": "latest"}, id="no version"),
        pytest.param({"agent_version": ""}, id="no version at all"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_added(aws, ecs, options):
    ecs.create_cluster()

    with pytest.raises(UsageError):
        aws.instances.add(**options)

    assert ecs.list_container_instances()["containerInstanceArns"] == []
    assert list(aws.events) == []


def test_a_cluster_that_was_deleted_takes_no_instance(aws, ecs):
    ecs.create_cluster(clusterName="prod")
    ecs.delete_cluster(cluster="prod")

    with pytest.raises(UsageError, match="prod"):
        aws.instances.add(cluster="prod")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"az": "eu-west-1a"}, id="a zone of another region"),
        pytest.param({"az": "a"}, id="no zone"),
        pytest.param({"count": 2.5}, id="half an instance"),
        pytest.param({"role": 5}, id="no role"),
        pytest.param({"attributes": {"a b": "c"}}, id="no name of an attribute"),
        pytest.param({"attributes": {"a": 5}}, id="no text"),
        pytest.param({"attributes": {f"k{n}": "v" for n in range(11)}}, id="eleven attributes"),
        pytest.param({"attributes": {"ecs.availability-zone": "x"}}, id="an attribute of ECS"),
    ],
)
def test_values_of_another_kind_are_refused_with_a_reason(aws, options):
    with pytest.raises(UsageError):
        aws.instances.add(**options)


# -------------------------------------------------------------------------------- snapshots


def everything(aws, ecs) -> tuple:
    """Return all that is shown of instances, tasks and the cluster, with the events."""
    instances = ecs.list_container_instances()["containerInstanceArns"]
    tasks = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(desiredStatus=status)["taskArns"]
    ]
    return (
        ecs.describe_container_instances(containerInstances=instances)["containerInstances"],
        ecs.describe_tasks(tasks=tasks)["tasks"] if tasks else [],
        ecs.describe_clusters(include=["STATISTICS"])["clusters"],
        list(aws.events),
    )


@pytest.fixture
def busy(aws, ecs):
    """Three instances, one that drains, with tasks in every stage."""
    made = aws.instances.add(count=3, attributes={"stack": "prod"})
    ecs.register_task_definition(family="web", containerDefinitions=CONTAINERS)
    first = ecs.run_task(taskDefinition="web", count=3)["tasks"]
    aws.clock.advance(seconds=60)
    ecs.stop_task(task=first[0]["taskArn"])
    ecs.run_task(taskDefinition="web", count=2)
    ecs.update_container_instances_state(containerInstances=[made[2].arn], status="DRAINING")
    return made


def test_a_restored_mock_has_its_instances_and_tasks_back(aws, ecs, busy):
    before, saved = everything(aws, ecs), aws.snapshot()
    ecs.deregister_container_instance(containerInstance=busy[0].arn, force=True)
    ecs.run_task(taskDefinition="web", count=5)
    aws.instances.add()
    aws.clock.advance(hours=2)

    aws.restore(saved)

    assert everything(aws, ecs) == before


def test_time_goes_on_from_a_restored_mock_as_it_did(aws, ecs, busy):
    saved = aws.snapshot()

    def go_on():
        aws.clock.advance(minutes=5)
        ecs.run_task(taskDefinition="web", count=4, placementStrategy=[{"type": "random"}])
        ecs.deregister_container_instance(containerInstance=busy[1].arn, force=True)
        aws.clock.advance(seconds=30)
        return everything(aws, ecs)

    first = go_on()
    aws.restore(saved)

    assert go_on() == first


def test_a_snapshot_does_not_follow_what_happens_later(aws, ecs, busy):
    saved = aws.snapshot()
    before = everything(aws, ecs)

    ecs.put_attributes(attributes=[{"name": "new", "targetId": busy[0].arn}])
    ecs.tag_resource(resourceArn=busy[0].arn, tags=[{"key": "k", "value": "v"}])
    aws.clock.advance(minutes=5)
    aws.restore(saved)

    assert everything(aws, ecs) == before
    assert ecs.list_tags_for_resource(resourceArn=busy[0].arn)["tags"] == []


def test_a_fork_places_tasks_of_its_own(aws, ecs, busy):
    before = everything(aws, ecs)

    with aws.fork() as other:
        elsewhere = other.client("ecs")
        elsewhere.run_task(taskDefinition="web", count=5)
        other.clock.advance(minutes=5)

    assert everything(aws, ecs) == before
