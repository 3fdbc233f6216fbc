"""What of a span is really recorded: a lock keeps what is there, and brings nothing back."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from foundation.errors import VedetteError
from ingest.footage.index import FootageIndex
from ingest.footage.intervals import Interval, merged

_STREAMS: Final = ("main", "sub", "audio")
_log = structlog.get_logger()


class Recorded(NamedTuple):
    """Of all streams the bytes, of the main stream the spans. `is_whole` is False where a disk did not answer."""

    size_bytes: int
    spans: list[Interval]
    is_whole: bool

    @property
    def covered_us(self) -> int:
        return sum(end - start for start, end in self.spans)


def recorded(disks: Iterable[Path], camera_id: str, start_us: int, end_us: int) -> Recorded:
    size_bytes, spans, is_whole = 0, [], True
    for disk in disks:
        index = FootageIndex(disk)
        try:
            size_bytes += sum(index.size_bytes(camera_id, stream, start_us, end_us) for stream in _STREAMS)
            spans += index.coverage(camera_id, "main", start_us, end_us)
        except VedetteError as error:
            _log.error("footage_index_unreadable", disk=str(disk), error=str(error))
            is_whole = False
    return Recorded(size_bytes, merged(spans), is_whole)
