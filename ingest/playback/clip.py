"""A stretch of one stream's footage as one MP4 file: its head is made here, its media stay where they were recorded."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from foundation.clock import US_PER_S
from foundation.errors import InvalidInput, NotFound
from ingest.footage.intervals import Interval
from ingest.playback.moment import moment
from ingest.playback.progressive import progressive_head
from ingest.playback.selection import Piece, select_pieces

MAX_SPAN_US = 600 * US_PER_S
MAX_BYTES = 256 << 20


class Extent(NamedTuple):
    """A run of bytes in a recorded file."""

    file: Path
    start: int
    size: int


@dataclass(frozen=True)
class Clip:
    head: bytes
    extents: Sequence[Extent]
    mime: str
    start_us: int  # of the first picture (the keyframe at or before the start asked for), or unit of sound
    end_us: int
    gaps: list[Interval]  # within what was asked for; in the file they are closed up

    @property
    def size(self) -> int:
        return self._starts[-1]

    @cached_property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.head).hexdigest()[:32]}"'

    @cached_property
    def _starts(self) -> list[int]:
        """Where each extent starts in the clip, and where the last one ends."""
        return list(accumulate((extent.size for extent in self.extents), initial=len(self.head)))

    def read(self, start: int = 0, end: int | None = None) -> bytes:
        """Bytes of the MP4; `NotFound` when the footage was purged meanwhile."""
        end = self.size if end is None else min(end, self.size)
        return self.head[start:end] + b"".join(self._media(start, end))

    def _media(self, start: int, end: int) -> Iterator[bytes]:
        at = max(start, len(self.head))
        number = bisect_right(self._starts, at) - 1
        while at < end:
            extent, begin = self.extents[number], self._starts[number]
            size = min(end, begin + extent.size) - at
            yield _read(extent.file, extent.start + at - begin, size)
            at += size
            number += 1


def _read(file: Path, start: int, size: int) -> bytes:
    try:
        with file.open("rb") as opened:
            opened.seek(start)
            data = opened.read(size)
    except FileNotFoundError:
        data = b""
    if len(data) != size:
        raise NotFound("this footage was purged meanwhile.", mend="Ask for a later time.")
    return data


def clip(disks: Sequence[Path], camera_id: str, stream: str, start_us: int, end_us: int) -> Clip:
    """The footage of [start_us, end_us) on any of the disks, from the keyframe at or before its start.

    Raises `NotFound` when nothing is recorded there, and `InvalidInput` for more than ten minutes or 256 MiB.
    """
    where = f"camera {camera_id[:64]}/{stream[:8]}"
    if not 0 < end_us - start_us <= MAX_SPAN_US:
        mend = f"Ask for more than nothing and at most {MAX_SPAN_US // US_PER_S} s."
        raise InvalidInput("the span of the clip is empty or too long.", where=where, mend=mend)
    selection = select_pieces(disks, camera_id, stream, start_us, end_us)
    if selection is None:
        gap = moment(disks, camera_id, stream, start_us).gap
        cause = f" ({gap.cause})" if gap else ""
        raise NotFound(f"nothing is recorded there{cause}.", where=where, mend="Look at the footage's coverage.")
    pieces = selection.pieces
    if sum(piece.head.data_bytes for piece in pieces) > MAX_BYTES:
        raise InvalidInput(
            f"the clip is larger than {MAX_BYTES >> 20} MiB.", where=where, mend="Ask for less, or for the sub stream."
        )
    return Clip(
        head=progressive_head(selection.codec.init, [piece.head.samples for piece in pieces]),
        extents=[Extent(piece.file, piece.head.data_start, piece.head.data_bytes) for piece in pieces],
        mime=f'{"video" if selection.codec.width else "audio"}/mp4; codecs="{selection.codec.rfc6381}"',
        start_us=pieces[0].start_us,
        end_us=pieces[-1].end_us,
        gaps=_gaps(pieces, start_us, end_us),
    )


# Less is the jitter of a camera's clock, or a single lost picture.
_LEAST_GAP_US = US_PER_S // 2


def _gaps(pieces: Sequence[Piece], start_us: int, end_us: int) -> list[Interval]:
    starts = [piece.start_us for piece in pieces] + [end_us]
    ends = [start_us] + [piece.end_us for piece in pieces]
    return [(before, after) for before, after in zip(ends, starts, strict=True) if after - before >= _LEAST_GAP_US]
