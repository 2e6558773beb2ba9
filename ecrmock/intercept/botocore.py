"""The sync seam: `BaseClient._make_request`, and waiters.

Above signing and above `before-send`, which is emitted to all handlers and so cannot be answered
alone; below Stubber, placebo and tracing libraries. The events `request-created`, `before-sign`,
`before-send` and `before-parse` do not fire for calls that are answered here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from ecrmock.gateway.passing import let_pass
from ecrmock.intercept import client as calls
from ecrmock.intercept.patches import Patch

if TYPE_CHECKING:
    from ecrmock.intercept.active import Mounted

waiting_on: Final[ContextVar[Mounted | None]] = ContextVar("ecrmock_waiting_on", default=None)
"""What answers the calls of the waiter that waits in this context."""


def make_request(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `BaseClient._make_request`."""

    @functools.wraps(original)
    def _make_request(
        self: Any, operation_model: Any, request_dict: Any, request_context: Any
    ) -> Any:
        mounted = calls.mounted_for(self, operation_model.name)
        if mounted is None:
            return original(self, operation_model, request_dict, request_context)
        conversation = calls.converse(
            self, mounted, operation_model, request_dict, request_context, kind=calls.Response
        )
        try:
            return _drive(conversation, self.meta.events, mounted)
        except Exception as error:
            event = calls.failure_event(self, operation_model.name, error, request_context)
            self.meta.events.emit(event.name, **event.arguments)
            raise

    return _make_request


def _drive(conversation: calls.Conversation, events: Any, mounted: Mounted) -> Any:
    answer = None
    try:
        while True:
            step = conversation.send(answer)
            if isinstance(step, calls.Emit):
                answer = events.emit(step.name, **step.arguments)
            else:
                let_pass(mounted.gateway, step.seconds, step.real_seconds)
                answer = None
    except StopIteration as end:
        return end.value


def wait(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `Waiter.wait`: time spent waiting passes on the mock's clock."""

    @functools.wraps(original)
    def _wait(self: Any, **kwargs: Any) -> Any:
        token = waiting_on.set(answers_waiter(self))
        try:
            return original(self, **kwargs)
        finally:
            waiting_on.reset(token)

    return _wait


def answers_waiter(waiter: Any) -> Mounted | None:
    """Return what answers the calls of a waiter, or None for the wire."""
    method = getattr(waiter._operation_method, "_client_method", None)
    client = getattr(method, "__self__", None)
    return None if client is None else calls.mounted_for(client, waiter.config.operation)


def waiter_time(original: Any) -> Any:
    """Make the replacement of the module `time` as `botocore.waiter` sees it."""

    def _sleep(seconds: float) -> None:
        mounted = waiting_on.get()
        if mounted is None:
            original.sleep(seconds)
        else:
            let_pass(mounted.gateway, seconds, seconds)

    return SimpleNamespace(**{**vars(original), "sleep": _sleep})


PATCHES: Final = (
    Patch("botocore.client", "BaseClient._make_request", make_request),
    Patch("botocore.waiter", "Waiter.wait", wait),
    Patch("botocore.waiter", "time", waiter_time),
)
