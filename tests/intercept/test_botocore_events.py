"""The events of botocore's clients: what fires is what fires on the wire, but for four of them."""

from __future__ import annotations

import json
from unittest import mock

import pytest
from botocore.awsrequest import AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from ecrmock import OperationNotModelled, mock_aws

NAMES = [
    "provide-client-params",
    "before-parameter-build",
    "before-endpoint-resolution",
    "before-call",
    "request-created",
    "choose-signer",
    "before-sign",
    "before-send",
    "before-parse",
    "response-received",
    "needs-retry",
    "after-call",
    "after-call-error",
]
ON_THE_WIRE_ONLY = {
    "request-created",
    "choose-signer",
    "before-sign",
    "before-send",
    "before-parse",
}

THREE_ATTEMPTS = Config(retries={"mode": "standard", "total_max_attempts": 3})
NOT_FOUND = {
    "__type": "RepositoryNotFoundException",
    "message": "The repository with name 'absent' does not exist in the registry with id "
    "'123456789012'",
}
BROKEN = {"__type": "ServerException", "message": "Broken"}


def record(client):
    """Note each event from now on: its name and the names of what is handed over."""
    seen = []
    for name in NAMES:

        def note(event_name, name=name, **handed):
            seen.append((name, event_name.partition(".")[2], sorted(handed)))

        client.meta.events.register_first(f"{name}.ecr", note)
    return seen


def answer_on_the_wire(client, *replies):
    """Let a client that no mock answers have these replies: status and document."""
    left = list(replies)

    def answer(request, **kwargs):
        status, document = left.pop(0)
        response = AWSResponse(request.url, status, {}, None)
        response._content = json.dumps(document).encode()
        return response

    client.meta.events.register("before-send.ecr", answer)


def without_the_wire(seen):
    return [event for event in seen if event[0] not in ON_THE_WIRE_ONLY]


def ask(client, **parameters):
    try:
        return client.describe_repositories(**parameters)
    except ClientError as error:
        return error.response


def test_the_events_of_a_success_are_those_of_the_wire(outside):
    wire, ours = outside("ecr"), outside("ecr")
    answer_on_the_wire(wire, (200, {"repositories": []}))
    expected, seen = record(wire), record(ours)

    ask(wire)
    with mock_aws():
        ask(ours)

    assert seen == without_the_wire(expected)


def test_the_events_of_an_error_are_those_of_the_wire(outside):
    wire, ours = outside("ecr"), outside("ecr")
    answer_on_the_wire(wire, (400, NOT_FOUND))
    expected, seen = record(wire), record(ours)

    ask(wire, repositoryNames=["absent"])
    with mock_aws():
        ask(ours, repositoryNames=["absent"])

    assert seen == without_the_wire(expected)


def test_the_events_of_retries_are_those_of_the_wire(outside, sleeps):
    wire, ours = (outside("ecr", config=THREE_ATTEMPTS) for _ in range(2))
    answer_on_the_wire(wire, (500, BROKEN), (500, BROKEN), (200, {"repositories": []}))
    expected, seen = record(wire), record(ours)

    ask(wire)
    with mock_aws() as aws:
        aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=2)
        ask(ours)

    assert seen == without_the_wire(expected)


@pytest.mark.parametrize("name", sorted(ON_THE_WIRE_ONLY - {"choose-signer"}))
def test_an_event_of_the_wire_does_not_fire(name, outside):
    client = outside("ecr")
    seen = record(client)

    with mock_aws():
        ask(client)

    assert name not in [event[0] for event in seen]


def handed_over(client, event, ask_it):
    """Return what the handlers of an event get when a call is made."""
    got = []
    client.meta.events.register_first(event, lambda **handed: got.append(handed))
    ask_it()
    return got


def test_a_retry_handler_gets_the_response_and_the_number_of_the_attempt(outside):
    client = outside("ecr", config=THREE_ATTEMPTS)

    with mock_aws() as aws:
        aws.faults.add("ecr.DescribeRepositories", error="ServerException", times=1)
        got = handed_over(client, "needs-retry.ecr", lambda: ask(client))

    assert [each["attempts"] for each in got] == [1, 2]
    assert [each["response"][0].status_code for each in got] == [500, 200]
    assert got[0]["response"][1]["Error"]["Code"] == "ServerException"
    assert got[0]["request_dict"]["context"]["retries"]["attempt"] == 2


def test_a_response_says_the_same_in_all_its_parts(outside):
    client = outside("ecr")

    with mock_aws():
        got = handed_over(client, "response-received.ecr", lambda: ask(client))[0]

    body = json.loads(got["response_dict"]["body"])
    assert body["repositories"] == got["parsed_response"]["repositories"] == []
    assert got["response_dict"]["status_code"] == 200


def test_a_response_has_the_parts_that_it_has_on_the_wire(outside):
    wire, ours = outside("ecr"), outside("ecr")
    answer_on_the_wire(wire, (200, {"repositories": []}))

    expected = handed_over(wire, "response-received.ecr", lambda: ask(wire))[0]
    with mock_aws():
        got = handed_over(ours, "response-received.ecr", lambda: ask(ours))[0]

    assert sorted(got["response_dict"]) == sorted(expected["response_dict"])
    assert got["response_dict"].get("body") == got["response_dict"]["body"]
    assert sorted(got["parsed_response"]) == sorted(expected["parsed_response"])


def test_a_handler_after_the_call_gets_the_http_response(outside):
    client = outside("ecr")

    with mock_aws():
        got = handed_over(client, "after-call.ecr", lambda: ask(client))[0]

    assert got["http_response"].status_code == 200
    assert json.loads(got["http_response"].content)["repositories"] == []
    assert got["http_response"].headers["X-Amzn-RequestId"]


def test_a_call_without_an_answer_fires_after_call_error(outside):
    client = outside("ecr")

    def ask_what_is_not_built():
        with pytest.raises(OperationNotModelled):
            client.describe_pull_through_cache_rules()

    with mock_aws():
        got = handed_over(client, "after-call-error.ecr", ask_what_is_not_built)

    assert [type(each["exception"]) for each in got] == [OperationNotModelled]


def test_a_handler_may_change_the_parameters(outside):
    client = outside("ecr")

    def rename(params, **kwargs):
        params["repositoryName"] = "changed"

    client.meta.events.register("provide-client-params.ecr.CreateRepository", rename)

    with mock_aws() as aws:
        client.create_repository(repositoryName="asked-for")

    assert aws.calls[-1].request["repositoryName"] == "changed"


def test_a_handler_may_change_the_reply(outside):
    client = outside("ecr")
    client.meta.events.register(
        "after-call.ecr", lambda parsed, **kwargs: parsed.update(changed=True)
    )

    with mock_aws():
        answer = client.describe_repositories()

    assert answer["changed"]


# ------------------------------------------------------------------ what stands above us


def test_a_stubber_wins(outside):
    client = outside("ecr")

    with mock_aws() as aws, Stubber(client) as stubber:
        stubber.add_response("describe_repositories", {"repositories": [], "nextToken": "stub"})
        answer = client.describe_repositories()

    assert (answer["nextToken"], len(aws.calls)) == ("stub", 0)


def test_a_handler_that_answers_before_the_call_wins(outside):
    client = outside("ecr")
    own = mock.Mock(status_code=200), {"repositories": ["the handler's own"]}
    client.meta.events.register("before-call.ecr.DescribeRepositories", lambda **kwargs: own)

    with mock_aws() as aws:
        answer = client.describe_repositories()

    assert (answer["repositories"], len(aws.calls)) == (["the handler's own"], 0)


def test_a_patch_of_the_whole_call_wins(outside, monkeypatch):
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda self, name, parameters: name)

    with mock_aws() as aws:
        answer = outside("ecr").describe_repositories()

    assert (answer, len(aws.calls)) == ("DescribeRepositories", 0)


def test_what_is_answered_is_no_object_of_the_caller(outside):
    client = outside("ecr")
    tags = [{"Key": "team", "Value": "a"}]

    with mock_aws() as aws:
        client.create_repository(repositoryName="web-app", tags=tags)
        tags[0]["Value"] = "b"
        arn = client.describe_repositories()["repositories"][0]["repositoryArn"]
        found = client.list_tags_for_resource(resourceArn=arn)["tags"]

    assert found == aws.calls[0].request["tags"] == [{"Key": "team", "Value": "a"}]
