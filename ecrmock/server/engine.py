"""The fast engine of `ecrmock serve`: granian, with one process that holds the world."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ecrmock.core.errors import UsageError
from ecrmock.server.listener import bind, reachable

if TYPE_CHECKING:
    from ecrmock.server.certificates import Certificate

_KILL_SECONDS: Final = 2
"""How long the serving process may take to stop."""
_TRIES: Final = 1000
_PAUSE_SECONDS: Final = 0.02
_THREADS: Final = 64
"""How many requests are answered at once; one that waits for its client's bytes holds one."""


def _load(load: Callable[[], Any], announce: Callable[[], None]) -> Any:
    """Make the application in the serving process, which can say best when it answers."""
    threading.Thread(target=announce, name="ecrmock-announce", daemon=True).start()
    return load()


def _announce(host: str, port: int, ready: Callable[[], object]) -> None:
    """Call *ready* once somebody answers, or never when nobody does for long."""
    address = reachable(host)
    pause = threading.Event()
    for _ in range(_TRIES):
        with contextlib.suppress(OSError), socket.create_connection((address, port), _KILL_SECONDS):
            ready()
            return
        pause.wait(_PAUSE_SECONDS)


def free_port(host: str, port: int) -> int:
    """Return *port*, or for 0 one that is free.

    Raises:
        PortNotFree: it is taken.
    """
    with bind(host, port) as bound:
        found: int = bound.getsockname()[1]
        return found


def run(
    load: Callable[[], Any],
    host: str,
    port: int,
    certificate: Certificate | None,
    ready: Callable[[], object],
) -> None:
    """Serve until the process is told to stop.

    Args:
        load: makes the WSGI application, in the process that serves; must be picklable.
        host: the address to listen on.
        port: one that is free.
        certificate: for HTTPS.
        ready: runs in the serving process once it answers; must be picklable.

    Raises:
        UsageError: granian, of the extra `server`, is not installed.
    """
    try:
        from granian import Granian
        from granian.constants import Interfaces, SSLProtocols
    except ImportError:
        raise UsageError("serve needs the extra 'server': pip install 'ecrmock[server]'") from None
    server = Granian(
        "ecrmock",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        log_enabled=False,
        websockets=False,
        workers_kill_timeout=_KILL_SECONDS,
        ssl_cert=None if certificate is None else certificate.cert,
        ssl_key=None if certificate is None else certificate.key,
        ssl_protocol_min=SSLProtocols.tls12,
    )
    loader = partial(_load, load, partial(_announce, host, port, ready))
    server.serve(target_loader=loader, wrap_loader=False)
