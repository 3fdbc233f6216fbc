"""Brings index and files of one disk together again after a crash: what is newer than the clean watermark.

Torn tails are cut after the last whole fragment, files without a row are indexed, rows without a file are removed. A
file that does not begin as a segment does is set aside and named in the log, as nothing here could have written it.
Footage that this shows to be lost becomes a gap.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from foundation.clock import US_PER_S
from ingest.footage.holes import LOST, holes, left_over
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
    report = RepairReport()
    since_us = index.clean_us()
    rows = index.paths_to_check(since_us)
    doomed = set(index.garbage())
    touched = _bring_together(disk, index, rows, doomed, since_us, report)
    _note_losses(disk, index, touched, others, report)
    return report


def _bring_together(
    disk: Path,
    index: IndexWriter,
    rows: dict[str, tuple[int, bool]],
    doomed: set[str],
    since_us: int,
    report: RepairReport,
) -> dict[StreamKey, int]:
    """Returns the streams in which something was amiss, and since when."""
    amiss: list[SegmentName] = []
    changes, seen = Changes(), set()
    here = (path for path in rows if (disk / path).is_file())
    for path in chain(_files(disk, since_us), here):
        name = SegmentName.parse(path)
        if path in doomed or path in seen or name is None:
            continue
        if path in rows:
            seen.add(path)
        report.checked += 1
        size, complete = rows.get(path, (0, False))
        if complete and size == (disk / path).stat().st_size:
            continue
        amiss.append(name)
        row = settle(disk, name, size, report)
        if row is not None:
            report.indexed += 1
            changes.segments[row.key] = row
        elif path in rows:
            index.forget([path])
        if len(changes.segments) >= _ROWS_A_TRANSACTION:
            index.apply(changes)
            changes = Changes()
    index.apply(changes)
    missing = rows.keys() - seen
    index.forget(missing)
    report.removed_rows = len(missing)
    amiss += [name for path in missing if (name := SegmentName.parse(path))]
    amiss.sort(key=lambda name: name.start_us, reverse=True)
    return {(name.camera_id, name.stream): name.start_us for name in amiss}


def _note_losses(
    disk: Path, index: IndexWriter, touched: Mapping[StreamKey, int], others: Sequence[Path], report: RepairReport
) -> None:
    """A gap for each hole of these streams that nothing explains any more."""
    changes = Changes()
    with closing(IndexReader(disk)) as reader:
        for key, since_us in sorted(touched.items()):
            spans = reader.spans(*key, since_us=since_us - _LONGEST_US)
            gaps = reader.gaps(*key, since_us=since_us - _LONGEST_US)
            for hole in holes(spans, ((gap.start_us, gap.end_us) for gap in gaps)):
                if hole[1] < since_us or reader.was_set_back(*key, hole[1]):
                    continue
                for start, end in left_over(key, hole, others):
                    changes.gaps[*key, start] = Gap(*key, start, end, LOST)
    report.lost = len(changes.gaps)
    index.apply(changes)


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
