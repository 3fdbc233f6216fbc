"""Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2), written and walked."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = struct.Struct(">I4s")
HEADER_BYTES = _HEADER.size


class Box(NamedTuple):
    kind: bytes
    start: int  # offset of the box's own header
    body: int
    end: int


def box_header(kind: bytes, body_bytes: int) -> bytes:
    return _HEADER.pack(HEADER_BYTES + body_bytes, kind)


def box(kind: bytes, *body: bytes) -> bytes:
    return box_header(kind, sum(map(len, body))) + b"".join(body)


def full_box(kind: bytes, version: int, flags: int, *body: bytes) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *body)


def walk(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The boxes side by side in `data[start:end]`; one that runs past the end, or claims no size, ends the walk."""
    end = len(data) if end is None else end
    while start + HEADER_BYTES <= end:
        size, kind = _HEADER.unpack_from(data, start)
        if size < HEADER_BYTES or start + size > end:
            return
        yield Box(kind, start, start + HEADER_BYTES, start + size)
        start += size


def find(data: bytes, *path: bytes) -> Box | None:
    """The first box at a path such as `moov`, `trak`, `mdia`; only plain containers on the way."""
    start, end = 0, len(data)
    found: Box | None = None
    for kind in path:
        found = next((one for one in walk(data, start, end) if one.kind == kind), None)
        if found is None:
            return None
        start, end = found.body, found.end
    return found
