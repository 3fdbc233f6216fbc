"""One camera's analysis: motion on the small picture, and plates on the large one while something moves."""

from __future__ import annotations

from analysis.frames import Frame
from analysis.motion import Box, MotionObservation, MotionTracker
from analysis.plates.watcher import PlateRead, PlateWatcher

ANALYSE_US = 195_000  # about five pictures a second
_LINGER_US = 1_000_000  # plates are looked for this long after the last motion


class CameraAnalysis:
    """Fed by one thread, with times that never run backwards; knows nothing of streams, stores or files."""

    def __init__(self, *, plates: bool) -> None:
        self._motion = MotionTracker()
        self._plates = PlateWatcher() if plates else None
        self._next_us = 0
        self._moved_us: int | None = None
        self._boxes: tuple[Box, ...] = ()

    @property
    def wants_plates(self) -> bool:
        """Whether the main stream is worth decoding now."""
        return self._plates is not None and self._moved_us is not None

    def see_small(self, frame: Frame) -> MotionObservation | None:
        """A picture of the sub stream; most are passed over. Returns the motion that ended with it."""
        if frame.start_us < self._next_us:
            return None
        self._next_us = frame.start_us + ANALYSE_US
        ended = self._motion.update(frame.luma(), frame.start_us)
        boxes = self._motion.moving.boxes
        if boxes:
            self._boxes, self._moved_us = boxes, frame.start_us
        elif self._moved_us is not None and frame.start_us - self._moved_us > _LINGER_US:
            self._boxes, self._moved_us = (), None
        return ended

    def see_large(self, frame: Frame) -> list[PlateRead]:
        """A picture of the main stream, taken while `wants_plates`."""
        return self._plates.update(frame, self._boxes) if self._plates is not None else []

    def end_plates(self) -> list[PlateRead]:
        """The main stream is no longer looked at."""
        return self._plates.end() if self._plates is not None else []

    def end(self) -> tuple[MotionObservation | None, list[PlateRead]]:
        """The camera's streams ended or broke: close what is open."""
        self._boxes, self._moved_us, self._next_us = (), None, 0
        return self._motion.end(), self.end_plates()
