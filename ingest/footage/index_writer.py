"""The footage index of one disk, for the recorder that owns it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.footage.index import FILE_NAME, Gap, check_version, database_error
from ingest.footage.mp4_reader import parameters_of, picture_size

_SCHEMA = Path(__file__).with_name("schema.sql")
_UPGRADES = {1: Path(__file__).with_name("schema_2.sql")}  # by the version that they start from
_CODECS_KEPT = 1024


@dataclass(slots=True, frozen=True)
class SegmentRow:
    """A segment as it stood at some moment: all of its bytes are in the file."""

    camera_id: str
    stream: str
    fence: int
    n: int
    init: bytes
    path: str
    start_us: int
    duration_us: int
    media_duration_90k: int
    size_bytes: int
    fragments: int
    keyframes: tuple[tuple[int, int], ...]
    sha256: bytes
    complete: bool

    @property
    def key(self) -> tuple[str, str, int, int]:
        return self.camera_id, self.stream, self.fence, self.n


@dataclass(slots=True)
class Changes:
    """Segments and gaps as they are to stand in the index, and the watermark that then holds."""

    segments: dict[tuple[str, str, int, int], SegmentRow] = field(default_factory=dict)
    gaps: dict[tuple[str, str, int], Gap] = field(default_factory=dict)
    clean_us: int | None = None

    def add(self, later: Changes) -> None:
        self.segments.update(later.segments)
        self.gaps.update(later.gaps)
        self.clean_us = later.clean_us


class IndexWriter:
    """One connection; may move between threads, but is used by one at a time."""

    def __init__(self, disk: Path) -> None:
        self._file = disk / FILE_NAME
        self._codecs: dict[bytes, int] = {}
        with self._faults():
            self._connection = sqlite3.connect(
                self._file, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=32
            )
            self._bring_up_to_date()
            self._connection.execute("PRAGMA synchronous=NORMAL")
            # Triggers count what refers to a codec; the database would look through all segments for each that goes.
            self._connection.execute("PRAGMA foreign_keys=OFF")
            self._connection.execute("PRAGMA temp_store=MEMORY")

    def _bring_up_to_date(self) -> None:
        version = check_version(self._connection, self._file)
        if version == 0:
            self._connection.executescript(f"PRAGMA journal_mode=WAL; BEGIN; {_SCHEMA.read_text()} COMMIT;")
        while (upgrade := _UPGRADES.get(version)) is not None:
            self._connection.executescript(f"BEGIN IMMEDIATE; {upgrade.read_text()} COMMIT;")
            version = check_version(self._connection, self._file)

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for questions of the owner alone; temporary tables are its own."""
        with self._faults():
            yield self._connection

    def apply(self, changes: Changes, gone: Iterable[str] = ()) -> None:
        """Write the changes in one transaction; call it only after the bytes were synced. Files that are `gone` have
        no row afterwards."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM segment WHERE path = ?", [(path,) for path in gone])
            for row in changes.segments.values():
                self._put_segment(connection, row)
            self._put_gaps(connection, changes.gaps.values())
            if changes.clean_us is not None:
                connection.execute("UPDATE watermark SET clean_us = ?", (changes.clean_us,))

    def doubt(self, rows: Iterable[SegmentRow], gone: Iterable[str]) -> None:
        """Write these rows as unfinished, and those of files that are gone as empty: whoever looks next looks again."""
        with self._transaction() as connection:
            for row in rows:
                self._put_segment(connection, replace(row, complete=False))
            statement = "UPDATE segment SET complete = 0, duration_us = 0 WHERE path = ?"
            connection.executemany(statement, [(path,) for path in gone])

    def clean_us(self) -> int:
        with self._faults():
            return int(self._connection.execute("SELECT clean_us FROM watermark").fetchone()[0])

    def paths_to_check(self, since_us: int) -> dict[str, tuple[int, bool]]:
        """Path, bytes and completeness of the rows that start at or after the moment, or are not complete."""
        with self._faults():
            rows = self._connection.execute(
                "SELECT path, bytes, complete FROM segment WHERE start_us >= ?"
                " UNION SELECT path, bytes, complete FROM segment WHERE complete = 0",
                (since_us,),
            ).fetchall()
        return {path: (size, bool(complete)) for path, size, complete in rows}

    def forget(self, paths: Iterable[str]) -> None:
        """Remove the rows of files that are not there."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM segment WHERE path = ?", [(path,) for path in paths])

    def condemn(self, doomed: Mapping[str, int]) -> None:
        """Remove the rows, and note in the same transaction that the files, with their bytes, are to follow."""
        with self._transaction() as connection:
            connection.executemany("DELETE FROM segment WHERE path = ?", [(path,) for path in doomed])
            connection.executemany("INSERT OR IGNORE INTO garbage (path, bytes) VALUES (?, ?)", doomed.items())
            if connection.execute("DELETE FROM codec WHERE segments = 0").rowcount:
                self._codecs.clear()

    def garbage(self) -> dict[str, int]:
        """Files that are to go, and their bytes."""
        with self._faults():
            return dict(self._connection.execute("SELECT path, bytes FROM garbage"))

    def removed(self, paths: Iterable[str]) -> None:
        with self._transaction() as connection:
            connection.executemany("DELETE FROM garbage WHERE path = ?", [(path,) for path in paths])

    def obeyed_holds(self) -> int:
        """Version of the holds that purges obeyed last; 0 when there never were any."""
        with self._faults():
            return int(self._connection.execute("SELECT holds_version FROM watermark").fetchone()[0])

    def obey_holds(self, version: int) -> None:
        with self._transaction() as connection:
            connection.execute("UPDATE watermark SET holds_version = ?", (version,))

    def replace_gap(self, gap: Gap, parts: Iterable[Gap]) -> None:
        """One gap by those that are left of it."""
        with self._transaction() as connection:
            statement = "DELETE FROM gap WHERE camera_id = ? AND stream = ? AND start_us = ?"
            connection.execute(statement, (gap.camera_id, gap.stream, gap.start_us))
            self._put_gaps(connection, parts)

    def forget_gaps(self, before_us: int) -> None:
        with self._transaction() as connection:
            connection.execute("DELETE FROM gap WHERE start_us < ? AND end_us < ?", (before_us, before_us))

    def _put_gaps(self, connection: sqlite3.Connection, gaps: Iterable[Gap]) -> None:
        connection.executemany(
            "INSERT INTO gap (camera_id, stream, start_us, end_us, cause) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (camera_id, stream, start_us) DO UPDATE SET end_us = excluded.end_us,"
            " cause = excluded.cause",
            [(gap.camera_id, gap.stream, gap.start_us, gap.end_us, gap.cause) for gap in gaps],
        )

    def _put_segment(self, connection: sqlite3.Connection, row: SegmentRow) -> None:
        connection.execute(
            "INSERT INTO segment (camera_id, stream, fence, n, codec_id, path, start_us, duration_us,"
            " media_duration_90k, bytes, fragments, keyframes, sha256, complete)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (camera_id, stream, fence, n) DO UPDATE SET duration_us = excluded.duration_us,"
            " media_duration_90k = excluded.media_duration_90k, bytes = excluded.bytes,"
            " fragments = excluded.fragments, keyframes = excluded.keyframes, sha256 = excluded.sha256,"
            " complete = excluded.complete",
            (
                *row.key,
                self._codec_id(connection, row.init),
                row.path,
                row.start_us,
                row.duration_us,
                row.media_duration_90k,
                row.size_bytes,
                row.fragments,
                json.dumps(row.keyframes, separators=(",", ":")),
                row.sha256,
                int(row.complete),
            ),
        )

    def _codec_id(self, connection: sqlite3.Connection, init: bytes) -> int:
        if init not in self._codecs:
            if len(self._codecs) >= _CODECS_KEPT:
                self._codecs.clear()
            parameters = parameters_of(init)
            connection.execute(
                "INSERT OR IGNORE INTO codec (codec, rfc6381, width, height, init) VALUES (?, ?, ?, ?, ?)",
                (parameters.codec, parameters.rfc6381, *picture_size(parameters), init),
            )
            found = connection.execute("SELECT id FROM codec WHERE init = ?", (init,)).fetchone()
            self._codecs[init] = int(found[0])
        return self._codecs[init]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._faults():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                self._codecs.clear()
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise database_error(self._file, error) from error
