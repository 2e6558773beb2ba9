"""Bytes by their digest: one copy however often they are stored.

Small blobs stay in memory, large ones in an unnamed temporary file that goes away with the last
holder. A copy of a store shares the bytes.
"""

from __future__ import annotations

import hashlib
import io
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Final

MEMORY_LIMIT: Final = 1 << 20
"""Blobs larger than this many bytes are kept in a file."""

_CHUNK: Final = 1 << 20


class Blob:
    """Bytes that do not change any more."""

    __slots__ = ("__weakref__", "_file", "_lock", "digest", "size")

    def __init__(self, digest: str, size: int, file: IO[bytes]) -> None:
        self.digest = digest
        self.size = size
        self._file = file
        self._lock = threading.Lock()
        _close_with(self, file)

    def __deepcopy__(self, memo: dict[int, Any]) -> Blob:
        """Share the bytes with the copy."""
        return self

    @property
    def is_in_memory(self) -> bool:
        """Whether the bytes are held in memory and not in a file."""
        return isinstance(self._file, io.BytesIO)

    def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Return *length* bytes from *start*, or all that follow."""
        end = self.size if length is None else min(start + length, self.size)
        with self._lock:
            self._file.seek(start)
            return self._file.read(max(0, end - start))

    def chunks(self, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Walk the bytes from *start* in pieces of at most one mebibyte."""
        end = self.size if length is None else min(start + length, self.size)
        while start < end:
            piece = self.read(start, min(_CHUNK, end - start))
            start += len(piece)
            yield piece


class BlobWriter:
    """Bytes that are coming in; hashed while they come."""

    __slots__ = ("__weakref__", "_file", "_finalizer", "_hash", "_lock", "size")

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._file: IO[bytes] = io.BytesIO()
        self._finalizer: weakref.finalize[..., Any] | None = None
        self._lock = threading.Lock()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add *data* at the end."""
        with self._lock:
            if self._finalizer is None and self.size + len(data) > MEMORY_LIMIT:
                self._move_to_disk()
            self._hash.update(data)
            self._file.write(data)
            self.size += len(data)

    @property
    def digest(self) -> str:
        """The digest of what has come so far."""
        return "sha256:" + self._hash.hexdigest()

    def __len__(self) -> int:
        """Count the bytes that have come."""
        return self.size

    def __bool__(self) -> bool:
        """Be true, whether bytes have come or not."""
        return True

    def take(self, other: BlobWriter) -> None:
        """Add what has come to *other* at the end, and close it."""
        for piece in other.finish().chunks():
            self.write(piece)
        other.close()

    def finish(self) -> Blob:
        """Return what has come as a blob; nothing can be added afterwards."""
        if self._finalizer is not None:
            self._finalizer.detach()
        return Blob(self.digest, self.size, self._file)

    def close(self) -> None:
        """Drop what has come."""
        self._file.close()

    def __deepcopy__(self, memo: dict[int, Any]) -> BlobWriter:
        """Copy what has come so far, so that both can go on apart."""
        other = BlobWriter()
        with self._lock:
            self._file.seek(0)
            while piece := self._file.read(_CHUNK):
                other.write(piece)
        return other

    def _move_to_disk(self) -> None:
        import tempfile  # loaded with the first large upload: most worlds have none

        file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with its last holder
        self._file.seek(0)
        file.write(self._file.read())
        self._file = file
        self._finalizer = _close_with(self, file)


def _close_with(holder: Any, file: IO[bytes]) -> weakref.finalize[..., Any] | None:
    """Close a file on disk when its holder goes, whoever else goes with it."""
    return None if isinstance(file, io.BytesIO) else weakref.finalize(holder, file.close)


@dataclass(slots=True)
class BlobStore:
    """Blobs with a count of their holders."""

    _blobs: dict[str, Blob] = field(default_factory=dict)
    _holders: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Count the blobs that somebody holds."""
        return len(self._blobs)

    def __contains__(self, digest: str) -> bool:
        """Tell whether somebody holds *digest*."""
        return digest in self._blobs

    def hold(self, blob: Blob) -> Blob:
        """Add one holder of *blob*; equal bytes already stored are used instead."""
        kept = self._blobs.setdefault(blob.digest, blob)
        self._holders[blob.digest] = self._holders.get(blob.digest, 0) + 1
        return kept

    def get(self, digest: str) -> Blob:
        """Return the blob of *digest*; raises KeyError when nobody holds it."""
        return self._blobs[digest]

    def release(self, digest: str) -> None:
        """Take one holder away; the last one takes the bytes along."""
        left = self._holders[digest] - 1
        if left:
            self._holders[digest] = left
        else:
            del self._holders[digest], self._blobs[digest]
