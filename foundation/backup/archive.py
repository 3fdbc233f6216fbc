"""The container of a backup: a tar archive (POSIX ustar) of small members, written and read front to back.

The reader takes nothing but what the writer writes, byte for byte: a header is computed anew from its name, size and
time and must be the same. So no member can lie about itself, and no change goes unseen.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Protocol

from foundation.errors import InvalidInput

_BLOCK = 512
_END = bytes(2 * _BLOCK)
MEMBER_LIMIT = 64 << 20  # bytes; the writer stays far below, so a larger one is damage


class Source(Protocol):
    def read(self, size: int, /) -> bytes:
        """So many bytes; fewer only at the end."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    data: bytes
    offset: int  # of its header, in bytes from the archive's start
    before: str  # SHA-256 of everything before its header


class Damaged(InvalidInput):
    """The archive is not as it was written."""


class ArchiveWriter:
    def __init__(self, file: IO[bytes], time_s: int) -> None:
        self._file = file
        self._time_s = time_s
        self._digest = hashlib.sha256()
        self.size_bytes = 0

    @property
    def digest(self) -> str:
        """SHA-256 of everything written so far."""
        return self._digest.hexdigest()

    def add(self, name: str, data: bytes) -> None:
        if len(data) > MEMBER_LIMIT:
            raise InvalidInput(
                f"a member of {len(data)} bytes is too large for a backup.", where=name, mend="Look for a huge row."
            )
        self._write(_header(name, len(data), self._time_s))
        self._write(data)
        self._write(bytes(-len(data) % _BLOCK))

    def close(self) -> None:
        """End the archive; the file stays open."""
        self._write(_END)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size_bytes += len(data)


def members(source: Source, where: str) -> Iterator[Member]:
    """Every member in turn; raises `Damaged` where the archive is not as written, or goes on after its end."""
    digest = hashlib.sha256()
    offset = 0
    while True:
        header = _read(source, _BLOCK, where, offset)
        if header == bytes(_BLOCK):
            break
        name, size = _described(header, where, offset)
        before = digest.hexdigest()
        body = _read(source, size + -size % _BLOCK, where, offset + _BLOCK)
        if any(body[size:]):
            raise damaged(where, offset + _BLOCK + size)
        digest.update(header)
        digest.update(body)
        yield Member(name, body[:size], offset, before)
        offset += _BLOCK + len(body)
    if _read(source, _BLOCK, where, offset + _BLOCK) != bytes(_BLOCK) or source.read(1):
        raise damaged(where, offset + _BLOCK)


def damaged(where: str, offset: int, what: str = "the backup is damaged") -> Damaged:
    return Damaged(
        f"{what} at byte {offset}.", where=where, mend="Copy it anew from where it was written, or take another backup."
    )


def _read(source: Source, size: int, where: str, offset: int) -> bytes:
    data = source.read(size)
    if len(data) < size:
        raise damaged(where, offset + len(data), "the backup ends too early,")
    return data


def _described(header: bytes, where: str, offset: int) -> tuple[str, int]:
    try:
        name = header[:100].rstrip(b"\0").decode("ascii")
        size, time_s = (int(header[start : start + 11], 8) for start in (124, 136))
    except ValueError as error:
        raise damaged(where, offset) from error
    if size > MEMBER_LIMIT or size < 0 or time_s < 0 or _header(name, size, time_s) != header:
        raise damaged(where, offset)
    return name, size


def _header(name: str, size: int, time_s: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size, time_s, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")
