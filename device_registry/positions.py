"""Positions in degrees: WGS 84, which is kept, and GCJ-02, in which maps and surveys of mainland China come.

GCJ-02 shifts a position by some hundred metres. Its formula was never published; this is the approximation in general
use, a polynomial with sines on the Krasovsky 1940 ellipsoid, which maps agree with to about a metre.
"""

from __future__ import annotations

from math import cos, pi, sin, sqrt
from typing import Final, Literal

Datum = Literal["wgs84", "gcj02"]

_SEMI_MAJOR_AXIS_M: Final = 6_378_245.0  # Krasovsky 1940
_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
_MAINLAND: Final = ((0.8293, 55.8271), (72.004, 137.8347))  # latitudes and longitudes within which maps are shifted
_CHINA: Final = ((18.0, 54.0), (73.0, 135.5))
_ROUNDS: Final = 6  # each takes off all but a thousandth of what is wrong


def to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """From WGS 84; outside of the rectangle around mainland China nothing is shifted."""
    if not _within(_MAINLAND, latitude, longitude):
        return latitude, longitude
    north, east = _shift_m(longitude - 105.0, latitude - 35.0)
    along = 1 - _ECCENTRICITY_SQUARED * sin(latitude * pi / 180) ** 2
    meridian_m = _SEMI_MAJOR_AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (along * sqrt(along))
    parallel_m = _SEMI_MAJOR_AXIS_M / sqrt(along) * cos(latitude * pi / 180)
    return latitude + north * 180 / (meridian_m * pi), longitude + east * 180 / (parallel_m * pi)


def to_wgs84(latitude: float, longitude: float) -> tuple[float, float]:
    """From GCJ-02, by fixed-point iteration: to less than a millimetre the inverse of `to_gcj02`."""
    if not _within(_MAINLAND, latitude, longitude):
        return latitude, longitude
    found = (latitude, longitude)
    for _ in range(_ROUNDS):
        shifted = to_gcj02(*found)
        found = (found[0] + latitude - shifted[0], found[1] + longitude - shifted[1])
    return found


def look_swapped(latitude: float, longitude: float) -> bool:
    """Whether it is no place where a camera can be, but one in China with its two numbers exchanged."""
    return abs(latitude) > _CHINA[1][0] and _within(_CHINA, longitude, latitude)


def _within(bounds: tuple[tuple[float, float], tuple[float, float]], latitude: float, longitude: float) -> bool:
    (south, north), (west, east) = bounds
    return south <= latitude <= north and west <= longitude <= east


def _shift_m(x: float, y: float) -> tuple[float, float]:
    """North and east, metres, for degrees east of 105 and north of 35."""
    ripple = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + ripple
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + ripple
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    return north, east
