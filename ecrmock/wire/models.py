"""The service models of the installed botocore, each operation compiled once when first used.

Models that a user adds under `~/.aws/models` or `AWS_DATA_PATH` are not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import botocore
from botocore.loaders import JSONFileLoader

from ecrmock.core.errors import UsageError
from ecrmock.wire import constraints, parse, query, serialise

Shape = dict[str, Any]

SERVICES: Final = ("ecr", "ecr-public", "ecs", "sts", "iam")
"""The services whose calls ecrmock may answer."""

_DATA: Final = Path(botocore.__file__).parent / "data"


class ServiceModel:
    """One service's `service-2.json`."""

    def __init__(self, service: str, document: dict[str, Any], paginators: dict[str, Any]) -> None:
        self.service = service
        self.metadata: dict[str, Any] = document["metadata"]
        self.shapes: dict[str, Shape] = document["shapes"]
        self.is_query: bool = self.metadata["protocol"] == "query"
        self._operations: dict[str, dict[str, Any]] = document["operations"]
        self._paginators = paginators
        self._compiled: dict[str, Operation] = {}

    @property
    def operation_names(self) -> list[str]:
        """The names of all operations, sorted."""
        return sorted(self._operations)

    def has(self, operation: str) -> bool:
        """Tell whether the service has an operation of that name."""
        return operation in self._operations

    def operation(self, name: str) -> Operation:
        """Return an operation, compiled; raises KeyError for one that the service lacks."""
        found = self._compiled.get(name)
        if found is None:
            found = Operation(self, name, self._operations[name], self._paginators.get(name))
            self._compiled[name] = found
        return found

    @cached_property
    def error_shapes(self) -> dict[str, str]:
        """Every modelled error: its code on the wire to the name of its shape."""
        return {
            shape.get("error", {}).get("code", name): name
            for name, shape in self.shapes.items()
            if shape.get("exception")
        }

    @cached_property
    def namespace(self) -> str:
        """The XML namespace of a query service."""
        return str(self.metadata.get("xmlNamespace", ""))


class Operation:
    """One operation: how its request is read and its reply is written."""

    def __init__(
        self,
        model: ServiceModel,
        name: str,
        document: dict[str, Any],
        paginator: dict[str, Any] | None,
    ) -> None:
        self.model = model
        self.name = name
        self.paginator = paginator
        self.input: str | None = document.get("input", {}).get("shape")
        self.output: str | None = document.get("output", {}).get("shape")
        self.result_wrapper: str | None = document.get("output", {}).get("resultWrapper")
        self.errors: list[str] = [error["shape"] for error in document.get("errors", ())]

    @cached_property
    def read(self) -> Callable[[Any], dict[str, Any]]:
        """Turn a body (JSON value, or query parameters) into a request of Python values."""
        compiler = query.reader if self.model.is_query else parse.reader
        return compiler(self.model.shapes, self.input)

    @cached_property
    def check(self) -> constraints.Checker | None:
        """Find the members of a request that break the model's constraints."""
        return constraints.checker(self.model.shapes, self.input)

    @cached_property
    def present(self) -> Callable[[Any], dict[str, Any]]:
        """Turn a reply into what botocore's own parser would make of it."""
        leaves = serialise.PARSED_QUERY if self.model.is_query else serialise.PARSED_JSON
        return serialise.writer(self.model.shapes, self.output, leaves)

    @cached_property
    def dump(self) -> Callable[[Any], dict[str, Any]]:
        """Turn a reply into what its body is made of: texts, numbers, lists and dicts."""
        leaves = serialise.WIRE_XML if self.model.is_query else serialise.WIRE_JSON
        return serialise.writer(self.model.shapes, self.output, leaves)

    @cached_property
    def takes_bytes(self) -> bool:
        """Whether a direct member of the input is a blob, and so may be large."""
        members = self.model.shapes[self.input]["members"] if self.input else {}
        return any(self.model.shapes[ref["shape"]]["type"] == "blob" for ref in members.values())


@cache
def load(service: str) -> ServiceModel:
    """Return the model of *service*, one of `SERVICES`, from the newest API version installed."""
    if service not in SERVICES:
        accepted = ", ".join(SERVICES)
        raise UsageError(f"unknown service {service!r}; ecrmock models {accepted}")
    folder = max(path for path in (_DATA / service).iterdir() if path.is_dir())
    loader = JSONFileLoader()
    document = loader.load_file(str(folder / "service-2"))
    paginators = loader.load_file(str(folder / "paginators-1")) or {}
    return ServiceModel(service, document, paginators.get("pagination", {}))


@cache
def regions() -> frozenset[str]:
    """Return the names of all regions that the installed botocore lists."""
    document = json.loads((_DATA / "partitions.json").read_text(encoding="utf-8"))
    names = {name for partition in document["partitions"] for name in partition["regions"]}
    return frozenset(name for name in names if re.search(r"-\d+$", name))
