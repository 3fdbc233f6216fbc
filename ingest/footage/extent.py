"""How much one disk holds of a camera within a span, all its streams, asked without reading what is in the files."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from foundation.clock import US_PER_S
from ingest.footage.index import FILE_NAME, check_version, database_error
from ingest.footage.intervals import Interval, merged, without

_STREAMS: Final = ("main", "sub", "audio")
_LONGEST_US: Final = 3600 * US_PER_S  # no segment is longer, so that the index by time needs to be read no further back
_JOINT_US: Final = US_PER_S // 4  # neighbours that close together are one span
_SEGMENTS: Final = (
    "SELECT start_us, start_us + duration_us, bytes FROM segment WHERE camera_id = ? AND stream = ?"
    " AND start_us > ? AND start_us < ? AND start_us + duration_us > ?"
)
_GAPS: Final = "SELECT start_us, end_us FROM gap WHERE camera_id = ? AND stream = ? AND start_us < ? AND end_us > ?"


class Extent(NamedTuple):
    size_bytes: int  # of the files that hold any of it, whole
    main: list[Interval]  # what was recorded of the main stream within the span, without the gaps


NOTHING: Final = Extent(0, [])


def extent(disk: Path, camera_id: str, start_us: int, end_us: int) -> Extent:
    """Raises `DatabaseError` for an index that cannot be read; no index is no footage."""
    file = disk / FILE_NAME
    if not file.exists():
        return NOTHING
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
            if check_version(connection, file) == 0:
                return NOTHING
            found = {stream: _segments(connection, camera_id, stream, start_us, end_us) for stream in _STREAMS}
            gaps = connection.execute(_GAPS, (camera_id, "main", end_us, start_us)).fetchall()
    except sqlite3.Error as error:
        raise database_error(file, error) from error
    clipped = [(max(start, start_us), min(end, end_us)) for start, end, _ in found["main"]]
    size_bytes = sum(size for rows in found.values() for _, _, size in rows)
    return Extent(size_bytes, without(merged(clipped, _JOINT_US), gaps))


def _segments(
    connection: sqlite3.Connection, camera_id: str, stream: str, start_us: int, end_us: int
) -> list[tuple[int, int, int]]:
    return connection.execute(_SEGMENTS, (camera_id, stream, start_us - _LONGEST_US, end_us, start_us)).fetchall()
