"""Which recorded fragments make up a clip."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from foundation.clock import US_PER_S
from foundation.errors import DatabaseError
from ingest.access_unit import TICKS_PER_S
from ingest.footage.index import CodecRow, FootageIndex, Segment
from ingest.playback.fragment_heads import FragmentHead, fragment_heads
from ingest.playback.unindexed import unindexed

# Neighbouring segments may overlap by the error of the clock that dates them.
_OVERLAP_US = US_PER_S // 4

_log = structlog.get_logger()


@dataclass(slots=True, frozen=True)
class Piece:
    """One fragment in its file, dated."""

    file: Path
    head: FragmentHead
    start_us: int
    end_us: int


@dataclass(slots=True, frozen=True)
class Selection:
    codec: CodecRow
    pieces: list[Piece]


@dataclass(slots=True, frozen=True)
class _Recorded:
    disk: Path
    segment: Segment
    codec: CodecRow

    @property
    def file(self) -> Path:
        return self.disk / self.segment.path


def select_pieces(disks: Sequence[Path], camera_id: str, stream: str, start_us: int, end_us: int) -> Selection | None:
    """None when nothing is recorded there.

    One file holds one set of codec parameters: where they change within the span, the set that covers most of it is
    taken, and the rest is a gap.
    """
    by_codec: defaultdict[bytes, list[_Recorded]] = defaultdict(list)
    codecs: dict[bytes, CodecRow] = {}
    for recorded in _recorded(disks, camera_id, stream, start_us, end_us):
        codecs[recorded.codec.init] = recorded.codec
        by_codec[recorded.codec.init].append(recorded)
    if not codecs:
        return None
    init, chosen = max(by_codec.items(), key=lambda item: _covered_us(item[1], start_us, end_us))
    pieces = list(_pieces(chosen, len(init), start_us, end_us))
    return Selection(codecs[init], pieces) if pieces else None


def _recorded(disks: Sequence[Path], camera_id: str, stream: str, start_us: int, end_us: int) -> Iterator[_Recorded]:
    for disk in disks:
        index = FootageIndex(disk)
        try:
            # The newest first: a row that comes in between is then found twice, and not never.
            found = list(unindexed(index, camera_id, stream, start_us, end_us))
            found += index.recorded(camera_id, stream, start_us, end_us)
        except DatabaseError as error:  # the other disks can still be shown
            _log.error("footage_index_unreadable", disk=str(disk), error=str(error))
            continue
        by_path = {segment.path: _Recorded(disk, segment, codec) for segment, codec in found}
        yield from by_path.values()


def _covered_us(recorded: Iterable[_Recorded], start_us: int, end_us: int) -> int:
    return sum(min(one.segment.end_us, end_us) - max(one.segment.start_us, start_us) for one in recorded)


def _pieces(recorded: Iterable[_Recorded], init_bytes: int, start_us: int, end_us: int) -> Iterator[Piece]:
    """In order and without doubles: where two recorders overlapped, the second one follows when the first ends."""
    shown_until_us: int | None = None
    for one in sorted(recorded, key=lambda one: (one.segment.start_us, -one.segment.fence)):
        overlaps = shown_until_us is not None and one.segment.start_us < shown_until_us - _OVERLAP_US
        segment = one.segment
        keyframe = segment.keyframe_from(shown_until_us or 0) if overlaps else segment.keyframe_by(start_us)
        if keyframe is None:
            continue
        for piece in _dated(one, init_bytes, keyframe[1]):
            if piece.start_us >= end_us:
                break
            yield piece
            shown_until_us = piece.end_us


def _dated(one: _Recorded, init_bytes: int, begin: int) -> Iterator[Piece]:
    segment = one.segment
    us_per_tick = (
        segment.duration_us / segment.media_duration_90k if segment.media_duration_90k else US_PER_S / TICKS_PER_S
    )
    try:
        with one.file.open("rb") as file:
            first = next(fragment_heads(file, init_bytes), None)
            # A file still being written holds more than its row tells, which waits for the next sync.
            for head in fragment_heads(file, begin, segment.size_bytes if segment.complete else None):
                since = head.decode_time - first.decode_time if first else 0
                start_us = segment.start_us + round(since * us_per_tick)
                yield Piece(one.file, head, start_us, start_us + round(head.duration * us_per_tick))
    except FileNotFoundError:
        return  # purged since the question to the index
