"""Set-, Get- and DeleteRepositoryPolicy: how a policy is kept, and which documents are none."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from ecrmock import EcrmockError

ACCOUNT_ROOT = "arn:aws:iam::999988887777:root"
STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
DENY_ALL = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
ABSENT = object()


def policy(*statements: dict, **members) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | members)


def altered(**members) -> str:
    """Write a policy of one good statement in which *members* are other or absent."""
    statement = STATEMENT | members
    return policy({name: value for name, value in statement.items() if value is not ABSENT})


def named(**principal) -> str:
    return altered(Principal=principal)


@pytest.fixture
def put(ecr, repository):
    """Set the policy of the repository and return the reply."""

    def put(text: str, *, client=ecr, **options) -> dict:
        options = {"repositoryName": repository} | options
        response = client.set_repository_policy(policyText=text, **options)
        response.pop("ResponseMetadata")
        return response

    return put


@pytest.fixture
def stored(ecr, repository):
    """Return the text of the policy that the repository has."""
    return lambda: ecr.get_repository_policy(repositoryName=repository)["policyText"]


@pytest.fixture
def invalid_policy(invalid):
    return invalid("PolicyText", "Invalid repository policy provided")


def not_found(repository: str, account: str) -> tuple[str, str]:
    where = f"the repository with name '{repository}' in the registry with id '{account}'"
    return "RepositoryPolicyNotFoundException", f"Repository policy does not exist for {where}"


# -------------------------------------------------------------------------------- rendering


def test_a_policy_is_rendered_as_the_samples_of_the_api_are(put):
    statement = {
        "Action": ["ecr:DescribeImages", "ecr:PutImage"],
        "Principal": "*",
        "Effect": "Allow",
        "Sid": "new statement",
    }
    document = {"Statement": [statement], "Version": "2012-10-17"}

    text = put(json.dumps(document))["policyText"]

    assert text == (
        '{\n  "Version" : "2012-10-17",\n  "Statement" : [ {\n    "Sid" : "new statement",\n'
        '    "Effect" : "Allow",\n    "Principal" : "*",\n'
        '    "Action" : [ "ecr:DescribeImages", "ecr:PutImage" ]\n  } ]\n}'
    )


def test_principals_and_more_statements_are_rendered_alike(put):
    first = {"Action": "ecr:PutImage", "Effect": "Allow", "Principal": {"AWS": ACCOUNT_ROOT}}
    second = {"Sid": "2", "Effect": "Deny", "Principal": "*", "Action": ["ecr:TagResource"]}

    text = put(policy(first, second, Version="2008-10-17"))["policyText"]

    assert text == (
        '{\n  "Version" : "2008-10-17",\n  "Statement" : [ {\n'
        '    "Effect" : "Allow",\n    "Principal" : {\n'
        f'      "AWS" : "{ACCOUNT_ROOT}"\n    }},\n    "Action" : "ecr:PutImage"\n  }}, {{\n'
        '    "Sid" : "2",\n    "Effect" : "Deny",\n    "Principal" : "*",\n'
        '    "Action" : [ "ecr:TagResource" ]\n  } ]\n}'
    )


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("999988887777", ACCOUNT_ROOT),
        (ACCOUNT_ROOT, ACCOUNT_ROOT),
        (["999988887777"], [ACCOUNT_ROOT]),
        (
            ["arn:aws:iam::999988887777:role/deployer", "111122223333"],
            ["arn:aws:iam::999988887777:role/deployer", "arn:aws:iam::111122223333:root"],
        ),
    ],
    ids=["account", "root", "list of one", "list of two"],
)
def test_an_account_becomes_the_arn_of_its_root(put, given, kept):
    text = put(named(AWS=given))["policyText"]

    (statement,) = json.loads(text)["Statement"]
    assert statement["Principal"] == {"AWS": kept}


def test_an_account_becomes_an_arn_of_the_partition(door):
    ecr = door.client("ecr", region_name="cn-north-1")
    ecr.create_repository(repositoryName="app")

    response = ecr.set_repository_policy(repositoryName="app", policyText=named(AWS="999988887777"))

    (statement,) = json.loads(response["policyText"])["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws-cn:iam::999988887777:root"}


# ------------------------------------------------------------------------ set, get and delete


def test_the_reply_has_registry_repository_and_text(put, stored, repository, account):
    reply = put(altered())

    assert reply == {
        "registryId": account,
        "repositoryName": repository,
        "policyText": stored(),
    }


@pytest.mark.parametrize("operation", ["get_repository_policy", "delete_repository_policy"])
def test_a_policy_is_given_as_it_was_answered(ecr, put, repository, account, operation):
    text = put(altered())["policyText"]

    response = getattr(ecr, operation)(repositoryName=repository)

    response.pop("ResponseMetadata")
    assert response == {"registryId": account, "repositoryName": repository, "policyText": text}


def test_a_policy_replaces_the_one_before(put, stored):
    put(altered(Sid="first"))

    second = put(altered(Sid="second"))

    assert stored() == second["policyText"]
    assert "first" not in stored()


def test_a_policy_that_was_rendered_can_be_set_again(put, stored):
    text = put(named(AWS=["999988887777"]))["policyText"]

    put(text)

    assert stored() == text


def test_a_policy_is_of_one_repository(ecr, put, refusal, account):
    ecr.create_repository(repositoryName="other")

    put(altered())

    refused = refusal(ecr.get_repository_policy, repositoryName="other")
    assert refused == not_found("other", account)


@pytest.mark.parametrize("operation", ["get_repository_policy", "delete_repository_policy"])
def test_a_repository_without_a_policy_says_so(ecr, repository, account, refusal, operation):
    refused = refusal(getattr(ecr, operation), repositoryName=repository)

    assert refused == not_found(repository, account)


def test_a_deleted_policy_is_gone(ecr, put, repository, account, refusal):
    put(altered())

    ecr.delete_repository_policy(repositoryName=repository)

    refused = refusal(ecr.get_repository_policy, repositoryName=repository)
    assert refused == not_found(repository, account)


def test_a_policy_goes_with_its_repository(ecr, put, repository, account, refusal):
    put(altered())
    ecr.delete_repository(repositoryName=repository)
    ecr.create_repository(repositoryName=repository)

    refused = refusal(ecr.get_repository_policy, repositoryName=repository)

    assert refused == not_found(repository, account)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("set_repository_policy", {"policyText": policy(STATEMENT)}),
        ("get_repository_policy", {}),
        ("delete_repository_policy", {}),
    ],
)
def test_an_unknown_repository_has_no_policy(ecr, account, refusal, operation, parameters):
    refused = refusal(getattr(ecr, operation), repositoryName="none", **parameters)

    assert refused == (
        "RepositoryNotFoundException",
        f"The repository with name 'none' does not exist in the registry with id '{account}'",
    )


# ---------------------------------------------------------------------- documents that are good

GOOD = {
    "version 2008-10-17": policy(STATEMENT, Version="2008-10-17"),
    "no version": json.dumps({"Statement": [STATEMENT]}),
    "one statement and no list": json.dumps({"Statement": STATEMENT}),
    "an id": policy(STATEMENT, Id="an id"),
    "a Sid with spaces": altered(Sid="ECR Repository Policy"),
    "the same Sid twice": policy(STATEMENT | {"Sid": "1"}, STATEMENT | {"Sid": "1"}),
    "everyone in an object": named(AWS="*"),
    "a user": named(AWS="arn:aws:iam::123456789012:user/administrator"),
    "a session": named(AWS="arn:aws:sts::123456789012:assumed-role/deployer/session"),
    "a service": named(Service="lambda.amazonaws.com"),
    "a service and an account": named(Service="lambda.amazonaws.com", AWS="999988887777"),
    "actions in a list": altered(Action=["ecr:Get*", "ecr:PutImage"]),
    "an action in other cases": altered(Action="ECR:putimage"),
    "an action that nobody knows": altered(Action="ecr:MakeCoffee"),
    "white space around": f" \n{policy(STATEMENT)}\n",
    "10240 characters": policy(STATEMENT).ljust(10240),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_a_good_document_is_taken(put, stored, text):
    put(text)

    given, kept = json.loads(text), json.loads(stored())
    assert kept.keys() == given.keys()
    assert kept.get("Version") == given.get("Version")


# ---------------------------------------------------------------------------- the lock-out rule

LOCKS = {
    "everything": DENY_ALL,
    "the one action": DENY_ALL | {"Action": "ecr:SetRepositoryPolicy"},
    "by a wildcard": DENY_ALL | {"Action": ["ecr:Set*"]},
    "the account": DENY_ALL | {"Principal": {"AWS": "123456789012"}},
    "the caller": DENY_ALL | {"Principal": {"AWS": "arn:aws:iam::123456789012:user/administrator"}},
}


@pytest.mark.parametrize("statement", LOCKS.values(), ids=LOCKS.keys())
def test_a_policy_that_locks_the_caller_out_is_refused(put, stored, refusal, statement):
    before = put(altered())["policyText"]

    refused = refusal(put, text=policy(statement))

    assert refused.code == "InvalidParameterException"
    assert stored() == before


@pytest.mark.parametrize("statement", LOCKS.values(), ids=LOCKS.keys())
def test_a_policy_that_locks_the_caller_out_is_set_by_force(put, refusal, statement):
    put(policy(statement), force=True)

    refused = refusal(put, text=altered())
    assert refused.code == "AccessDeniedException"


@pytest.mark.parametrize(
    "statement",
    [
        DENY_ALL | {"Action": "ecr:GetRepositoryPolicy"},
        DENY_ALL | {"Principal": {"AWS": "999988887777"}},
        STATEMENT | {"Principal": {"AWS": "999988887777"}},
    ],
    ids=["another action denied", "another account denied", "another account allowed"],
)
@pytest.mark.parametrize("force", [{}, {"force": False}, {"force": True}], ids=str)
def test_a_policy_that_locks_others_out_needs_no_force(put, statement, force):
    put(policy(statement), **force)

    again = put(altered())

    assert again["policyText"]


@pytest.mark.parametrize("force", [{}, {"force": True}], ids=["unforced", "forced"])
def test_force_does_not_make_a_bad_document_good(put, refusal, invalid_policy, force):
    refused = refusal(put, text="{}", **force)

    assert refused == invalid_policy


# ------------------------------------------------------------------------- what is not modelled


@pytest.mark.parametrize(
    ("element", "members"),
    [
        ("Condition", {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}),
        ("NotAction", {"NotAction": "ecr:PutImage", "Action": ABSENT}),
        ("NotPrincipal", {"NotPrincipal": "*", "Principal": ABSENT, "Effect": "Deny"}),
        ("NotResource", {"NotResource": "*"}),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(door, put, stored, element, members):
    before = put(altered())["policyText"]

    with pytest.raises((EcrmockError, ClientError)) as caught:
        put(altered(**members))

    assert f"'{element}' is not modelled" in str(caught.value)
    assert stored() == before
    if door.is_wire:
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    else:
        assert isinstance(caught.value, NotImplementedError)
