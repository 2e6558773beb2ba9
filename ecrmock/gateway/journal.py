"""The journal: what was asked and answered, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, overload

from ecrmock.gateway import names

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core.errors import AwsError
    from ecrmock.iam.decide import Decision
    from ecrmock.iam.principals import Principal
    from ecrmock.wire.models import Operation

KEPT_BYTES: Final = 4096
"""Binary parameters above this size are not kept; the journal remembers how long they were."""


@dataclass(frozen=True)
class Elided:
    """Stands in the journal for binary content that was too large to keep."""

    size_bytes: int


@dataclass(slots=True)
class Record:
    """One call: what was asked, what was answered, and why."""

    service: str
    operation: str
    region: str
    time: datetime
    """When it was answered, UTC, on the mock's clock."""
    request: dict[str, Any]
    """The parameters as they arrived, without what the caller's client left out."""
    status: int
    request_id: str
    principal: Principal | None
    """Who asked; None when the request was not signed."""
    decisions: tuple[Decision, ...]
    """The judgement on each resource of the call."""
    error: AwsError | None
    _reply: dict[str, Any] | None
    _model: Operation

    @property
    def name(self) -> str:
        """The operation as `aws.calls` and `aws.faults` write it: `ecr.PutImage`."""
        return f"{self.service}.{self.operation}"

    @property
    def account_id(self) -> str | None:
        """The account that asked."""
        return self.principal.account_id if self.principal else None

    @property
    def response(self) -> dict[str, Any] | None:
        """What was answered, without the response metadata; None for an error."""
        return None if self._reply is None else self._model.present(self._reply)

    @property
    def decision(self) -> Decision | None:
        """The judgement that decided: the denied one, else the first."""
        denied = (d for d in self.decisions if not d.is_allowed)
        return next(denied, self.decisions[0] if self.decisions else None)

    def __repr__(self) -> str:
        """Show the call in one line."""
        answer = self.error.code if self.error else self.status
        return f"<{self.name} {self.request!r} -> {answer}>"


class Journal:
    """All calls of one mock, the oldest first: `aws.calls`."""

    def __init__(self) -> None:
        self._records: list[Record] = []

    def __call__(self, operation: str | None = None) -> list[Record]:
        """Return the calls of one operation (`ecr.PutImage`) or several (`ecs.Describe*`)."""
        if operation is None:
            return list(self._records)
        wanted = names.expand(operation)
        return [r for r in self._records if (r.service, r.operation) in wanted]

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        """Return a call by its place; `[-1]` is the last."""
        return self._records[index]

    def __len__(self) -> int:
        """Count the calls."""
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """Walk the calls, the oldest first."""
        return iter(list(self._records))

    def __repr__(self) -> str:
        """Show each call in a line."""
        return "\n".join(map(repr, self._records)) or "<no calls>"

    def add(self, record: Record) -> None:
        """Write a call down."""
        self._records.append(record)

    def clear(self) -> None:
        """Forget all calls."""
        self._records.clear()


def keepable(request: dict[str, Any]) -> dict[str, Any]:
    """Return a request with large binary parameters left out."""
    return {
        name: Elided(len(value)) if isinstance(value, bytes) and len(value) > KEPT_BYTES else value
        for name, value in request.items()
    }
