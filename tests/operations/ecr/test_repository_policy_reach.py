"""How far a repository policy reaches: tags, lists, tokens; and what the journal keeps of it."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from botocore.exceptions import ClientError

DIGEST = "sha256:" + "0" * 64
OWNER = "arn:aws:iam::123456789012:user/administrator"
STRANGER = "arn:aws:iam::999988887777:user/administrator"
ARN = "arn:aws:ecr:us-east-1:123456789012:repository/team-a/web-app"
TAGS = [{"Key": "team", "Value": "a"}]

TAG_OPERATIONS = {
    "TagResource": ("tag_resource", {"tags": TAGS}),
    "UntagResource": ("untag_resource", {"tagKeys": ["team"]}),
    "ListTagsForResource": ("list_tags_for_resource", {}),
}


@pytest.fixture
def put_policy(ecr, repository):
    """Set a policy of one statement by force; it is about everyone if nothing else is said."""

    def put_policy(effect: str, *actions: str, principal="*", **members) -> None:
        statement = {"Effect": effect, "Principal": principal, "Action": list(actions)} | members
        ecr.set_repository_policy(
            repositoryName=repository,
            policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            force=True,
        )

    return put_policy


@pytest.fixture
def stranger(door, other_account):
    """The administrator of another account."""
    return door.client("ecr", account_id=other_account)


@pytest.fixture
def names_of(stranger, account):
    """Return the names that the other account sees when it asks for names."""

    def names_of(*names: str) -> list[str]:
        response = stranger.describe_repositories(registryId=account, repositoryNames=list(names))
        return [each["repositoryName"] for each in response["repositories"]]

    return names_of


def sentence(caller: str, operation: str, arn: str = ARN) -> str:
    return f"User: {caller} is not authorized to perform: ecr:{operation} on resource: {arn}"


def implicit(operation: str, arn: str = ARN) -> tuple[str, str]:
    reason = f"because no resource-based policy allows the ecr:{operation} action"
    return "AccessDeniedException", f"{sentence(STRANGER, operation, arn)} {reason}"


# --------------------------------------------------------------- operations that take an ARN


@pytest.mark.parametrize("operation", TAG_OPERATIONS)
def test_the_owner_can_be_denied_to_tag(ecr, put_policy, refusal, operation):
    method, parameters = TAG_OPERATIONS[operation]
    put_policy("Deny", f"ecr:{operation}")

    refused = refusal(getattr(ecr, method), resourceArn=ARN, **parameters)

    assert refused.code == "AccessDeniedException"
    assert refused.message == (
        f"{sentence(OWNER, operation)} with an explicit deny in a resource-based policy"
    )


@pytest.mark.parametrize("operation", TAG_OPERATIONS)
def test_another_account_needs_a_grant_to_tag(stranger, repository, refusal, operation):
    method, parameters = TAG_OPERATIONS[operation]

    refused = refusal(getattr(stranger, method), resourceArn=ARN, **parameters)

    assert refused == implicit(operation)


def test_another_account_tags_what_it_was_granted(ecr, stranger, put_policy):
    put_policy("Allow", "ecr:TagResource")

    stranger.tag_resource(resourceArn=ARN, tags=TAGS)

    assert ecr.list_tags_for_resource(resourceArn=ARN)["tags"] == TAGS


def test_a_denied_tag_is_not_there(ecr, put_policy, refusal):
    put_policy("Deny", "ecr:TagResource")

    refusal(ecr.tag_resource, resourceArn=ARN, tags=TAGS)

    assert ecr.list_tags_for_resource(resourceArn=ARN)["tags"] == []


# ---------------------------------------------------------------------- DescribeRepositories


def test_another_account_describes_what_it_was_granted_by_name(put_policy, names_of, repository):
    put_policy("Allow", "ecr:DescribeRepositories")

    assert names_of(repository) == [repository]


def test_another_account_needs_a_grant_to_describe(names_of, repository, refusal):
    refused = refusal(lambda: names_of(repository))

    assert refused == implicit("DescribeRepositories")


@pytest.mark.parametrize("order", [1, -1], ids=["granted first", "granted last"])
def test_each_repository_that_is_named_needs_a_grant(ecr, put_policy, names_of, refusal, order):
    ecr.create_repository(repositoryName="other")
    put_policy("Allow", "ecr:DescribeRepositories")

    refused = refusal(lambda: names_of(*["team-a/web-app", "other"][::order]))

    assert refused == implicit("DescribeRepositories", ARN.replace("team-a/web-app", "other"))


def test_a_grant_does_not_show_all_repositories(stranger, put_policy, account, refusal):
    put_policy("Allow", "ecr:*")

    refused = refusal(stranger.describe_repositories, registryId=account)

    assert refused == implicit(
        "DescribeRepositories", f"arn:aws:ecr:us-east-1:{account}:repository/*"
    )


def test_a_denial_of_one_repository_hides_it_by_name(ecr, put_policy, repository, refusal):
    put_policy("Deny", "ecr:DescribeRepositories")

    refused = refusal(ecr.describe_repositories, repositoryNames=[repository])

    assert refused.message == (
        f"{sentence(OWNER, 'DescribeRepositories')} with an explicit deny in a resource-based "
        "policy"
    )


# -------------------------------------------------------------------- what it does not reach


@pytest.mark.parametrize("action", ["ecr:GetAuthorizationToken", "ecr:*"])
def test_a_policy_does_not_decide_on_tokens(ecr, put_policy, account, action):
    put_policy("Deny", action)

    response = ecr.get_authorization_token(registryIds=[account])

    assert len(response["authorizationData"]) == 1


def test_a_policy_does_not_decide_on_registries_and_their_settings(ecr, put_policy):
    put_policy("Deny", "ecr:*")

    assert ecr.describe_registry()["replicationConfiguration"] == {"rules": []}
    assert ecr.get_account_setting(name="BLOB_MOUNTING")["name"] == "BLOB_MOUNTING"


def test_a_policy_does_not_let_others_create_repositories(stranger, put_policy, account, refusal):
    put_policy("Allow", "ecr:*")

    refused = refusal(stranger.create_repository, registryId=account, repositoryName="mine")

    arn = f"arn:aws:ecr:us-east-1:{account}:repository/mine"
    assert refused == implicit("CreateRepository", arn)


def test_a_policy_does_not_reach_a_repository_of_the_same_name(
    door, put_policy, repository, other_account
):
    elsewhere = [
        door.client("ecr", region_name="eu-west-1"),
        door.client("ecr", account_id=other_account),
    ]
    for ecr in elsewhere:
        ecr.create_repository(repositoryName=repository)

    put_policy("Deny", "ecr:*")

    assert [ecr.list_images(repositoryName=repository)["imageIds"] for ecr in elsewhere] == [[], []]


def test_referrers_are_listed_by_who_may_get_images(stranger, put_policy, repository, account):
    put_policy("Allow", "ecr:BatchGetImage")

    response = stranger.list_image_referrers(
        registryId=account, repositoryName=repository, subjectId={"imageDigest": DIGEST}
    )

    assert response["referrers"] == []


def test_who_may_only_list_referrers_may_not(stranger, put_policy, repository, account, refusal):
    put_policy("Allow", "ecr:ListImageReferrers")

    refused = refusal(
        stranger.list_image_referrers,
        registryId=account,
        repositoryName=repository,
        subjectId={"imageDigest": DIGEST},
    )

    assert refused == implicit("BatchGetImage")


# -------------------------------------------------------------------------------- the journal


@pytest.fixture
def decision(door, stranger, repository, account):
    """Let the other account list images; return the decision in the journal."""

    def decision():
        with suppress(ClientError):
            stranger.list_images(registryId=account, repositoryName=repository)
        assert door.aws.calls[-1].operation == "ListImages"
        return door.aws.calls[-1].decision

    return decision


def test_a_decision_says_who_wanted_what_of_what(decision):
    made = decision()

    assert made.principal.arn == STRANGER
    assert made.action == "ecr:ListImages"
    assert made.resource == ARN


@pytest.mark.parametrize(
    ("effect", "is_allowed", "reason"),
    [
        ("Allow", True, ""),
        ("Deny", False, "with an explicit deny in a resource-based policy"),
        (None, False, "because no resource-based policy allows the ecr:ListImages action"),
    ],
    ids=["allowed", "denied", "no policy"],
)
def test_a_decision_has_a_verdict_and_a_reason(put_policy, decision, effect, is_allowed, reason):
    if effect:
        put_policy(effect, "ecr:*")

    made = decision()

    assert made.is_allowed is is_allowed
    assert made.reason == reason


@pytest.mark.parametrize(
    ("effect", "verdict"), [("Allow", "Allowed"), ("Deny", "ExplicitlyDenied")]
)
def test_a_decision_explains_itself(put_policy, decision, effect, verdict):
    put_policy(effect, "ecr:List*", Sid="the fourth")

    text = decision().explain()

    first, *_others, last = text.splitlines()
    (line,) = [each for each in text.splitlines() if "the fourth" in each]
    assert first == f"{STRANGER} ecr:ListImages on {ARN}"
    assert effect in line
    assert "repository policy" in line
    assert last.startswith(verdict)


def test_a_decision_explains_a_statement_that_does_not_apply(put_policy, decision):
    put_policy("Allow", "ecr:PutImage", Sid="pushers")

    text = decision().explain()

    (line,) = [each for each in text.splitlines() if "pushers" in each]
    assert "Action matches" not in line
    assert text.splitlines()[-1].startswith("ImplicitlyDenied")
