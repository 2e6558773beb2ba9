"""Floor 10: fixtures, the mark, the ini options and the header for pytest.

No fixture is autouse, and nothing of botocore is loaded before a fixture is used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import _pytest.monkeypatch
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ecrmock.handle import Server
    from ecrmock.login import Login
    from ecrmock.mock import MockAws
    from ecrmock.steering import Clock

_ABSENT: Any = getattr(_pytest.monkeypatch, "NOTSET", None) or vars(_pytest.monkeypatch)["notset"]
"""What monkeypatch notes for no value; its name depends on the release of pytest."""

_GUARD_MODES = ("error", "warn", "off")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options."""
    parser.addini(
        "ecrmock_guard",
        "what happens to calls to the real AWS while no mock is active: error, warn or off",
        default="warn",
    )
    parser.addini("ecrmock_region", "the region of the fixtures' mock", default="")
    parser.addini("ecrmock_account_id", "the account of the fixtures' mock", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark and put the guard in its place."""
    config.addinivalue_line(
        "markers",
        "ecrmock(**options): options of the ecrmock fixture for one test, as mock_aws takes them",
    )
    mode = config.getini("ecrmock_guard")
    if mode not in _GUARD_MODES:
        raise pytest.UsageError(
            f"ecrmock_guard is {mode!r}; it must be one of {', '.join(_GUARD_MODES)}"
        )
    from ecrmock.intercept import guard

    guard.set_mode(mode)
    if mode != "off":
        guard.install()


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is on."""
    from ecrmock import __version__

    parts = [f"ecrmock: {__version__}", f"guard={config.getini('ecrmock_guard')}"]
    for name in ("region", "account_id"):
        value = config.getini(f"ecrmock_{name}")
        if value:
            parts.append(f"{name}={value}")
    return ", ".join(parts)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: Any) -> Iterator[None]:
    """Begin a test of a decorated class with what the class made."""
    classes = _classes()
    if classes is not None:
        classes.place([node.obj for node in item.listchain() if isinstance(node, pytest.Class)])
    state = _state_of_class(item)
    if state is not None:
        state.begin(item.cls)
    yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Iterator[None]:
    """Remember what the class made before the first fixture of a single test."""
    if fixturedef.scope == "function":
        state = _state_of_class(request.node)
        if state is not None:
            state.come_to_test(request.cls)
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: Any) -> Iterator[None]:
    """Remember what the class made before a test that has no fixture of its own."""
    state = _state_of_class(item)
    if state is not None:
        state.come_to_test(item.cls)
    yield


def _classes() -> Any:
    """Return the module that covers classes; while it is not loaded, none is decorated."""
    return sys.modules.get("ecrmock.classes")


def _state_of_class(item: Any) -> Any:
    classes = _classes()
    return None if classes is None else classes.state_of(getattr(item, "cls", None))


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the options of a test's mock: the ini options, and over them its marks."""
    options: dict[str, Any] = {}
    for ini, option in (("ecrmock_region", "region_name"), ("ecrmock_account_id", "account_id")):
        value = request.config.getini(ini)
        if value:
            options[option] = value
    for mark in reversed(list(request.node.iter_markers("ecrmock"))):
        if mark.args:
            raise pytest.UsageError("@pytest.mark.ecrmock takes keyword arguments only")
        options.update(mark.kwargs)
    return options


@pytest.fixture
def ecrmock(request: pytest.FixtureRequest) -> Iterator[MockAws]:
    """Give a mock that is active during the test, with a world of its own."""
    from ecrmock.mock import mock_aws

    with mock_aws(**_options(request)) as aws:
        yield aws
        monkeypatch = request.node.funcargs.get("monkeypatch")
        if monkeypatch is not None:
            aws.correct_notes(monkeypatch._setitem, _ABSENT)  # noqa: SLF001


@pytest.fixture
def ecrmock_ecr(ecrmock: MockAws) -> Any:
    """Give a client of Amazon ECR in the test's mock."""
    return ecrmock.client("ecr")


@pytest.fixture
def ecrmock_ecs(ecrmock: MockAws) -> Any:
    """Give a client of Amazon ECS in the test's mock."""
    return ecrmock.client("ecs")


@pytest.fixture
def ecrmock_clock(ecrmock: MockAws) -> Clock:
    """Give the clock of the test's mock."""
    return ecrmock.clock


@pytest.fixture(scope="session")
def _ecrmock_listener() -> Iterator[Server]:
    """Listen on a free port of this machine as long as the session lasts."""
    from ecrmock.handle import Server

    with Server() as server:
        yield server


@pytest.fixture
def ecrmock_server(request: pytest.FixtureRequest, _ecrmock_listener: Server) -> Iterator[Server]:
    """Give a server with a fresh world for the test, or with that of its `ecrmock` mock.

    What goes wrong inside the server fails the test.
    """
    from ecrmock.handle import Aws
    from ecrmock.options import Options

    if "ecrmock" in request.fixturenames:
        aws = request.getfixturevalue("ecrmock")
    else:
        aws = Aws(Options(**_options(request)))
    _ecrmock_listener.show(aws)
    yield _ecrmock_listener
    _ecrmock_listener.check()


@pytest.fixture
def ecrmock_registry(ecrmock_server: Server, tmp_path: Path) -> Login:
    """Give the host of the test's registry, and files with a login to it."""
    folder = tmp_path / "ecrmock-login"
    folder.mkdir()
    return ecrmock_server.login(folder)
