"""One byte range of a `Range` header (RFC 9110, 14.1 and 14.2)."""

from __future__ import annotations

import re
from typing import NamedTuple

_ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.IGNORECASE | re.ASCII)


class ByteRange(NamedTuple):
    start: int
    end: int  # exclusive


class UnsatisfiableRange(ValueError):
    """No byte of the content lies in the range: 416."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The range asked for; None for the whole, as also for several ranges or another unit, which may be ignored."""
    match = _ONE_RANGE.fullmatch(header) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    if start >= size or start >= end:
        raise UnsatisfiableRange
    return ByteRange(start, end)
