"""Replacing attributes of other packages, and putting them back only where they are still ours.

A module that is not loaded yet is patched as it loads.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import EcrmockError

if TYPE_CHECKING:
    from types import ModuleType

Replace = Callable[[Any], Any]


class InterceptionFailed(EcrmockError):
    """A function that ecrmock must replace is not there, or would not be replaced."""

    def __init__(self, target: str, reason: str) -> None:
        super().__init__(
            f"ecrmock cannot replace {target}: {reason}. Nothing is mocked, so nothing was "
            f"started. The installed versions of botocore and aiobotocore may be newer than this "
            f"release of ecrmock knows."
        )


class Patch:
    """One attribute of one module or class, and what stands in its place.

    Args:
        module: the name of the module, for example `botocore.client`.
        attribute: the way to the attribute inside it, for example `BaseClient._make_request`.
        replace: makes the replacement from the original.
        optional: whether the attribute may be missing.
    """

    def __init__(
        self, module: str, attribute: str, replace: Replace, *, optional: bool = False
    ) -> None:
        self.module = module
        self.attribute = attribute
        self.replace = replace
        self.optional = optional
        self._made: list[tuple[Any, Any]] = []
        """Our replacements that may still be somewhere, each with what it stands in for: somebody
        who replaced one of them for a while puts it back later."""

    @property
    def target(self) -> str:
        """The attribute in full."""
        return f"{self.module}.{self.attribute}"

    def apply(self, *, just_loaded: bool = False) -> None:
        """Replace the attribute, if its module is loaded and it is not replaced already.

        Args:
            just_loaded: whether the module was executed to its end a moment ago.
        """
        module = sys.modules.get(self.module)
        if module is None or (_is_loading(module) and not just_loaded):
            return
        owner, name = _find(module, self.attribute)
        current = vars(owner).get(name) if owner is not None else None
        if owner is None or current is None:
            if not self.optional:
                raise InterceptionFailed(self.target, "there is no such attribute")
            return
        if self._stands_for(current) is not None:
            return
        replacement = self.replace(current)
        self._made.append((replacement, current))
        setattr(owner, name, replacement)
        if vars(owner).get(name) is not replacement:
            raise InterceptionFailed(self.target, "it was set, but the old value came back")

    def undo(self) -> None:
        """Put the original back, unless somebody else has replaced ours."""
        module = sys.modules.get(self.module)
        if module is None or not self._made:
            return
        owner, name = _find(module, self.attribute)
        pair = self._stands_for(vars(owner).get(name)) if owner is not None else None
        if pair is not None:
            setattr(owner, name, pair[1])
            self._made.remove(pair)

    def _stands_for(self, current: Any) -> tuple[Any, Any] | None:
        """Return *current* with its original, if it is one of ours."""
        return next((pair for pair in self._made if pair[0] is current), None)


def _is_loading(module: ModuleType) -> bool:
    """Tell whether a module is being executed right now, so that parts of it may be missing."""
    return bool(getattr(module.__spec__, "_initializing", False))


def _find(module: ModuleType, attribute: str) -> tuple[Any, str]:
    owner: Any = module
    *path, name = attribute.split(".")
    for part in path:
        owner = vars(owner).get(part)
        if owner is None:
            break
    return owner, name


class _Finder(importlib.abc.MetaPathFinder):
    """Finds modules as the others do, and runs what waits for them once they are loaded."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Callable[[], None]]] = {}
        self._busy: set[str] = set()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol of finders
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in self.waiting or fullname in self._busy:
            return None
        self._busy.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, finder: _Finder) -> None:
        self._loader = loader
        self._finder = finder

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        for run in self._finder.waiting.get(module.__name__, ()):
            run()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


_finder: Final = _Finder()


def when_loaded(module: str, run: Callable[[], None]) -> None:
    """Call *run* each time that *module* is loaded from now on."""
    _finder.waiting.setdefault(module, []).append(run)
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)


class Patches:
    """Patches that are applied and undone together.

    Those of modules that are loaded while they are applied are applied then.
    """

    def __init__(self, patches: Sequence[Patch]) -> None:
        self._patches = patches
        self._is_applied = False
        self._is_waiting = False

    def apply(self) -> None:
        """Apply all patches.

        Raises:
            InterceptionFailed: one could not be applied; none is then.
        """
        self._is_applied = True
        try:
            for patch in self._patches:
                patch.apply()
        except InterceptionFailed:
            self.undo()
            raise
        if not self._is_waiting:
            self._is_waiting = True
            for module in dict.fromkeys(patch.module for patch in self._patches):
                when_loaded(module, functools.partial(self._apply_late, module))

    def undo(self) -> None:
        """Undo all patches, the last one first."""
        self._is_applied = False
        for patch in reversed(self._patches):
            patch.undo()

    def _apply_late(self, module: str) -> None:
        """Apply the patches of a module that has just been loaded."""
        if self._is_applied:
            for patch in self._patches:
                if patch.module == module:
                    patch.apply(just_loaded=True)
