"""The faults that cameras have in common now, as far as the caller sees those cameras."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, func, select

from device_registry.health.models import CameraHealth, DeviceFault
from device_registry.models import Camera
from foundation.scope import Scope, covered

_FAULTS: Final = (
    select(
        DeviceFault.id,
        DeviceFault.kind,
        DeviceFault.network,
        DeviceFault.since_us,
        DeviceFault.cause,
        DeviceFault.mend,
        func.count(CameraHealth.camera_id).label("cameras"),
    )
    .join(CameraHealth, CameraHealth.fault_id == DeviceFault.id)
    .join(Camera, Camera.id == CameraHealth.camera_id)
    .where(DeviceFault.until_us.is_(None), covered(Camera.center_id))
    .group_by(DeviceFault.id)
    .order_by(DeviceFault.since_us, DeviceFault.id)
)
_CAMERAS: Final = (
    select(CameraHealth.fault_id, CameraHealth.camera_id)
    .join(DeviceFault, DeviceFault.id == CameraHealth.fault_id)
    .join(Camera, Camera.id == CameraHealth.camera_id)
    .where(DeviceFault.until_us.is_(None), covered(Camera.center_id))
    .order_by(Camera.code, Camera.id)
)


def faults_of(connection: Connection, scope: Scope) -> list[dict[str, Any]]:
    """Those that go on, the oldest first, each with how many of these centers' cameras it took, and which."""
    cameras: dict[str, list[str]] = {}
    for fault_id, camera_id in connection.execute(_CAMERAS, scope.bound):
        cameras.setdefault(str(fault_id), []).append(camera_id)
    return [
        dict(row._mapping) | {"camera_ids": cameras.get(row.id, [])}  # noqa: SLF001 - SQLAlchemy's public name
        for row in connection.execute(_FAULTS, scope.bound)
    ]
