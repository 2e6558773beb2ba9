"""Events as Amazon EventBridge shapes them, in the order in which they happened.

The bus keeps facts only. Who listens is kept by the handle that the user holds.
Source: EventBridge user guide, events.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True, frozen=True)
class Event:
    """One event; `detail` is the service's own."""

    id: str
    source: str
    detail_type: str
    time: datetime
    account_id: str
    region: str
    resources: tuple[str, ...]
    detail: dict[str, Any]

    def __deepcopy__(self, memo: dict[int, Any]) -> Event:
        """Return the event itself: what happened does not change, so copies of a world share it."""
        return self

    def envelope(self) -> dict[str, Any]:
        """Return the event as EventBridge delivers it; the dict is the caller's to change."""
        return {
            "version": "0",
            "id": self.id,
            "detail-type": self.detail_type,
            "source": self.source,
            "account": self.account_id,
            "time": self.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self.region,
            "resources": list(self.resources),
            "detail": copy.deepcopy(self.detail),
        }


@dataclass(slots=True)
class Bus:
    """All events of a world since it began."""

    events: list[Event] = field(default_factory=list)

    def publish(self, event: Event) -> None:
        """Add *event*."""
        self.events.append(event)
