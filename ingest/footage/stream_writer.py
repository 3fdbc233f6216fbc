"""The segments and gaps of one stream, as its fragments and faults come in. Belongs to the disk's writer thread."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from foundation.clock import US_PER_S
from foundation.errors import DiskFull, ResourceError
from ingest.access_unit import MediaParameters
from ingest.footage.fragmenter import MediaFragment, us_from_ticks
from ingest.footage.index import Gap
from ingest.footage.index_writer import Changes, SegmentRow
from ingest.footage.mp4 import init_segment
from ingest.footage.segment_file import SegmentFile, SegmentName

_SHORTEST_GAP_US = US_PER_S // 2
_STEP_US = 2 * US_PER_S  # a camera's clock that runs wrong is followed in steps of a second


class StreamWriter:
    def __init__(self, disk: Path, camera_id: str, stream: str, segment_us: int) -> None:
        self._disk = disk
        self._camera_id = camera_id
        self._stream = stream
        self._segment_us = segment_us
        self._fence = 0
        self._next_n = 0
        self._init: bytes | None = None
        self._segment: SegmentFile | None = None
        self._done: list[SegmentRow] = []
        self._gaps: list[Gap] = []
        self._end_us: int | None = None  # of all footage so far, and of gaps already told
        self._end_decode = 0  # decode time of the end of the last fragment
        self._cause: str | None = None  # of the gap that began there
        self._awaiting_keyframe = True

    def begin(self, fence: int, next_n: int, last_end_us: int | None) -> None:
        """Record under this fence. What lies between earlier footage and the next is a restart."""
        self._finish_segment()
        if fence != self._fence or self._next_n < next_n:
            self._fence, self._next_n = fence, next_n
        if self._end_us is None or (last_end_us or 0) > self._end_us:
            self._end_us = last_end_us
        self._cause = self._cause or "restart"

    def take_over(self, end_us: int | None, cause: str | None) -> None:
        """Go on with what another disk recorded up to then; the cause is that of what is missing since."""
        self._finish_segment()
        self._awaiting_keyframe = True
        self._end_us, self._cause = end_us, cause

    def leave(self) -> None:
        """Another disk goes on, and tells what is missing."""
        self._finish_segment()
        self._awaiting_keyframe = True
        self._cause = None

    def forget_segments(self) -> None:
        """Their disk is gone; what it holds is seen when it comes back."""
        self._done.clear()

    def parameters(self, parameters: MediaParameters) -> None:
        self._finish_segment()
        self._init = init_segment(parameters)
        self._awaiting_keyframe = True

    def append(self, fragment: MediaFragment) -> bool:
        """Whether the fragment was written; on a full disk it is lost with all that follows up to a keyframe."""
        if self._init is None or (self._awaiting_keyframe and not fragment.is_keyframe):
            return False
        fragment = self._in_line(fragment)
        try:
            self._segment_for(fragment, self._init).append(fragment)
        except ResourceError as error:
            self.interrupt("disk_full" if isinstance(error, DiskFull) else "disk_unavailable", fragment.start_us)
            raise
        self._awaiting_keyframe = False
        self._end_gap(fragment.start_us)
        self._end_us = fragment.end_us
        self._end_decode = fragment.decode_time + fragment.duration
        return True

    def lost(self, start_us: int, end_us: int) -> None:
        """Packets were lost between two units that were recorded."""
        if end_us > start_us:
            self._gaps.append(self._gap(start_us, end_us, "packet_loss"))

    def interrupt(self, cause: str | None, now_us: int) -> None:
        """Nothing follows for now, because of this; None when nothing is meant to follow.

        A gap whose cause changes becomes two: each says what was true at its time.
        """
        self._finish_segment()
        self._awaiting_keyframe = True
        if cause != self._cause:
            self._end_gap(now_us)
        self._cause = cause

    def changes(self, now_us: int) -> Changes:
        """What changed since the last call; a gap that lasts is told as it stands."""
        rows, self._done = self._done, []
        if self._segment is not None and self._segment.has_footage:
            rows.append(self._segment.row(complete=False))
        gaps, self._gaps = self._gaps, []
        if (
            self._cause
            and self._end_us is not None
            and self._segment is None
            and now_us - self._end_us > _SHORTEST_GAP_US
        ):
            gaps.append(self._gap(self._end_us, now_us, self._cause))
        return Changes({row.key: row for row in rows}, {(one.camera_id, one.stream, one.start_us): one for one in gaps})

    @property
    def recording(self) -> bool:
        return self._segment is not None

    @property
    def open_since_us(self) -> int | None:
        return self._segment.name.start_us if self._segment else None

    def _in_line(self, fragment: MediaFragment) -> MediaFragment:
        """A wall clock set forward is followed where a segment can begin; until then time goes on as it did."""
        if self._segment is None or self._end_us is None:
            return fragment
        step_us = fragment.start_us - self._end_us - us_from_ticks(fragment.decode_time - self._end_decode)
        if step_us <= _STEP_US:
            return fragment
        if not fragment.is_keyframe:
            return replace(fragment, start_us=fragment.start_us - step_us)
        self._finish_segment()
        self._cause = "clock_step"
        return fragment

    def _segment_for(self, fragment: MediaFragment, init: bytes) -> SegmentFile:
        segment = self._segment
        if segment and fragment.is_keyframe and fragment.start_us - segment.name.start_us >= self._segment_us:
            self._finish_segment()
            if self._end_us is not None and fragment.start_us - self._end_us > _STEP_US:
                self._cause = "silent"  # sound that pauses; within a segment its own times say so
        if self._segment is None:
            name = SegmentName(self._camera_id, self._stream, fragment.start_us, self._fence, self._next_n)
            self._next_n += 1
            self._segment = SegmentFile(self._disk, name, init)
        return self._segment

    def _finish_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        if segment.has_footage:
            self._done.append(segment.row(complete=True))
        segment.close()

    def _end_gap(self, now_us: int) -> None:
        if self._cause and self._end_us is not None and now_us - self._end_us > _SHORTEST_GAP_US:
            self._gaps.append(self._gap(self._end_us, now_us, self._cause))
            self._end_us = now_us
        self._cause = None

    def _gap(self, start_us: int, end_us: int, cause: str) -> Gap:
        return Gap(self._camera_id, self._stream, start_us, end_us, cause)
