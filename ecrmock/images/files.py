"""The files of a folder or tar archive that nobody vouches for, read one piece at a time.

Nothing is unpacked. A name or link that leads outside is refused, as is what is no plain file.
"""

from __future__ import annotations

import os
import posixpath
import stat
import tarfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from ecrmock.core.errors import UsageError
from ecrmock.images.tarballs import CHUNK, GZIP_MAGIC, ZSTD_MAGIC

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED: Final = (
    "accepted are an OCI image layout and what `docker save` writes, each as a folder, as a tar "
    "file or as a tar file packed with gzip"
)
MAX_MEMBERS: Final = 100_000
"""Assumed: more than this in one archive is no image."""
LEAST_LIMIT: Final = 1 << 30
MOST_RATIO: Final = 200
"""Assumed: a packed archive that grows beyond a gibibyte and 200 times its size is no image."""

_MOST_EXTENDED: Final = 1 << 20  # of a header that says more of the entry behind it
_EXTENDED: Final = frozenset(
    {
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    }
)
_SHOWN: Final = 10
_BROKEN: Final = (
    *(tarfile.TarError, zlib.error, OSError, EOFError),
    *(ValueError, ArithmeticError, LookupError, RecursionError),
)
"""What Python's readers raise over archives that are damaged on purpose."""
_OTHERS: Final = (
    (ZSTD_MAGIC, "is packed with zstd"),
    (b"BZh", "is packed with bzip2"),
    (b"\xfd7zXZ\0", "is packed with xz"),
    (b"PK\x03\x04", "is a zip file"),
)


class Files(ABC):
    """A tree of files, named from its top with forward slashes."""

    def __init__(self, where: str) -> None:
        self.where = where

    @abstractmethod
    def has(self, name: str) -> bool:
        """Tell whether something of that name is there, a file or not."""

    @abstractmethod
    def top(self) -> list[str]:
        """Return the names at the top, sorted."""

    @abstractmethod
    def _open(self, name: str) -> IO[bytes]:
        """Open a plain file; raises UsageError, or what is in `_BROKEN`."""

    def pieces(self, name: str) -> Iterator[bytes]:
        """Walk the bytes of a file in pieces of at most one mebibyte.

        Raises:
            UsageError: there is no such file here, or it cannot be read.
        """
        clean = self._clean(name)
        try:
            with self._open(clean) as stream:
                while piece := stream.read(CHUNK):
                    yield piece
        except UsageError:
            raise
        except _BROKEN as error:
            raise self.refuse(f"{name!r} cannot be read: {error}") from error

    def read(self, name: str, most_bytes: int) -> bytes:
        """Return a file whole.

        Raises:
            UsageError: see `pieces`; or it is larger than *most_bytes*.
        """
        data = b""
        for piece in self.pieces(name):
            data += piece
            if len(data) > most_bytes:
                raise self.refuse(f"{name!r} is larger than the {most_bytes} bytes that it may be")
        return data

    def refuse(self, found: str) -> UsageError:
        """Return an error that says what was found, and what is accepted."""
        return UsageError(f"{self.where}: {found}; {ACCEPTED}")

    def show_top(self) -> str:
        """Say what is at the top, for an error."""
        names = self.top()
        more = ["..."] if len(names) > _SHOWN else []
        return ", ".join([repr(name) for name in names[:_SHOWN]] + more) or "nothing"

    def _clean(self, name: str) -> str:
        """Return a name without its empty parts; refuse one that leads outside."""
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or "\0" in name:
            raise self.refuse(f"it names {name!r}, which is outside of it")
        return "/".join(part for part in parts if part not in ("", "."))


class Folder(Files):
    """A folder on disk."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._root = path.resolve()

    def has(self, name: str) -> bool:
        """Tell whether something of that name is there, a file or not."""
        return os.path.lexists(self._root / self._clean(name))

    def top(self) -> list[str]:
        """Return the names at the top, sorted."""
        return sorted(each.name for each in self._root.iterdir())

    def _open(self, name: str) -> IO[bytes]:
        path = self._root / name
        try:
            real = path.resolve(strict=True)
        except FileNotFoundError:
            raise self.refuse(f"{name!r} is missing") from None
        except (OSError, RuntimeError) as error:  # links in a circle; before 3.13 the latter
            raise self.refuse(f"{name!r} leads nowhere: {error}") from None
        if not real.is_relative_to(self._root):
            raise self.refuse(f"{name!r} is a link that leads outside of it")
        if not stat.S_ISREG(real.stat().st_mode):
            raise self.refuse(f"{name!r} is no plain file")
        return real.open("rb")


class _Header(tarfile.TarInfo):
    """A header whose sizes are looked at before anything is done with them."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _Header:
        """Read a header; raises ReadError for sizes that would make the reader run wild."""
        header = super().frombuf(buf, encoding, errors)
        if header.size < 0 or (header.type in _EXTENDED and header.size > _MOST_EXTENDED):
            raise tarfile.ReadError(f"an entry with a size of {header.size} bytes")
        return header


class Archive(Files):
    """A tar file, not packed."""

    def __init__(self, where: str, stream: IO[bytes]) -> None:
        super().__init__(where)
        self._members: dict[str, tarfile.TarInfo] = {}
        try:
            self._tar = tarfile.open(fileobj=stream, mode="r:", tarinfo=_Header)  # noqa: SIM115 - as long as the stream
            self._read_all()
        except UsageError:
            raise
        except _BROKEN as error:
            raise self.refuse(f"it is no tar file that can be read: {error}") from error

    def has(self, name: str) -> bool:
        """Tell whether something of that name is there, a file or not."""
        return self._clean(name) in self._members

    def top(self) -> list[str]:
        """Return the names at the top, sorted."""
        return sorted({name.partition("/")[0] for name in self._members})

    def _read_all(self) -> None:
        """Note what is where; of two entries with one name the last counts, as in unpacking."""
        last = -1
        while (member := self._tar.next()) is not None:
            if member.size < 0 or member.offset <= last:
                raise self.refuse(f"the entry {member.name!r} leads backwards")
            last = member.offset
            self._members[self._clean(member.name)] = member
            if len(self._members) > MAX_MEMBERS:
                raise self.refuse(f"it has more than {MAX_MEMBERS} entries")

    def _open(self, name: str) -> IO[bytes]:
        member = self._follow(name)
        stream = self._tar.extractfile(member) if member.isreg() and not member.issparse() else None
        if stream is None:
            raise self.refuse(f"{name!r} is no plain file")
        return stream

    def _follow(self, name: str) -> tarfile.TarInfo:
        """Return the entry of a name behind any links."""
        seen: set[str] = set()
        at = name
        while True:
            member = self._members.get(at)
            if member is None:
                through = "" if at == name else f", which {name!r} links to,"
                raise self.refuse(f"{at!r}{through} is missing")
            if not member.issym() and not member.islnk():
                return member
            seen.add(at)
            base = posixpath.dirname(at) if member.issym() else ""
            at = posixpath.normpath(posixpath.join(base, member.linkname))
            if at.startswith(("/", "../")) or at == "..":
                raise self.refuse(f"{name!r} is a link that leads outside of it")
            if at in seen:
                raise self.refuse(f"{name!r} is a link that leads in a circle")


@contextmanager
def open_tree(path: Path) -> Iterator[Files]:
    """Give the files of a folder, a tar file, or a tar file packed with gzip.

    Raises:
        UsageError: *path* is none of them.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            folder = Folder(path)
        elif stat.S_ISREG(mode):
            stream = path.open("rb")
        else:
            raise UsageError(f"{path}: it is neither a file nor a folder; {ACCEPTED}")
    except (OSError, ValueError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"{path}: it cannot be opened: {error}; {ACCEPTED}") from error
    if stat.S_ISDIR(mode):
        yield folder
        return
    with stream, _unpacked(str(path), stream) as plain:
        yield Archive(str(path), plain)


@contextmanager
def _unpacked(where: str, stream: IO[bytes]) -> Iterator[IO[bytes]]:
    """Give what is inside of gzip, from a file without a name, or the stream itself."""
    start = stream.read(8)
    stream.seek(0)
    for magic, found in _OTHERS:
        if start.startswith(magic):
            raise UsageError(f"{where}: it {found}; {ACCEPTED}")
    if not start.startswith(GZIP_MAGIC):
        yield stream
        return
    import gzip
    import tempfile

    limit = max(LEAST_LIMIT, MOST_RATIO * os.fstat(stream.fileno()).st_size)
    with tempfile.TemporaryFile() as plain:
        try:
            with gzip.GzipFile(fileobj=stream) as packed:
                while piece := packed.read(CHUNK):
                    plain.write(piece)
                    if plain.tell() > limit:
                        raise UsageError(f"{where}: it grows beyond {limit} bytes; {ACCEPTED}")
        except (zlib.error, EOFError, gzip.BadGzipFile) as error:
            raise UsageError(f"{where}: its gzip is damaged: {error}; {ACCEPTED}") from error
        plain.seek(0)
        yield plain
