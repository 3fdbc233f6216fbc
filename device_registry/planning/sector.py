"""The ground that a camera covers, as GeoJSON (RFC 7946)."""

from __future__ import annotations

import math

from device_registry.planning.density import require_positive
from foundation.errors import InvalidInput

_EARTH_RADIUS_M = 6_371_008.8  # mean radius; a sphere is right to 0.6 % of the range
_STEP_DEG = 5.0
_MAX_RANGE_M = 50_000.0
_MAX_LATITUDE_DEG = 85.0  # where web maps end; meridians meet beyond


def sector(latitude: float, longitude: float, azimuth_deg: float, fov_deg: float, range_m: float) -> dict[str, object]:
    """A polygon in WGS 84: outer ring counterclockwise and closed, longitude before latitude, 1e-7 degrees.

    `azimuth_deg` clockwise from true north. A ring across the 180th meridian goes on beyond it uncut, as map
    libraries draw it. Raises `InvalidInput`.
    """
    _check(latitude, longitude, azimuth_deg, fov_deg, range_m)
    steps = max(2, math.ceil(fov_deg / _STEP_DEG))
    # From the right edge to the left: counterclockwise on the map.
    bearings = [azimuth_deg + fov_deg * (0.5 - step / steps) for step in range(steps + 1)]
    arc = [_at(latitude, longitude, bearing, range_m) for bearing in bearings]
    if fov_deg == 360:
        ring = [*arc[:-1], arc[0]]
    else:
        apex = [round(longitude, 7), round(latitude, 7)]
        ring = [apex, *arc, apex]
    return {"type": "Polygon", "coordinates": [ring]}


def _at(latitude: float, longitude: float, bearing_deg: float, distance_m: float) -> list[float]:
    angle, bearing, north = distance_m / _EARTH_RADIUS_M, math.radians(bearing_deg), math.radians(latitude)
    to = math.asin(math.sin(north) * math.cos(angle) + math.cos(north) * math.sin(angle) * math.cos(bearing))
    east = math.atan2(
        math.sin(bearing) * math.sin(angle) * math.cos(north), math.cos(angle) - math.sin(north) * math.sin(to)
    )
    return [round(longitude + math.degrees(east), 7), round(math.degrees(to), 7)]


def _check(latitude: float, longitude: float, azimuth_deg: float, fov_deg: float, range_m: float) -> None:
    for name, value, limit in (
        ("latitude", latitude, _MAX_LATITUDE_DEG),
        ("longitude", longitude, 180.0),
        ("azimuth_deg", azimuth_deg, 360.0),
    ):
        if not abs(value) <= limit:
            raise InvalidInput(f"it lies outside -{limit:g} to {limit:g}.", where=name, mend="Give degrees.")
    for name, value, most in (("fov_deg", fov_deg, 360.0), ("range_m", range_m, _MAX_RANGE_M)):
        require_positive(name, value)
        if value > most:
            raise InvalidInput(f"it is more than {most:g}.", where=name, mend="Give less.")
