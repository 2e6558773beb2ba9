"""Steering a world over HTTP, below `/_ecrmock/`, for tests in other languages.

| path       | GET                      | POST                               | DELETE |
|------------|--------------------------|------------------------------------|--------|
| `health`   | what runs, and its time  |                                    |        |
| `reset`    |                          | an empty world                     |        |
| `clock`    | the present              | move on: `{"minutes": 5}`          |        |
| `calls`    | the journal, of one      |                                    | forget |
|            | `?operation=` or of all  |                                    |        |
| `events`   | what happened            |                                    |        |
| `faults`   | those asked for          | ask: the arguments of `faults.add` | forget |
| `snapshot` |                          | keep the state, answer its name    |        |
| `restore`  |                          | go back: `{"snapshot": name}`      |        |
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, Protocol

from werkzeug.wrappers import Response

from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.wire import bodies

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

    from ecrmock.gateway.exchange import Exchange
    from ecrmock.gateway.faults import Fault
    from ecrmock.gateway.pipeline import Gateway

PREFIX: Final = "/_ecrmock/"
_MAX_BODY_BYTES: Final = 1 << 20
_MOST: Final = 1e15
_STEPS: Final = ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")
_NUMBERS: Final = ("latency", "times", "probability")
_FAULT: Final = ("operation", "error", "message", "latency", "times", "probability")


class SteeredClock(Protocol):
    """The clock of a world, as `aws.clock` is one."""

    @property
    def now(self) -> datetime:
        """The present."""

    def advance(self, delta: timedelta | None = None, **parts: float) -> datetime:
        """Move on."""


class Steered(Protocol):
    """What holds a world, as the user's own handle does."""

    @property
    def gateway(self) -> Gateway:
        """The way into the world."""

    @property
    def clock(self) -> SteeredClock:
        """Its clock."""

    @property
    def events(self) -> Iterable[dict[str, Any]]:
        """What happened."""

    def reset(self) -> None:
        """Begin anew."""

    def snapshot(self) -> Any:
        """Return the state."""

    def restore(self, saved: Any) -> None:
        """Go back to a state."""


class Control:
    """The control paths of one server."""

    def __init__(self, steered: Steered) -> None:
        self._steered = steered
        self._saved: dict[str, Any] = {}

    def answer(self, request: Request) -> Response:
        """Answer a request below `/_ecrmock/`; what cannot be done is a 4xx that says why."""
        name = request.path[len(PREFIX) :]
        methods = _PATHS.get(name)
        if methods is None:
            return _json({"error": f"there is {', '.join(_PATHS)} below {PREFIX}"}, 404)
        function = methods.get(request.method)
        if function is None:
            return _json({"error": f"{name} takes {', '.join(methods)}"}, 405)
        try:
            return _json(function(self, request))
        except (EcrmockError, TypeError, OverflowError) as error:
            return _json({"error": str(error)}, 400)

    def health(self, request: Request) -> dict[str, Any]:
        """Tell that the server runs, and what time it is in its world."""
        world = self._steered.gateway.world
        return {
            "status": "ok",
            "version": metadata.version("ecrmock"),
            "account_id": world.account_id,
            "time": world.core.clock.mode,
            "now": self._steered.clock.now.isoformat(),
        }

    def reset(self, request: Request) -> dict[str, Any]:
        """Begin anew: state, journal, faults and snapshots."""
        self._saved.clear()
        self._steered.reset()
        return {}

    def read_clock(self, request: Request) -> dict[str, Any]:
        """Tell the present."""
        return {"now": self._steered.clock.now.isoformat()}

    def move_clock(self, request: Request) -> dict[str, Any]:
        """Move the clock on by the parts of the body."""
        parts = _object(request, _STEPS)
        for name, value in parts.items():
            if type(value) not in (int, float) or not abs(value) < _MOST:
                raise UsageError(f"{name} is {value!r}; give a number")
        return {"now": self._steered.clock.advance(**parts).isoformat()}

    def calls(self, request: Request) -> dict[str, Any]:
        """Show the journal."""
        journal = self._steered.gateway.journal
        return {"calls": [_call(call) for call in journal(request.args.get("operation"))]}

    def forget_calls(self, request: Request) -> dict[str, Any]:
        """Empty the journal."""
        self._steered.gateway.journal.clear()
        return {}

    def events(self, request: Request) -> dict[str, Any]:
        """Show what happened, the oldest first."""
        return {"events": list(self._steered.events)}

    def faults(self, request: Request) -> dict[str, Any]:
        """Show the faults that can still come."""
        return {"faults": [_fault(fault) for fault in self._steered.gateway.faults]}

    def add_fault(self, request: Request) -> dict[str, Any]:
        """Ask for a fault."""
        arguments = _object(request, _FAULT)
        if not isinstance(arguments.get("operation"), str):
            raise UsageError("a fault needs an operation, for example ecr.PutImage")
        for name, value in arguments.items():
            accepted: tuple[type, ...] = (int, float) if name in _NUMBERS else (str,)
            is_endless = type(value) is float and not abs(value) < _MOST
            if value is not None and (type(value) not in accepted or is_endless):
                kind = "number" if name in _NUMBERS else "text"
                raise UsageError(f"{name} is {value!r}; give a {kind}")
        return _fault(self._steered.gateway.faults.add(**arguments))

    def forget_faults(self, request: Request) -> dict[str, Any]:
        """Take all faults back."""
        self._steered.gateway.faults.clear()
        return {}

    def snapshot(self, request: Request) -> dict[str, Any]:
        """Keep the state as it is."""
        name = str(len(self._saved) + 1)
        self._saved[name] = self._steered.snapshot()
        return {"snapshot": name}

    def restore(self, request: Request) -> dict[str, Any]:
        """Go back to a state that was kept."""
        name = _object(request, ("snapshot",)).get("snapshot")
        if not isinstance(name, str) or name not in self._saved:
            kept = ", ".join(self._saved) or "none"
            raise UsageError(f"there is no snapshot {name!r}; kept are {kept}")
        self._steered.restore(self._saved[name])
        return {}


_PATHS: Final[dict[str, dict[str, Callable[[Control, Request], dict[str, Any]]]]] = {
    "health": {"GET": Control.health},
    "reset": {"POST": Control.reset},
    "clock": {"GET": Control.read_clock, "POST": Control.move_clock},
    "calls": {"GET": Control.calls, "DELETE": Control.forget_calls},
    "events": {"GET": Control.events},
    "faults": {
        "GET": Control.faults,
        "POST": Control.add_fault,
        "DELETE": Control.forget_faults,
    },
    "snapshot": {"POST": Control.snapshot},
    "restore": {"POST": Control.restore},
}


def _object(request: Request, accepted: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        UsageError: it is none, or has other members.
    """
    try:
        document = json.loads(bodies.whole(request.environ, limit=_MAX_BODY_BYTES))
    except (ValueError, RecursionError, bodies.BrokenBody, bodies.BodyTooLarge):
        document = None
    if not isinstance(document, dict) or not set(document) <= set(accepted):
        raise UsageError(f"give a JSON object with members of {', '.join(accepted)}")
    return document


def _call(call: Exchange) -> dict[str, Any]:
    return {
        "operation": call.name,
        "time": call.time,
        "region": call.region,
        "principal": None if call.principal is None else call.principal.arn,
        "request": call.request,
        "status": call.status,
        "response": call.response,
        "error": None
        if call.error is None
        else {"code": call.error.code, "message": call.error.message},
        "decision": None if call.decision is None else call.decision.explain(),
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "operation": fault.name,
        "error": fault.error,
        "message": fault.message,
        "latency": fault.latency / timedelta(seconds=1),
        "times": fault.times,
        "probability": fault.probability,
        "fired": fault.fired,
    }


def _json(document: dict[str, Any], status: int = 200) -> Response:
    body = json.dumps(document, default=_text)
    return Response(body, status, content_type="application/json")


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)
