"""The JSON and query APIs of AWS over HTTP: a request in, an exchange with the gateway, a reply.

Works on the WSGI environment itself: request objects would cost more than the call.
Source: AWS JSON 1.1 and query protocols; ECR API reference, common errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import parse_qsl

from ecrmock.core import hosts
from ecrmock.core.errors import (
    AwsError,
    InjectedError,
    NotModelled,
    UnknownOperationException,
)
from ecrmock.gateway.identity import Signature
from ecrmock.gateway.pipeline import Received
from ecrmock.wire import bodies, errors, models, signature

if TYPE_CHECKING:
    from ecrmock.gateway.pipeline import Gateway

MAX_BODY_BYTES: Final = 48 * 1024 * 1024
"""More than a layer part of 20 MiB in base64 needs."""
_DEFAULT_REGION: Final = "us-east-1"
_UNKNOWN: Final = "ecr"
"""In whose manner a request is refused that is for no service."""
_NOT_IMPLEMENTED: Final = 501
_GLOBAL: Final = "aws-global"
_FORM: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 10_000

Environ = dict[str, Any]


class RequestEntityTooLargeException(AwsError):
    """The body is larger than any that the API takes."""

    status = 413


class MalformedHttpRequestException(AwsError):
    """The body was cut off, or is not as long as it says."""


class Reply(NamedTuple):
    """What goes back."""

    status: int
    headers: dict[str, str]
    body: bytes


class Target(NamedTuple):
    """Which operation a request is for, and with what."""

    service: str
    operation: str
    body: bytes | Mapping[str, str]


def answer(gateway: Gateway, environ: Environ, base_url: str, uri_host: str | None) -> Reply:
    """Answer a request at `/`.

    Args:
        gateway: the world.
        environ: the WSGI environment of the request.
        base_url: the URL under which the caller reaches the server.
        uri_host: the host of repository URIs; None for the one that AWS has.
    """
    service = _UNKNOWN
    try:
        target = _target(environ, _body(environ))
        service = target.service
        received = _received(environ, target, base_url, uri_host)
        exchange = gateway.call(received)
    except AwsError as error:
        return _failure(gateway, service, error)
    except NotModelled as error:
        refusal = InjectedError(type(error).__name__, str(error), _NOT_IMPLEMENTED)
        return _failure(gateway, service, refusal)
    headers = exchange.headers()
    del headers["date"]  # a server gives the machine's, by which clients correct their clocks
    return Reply(exchange.status, headers, exchange.body())


def _body(environ: Environ) -> bytes:
    try:
        return bodies.whole(environ, limit=MAX_BODY_BYTES)
    except bodies.BodyTooLarge:
        raise RequestEntityTooLargeException("Request body is too large") from None
    except bodies.BrokenBody as error:
        raise MalformedHttpRequestException(str(error)) from None


def _target(environ: Environ, body: bytes) -> Target:
    """Return which operation is asked for: by the target header, else by the form.

    Raises:
        UnknownOperationException: neither names a service that is known.
    """
    method = environ["REQUEST_METHOD"]
    prefix, _, operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")
    if method not in ("GET", "POST") or (prefix and method != "POST"):
        raise UnknownOperationException
    if prefix:
        service = _find_service("targetPrefix", prefix)
        if service is None:
            raise UnknownOperationException
        return Target(service, operation, body)
    form = environ.get("CONTENT_TYPE", "").startswith(_FORM)
    try:
        text = body.decode("utf-8") if form else environ.get("QUERY_STRING", "")
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise MalformedHttpRequestException("The form cannot be read") from None
    action, version = fields.pop("Action", ""), fields.pop("Version", "")
    service = _find_service("apiVersion", version)
    if not action or service is None or not models.load(service).is_query:
        raise UnknownOperationException
    return Target(service, action, fields)


_found: Final[dict[tuple[str, str], str]] = {}


def _find_service(key: str, value: str) -> str | None:
    """Return the service whose model has *value* under *key*; models are loaded as needed."""
    found = _found.get((key, value))
    if found is not None:
        return found
    for service in models.SERVICES:
        metadata = models.load(service).metadata
        if metadata.get("protocol") == ("query" if key == "apiVersion" else "json"):
            _found[key, metadata[key]] = service
            if metadata[key] == value:
                return service
    return None


def _received(environ: Environ, target: Target, base_url: str, uri_host: str | None) -> Received:
    place = hosts.parse(environ.get("HTTP_HOST", ""))
    header = environ.get("HTTP_AUTHORIZATION")
    if header is None:
        signed, region = Signature(None, is_anonymous=True), _DEFAULT_REGION
    else:
        scope = signature.read(header)
        signature.check_date(environ.get("HTTP_X_AMZ_DATE"), target.service)
        region = _DEFAULT_REGION if scope.region == _GLOBAL else scope.region
        if region not in models.regions():
            raise signature.InvalidSignatureException(
                "Credential should be scoped to a valid region."
            )
        token = environ.get("HTTP_X_AMZ_SECURITY_TOKEN")
        signed = Signature(scope.access_key, session_token=token)
    return Received(*target, place.region or region, signed, base_url, uri_host)


def _failure(gateway: Gateway, service: str, error: AwsError) -> Reply:
    """Answer a request that never became a call."""
    model = models.load(service)
    with gateway.lock:
        request_id = gateway.world.core.ids.request_id()
    headers = {
        "x-amzn-requestid": request_id,
        "content-type": "text/xml" if model.is_query else "application/x-amz-json-1.1",
    }
    return Reply(errors.status_of(model, error), headers, errors.body_of(model, error, request_id))
