"""Files and rows of a disk side by side, an hour at a time: bounded memory, and both are read as they lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest.footage.check.folders import HOUR_US, Folders
from ingest.footage.index_reader import IndexReader
from ingest.footage.segment_file import SegmentName


class Pair(NamedTuple):
    path: str
    start_us: int | None  # None: of no segment
    fits: bool  # row and file are both there, complete and equally long


def pairs(folders: Folders, reader: IndexReader, since_us: int = 0, until_us: int = 1 << 62) -> Iterator[Pair]:
    """Everything that starts within [since_us, until_us), by the hour; within one by start, what has no row last."""
    hour_us = _next_hour(folders, reader, since_us)
    while hour_us is not None and hour_us < until_us:
        yield from _hour(folders, reader, hour_us, since_us, until_us)
        hour_us = _next_hour(folders, reader, hour_us + HOUR_US)


def _next_hour(folders: Folders, reader: IndexReader, at_us: int) -> int | None:
    at_us -= at_us % HOUR_US
    of_rows, of_files = reader.next_start_us(at_us), folders.next_hour_us(at_us)
    hours = [one - one % HOUR_US for one in (of_rows, of_files) if one is not None]
    return min(hours, default=None)


def _hour(folders: Folders, reader: IndexReader, hour_us: int, since_us: int, until_us: int) -> Iterator[Pair]:
    files = {found.path: found.size_bytes for found in folders.hour(hour_us)}
    for row in reader.rows(hour_us, min(hour_us + HOUR_US, until_us)):
        size = files.pop(row.path, None)
        if row.start_us >= since_us:
            yield Pair(row.path, row.start_us, row.complete and size == row.size_bytes)
    for path in files:
        name = SegmentName.parse(path)
        start_us = name.start_us if name else None
        if start_us is None or since_us <= start_us < until_us:
            yield Pair(path, start_us, fits=False)
