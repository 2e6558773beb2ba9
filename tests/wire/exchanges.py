"""An exchange that is already decided, so that only its answer is left to be written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ecrmock.gateway.pipeline import Exchange
from ecrmock.wire import models

if TYPE_CHECKING:
    from ecrmock.core.errors import AwsError

REQUEST_ID = "0a1b2c3d-0000-4000-8000-000000000000"


def answered(
    service: str, operation: str, reply: dict[str, Any], request_id: str = REQUEST_ID
) -> Exchange:
    """Return an exchange with a reply, whether ecrmock has built the operation or not."""
    exchange = _open(service, operation)
    exchange.answer(reply)
    exchange.close(0, request_id)
    return exchange


def failed(service: str, operation: str, error: AwsError, request_id: str = REQUEST_ID) -> Exchange:
    """Return an exchange with an error, whether ecrmock has built the operation or not."""
    exchange = _open(service, operation)
    exchange.fail(error)
    exchange.close(0, request_id)
    return exchange


def _open(service: str, operation: str) -> Exchange:
    exchange = Exchange.__new__(Exchange)
    exchange.service, exchange.operation = service, operation
    exchange._model = models.load(service)
    exchange._operation = exchange._model.operation(operation)
    exchange.status, exchange.error = 200, None
    exchange.world = None
    return exchange
