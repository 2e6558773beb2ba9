"""The roots of all errors: what AWS answers, and what ecrmock itself refuses.

An `AwsError` is part of the modelled world and reaches the caller as a `ClientError`.
An `EcrmockError` is about the use of this library and is raised as it is.
"""

from __future__ import annotations

from typing import Any, ClassVar


class EcrmockError(Exception):
    """Something that the user of ecrmock should change; the text says what."""


class UsageError(EcrmockError, ValueError):
    """An option, name or value of ecrmock's own surface that it does not accept."""


class NotModelled(EcrmockError, NotImplementedError):
    """Something that AWS has and ecrmock has not built: refused by name, never guessed."""


class OperationNotModelled(NotModelled):
    """An operation that AWS has and ecrmock has not built. Never an AWS error."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            f"{service}.{operation} is not modelled by ecrmock. Nothing was called and nothing "
            f"changed. The README lists the operations that are built; leave this service to "
            f"another mock with mock_aws(services=[...]), or answer the call with a stub."
        )
        self.service = service
        self.operation = operation


class AwsError(Exception):
    """An error of an AWS service.

    A subclass is named exactly as the code on the wire and owns its sentence. *members* are the
    modelled members besides the message, by their wire names.
    """

    code: ClassVar[str] = "InternalFailure"
    status: ClassVar[int | None] = None
    """HTTP status where the service model does not say (client errors of JSON services: 400)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take the class's own name as its code unless it states another."""
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    def __init__(self, message: str = "", **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members = members

    def __str__(self) -> str:
        """Give the code and the sentence, as a log would show them."""
        return f"{self.code}: {self.message}"


class AccessDeniedException(AwsError):
    """The principal may not do this. Source: IAM user guide, access denied messages."""

    def __init__(self, principal_arn: str, action: str, resource: str, reason: str) -> None:
        super().__init__(
            f"User: {principal_arn} is not authorized to perform: {action} "
            f"on resource: {resource} {reason}"
        )


class MissingAuthenticationTokenException(AwsError):
    """The request carried no signature. Source: ECR API reference, common errors."""

    def __init__(self) -> None:
        super().__init__("Missing Authentication Token")


class SerializationException(AwsError):
    """The body is not JSON, or a member has the wrong JSON type. Assumed: the texts."""


class UnknownOperationException(AwsError):
    """No operation of that name in the service. Source: ECR API reference, common errors."""

    status = 404


class ThrottlingException(AwsError):
    """Too many requests. Source: ECR API reference, common errors."""

    def __init__(self, message: str = "Rate exceeded") -> None:
        super().__init__(message)


class InjectedError(AwsError):
    """An error of any code, as a test asks for it with `aws.faults.add`."""

    def __init__(self, code: str, message: str, status: int | None, **members: Any) -> None:
        super().__init__(message, **members)
        self.code = code  # type: ignore[misc]  # per instance: any code may be injected
        self.status = status  # type: ignore[misc]
