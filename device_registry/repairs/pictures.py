"""Pictures from outside, JPEG (ITU-T T.81) and PNG (ISO/IEC 15948): checked, and freed of what they tell beside the
picture.

A phone writes the place, the time and itself into a photo (Exif). None of it is kept but which way is up.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from foundation.errors import InvalidInput

MAX_BYTES: Final = 2 << 20
MAX_SIDE: Final = 8192  # pixels
_JPEG: Final = b"\xff\xd8\xff"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a length
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN, _END = 0xDA, 0xD9
# Tables and frames, and the colour transform that some pictures cannot be shown without (APP14).
_KEPT: Final = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDD, 0xE0, 0xEE})
_KEPT_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"})
_ORIENTATION: Final = 0x0112


@dataclass(frozen=True, slots=True)
class Picture:
    media_type: str
    content: bytes


def checked(content: bytes) -> Picture:
    """The picture without what it told beside itself.

    Raises `InvalidInput` for what is no JPEG or PNG, is cut short, or is larger than 2 MiB or 8192 pixels a side.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(f"the picture is larger than {MAX_BYTES >> 20} MiB.", mend="Make it smaller.")
    try:
        if content.startswith(_JPEG):
            return Picture("image/jpeg", _jpeg(content))
        if content.startswith(_PNG):
            return Picture("image/png", _png(content))
    except (struct.error, IndexError, ValueError):
        raise InvalidInput("the picture is damaged.", mend="Take or save it again.") from None
    raise InvalidInput("this is no JPEG or PNG picture.", mend="Save it as one of them.")


def _jpeg(content: bytes) -> bytes:
    parts = [b"\xff\xd8"]
    framed = False
    for marker, segment, data in _segments(content):
        if marker == 0xE1 and (orientation := _oriented(data)) is not None:
            parts.append(_exif(orientation))
        if marker in _FRAMES:
            framed = True
            _check_size(*struct.unpack_from(">HH", data, 1)[::-1])
        if marker in _KEPT:
            parts.append(segment)
        if marker == _SCAN:
            parts.append(segment)
    if not framed:
        raise ValueError("a JPEG has a frame")
    return b"".join(parts)


def _segments(content: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Marker, whole segment and its data, in turn; the scan, with all that follows it, is the last."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("a marker begins with FF")
        marker = content[at + 1]
        if marker in _ALONE:
            at += 2
            continue
        if marker == 0xFF:  # fill
            at += 1
            continue
        if marker == _END:
            raise ValueError("there is no scan")
        (length,) = struct.unpack_from(">H", content, at + 2)
        if length < 2 or at + 2 + length > len(content):
            raise ValueError("a segment is cut short")
        if marker == _SCAN:
            end = content.rfind(b"\xff\xd9")
            if end < at:
                raise ValueError("the picture has no end")
            yield marker, content[at : end + 2], b""
            return
        yield marker, content[at : at + 2 + length], content[at + 4 : at + 2 + length]
        at += 2 + length


def _oriented(data: bytes) -> int | None:
    """Which way is up, from Exif (CIPA DC-008, tag 0x0112); None where it does not say so, or makes no sense."""
    if not data.startswith(b"Exif\x00\x00"):
        return None
    order = {b"II": "<", b"MM": ">"}.get(data[6:8])
    if order is None:
        return None
    try:
        (offset,) = struct.unpack_from(f"{order}I", data, 10)
        (count,) = struct.unpack_from(f"{order}H", data, 6 + offset)
        for number in range(min(count, 64)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", data, 8 + offset + 12 * number)
            if (tag, kind) == (_ORIENTATION, 3):
                return int(value) if 1 < value <= 8 else None
    except struct.error:
        pass
    return None


def _exif(orientation: int) -> bytes:
    """An Exif segment that says which way is up, and nothing else."""
    directory = struct.pack(">HHHIHHI", 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    data = b"Exif\x00\x00MM\x00*" + struct.pack(">I", 8) + directory
    return b"\xff\xe1" + struct.pack(">H", len(data) + 2) + data


def _png(content: bytes) -> bytes:
    parts = [_PNG]
    at = len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise ValueError("a chunk is cut short")
        if (kind == b"IHDR") is not (len(parts) == 1):
            raise ValueError("the header comes first, and once")
        if kind == b"IHDR":
            _check_size(*struct.unpack_from(">II", content, at + 8))
        if kind in _KEPT_CHUNKS:
            parts.append(content[at:end])
        if kind == b"IEND":
            return b"".join(parts)
        at = end


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise InvalidInput(f"the picture is not 1 to {MAX_SIDE} pixels a side.", mend="Make it smaller.")
