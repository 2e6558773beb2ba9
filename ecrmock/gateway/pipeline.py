"""One call, step by step.

    parse, fault                                  touch no state; outside the lock
    identify, catch up, constrain, resolve,
    authorise, handle, page                       decide; the first AWS error ends them
    settle, journal                               close every call

The reply shows the state at the end of *handle*, as AWS's does; a door serialises it in the form
that its caller takes. What is not an `AwsError` is a fault of ecrmock or of its use and is raised
as it is.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ecrmock import reactions
from ecrmock.core.errors import AwsError, EcrmockError, OperationNotModelled
from ecrmock.gateway import authorise as authority
from ecrmock.gateway import faults, identity, journal, patience
from ecrmock.gateway.exchange import Exchange, Received
from ecrmock.operations import resources, table
from ecrmock.wire import paging, parse

if TYPE_CHECKING:
    from ecrmock.world import World

__all__ = ["Exchange", "Gateway", "Received"]


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
        self.patience = patience.Patience()
        self.listen: Callable[[], str] = _no_listener
        """Returns the URL of a listener on this world, which it starts when there is none."""
        self.after_call: Callable[[], None] | None = None
        """Runs after each call, outside the lock."""

    def call(self, received: Received) -> Exchange:
        """Answer a call.

        Raises:
            OperationNotModelled: AWS has the operation and ecrmock has not.
        """
        exchange = Exchange(received, self.listen, self.page_size)
        try:
            read(exchange)
            strike(exchange, self.faults)
        except AwsError as error:
            exchange.fail(error)
        with self.lock:
            exchange.world = self.world
            try:
                for step in DECIDING if exchange.error is None else IDENTIFYING:
                    step(exchange)
            except AwsError as error:
                exchange.fail(error)
            refused: EcrmockError | None = None
            try:
                reactions.settle(self.world)
            except EcrmockError as error:  # the call itself is answered and written down
                refused = error
            core = self.world.core
            if core.assumed:
                exchange.assumed = core.take_assumed()
            exchange.close(core.clock.now_ms, core.ids.request_id())
            self.journal.add(exchange)
            self.patience.note(exchange, self.world)
        if self.after_call is not None:
            self.after_call()
        if refused is not None:
            raise refused
        return exchange


def _no_listener() -> str:
    raise OperationNotModelled("ecr", "a download of a layer without a listener")


def read(exchange: Exchange) -> None:
    """Read the body into Python values by the model."""
    body = exchange.body_received
    exchange.body_received = b""
    exchange.read(parse.load_body(body) if isinstance(body, (bytes, str)) else body)


def strike(exchange: Exchange, asked: faults.Faults) -> None:
    """Let a fault come that a test asked for."""
    if not asked:
        return
    fault = asked.strike(exchange.service, exchange.operation, exchange.request)
    if fault is not None:
        exchange.latency_ms = int(fault.latency.total_seconds() * 1000)
        error = faults.error_of(fault, exchange.service)
        if error is not None:
            raise error


def identify(exchange: Exchange) -> None:
    """Find out who asks."""
    principal = identity.identify(exchange.world, exchange.signature, exchange.region)
    exchange.principal = principal
    exchange.account_id = principal.account_id


def catch_up(exchange: Exchange) -> None:
    """Let happen what is due."""
    if exchange.latency_ms:
        now = exchange.world.core.clock.now_ms
        reactions.run_until(exchange.world, now + exchange.latency_ms)
    else:
        reactions.catch_up(exchange.world)
    exchange.world.core.take_assumed()  # what was due before is not of this call


def constrain(exchange: Exchange) -> None:
    """Refuse a request that breaks the model's constraints."""
    check = exchange.check
    if check is None:
        return
    found: list[Any] = []
    check(exchange.request, None, found)
    if found:
        from ecrmock.wire import wording

        error = wording.refusal(exchange.service, exchange.operation, found)
        if error is not None:
            raise error


def resolve(exchange: Exchange) -> None:
    """Find out what the call is about."""
    exchange.resources = resources.resolve(
        exchange, exchange.service, exchange.operation, exchange.request
    )


def authorise(exchange: Exchange) -> None:
    """Ask the policies."""
    decisions = authority.authorise(
        exchange.caller, exchange.service, exchange.operation, exchange.resources
    )
    exchange.decisions = decisions
    if decisions and not decisions[-1].is_allowed:
        raise authority.refusal(decisions[-1])


def handle(exchange: Exchange) -> None:
    """Do what is asked."""
    if exchange.entry.writes:
        exchange.world.core.clock.tick()
    answer = exchange.entry.handle(exchange, exchange.request)
    if isinstance(answer, table.Page):
        exchange.page = answer
    else:
        exchange.answer(answer)


def turn_page(exchange: Exchange) -> None:
    """Take as many entries of a list as a page holds."""
    page = exchange.page
    if page is None:
        return
    service, name, request = exchange.service, exchange.operation, exchange.request
    size = paging.page_size(service, name, request.get("maxResults"), exchange.page_cap)
    token = request.get("nextToken")
    after = None if token is None else paging.read_token(service, name, request, token)
    taken = list(itertools.islice(page.walk(after), size + 1))
    reply = {**page.rest, page.member: [page.view(entry) for _, entry in taken[:size]]}
    if len(taken) > size:
        reply["nextToken"] = paging.make_token(name, request, taken[size - 1][0])
    exchange.answer(reply)


Step = Callable[[Exchange], None]

IDENTIFYING: Final[tuple[Step, ...]] = (identify, catch_up)
DECIDING: Final[tuple[Step, ...]] = (
    *IDENTIFYING,
    constrain,
    resolve,
    authorise,
    handle,
    turn_page,
)
