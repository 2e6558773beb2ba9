"""SetRepositoryPolicy: a table of documents that are no repository policies."""

from __future__ import annotations

import json

import pytest

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}
GOOD = json.dumps(STATEMENT)
ABSENT = object()


def policy(*statements, **members) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)} | members)


def altered(**members) -> str:
    """Write a policy of one good statement in which *members* are other or absent."""
    statement = STATEMENT | members
    return policy({name: value for name, value in statement.items() if value is not ABSENT})


def named(**principal) -> str:
    return altered(Principal=principal)


BAD = {
    # The text
    "no characters": "",
    "no JSON": "nonsense",
    "an open brace": "{",
    "something after the end": f"{policy(STATEMENT)}x",
    "two documents": policy(STATEMENT) * 2,
    "a list": f"[{GOOD}]",
    "a number": "1",
    "a string": '"text"',
    "null": "null",
    "not a number": f'{{"Statement": {GOOD}, "Id": NaN}}',
    "an element twice": f'{{"Statement": {GOOD}, "Statement": {GOOD}}}',
    "an element of a statement twice": f'{{"Statement": {{"Effect": "Deny", {GOOD[1:]}}}',
    "open brackets": "[" * 5000,
    # The document
    "no statement": json.dumps({"Version": "2012-10-17"}),
    "an empty object": "{}",
    "no statement in the list": policy(),
    "null for a statement": json.dumps({"Statement": None}),
    "a number for a statement": json.dumps({"Statement": 1}),
    "text for a statement": policy("text"),
    "a list in the list": policy([STATEMENT]),
    "one bad statement of two": policy(STATEMENT, {}),
    "an unknown version": policy(STATEMENT, Version="2099-01-01"),
    "a number for a version": policy(STATEMENT, Version=2012),
    "a number for an id": policy(STATEMENT, Id=1),
    "an unknown element of the document": policy(STATEMENT, Comment="none"),
    "an element in lower case": json.dumps({"statement": [STATEMENT]}),
    # The statement
    "no effect": altered(Effect=ABSENT),
    "an unknown effect": altered(Effect="Maybe"),
    "an effect in lower case": altered(Effect="allow"),
    "an effect in a list": altered(Effect=["Allow"]),
    "an unknown element": altered(Comment="none"),
    "an unknown element in lower case": altered(effect="Allow"),
    "a number for a Sid": altered(Sid=1),
    "a number for a resource": altered(Resource=1),
    # The principal
    "no principal": altered(Principal=ABSENT),
    "null for a principal": altered(Principal=None),
    "a number for a principal": altered(Principal=1),
    "a list for a principal": altered(Principal=["*"]),
    "an empty object for a principal": altered(Principal={}),
    "an account without its kind": altered(Principal="999988887777"),
    "no principal in the list": named(AWS=[]),
    "a number for an account": named(AWS=999988887777),
    "a principal of an unknown kind": named(User="999988887777"),
    "a wildcard for users": named(AWS="arn:aws:iam::999988887777:user/*"),
    "a wildcard in a name": named(AWS="arn:aws:iam::999988887777:role/dep*er"),
    "a wildcard for accounts": named(AWS="arn:aws:iam::*:root"),
    "a wildcard for sessions": named(AWS="arn:aws:sts::999988887777:assumed-role/deployer/*"),
    # The action
    "no action": altered(Action=ABSENT),
    "null for an action": altered(Action=None),
    "a number for an action": altered(Action=1),
    "no action in the list": altered(Action=[]),
    "an action of another service": altered(Action="s3:GetObject"),
    "an action of another service in the list": altered(Action=["ecr:PutImage", "s3:GetObject"]),
    "an action of the public registry": altered(Action="ecr-public:PutImage"),
    "an action without a service": altered(Action="PutImage"),
    "a wildcard in the service": altered(Action="e*:PutImage"),
    "an action of no characters": altered(Action=""),
}
INVALID_PRINCIPALS = {
    "an account of eleven digits": named(AWS="99998888777"),
    "neither account nor ARN": named(AWS="nonsense"),
    "the ARN of something else": named(AWS="arn:aws:s3:::bucket"),
    "a group": named(AWS="arn:aws:iam::999988887777:group/developers"),
}
CASES = [pytest.param(text, id=name) for name, text in BAD.items()] + [
    pytest.param(text, id=name) for name, text in INVALID_PRINCIPALS.items()
]


@pytest.mark.parametrize("text", CASES)
def test_a_document_that_is_no_policy_is_refused(ecr, repository, refusal, invalid, text):
    refused = refusal(ecr.set_repository_policy, repositoryName=repository, policyText=text)

    assert refused == invalid("PolicyText", "Invalid repository policy provided")


def test_a_document_that_is_no_policy_leaves_the_one_that_is_there(ecr, repository, refusal):
    where = {"repositoryName": repository}
    before = ecr.set_repository_policy(**where, policyText=policy(STATEMENT))["policyText"]

    refusal(ecr.set_repository_policy, **where, policyText="nonsense")

    assert ecr.get_repository_policy(**where)["policyText"] == before


def test_a_text_is_of_10240_characters_at_most(ecr, unchecked, repository, refusal, account):
    text = policy(STATEMENT).ljust(10241)

    refused = refusal(unchecked.set_repository_policy, repositoryName=repository, policyText=text)

    assert refused.code == "InvalidParameterException"
    assert "olicyText' failed to satisfy constraint: " in refused.message
    assert "less than or equal to 10240" in refused.message
    refused = refusal(ecr.get_repository_policy, repositoryName=repository)
    assert refused.code == "RepositoryPolicyNotFoundException"


def test_a_text_is_required(unchecked, repository, refusal, invalid):
    refused = refusal(unchecked.set_repository_policy, repositoryName=repository)

    assert refused == invalid("PolicyText", "Cannot be null")
