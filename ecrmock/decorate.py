"""Putting a mock around functions and classes, each in its own kind.

Knows no mock: it is handed a factory of them.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any, TypeVar

from ecrmock.classes import decorate_class
from ecrmock.core.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ecrmock.classes import Factory


T = TypeVar("T", bound="Callable[..., Any]")


def decorate(target: Any, factory: Factory) -> Any:
    """Put a mock around *target*: a function of any kind, or a test class.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(target, type):
        return decorate_class(target, factory)
    if isinstance(target, (staticmethod, classmethod)):
        return type(target)(wrap(target.__func__, factory))
    if type(target).__name__ == "FixtureFunctionDefinition":
        raise UsageError(
            "put @mock_aws below @pytest.fixture, so that the fixture's body is mocked"
        )
    if not callable(target):
        raise UsageError(f"mock_aws decorates functions and classes, not {target!r}")
    return wrap(target, factory)


def wrap(function: T, factory: Factory) -> T:
    """Put a mock around each call of a function, coroutine, generator or async generator."""
    if inspect.iscoroutinefunction(function):
        return _around_coroutine(function, factory)  # type: ignore[return-value]
    if inspect.isasyncgenfunction(function):
        return _around_async_generator(function, factory)  # type: ignore[return-value]
    if inspect.isgeneratorfunction(function):
        return _around_generator(function, factory)  # type: ignore[return-value]
    return _around_function(function, factory)  # type: ignore[return-value]


def _around_function(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            result = function(*args, **kwargs)
        if inspect.isawaitable(result) or inspect.isasyncgen(result):
            if inspect.iscoroutine(result):
                result.close()
            name = getattr(function, "__qualname__", repr(function))
            raise UsageError(
                f"{name} is an ordinary function that returned an awaitable, which would run when "
                f"the mock has ended; make it async def, or use async with mock_aws()"
            )
        return result

    return wrapper


def _around_coroutine(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            return await function(*args, **kwargs)

    return wrapper


def _around_generator(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            return (yield from function(*args, **kwargs))

    return wrapper


def _around_async_generator(function: Callable[..., Any], factory: Factory) -> Callable[..., Any]:
    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        with factory():
            inner = function(*args, **kwargs)
            try:
                item = await inner.__anext__()
                while True:
                    try:
                        sent = yield item
                    except GeneratorExit:  # noqa: PERF203 - each step may end in its own way
                        await inner.aclose()
                        raise
                    except BaseException as error:  # noqa: BLE001 - all of it belongs to inner
                        item = await inner.athrow(error)
                    else:
                        item = await inner.asend(sent)
            except StopAsyncIteration:
                return

    return wrapper
