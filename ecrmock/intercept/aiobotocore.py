"""The async seam: `AioBaseClient._make_request`, which does not go through the sync one.

Nothing here imports aiobotocore: its modules are patched when they are loaded, or as they load.
A call is answered at once, on the caller's event loop.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from ecrmock.gateway.passing import let_pass
from ecrmock.intercept import client as calls
from ecrmock.intercept.botocore import answers_waiter, waiting_on
from ecrmock.intercept.patches import Patch

if TYPE_CHECKING:
    from ecrmock.intercept.active import Mounted


class AsyncResponse(calls.Response):
    """A response whose content is awaited, as aiobotocore's is."""

    @property
    def content(self) -> Any:
        """The body, to be awaited."""
        return _ready(self.body)

    @property
    def text(self) -> Any:
        """The body as text, to be awaited."""
        return _ready(self.body.decode("utf-8"))


async def _ready(value: Any) -> Any:
    return value


def make_request(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `AioBaseClient._make_request`."""

    @functools.wraps(original)
    async def _make_request(
        self: Any, operation_model: Any, request_dict: Any, request_context: Any
    ) -> Any:
        mounted = calls.mounted_for(self, operation_model.name)
        if mounted is None:
            return await original(self, operation_model, request_dict, request_context)
        conversation = calls.converse(
            self, mounted, operation_model, request_dict, request_context, kind=AsyncResponse
        )
        try:
            return await _drive(conversation, self.meta.events, mounted)
        except Exception as error:
            event = calls.failure_event(self, operation_model.name, error, request_context)
            await self.meta.events.emit(event.name, **event.arguments)
            raise

    return _make_request


async def _drive(conversation: calls.Conversation, events: Any, mounted: Mounted) -> Any:
    answer = None
    try:
        while True:
            step = conversation.send(answer)
            if isinstance(step, calls.Emit):
                answer = await events.emit(step.name, **step.arguments)
            else:
                await _pause(mounted, step.seconds, step.real_seconds)
                answer = None
    except StopIteration as end:
        return end.value


async def _pause(mounted: Mounted, seconds: float, real_seconds: float) -> None:
    """Let time pass; where the world is `real`, without holding up the event loop."""
    if mounted.gateway.world.core.clock.mode == "real":
        import asyncio

        await asyncio.sleep(real_seconds)  # noqa: TID251 - in a real world one waits
    else:
        let_pass(mounted.gateway, seconds, real_seconds)


def wait(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `AIOWaiter.wait`."""

    @functools.wraps(original)
    async def _wait(self: Any, **kwargs: Any) -> Any:
        token = waiting_on.set(answers_waiter(self))
        try:
            return await original(self, **kwargs)
        finally:
            waiting_on.reset(token)

    return _wait


def waiter_asyncio(original: Any) -> Any:
    """Make the replacement of the module `asyncio` as `aiobotocore.waiter` sees it."""

    async def _sleep(seconds: float) -> None:
        mounted = waiting_on.get()
        if mounted is None:
            await original.sleep(seconds)
        else:
            await _pause(mounted, seconds, seconds)

    return SimpleNamespace(**{**vars(original), "sleep": _sleep})


PATCHES: Final = (
    Patch("aiobotocore.client", "AioBaseClient._make_request", make_request),
    Patch("aiobotocore.waiter", "AIOWaiter.wait", wait),
    Patch("aiobotocore.waiter", "asyncio", waiter_asyncio),
)
