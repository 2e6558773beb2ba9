"""The bytes of layers: tar archives in a gzip frame, the same on every machine.

What a compressor finds differs between versions of zlib, so the frames that are made here hold
their content as it is. Source: RFC 1951 and 1952; OCI image specification, layers.
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from ecrmock.core.blobs import BlobWriter

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
CHUNK: Final = 1 << 20
"""How many bytes are held in memory at once."""

_GZIP: Final = 16 + zlib.MAX_WBITS
_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no time, no name, system unknown
_MOST_STORED: Final = 0xFFFF
_FILLER: Final = "filler"
_OVERHEAD: Final = 3 * tarfile.BLOCKSIZE + len(_HEADER) + 8 + 10
"""What a layer of one file at the top adds to it, but for five bytes in each block of gzip."""


class Layer(NamedTuple):
    """A layer that is ready: its blob, the digest of what is inside, and how the blob begins."""

    blob: BlobWriter
    diff_id: str
    start: bytes


class _Frame:
    """A gzip frame around what is written, with the digest of that."""

    def __init__(self) -> None:
        self.blob = BlobWriter()
        self._hash = hashlib.sha256()
        self._crc = self._size = 0
        self.blob.write(_HEADER)

    def write(self, data: bytes) -> None:
        """Add *data*."""
        self._hash.update(data)
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        pieces = [data[at : at + _MOST_STORED] for at in range(0, len(data), _MOST_STORED)]
        self.blob.write(b"".join(_stored(piece, is_last=False) for piece in pieces))

    def finish(self) -> Layer:
        """Close the frame and return what it is."""
        trailer = struct.pack("<II", self._crc, self._size & 0xFFFFFFFF)
        self.blob.write(_stored(b"", is_last=True) + trailer)
        return Layer(self.blob, "sha256:" + self._hash.hexdigest(), _HEADER)


class Packed:
    """Packs an archive, piece by piece, into a blob as `docker push` does."""

    def __init__(self, blob: BlobWriter) -> None:
        self._blob = blob
        self._hash = hashlib.sha256()
        self._deflate = zlib.compressobj(wbits=_GZIP)  # without a time or a name

    def write(self, data: bytes) -> None:
        """Add a piece."""
        self._hash.update(data)
        self._blob.write(self._deflate.compress(data))

    def finish(self) -> str | None:
        """Write what is left, and return the digest of the archive."""
        self._blob.write(self._deflate.flush())
        return "sha256:" + self._hash.hexdigest()


class Unpacked:
    """Copies a gzip frame, piece by piece, into a blob, and looks inside."""

    def __init__(self, blob: BlobWriter) -> None:
        self._blob = blob
        self._hash = hashlib.sha256()
        self._inflate = zlib.decompressobj(_GZIP)

    def write(self, data: bytes) -> None:
        """Add a piece; raises zlib.error when the frame is damaged."""
        self._blob.write(data)
        while data:
            if self._inflate.eof:
                data = data.lstrip(b"\0")
                if not data:
                    return
                self._inflate = zlib.decompressobj(_GZIP)  # a frame may follow another
            inflate = self._inflate
            self._hash.update(inflate.decompress(data, CHUNK))
            data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail

    def finish(self) -> str | None:
        """Return the digest of the archive, or None when the frame is not whole."""
        self._hash.update(self._inflate.flush())
        return "sha256:" + self._hash.hexdigest() if self._inflate.eof else None


def of_files(files: Mapping[str, bytes], mtime: int) -> Layer:
    """Make a layer of files, path -> content, each folder before what is in it.

    All of it belongs to user 0 and group 0 and has *mtime*, in seconds since the epoch.
    """
    contents = {path.strip("/"): data for path, data in files.items()}
    folders = {str(above) for path in contents for above in PurePosixPath(path).parents} - {"."}
    frame = _Frame()
    for path in sorted(folders | set(contents)):
        data = contents.get(path)
        _add(frame, path, None if data is None else len(data), (data or b"",), mtime)
    return _end(frame)


def of_size(seed: str, size_bytes: int, mtime: int) -> Layer:
    """Make a layer whose blob has about *size_bytes* and cannot be compressed.

    Equal seeds give equal bytes. What does not fit in memory is kept in a file.
    """
    room = max(0, size_bytes - _OVERHEAD)
    size = room * _MOST_STORED // (_MOST_STORED + len(_stored(b"", is_last=False)))
    frame = _Frame()
    _add(frame, _FILLER, size, _noise(seed, size), mtime)
    return _end(frame)


def of_blob(data: bytes) -> Layer:
    """Take a finished layer as it is; what is no gzip counts as the archive itself."""
    blob = BlobWriter()
    blob.write(data)
    diff_id = None
    if data.startswith(GZIP_MAGIC):
        with suppress(zlib.error):  # it only begins like gzip
            diff_id = _inside(data)
    return Layer(blob, diff_id or blob.digest, data[: len(ZSTD_MAGIC)])


def _inside(packed: bytes) -> str | None:
    unpacked = Unpacked(BlobWriter())
    unpacked.write(packed)
    return unpacked.finish()


def _stored(piece: bytes, *, is_last: bool) -> bytes:
    """Return a block of deflate that holds *piece* as it is."""
    return struct.pack("<BHH", is_last, len(piece), len(piece) ^ _MOST_STORED) + piece


def _add(frame: _Frame, path: str, size: int | None, pieces: Iterable[bytes], mtime: int) -> None:
    """Add one entry; a folder where *size* is None."""
    member = tarfile.TarInfo(path if size is not None else f"{path}/")
    member.type = tarfile.DIRTYPE if size is None else tarfile.REGTYPE
    member.mode = 0o755 if size is None else 0o644
    member.size, member.mtime = size or 0, mtime
    frame.write(member.tobuf(tarfile.PAX_FORMAT, "utf-8", "strict"))
    for piece in pieces:
        frame.write(piece)
    frame.write(b"\0" * (-member.size % tarfile.BLOCKSIZE))


def _end(frame: _Frame) -> Layer:
    frame.write(b"\0" * 2 * tarfile.BLOCKSIZE)
    return frame.finish()


def _noise(seed: str, size: int) -> Iterable[bytes]:
    for at in range(0, size, CHUNK):
        yield hashlib.shake_256(f"{seed}:{at}".encode()).digest(min(CHUNK, size - at))
