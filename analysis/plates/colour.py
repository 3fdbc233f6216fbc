"""The ground colour of a plate, from its rectified picture."""

from __future__ import annotations

import cv2
import numpy as np

from analysis.plates.detector import Picture
from foundation.plates import PlateColour

_SIZE = (72, 22)
# Hue in OpenCV's half degrees from, to; the least saturation that tells the ground from tinted white.
_GROUNDS: tuple[tuple[PlateColour, int, int, int], ...] = (
    ("yellow", 12, 34, 90),
    ("green", 35, 90, 45),
    ("blue", 91, 135, 105),
)
_COLOURED_SHARE = 0.3
_WHITE_SHARE = 0.5


def plate_colour(picture: Picture) -> PlateColour:
    """The colour that most of the plate has; ink is always the lesser part. Grey is judged against the brightest."""
    small = cv2.resize(picture, _SIZE, interpolation=cv2.INTER_AREA)[2:-2, 3:-3]
    hue, saturation, value = (plane.astype(np.int32) for plane in cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2HSV)))
    bright = max(int(np.percentile(value, 95)), 1)
    lit = value > bright * 0.25
    shares = {
        name: float(np.mean(lit & (saturation >= least) & (hue >= low) & (hue <= high)))
        for name, low, high, least in _GROUNDS
    }
    name = max(shares, key=lambda key: shares[key])
    if shares[name] >= _COLOURED_SHARE:
        return name
    return "white" if np.mean(value > bright * 0.55) > _WHITE_SHARE else "black"
