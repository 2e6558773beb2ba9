"""A listener on a thread of this process: werkzeug's server on a socket of ours."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from ecrmock.core.errors import EcrmockError, UsageError

if TYPE_CHECKING:
    from ecrmock.server.certificates import Certificate

Wsgi = Callable[..., Any]

_BACKLOG: Final = 128
_PIECE: Final = 1 << 16
_PORTS: Final = range(65_536)
_JOIN_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.01
"""How long the listener may take to notice that it is to stop."""
_IDLE_SECONDS: Final = 60.0
"""How long a client may be silent in the middle of a request."""


class PortNotFree(EcrmockError, OSError):
    """A server cannot listen where it was told to."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(f"cannot listen on {host}:{port}: {reason}. Give port=0 for a free port.")


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        PortNotFree: the port is taken, or the address is none of this machine.
        UsageError: host or port cannot be one.
    """
    if type(host) is not str or type(port) is not int or port not in _PORTS:
        raise UsageError(f"cannot listen on {host!r}:{port!r}; give a text and 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise PortNotFree(host, port, str(error)) from None
    return bound


def reachable(host: str) -> str:
    """Return the address under which who listens on *host* is reached on this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound


def authority(host: str, port: int) -> str:
    """Return where who listens on *host* is reached, as URLs and names of images write it."""
    name = reachable(host)
    return f"[{name}]:{port}" if ":" in name else f"{name}:{port}"


class Listener:
    """Serves an application from its making until `close`.

    Raises:
        PortNotFree: the port is taken.
    """

    def __init__(
        self, application: Wsgi, host: str, port: int, certificate: Certificate | None
    ) -> None:
        context = None if certificate is None else certificate.context()
        with bind(host, port) as bound:  # the server works on a duplicate
            self.port: int = bound.getsockname()[1]
            self._server = _Server(
                host, self.port, application, handler=_Handler, fd=bound.fileno()
            )
        self._server.ssl_context = context
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_SECONDS},
            name=f"ecrmock-{self.port}",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening and hang up; requests that are being answered are not waited for."""
        self._server.shutdown()
        self._thread.join(_JOIN_SECONDS)
        self._server.server_close()


class _Handler(WSGIRequestHandler):
    """Handles the requests of one connection, in a thread of its own."""

    timeout = _IDLE_SECONDS
    wbufsize = _PIECE
    """Head and body of a short reply leave in one piece: some clients hang up between two."""
    server: _Server

    def setup(self) -> None:
        """Shake hands here, and not in the listening thread that a silent client would hold."""
        if self.server.ssl_context is not None:
            self.request.settimeout(_IDLE_SECONDS)
            self.request = self.server.ssl_context.wrap_socket(self.request, server_side=True)
        self.server.connections.add(self.request)
        super().setup()

    def parse_request(self) -> bool:
        """Refuse a request whose end cannot be known."""
        if not super().parse_request():
            return False
        lengths = set(self.headers.get_all("Content-Length", []))
        coding = self.headers.get("Transfer-Encoding", "").strip().lower()
        if len(lengths) > 1 or coding not in ("", "chunked"):
            self.send_error(400)
            return False
        if coding and lengths:  # RFC 9112, 6.3: chunks go before a length
            del self.headers["Content-Length"]
        return True

    def handle_expect_100(self) -> bool:
        """Tell a client that waits for it to go on."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def finish(self) -> None:
        """Let go of the connection; a wrapped socket is nobody else's to close."""
        try:
            with contextlib.suppress(OSError):  # what was left to be written, to nobody
                super().finish()
        finally:
            self.rfile.close()
            self.server.connections.discard(self.request)
            if self.server.ssl_context is not None:
                _hang_up(self.request)
                self.request.close()

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing: what happens stands in the journal."""


class _Server(ThreadedWSGIServer):
    """Listens; a connection that breaks is the client's own affair."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*args, **options)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that was lost."""

    def server_close(self) -> None:
        """Stop listening, and hang up on who is connected."""
        super().server_close()
        for connection in list(self.connections):
            _hang_up(connection)


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
