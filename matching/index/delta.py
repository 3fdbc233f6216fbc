"""What happened to the references since the index was built: a file beside it, an entry each, synced before it counts.

An entry is the length of its JSON, that length's CRC-32 and the JSON's CRC-32 (u32 each), then the JSON. What a writer
that was killed left unfinished is shorter than its length says and is passed over; any other damage is refused.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from foundation.errors import InvalidInput
from foundation.files import write_error

_HEAD = struct.Struct("<III")
_LENGTH = struct.Struct("<I")
Entry = Mapping[str, Any]


def delta_path(index: Path, identity: str) -> Path:
    """Each build has a delta of its own, so that none is ever applied to another."""
    return index.with_name(f"{index.name}.{identity}.delta")


def encoded(entries: Iterable[Entry]) -> bytes:
    return b"".join(_encoded(entry) for entry in entries)


def _encoded(entry: Entry) -> bytes:
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
    length = _LENGTH.pack(len(text))
    return _HEAD.pack(len(text), zlib.crc32(length), zlib.crc32(text)) + text


def read(path: Path, start: int) -> tuple[list[Entry], int]:
    """The entries from a byte on, and the byte behind the last complete one. No file: no entries."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            content = file.read()
    except FileNotFoundError:
        return [], start
    entries: list[Entry] = []
    at = 0
    while len(content) - at >= _HEAD.size:
        length, of_length, of_text = _HEAD.unpack_from(content, at)
        if zlib.crc32(content[at : at + _LENGTH.size]) != of_length:
            raise _damaged(path, start + at)
        text = content[at + _HEAD.size : at + _HEAD.size + length]
        if len(text) < length:
            break
        if zlib.crc32(text) != of_text:
            raise _damaged(path, start + at)
        entries.append(json.loads(text))
        at += _HEAD.size + length
    return entries, start + at


def append(path: Path, end: int, entries: Iterable[Entry]) -> None:
    """Write behind the last complete entry, over what a killed writer may have left; back when it is on the disk."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            os.ftruncate(descriptor, end)
            data = encoded(entries)
            at = 0
            while at < len(data):
                at += os.pwrite(descriptor, data[at:], end + at)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise write_error(path, error) from error


def _damaged(path: Path, at: int) -> InvalidInput:
    return InvalidInput(
        "an entry is damaged.",
        where=f"{path}, byte {at}",
        mend="Build the index anew with `vedette match index build`.",
    )
