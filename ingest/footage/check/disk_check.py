"""One disk from end to end: its index, each file with its row, what lies elsewhere, and the spans of each stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from foundation.errors import DatabaseError, FileMissing
from ingest.footage.check.findings import Finding, Kind, Report
from ingest.footage.check.folders import Folders
from ingest.footage.check.hours import pairs
from ingest.footage.check.judge import Judge
from ingest.footage.check.mender import Mender
from ingest.footage.check.spans import check_spans
from ingest.footage.disk import Disk, is_owned, require_mounted
from ingest.footage.holds import Holds, HoldsFile
from ingest.footage.index_reader import IndexReader
from ingest.footage.index_writer import IndexWriter
from ingest.footage.repair import RepairReport, repair

_EVER_US = 1 << 62
Advanced = Callable[[int], None]


class DiskCheck:
    """`others`: disks on which a stream may have been recorded while it was not on this one."""

    def __init__(self, disk: Path, run_dir: Path, *, deep: bool = False, others: Sequence[Path] = ()) -> None:
        self._memory = run_dir / "disks"
        require_mounted(disk, self._memory)
        self._disk = disk
        self._holds = HoldsFile(run_dir)
        self._deep = deep
        self._others = others

    def look(self, advanced: Advanced = lambda _: None) -> Report:
        """Read only. Beside a recorder, what is newer than the watermark is its own affair."""
        report = Report(self._disk, is_owned(self._disk))
        if not self._has_index():
            return report
        with closing(IndexReader(self._disk)) as reader:
            report.watermark_us = reader.clean_us()
            for finding in self._findings(reader, report, advanced):
                report.add(finding)
        return report

    def mend(self, advanced: Advanced = lambda _: None) -> tuple[Report, RepairReport]:
        """Take the disk from any recorder, repair it as one does at its start, and mend what is found."""
        with ExitStack() as stack:
            disk = stack.enter_context(closing(Disk(self._disk, self._memory)))
            index = stack.enter_context(closing(IndexWriter(self._disk)))
            disk.sync()  # what the index is about to say of the files must be so after a power cut as well
            started = repair(self._disk, index)
            reader = stack.enter_context(closing(IndexReader(self._disk)))
            report = Report(self._disk, owned=False, watermark_us=reader.clean_us())
            mender = Mender(disk, index, reader)
            for finding in self._findings(reader, report, advanced):
                finding.mended = mender.mend(finding)
                report.add(finding)
            disk.sync()
        return report, started

    def total(self) -> int:
        """Segments to go through."""
        if not self._has_index():
            return 0
        with closing(IndexReader(self._disk)) as reader:
            return reader.count()

    def _has_index(self) -> bool:
        if IndexReader.is_there(self._disk):
            return True
        if next(self._disk.glob("*/*/*/*/*.mp4"), None) is not None:
            raise FileMissing(
                "there is footage, and no index of it.",
                where=str(self._disk),
                mend="Start the recorder, or add --repair: the index is made anew from the files.",
            )
        return False

    def _findings(self, reader: IndexReader, report: Report, advanced: Advanced) -> Iterator[Finding]:
        until_us = report.watermark_us if report.owned else _EVER_US
        if self._deep and (damage := reader.damage()):
            raise DatabaseError(
                f"the footage index is damaged: {damage}.",
                where=str(self._disk),
                mend="Stop the recorder and move footage.sqlite3* away; the index is made anew from the files.",
            )
        yield from _kept_and_purged(reader)
        yield from self._files(reader, report, until_us, advanced)
        yield from check_spans(reader, self._others, self._holds.read() or Holds(), until_us)

    def _files(self, reader: IndexReader, report: Report, until_us: int, advanced: Advanced) -> Iterator[Finding]:
        judge = Judge(self._disk, reader, deep=self._deep)
        folders = Folders(self._disk)
        for pair in pairs(folders, reader, until_us=until_us):
            if not pair.fits or self._deep:
                finding = judge.examine(pair.path)
                if finding is not None:
                    yield finding
            report.segments += 1
            report.bytes_read = judge.bytes_read
            advanced(1)
        for stray in folders.strays:
            if stray.size_bytes < 0:
                yield Finding(Kind.UNREADABLE, stray.path, "the system does not let this user read it")
            elif (finding := judge.examine(stray.path)) is not None:
                yield finding


def _kept_and_purged(reader: IndexReader) -> Iterator[Finding]:
    for path in reader.garbage_with_row():
        yield Finding(Kind.KEPT_AND_PURGED, path, "the index both holds it and wants it removed")
