"""From units of sound to fragments, as `ingest.footage.fragmenter` does for pictures, with nothing to reorder."""

from __future__ import annotations

from itertools import pairwise

from ingest.access_unit import TICKS_PER_S, AudioUnit
from ingest.footage.fragmenter import MediaFragment
from ingest.footage.mp4 import Sample

_HOLE_TICKS = TICKS_PER_S // 10  # a longer pause (some cameras send nothing when all is quiet) is none of the sound's
_MAX_UNITS = 512


class AudioFragmenter:
    """Collects about `fragment_ticks` a fragment. Each one is a place to start from."""

    def __init__(self, fragment_ticks: int) -> None:
        self._fragment_ticks = fragment_ticks
        self._units: list[AudioUnit] = []
        self._times: list[int] = []  # decode times: those of RTP, made to rise

    def push(self, unit: AudioUnit) -> MediaFragment | None:
        if not self._units:
            self._add(unit, unit.rtp_time)
            return None
        at = max(unit.rtp_time, self._times[-1] + 1)
        done = None
        if unit.gap_before or at - self._end > _HOLE_TICKS:
            done = self._close(min(self._end, at))
        elif at - self._times[0] >= self._fragment_ticks or len(self._units) >= _MAX_UNITS:
            done = self._close(at)
        self._add(unit, at)
        return done

    def flush(self) -> list[MediaFragment]:
        """What is left when nothing follows; afterwards the next unit starts afresh."""
        return [self._close(self._end)] if self._units else []

    @property
    def _end(self) -> int:
        """Where the last unit ends by itself."""
        return self._times[-1] + self._units[-1].duration

    def _add(self, unit: AudioUnit, at: int) -> None:
        self._units.append(unit)
        self._times.append(at)

    def _close(self, end: int) -> MediaFragment:
        units, times = self._units, [*self._times, end]
        self._units, self._times = [], []
        samples = [
            Sample(unit.data, following - at, 0, is_keyframe=True)
            for unit, (at, following) in zip(units, pairwise(times), strict=True)
        ]
        first = units[0]
        return MediaFragment(first.start_us, times[0], end - times[0], samples, True, first.gap_before)
