"""Mends what a check finds, as far as that takes nothing away. Only while no recorder writes the disk."""

from __future__ import annotations

from foundation.files import write_error
from ingest.footage import storage
from ingest.footage.check.findings import Finding, Kind
from ingest.footage.check.spans import SpanFinding
from ingest.footage.disk import Disk
from ingest.footage.holes import LOST, trimmed
from ingest.footage.index import FootageIndex, Gap, Segment
from ingest.footage.index_reader import IndexReader
from ingest.footage.index_writer import Changes, IndexWriter
from ingest.footage.mending import Mended, settle
from ingest.footage.scan import digest
from ingest.footage.segment_file import SegmentName


class Mender:
    def __init__(self, disk: Disk, index: IndexWriter, reader: IndexReader) -> None:
        self._owned = disk
        self._disk = disk.folder
        self._index = index
        self._reader = reader

    def mend(self, finding: Finding) -> str | None:
        """What was done; None where there is nothing that would take nothing away."""
        if isinstance(finding, SpanFinding):
            return self._note_loss(finding) if finding.kind is Kind.HOLE else self._trim_gap(finding)
        match finding.kind:
            case Kind.GHOST:
                self._index.forget([finding.where])
                return "the row was removed"
            case Kind.SHORTER | Kind.LONGER | Kind.INCOMPLETE | Kind.STRUCTURE | Kind.ROW:
                return self._agree(finding.where)
            case Kind.ORPHAN:
                return self._adopt(finding.where)
            case Kind.PURGED:
                return self._remove(finding.where)
            case Kind.KEPT_AND_PURGED:
                self._index.removed([finding.where])
                return "it is kept"
            case _:
                return None

    def _agree(self, path: str) -> str | None:
        """Make the row say what the file holds, unless that would hide that the file changed."""
        known, name = self._reader.segment(path), SegmentName.parse(path)
        if known is None or name is None:
            return None
        segment, _ = known
        if not self._is_as_received(segment):
            return None
        return self._settle(name, segment.size_bytes)

    def _is_as_received(self, segment: Segment) -> bool:
        """As far as can be told: of what was cut short, the hash cannot be made any more."""
        present = digest(self._disk / segment.path, segment.fragments)
        return present is None or present == segment.sha256

    def _adopt(self, path: str) -> str | None:
        name = SegmentName.parse(path)
        if name is None:
            return None
        if self._reader.path_of(name.camera_id, name.stream, name.fence, name.n) not in (None, path):
            # Another file has its number, from a time when the index was lost.
            renamed = name._replace(n=FootageIndex(self._disk).next_n(name.camera_id, name.stream, name.fence))
            self._rename(name, renamed)
            return f"{self._settle(renamed, 0)}, as {renamed.path}"
        return self._settle(name, 0)

    def _settle(self, name: SegmentName, synced_bytes: int) -> str:
        mended = Mended()
        row = settle(self._disk, name, synced_bytes, mended, keep=True)
        self._owned.sync()  # the file first, then what the index says of it
        if row is None:
            self._index.forget([name.path])
            return "set aside"
        self._index.apply(Changes(segments={row.key: row}))
        done = f"indexed with {row.fragments} fragments"
        if mended.set_aside:
            return f"{done}; {mended.truncated_bytes} bytes after the damage were set aside"
        return f"{done}; {mended.truncated_bytes} bytes of a torn tail were cut" if mended.truncated_bytes else done

    def _rename(self, name: SegmentName, renamed: SegmentName) -> None:
        try:
            storage.rename(self._disk / name.path, self._disk / renamed.path)
        except OSError as error:
            raise write_error(self._disk / name.path, error) from error

    def _remove(self, path: str) -> str:
        try:
            storage.remove(self._disk / path)
        except OSError as error:
            raise write_error(self._disk / path, error) from error
        self._index.removed([path])
        return "removed"

    def _note_loss(self, finding: SpanFinding) -> str | None:
        if finding.explanation is not None:
            return None
        gap = Gap(*finding.key, *finding.span, LOST)
        self._index.apply(Changes(gaps={(*finding.key, gap.start_us): gap}))
        return f"a gap ({LOST}) says so now"

    def _trim_gap(self, finding: SpanFinding) -> str | None:
        gap = finding.gap
        if gap is None:
            return None
        self._index.replace_gap(gap, trimmed(gap, finding.footage))
        return "the gap covers only what is missing now"
