"""The table of operations: which function answers which operation, and with what.

`@operation("ecr", "PutImage")` is all that an operation says of itself here; its parsing,
constraints, action, paging and reply check follow from the service model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from ecrmock.core import arn
from ecrmock.ecr import repositories

if TYPE_CHECKING:
    from datetime import datetime

    from ecrmock.core import Core
    from ecrmock.core.blobs import BlobWriter
    from ecrmock.ecr.state import Registry
    from ecrmock.ecs.placement import Refusal
    from ecrmock.ecs.site import Site
    from ecrmock.ecs.state import Region
    from ecrmock.iam.principals import Principal
    from ecrmock.world import World

Request = dict[str, Any]
Reply = dict[str, Any]

_PACKAGES: Final = {
    "ecr": (
        "resources",
        "repositories",
        "layers",
        "images",
        "referrers",
        "tagging",
        "policies",
        "registries",
        "tokens",
    ),
    "ecs": (
        "resources",
        "clusters",
        "task_definitions",
        "tasks",
        "task_access",
        "instances",
        "attributes",
        "tagging",
    ),
    "sts": ("resources", "identity", "roles"),
}
_READS: Final = ("Describe", "List", "Get", "BatchCheck", "Discover")


class Call:
    """What an operation may know of the call that it answers.

    Attributes:
        world: the state.
        principal: who asks; None until that is known.
        account_id: the account of who asks.
        region: the region that is called.
        base_url: returns the URL under which the caller reaches this world over HTTP.
        uri_host: the host of repository URIs; None for the one that AWS has.
        part: the bytes of a layer part that came as a stream, beside the request.
        placement: why tasks were not placed on container instances, for the journal.
    """

    __slots__ = (
        "account_id",
        "base_url",
        "part",
        "placement",
        "principal",
        "region",
        "uri_host",
        "world",
    )

    world: World
    principal: Principal | None
    account_id: str
    region: str
    base_url: Callable[[], str]
    uri_host: str | None
    part: BlobWriter | None
    placement: tuple[Refusal, ...]

    @property
    def caller(self) -> Principal:
        """Who asks, once that is known."""
        assert self.principal is not None  # noqa: S101 - nothing is handled before it is
        return self.principal

    @property
    def core(self) -> Core:
        """Time, ids, events and bytes of the world."""
        return self.world.core

    @property
    def now(self) -> datetime:
        """The present of the world, UTC."""
        return self.world.core.clock.now

    @property
    def partition(self) -> str:
        """The partition of the call's region."""
        return arn.partition_of(self.region)

    def registry(self, request: Mapping[str, Any]) -> Registry:
        """Return the registry that a request names by `registryId`, by default the caller's."""
        return self.world.registry(request.get("registryId") or self.account_id, self.region)

    def registry_host(self, registry: Registry) -> str:
        """Return the host, with its port, under which the caller reaches a registry."""
        return self.uri_host or repositories.registry_host(registry)

    @property
    def ecs_region(self) -> Region:
        """Return the caller's ECS."""
        return self.world.ecs_region(self.account_id, self.region)

    @property
    def site(self) -> Site:
        """Return the caller's ECS, with the time and the scripts of the world."""
        return self.world.site(self.account_id, self.region)


@dataclass(slots=True)
class Page:
    """One page of a list: entries in order, from which the gateway takes as many as fit.

    Args:
        member: the list member of the reply, for example `repositories`.
        walk: gives (key, entry) pairs in order, beginning behind a key, or at the start for None.
            A key is a JSON value and says where to go on.
        view: an entry as the reply shows it.
        rest: the other members of the reply.
    """

    member: str
    walk: Callable[[Any], Iterable[tuple[Any, Any]]]
    view: Callable[[Any], Any]
    rest: Reply = field(default_factory=dict)


class Entry(NamedTuple):
    """One operation that is built."""

    service: str
    name: str
    handle: Callable[[Call, Request], Reply | Page]
    writes: bool
    """Whether the operation moves the clock, so that what it makes has a time of its own."""


_TABLE: Final[dict[tuple[str, str], Entry]] = {}
_loaded: Final[set[str]] = set()

Handler = TypeVar("Handler", bound=Callable[..., "Reply | Page"])


def operation(service: str, name: str) -> Callable[[Handler], Handler]:
    """Enter a function into the table as the answer to one operation."""

    def enter(handle: Handler) -> Handler:
        _TABLE[service, name] = Entry(service, name, handle, not name.startswith(_READS))
        return handle

    return enter


def find(service: str, name: str) -> Entry | None:
    """Return the entry of an operation, or None when it is not built."""
    if service not in _loaded:
        for module in _PACKAGES.get(service, ()):
            import_module(f"ecrmock.operations.{service}.{module}")
        _loaded.add(service)
    return _TABLE.get((service, name))


def built(service: str) -> list[str]:
    """Return the names of the operations of *service* that are built, sorted."""
    find(service, "")
    return sorted(name for owner, name in _TABLE if owner == service)


def pairs(tags: Iterable[Mapping[str, Any]], key: str, value: str) -> list[tuple[str, str]]:
    """Return tags as pairs, from dicts with the members *key* and *value*."""
    return [(tag.get(key, ""), tag.get(value, "")) for tag in tags]
