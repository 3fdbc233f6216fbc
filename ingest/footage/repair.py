"""Brings index and files of one disk together again after a crash: what is newer than the clean watermark.

Torn tails are cut after the last whole fragment, files without a row are indexed, rows without a file are removed. A
file that does not begin as a segment does is set aside and named in the log, as nothing here could have written it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog

from foundation.clock import US_PER_S
from foundation.errors import InvalidInput
from foundation.files import write_error
from ingest.footage.fragmenter import us_from_ticks
from ingest.footage.index_writer import Changes, IndexWriter, SegmentRow
from ingest.footage.mp4_reader import fragments, parameters_of, read_init
from ingest.footage.segment_file import SegmentName

_ROWS_A_TRANSACTION = 500
_TORN_HEAD_BYTES = 4096  # init segments are smaller
_log = structlog.get_logger()


@dataclass(slots=True)
class RepairReport:
    checked: int = 0
    indexed: int = 0
    truncated_bytes: int = 0
    removed_files: int = 0
    removed_rows: int = 0
    set_aside: int = 0


def repair(disk: Path, index: IndexWriter) -> RepairReport:
    """Call it before anything is recorded. Footage before the watermark is left to the scrub."""
    report = RepairReport()
    since_us = index.clean_us()
    rows = index.paths_to_check(since_us)
    present = set(_files(disk, since_us)) | {path for path in rows if (disk / path).is_file()}
    changes = Changes()
    for path in sorted(present):
        report.checked += 1
        if rows.get(path) == ((disk / path).stat().st_size, True):
            continue
        row = _mend(disk, path, report)
        if row is not None:
            changes.segments[row.key] = row
        elif path in rows:
            index.forget([path])
        if len(changes.segments) >= _ROWS_A_TRANSACTION:
            index.apply(changes)
            changes = Changes()
    index.apply(changes)
    missing = rows.keys() - present
    index.forget(missing)
    report.removed_rows = len(missing)
    return report


def _files(disk: Path, since_us: int) -> Iterator[str]:
    """Segments that start at or after the moment, without looking into the folders of earlier hours."""
    first_hour = datetime.fromtimestamp(since_us // US_PER_S, UTC).strftime("%Y%m%d/%H")
    for day in disk.glob("*/*/????????"):
        if day.name < first_hour[:8]:
            continue
        for file in day.glob("??/*.mp4"):
            path = file.relative_to(disk).as_posix()
            name = SegmentName.parse(path)
            if f"{day.name}/{file.parent.name}" >= first_hour and name and name.start_us >= since_us:
                yield path


def _mend(disk: Path, path: str, report: RepairReport) -> SegmentRow | None:
    """The row of a file as far as it is whole; None when it is gone or set aside."""
    file, name = disk / path, SegmentName.parse(path)
    if name is None:
        return None
    try:
        scanned = scan(file, name)
    except InvalidInput:
        _set_aside(file, report)
        return None
    surplus = file.stat().st_size - (scanned.size_bytes if scanned else 0)
    try:
        if scanned is None:
            file.unlink()
            report.removed_files += 1
        elif surplus:
            os.truncate(file, scanned.size_bytes)
            report.truncated_bytes += surplus
    except OSError as error:
        raise write_error(file, error) from error
    report.indexed += scanned is not None
    return scanned


def scan(file: Path, name: SegmentName) -> SegmentRow | None:
    """The row that the bytes of a file deserve; None when they hold no whole fragment.

    Raises `InvalidInput` for a file that does not begin with an init segment, although more follows than a torn one.
    """
    with file.open("rb") as stream:
        try:
            init = read_init(stream)
            parameters_of(init)
        except InvalidInput:
            if file.stat().st_size > _TORN_HEAD_BYTES:
                raise
            return None
        return _scan_fragments(stream, name, init)


def _scan_fragments(stream: BinaryIO, name: SegmentName, init: bytes) -> SegmentRow | None:
    origin: int | None = None
    end = count = duration = 0
    keyframes: list[tuple[int, int]] = []
    digest = hashlib.sha256()
    for one in fragments(stream, len(init)):
        origin = one.decode_time if origin is None else origin
        if one.samples and one.samples[0].is_keyframe:
            keyframes.append((us_from_ticks(one.decode_time - origin), one.start))
        for sample in one.samples:
            digest.update(sample.data)
        end, count, duration = one.end, count + 1, one.decode_time + one.duration - origin
    if not count:
        return None
    return SegmentRow(
        camera_id=name.camera_id,
        stream=name.stream,
        fence=name.fence,
        n=name.n,
        init=init,
        path=name.path,
        start_us=name.start_us,
        duration_us=us_from_ticks(duration),
        media_duration_90k=duration,
        size_bytes=end,
        fragments=count,
        keyframes=tuple(keyframes),
        sha256=digest.digest(),
        complete=True,
    )


def _set_aside(file: Path, report: RepairReport) -> None:
    try:
        file.rename(file.with_name(f"{file.name}.damaged"))
    except OSError as error:
        raise write_error(file, error) from error
    report.set_aside += 1
    _log.warning("footage_file_set_aside", file=str(file))
