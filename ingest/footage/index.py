"""The footage index of one disk, for readers (`schema.sql` tells what its columns mean)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from foundation.clock import US_PER_S
from foundation.errors import DatabaseError, DiskFull, NewerDatabase, NotFound
from ingest.footage import questions
from ingest.footage.intervals import Interval, merged, without

FILE_NAME = "footage.sqlite3"
SCHEMA_VERSION = 2
_LONGEST_US = 3600 * US_PER_S  # no segment is longer: they are cut at the first keyframe after a minute or so
_JOINT_US = US_PER_S // 4  # neighbours that close together are one span

Values = Sequence[Any] | dict[str, Any]
_T = TypeVar("_T")


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

    def keyframe_by(self, at_us: int) -> tuple[int, int] | None:
        """Time and byte offset of the last keyframe up to then, or else of the first."""
        earlier = [place for place in self.keyframes if self.start_us + place[0] <= at_us]
        return self._dated(earlier[-1] if earlier else _first(self.keyframes))

    def keyframe_from(self, at_us: int) -> tuple[int, int] | None:
        """Of the first keyframe from then on."""
        return self._dated(next((place for place in self.keyframes if self.start_us + place[0] >= at_us), None))

    def _dated(self, place: tuple[int, int] | None) -> tuple[int, int] | None:
        return (self.start_us + place[0], place[1]) if place else None


@dataclass(slots=True, frozen=True)
class Gap:
    camera_id: str
    stream: str
    start_us: int
    end_us: int
    cause: str


@dataclass(slots=True, frozen=True)
class Around:
    """What one disk knows of a moment of one stream."""

    at: Segment | None  # the one that holds it; of several, that of the highest fence
    before: Segment | None  # the last one that ends by then
    after: Segment | None  # the first one that begins later
    gap: Gap | None  # the reason why nothing is there


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
        return [read_segment(row) for row in self._rows(questions.SEGMENTS, _span(camera_id, stream, start_us, end_us))]

    def recorded(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[tuple[Segment, CodecRow]]:
        """The segments that overlap [start_us, end_us), each with its codec."""
        segments, codecs = self._answers(
            (questions.SEGMENTS, _span(camera_id, stream, start_us, end_us)),
            (questions.CODECS, _span(camera_id, stream, start_us, end_us)),
        )
        known = {row[0]: CodecRow(*row) for row in codecs}
        return [(one, known[one.codec_id]) for one in map(read_segment, segments)]

    def around(self, camera_id: str, stream: str, at_us: int) -> Around:
        """What is recorded at the moment, and next to it."""
        values = {"camera_id": camera_id, "stream": stream, "at_us": at_us, "since_us": at_us - _LONGEST_US}
        statements = (questions.SEGMENT_AT, questions.SEGMENT_BEFORE, questions.SEGMENT_AFTER, questions.GAP_AT)
        answers = self._answers(*((statement, values) for statement in statements))
        at, before, after = ([read_segment(row) for row in rows] for rows in answers[:3])
        return Around(_first(at), _first(before), _first(after), _first([Gap(*row) for row in answers[3]]))

    def segment_at(self, camera_id: str, stream: str, at_us: int) -> Segment | None:
        return self.around(camera_id, stream, at_us).at

    def gaps(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[Gap]:
        return [Gap(*row) for row in self._rows(questions.GAPS, _span(camera_id, stream, start_us, end_us))]

    def size_bytes(self, camera_id: str, stream: str, start_us: int, end_us: int) -> int:
        """Of the segments that overlap [start_us, end_us), whole."""
        rows = self._rows(questions.SIZE, _span(camera_id, stream, start_us, end_us))
        return int(rows[0][0] or 0) if rows else 0

    def coverage(self, camera_id: str, stream: str, start_us: int, end_us: int) -> list[Interval]:
        """The spans within [start_us, end_us) that were recorded, without the gaps."""
        span = _span(camera_id, stream, start_us, end_us)
        spans, gaps = self._answers((questions.SPANS, span), (questions.GAPS, span))
        clipped = [(max(start, start_us), min(end, end_us)) for start, end in spans]
        # Other gaps hold no footage; where there is some all the same, the clock was set back and it came later.
        within = [(gap[2], gap[3]) for gap in gaps if gap[4] == "packet_loss"]
        return without(merged(clipped, _JOINT_US), within)

    def codec(self, codec_id: int) -> CodecRow:
        rows = self._rows("SELECT id, codec, rfc6381, width, height, init FROM codec WHERE id = ?", (codec_id,))
        if not rows:
            raise NotFound(f"there is no codec {codec_id}.", where=str(self._file))
        return CodecRow(*rows[0])

    def next_n(self, camera_id: str, stream: str, fence: int) -> int:
        statement = "SELECT max(n) FROM segment WHERE camera_id = ? AND stream = ? AND fence = ?"
        rows = self._rows(statement, (camera_id, stream, fence))
        return 0 if not rows or rows[0][0] is None else int(rows[0][0]) + 1

    def last_end_us(self, camera_id: str, stream: str, by_us: int) -> int | None:
        """Up to where footage, or the reason for its absence, is known; of what began by then.

        What begins later was recorded before the host's clock was set back.
        """
        rows = self._rows(
            "SELECT max(end_us) FROM (SELECT end_us FROM gap WHERE camera_id = :camera_id AND stream = :stream"
            " AND start_us <= :by_us UNION ALL SELECT end_us FROM (SELECT start_us + duration_us AS end_us FROM segment"
            " WHERE camera_id = :camera_id AND stream = :stream AND start_us <= :by_us"
            " ORDER BY start_us DESC LIMIT 1))",
            {"camera_id": camera_id, "stream": stream, "by_us": by_us},
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

    def _rows(self, statement: str, values: Values) -> list[Any]:
        return self._answers((statement, values))[0]

    def _answers(self, *questions: tuple[str, Values]) -> list[list[Any]]:
        """The rows of each question, all as of one moment."""
        nothing: list[list[Any]] = [[] for _ in questions]
        if not self._file.exists():
            return nothing
        try:
            address = f"{self._file.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=10, isolation_level=None)) as connection:
                connection.execute("BEGIN")
                if check_version(connection, self._file) == 0:
                    return nothing  # the recorder is about to make its tables
                return [connection.execute(*question).fetchall() for question in questions]
        except sqlite3.Error as error:
            raise database_error(self._file, error) from error


def _first(found: Sequence[_T]) -> _T | None:
    return found[0] if found else None


def _span(camera_id: str, stream: str, start_us: int, end_us: int) -> dict[str, Any]:
    since_us = start_us - _LONGEST_US
    return {
        "camera_id": camera_id,
        "stream": stream,
        "since_us": since_us,
        "start_us": start_us,
        "end_us": end_us,
    }


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
