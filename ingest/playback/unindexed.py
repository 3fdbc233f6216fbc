"""The segment that began last, before its row: rows follow the next sync of their disk, some seconds later.

Only what is newer than every row of the stream is looked for, so that nothing that was purged comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from foundation.clock import US_PER_S
from foundation.errors import InvalidInput
from ingest.footage.index import CodecRow, FootageIndex, Segment
from ingest.footage.index_writer import SegmentRow
from ingest.footage.mp4_reader import parameters_of, picture_size
from ingest.footage.scan import scan
from ingest.footage.segment_file import SegmentName

_HOUR_US = 3600 * US_PER_S


def unindexed(
    index: FootageIndex, camera_id: str, stream: str, start_us: int, end_us: int
) -> Iterator[tuple[Segment, CodecRow]]:
    """Segments within [start_us, end_us) that have a file and no row yet, as far as they are written now."""
    newest_us = index.newest_start_us(camera_id, stream)
    if newest_us is None or newest_us >= end_us:
        return
    hours = {
        (index.disk / SegmentName(camera_id, stream, at_us, 0, 0).path).parent
        for at_us in (max(newest_us, end_us - _HOUR_US), end_us)
    }
    for file in sorted(file for hour in hours for file in hour.glob("*.mp4")):
        name = SegmentName.parse(file.relative_to(index.disk).as_posix())
        if name is None or not newest_us < name.start_us < end_us:
            continue
        with suppress(InvalidInput, FileNotFoundError):
            row = scan(file, name)
            if row is not None and row.start_us + row.duration_us > start_us:
                yield _segment(row), _codec(row.init)


def _segment(row: SegmentRow) -> Segment:
    return Segment(
        id=0,
        camera_id=row.camera_id,
        stream=row.stream,
        fence=row.fence,
        n=row.n,
        codec_id=0,
        path=row.path,
        start_us=row.start_us,
        duration_us=row.duration_us,
        media_duration_90k=row.media_duration_90k,
        size_bytes=row.size_bytes,
        fragments=row.fragments,
        keyframes=row.keyframes,
        sha256=row.sha256,
        complete=False,
    )


def _codec(init: bytes) -> CodecRow:
    parameters = parameters_of(init)
    return CodecRow(0, parameters.codec, parameters.rfc6381, *picture_size(parameters), init)
