"""Holes between the segments of a stream, and gaps that footage contradicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from foundation.clock import US_PER_S, to_iso
from ingest.footage.check.findings import Finding, Kind
from ingest.footage.holds import Holds
from ingest.footage.holes import contradicted, holes, left_over
from ingest.footage.index import Gap
from ingest.footage.index_reader import IndexReader
from ingest.footage.intervals import Interval

_SET_BACK = "the host's clock was set back, and this time came twice"
StreamKey = tuple[str, str]


class SpanFinding(Finding):
    """One that has a place in time, for whoever mends it."""

    def __init__(self, kind: Kind, key: StreamKey, span: Interval, detail: str) -> None:
        super().__init__(kind, f"{key[0]} {key[1]} {to_iso(span[0])} to {to_iso(span[1])}", detail)
        self.key = key
        self.span = span
        self.gap: Gap | None = None
        self.footage: Sequence[Interval] = ()


def check_spans(reader: IndexReader, others: Sequence[Path], holds: Holds, until_us: int) -> Iterator[SpanFinding]:
    for key in reader.streams():
        purged_until_us = _purged_until(reader, key, holds)
        yield from _holes(reader, key, others, purged_until_us, until_us)
        yield from _contradicted(reader, key, until_us)


def _purged_until(reader: IndexReader, key: StreamKey, holds: Holds) -> int:
    """Before this moment only gaps and held footage are left: between them, the purge has been."""
    held = holds.by_camera.get(key[0], ())
    loose = (start for start, end in reader.spans(*key) if not any(start < to and end > since for since, to in held))
    return next(loose, 1 << 62)


def _holes(
    reader: IndexReader, key: StreamKey, others: Sequence[Path], since_us: int, until_us: int
) -> Iterator[SpanFinding]:
    gaps = ((gap.start_us, gap.end_us) for gap in reader.gaps(*key))
    for start, end in holes(reader.spans(*key), gaps):
        if start >= until_us:
            return
        if end <= since_us:
            continue
        for part in left_over(key, (start, end), others):
            seconds = (part[1] - part[0]) // US_PER_S
            found = SpanFinding(Kind.HOLE, key, part, f"{seconds} s without footage, and no gap says why")
            found.explanation = _SET_BACK if reader.was_set_back(*key, part[1]) else None
            yield found


def _contradicted(reader: IndexReader, key: StreamKey, until_us: int) -> Iterator[SpanFinding]:
    for gap, footage in contradicted(reader.spans(*key), reader.gaps(*key)):
        if gap.start_us >= until_us:
            return
        found = SpanFinding(
            Kind.CONTRADICTED_GAP, key, (gap.start_us, gap.end_us), f"a gap ({gap.cause}) where there is footage"
        )
        found.gap, found.footage = gap, footage
        found.explanation = _SET_BACK if reader.was_set_back(*key, gap.end_us) else None
        yield found
