"""Each verb asks for its IAM action on the repository; a policy denies it or does not grant it."""

from __future__ import annotations

import json
from typing import NamedTuple

import pytest

from tests.registry.client import (
    ACCOUNT,
    HOST,
    OCI_IMAGE,
    OTHER_ACCOUNT,
    UPLOADS,
    Registry,
    image,
    path_of,
    sha256,
)

ARN = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
MADE = image("permitted")
LAYER = sha256(MADE.blobs[1])
FRESH = b"a blob that is new"


class Case(NamedTuple):
    """A request, the action that it asks for, and the answer once that is allowed."""

    method: str
    path: str
    action: str
    status: int
    body: bytes | None = None


CASES = [
    Case("HEAD", f"/v2/app/blobs/{LAYER}", "BatchCheckLayerAvailability", 200),
    Case("GET", f"/v2/app/blobs/{LAYER}", "GetDownloadUrlForLayer", 307),
    Case("POST", UPLOADS, "InitiateLayerUpload", 202),
    Case("PATCH", "{upload}", "UploadLayerPart", 202, FRESH),
    Case("PUT", f"{{upload}}?digest={sha256(FRESH)}", "UploadLayerPart", 201, FRESH),
    Case("PUT", f"{{filled}}?digest={sha256(FRESH)}", "CompleteLayerUpload", 201),
    Case("HEAD", "/v2/app/manifests/v1", "BatchGetImage", 200),
    Case("GET", "/v2/app/manifests/v1", "BatchGetImage", 200),
    Case("HEAD", f"/v2/app/manifests/{MADE.digest}", "BatchGetImage", 200),
    Case("GET", f"/v2/app/manifests/{MADE.digest}", "BatchGetImage", 200),
    Case("PUT", "/v2/app/manifests/v2", "PutImage", 201, MADE.content),
    Case("DELETE", "/v2/app/manifests/v1", "BatchDeleteImage", 202),
    Case("GET", "/v2/app/tags/list", "ListImages", 200),
]

every_case = pytest.mark.parametrize(
    "case", CASES, ids=[f"{each.method} {each.path[:20]} {each.action}" for each in CASES]
)


def statement(effect: str, *actions: str, principal: object = "*") -> dict[str, object]:
    return {
        "Sid": effect.lower(),
        "Effect": effect,
        "Principal": principal,
        "Action": [f"ecr:{action}" for action in actions],
    }


def set_policy(ecr, *statements: dict[str, object], repository: str = "app") -> None:
    document = {"Version": "2012-10-17", "Statement": statements}
    ecr.set_repository_policy(repositoryName=repository, policyText=json.dumps(document))


class Rig:
    """An image under `v1`, an upload that is open and one that waits for its end."""

    def __init__(self, registry: Registry) -> None:
        registry.push(MADE, "v1")
        self._places = {
            "upload": path_of(registry.start()),
            "filled": path_of(registry.start()),
        }
        registry.patch(self._places["filled"], FRESH)

    def send(self, registry: Registry, case: Case):
        headers = {"Content-Type": OCI_IMAGE} if "/manifests/" in case.path else {}
        path = case.path.format_map(self._places)
        return registry.request(case.method, path, headers, case.body)


@pytest.fixture
def rig(registry):
    return Rig(registry)


@pytest.fixture
def them(registry):
    """Another account's client that calls our registry."""
    return Registry(registry.server, account_id=OTHER_ACCOUNT, host=HOST)


def check_refused(answer, case: Case, account: str, reason: str) -> None:
    assert answer.status == 403
    if case.method == "HEAD":
        assert answer.body == b""
        return
    who = f"User: arn:aws:iam::{account}:"
    what = f" is not authorized to perform: ecr:{case.action} on resource: {ARN} {reason}"
    assert answer.refusal.code == "DENIED"
    assert answer.refusal.message.startswith(who)
    assert answer.refusal.message.endswith(what)


# --------------------------------------------------------------------------- explicit deny


@every_case
def test_a_verb_is_denied_by_a_policy_that_denies_its_action(registry, ecr, rig, case):
    set_policy(ecr, statement("Deny", case.action))

    answer = rig.send(registry, case)

    check_refused(answer, case, ACCOUNT, "with an explicit deny in a resource-based policy")


@every_case
def test_a_verb_is_allowed_again_without_the_policy(registry, ecr, rig, case):
    set_policy(ecr, statement("Deny", case.action))
    rig.send(registry, case)

    ecr.delete_repository_policy(repositoryName="app")

    assert rig.send(registry, case).status == case.status


@every_case
def test_a_verb_needs_no_other_action(registry, ecr, rig, case):
    others = {each.action for each in CASES} - {case.action}
    if case.method == "PUT" and "?digest=" in case.path:
        others -= {"UploadLayerPart", "CompleteLayerUpload"}
    set_policy(ecr, statement("Deny", *sorted(others)))

    answer = rig.send(registry, case)

    assert answer.status == case.status


# ----------------------------------------------------------------------------- missing grant


@every_case
def test_another_account_is_refused_without_a_grant(them, rig, case):
    answer = rig.send(them, case)

    reason = f"because no resource-based policy allows the ecr:{case.action} action"
    check_refused(answer, case, OTHER_ACCOUNT, reason)


@every_case
def test_another_account_is_let_in_by_a_grant(them, ecr, rig, case):
    root = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}
    set_policy(ecr, statement("Allow", *{each.action for each in CASES}, principal=root))

    assert rig.send(them, case).status == case.status


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_another_account_does_not_learn_whether_there_is_an_upload(them, method):
    path = f"{UPLOADS}00000000-0000-4000-8000-000000000000?digest={sha256(FRESH)}"

    assert them.request(method, path, body=FRESH).status == 403


def test_a_grant_is_over_when_the_policy_is_deleted(them, ecr, rig):
    set_policy(ecr, statement("Allow", "BatchGetImage"))
    before = them.manifest("v1")

    ecr.delete_repository_policy(repositoryName="app")

    assert before.status == 200
    assert them.manifest("v1").status == 403


def test_a_grant_is_for_one_repository(them, registry, ecr, rig):
    ecr.create_repository(repositoryName="closed")
    set_policy(ecr, statement("Allow", "ListImages"))

    assert them.get("/v2/app/tags/list").status == 200
    assert them.get("/v2/closed/tags/list").status == 403


def test_what_another_account_pushes_belongs_to_the_registry(them, registry, ecr):
    push = (
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
    )
    set_policy(ecr, statement("Allow", *push))

    them.push(MADE, "pushed")

    assert registry.manifest("pushed").body == MADE.content
    assert ecr.describe_images(repositoryName="app")["imageDetails"][0]["registryId"] == ACCOUNT


def test_a_denied_push_leaves_nothing(registry, ecr, rig):
    set_policy(ecr, statement("Deny", "PutImage", "CompleteLayerUpload"))
    finish = Case("PUT", f"{{filled}}?digest={sha256(FRESH)}", "", 0)
    manifest = Case("PUT", "/v2/app/manifests/v2", "", 0, MADE.content)

    answers = [rig.send(registry, each) for each in (finish, manifest)]

    assert [each.status for each in answers] == [403, 403]
    assert not registry.has_blob(sha256(FRESH))
    assert registry.get("/v2/app/tags/list").json["tags"] == ["v1"]


def test_calls_of_the_registry_are_in_the_journal_by_their_action(registry, rig):
    registry.manifest("v1")

    call = registry.server.aws.calls("ecr.BatchGetImage")[-1]
    assert call.request["repositoryName"] == "app"
    assert call.decision.is_allowed
