"""Who may pull: which role is asked for what, what a denial says, and where."""

from __future__ import annotations

import re

import pytest

from ecrmock import EcrmockError, mock_aws
from tests.tasks import pulls
from tests.tasks.pulls import (
    CHECK_LAYER,
    EXECUTION,
    INSTANCE,
    LAYER,
    MANIFEST,
    NEEDED,
    TASK,
    TOKEN,
    failure,
    may_pull,
    policy,
    run,
    session,
)
from tests.tasks.stage import EC2, FARGATE, NOON, REGISTRY, ROLES, Stage, container

IMAGE = f"{REGISTRY}/app:v1"
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/app"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CANNOT_ASSUME = (
    "ECS was unable to assume the role '{}' that was provided for this task. Please verify that "
    "the role being passed has the proper trust relationship and permissions and that your IAM "
    "user has permissions to pass this role."
)
SEATS = {
    "fargate": (FARGATE, EXECUTION),
    "ec2": (EC2, INSTANCE),
    "ec2-with-execution-role": (EC2, EXECUTION),
}


def on_fargate(action, who, layer):
    """Return the pattern of what Fargate says where *action* is denied."""
    return {
        TOKEN: re.escape(
            "ResourceInitializationError: unable to pull secrets or registry auth: execution "
            "resource retrieval failed: unable to retrieve ecr registry auth: service call has "
            f"been retried 1 time(s): AccessDeniedException: User: {who} is not authorized to "
            f"perform: {TOKEN} on resource: * because no identity-based policy allows the {TOKEN} "
            "action status code: 400, request id: "
        )
        + UUID,
        MANIFEST: re.escape(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to "
            f"resolve ref {IMAGE}: pulling from host {REGISTRY} failed with status code "
            "[manifests v1]: 403 Forbidden"
        ),
        LAYER: re.escape(
            "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: "
            "httpReaderSeeker: failed open: unexpected status code "
            f"https://{REGISTRY}/v2/app/blobs/{layer}: 403 Forbidden"
        ),
    }[action]


def on_ec2_instance(action, who, layer):
    """Return the pattern of what the agent says where *action* is denied."""
    resource = "*" if action == TOKEN else REPOSITORY
    denied = (
        f"User: {who} is not authorized to perform: {action} on resource: {resource} because no "
        f"identity-based policy allows the {action} action"
    )
    before = {
        TOKEN: "CannotPullECRContainerError: AccessDeniedException: ",
        MANIFEST: "CannotPullContainerError: The task can’t pull the image. Check that the role "
        "has the permissions to pull images from the registry. Error response from daemon: pull "
        f"access denied for {REGISTRY}/app, repository does not exist or may require 'docker "
        "login': denied: ",
        LAYER: "CannotPullContainerError: Error response from daemon: error pulling image "
        "configuration: download failed after attempts=1: denied: ",
    }[action]
    return re.escape(before + denied)


@pytest.fixture(params=SEATS.values(), ids=SEATS.keys())
def seat(request):
    """A stage with an image in ECR, and the name of the role that has to pull it."""
    launch, role = request.param
    with mock_aws(time="virtual", now=NOON) as aws:
        for other in {EXECUTION, INSTANCE, TASK} - {role}:
            aws.iam.role(other, policies=[])
        aws.iam.role(role, policies=[may_pull()])
        stage = Stage(aws, launch, role=INSTANCE)
        stage.pushed = aws.images.push("app", tag="v1")
        needs = {"taskRoleArn": f"{ROLES}{TASK}"}
        pulls.define(stage, IMAGE, role=EXECUTION if role == EXECUTION else None, **needs)
        yield stage, role


def test_the_role_that_pulls_needs_these_actions_and_no_other_role_any(seat):
    stage, _role = seat

    task = run(stage)

    assert task["lastStatus"] == "RUNNING"
    assert task["containers"][0]["imageDigest"] == stage.pushed.digest


@pytest.mark.parametrize("missing", NEEDED)
def test_each_action_that_is_missing_is_told_in_the_words_of_the_launch_type(missing, seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[pulls.all_but(missing)])
    say = on_fargate if stage.launch == FARGATE else on_ec2_instance
    blobs = "sha256:[0-9a-f]{64}"

    task = run(stage)

    who = session(stage, task, role)
    pattern = say(missing, who, "BLOB").replace("BLOB", blobs)
    assert re.fullmatch(pattern, failure(stage, task))


@pytest.mark.parametrize("missing", NEEDED)
def test_the_other_roles_do_not_help(missing, seat):
    stage, role = seat
    for other in {EXECUTION, INSTANCE, TASK} - {role}:
        stage.aws.iam.role(other, policies=["AdministratorAccess"])
    stage.aws.iam.role(role, policies=[pulls.all_but(missing)])

    assert failure(stage, run(stage))


def test_a_denial_can_be_read_from_the_task(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[pulls.all_but(MANIFEST)])
    task = run(stage)

    denial = stage.aws.tasks.get(task["taskArn"]).denial

    assert not denial.is_allowed
    explained = denial.explain()
    for part in (session(stage, task, role), MANIFEST, REPOSITORY, "does not match"):
        assert part in explained


def test_a_task_that_was_pulled_has_no_denial(seat):
    stage, _role = seat

    assert stage.aws.tasks.get(run(stage)["taskArn"]).denial is None


@pytest.mark.parametrize("action", NEEDED)
def test_an_explicit_deny_of_the_role_wins(action, seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[may_pull(), policy(action, effect="Deny")])

    task = run(stage)

    assert failure(stage, task)
    assert (
        stage.aws.tasks.get(task["taskArn"])
        .denial.explain()
        .endswith("with an explicit deny in an identity-based policy")
    )


@pytest.mark.parametrize("action", [MANIFEST, LAYER])
def test_an_explicit_deny_of_the_repository_wins(action, seat):
    stage, _role = seat
    pulls.set_policy(stage.ecr, "*", action, effect="Deny")

    task = run(stage)

    text = failure(stage, task)
    assert "403 Forbidden" in text or "explicit deny in a resource-based policy" in text
    assert (
        stage.aws.tasks.get(task["taskArn"])
        .denial.explain()
        .endswith("with an explicit deny in a resource-based policy")
    )


def test_a_grant_of_the_repository_is_enough_in_one_account(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[policy(TOKEN)])
    pulls.set_policy(stage.ecr, {"AWS": f"{ROLES}{role}"}, MANIFEST, LAYER)

    assert run(stage)["lastStatus"] == "RUNNING"


def test_a_grant_to_the_whole_account_is_not_enough_in_it(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[policy(TOKEN)])
    pulls.set_policy(stage.ecr, {"AWS": "arn:aws:iam::123456789012:root"}, MANIFEST, LAYER)

    assert failure(stage, run(stage))


def test_a_repository_cannot_grant_the_token(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[policy(MANIFEST, LAYER)])
    pulls.set_policy(stage.ecr, "*", "ecr:*")

    assert TOKEN in failure(stage, run(stage))


@pytest.mark.parametrize(
    ("resource", "passes"),
    [(REPOSITORY, True), (REPOSITORY.replace("/app", "/a*"), True), (REPOSITORY + "-2", False)],
)
def test_the_repository_of_the_policy_counts(resource, passes, seat):
    stage, role = seat
    own = policy(MANIFEST, LAYER, resource=resource)
    stage.aws.iam.role(role, policies=[policy(TOKEN), own])

    assert (run(stage)["lastStatus"] == "RUNNING") is passes


def test_policies_count_when_the_image_is_pulled_and_not_when_the_task_is_asked_for(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[])
    arn = stage.run()
    stage.aws.iam.role(role, policies=[may_pull()])

    assert stage.until(arn, "RUNNING")["lastStatus"] == "RUNNING"


def test_availability_of_layers_is_not_asked_for(seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[may_pull(), policy(CHECK_LAYER, effect="Deny")])

    assert run(stage)["lastStatus"] == "RUNNING"


@pytest.mark.parametrize(
    "name", ["AmazonEC2ContainerRegistryPullOnly", "AmazonEC2ContainerRegistryReadOnly"]
)
def test_the_managed_policies_of_aws_are_enough(name, seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[name])

    assert run(stage)["lastStatus"] == "RUNNING"


@pytest.mark.parametrize("image", ["nginx", "public.ecr.aws/nginx/nginx:1.27"])
def test_an_image_that_is_not_in_ecr_needs_no_permission(image, seat):
    stage, role = seat
    stage.aws.iam.role(role, policies=[])
    stage.define(container(image=image), executionRoleArn=None)

    assert run(stage)["lastStatus"] == "RUNNING"


# ---------------------------------------------------------------------------- the role itself


def test_an_execution_role_that_was_given_when_the_task_was_asked_for_counts(stage):
    stage.aws.images.push("app", tag="v1")
    stage.aws.iam.role(EXECUTION, policies=[])
    stage.aws.iam.role("other", policies=[may_pull()])
    pulls.define(stage, IMAGE)

    arn = stage.run(overrides={"executionRoleArn": f"{ROLES}other"})

    assert stage.until(arn, "RUNNING")["lastStatus"] == "RUNNING"


@pytest.mark.parametrize("member", ["executionRoleArn", "taskRoleArn"])
@pytest.mark.parametrize("trust", ["ec2.amazonaws.com", "999988887777"])
def test_a_role_that_ecs_cannot_assume_is_refused_by_run_task(trust, member, either):
    role = either.aws.iam.role("untrusting", policies=[may_pull()], trust=trust)
    either.define(**{member: role.arn})

    with pytest.raises(either.ecs.exceptions.ClientException) as caught:
        either.run()

    assert caught.value.response["Error"]["Message"] == CANNOT_ASSUME.format(role.arn)
    assert either.ecs.list_tasks()["taskArns"] == []


def test_a_role_of_the_override_that_ecs_cannot_assume_is_refused_too(stage):
    role = stage.aws.iam.role("untrusting", policies=[may_pull()], trust="ec2.amazonaws.com")
    stage.define()

    with pytest.raises(stage.ecs.exceptions.ClientException, match="unable to assume the role"):
        stage.run(overrides={"taskRoleArn": role.arn})


def test_a_condition_on_which_a_pull_depends_is_refused_by_name(stage):
    stage.aws.images.push("app", tag="v1")
    condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    stage.aws.iam.role(EXECUTION, policies=[policy(*NEEDED, Condition=condition)])
    pulls.define(stage, IMAGE)
    stage.run()

    with pytest.raises(EcrmockError, match=r"ecr:GetAuthorizationToken.*Condition.*not modelled"):
        stage.aws.clock.advance(minutes=1)


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_a_pull_that_was_refused_by_name_can_be_mended(mode):
    with mock_aws(time=mode, now=NOON) as aws:
        stage = Stage(aws)
        aws.images.push("app", tag="v1")
        condition = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
        aws.iam.role(EXECUTION, policies=[policy(*NEEDED, Condition=condition)])
        pulls.define(stage, IMAGE)
        with pytest.raises(EcrmockError, match="not modelled"):
            aws.clock.advance(minutes=stage.run() and 1)
        aws.iam.role(EXECUTION, policies=[may_pull()])

        aws.clock.advance(minutes=10)

        statuses = [stage.task(arn)["lastStatus"] for arn in stage.ecs.list_tasks()["taskArns"]]
        assert set(statuses) <= {"RUNNING"}
