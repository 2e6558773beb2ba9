"""Two raw HTTP clients that cost next to nothing: many small calls, and a large body."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Iterable
from typing import NamedTuple

from typing_extensions import Self

HOST = "127.0.0.1"
PIECE = 1 << 20

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"HTTP/1\.0|\r\nconnection: *close", re.IGNORECASE)
_PATIENCE_SECONDS = 120.0


class Reply(NamedTuple):
    """What came back; *body* is empty where it was only counted."""

    status: int
    head: bytes
    body: bytes
    size: int

    def header(self, name: str) -> str:
        """Return a header; raises KeyError."""
        pattern = rb"\r\n" + name.encode() + rb": *([^\r]*)"
        found = re.search(pattern, self.head, re.IGNORECASE)
        if found is None:
            raise KeyError(name)
        return found[1].decode()


def prepare(
    method: str, target: str, port: int, headers: dict[str, str], body: bytes | None
) -> bytes:
    """Return the bytes of a request; without a *body* they end behind the headers."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {HOST}:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _END + (body or b"")


def _connect(port: int) -> socket.socket:
    found = socket.create_connection((HOST, port), timeout=_PATIENCE_SECONDS)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


# ------------------------------------------------------------------------------ a large body


class Connection:
    """One connection, one request after the other."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = _connect(port)
        self._buffer = bytearray(PIECE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        """Send a request and return the whole reply."""
        self._socket.sendall(prepare(method, target, self._port, headers, body))
        return self._reply(keep=True)

    def drain(self, target: str, headers: dict[str, str]) -> Reply:
        """Get something large and only count it."""
        self._socket.sendall(prepare("GET", target, self._port, headers, None))
        return self._reply(keep=False)

    def stream(
        self, method: str, target: str, headers: dict[str, str], chunks: Iterable[bytes]
    ) -> Reply:
        """Send a body in chunks, each made by `as_chunk`, and return the reply."""
        chunked = {**headers, "Transfer-Encoding": "chunked"}
        self._socket.sendall(prepare(method, target, self._port, chunked, None))
        for chunk in chunks:
            self._socket.sendall(chunk)
        self._socket.sendall(b"0\r\n\r\n")
        return self._reply(keep=True)

    def _reply(self, *, keep: bool) -> Reply:
        data = b""
        while _END not in data:
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise ConnectionError(f"the server closed after {data!r}")
            data += piece
        head, _, body = data.partition(_END)
        declared = _LENGTH.search(head)
        size = 0 if declared is None else int(declared[1])
        kept, left = [body], size - len(body)
        while left > 0:
            count = self._socket.recv_into(self._buffer, min(left, PIECE))
            if not count:
                raise ConnectionError(f"the server closed {left} bytes before the end")
            if keep:
                kept.append(bytes(self._buffer[:count]))
            left -= count
        return Reply(int(head[9:12]), head, b"".join(kept) if keep else b"", size)


def as_chunk(piece: bytes) -> bytes:
    """Return *piece* as it stands in a chunked body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


# --------------------------------------------------------------------------- many small calls


class _Lane:
    """One of the connections, with what has come of its reply."""

    def __init__(self, port: int, epoll: select.epoll) -> None:
        self.data = b""
        self.socket = _connect(port)
        self.number = self.socket.fileno()
        epoll.register(self.number, select.EPOLLIN)

    def take(self) -> bool:
        """Take in what has come, and tell whether the reply is whole."""
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise ConnectionError(f"the server closed after {self.data!r}")
        self.data += piece
        head, found, body = self.data.partition(_END)
        if not found:
            return False
        declared = _LENGTH.search(head)
        if declared is None or head[9:12] != b"200":
            raise ConnectionError(f"an unexpected reply: {self.data!r}")
        return len(body) >= int(declared[1])


def seconds_per_call(port: int, request: bytes, *, connections: int, seconds: float) -> float:
    """Repeat *request* on all connections for a while; those that a server closes are renewed."""
    with select.epoll() as epoll:
        lanes = [_Lane(port, epoll) for _ in range(connections)]
        by_number = {lane.number: lane for lane in lanes}
        calls = 0
        start = time.perf_counter()
        end = start + seconds
        for lane in lanes:
            lane.socket.sendall(request)
        while by_number:
            for number, _ in epoll.poll(_PATIENCE_SECONDS):
                lane = by_number[number]
                if not lane.take():
                    continue
                calls += 1
                closes = _CLOSES.search(lane.data) is not None
                now = time.perf_counter()
                if closes or now >= end:
                    del by_number[number]
                    lane.socket.close()
                if now >= end:
                    continue
                if closes:
                    lane = _Lane(port, epoll)
                    by_number[lane.number] = lane
                lane.data = b""
                lane.socket.sendall(request)
        return (time.perf_counter() - start) / calls
