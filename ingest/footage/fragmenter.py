"""From access units in decoding order to fragments with decode times (ISO/IEC 14496-12, 8.8)."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from foundation.clock import US_PER_S
from ingest.access_unit import TICKS_PER_S, AccessUnit
from ingest.footage.mp4 import Sample, fragment, fragment_parts

_MAX_REORDER = 16
_DEFAULT_DURATION = TICKS_PER_S // 25  # of a single sample whose successor never came


def us_from_ticks(ticks: int) -> int:
    return ticks * US_PER_S // TICKS_PER_S


@dataclass(slots=True, frozen=True)
class MediaFragment:
    start_us: int  # of the first unit
    decode_time: int  # of the first unit, ticks on the stream's own line
    duration: int  # ticks
    samples: Sequence[Sample]
    is_keyframe: bool  # starts with one, and is the place to start a segment or a viewer
    gap_before: bool

    @property
    def end_us(self) -> int:
        return self.start_us + us_from_ticks(self.duration)

    def encode(self, sequence_number: int, origin: int) -> bytes:
        """`moof` and `mdat`, with decode times that count from `origin`."""
        return fragment(sequence_number, self.decode_time - origin, self.samples)

    def encode_parts(self, sequence_number: int, origin: int) -> list[bytes]:
        """The same in pieces, of which the pictures are not copied."""
        return fragment_parts(sequence_number, self.decode_time - origin, self.samples)


class Fragmenter:
    """Collects about `fragment_ticks` a fragment; each keyframe starts a new one.

    The i-th decode time is the i-th smallest presentation time, so a unit waits until `reorder_frames` more have come,
    and one more to know its duration. Where the parameter sets do not say how far pictures are reordered, the stream
    shows it: the depth starts at zero and grows.
    """

    def __init__(self, fragment_ticks: int, reorder_frames: int | None = None) -> None:
        self._fragment_ticks = fragment_ticks
        self._reorder = reorder_frames or 0
        self._presentation: list[int] = []  # heap
        self._waiting: deque[AccessUnit] = deque()
        self._current: list[tuple[AccessUnit, int]] = []
        self._last: int | None = None

    def push(self, unit: AccessUnit) -> MediaFragment | None:
        if self._last is not None and unit.rtp_time < self._last and self._reorder < _MAX_REORDER:
            self._reorder += 1
        heapq.heappush(self._presentation, unit.rtp_time)
        self._waiting.append(unit)
        return self._assign() if len(self._waiting) > self._reorder else None

    def flush(self) -> list[MediaFragment]:
        """What is left when nothing follows; afterwards the next unit starts afresh."""
        done = [one for _ in range(len(self._waiting)) if (one := self._assign())]
        if self._current:
            done.append(self._close(self._current[-1][1] + self._usual_duration()))
        self._current = []
        self._last = None
        return done

    def _assign(self) -> MediaFragment | None:
        unit = self._waiting.popleft()
        decode_time = heapq.heappop(self._presentation)
        if self._last is not None:
            decode_time = max(decode_time, self._last + 1)
        self._last = decode_time
        done = None
        if self._current and (
            unit.is_keyframe or unit.gap_before or decode_time - self._current[0][1] >= self._fragment_ticks
        ):
            done = self._close(decode_time)
            self._current = []
        self._current.append((unit, decode_time))
        return done

    def _close(self, end: int) -> MediaFragment:
        units = self._current
        times = [decode_time for _, decode_time in units] + [end]
        samples = [
            Sample(unit.data, following - decode_time, unit.rtp_time - decode_time, unit.is_keyframe)
            for (unit, _), (decode_time, following) in zip(units, pairwise(times), strict=True)
        ]
        first = units[0][0]
        return MediaFragment(first.start_us, times[0], end - times[0], samples, first.is_keyframe, first.gap_before)

    def _usual_duration(self) -> int:
        if len(self._current) < 2:
            return _DEFAULT_DURATION
        return (self._current[-1][1] - self._current[0][1]) // (len(self._current) - 1) or 1
