"""The positions of cameras and the ground that they cover, as one GeoJSON FeatureCollection (RFC 7946)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, select

from device_registry.models import Camera
from device_registry.planning.sector import sector
from foundation.errors import InvalidInput
from foundation.scope import Scope, covered

_PLACED: Final = (
    select(
        Camera.id,
        Camera.code,
        Camera.name,
        Camera.latitude,
        Camera.longitude,
        Camera.azimuth_deg,
        Camera.fov_deg,
        Camera.range_m,
    )
    .where(covered(Camera.center_id))
    .order_by(Camera.code, Camera.id)
)


def coverage(connection: Connection, scope: Scope) -> dict[str, Any]:
    """By code: a point for each camera that has a position, and after it a sector where direction, field of view and
    range are known too."""
    rows = connection.execute(_PLACED, scope.bound)
    return {"type": "FeatureCollection", "features": [feature for row in rows for feature in _features(*row)]}


def _features(
    camera_id: str,
    code: str,
    name: str,
    latitude: float | None,
    longitude: float | None,
    azimuth_deg: float | None,
    fov_deg: float | None,
    range_m: float | None,
) -> Iterator[dict[str, Any]]:
    if latitude is None or longitude is None:
        return
    facts = {"id": camera_id, "code": code, "name": name, "azimuth_deg": azimuth_deg}
    point = {"type": "Point", "coordinates": [longitude, latitude]}
    yield {"type": "Feature", "geometry": point, "properties": facts | {"kind": "position"}}
    if azimuth_deg is None or fov_deg is None or range_m is None:
        return
    try:
        ground = sector(latitude, longitude, azimuth_deg, fov_deg, range_m)
    except InvalidInput:  # so near to a pole that no map shows it
        return
    yield {"type": "Feature", "geometry": ground, "properties": facts | {"kind": "sector"}}
