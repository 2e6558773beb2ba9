"""A client's call and its answer: what the sync and the async seam have in common.

The conversation with botocore is written once, as a generator that says what is to be emitted and
how long to pause; each seam drives it in its own way.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.hooks import first_non_none_response

from ecrmock.core.ids import Chance, chance
from ecrmock.gateway.identity import Signature
from ecrmock.gateway.pipeline import Received
from ecrmock.intercept import active
from ecrmock.operations import table

if TYPE_CHECKING:
    from ecrmock.gateway.exchange import Exchange
    from ecrmock.intercept.active import Mounted
    from ecrmock.world import World

_SHARED_WITH_MOTO: Final = frozenset({"sts", "iam"})
_MAX_DELAY_SECONDS: Final = 20.0


def mounted_for(client: Any, operation: str) -> Mounted | None:
    """Return what answers an operation of *client* in this process, or None for the wire."""
    mounted = active.owner(client) or active.current()
    if mounted is None or not mounted.is_open:
        return None
    service = client._service_model.service_name
    if service not in mounted.services:
        return None
    if mounted.passthrough and mounted.lets_pass(client.meta.endpoint_url):
        return None
    if active.is_served(client.meta.endpoint_url):
        return None
    if (
        service in _SHARED_WITH_MOTO
        and _moto_is_active()
        and table.find(service, operation) is None
    ):
        return None
    return mounted


class Emit(NamedTuple):
    """An event to be emitted by the client; the conversation goes on with the answers."""

    name: str
    arguments: dict[str, Any]


class Pause(NamedTuple):
    """Time to pass before the next attempt."""

    seconds: float
    """On the mock's clock."""
    real_seconds: float
    """On the machine's, where the world is `real`."""


class Headers(HeadersDict):  # type: ignore[misc]  # botocore has no types
    """Headers that do not mind case, which are made ready when somebody looks at them."""

    def __init__(self, plain: dict[str, str]) -> None:
        self._plain = plain

    @functools.cached_property
    def _dict(self) -> Any:
        return HeadersDict(self._plain)._dict


class Response(AWSResponse):  # type: ignore[misc]  # botocore has no types
    """The HTTP response of an answer that never was on the wire; its body is made when read."""

    def __init__(self, url: str, exchange: Exchange, headers: dict[str, str]) -> None:
        self.url = url
        self.status_code = exchange.status
        self.headers = Headers(headers)
        self.raw = None
        self._exchange = exchange

    @functools.cached_property
    def body(self) -> bytes:
        """What would have been on the wire."""
        return self._exchange.body()

    @property
    def content(self) -> Any:
        """The body."""
        return self.body


class ResponseDict(dict[str, Any]):
    """What the handlers of `response-received` are shown; the body is made when it is looked at."""

    __slots__ = ("_response",)

    def __init__(self, response: Response, operation: str) -> None:
        super().__init__(
            headers=response.headers,
            status_code=response.status_code,
            context={"operation_name": operation},
            body=None,
        )
        self._response = response

    def _look(name: str) -> Any:  # type: ignore[misc]  # noqa: N805 - runs while the class is made
        method = getattr(dict, name)

        @functools.wraps(method)
        def look(self: ResponseDict, *args: Any) -> Any:
            if dict.__getitem__(self, "body") is None:
                self["body"] = self._response.body
            return method(self, *args)

        return look

    __getitem__, get, pop = _look("__getitem__"), _look("get"), _look("pop")
    items, values, copy = _look("items"), _look("values"), _look("copy")
    __eq__, __repr__ = _look("__eq__"), _look("__repr__")
    del _look


Conversation = Generator["Emit | Pause", Any, tuple[Response, dict[str, Any]]]


def converse(
    client: Any, mounted: Mounted, model: Any, request: Any, context: Any, *, kind: type[Response]
) -> Conversation:
    """Answer a call, again as long as botocore's own retry handlers ask for it.

    Args:
        client: the client that calls.
        mounted: what answers.
        model: botocore's model of the operation.
        request: the request as botocore prepared it, not signed.
        context: the context of the request, which the retry handlers read and write.
        kind: the class of the response.
    """
    endpoint = client._endpoint
    suffix = f"{client._service_model.service_id.hyphenize()}.{model.name}"
    received = _received(client, model.name, request, context)
    retries = Retries(mounted.gateway.world)
    while True:
        retries.note(context)
        exchange = mounted.gateway.call(received)
        headers = exchange.headers()
        parsed = exchange.parsed(headers)
        response = kind(request["url"], exchange, headers)
        yield Emit(
            f"response-received.{suffix}",
            {
                "response_dict": ResponseDict(response, model.name),
                "parsed_response": parsed,
                "context": context,
                "exception": None,
            },
        )
        wanted = yield Emit(
            f"needs-retry.{suffix}",
            {
                "response": (response, parsed),
                "endpoint": endpoint,
                "operation": model,
                "attempts": retries.attempt,
                "caught_exception": None,
                "request_dict": request,
            },
        )
        delay = first_non_none_response(wanted)
        if delay is None or delay is False:
            break
        yield Pause(retries.next_delay(), delay)
    parsed["ResponseMetadata"]["RetryAttempts"] = retries.attempt - 1
    return response, parsed


def failure_event(client: Any, operation: str, error: Exception, context: Any) -> Emit:
    """Return what a client emits when a call has no answer."""
    service_id = client._service_model.service_id.hyphenize()
    name = f"after-call-error.{service_id}.{operation}"
    return Emit(name, {"exception": error, "context": context})


class Retries:
    """The attempts of one call: botocore says whether, the mock says how long it waits."""

    def __init__(self, world: World) -> None:
        self.attempt = 1
        self._world = world
        self._chance: Chance | None = None

    def note(self, context: Any) -> None:
        """Write the attempt into the context of the request, as `Endpoint` does."""
        noted = context.setdefault("retries", {})
        noted["attempt"] = self.attempt
        if "invocation-id" not in noted:
            noted["invocation-id"] = self._world.core.ids.request_id()

    def next_delay(self) -> float:
        """Begin the next attempt and return how many seconds to wait for it."""
        if self._chance is None:
            self._chance = chance(self._world.seed, "retries")
        limit = min(2.0 ** (self.attempt - 1), _MAX_DELAY_SECONDS)
        self.attempt += 1
        return self._chance.random() * limit


def _received(client: Any, operation: str, request: dict[str, Any], context: Any) -> Received:
    """Return a call of *client* as the gateway takes it."""
    region = (context.get("signing") or {}).get("region") or client.meta.region_name
    if not region or region == "aws-global":
        region = "us-east-1"
    return Received(
        client._service_model.service_name,
        operation,
        request["body"],
        region,
        _signature(client, context),
    )


def _signature(client: Any, context: Any) -> Signature:
    """Read who signs, without a refresh of credentials, which could reach the network."""
    if context.get("auth_type") == "none" or client.meta.config.signature_version is UNSIGNED:
        return Signature(None, is_anonymous=True)
    credentials = client._request_signer._credentials
    if credentials is None:
        return Signature(None)
    key = getattr(credentials, "_access_key", None)
    if key is not None:
        return Signature(key, session_token=getattr(credentials, "_token", None))
    held = vars(credentials)
    return Signature(held.get("access_key"), session_token=held.get("token"))


def _moto_is_active() -> bool:
    moto = sys.modules.get("moto.core.models")
    return moto is not None and bool(moto.MockAWS._mocks_active)
