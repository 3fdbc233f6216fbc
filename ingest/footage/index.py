"""The footage index of one disk, for readers (`schema.sql` tells what its columns mean)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.clock import US_PER_S
from foundation.errors import DatabaseError, DiskFull, NewerDatabase, NotFound
from ingest.footage.intervals import Interval, merged, without

FILE_NAME = "footage.sqlite3"
SCHEMA_VERSION = 2
_LONGEST_US = 3600 * US_PER_S  # no segment is longer: they are cut at the first keyframe after a minute or so
_JOINT_US = US_PER_S // 4  # neighbours that close together are one span
_SEGMENT_COLUMNS = (
    "id, camera_id, stream, fence, n, codec_id, path, start_us, duration_us, media_duration_90k, bytes, fragments,"
    " keyframes, sha256, complete"
)


@dataclass(slots=True, frozen=True)
class Segment:
    id: int
    camera_id: str
    stream: str
    fence: int
    n: int
    codec_id: int
    path: str  # relative to the disk
    start_us: int
    duration_us: int
    media_duration_90k: int
    size_bytes: int  # of the file, as far as it is whole fragments
    fragments: int
    keyframes: tuple[tuple[int, int], ...]  # offset_us within the segment, byte offset of the fragment
    sha256: bytes
    complete: bool

    @property
    def end_us(self) -> int:
        return self.start_us + self.duration_us


@dataclass(slots=True, frozen=True)
class Gap:
    camera_id: str
    stream: str
    start_us: int
    end_us: int
    cause: str


@dataclass(slots=True, frozen=True)
class CodecRow:
    id: int
    codec: str
    rfc6381: str
    width: int
    height: int
    init: bytes


class FootageIndex:
    """Opens the file anew for each question, so that it may be shared between threads. No file: no footage."""

    def __init__(self, disk: Path) -> None:
        self.disk = disk
        self._file = disk / FILE_NAME

    def segments(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[Segment]:
        """Those that overlap [start_us, end_us), by start and fence; overlapping ones are all given."""
        rows = self._rows(
            f"SELECT {_SEGMENT_COLUMNS} FROM segment WHERE camera_id = ? AND stream = ?"  # noqa: S608, a constant
            " AND start_us > ? AND start_us < ? AND start_us + duration_us > ? ORDER BY start_us, fence, n",
            (camera_id, stream, start_us - _LONGEST_US, end_us, start_us),
        )
        return [read_segment(row) for row in rows]

    def segment_at(self, camera_id: str, stream: str, at_us: int) -> Segment | None:
        """The one that holds the moment; of several, that of the highest fence."""
        found = self.segments(camera_id, stream, at_us, at_us + 1)
        return max(found, key=lambda segment: (segment.fence, segment.n), default=None)

    def gaps(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[Gap]:
        rows = self._rows(
            "SELECT camera_id, stream, start_us, end_us, cause FROM gap WHERE camera_id = ? AND stream = ?"
            " AND start_us < ? AND end_us > ? ORDER BY start_us",
            (camera_id, stream, end_us, start_us),
        )
        return [Gap(*row) for row in rows]

    def coverage(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[Interval]:
        """The spans within [start_us, end_us) that were recorded, without the gaps."""
        spans = ((one.start_us, one.end_us) for one in self.segments(camera_id, stream, start_us, end_us))
        clipped = [(max(start, start_us), min(end, end_us)) for start, end in spans]
        missing = [(gap.start_us, gap.end_us) for gap in self.gaps(camera_id, stream, start_us, end_us)]
        return without(merged(clipped, _JOINT_US), missing)

    def codec(self, codec_id: int) -> CodecRow:
        rows = self._rows("SELECT id, codec, rfc6381, width, height, init FROM codec WHERE id = ?", (codec_id,))
        if not rows:
            raise NotFound(f"there is no codec {codec_id}.", where=str(self._file))
        return CodecRow(*rows[0])

    def next_n(self, camera_id: str, stream: str, fence: int) -> int:
        statement = "SELECT max(n) FROM segment WHERE camera_id = ? AND stream = ? AND fence = ?"
        rows = self._rows(statement, (camera_id, stream, fence))
        return 0 if not rows or rows[0][0] is None else int(rows[0][0]) + 1

    def last_end_us(self, camera_id: str, stream: str) -> int | None:
        """Up to where footage, or the reason for its absence, is known."""
        rows = self._rows(
            "SELECT max(end_us) FROM (SELECT end_us FROM gap WHERE camera_id = :camera_id AND stream = :stream"
            " UNION ALL SELECT end_us FROM (SELECT start_us + duration_us AS end_us FROM segment"
            " WHERE camera_id = :camera_id AND stream = :stream ORDER BY start_us DESC LIMIT 1))",
            {"camera_id": camera_id, "stream": stream},
        )
        return rows[0][0] if rows else None

    def newest_start_us(self, camera_id: str, stream: str) -> int | None:
        """Start of the stream's last segment."""
        rows = self._rows("SELECT max(start_us) FROM segment WHERE camera_id = ? AND stream = ?", (camera_id, stream))
        return rows[0][0] if rows else None

    def streams(self) -> list[tuple[str, str, int, int, int, int]]:
        """For each camera and stream: segments, bytes, first start, last end."""
        return self._rows(
            "SELECT camera_id, stream, count(*), sum(bytes), min(start_us), max(start_us + duration_us)"
            " FROM segment GROUP BY camera_id, stream ORDER BY camera_id, stream",
            (),
        )

    def _rows(self, statement: str, values: Sequence[Any] | dict[str, Any]) -> list[Any]:
        if not self._file.exists():
            return []
        try:
            address = f"{self._file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
                if check_version(connection, self._file) == 0:
                    return []  # the recorder is about to make its tables
                return connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise database_error(self._file, error) from error


def check_version(connection: sqlite3.Connection, file: Path) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise NewerDatabase(
            f"written by a newer version (schema {version}, known is {SCHEMA_VERSION}).",
            where=str(file),
            mend="Install the version that wrote it, or a later one.",
        )
    return version


def database_error(file: Path, error: sqlite3.Error) -> DatabaseError | DiskFull:
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return DiskFull("no space is left for the footage index.", where=str(file), mend="Free space on this disk.")
    return DatabaseError(
        f"the footage index cannot be used: {error}.",
        where=str(file),
        mend="If it is damaged, stop the recorder and move it away; it is made anew from the files.",
    )


def read_segment(row: Sequence[Any]) -> Segment:
    *head, keyframes, sha256, complete = row
    places = tuple((offset_us, at) for offset_us, at in json.loads(keyframes))
    values: list[Any] = [*head, places, sha256, bool(complete)]
    return Segment(*values)
