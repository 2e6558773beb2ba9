"""The roots of all errors: codes come from names, and ours are no errors of AWS."""

from __future__ import annotations

import pytest

from ecrmock.core.errors import (
    AccessDeniedException,
    AwsError,
    EcrmockError,
    InjectedError,
    MissingAuthenticationTokenException,
    OperationNotModelled,
    ThrottlingException,
    UsageError,
)


class SomethingWrongException(AwsError):
    pass


class StatedError(AwsError):
    code = "Sender.Stated"


class InheritedError(SomethingWrongException):
    pass


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (SomethingWrongException, "SomethingWrongException"),
        (StatedError, "Sender.Stated"),
        (InheritedError, "InheritedError"),
    ],
)
def test_a_code_is_the_name_of_the_class_unless_it_is_stated(kind, code):
    assert kind("text").code == code


def test_an_error_carries_text_and_members():
    error = SomethingWrongException("text", uploadId="abc")

    assert error.message == "text"
    assert error.members == {"uploadId": "abc"}
    assert str(error) == "SomethingWrongException: text"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (MissingAuthenticationTokenException(), "Missing Authentication Token"),
        (ThrottlingException(), "Rate exceeded"),
        (
            AccessDeniedException("arn:u", "ecr:PutImage", "arn:r", "reason"),
            "User: arn:u is not authorized to perform: ecr:PutImage on resource: arn:r reason",
        ),
    ],
    ids=["unsigned", "throttled", "denied"],
)
def test_an_error_owns_its_sentence(error, message):
    assert error.message == message


def test_an_injected_error_has_a_code_of_its_own_and_leaves_the_class_alone():
    first, second = InjectedError("One", "text", 500), InjectedError("Two", "text", None)

    assert (first.code, first.status) == ("One", 500)
    assert (second.code, second.status) == ("Two", None)


@pytest.mark.parametrize(
    ("kind", "also"), [(UsageError, ValueError), (OperationNotModelled, NotImplementedError)]
)
def test_our_own_errors_are_no_errors_of_aws(kind, also):
    assert issubclass(kind, EcrmockError)
    assert issubclass(kind, also)
    assert not issubclass(kind, AwsError)


def test_an_operation_that_is_not_modelled_is_named():
    error = OperationNotModelled("ecr", "StartImageScan")

    assert (error.service, error.operation) == ("ecr", "StartImageScan")
    assert "ecr.StartImageScan" in str(error)
