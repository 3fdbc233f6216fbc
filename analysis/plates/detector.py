"""Where the plates are in a picture: a RetinaFace-like single-shot detector with four corners a plate.

Deng et al., RetinaFace (2019); the priors are those the network was trained with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.plates.models import PLATE_DETECTOR, session

Picture = NDArray[np.uint8]  # height x width x 3, BGR
Floats = NDArray[np.float32]

_STRIDES = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
_VARIANCE = (0.1, 0.2)
_MEAN_BGR = np.array((104, 117, 123), np.float32)
_MAX_OVERLAP = 0.4
_CLOCKWISE = [2, 3, 0, 1]  # the network gives bottom right, bottom left, top left, top right


@dataclass(slots=True, frozen=True)
class PlateBox:
    """A plate found, in pixels of the picture given."""

    score: float
    x: float
    y: float
    width: float
    height: float
    corners: Floats  # 4 x 2: clockwise from the top left

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def moved(self, left: float, top: float, scale: float) -> PlateBox:
        """The same plate in the picture that this one was cut from at (left, top) and then scaled down."""
        corners = self.corners * scale + np.array([left, top], np.float32)
        x, y = self.x * scale + left, self.y * scale + top
        return PlateBox(self.score, x, y, self.width * scale, self.height * scale, corners.astype(np.float32))

    def is_near(self, other: PlateBox) -> bool:
        """Whether the two lie on one another."""
        (x, y), (other_x, other_y) = self.centre, other.centre
        reach_x, reach_y = max(self.width, other.width) / 2, max(self.height, other.height) / 2
        return abs(x - other_x) < reach_x and abs(y - other_y) < reach_y


def detect(picture: Picture, *, least_score: float = 0.5) -> list[PlateBox]:
    """Plates in the picture, the surest first; best found when a plate is 40 to 250 pixels wide."""
    height, width = picture.shape[:2]
    blob = (picture.astype(np.float32) - _MEAN_BGR).transpose(2, 0, 1)[None]
    loc, confidence, landmarks = (out[0] for out in session(PLATE_DETECTOR).run(None, {"image": blob}))
    found = np.flatnonzero(confidence[:, 1] >= least_score)
    if not found.size:
        return []
    priors = _priors(height, width)[found]
    boxes = _decode_boxes(loc[found], priors)
    corners = _decode_corners(landmarks[found], priors)
    scores = confidence[found, 1]
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), least_score, _MAX_OVERLAP)
    return [_plate(scores[i], boxes[i], corners[i]) for i in np.asarray(kept).flatten()]


def _plate(score: float, box: Floats, corners: Floats) -> PlateBox:
    x, y, width, height = (float(side) for side in box)
    return PlateBox(float(score), x, y, width, height, corners[_CLOCKWISE])


@lru_cache(maxsize=32)
def _priors(height: int, width: int) -> Floats:
    """Centre x, centre y, and the two sides of every prior, in pixels, in the network's order."""
    levels = []
    for stride, sizes in _STRIDES:
        rows, columns = ceil(height / stride), ceil(width / stride)
        ys, xs, size = np.meshgrid(np.arange(rows), np.arange(columns), np.array(sizes), indexing="ij")
        levels.append(np.stack([(xs + 0.5) * stride, (ys + 0.5) * stride, size, size], axis=-1).reshape(-1, 4))
    return np.concatenate(levels).astype(np.float32)


def _decode_boxes(loc: Floats, priors: Floats) -> Floats:
    """Left, top, width, height."""
    centres = priors[:, :2] + loc[:, :2] * _VARIANCE[0] * priors[:, 2:]
    sides = priors[:, 2:] * np.exp(loc[:, 2:] * _VARIANCE[1])
    return np.hstack([centres - sides / 2, sides])


def _decode_corners(landmarks: Floats, priors: Floats) -> Floats:
    points = landmarks.reshape(-1, 4, 2) * _VARIANCE[0] * priors[:, None, 2:] + priors[:, None, :2]
    return np.asarray(points, np.float32)
