"""One call, step by step.

    parse, fault                                  touch no state; outside the lock
    identify, catch up, constrain, resolve,
    authorise, handle, page                       decide; the first AWS error ends them
    serialise, settle, journal                    close every call

The reply shows the state at the end of *handle*, as AWS's does. What is not an `AwsError` is a
fault of ecrmock or of its use and is raised as it is.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecrmock import reactions
from ecrmock.core.errors import AwsError, OperationNotModelled, UnknownOperationException
from ecrmock.gateway import authorise as authority
from ecrmock.gateway import faults, identity, journal
from ecrmock.operations import resources, table
from ecrmock.wire import errors, models, paging, parse, query, wording

if TYPE_CHECKING:
    from ecrmock.iam.decide import Decision
    from ecrmock.iam.principals import Principal
    from ecrmock.world import World


class Received(NamedTuple):
    """A call as a door hands it in."""

    service: str
    operation: str
    body: bytes | Mapping[str, Any]
    """JSON, or the parameters of a query service."""
    region: str
    signature: identity.Signature


class Gateway:
    """The one way into a world.

    Args:
        world: the state; `restore` puts another in its place.
        page_size: the most items that a page of any list holds.
    """

    def __init__(self, world: World, *, page_size: int | None = None) -> None:
        self.world = world
        self.page_size = page_size
        self.lock = threading.RLock()
        self.journal = journal.Journal()
        self.faults = faults.Faults(world.seed)
        self.download_url: Callable[[str], str] = _no_listener
        self.after_call: Callable[[], None] | None = None
        """Runs after each call, outside the lock."""

    def call(self, received: Received) -> Exchange:
        """Answer a call.

        Raises:
            OperationNotModelled: AWS has the operation and ecrmock has not.
        """
        exchange = Exchange(self, received)
        exchange.attempt(PREPARING)
        with self.lock:
            exchange.attempt(DECIDING if exchange.error is None else IDENTIFYING)
            for step in CLOSING:
                step(exchange)
        if self.after_call is not None:
            self.after_call()
        return exchange


def _no_listener(digest: str) -> str:
    raise OperationNotModelled("ecr", f"a download of {digest} without a listener")


class Exchange:
    """What is known of one call while it is answered."""

    __slots__ = (
        "call",
        "decisions",
        "entry",
        "error",
        "gateway",
        "latency_ms",
        "model",
        "operation",
        "page",
        "principal",
        "received",
        "reply",
        "request",
        "request_id",
        "resources",
        "status",
        "world",
    )

    def __init__(self, gateway: Gateway, received: Received) -> None:
        self.gateway = gateway
        self.received = received
        self.world = gateway.world
        self.model = models.load(received.service)
        if not self.model.has(received.operation):
            raise UnknownOperationException
        entry = table.find(received.service, received.operation)
        if entry is None:
            raise OperationNotModelled(received.service, received.operation)
        self.entry = entry
        self.operation = self.model.operation(received.operation)
        self.request: dict[str, Any] = {}
        self.principal: Principal | None = None
        self.resources: list[resources.Resource] = []
        self.decisions: list[Decision] = []
        self.call: table.Call
        self.page: table.Page | None = None
        self.reply: dict[str, Any] | None = None
        self.error: AwsError | None = None
        self.latency_ms = 0
        self.status = 200
        self.request_id = ""

    def attempt(self, steps: tuple[Step, ...]) -> None:
        """Take *steps* until one answers with an AWS error."""
        try:
            for step in steps:
                step(self)
        except AwsError as error:
            self.error = error
            self.reply = None

    def body(self) -> bytes:
        """Return the body of the answer as it goes over the wire."""
        if self.error is not None:
            return errors.body_of(self.model, self.error, self.request_id)
        assert self.reply is not None  # noqa: S101 - a call ends with a reply or an error
        if not self.model.is_query:
            return json.dumps(self.operation.dump(self.reply)).encode()
        return query.write_reply(
            self.model.shapes,
            self.operation.output,
            self.reply,
            root=f"{self.operation.name}Response",
            wrapper=self.operation.result_wrapper,
            namespace=self.model.namespace,
            request_id=self.request_id,
        )

    def headers(self, length: int) -> dict[str, str]:
        """Return the HTTP headers of the answer, whose body has *length* bytes."""
        kind = "text/xml" if self.model.is_query else "application/x-amz-json-1.1"
        return {
            "x-amzn-requestid": self.request_id,
            "content-type": kind,
            "content-length": str(length),
            "date": _http_date(self.world.core.clock.now_ms // 1000),
        }

    def parsed(self, headers: dict[str, str]) -> dict[str, Any]:
        """Return the answer as botocore's parser makes it of the wire."""
        metadata = {
            "RequestId": self.request_id,
            "HTTPStatusCode": self.status,
            "HTTPHeaders": headers,
        }
        if self.error is None:
            answer = self.operation.present(self.reply)
            answer["ResponseMetadata"] = metadata
            return answer
        answer = errors.parsed(self.model, self.error)
        answer["ResponseMetadata"] = metadata
        answer.update(errors.modelled_members(self.model, self.error))
        return answer


Step = Callable[[Exchange], None]


def read(exchange: Exchange) -> None:
    """Read the body into Python values by the model."""
    body = exchange.received.body
    value = parse.load_body(body) if isinstance(body, (bytes, str)) else body
    exchange.request = exchange.operation.read(value)


def strike(exchange: Exchange) -> None:
    """Let a fault come that a test asked for."""
    if not exchange.gateway.faults:
        return
    received = exchange.received
    fault = exchange.gateway.faults.strike(received.service, received.operation, exchange.request)
    if fault is not None:
        exchange.latency_ms = int(fault.latency.total_seconds() * 1000)
        error = faults.error_of(fault, received.service)
        if error is not None:
            raise error


def identify(exchange: Exchange) -> None:
    """Find out who asks."""
    received = exchange.received
    exchange.principal = identity.identify(exchange.world, received.signature, received.region)


def catch_up(exchange: Exchange) -> None:
    """Let happen what is due."""
    if exchange.latency_ms:
        now = exchange.world.core.clock.now_ms
        reactions.run_until(exchange.world, now + exchange.latency_ms)
    else:
        reactions.catch_up(exchange.world)


def constrain(exchange: Exchange) -> None:
    """Refuse a request that breaks the model's constraints."""
    check = exchange.operation.check
    if check is None:
        return
    found: list[Any] = []
    check(exchange.request, None, found)
    if found:
        received = exchange.received
        raise wording.refusal(received.service, received.operation, found)


def resolve(exchange: Exchange) -> None:
    """Find out what the call is about."""
    assert exchange.principal is not None  # noqa: S101 - identify ran before
    received = exchange.received
    exchange.call = table.Call(
        exchange.world,
        exchange.principal,
        exchange.principal.account_id,
        received.region,
        exchange.gateway.download_url,
    )
    exchange.resources = resources.resolve(
        exchange.call, received.service, received.operation, exchange.request
    )


def authorise(exchange: Exchange) -> None:
    """Ask the policies."""
    received = exchange.received
    exchange.decisions = authority.authorise(
        exchange.call.principal, received.service, received.operation, exchange.resources
    )
    if exchange.decisions and not exchange.decisions[-1].is_allowed:
        raise authority.refusal(exchange.decisions[-1])


def handle(exchange: Exchange) -> None:
    """Do what is asked."""
    if exchange.entry.writes:
        exchange.world.core.clock.tick()
    answer = exchange.entry.handle(exchange.call, exchange.request)
    if isinstance(answer, table.Page):
        exchange.page = answer
    else:
        exchange.reply = answer


def turn_page(exchange: Exchange) -> None:
    """Take as many entries of a list as a page holds."""
    page = exchange.page
    if page is None:
        return
    service, name = exchange.received.service, exchange.received.operation
    request = exchange.request
    size = paging.page_size(service, name, request.get("maxResults"), exchange.gateway.page_size)
    token = request.get("nextToken")
    after = None if token is None else paging.read_token(service, name, request, token)
    taken = list(itertools.islice(page.walk(after), size + 1))
    exchange.reply = {
        **page.rest,
        page.member: [page.view(entry) for _, entry in taken[:size]],
    }
    if len(taken) > size:
        last_key = taken[size - 1][0]
        exchange.reply["nextToken"] = paging.make_token(name, request, last_key)


def serialise(exchange: Exchange) -> None:
    """Fix the status and the id of the answer."""
    exchange.request_id = exchange.world.core.ids.request_id()
    if exchange.error is not None:
        exchange.status = errors.status_of(exchange.model, exchange.error)


def settle(exchange: Exchange) -> None:
    """Let happen what the call caused."""
    reactions.settle(exchange.world)


def write_down(exchange: Exchange) -> None:
    """Enter the call into the journal."""
    request = exchange.request
    exchange.gateway.journal.add(
        journal.Record(
            exchange.received.service,
            exchange.received.operation,
            exchange.received.region,
            exchange.world.core.clock.now,
            journal.keepable(request) if exchange.operation.takes_bytes else request,
            exchange.status,
            exchange.request_id,
            exchange.principal,
            tuple(exchange.decisions),
            exchange.error,
            exchange.reply,
            exchange.operation,
        )
    )


PREPARING: Final[tuple[Step, ...]] = (read, strike)
IDENTIFYING: Final[tuple[Step, ...]] = (identify, catch_up)
DECIDING: Final[tuple[Step, ...]] = (
    *IDENTIFYING,
    constrain,
    resolve,
    authorise,
    handle,
    turn_page,
)
CLOSING: Final[tuple[Step, ...]] = (serialise, settle, write_down)

_dates: dict[int, str] = {}


def _http_date(seconds: int) -> str:
    found = _dates.get(seconds)
    if found is None:
        _dates.clear()
        found = _dates[seconds] = formatdate(seconds, usegmt=True)
    return found
