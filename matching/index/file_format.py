"""The index file: a header of sections with lengths and checksums; written beside, synced and renamed as a whole.

Little-endian: magic (8 bytes), format (u16), sections (u16), identity (16 bytes), then per section name (16 bytes),
offset and length (u64) and CRC-32 (u32); the last four bytes of the first page are the CRC-32 of what stands before.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from foundation.errors import FileMissing, InvalidInput
from foundation.files import sync_folder, write_error

FORMAT = 1
_MAGIC = b"VDTINDEX"
_HEAD, _SECTION, _CHECK = struct.Struct("<8sHH16s"), struct.Struct("<16sQQI"), struct.Struct("<I")
_PAGE = 4096
_READ_BYTES = 4 << 20
_BUILD = "Build it anew with `vedette match index build`."


@dataclass(slots=True)
class SectionWriter:
    """One section, written from its start to its end, while others may be written at other places of the file."""

    descriptor: int
    name: str
    offset: int
    length: int = 0
    crc: int = 0

    def write(self, data: bytes | memoryview) -> None:
        view = memoryview(data).cast("B")
        at = 0
        while at < len(view):
            at += os.pwrite(self.descriptor, view[at:], self.offset + self.length + at)
        self.crc = zlib.crc32(view, self.crc)
        self.length += len(view)


class OutFile:
    """The file while it is written, under a temporary name."""

    def __init__(self, descriptor: int) -> None:
        self.identity = uuid.uuid4().bytes
        self._descriptor = descriptor
        self._sections: list[SectionWriter] = []
        self._end = _PAGE

    def section(self, name: str, expected_bytes: int | None = None) -> SectionWriter:
        """The next section; with a length that is known, the one after it may begin before it is complete."""
        if self._sections:
            last = self._sections[-1]
            self._end = max(self._end, last.offset + last.length)
        writer = SectionWriter(self._descriptor, name, -(-self._end // 64) * 64)
        self._end = writer.offset + (expected_bytes or 0)
        self._sections.append(writer)
        return writer

    def finish(self) -> None:
        last = self._sections[-1]
        os.ftruncate(self._descriptor, last.offset + last.length)
        page = _HEAD.pack(_MAGIC, FORMAT, len(self._sections), self.identity)
        for it in self._sections:
            page += _SECTION.pack(it.name.encode(), it.offset, it.length, it.crc)
        page = page.ljust(_PAGE - _CHECK.size, b"\0")
        os.pwrite(self._descriptor, page + _CHECK.pack(zlib.crc32(page)), 0)
        os.fsync(self._descriptor)


@contextmanager
def writing(path: Path) -> Iterator[OutFile]:
    """The file appears under its name when it is complete and on the disk, or not at all.

    Only an index is ever replaced: `InvalidInput` if another file bears the name.
    """
    if path.exists() and not is_index(path):
        raise InvalidInput(
            "a file that is no index stands there.", where=str(path), mend="Name another one, or move it away."
        )
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o640)
        try:
            out = OutFile(descriptor)
            yield out
            out.finish()
        finally:
            os.close(descriptor)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def is_index(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is whole, in memory as the operating system maps it."""

    path: Path
    inode: int
    identity: str
    bytes: int
    sections: dict[str, memoryview]


def open_file(path: Path, *, checked: bool = False) -> Opened:
    """Map the file and check every section, or `FileMissing` or `InvalidInput`.

    `checked`: the process that hands the file on has just done so.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size < _PAGE:
                raise _refused(path, "the file is too short to be an index.")
            mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            identity, sections = _sections(path, mapped, None if checked else file.fileno())
    except FileNotFoundError as error:
        raise FileMissing("no such index.", where=str(path), mend=_BUILD) from error
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}.", where=str(path)) from error
    return Opened(path, status.st_ino, identity, status.st_size, sections)


def _sections(path: Path, mapped: memoryview, descriptor: int | None) -> tuple[str, dict[str, memoryview]]:
    magic, written, count, identity = _HEAD.unpack_from(mapped)
    if magic != _MAGIC:
        raise _refused(path, "the file is not an index of references.")
    if written > FORMAT:
        raise InvalidInput(
            f"format {written} was written by a newer version of Vedette.", where=str(path), mend="Upgrade this one."
        )
    if zlib.crc32(mapped[: _PAGE - _CHECK.size]) != _CHECK.unpack_from(mapped, _PAGE - _CHECK.size)[0]:
        raise _refused(path, "the header is damaged.")
    if sys.byteorder != "little":
        raise InvalidInput("an index is read on little-endian machines only.", where=str(path))
    sections = {}
    for at in range(count):
        name, offset, length, crc = _SECTION.unpack_from(mapped, _HEAD.size + at * _SECTION.size)
        text = name.rstrip(b"\0").decode()
        if offset + length > len(mapped):
            raise _refused(path, f"the file is cut off within its section {text}.")
        sections[text] = mapped[offset : offset + length]
        if descriptor is not None and _crc(descriptor, offset, length) != crc:
            raise _refused(path, f"the section {text} is damaged.")
    return identity.hex(), sections


def _crc(descriptor: int, offset: int, length: int) -> int:
    """Read, not mapped: pages of the map would count as this process's memory from then on."""
    crc, end = 0, offset + length
    while offset < end and (chunk := os.pread(descriptor, min(_READ_BYTES, end - offset), offset)):
        crc, offset = zlib.crc32(chunk, crc), offset + len(chunk)
    return crc


def _refused(path: Path, what: str) -> InvalidInput:
    return InvalidInput(what, where=str(path), mend=_BUILD)
