"""The guard at the bottom: no call to AWS leaves the process unnoticed.

It sits where requests are sent, below everything that could answer them, and looks at hosts of
AWS and of metadata services only. It refuses while a mock is active, and afterwards refuses
clients that were made inside one; for others it does as `ecrmock_guard` says.
"""

from __future__ import annotations

import functools
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from ecrmock.core.errors import EcrmockError, UsageError
from ecrmock.intercept import active
from ecrmock.intercept.patches import Patch, Patches

Mode = Literal["error", "warn", "off"]
MODES: Final[tuple[str, ...]] = get_args(Mode)

_AWS: Final = re.compile(
    r"(.+\.)?(amazonaws\.(com(\.cn)?|eu)|amazonwebservices\.(com\.cn|eu)|(api|on|ecr)\.aws"
    r"|ecr-public\.aws\.com|(c2s|aws|csp\.hci|aws\.hci)\.ic\.gov|sc2s\.sgov\.gov|aws\.scloud"
    r"|cloud(-aws)?\.adc-e\.uk)"
)
_METADATA: Final = frozenset(
    {"169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23"}
)
_PACKAGES: Final = ("ecrmock.", "botocore.", "boto3.", "aiobotocore.", "aioboto3.")

_made_inside: Final[WeakKeyDictionary[Any, str]] = WeakKeyDictionary()
_mode: list[str] = ["warn"]


class RealCallRefused(EcrmockError):
    """A call would have left the process for AWS. It was not sent, and is not retried."""


class RealCallWarning(UserWarning):
    """A call left the process for AWS while a test session was running."""


def set_mode(mode: str) -> None:
    """Say what happens to calls of clients that have nothing to do with a mock.

    Raises:
        UsageError: *mode* is none of `error`, `warn`, `off`.
    """
    if mode not in MODES:
        raise UsageError(f"ecrmock_guard is {mode!r}; it must be one of {', '.join(MODES)}")
    _mode[0] = mode


def is_aws(url: str) -> bool:
    """Tell whether a URL leads to AWS or to a metadata service."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return host in _METADATA or _AWS.fullmatch(host) is not None


def check(session: Any, request: Any) -> None:
    """Refuse a request that must not be sent, or warn of it.

    Raises:
        RealCallRefused: see the text.
    """
    if not is_aws(request.url):
        return
    mounted = active.current()
    if mounted is not None:
        if not mounted.lets_pass(request.url):
            raise RealCallRefused(_while_active(request))
    elif session in _made_inside:
        raise RealCallRefused(_afterwards(request, _made_inside[session]))
    elif _mode[0] == "error":
        raise RealCallRefused(_outside(request))
    elif _mode[0] == "warn":
        warnings.warn(_outside(request), RealCallWarning, stacklevel=2)


def _name(request: Any) -> str:
    """Return what a request is: its operation where the headers tell, and its URL."""
    target = request.headers.get("X-Amz-Target", b"")
    if isinstance(target, bytes):
        target = target.decode("latin-1")
    operation = f"{target.rpartition('.')[2]} to " if target else ""
    return f"{operation}{request.method} {request.url}"


def _while_active(request: Any) -> str:
    return (
        f"ecrmock stopped a call to the real AWS: {_name(request)}. ecrmock does not answer this "
        f"service, and nothing else did. Start another mock for it (moto's mock_aws works beside "
        f"ecrmock in either order), stub the client, or let it through with "
        f"mock_aws(passthrough=[...])."
    )


def _afterwards(request: Any, made_at: str) -> str:
    return (
        f"ecrmock stopped a call to the real AWS: {_name(request)}. Its client was made inside a "
        f"mock ({made_at}) that has ended. Use the client while a mock is active, or make a new "
        f"one outside."
    )


def _outside(request: Any) -> str:
    return (
        f"a call to the real AWS: {_name(request)}. No mock is active. Set ecrmock_guard to error, "
        f"warn or off in the pytest configuration to say what happens to such calls."
    )


def _caller() -> str:
    """Return where outside of the AWS packages the present call comes from."""
    frame = sys._getframe(1)
    while frame.f_back is not None and f"{frame.f_globals.get('__name__', '')}.".startswith(
        _PACKAGES
    ):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def note_session(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of the constructor of an HTTP session: remember those made inside."""

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        original(self, *args, **kwargs)
        if active.count():
            _made_inside[self] = _caller()

    return __init__


def send(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `URLLib3Session.send`."""

    @functools.wraps(original)
    def _send(self: Any, request: Any) -> Any:
        check(self, request)
        return original(self, request)

    return _send


def send_async(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make the replacement of `send` of aiobotocore's HTTP sessions."""

    @functools.wraps(original)
    async def _send(self: Any, request: Any) -> Any:
        check(self, request)
        return await original(self, request)

    return _send


_patches: Final = Patches(
    [
        Patch("botocore.httpsession", "URLLib3Session.__init__", note_session),
        Patch("botocore.httpsession", "URLLib3Session.send", send),
        Patch("aiobotocore.httpsession", "AIOHTTPSession.__init__", note_session),
        Patch("aiobotocore.httpsession", "AIOHTTPSession.send", send_async),
        Patch("aiobotocore.httpxsession", "HttpxSession.__init__", note_session, optional=True),
        Patch("aiobotocore.httpxsession", "HttpxSession.send", send_async, optional=True),
    ]
)


def install() -> None:
    """Put the guard in its place; it stays for the rest of the process."""
    _patches.apply()
