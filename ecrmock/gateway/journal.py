"""The journal: what was asked and answered, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from ecrmock.gateway import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ecrmock.core.blobs import BlobWriter
    from ecrmock.gateway.exchange import Exchange

KEPT_BYTES: Final = 4096
"""Binary parameters above this size are not kept; the journal remembers how long they were."""


@dataclass(frozen=True)
class Elided:
    """Stands in the journal for binary content that was too large to keep."""

    size_bytes: int


class Journal:
    """All calls of one mock, the oldest first: `aws.calls`."""

    def __init__(self) -> None:
        self._calls: list[Exchange] = []

    def __call__(self, operation: str | None = None) -> list[Exchange]:
        """Return the calls of one operation (`ecr.PutImage`) or several (`ecs.Describe*`)."""
        if operation is None:
            return list(self._calls)
        wanted = names.expand(operation)
        return [call for call in self._calls if (call.service, call.operation) in wanted]

    @overload
    def __getitem__(self, index: int) -> Exchange: ...
    @overload
    def __getitem__(self, index: slice) -> list[Exchange]: ...
    def __getitem__(self, index: int | slice) -> Exchange | list[Exchange]:
        """Return a call by its place; `[-1]` is the last."""
        return self._calls[index]

    def __len__(self) -> int:
        """Count the calls."""
        return len(self._calls)

    def __iter__(self) -> Iterator[Exchange]:
        """Walk the calls, the oldest first."""
        return iter(list(self._calls))

    def __repr__(self) -> str:
        """Show each call in a line."""
        return "\n".join(map(repr, self._calls)) or "<no calls>"

    def add(self, call: Exchange) -> None:
        """Write a call down."""
        if call.takes_bytes:
            call.request = _without_bytes(call.request, call.part)
            call.part = None
        self._calls.append(call)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()

    def rewind(self, length: int) -> None:
        """Forget all calls but the first *length*."""
        del self._calls[length:]


def _without_bytes(request: dict[str, Any], streamed: BlobWriter | None) -> dict[str, Any]:
    """Return a request with large binary parameters, and the streamed one, left out."""
    shown = dict(request)
    for name, value in request.items():
        if isinstance(value, bytes):
            if streamed is not None:
                shown[name] = Elided(len(streamed))
            elif len(value) > KEPT_BYTES:
                shown[name] = Elided(len(value))
    return shown
