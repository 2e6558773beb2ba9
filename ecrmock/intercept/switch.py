"""Turning interception on with the first mock of the process and off with the last."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from ecrmock.intercept import active, aiobotocore, botocore, guard, models, sessions, sleep
from ecrmock.intercept.patches import Patches

if TYPE_CHECKING:
    from ecrmock.intercept.active import Mounted
    from ecrmock.intercept.environment import Layer

_lock: Final = threading.RLock()
_calls: Final = Patches(
    [*botocore.PATCHES, *aiobotocore.PATCHES, *models.PATCHES, *sessions.PATCHES]
)
_sleeps: Final = Patches(sleep.PATCHES)
_sleeping: Final[list[Mounted]] = []


def turn_on(mounted: Mounted, layer: Layer) -> None:
    """Let *mounted* answer calls, in the environment of *layer*.

    Raises:
        InterceptionFailed: a function of botocore could not be replaced; nothing is changed then.
    """
    with _lock:
        _calls.apply()
        guard.install()
        if mounted.sleeps:
            _sleeping.append(mounted)
            _sleeps.apply()
        active.mount(mounted)
        layer.lay()


def turn_off(mounted: Mounted, layer: Layer) -> None:
    """Let *mounted* answer no more, and put back what is not needed any longer."""
    with _lock:
        layer.lift()
        active.unmount(mounted)
        if mounted in _sleeping:
            _sleeping.remove(mounted)
        if not _sleeping:
            _sleeps.undo()
        if not active.count():
            _calls.undo()
