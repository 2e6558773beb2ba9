"""One call from its arrival to its place in the journal: what was asked, found out and answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock.core.clock import to_datetime
from ecrmock.core.errors import AwsError, OperationNotModelled, UnknownOperationException
from ecrmock.operations import table
from ecrmock.wire import errors, models, query

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core.blobs import BlobWriter
    from ecrmock.gateway.identity import Signature
    from ecrmock.iam.decide import Decision
    from ecrmock.operations.resources import Resource


_encode: Final = json.JSONEncoder(check_circular=False).encode


class Received(NamedTuple):
    """A call as a door hands it in."""

    service: str
    operation: str
    body: bytes | Mapping[str, Any]
    """JSON, or the parameters of a query service."""
    region: str
    signature: Signature
    base_url: str | None = None
    """The URL under which the caller reaches the world; None for a caller in this process."""
    uri_host: str | None = None
    """The host of repository URIs, with its port; None for the one that AWS has."""
    part: BlobWriter | None = None
    """The bytes of a layer part, beside the body."""


class Exchange(table.Call):
    """What is known of one call. Answered, it stands in the journal: `aws.calls[-1]`.

    Attributes:
        service: for example `ecr`.
        operation: for example `PutImage`.
        region: the region that was called.
        request: the parameters as they arrived.
        status: the HTTP status of the answer.
        request_id: the id of the answer.
        principal: who asked; None when the request was not signed.
        decisions: the judgement on each resource of the call.
        error: the error that was answered, or None.
        assumed: what was taken to exist of which the world had never heard.
        placement: for each container instance that was refused, why.
    """

    __slots__ = (
        "_model",
        "_operation",
        "_reply",
        "_time_ms",
        "assumed",
        "body_received",
        "decisions",
        "entry",
        "error",
        "latency_ms",
        "operation",
        "page",
        "page_cap",
        "request",
        "request_id",
        "resources",
        "service",
        "signature",
        "status",
    )

    def __init__(self, received: Received, listen: Callable[[], str], page_cap: int | None) -> None:
        self.service = received.service
        self.operation = received.operation
        self.body_received = received.body
        self.region = received.region
        self.signature = received.signature
        self.uri_host = received.uri_host
        self.part = received.part
        url = received.base_url
        self.base_url = listen if url is None else lambda: url
        self.entry, self._operation = _route(self.service, self.operation)
        self._model = self._operation.model
        self.page_cap = page_cap
        self.request: dict[str, Any] = {}
        self.principal = None
        self.account_id = ""
        self.resources: list[Resource] = []
        self.decisions: list[Decision] = []
        self.page: table.Page | None = None
        self._reply: dict[str, Any] | None = None
        self.error: AwsError | None = None
        self.assumed: tuple[str, ...] = ()
        self.placement = ()
        self.latency_ms = 0
        self.status = 200
        self.request_id = ""
        self._time_ms = 0

    @property
    def name(self) -> str:
        """The operation as `aws.calls` and `aws.faults` write it: `ecr.PutImage`."""
        return f"{self.service}.{self.operation}"

    @property
    def time(self) -> datetime:
        """When it was answered, UTC, on the mock's clock."""
        return to_datetime(self._time_ms)

    @property
    def response(self) -> dict[str, Any] | None:
        """What was answered, without the response metadata; None for an error."""
        return None if self._reply is None else self._operation.present(self._reply)

    @property
    def decision(self) -> Decision | None:
        """The judgement that decided: the denied one, else the first."""
        denied = (d for d in self.decisions if not d.is_allowed)
        return next(denied, self.decisions[0] if self.decisions else None)

    def __repr__(self) -> str:
        """Show the call in one line."""
        answer = self.error.code if self.error else self.status
        return f"<{self.name} {self.request!r} -> {answer}>"

    def answer(self, reply: dict[str, Any]) -> None:
        """Set what is answered."""
        self._reply = reply

    def fail(self, error: AwsError) -> None:
        """Answer with an error, whatever was found before."""
        error.__context__ = error.__cause__ = None
        self.error = error.with_traceback(None)  # the journal must not keep the door's frames
        self._reply = None

    def close(self, ms: int, request_id: str) -> None:
        """Fix the time, the id and the status of the answer, and let go of the world."""
        self._time_ms = ms
        self.request_id = request_id
        if self.error is not None:
            self.status = errors.status_of(self._model, self.error)
        self.page = None
        del self.world

    def body(self) -> bytes:
        """Return the body of the answer as it goes over the wire."""
        if self.error is not None:
            return errors.body_of(self._model, self.error, self.request_id)
        assert self._reply is not None  # noqa: S101 - a call ends with a reply or an error
        values = self._operation.dump(self._reply)
        if not self._model.is_query:
            return _encode(values).encode()
        return query.write_reply(
            self._model.shapes,
            self._operation.output,
            values,
            root=f"{self.operation}Response",
            wrapper=self._operation.result_wrapper,
            namespace=self._model.namespace,
            request_id=self.request_id,
        )

    def headers(self) -> dict[str, str]:
        """Return the HTTP headers of the answer but its length, which is known on a wire only."""
        return {
            "x-amzn-requestid": self.request_id,
            "content-type": "text/xml" if self._model.is_query else "application/x-amz-json-1.1",
            "date": _http_date(self._time_ms // 1000),
        }

    def parsed(self, headers: dict[str, str]) -> dict[str, Any]:
        """Return the answer as botocore's parser makes it of the wire."""
        metadata = {
            "RequestId": self.request_id,
            "HTTPStatusCode": self.status,
            "HTTPHeaders": headers,
        }
        if self.error is None:
            answer = self._operation.present(self._reply)
            answer["ResponseMetadata"] = metadata
            return answer
        answer = errors.parsed(self._model, self.error)
        answer["ResponseMetadata"] = metadata
        answer.update(errors.modelled_members(self._model, self.error))
        return answer

    def read(self, value: Any) -> None:
        """Take the parameters from the JSON value of a body, or from query parameters."""
        self.request = self._operation.read(value)

    @property
    def check(self) -> Any:
        """What finds the constraints that the request breaks, or None."""
        return self._operation.check

    @property
    def takes_bytes(self) -> bool:
        """Whether the request may hold large binary content."""
        return self._operation.takes_bytes


@cache
def _route(service: str, operation: str) -> tuple[table.Entry, models.Operation]:
    """Return what answers an operation, and how its messages are read and written.

    Raises:
        UnknownOperationException: the service has no such operation.
        OperationNotModelled: it has, and ecrmock has not built it.
    """
    model = models.load(service)
    if not model.has(operation):
        raise UnknownOperationException
    entry = table.find(service, operation)
    if entry is None:
        raise OperationNotModelled(service, operation)
    return entry, model.operation(operation)


_dates: dict[int, str] = {}


def _http_date(seconds: int) -> str:
    found = _dates.get(seconds)
    if found is None:
        _dates.clear()
        found = _dates[seconds] = formatdate(seconds, usegmt=True)
    return found
