"""A client that sends bytes on a socket and reads what comes back; to wait in vain is a failure."""

from __future__ import annotations

import contextlib
import json
import socket
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

MOST_SECONDS = 15.0
"""How long an answer may take on a busy machine. Whoever waits longer waits for ever."""
_PIECE = 1 << 16
_CONTINUE, _NO_CONTENT, _NOT_MODIFIED = 100, 204, 304


class Hang(AssertionError):
    """The server neither answered nor closed the connection."""


class NotHttp(AssertionError):
    """What came back is no HTTP/1.1 answer."""


class Answer(NamedTuple):
    """One answer, with the codes of the 1xx answers that came before it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    interim: tuple[int, ...] = ()

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        """Return the value of a header that may come once at most."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of an error of the API or the registry, or nothing."""
        content_type = self.header("content-type") or ""
        if "json" not in content_type or not self.body:
            return ""
        document = self.json()
        if isinstance(document, dict) and "errors" in document:
            return str(document["errors"][0]["code"])
        return str(document.get("__type", "")) if isinstance(document, dict) else ""

    @property
    def verdict(self) -> tuple[int, str]:
        """The status and the code."""
        return self.status, self.code


class Connection:
    """A connection to a server, as raw as it comes."""

    def __init__(
        self, port: int, *, tls: ssl.SSLContext | None = None, seconds: float = MOST_SECONDS
    ) -> None:
        plain = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.socket = tls.wrap_socket(plain, server_hostname="127.0.0.1") if tls else plain
        self._read = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> Connection:
        """Send bytes; that the server has had enough before the last of them is no failure."""
        try:
            self.socket.sendall(data)
        except TimeoutError as error:
            raise Hang("the server neither reads nor closes") from error
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def end(self) -> Connection:
        """Say that no more bytes come, and go on listening."""
        with contextlib.suppress(OSError):  # the server may have closed already
            self.socket.shutdown(socket.SHUT_WR)
        return self

    def answer(self, method: str = "POST") -> Answer | None:
        """Read the next answer; None when the connection was closed without one."""
        interim: list[int] = []
        while (head := self._until(b"\r\n\r\n")) is not None:
            status, headers = _parse_head(head)
            if status // 100 == 1:
                interim.append(status)
                continue
            bodiless = method == "HEAD" or status in (_NO_CONTENT, _NOT_MODIFIED)
            body = b"" if bodiless else self._body(headers)
            return Answer(status, headers, body, tuple(interim))
        return None

    def interim(self) -> int | None:
        """Read one 1xx answer alone; None when the connection was closed without one."""
        head = self._until(b"\r\n\r\n")
        return None if head is None else _parse_head(head)[0]

    def stream(self) -> Iterator[bytes]:
        """Walk the body of a good answer as it comes, instead of reading it with `answer`."""
        head = self._until(b"\r\n\r\n")
        if head is None:
            raise NotHttp("the connection was closed without an answer")
        status, headers = _parse_head(head)
        assert status == 200, (status, headers)
        [left] = [int(value) for name, value in headers if name.lower() == "content-length"]
        while left:
            if not self._read and not self._more():
                raise NotHttp(f"{left} bytes of a body are missing")
            piece = self._take(min(left, len(self._read)))
            left -= len(piece)
            yield piece

    def rest(self) -> bytes:
        """Read until the server closes the connection."""
        while self._more():
            pass
        return self._take(len(self._read))

    def _body(self, headers: list[tuple[str, str]]) -> bytes:
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        codings = [value for name, value in headers if name.lower() == "transfer-encoding"]
        if codings:
            return b"".join(self._chunks())
        if not lengths:
            return self.rest()
        assert len(set(lengths)) == 1, f"the length of the body is {lengths}"
        return self._exactly(int(lengths[0]))

    def _chunks(self) -> Iterable[bytes]:
        while size := int(self._line(), 16):
            yield self._exactly(size)
            self._line()
        self._line()

    def _line(self) -> bytes:
        line = self._until(b"\r\n")
        if line is None:
            raise NotHttp("the connection was closed within a body")
        return line

    def _exactly(self, size: int) -> bytes:
        while len(self._read) < size:
            if not self._more():
                raise NotHttp(f"{len(self._read)} bytes of a body came instead of {size}")
        return self._take(size)

    def _take(self, size: int) -> bytes:
        found = bytes(self._read[:size])
        del self._read[:size]
        return found

    def _until(self, mark: bytes) -> bytes | None:
        while mark not in self._read:
            if not self._more():
                if self._read:
                    raise NotHttp(f"no HTTP: {bytes(self._read[:200])!r}")
                return None
        return self._take(self._read.index(mark) + len(mark)).removesuffix(mark)

    def _more(self) -> bool:
        try:
            piece = self.socket.recv(_PIECE)
        except TimeoutError as error:
            raise Hang(f"no answer; {len(self._read)} bytes had come") from error
        except ConnectionResetError:
            piece = b""
        self._read += piece
        return bool(piece)


def _parse_head(head: bytes) -> tuple[int, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if version not in ("HTTP/1.0", "HTTP/1.1") or not rest[:3].isdigit():
        raise NotHttp(f"no status line: {first[:200]!r}")
    pairs = [line.partition(":") for line in lines]
    return int(rest[:3]), [(name, value.strip(" \t")) for name, _, value in pairs]


def request(
    method: str,
    target: str,
    headers: dict[str, str | None] | None = None,
    body: bytes = b"",
    *,
    version: str = "HTTP/1.1",
) -> bytes:
    """Return a request as bytes; the length is said unless *headers* say something else of it.

    A header whose value is None is left out.
    """
    wanted: dict[str, str | None] = {"Host": "127.0.0.1"}
    if body or method in ("POST", "PUT", "PATCH"):
        wanted["Content-Length"] = str(len(body))
    wanted |= headers or {}
    lines = [f"{method} {target} {version}"]
    lines += [f"{name}: {value}" for name, value in wanted.items() if value is not None]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def chunked(*pieces: bytes) -> bytes:
    """Return a body in chunks, with the chunk that ends it."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (*pieces, b""))


def ask(port: int, data: bytes, *, method: str = "POST", seconds: float = MOST_SECONDS) -> Answer:
    """Send one request on a connection of its own and return the answer."""
    with Connection(port, seconds=seconds) as connection:
        found = connection.send(data).answer(method)
    assert found is not None, "the connection was closed without an answer"
    return found
