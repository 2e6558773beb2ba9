"""Operations as users write them: `ecs.RunTask`, or `ecr.Describe*` for several."""

from __future__ import annotations

from functools import cache

from ecrmock.core import wildcard
from ecrmock.core.errors import UsageError
from ecrmock.wire import models


@cache
def expand(name: str) -> frozenset[tuple[str, str]]:
    """Return the operations that *name* stands for, as pairs of service and operation.

    Raises:
        UsageError: it stands for none; the text offers the nearest.
    """
    service, dot, pattern = name.partition(".")
    if not dot or service not in models.SERVICES:
        services = ", ".join(models.SERVICES)
        raise UsageError(
            f"{name!r} is not an operation; write service.Operation, for example 'ecr.PutImage' "
            f"or 'ecs.Describe*', with one of the services {services}"
        )
    known = models.load(service).operation_names
    found = [operation for operation in known if wildcard.matches(pattern, operation)]
    if not found:
        import difflib

        near = difflib.get_close_matches(pattern, known, n=3)
        hint = f"; did you mean {' or '.join(f'{service}.{n}' for n in near)}?" if near else ""
        raise UsageError(f"{service} has no operation {pattern!r}{hint}")
    return frozenset((service, operation) for operation in found)
