"""Which access units of a looped file are due, and their times, which rise over every loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.virtual_camera.packetising import PacketisedUnit


class Playhead:
    """Media time is 90 kHz since `start_us` (monotonic clock); no unit's time lies after the moment it is due."""

    def __init__(self, units: Sequence[PacketisedUnit], duration: int, start_us: int) -> None:
        self._units = units
        self._duration = duration
        self._start_us = start_us
        self._reordering = max(unit.pts - unit.dts for unit in units)
        self._index = 0
        self._offset = 0  # media time at which this loop began
        self._highest = -self._reordering  # latest time given to a unit

    def media_time(self, now_us: int) -> int:
        return (now_us - self._start_us) * 9 // 100

    def due(self, now_us: int) -> Iterator[tuple[PacketisedUnit, int]]:
        """Units up to now in decoding order, each with its presentation time as media time."""
        now = self.media_time(now_us)
        while self._offset + self._units[self._index].dts <= now:
            unit, time = self._units[self._index], self._time()
            self._highest = max(self._highest, time)
            self._advance()
            yield unit, time

    def next_due_us(self) -> int:
        return self._start_us - (self._offset + self._units[self._index].dts) * 100 // -9

    def rewind(self, now_us: int) -> None:
        """Go on from the file's first unit at once, in later times than any before."""
        self._index = 0
        self._offset = max(self.media_time(now_us), self._highest + self._reordering + 1)

    def until_keyframe(self) -> tuple[int, int]:
        """The packets before the next keyframe, and its media time."""
        packets, offset = 0, self._offset
        for step in range(self._index, self._index + len(self._units)):
            if step == len(self._units):
                offset += self._duration
            unit = self._units[step % len(self._units)]
            if unit.is_keyframe:
                return packets, offset + unit.pts - self._reordering
            packets += len(unit.payloads)
        raise AssertionError("a file without a keyframe is refused when it is read")

    def _time(self) -> int:
        return self._offset + self._units[self._index].pts - self._reordering

    def _advance(self) -> None:
        self._index += 1
        if self._index == len(self._units):
            self._index = 0
            self._offset += self._duration
