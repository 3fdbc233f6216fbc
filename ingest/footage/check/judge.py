"""What is wrong with one file and its row, if anything. Looks at both anew, as a recorder may work beside it."""

from __future__ import annotations

from pathlib import Path

from foundation.clock import US_PER_S
from foundation.errors import InvalidInput
from ingest.footage.check.findings import Finding, Kind
from ingest.footage.index import Segment
from ingest.footage.index_reader import IndexReader
from ingest.footage.index_writer import SegmentRow
from ingest.footage.mending import DAMAGED
from ingest.footage.scan import scan
from ingest.footage.segment_file import SegmentName

LONGEST_US = 3600 * US_PER_S  # what the index's questions rely on
_UNCLEAN_END = "the recorder ended uncleanly; it mends this when it starts"
_BY_SIZE = {Kind.LONGER, Kind.INCOMPLETE, Kind.ORPHAN}  # what an unclean end leaves


class Judge:
    def __init__(self, disk: Path, reader: IndexReader, *, deep: bool) -> None:
        self._disk = disk
        self._reader = reader
        self._deep = deep
        self._clean_us = reader.clean_us()
        self.bytes_read = 0

    def examine(self, path: str) -> Finding | None:
        found = self._examine(path)
        name = SegmentName.parse(path)
        if found and found.kind in _BY_SIZE and name and name.start_us >= self._clean_us:
            found.explanation = _UNCLEAN_END
        return found

    def _examine(self, path: str) -> Finding | None:
        known = self._reader.segment(path)
        try:
            size = (self._disk / path).lstat().st_size
        except FileNotFoundError:
            return Finding(Kind.GHOST, path, "the index has it, the disk has not") if known else None
        except OSError as error:
            return Finding(Kind.UNREADABLE, path, error.strerror or str(error))
        if known is None:
            return self._without_row(path, size)
        segment, init = known
        if size < segment.size_bytes:
            return Finding(Kind.SHORTER, path, f"{size} of {segment.size_bytes} bytes are there")
        if not segment.complete:
            return Finding(Kind.INCOMPLETE, path, "its row says that it is still being written")
        if size > segment.size_bytes:
            return Finding(Kind.LONGER, path, f"{size} bytes, of which the index knows {segment.size_bytes}")
        return self._content(segment, init) if self._deep else None

    def _without_row(self, path: str, size: int) -> Finding:
        if path.endswith(DAMAGED):
            detail = f"{size} bytes of damaged footage"
            return Finding(Kind.SET_ASIDE, path, detail, "repair set it aside; remove it when it is of no use")
        if self._reader.is_garbage(path):
            return Finding(Kind.PURGED, path, f"{size} bytes", "the recorder removes it after its next sync")
        if not self._is_segment(path):
            return Finding(Kind.STRAY, path, "no footage file has this name and place")
        return Finding(Kind.ORPHAN, path, f"{size} bytes that the index does not know")

    def _is_segment(self, path: str) -> bool:
        name = SegmentName.parse(path)
        return name is not None and name.path == path and (self._disk / path).is_file()

    def _content(self, segment: Segment, init: bytes) -> Finding | None:
        self.bytes_read += segment.size_bytes
        name = SegmentName.parse(segment.path)
        if name is None:
            return Finding(Kind.ROW, segment.path, "its name is no segment's")
        try:
            scanned = scan(self._disk / segment.path, name)
        except InvalidInput as error:
            return Finding(Kind.STRUCTURE, segment.path, error.what)
        except OSError as error:
            return Finding(Kind.UNREADABLE, segment.path, error.strerror or str(error))
        whole = scanned.size_bytes if scanned else 0
        if scanned is None or whole < segment.size_bytes:
            return Finding(
                Kind.STRUCTURE, segment.path, f"whole fragments end at {whole} of {segment.size_bytes} bytes"
            )
        if wrong := _disagreements(segment, init, scanned):
            return Finding(Kind.ROW, segment.path, f"the row is wrong about {', '.join(wrong)}")
        if scanned.sha256 != segment.sha256:
            return Finding(Kind.CONTENT, segment.path, "the access units are not those that were received (SHA-256)")
        return None


def _disagreements(segment: Segment, init: bytes, scanned: SegmentRow) -> list[str]:
    places = [place for _, place in segment.keyframes]
    checks = {
        "its fragments": segment.fragments == scanned.fragments,
        "its keyframes": places == [place for _, place in scanned.keyframes],
        "its duration": segment.media_duration_90k == scanned.media_duration_90k
        and 0 < segment.duration_us <= LONGEST_US,
        "its parameters": init == scanned.init,
        "its start": segment.start_us == scanned.start_us,
    }
    return [what for what, holds in checks.items() if not holds]
