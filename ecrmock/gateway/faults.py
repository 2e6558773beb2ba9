"""Faults that a test asks for: errors and delays in place of an answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from ecrmock.core.errors import InjectedError, OperationNotModelled, UsageError
from ecrmock.core.ids import chance
from ecrmock.gateway import names
from ecrmock.operations import table
from ecrmock.wire import models

Predicate = Callable[[dict[str, Any]], bool]

_COMMON: Final = {
    # Errors that every operation can answer though the models do not list them: status and text.
    "AccessDeniedException": (400, "User is not authorized to perform this operation"),
    "ExpiredTokenException": (400, "The security token included in the request is expired"),
    "InternalFailure": (500, "The request processing has failed"),
    "RequestTimeoutException": (408, "The request timed out"),
    "ServiceUnavailable": (503, "The service is temporarily unavailable"),
    "Throttling": (400, "Rate exceeded"),
    "ThrottlingException": (400, "Rate exceeded"),
    "UnrecognizedClientException": (400, "The security token included in the request is invalid."),
}


@dataclass(slots=True, eq=False)
class Fault:
    """One fault that was asked for; `fired` counts how often it came."""

    name: str
    operations: frozenset[tuple[str, str]]
    error: str | None
    message: str | None
    latency: timedelta
    times: int | None
    probability: float
    when: Predicate | None
    fired: int = field(default=0)

    @property
    def is_spent(self) -> bool:
        """Whether it has come as often as it was asked to."""
        return self.times is not None and self.fired >= self.times


class Faults:
    """The faults of one mock, asked in the order in which they were added."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._chance = chance(seed, "faults")
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[Fault]:
        """Walk the faults that can still come."""
        return iter([fault for fault in self._faults if not fault.is_spent])

    def __bool__(self) -> bool:
        """Tell whether any fault was asked for."""
        return bool(self._faults)

    def add(
        self,
        operation: str,
        *,
        error: str | None = None,
        message: str | None = None,
        latency: float | timedelta = 0,
        times: int | None = None,
        probability: float = 1.0,
        when: Predicate | None = None,
    ) -> Fault:
        """Ask for a fault.

        Args:
            operation: for example `ecr.PutImage`, or `ecs.Describe*` for several.
            error: the code to answer with; it must be one that the operation can answer.
            message: the text of the error; by default one that says it was injected.
            latency: seconds of the mock's clock that pass before the answer.
            times: how often the fault comes; without, until it is removed.
            probability: how likely it comes, from the mock's seed; above 0, at most 1.
            when: gets the request's parameters; the fault comes only where it returns true. It
                runs outside the mock's lock and may call AWS itself.

        Raises:
            UsageError: a value is not acceptable; the text says what is.
            OperationNotModelled: none of the operations is built, so that no fault could come.
        """
        operations = names.expand(operation)
        if not any(table.find(service, name) for service, name in operations):
            raise OperationNotModelled(*min(operations))
        if when is not None and not callable(when):
            raise UsageError(f"when is {when!r}; give a function that takes the request")
        delay = latency if isinstance(latency, timedelta) else timedelta(seconds=latency)
        if error is None and not delay:
            raise UsageError("a fault needs an error, a latency or both")
        if delay < timedelta(0):
            raise UsageError(f"latency is {latency!r}; it must not be negative")
        if times is not None and (type(times) is not int or times < 1):
            raise UsageError(f"times is {times!r}; give a whole number of at least 1, or None")
        if not 0 < probability <= 1:
            raise UsageError(f"probability is {probability!r}; it must be above 0 and at most 1")
        if error is not None:
            for service, name in sorted(operations):
                _check_error(service, name, error)
        fault = Fault(operation, operations, error, message, delay, times, probability, when)
        self._faults.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Take a fault back; one that is gone already is passed over."""
        self._faults = [kept for kept in self._faults if kept is not fault]

    def clear(self) -> None:
        """Take all faults back."""
        self._faults = []

    def state(self) -> list[tuple[Fault, int]]:
        """Return the faults, each with how often it came."""
        return [(fault, fault.fired) for fault in self._faults]

    def restore(self, state: list[tuple[Fault, int]]) -> None:
        """Go back to what `state` returned."""
        self._faults = [fault for fault, _ in state]
        for fault, fired in state:
            fault.fired = fired

    def strike(self, service: str, operation: str, request: dict[str, Any]) -> Fault | None:
        """Return the fault that comes to a request now, and count it."""
        for fault in self._faults:
            if fault.is_spent or (service, operation) not in fault.operations:
                continue
            if fault.when is not None and not fault.when(request):
                continue
            with self._lock:
                if fault.is_spent:
                    continue
                if fault.probability < 1 and self._chance.random() >= fault.probability:
                    continue
                fault.fired += 1
            return fault
        return None


def error_of(fault: Fault, service: str) -> InjectedError | None:
    """Return the error of a fault, or None when it only delays."""
    if fault.error is None:
        return None
    status, text = _COMMON.get(fault.error, (None, None))
    if fault.error in models.load(service).error_shapes:
        status = None  # as the model says
    message = fault.message or text or f"Injected by aws.faults.add({fault.name!r})"
    return InjectedError(fault.error, message, status)


def _check_error(service: str, operation: str, error: str) -> None:
    model = models.load(service)
    shapes = set(model.operation(operation).errors)
    modelled = {code for code, shape in model.error_shapes.items() if shape in shapes}
    if error not in modelled and error not in _COMMON:
        accepted = ", ".join(sorted(modelled | set(_COMMON)))
        raise UsageError(f"{service}.{operation} cannot answer {error!r}; it can answer {accepted}")
