"""The body of an HTTP request, as WSGI hands it over: read in pieces, and known to be whole.

Servers differ: some end a body by themselves, some must not be read beyond it, some end one that
was cut off as if it were whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

PIECE: Final = 1 << 18
"""How many bytes are read at once."""

Environ = dict[str, Any]


class BrokenBody(Exception):
    """A body was cut off, or is not as long as it says."""


class BodyTooLarge(Exception):
    """A body is larger than what is accepted."""


def length(environ: Environ) -> int | None:
    """Return how long the body says it is; None when it does not.

    Raises:
        BrokenBody: it says something that is no length.
    """
    text = environ.get("CONTENT_LENGTH") or ""
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise BrokenBody(f"Content-Length is {text!r}")
    return int(text)


def pieces(environ: Environ, *, limit: int) -> Iterator[bytes]:
    """Walk the bytes of a body.

    Raises:
        BrokenBody: it was cut off, or its length is none.
        BodyTooLarge: it has more than *limit* bytes.
    """
    declared = length(environ)
    if declared is not None and declared > limit:
        raise BodyTooLarge
    if declared is None and not environ.get("wsgi.input_terminated"):
        return
    stream, size = environ["wsgi.input"], 0
    while declared is None or size < declared:
        wanted = PIECE if declared is None else min(PIECE, declared - size)
        try:
            piece = stream.read(wanted)
        except OSError:
            raise BrokenBody("the connection was lost") from None
        if not piece:
            break
        size += len(piece)
        if size > limit:
            raise BodyTooLarge
        yield piece
    if declared is not None and size < declared:
        raise BrokenBody(f"the body ended after {size} of {declared} bytes")


def whole(environ: Environ, *, limit: int) -> bytes:
    """Return a body at once; raises as `pieces` does."""
    return b"".join(pieces(environ, limit=limit))
