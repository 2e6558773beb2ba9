"""What a test wants containers to do: scripts, and which one a container follows.

Without a script a container runs until it is told to stop, and is healthy at its first check; one
that another waits for to end ends well by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ecrmock.core import image_reference
from ecrmock.ecs.state import Script

if TYPE_CHECKING:
    from ecrmock.ecs.state import Container, Json, TaskDefinition

ENDS_S: Final = 1
"""How long a container runs that ends at once."""
_OF_THE_TASK: Final = (
    "CannotPull",
    "ResourceInitializationError",
    "Timeout waiting for",
    "Unexpected EC2 error",
    "Unable to attach",
    "InternalError",
)
"""How texts begin that speak of a task before it has containers."""


class Selector(NamedTuple):
    """Which containers a wish is for; None asks nothing."""

    family: str | None = None
    image: str | None = None
    container: str | None = None


@dataclass(slots=True)
class Line:
    """Outcomes for the runs that fit a selector, one after the other; the last one stays."""

    selector: Selector
    outcomes: list[Script]
    used: int = 0


@dataclass(slots=True)
class Scripts:
    """All that a test wants, the newest wish first."""

    lines: list[Line] = field(default_factory=list)

    def add(self, selector: Selector, outcomes: list[Script]) -> None:
        """Add a wish: it goes before older ones."""
        self.lines.insert(0, Line(selector, outcomes))

    def next_for(self, definition: TaskDefinition, container: Json) -> Script | None:
        """Return what a container does in its next run, or None for what all do."""
        for line in self.lines:
            if _fits(line.selector, definition, container):
                outcome = line.outcomes[min(line.used, len(line.outcomes) - 1)]
                line.used += 1
                if outcome.says_something:
                    return outcome
                break
        return _END_WELL if _is_waited_for(definition, container["name"]) else None


_END_WELL: Final = Script(exit_code=0)


def is_of_the_task(text: str) -> bool:
    """Tell whether a failure comes before there are containers."""
    return text.startswith(_OF_THE_TASK)


def failure_of_pull(container: Container) -> str | None:
    """Return how a container is to fail before it can be made, or None."""
    text = container.script.fail_to_start if container.script else None
    return text if text is not None and is_of_the_task(text) else None


def _fits(selector: Selector, definition: TaskDefinition, container: Json) -> bool:
    if selector.family is not None and selector.family != definition.family:
        return False
    if selector.image is not None and not _is_image(selector.image, container["image"]):
        return False
    if selector.container is not None:
        return bool(selector.container == container["name"])
    if selector.image is not None:
        return True
    first = next(c for c in definition.containers if c["essential"])
    return bool(first["name"] == container["name"])


def _is_image(wanted: str, image: str) -> bool:
    """Tell whether a selector means an image: the whole reference, or its repository."""
    reference = image_reference.parse(image)
    host = f"{reference.host}/" if reference.host else ""
    return wanted in (image, reference.repository, f"{host}{reference.repository}")


def _is_waited_for(definition: TaskDefinition, name: str) -> bool:
    return any(
        entry["containerName"] == name and entry["condition"] in ("COMPLETE", "SUCCESS")
        for container in definition.containers
        for entry in container.get("dependsOn", ())
    )
