"""The footage index of one disk, read from end to end: page by page, so that a recorder beside it is never held up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from ingest.footage.index import FILE_NAME, Gap, Segment, check_version, database_error, read_segment
from ingest.footage.intervals import Interval

_PAGE = 2_000


class RowHead(NamedTuple):
    """What a look at a file's size can be compared with."""

    path: str
    start_us: int
    size_bytes: int
    complete: bool


class IndexReader:
    """One read-only connection; a page is a transaction."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / FILE_NAME
        address = f"{self._file.absolute().as_uri()}?mode=ro"
        try:
            self._connection = sqlite3.connect(address, uri=True, timeout=30, check_same_thread=False)
            self._version = check_version(self._connection, self._file)
        except sqlite3.Error as error:
            raise database_error(self._file, error) from error

    @staticmethod
    def is_there(disk: Path) -> bool:
        """Whether there is an index, and it has its tables."""
        if not (disk / FILE_NAME).exists():
            return False
        with closing(IndexReader(disk)) as reader:
            return reader._version > 0  # noqa: SLF001, its own

    def close(self) -> None:
        self._connection.close()

    def damage(self) -> str | None:
        """What SQLite itself finds wrong with the file."""
        verdict = str(self._rows("PRAGMA quick_check(1)")[0][0])
        return None if verdict == "ok" else verdict

    def clean_us(self) -> int:
        return int(self._rows("SELECT clean_us FROM watermark")[0][0])

    def count(self) -> int:
        return int(self._rows("SELECT count(*) FROM segment")[0][0])

    def next_start_us(self, at_us: int) -> int | None:
        """Start of the first segment that starts at or after the moment."""
        return self._rows("SELECT min(start_us) FROM segment WHERE start_us >= ?", at_us)[0][0]  # type: ignore[no-any-return]

    def rows(self, start_us: int, end_us: int) -> Iterator[RowHead]:
        """Segments that start within [start_us, end_us), in the order in which they lie in the index."""
        last_id = -1
        while True:
            page = self._rows(
                "SELECT id, path, start_us, bytes, complete FROM segment"
                " WHERE (start_us, id) > (?, ?) AND start_us < ? ORDER BY start_us, id LIMIT ?",
                start_us,
                last_id,
                end_us,
                _PAGE,
            )
            for _, path, start, size, complete in page:
                yield RowHead(path, start, size, bool(complete))
            if len(page) < _PAGE:
                return
            last_id, _, start_us, *_ = page[-1]

    def segment(self, path: str) -> tuple[Segment, bytes] | None:
        """The segment of a file, and the init segment that it begins with."""
        found = self._rows(
            "SELECT segment.id, camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
            " media_duration_90k, bytes, fragments, keyframes, sha256, complete, init"
            " FROM segment JOIN codec ON codec.id = codec_id WHERE path = ?",
            path,
        )
        return (read_segment(found[0][:-1]), found[0][-1]) if found else None

    def path_of(self, camera_id: str, stream: str, fence: int, n: int) -> str | None:
        """The file that bears this number."""
        statement = "SELECT path FROM segment WHERE camera_id = ? AND stream = ? AND fence = ? AND n = ?"
        found = self._rows(statement, camera_id, stream, fence, n)
        return found[0][0] if found else None

    def was_set_back(self, camera_id: str, stream: str, at_us: int) -> bool:
        """Whether something that starts before the moment was recorded after something that starts later."""
        order = "SELECT fence, n FROM segment WHERE camera_id = ? AND stream = ? AND start_us"
        later = self._rows(f"{order} >= ? ORDER BY fence, n LIMIT 1", camera_id, stream, at_us)
        earlier = self._rows(f"{order} < ? ORDER BY fence DESC, n DESC LIMIT 1", camera_id, stream, at_us)
        return bool(later and earlier and earlier[0] > later[0])

    def is_garbage(self, path: str) -> bool:
        return bool(self._rows("SELECT 1 FROM garbage WHERE path = ?", path))

    def garbage_with_row(self) -> list[str]:
        found = self._rows("SELECT garbage.path FROM garbage JOIN segment ON segment.path = garbage.path")
        return [path for (path,) in found]

    def streams(self) -> list[tuple[str, str]]:
        """Found by skipping from one to the next: the index has an entry a minute and stream."""
        found: list[tuple[str, str]] = []
        last = ("", "")
        while page := self._rows(
            "SELECT camera_id, stream FROM segment WHERE (camera_id, stream) > (?, ?)"
            " ORDER BY camera_id, stream LIMIT 1",
            *last,
        ):
            last = page[0]
            found.append(last)
        return found

    def spans(self, camera_id: str, stream: str, since_us: int = -1) -> Iterator[Interval]:
        """Of the stream's segments that start after the moment, by start."""
        last = (since_us + 1, -1, -1, -1)
        while True:
            page = self._rows(
                "SELECT start_us, duration_us, bytes, id FROM segment WHERE camera_id = ? AND stream = ?"
                " AND (start_us, duration_us, bytes, id) > (?, ?, ?, ?)"
                " ORDER BY start_us, duration_us, bytes, id LIMIT ?",
                camera_id,
                stream,
                *last,
                _PAGE,
            )
            yield from ((start, start + duration) for start, duration, _, _ in page)
            if len(page) < _PAGE:
                return
            last = page[-1]

    def gaps(self, camera_id: str, stream: str, since_us: int = -1) -> Iterator[Gap]:
        """Those that start after the moment, by start."""
        while True:
            page = self._rows(
                "SELECT camera_id, stream, start_us, end_us, cause FROM gap WHERE camera_id = ? AND stream = ?"
                " AND start_us > ? ORDER BY start_us LIMIT ?",
                camera_id,
                stream,
                since_us,
                _PAGE,
            )
            yield from (Gap(*row) for row in page)
            if len(page) < _PAGE:
                return
            since_us = page[-1][2]

    def _rows(self, statement: str, *values: object) -> list[Any]:
        try:
            with closing(self._connection.execute(statement, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise database_error(self._file, error) from error
