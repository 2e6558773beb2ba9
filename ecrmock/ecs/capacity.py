"""Capacity providers of a cluster and the strategies that use them.

Models the two providers that AWS reserves, FARGATE and FARGATE_SPOT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ecrmock.ecs.errors import InvalidParameterException

if TYPE_CHECKING:
    from ecrmock.ecs.state import StrategyItem

MAX_ITEMS: Final = 20
"""Capacity providers of a strategy. Source: ECS API reference, RunTask."""
RESERVED: Final = ("FARGATE", "FARGATE_SPOT")


def check_providers(providers: Sequence[str]) -> None:
    """Refuse providers that are not there.

    Raises:
        InvalidParameterException: a provider is not known.
    """
    if any(provider not in RESERVED for provider in providers):
        raise InvalidParameterException.unknown_provider()


def check_default_strategy(strategy: Sequence[StrategyItem], providers: Sequence[str]) -> None:
    """Refuse a default strategy that a cluster with *providers* cannot have.

    Raises:
        InvalidParameterException: it uses another provider, or has more than one base.
    """
    if any(item.provider not in providers for item in strategy):
        raise InvalidParameterException.foreign_provider()
    if sum(item.base > 0 for item in strategy) > 1:
        raise InvalidParameterException.several_bases()


def check_strategy(strategy: Sequence[StrategyItem], providers: Sequence[str]) -> None:
    """Refuse a strategy that tasks cannot be launched by.

    Raises:
        InvalidParameterException: it uses a provider that the cluster lacks, has more than one
            base, or no weight.
    """
    check_providers([item.provider for item in strategy])
    if len(strategy) > MAX_ITEMS:
        raise InvalidParameterException.too_many("capacity provider strategy", MAX_ITEMS)
    if any(item.provider not in providers for item in strategy):
        raise InvalidParameterException.foreign_provider()
    if sum(item.base > 0 for item in strategy) > 1:
        raise InvalidParameterException.several_bases_launched()
    if not any(item.weight for item in strategy):
        raise InvalidParameterException.no_weight()
