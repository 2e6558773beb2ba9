"""Errors on the wire: status, body and the parsed form that a botocore client raises from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from ecrmock.wire import query, serialise

if TYPE_CHECKING:
    from ecrmock.core.errors import AwsError
    from ecrmock.wire.models import ServiceModel

_CLIENT_STATUS: Final = 400
_SERVER_STATUS: Final = 500
_QUERY_NAMES: Final = {
    # Framework errors that query services spell in their own way, with their status.
    "AccessDeniedException": ("AccessDenied", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "ThrottlingException": ("Throttling", 400),
    "UnknownOperationException": ("InvalidAction", 400),
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
}
_QUERY_CLASSES: Final = {
    # The same by class, where the model of STS has an error of that code which is another one.
    "ExpiredTokenException": ("ExpiredToken", 403),
}


def code_of(model: ServiceModel, error: AwsError) -> str:
    """Return the code of *error* as this service spells it."""
    spelled = _spelled(error) if model.is_query else None
    return error.code if spelled is None else spelled[0]


def status_of(model: ServiceModel, error: AwsError) -> int:
    """Return the HTTP status of *error*: its own, the model's, or that of its kind."""
    spelled = _spelled(error) if model.is_query else None
    if spelled is not None:
        return spelled[1]
    if error.status is not None:
        return error.status
    shape = model.shapes.get(model.error_shapes.get(error.code, ""), {})
    modelled = shape.get("error", {}).get("httpStatusCode")
    if modelled is not None:
        return int(modelled)
    return _SERVER_STATUS if shape.get("fault") or error.code in _FAULTS else _CLIENT_STATUS


def _spelled(error: AwsError) -> tuple[str, int] | None:
    """Return how query services spell a framework error, and its status there."""
    return _QUERY_NAMES.get(error.code) or _QUERY_CLASSES.get(type(error).__name__)


_FAULTS: Final = frozenset({"InternalFailure", "InternalError", "ServiceUnavailable"})


def body_of(model: ServiceModel, error: AwsError, request_id: str) -> bytes:
    """Return the body of *error*: JSON, or XML for a query service."""
    if model.is_query:
        fault = "Receiver" if status_of(model, error) >= _SERVER_STATUS else "Sender"
        named = _respelled(error, code_of(model, error))
        return query.write_error(
            named, fault=fault, namespace=model.namespace, request_id=request_id
        )
    body: dict[str, Any] = {"__type": error.code, "message": error.message}
    body.update(_members(model, error, serialise.WIRE_JSON))
    return json.dumps(body).encode()


def parsed(model: ServiceModel, error: AwsError) -> dict[str, Any]:
    """Return what botocore's parser would make of *error*, without the response metadata."""
    code = code_of(model, error)
    if model.is_query:
        fault = "Receiver" if status_of(model, error) >= _SERVER_STATUS else "Sender"
        return {"Error": {"Type": fault, "Code": code, "Message": error.message or None}}
    return {"Error": {"Message": error.message, "Code": code}}


def modelled_members(model: ServiceModel, error: AwsError) -> dict[str, Any]:
    """Return the members of *error* that botocore lifts to the top of a parsed error."""
    if model.is_query or error.code not in model.error_shapes:
        return {}
    shape = model.shapes[model.error_shapes[error.code]]
    out = _members(model, error, serialise.PARSED_JSON)
    return {
        name: error.message if name.lower() == "message" else out[name]
        for name in shape.get("members", {})
        if name == "message" or name in out
    }


def _members(model: ServiceModel, error: AwsError, leaves: serialise.Leaves) -> dict[str, Any]:
    if not error.members:
        return {}
    write = serialise.writer(model.shapes, model.error_shapes[error.code], leaves)
    out: dict[str, Any] = write(error.members)
    return out


def _respelled(error: AwsError, code: str) -> AwsError:
    if code == error.code:
        return error
    from ecrmock.core.errors import InjectedError

    return InjectedError(code, error.message, None)
