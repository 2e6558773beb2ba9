"""What is pulled: tags, digests, platforms, other accounts, and what was never heard of."""

from __future__ import annotations

import pytest

from ecrmock import mock_aws
from tests.tasks import pulls
from tests.tasks.pulls import EXECUTION, LAYER, MANIFEST, failure, may_pull, run
from tests.tasks.stage import (
    EC2,
    FARGATE,
    NOON,
    OTHER_ACCOUNT,
    REGISTRY,
    ROLES,
    Stage,
    container,
)

OTHER_REGISTRY = f"{OTHER_ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
NO_DIGEST = f"sha256:{'0' * 64}"


def define(stage, image, **members):
    role = EXECUTION if stage.launch == FARGATE else None
    pulls.define(stage, image, role=role, **members)


def not_found(stage, image):
    """Return what is said of an image that a known repository does not have."""
    if stage.launch == FARGATE:
        return (
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to "
            f"resolve ref {image}: {image}: not found"
        )
    return "CannotPullImageManifestError: manifest unknown: Requested image not found"


def last_pulls(stage, repository="app"):
    """Return when each image was pulled last, by its digest."""
    found = stage.ecr.describe_images(repositoryName=repository)["imageDetails"]
    return {image["imageDigest"]: image.get("lastRecordedPullTime") for image in found}


def test_a_tag_is_resolved_when_the_image_is_pulled(either):
    either.aws.images.push("app", tag="v1", layers=1)
    define(either, f"{REGISTRY}/app:v1")
    arn = either.run()
    moved = either.aws.images.push("app", tag="v1", layers=2)

    either.until(arn, "RUNNING")

    assert either.container(arn)["imageDigest"] == moved.digest


def test_without_a_tag_it_is_latest(either):
    pushed = either.aws.images.push("app", tag="latest")
    define(either, f"{REGISTRY}/app")

    assert run(either)["containers"][0]["imageDigest"] == pushed.digest


def test_a_digest_is_that_image_whatever_its_tags_are(either):
    pushed = either.aws.images.push("app", tag="v1", layers=1)
    either.aws.images.push("app", tag="v1", layers=2)
    define(either, pushed.uri)

    task = run(either)

    assert task["containers"][0]["imageDigest"] == pushed.digest
    assert task["containers"][0]["image"] == pushed.uri


@pytest.mark.parametrize("reference", ["app:v2", f"app@{NO_DIGEST}", "app:latest"])
def test_what_a_known_repository_does_not_have_is_not_found(reference, either):
    either.aws.images.push("app", tag="v1")
    image = f"{REGISTRY}/{reference}"
    define(either, image)

    assert failure(either, run(either)) == not_found(either, image)


def test_an_image_that_is_deleted_before_it_is_pulled_is_not_found(either):
    either.aws.images.push("app", tag="v1")
    image = f"{REGISTRY}/app:v1"
    define(either, image)
    arn = either.run()
    either.ecr.batch_delete_image(repositoryName="app", imageIds=[{"imageTag": "v1"}])

    task = either.until(arn, "STOPPED")

    assert failure(either, task) == not_found(either, image)


def test_an_image_that_is_deleted_after_it_was_pulled_runs_on(either):
    either.aws.images.push("app", tag="v1")
    define(either, f"{REGISTRY}/app:v1")
    arn = either.running()

    either.ecr.delete_repository(repositoryName="app", force=True)
    either.aws.clock.advance(hours=1)

    assert either.task(arn)["lastStatus"] == "RUNNING"


def test_a_repository_that_was_deleted_is_missing(either):
    either.aws.images.push("app", tag="v1")
    define(either, f"{REGISTRY}/app:v1")
    either.ecr.delete_repository(repositoryName="app", force=True)

    assert failure(either, run(either))


def test_a_repository_that_is_there_and_empty_has_no_image(either):
    either.ecr.create_repository(repositoryName="app")
    image = f"{REGISTRY}/app:v1"
    define(either, image)

    assert failure(either, run(either)) == not_found(either, image)


# -------------------------------------------------------------------------------- platforms


@pytest.mark.parametrize(
    ("has", "wants", "architecture"),
    [
        (["linux/amd64"], "X86_64", "x86_64"),
        (["linux/arm64"], "ARM64", "arm64"),
        (["linux/amd64", "linux/arm64"], "X86_64", "x86_64"),
        (["linux/amd64", "linux/arm64"], "ARM64", "arm64"),
    ],
)
def test_the_platform_of_the_task_is_found(has, wants, architecture, stage):
    pushed = stage.aws.images.push("app", tag="v1", platforms=has)
    runtime = {"cpuArchitecture": wants, "operatingSystemFamily": "LINUX"}
    define(stage, f"{REGISTRY}/app:v1", runtimePlatform=runtime)

    task = run(stage)

    assert task["containers"][0]["imageDigest"] == pushed.digest
    assert task["attributes"] == [{"name": "ecs.cpu-architecture", "value": architecture}]


@pytest.mark.parametrize(
    ("has", "wants", "misses"),
    [
        (["linux/amd64"], "ARM64", "linux/arm64"),
        (["linux/arm64"], "X86_64", "linux/amd64"),
        (["linux/arm64", "linux/arm/v7"], "X86_64", "linux/amd64"),
        (["windows/amd64", "linux/arm64"], "X86_64", "linux/amd64"),
    ],
)
def test_a_platform_that_an_image_does_not_have_is_told(has, wants, misses, stage):
    stage.aws.images.push("app", tag="v1", platforms=has)
    runtime = {"cpuArchitecture": wants, "operatingSystemFamily": "LINUX"}
    define(stage, f"{REGISTRY}/app:v1", runtimePlatform=runtime)

    assert failure(stage, run(stage)) == (
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): image Manifest "
        f"does not contain descriptor matching platform '{misses}'"
    )


def test_an_instance_with_arm_takes_the_image_for_arm():
    with mock_aws(time="virtual", now=NOON) as aws:
        stage = Stage(aws, EC2)
        aws.instances.add("m6g.large")
        aws.images.push("app", tag="v1", platforms=["linux/arm64", "linux/arm/v7"])
        on_arm = {"type": "memberOf", "expression": "attribute:ecs.cpu-architecture == arm64"}
        define(stage, f"{REGISTRY}/app:v1", placementConstraints=[on_arm])

        task = run(stage)

        assert task["lastStatus"] == "RUNNING"
        assert task["attributes"] == [{"name": "ecs.cpu-architecture", "value": "arm64"}]


# ----------------------------------------------------------------------- what is written down


def test_a_pull_is_recorded_when_it_ends(either):
    pushed = either.aws.images.push("app", tag="v1")
    define(either, f"{REGISTRY}/app:v1")
    before = last_pulls(either)

    task = run(either)

    assert before == {pushed.digest: None}
    assert last_pulls(either) == {pushed.digest: task["pullStoppedAt"]}


def test_a_pull_that_was_denied_is_not_recorded(either):
    pushed = either.aws.images.push("app", tag="v1")
    pulls.set_policy(either.ecr, "*", MANIFEST, effect="Deny")
    define(either, f"{REGISTRY}/app:v1")

    run(either)

    assert last_pulls(either) == {pushed.digest: None}


def test_of_an_index_the_platform_that_was_pulled_is_recorded_too(either):
    platforms = ["linux/amd64", "linux/arm64"]
    pushed = either.aws.images.push("app", tag="v1", platforms=platforms)
    define(either, f"{REGISTRY}/app:v1")

    task = run(either)

    at = task["pullStoppedAt"]
    assert last_pulls(either) == {
        pushed.digest: at,
        pushed.platforms["linux/amd64"]: at,
        pushed.platforms["linux/arm64"]: None,
    }


def test_pulls_are_not_in_the_journal(either):
    either.aws.images.push("app", tag="v1")
    define(either, f"{REGISTRY}/app:v1")

    run(either)

    assert [call.name for call in either.aws.calls if call.service == "ecr"] == []


# ---------------------------------------------------------------------------- other accounts


@pytest.mark.parametrize("by_identity", [True, False], ids=["role-may", "role-may-not"])
@pytest.mark.parametrize("by_repository", [True, False], ids=["granted", "not-granted"])
def test_between_accounts_both_must_allow(by_identity, by_repository, stage):
    pushed = stage.aws.images.push("app", tag="v1", account_id=OTHER_ACCOUNT)
    own = [may_pull()] if by_identity else [pulls.policy(pulls.TOKEN)]
    role = stage.aws.iam.role(EXECUTION, policies=own)
    if by_repository:
        owner = stage.aws.client("ecr", account_id=OTHER_ACCOUNT)
        pulls.set_policy(owner, {"AWS": role.arn}, MANIFEST, LAYER)
    define(stage, f"{OTHER_REGISTRY}/app:v1")

    task = run(stage)

    if by_identity and by_repository:
        assert task["containers"][0]["imageDigest"] == pushed.digest
    else:
        assert "[manifests v1]: 403 Forbidden" in failure(stage, task)


@pytest.mark.parametrize(
    ("granted", "layers_fail"), [((MANIFEST,), True), ((MANIFEST, LAYER), False)]
)
def test_a_grant_to_the_account_is_enough_between_accounts(granted, layers_fail, stage):
    stage.aws.images.push("app", tag="v1", account_id=OTHER_ACCOUNT)
    stage.aws.iam.role(EXECUTION, policies=[may_pull()])
    owner = stage.aws.client("ecr", account_id=OTHER_ACCOUNT)
    pulls.set_policy(owner, {"AWS": "123456789012"}, *granted)
    define(stage, f"{OTHER_REGISTRY}/app:v1")

    task = run(stage)

    assert ("blobs/sha256:" in task.get("stoppedReason", "")) is layers_fail


def test_another_account_that_grants_nothing_is_told_as_the_resources_denial(on_ec2):
    on_ec2.aws.images.push("app", tag="v1", account_id=OTHER_ACCOUNT)
    define(on_ec2, f"{OTHER_REGISTRY}/app:v1")

    text = failure(on_ec2, run(on_ec2))

    assert text.endswith(
        f"ecr:BatchGetImage on resource: arn:aws:ecr:us-east-1:{OTHER_ACCOUNT}:repository/app "
        "because no resource-based policy allows the ecr:BatchGetImage action"
    )


# ------------------------------------------------------------ what the world never heard of


def test_an_unknown_repository_and_an_unknown_role_are_taken_to_exist(instant):
    define(instant, f"{REGISTRY}/nowhere:v1")

    arn = instant.run()
    assumed = instant.aws.calls[-1].assumed

    assert instant.task(arn)["lastStatus"] == "RUNNING"
    assert set(assumed) == {f"role {ROLES}{EXECUTION}", f"repository {REGISTRY}/nowhere"}


def test_what_a_pull_assumed_is_not_said_of_another_call(stage):
    define(stage, f"{REGISTRY}/nowhere:v1")
    stage.run()
    stage.aws.clock.advance(minutes=1)

    stage.ecs.list_clusters()

    assert stage.aws.calls[-1].assumed == ()


def test_the_role_that_run_task_assumed_to_exist_is_said_of_run_task_in_virtual_too(stage):
    define(stage, "nginx")

    stage.run()

    assert f"role {ROLES}{EXECUTION}" in stage.aws.calls[-1].assumed


def test_in_virtual_the_journal_says_that_the_repository_was_assumed(stage):
    define(stage, f"{REGISTRY}/nowhere:v1")
    stage.run()

    stage.aws.clock.advance(minutes=1)

    said = {text for call in stage.aws.calls for text in call.assumed}
    assert f"repository {REGISTRY}/nowhere" in said


def test_what_is_known_is_not_assumed(instant):
    instant.aws.images.push("app", tag="v1")
    instant.aws.iam.role(EXECUTION, policies=[may_pull()])
    define(instant, f"{REGISTRY}/app:v1")

    instant.run()

    assert instant.aws.calls[-1].assumed == ()


def test_a_role_that_was_never_made_may_not_do_what_a_repository_denies(instant):
    instant.aws.images.push("app", tag="v1")
    pulls.set_policy(instant.ecr, "*", MANIFEST, effect="Deny")
    define(instant, f"{REGISTRY}/app:v1")

    assert "403 Forbidden" in failure(instant, run(instant))


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_strict_refuses_an_unknown_role(mode):
    with mock_aws(strict=True, time=mode, now=NOON) as aws:
        stage = Stage(aws)
        define(stage, "nginx")

        with pytest.raises(stage.ecs.exceptions.ClientException, match="unable to assume"):
            stage.run()


@pytest.mark.parametrize("mode", ["instant", "virtual"])
def test_strict_refuses_an_unknown_repository(mode):
    with mock_aws(strict=True, time=mode, now=NOON) as aws:
        stage = Stage(aws)
        aws.iam.role(EXECUTION, policies=[may_pull()])
        define(stage, f"{REGISTRY}/nowhere:v1")

        assert failure(stage, run(stage)).endswith("/nowhere:v1: not found")


def test_an_agent_without_ecr_is_a_matter_of_placement():
    with mock_aws(now=NOON) as aws:
        aws.instances.add(agent_version="1.6.0")
        ecs = aws.client("ecs")
        aws.images.push("app", tag="v1")
        image = container(image=f"{REGISTRY}/app:v1")
        ecs.register_task_definition(family="worker", containerDefinitions=[image])

        reply = ecs.run_task(taskDefinition="worker")

        assert reply["tasks"] == []
        assert [each["reason"] for each in reply["failures"]] == ["ATTRIBUTE"]
