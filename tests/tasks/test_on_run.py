"""`aws.tasks.on_run`: what containers do from their next start on, and which ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.tasks.stage import REGISTRY, container, seconds, side


@pytest.mark.parametrize("code", [0, 1, 137, 255])
def test_an_exit_code_ends_a_task_as_soon_as_it_has_started(code, any_time):
    any_time.define()
    any_time.aws.tasks.on_run("worker", exit_code=code)

    arn = any_time.run()

    task = any_time.until(arn, "STOPPED")
    assert any_time.exit_codes(arn) == {"app": code}
    assert (task["stopCode"], task["stoppedReason"]) == (
        "EssentialContainerExited",
        "Essential container in task exited",
    )
    assert task["executionStoppedAt"] >= task["startedAt"]


def test_in_instant_the_reply_of_run_task_is_older_than_the_exit(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=1)

    reply = instant.ecs.run_task(**instant.request())["tasks"][0]

    assert (reply["lastStatus"], reply["desiredStatus"]) == ("PROVISIONING", "RUNNING")
    assert instant.task(reply["taskArn"])["lastStatus"] == "STOPPED"


@pytest.mark.parametrize(
    ("given", "taken"),
    [(30, 30), (0.5, 0.5), (timedelta(minutes=2), 120), (timedelta(0), 0), (0, 0)],
    ids=["seconds", "half-a-second", "timedelta", "no-timedelta", "nothing"],
)
def test_after_counts_from_the_start_of_the_container(given, taken, either):
    either.define()
    either.aws.tasks.on_run("worker", exit_code=1, after=given)

    arn = either.run()

    either.until(arn, "STOPPED")
    assert either.after_start(arn, "executionStoppedAt") == pytest.approx(taken, abs=0.01)


def test_in_instant_an_exit_after_some_time_is_an_appointment(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=1, after=30)
    arn = instant.run()
    before = instant.task(arn)["lastStatus"]

    instant.aws.clock.advance(seconds=29)
    just_before = instant.task(arn)["lastStatus"]
    instant.aws.clock.advance(seconds=1)

    assert (before, just_before) == ("RUNNING", "RUNNING")
    assert instant.task(arn)["lastStatus"] == "STOPPED"


def test_out_of_memory_is_told_as_the_agent_tells_it(on_ec2):
    on_ec2.define()
    on_ec2.aws.tasks.on_run("worker", oom=True, after=5)

    arn = on_ec2.run()

    task = on_ec2.until(arn, "STOPPED")
    ended = on_ec2.container(arn)
    assert (ended["exitCode"], ended["reason"]) == (
        137,
        "OutOfMemoryError: Container killed due to memory usage",
    )
    assert task["stopCode"] == "EssentialContainerExited"
    assert on_ec2.after_start(arn, "executionStoppedAt") == pytest.approx(5, abs=0.01)


def test_out_of_memory_is_told_in_lower_case_on_fargate(stage):
    stage.define()
    stage.aws.tasks.on_run("worker", oom=True)

    arn = stage.run()

    stage.until(arn, "STOPPED")
    ended = stage.container(arn)
    assert (ended["exitCode"], ended["reason"]) == (
        137,
        "OutOfMemoryError: container killed due to memory usage",
    )


def test_health_and_exit_go_together(stage):
    stage.define(container(healthCheck={"command": ["CMD", "x"], "interval": 10}))
    stage.aws.tasks.on_run("worker", health="HEALTHY", exit_code=0, after=60)
    arn = stage.running()

    stage.aws.clock.advance(seconds=30)
    health = stage.task(arn)["healthStatus"]

    assert (health, stage.until(arn, "STOPPED")["stopCode"]) == (
        "HEALTHY",
        "EssentialContainerExited",
    )


# --------------------------------------------------------------------------- sequences


def test_a_sequence_gives_each_run_its_outcome_and_the_last_one_stays(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2, 0])

    codes = [instant.exit_codes(instant.run())["app"] for _ in range(5)]

    assert codes == [1, 2, 0, 0, 0]


def test_a_sequence_can_hold_whole_outcomes(instant):
    instant.define()
    instant.aws.tasks.on_run(
        "worker",
        sequence=[
            {"fail_to_start": "ResourceInitializationError: no route"},
            {"oom": True},
            {"exit_code": 3, "after": timedelta(seconds=10)},
            0,
        ],
    )

    runs = [instant.run() for _ in range(4)]
    instant.aws.clock.advance(seconds=10)

    ends = [(instant.task(arn)["stopCode"], instant.exit_codes(arn)["app"]) for arn in runs]
    assert ends == [
        ("TaskFailedToStart", None),
        ("EssentialContainerExited", 137),
        ("EssentialContainerExited", 3),
        ("EssentialContainerExited", 0),
    ]


def test_an_empty_outcome_in_a_sequence_runs_on(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, {}])

    runs = [instant.run() for _ in range(3)]

    assert [instant.task(arn)["lastStatus"] for arn in runs] == ["STOPPED", "RUNNING", "RUNNING"]


def test_a_script_can_be_taken_back(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", exit_code=1)
    instant.aws.tasks.on_run("worker", sequence=[{}])

    assert instant.task(instant.run())["lastStatus"] == "RUNNING"


def test_the_tasks_of_one_call_are_runs_of_their_own(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2, 3])

    reply = instant.ecs.run_task(**instant.request(count=3))

    codes = [instant.exit_codes(each["taskArn"])["app"] for each in reply["tasks"]]
    assert codes == [1, 2, 3]


def test_a_run_that_is_refused_takes_no_outcome(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 0])
    with pytest.raises(instant.ecs.exceptions.ClusterNotFoundException):
        instant.run(cluster="nowhere")

    codes = [instant.exit_codes(instant.run())["app"] for _ in range(2)]

    assert codes == [1, 0]


def test_a_call_that_is_repeated_with_its_token_takes_no_second_outcome(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2])

    arns = [instant.run(clientToken=token) for token in ("a", "a", "b")]

    assert arns[0] == arns[1]
    assert [instant.exit_codes(arn)["app"] for arn in arns] == [1, 1, 2]


def test_two_sequences_of_two_families_do_not_take_from_each_other(instant):
    for family in ("a", "b"):
        instant.define(family=family)
        instant.aws.tasks.on_run(family, sequence=[1, 2])

    codes = [instant.exit_codes(instant.run(each))["app"] for each in ("a", "b", "a", "b")]

    assert codes == [1, 1, 2, 2]


def test_a_sequence_may_come_from_a_generator(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=(code for code in (4, 5)))

    codes = [instant.exit_codes(instant.run())["app"] for _ in range(2)]

    assert codes == [4, 5]


# ---------------------------------------------------------------- what counts, and for whom


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ({"family": "worker"}, {"family": "worker"}),
        ({"family": "worker"}, {}),
        ({}, {"family": "worker"}),
        ({"container": "app"}, {"family": "worker"}),
        ({"image": "nginx"}, {"container": "app"}),
    ],
    ids=["same", "any-family-after-one", "one-family-after-any", "container", "image"],
)
def test_what_was_said_last_counts(first, last, instant):
    instant.define()
    instant.aws.tasks.on_run(**first, exit_code=1)
    instant.aws.tasks.on_run(**last, exit_code=2)

    assert instant.exit_codes(instant.run()) == {"app": 2}


def test_what_was_said_last_ends_a_sequence(instant):
    instant.define()
    instant.aws.tasks.on_run("worker", sequence=[1, 2, 3])
    first = instant.exit_codes(instant.run())
    instant.aws.tasks.on_run("worker", exit_code=9)

    rest = [instant.exit_codes(instant.run()) for _ in range(2)]

    assert (first, rest) == ({"app": 1}, [{"app": 9}, {"app": 9}])


def test_a_task_that_runs_already_is_left_alone(stage):
    stage.define()
    arn = stage.running()

    stage.aws.tasks.on_run("worker", exit_code=1)
    stage.aws.clock.advance(hours=1)

    assert stage.task(arn)["lastStatus"] == "RUNNING"


def test_other_families_are_left_alone(instant):
    instant.define()
    instant.define(family="worker-2")
    instant.aws.tasks.on_run("worker", exit_code=1)

    other, own = instant.run("worker-2"), instant.run("worker:1")

    assert instant.task(other)["lastStatus"] == "RUNNING"
    assert instant.task(own)["lastStatus"] == "STOPPED"


def test_without_a_container_it_is_the_first_essential_one(instant):
    instant.define(side("proxy"), container("app"), container("other"))
    instant.aws.tasks.on_run("worker", exit_code=7)

    codes = instant.exit_codes(instant.run())

    assert (codes["proxy"], codes["app"], codes["other"]) == (137, 7, 137)


def test_a_container_that_is_not_essential_ends_alone(stage):
    stage.define(container(), side())
    stage.aws.tasks.on_run("worker", container="side", exit_code=1, after=10)

    arn = stage.running()
    stage.aws.clock.advance(seconds=60)

    assert stage.task(arn)["desiredStatus"] == "RUNNING"
    assert stage.statuses(arn) == {"app": "RUNNING", "side": "STOPPED"}
    assert stage.story(arn)[-1] == (4, "RUNNING", "RUNNING")


def test_each_container_can_have_its_own_outcome(instant):
    instant.define(container(), side())
    instant.aws.tasks.on_run("worker", container="side", exit_code=3)
    instant.aws.tasks.on_run("worker", container="app", exit_code=4, after=10)

    arn = instant.run()
    instant.aws.clock.advance(seconds=10)

    assert instant.exit_codes(arn) == {"app": 4, "side": 3}


@pytest.mark.parametrize(
    ("wanted", "image", "matches"),
    [
        ("nginx", "nginx", True),
        ("nginx", "nginx:1.27", True),
        ("nginx:1.27", "nginx:1.27", True),
        ("nginx:1.26", "nginx:1.27", False),
        ("nginx", "nginx-extra:1.27", False),
        (f"{REGISTRY}/team/app:v1", f"{REGISTRY}/team/app:v1", True),
        (f"{REGISTRY}/team/app", f"{REGISTRY}/team/app:v1", True),
        (f"{REGISTRY}/team/app", f"{REGISTRY}/team/app@sha256:{'a' * 64}", True),
        (f"{REGISTRY}/team/app:v2", f"{REGISTRY}/team/app:v1", False),
        (f"{REGISTRY}/app", f"{REGISTRY}/team/app:v1", False),
        ("registry:5000/app", "registry:5000/app", True),
        ("registry", "registry:5000/app", False),
    ],
)
def test_an_image_is_meant_by_its_reference_or_its_repository(wanted, image, matches, instant):
    instant.define(container(image=image))
    instant.aws.tasks.on_run(image=wanted, exit_code=1)

    status = instant.task(instant.run())["lastStatus"]

    assert status == ("STOPPED" if matches else "RUNNING")


def test_an_image_means_each_container_that_has_it(instant):
    instant.define(container("app", "nginx"), side("a", image="helper"), side("b", image="helper"))
    instant.aws.tasks.on_run(image="helper", exit_code=2)

    codes = instant.exit_codes(instant.run())

    assert codes == {"app": None, "a": 2, "b": 2}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ({"family": "worker", "container": "app", "image": "nginx"}, True),
        ({"family": "other", "container": "app"}, False),
        ({"family": "worker", "container": "side"}, False),
        ({"family": "worker", "image": "httpd"}, False),
    ],
)
def test_all_that_is_selected_must_hold(selector, matches, instant):
    instant.define()
    instant.aws.tasks.on_run(**selector, exit_code=1)

    status = instant.task(instant.run())["lastStatus"]

    assert status == ("STOPPED" if matches else "RUNNING")


def test_a_task_that_is_started_on_an_instance_obeys_too(on_ec2):
    on_ec2.define()
    on_ec2.aws.tasks.on_run("worker", exit_code=6, after=seconds(1))
    instance = on_ec2.ecs.list_container_instances()["containerInstanceArns"][0]

    reply = on_ec2.ecs.start_task(taskDefinition="worker", containerInstances=[instance])

    arn = reply["tasks"][0]["taskArn"]
    on_ec2.until(arn, "STOPPED")
    assert on_ec2.exit_codes(arn) == {"app": 6}
