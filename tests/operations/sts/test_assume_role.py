"""AssumeRole: who gets credentials of which role, and for how long."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
ROLE = "arn:aws:iam::123456789012:role/ci"
THEIR_ROLE = "arn:aws:iam::999988887777:role/deploy"
ADMINISTRATOR = "arn:aws:iam::123456789012:user/administrator"
SESSION = "arn:aws:sts::123456789012:assumed-role/ci/build"
ASSUME = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
}

standing_still = pytest.mark.ecrmock(now=NOW)


def denial(caller: str, role: str, reason: str) -> tuple[str, str]:
    text = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
    return "AccessDenied", f"{text} {reason}"


NO_TRUST = "because no role trust policy allows the sts:AssumeRole action"
NO_IDENTITY = "because no identity-based policy allows the sts:AssumeRole action"
DENIED_TRUST = "with an explicit deny in the role trust policy"


# ------------------------------------------------------------------------------- answers


def test_the_answer_has_credentials_and_says_who_they_are(sts, iam):
    role = iam.role("ci")

    answer = sts.assume_role(RoleArn=role.arn, RoleSessionName="build")

    credentials, user = answer["Credentials"], answer["AssumedRoleUser"]
    assert set(answer) == {"Credentials", "AssumedRoleUser", "ResponseMetadata"}
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", credentials["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", credentials["SecretAccessKey"])
    assert len(credentials["SessionToken"]) > 100
    assert user["Arn"] == SESSION
    assert re.fullmatch(r"AROA[A-Z0-9]{17}:build", user["AssumedRoleId"])


def test_two_sessions_of_a_role_have_nothing_of_their_credentials_in_common(assume, iam):
    iam.role("ci")

    first, second = assume(ROLE), assume(ROLE)

    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert first[name] != second[name]


@standing_still
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [({}, 3600), ({"DurationSeconds": 900}, 900), ({"DurationSeconds": 3600}, 3600)],
    ids=["not said", "the least", "the most"],
)
def test_credentials_expire_when_it_was_asked_for(assume, iam, asked, seconds):
    iam.role("ci")

    expiration = assume(ROLE, **asked)["Expiration"]

    assert expiration == NOW + timedelta(seconds=seconds)


def test_an_external_id_is_accepted(assume, iam):
    iam.role("ci")

    assert assume(ROLE, ExternalId="of-a-partner")


@pytest.mark.ecrmock(region_name="cn-north-1")
def test_the_session_is_of_the_partition_of_its_role(sts, iam):
    role = iam.role("ci")

    user = sts.assume_role(RoleArn=role.arn, RoleSessionName="build")["AssumedRoleUser"]

    assert user["Arn"] == "arn:aws-cn:sts::123456789012:assumed-role/ci/build"


def test_the_journal_has_the_decision(door, assume, iam):
    iam.role("ci")

    assume(ROLE)

    call = door.aws.calls("sts.AssumeRole")[-1]
    assert (call.decision.resource, call.decision.is_allowed) == (ROLE, True)


# --------------------------------------------------------------------------- constraints


@pytest.mark.parametrize("seconds", [3601, 43200])
def test_a_session_of_a_role_that_was_made_lasts_an_hour_at_most(sts, iam, refusal, seconds):
    iam.role("ci")

    refused = refusal(
        sts.assume_role, RoleArn=ROLE, RoleSessionName="build", DurationSeconds=seconds
    )

    assert refused == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )


@pytest.mark.parametrize(("seconds", "bound"), [(899, "900"), (43201, "43200")])
def test_no_session_is_shorter_or_longer_than_aws_lets_any(door, refusal, seconds, bound):
    sts = door.unchecked("sts")

    refused = refusal(
        sts.assume_role, RoleArn=ROLE, RoleSessionName="build", DurationSeconds=seconds
    )

    assert refused.code == "ValidationError"
    assert f"Value '{seconds}' at 'durationSeconds' failed to satisfy" in refused.message
    assert refused.message.endswith(bound)


@pytest.mark.parametrize(
    ("name", "constraint"),
    [
        ("Session1:2", r"satisfy regular expression pattern: [\w+=,.@-]*"),
        ("s" * 65, "have length less than or equal to 64"),
        ("s", "have length greater than or equal to 2"),
    ],
)
def test_a_name_of_a_session_keeps_to_the_model(door, refusal, name, constraint):
    sts = door.unchecked("sts")

    refused = refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName=name)

    assert refused.code == "ValidationError"
    assert refused.message == (
        f"1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy "
        f"constraint: Member must {constraint}"
    )


@pytest.mark.parametrize(
    "arn",
    [
        "nothing-valid-in-here",
        "arn::b:::something/test-role",
        "arn:a::::something/test-role",
        "arn:a:::something/test-role",
        "arn:a:a::aaaaaaaaaa:",
    ],
)
def test_what_is_no_arn_is_invalid(sts, refusal, arn):
    refused = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="build")

    assert refused == ("ValidationError", f"{arn} is invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Policy", "{}"),
        ("PolicyArns", [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]),
        ("Tags", [{"Key": "team", "Value": "a"}]),
        ("TransitiveTagKeys", ["team"]),
        ("SerialNumber", "arn:aws:iam::123456789012:mfa/me"),
        ("TokenCode", "123456"),
        ("SourceIdentity", "somebody"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(door, sts, name, value):
    with pytest.raises((NotImplementedError, ClientError), match=f"'{name}' of sts.AssumeRole"):
        sts.assume_role(RoleArn=ROLE, RoleSessionName="build", **{name: value})

    assert door.aws.gateway.world.iam.sessions == {}


# --------------------------------------------------------------------------------- trust


@pytest.mark.parametrize(
    "trust",
    [
        "ecs-tasks.amazonaws.com",
        "999988887777",
        "arn:aws:iam::123456789012:user/somebody",
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "sts:AssumeRoleWithWebIdentity",
            }
        },
    ],
    ids=["a service", "another account", "another user", "another action"],
)
def test_a_role_that_does_not_trust_its_account_cannot_be_assumed(sts, iam, refusal, trust):
    iam.role("ci", trust=trust)

    refused = refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="build")

    assert refused == denial(ADMINISTRATOR, ROLE, NO_TRUST)


def test_a_denial_is_a_403(sts, iam, error_of):
    iam.role("ci", trust="ec2.amazonaws.com")

    response = error_of(sts.assume_role, RoleArn=ROLE, RoleSessionName="build")

    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_an_explicit_deny_of_a_trust_policy_is_named(sts, iam, refusal):
    statement = {"Principal": "*", "Action": "sts:AssumeRole"}
    statements = [statement | {"Effect": effect} for effect in ("Allow", "Deny")]
    iam.role("ci", trust={"Statement": statements})

    refused = refusal(sts.assume_role, RoleArn=ROLE, RoleSessionName="build")

    assert refused == denial(ADMINISTRATOR, ROLE, DENIED_TRUST)


@pytest.mark.parametrize(
    "trust",
    [
        None,
        "123456789012",
        "arn:aws:iam::123456789012:root",
        ADMINISTRATOR,
        "*",
        ["ecs-tasks.amazonaws.com", "123456789012"],
    ],
    ids=["by default", "account", "root", "user", "everyone", "list"],
)
def test_a_role_that_trusts_the_caller_can_be_assumed(assume, iam, trust):
    iam.role("ci", trust=trust)

    assert assume(ROLE)


def test_another_account_is_let_in_by_the_trust_policy_alone(door, iam, refusal, other_account):
    theirs = door.client("sts", account_id=other_account)
    request = {"RoleArn": ROLE, "RoleSessionName": "build"}
    iam.role("ci")
    refused = refusal(theirs.assume_role, **request)

    iam.role("ci", trust=other_account)

    assert refused == denial(f"arn:aws:iam::{other_account}:user/administrator", ROLE, NO_TRUST)
    assert theirs.assume_role(**request)["AssumedRoleUser"]["Arn"] == SESSION


# ------------------------------------------------------------------------ role chaining


def test_a_session_needs_permission_to_assume_another_role(act_as, iam, refusal):
    iam.role("first")
    iam.role("ci")
    sts = act_as("sts", "arn:aws:iam::123456789012:role/first", session="one")
    caller = "arn:aws:sts::123456789012:assumed-role/first/one"
    request = {"RoleArn": ROLE, "RoleSessionName": "build"}
    refused = refusal(sts.assume_role, **request)

    iam.role("first", policies=[ASSUME])

    assert refused == denial(caller, ROLE, NO_IDENTITY)
    assert sts.assume_role(**request)["AssumedRoleUser"]["Arn"] == SESSION


def test_a_session_that_is_trusted_by_the_name_of_its_role_needs_no_permission(act_as, assume, iam):
    first = iam.role("first")
    iam.role("ci", trust=first.arn)
    sts = act_as("sts", first.arn)

    assert assume(ROLE, by=sts)


@standing_still
def test_a_chained_session_lasts_an_hour_at_most(act_as, refusal):
    sts = act_as("sts", ROLE)

    refused = refusal(
        sts.assume_role, RoleArn=THEIR_ROLE, RoleSessionName="build", DurationSeconds=3601
    )

    assert refused.code == "ValidationError"
    assert refused.message == (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining."
    )


# ------------------------------------------------------------------------- unknown roles


@pytest.mark.parametrize(
    ("arn", "session"),
    [
        (ROLE, SESSION),
        (THEIR_ROLE, "arn:aws:sts::999988887777:assumed-role/deploy/build"),
        (
            "arn:aws:iam::999988887777:role/team/a/deploy",
            "arn:aws:sts::999988887777:assumed-role/deploy/build",
        ),
    ],
    ids=["own account", "another account", "with a path"],
)
def test_a_role_that_nobody_made_is_taken_to_exist(sts, arn, session):
    answer = sts.assume_role(RoleArn=arn, RoleSessionName="build", DurationSeconds=43200)

    assert answer["AssumedRoleUser"]["Arn"] == session


def test_the_journal_says_that_a_role_was_taken_to_exist(door, assume, iam):
    iam.role("made")

    assume(ROLE)
    assume("arn:aws:iam::123456789012:role/made")

    first, second = door.aws.calls("sts.AssumeRole")
    assert (first.assumed, second.assumed) == ((f"role {ROLE}",), ())


@pytest.mark.ecrmock(strict=True)
@pytest.mark.parametrize("arn", [ROLE, THEIR_ROLE])
def test_a_strict_mock_has_no_role_that_nobody_made(sts, refusal, arn):
    refused = refusal(sts.assume_role, RoleArn=arn, RoleSessionName="build")

    assert refused == denial(ADMINISTRATOR, arn, NO_TRUST)


@pytest.mark.ecrmock(strict=True)
def test_a_strict_mock_has_the_roles_that_were_made(assume, iam):
    assert assume(iam.role("ci").arn)


def test_a_user_is_no_role(sts, refusal):
    refused = refusal(sts.assume_role, RoleArn=ADMINISTRATOR, RoleSessionName="build")

    assert refused == denial(ADMINISTRATOR, ADMINISTRATOR, NO_TRUST)
