"""An in-memory AWS for tests of code that talks to Amazon ECR and Amazon ECS.

    from ecrmock import mock_aws

    @mock_aws
    def test_deploy(): ...

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecrmock.core.errors import AwsError, EcrmockError, OperationNotModelled, UsageError
    from ecrmock.gateway.patience import NothingMoves
    from ecrmock.handle import Server
    from ecrmock.intercept.guard import RealCallRefused, RealCallWarning
    from ecrmock.intercept.patches import InterceptionFailed
    from ecrmock.mock import MockAws, current, mock_aws
    from ecrmock.server.listener import PortNotFree
    from ecrmock.steering import NotStarted, Snapshot, TimeLimitReached

__version__ = "0.1.0"

_HOMES = {
    "AwsError": "ecrmock.core.errors",
    "EcrmockError": "ecrmock.core.errors",
    "InterceptionFailed": "ecrmock.intercept.patches",
    "MockAws": "ecrmock.mock",
    "NotStarted": "ecrmock.steering",
    "NothingMoves": "ecrmock.gateway.patience",
    "OperationNotModelled": "ecrmock.core.errors",
    "PortNotFree": "ecrmock.server.listener",
    "RealCallRefused": "ecrmock.intercept.guard",
    "RealCallWarning": "ecrmock.intercept.guard",
    "Server": "ecrmock.handle",
    "Snapshot": "ecrmock.steering",
    "TimeLimitReached": "ecrmock.steering",
    "UsageError": "ecrmock.core.errors",
    "current": "ecrmock.mock",
    "mock_aws": "ecrmock.mock",
}

__all__ = [
    "AwsError",
    "EcrmockError",
    "InterceptionFailed",
    "MockAws",
    "NotStarted",
    "NothingMoves",
    "OperationNotModelled",
    "PortNotFree",
    "RealCallRefused",
    "RealCallWarning",
    "Server",
    "Snapshot",
    "TimeLimitReached",
    "UsageError",
    "current",
    "mock_aws",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*__all__, "__version__"])
