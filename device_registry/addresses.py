"""Where cameras are reached, to be compared with what is found in a network."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, and_, select

from device_registry.models import Camera, CameraStream
from foundation.scope import Scope, covered

_REACHED: Final = (
    select(Camera.id, Camera.code, Camera.name, Camera.onvif_url, CameraStream.url.label("main_url"))
    .outerjoin(CameraStream, and_(CameraStream.camera_id == Camera.id, CameraStream.name == "main"))
    .where(covered(Camera.center_id))
    .order_by(Camera.code, Camera.id)
)


def addresses(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """By code: where the device of each camera answers ONVIF, and its main stream; never with credentials."""
    return [dict(row) for row in connection.execute(_REACHED, scope.bound).mappings()]
