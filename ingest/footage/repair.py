"""Brings index and files of one disk together again after a crash: what is newer than the clean watermark.

Torn tails are cut after the last whole fragment, files without a row are indexed, rows without a file are removed. A
file that does not begin as a segment does is set aside and named in the log, as nothing here could have written it.
Footage that this shows to be lost becomes a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage.holes import LOST, contradicted, holes, left_over, trimmed
from ingest.footage.index import Gap
from ingest.footage.index_reader import IndexReader
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.mending import Mended, settle
from ingest.footage.segment_file import SegmentName

StreamKey = tuple[str, str]
_ROWS_A_TRANSACTION = 500
_LONGEST_US = 3600 * US_PER_S  # no segment is longer


@dataclass(slots=True)
class RepairReport(Mended):
    checked: int = 0
    indexed: int = 0
    removed_rows: int = 0
    lost: int = 0  # gaps that were noted because of it


def repair(disk: Path, index: IndexWriter, others: Sequence[Path] = ()) -> RepairReport:
    """Call it before anything is recorded, and after a sync. Footage before the watermark is left to the scrub.

    `others`: disks on which streams may have been recorded while they were not on this one.
    """
    return _Repair(disk, index, others).run()


class _Repair:
    def __init__(self, disk: Path, index: IndexWriter, others: Sequence[Path]) -> None:
        self._disk = disk
        self._index = index
        self._others = others
        self._since_us = index.clean_us()
        self._is_new = self._since_us == 0  # an index that was lost may have to be made of a whole disk
        self._amiss: list[SegmentName] = []
        self._gone: list[str] = []
        self._changes = Changes()
        self._report = RepairReport()

    def run(self) -> RepairReport:
        rows = self._index.paths_to_check(self._since_us)
        self._settle_files(rows, set(self._index.garbage()))
        # Were they beyond doubt before the gaps are written, a power cut between would leave holes that nobody sees.
        self._index.doubt(self._changes.segments.values(), self._gone)
        with closing(IndexReader(self._disk)) as reader:
            for key, since_us in self._touched(reader):
                self._mend_gaps(reader, key, since_us)
        self._index.apply(self._changes, self._gone)
        self._report.lost = len(self._changes.gaps)
        return self._report

    def _settle_files(self, rows: dict[str, tuple[int, bool]], doomed: set[str]) -> None:
        seen = set()
        here = (path for path in rows if (self._disk / path).is_file())
        for path in chain(_files(self._disk, self._since_us), here):
            name = SegmentName.parse(path)
            if path in doomed or path in seen or name is None:
                continue
            if path in rows:
                seen.add(path)
            self._report.checked += 1
            size, complete = rows.get(path, (0, False))
            if not complete or size != (self._disk / path).stat().st_size:
                self._settle(name, size)
        missing = rows.keys() - seen
        self._gone += missing
        self._amiss += [name for path in missing if (name := SegmentName.parse(path))]
        self._report.removed_rows = len(missing)

    def _settle(self, name: SegmentName, synced_bytes: int) -> None:
        self._amiss.append(name)
        row = settle(self._disk, name, synced_bytes, self._report)
        if row is None:
            self._gone.append(name.path)
            return
        self._report.indexed += 1
        self._changes.segments[row.key] = row
        if self._is_new and len(self._changes.segments) >= _ROWS_A_TRANSACTION:
            self._index.apply(self._changes)
            self._changes = Changes()

    def _touched(self, reader: IndexReader) -> list[tuple[StreamKey, int]]:
        """The streams in which something is amiss, and since when."""
        if self._is_new:
            return [(key, 0) for key in reader.streams()]
        latest_first = sorted(self._amiss, key=lambda name: name.start_us, reverse=True)
        return sorted({(name.camera_id, name.stream): name.start_us for name in latest_first}.items())

    def _mend_gaps(self, reader: IndexReader, key: StreamKey, since_us: int) -> None:
        """A gap for each hole that nothing explains any more, and none where footage turned up."""
        window_us = since_us - _LONGEST_US
        for gap, footage in contradicted(reader.spans(*key, window_us), reader.gaps(*key, window_us)):
            self._index.replace_gap(gap, trimmed(gap, footage))
        told = ((gap.start_us, gap.end_us) for gap in reader.gaps(*key, window_us))
        for hole in holes(reader.spans(*key, window_us), told):
            if hole[1] >= since_us and not reader.was_set_back(*key, hole[1]):
                for start, end in left_over(key, hole, self._others):
                    self._changes.gaps[*key, start] = Gap(*key, start, end, LOST)


def _files(disk: Path, since_us: int) -> Iterator[str]:
    """Segments that start at or after the moment, without looking into the folders of earlier hours."""
    first_hour = datetime.fromtimestamp(since_us // US_PER_S, UTC).strftime("%Y%m%d/%H")
    for day in sorted(disk.glob("*/*/????????")):
        if day.name < first_hour[:8]:
            continue
        for file in sorted(day.glob("??/*.mp4")):
            path = file.relative_to(disk).as_posix()
            name = SegmentName.parse(path)
            if f"{day.name}/{file.parent.name}" >= first_hour and name and name.start_us >= since_us:
                yield path
