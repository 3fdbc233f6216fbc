"""Motion in a fixed camera's picture, frame by frame.

A running average finds change for next to nothing; a mixture of Gaussians (Zivkovic 2004) confirms it, and is fed only
while there is change to confirm. A change of the whole picture (lamps, clouds, exposure) is light, not motion.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.frames import Luma
from foundation.clock import US_PER_S

Matrix = cv2.typing.MatLike
Box = tuple[float, float, float, float]  # left, top, width, height as fractions of the picture

WIDTH, HEIGHT = 320, 180
_WARM_UP_FRAMES = 3
_LEARNING_RATE = 0.04  # of the background, a frame: half a second's stop does not become background
_LEAST_CHANGE = 8  # grey levels
_LEAST_AREA = 0.0008  # of the picture: a person of 5 x 10 of 320 x 180 pixels
_LIGHT_AREA = 0.55  # more than this changing at once is light
_LIGHT_SHIFT = 10  # grey levels of the picture's median
_CONFIRM_FRAMES = 2
_QUIET_US = 1_500_000
_LONGEST_US = 60 * US_PER_S
_KERNEL = np.ones((3, 3), np.uint8)
_CLOSING = np.ones((7, 7), np.uint8)


@dataclass(slots=True, frozen=True)
class MotionObservation:
    """`peak_area` is the largest share of the picture that moved at once; `box` holds all that moved."""

    start_us: int
    end_us: int
    peak_area: float
    box: Box


@dataclass(slots=True, frozen=True)
class Moving:
    """What moves in one picture."""

    boxes: tuple[Box, ...]
    area: float


_NOTHING = Moving((), 0.0)


class MotionDetector:
    """Pixels that differ from the background, in connected areas that are large enough to mean something."""

    def __init__(self) -> None:
        self._background: NDArray[np.float32] | None = None
        self._mixture: cv2.BackgroundSubtractor | None = None
        self._quiet_frames = 0
        self._frames = 0
        self._noise = 2.0

    def update(self, luma: Luma) -> Moving:
        picture = cv2.GaussianBlur(cv2.resize(luma, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), (5, 5), 0)
        if self._background is None:
            self._background = picture.astype(np.float32)
            return _NOTHING
        self._frames += 1
        background = cv2.convertScaleAbs(self._background)
        shift = float(np.median(_sampled(picture) - _sampled(background)))
        changed = self._changed(picture, background, shift)
        share = cv2.countNonZero(changed) / changed.size
        if share > _LIGHT_AREA or abs(shift) > _LIGHT_SHIFT:
            self._relearn(picture)
            return _NOTHING
        self._learn(picture, changed)
        if self._frames <= _WARM_UP_FRAMES:
            return _NOTHING
        return self._confirmed(picture, changed, share)

    def _changed(self, picture: Matrix, background: Matrix, shift: float) -> Matrix:
        difference = cv2.absdiff(picture, cv2.convertScaleAbs(background, alpha=1.0, beta=shift))
        self._noise += 0.05 * (float(np.median(_sampled(difference))) - self._noise)
        _, mask = cv2.threshold(difference, max(_LEAST_CHANGE, 6 * self._noise), 1, cv2.THRESH_BINARY)
        return cv2.morphologyEx(mask, cv2.MORPH_OPEN, _KERNEL)

    def _learn(self, picture: Matrix, changed: Matrix) -> None:
        assert self._background is not None
        rate = 0.3 if self._frames <= _WARM_UP_FRAMES else _LEARNING_RATE
        cv2.accumulateWeighted(picture, self._background, rate, mask=1 - changed)
        cv2.accumulateWeighted(picture, self._background, rate / 4, mask=changed)

    def _relearn(self, picture: Matrix) -> None:
        self._background = picture.astype(np.float32)
        self._mixture = None
        self._frames = min(self._frames, _WARM_UP_FRAMES - 2)

    def _confirmed(self, picture: Matrix, changed: Matrix, share: float) -> Moving:
        if share < _LEAST_AREA / 2:
            self._quiet_frames += 1
            if self._quiet_frames > _WARM_UP_FRAMES:
                self._mixture = None
            return _NOTHING
        self._quiet_frames = 0
        mask = cv2.bitwise_and(self._mixture_mask(picture), changed)
        return _areas(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _CLOSING))

    def _mixture_mask(self, picture: Matrix) -> Matrix:
        if self._mixture is None:
            assert self._background is not None
            self._mixture = cv2.createBackgroundSubtractorMOG2(history=150, varThreshold=16, detectShadows=True)
            self._mixture.apply(self._background.astype(np.uint8), learningRate=1.0)
        foreground = self._mixture.apply(picture, learningRate=0.01)
        return cv2.threshold(foreground, 200, 1, cv2.THRESH_BINARY)[1]  # 127 is shadow


def _sampled(picture: Matrix) -> NDArray[np.int16]:
    """Enough of the pixels for a median."""
    return picture[::5, ::5].astype(np.int16)


def _areas(mask: Matrix) -> Moving:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    least = _LEAST_AREA * mask.size
    found = [row for row in stats[1:count] if row[cv2.CC_STAT_AREA] >= least]
    boxes = tuple((x / WIDTH, y / HEIGHT, w / WIDTH, h / HEIGHT) for x, y, w, h in (map(int, row[:4]) for row in found))
    return Moving(boxes, float(sum(row[cv2.CC_STAT_AREA] for row in found)) / mask.size)


class MotionTracker:
    """Turns what moves in each picture into observations, with hysteresis at both ends.

    Motion begins with two pictures in a row and ends with 1.5 s of quiet; one that lasts is reported every minute.
    """

    def __init__(self) -> None:
        self._detector = MotionDetector()
        self._first_us = 0
        self._last_us = 0
        self._in_a_row = 0
        self._start_us: int | None = None
        self._peak = 0.0
        self._box: Box = (0.0, 0.0, 0.0, 0.0)
        self.moving = _NOTHING

    @property
    def active(self) -> bool:
        return self._start_us is not None

    def update(self, luma: Luma, at_us: int) -> MotionObservation | None:
        """The observation that ended with this picture, if one did."""
        self.moving = self._detector.update(luma)
        if self.moving.boxes:
            self._see(at_us)
        else:
            self._in_a_row = 0
        if self._start_us is None:
            return None
        if at_us - self._last_us > _QUIET_US:
            return self.end()
        if at_us - self._start_us > _LONGEST_US:
            return self._part(at_us)
        return None

    def end(self) -> MotionObservation | None:
        """Close what is open: the stream ended or broke."""
        if self._start_us is None:
            return None
        ended = MotionObservation(self._start_us, self._last_us, self._peak, self._box)
        self._start_us = None
        self._in_a_row = 0
        return ended

    def _see(self, at_us: int) -> None:
        self._in_a_row += 1
        if self._start_us is None and self._in_a_row == 1:
            self._first_us, self._peak, self._box = at_us, self.moving.area, union(*self.moving.boxes)
        if self._start_us is None and self._in_a_row >= _CONFIRM_FRAMES:
            self._start_us = self._first_us
        self._last_us = at_us
        self._peak = max(self._peak, self.moving.area)
        self._box = union(self._box, *self.moving.boxes)

    def _part(self, at_us: int) -> MotionObservation | None:
        ended = self.end()
        if self.moving.boxes:
            self._start_us, self._last_us = at_us, at_us
            self._peak, self._box = self.moving.area, union(*self.moving.boxes)
        return ended


def union(*boxes: Box) -> Box:
    left = min(box[0] for box in boxes)
    top = min(box[1] for box in boxes)
    right = max(box[0] + box[2] for box in boxes)
    bottom = max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top
