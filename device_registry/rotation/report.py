"""What became of the devices of a rotation, for who looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from device_registry.models import Camera, Credential
from device_registry.rotation.models import OPEN_STATES, DeviceState, RotatedDevice
from foundation.scope import Scope


@dataclass(frozen=True, slots=True)
class DeviceReport:
    rotation: str
    device: str
    username: str
    cameras: tuple[str, ...]  # codes
    camera_ids: tuple[str, ...]
    state: DeviceState
    cause: str | None
    changed_us: int


def newest(session: Session, scope: Scope) -> str | None:
    """The newest rotation with a device of these centers, wherever it was begun."""
    return session.scalar(select(func.max(RotatedDevice.rotation_id)).where(scope.covers(RotatedDevice.center_id)))


def devices(session: Session, scope: Scope, rotation_id: str) -> list[DeviceReport]:
    """Those of this rotation, and those that earlier ones have not settled."""
    rows = session.scalars(
        select(RotatedDevice)
        .where(
            scope.covers(RotatedDevice.center_id),
            or_(RotatedDevice.rotation_id == rotation_id, RotatedDevice.state.in_(OPEN_STATES)),
        )
        .order_by(RotatedDevice.rotation_id, RotatedDevice.place)
    )
    known = _cameras(session, scope)
    return [
        DeviceReport(
            rotation=row.rotation_id,
            device=row.onvif_url,
            username=row.username,
            cameras=tuple(code for code, _ in known.get((row.onvif_url, row.username), ())),
            camera_ids=tuple(camera_id for _, camera_id in known.get((row.onvif_url, row.username), ())),
            state=row.state,
            cause=row.cause,
            changed_us=row.changed_us,
        )
        for row in rows
    ]


def _cameras(session: Session, scope: Scope) -> dict[tuple[str | None, str], list[tuple[str, str]]]:
    query = (
        select(Camera.onvif_url, Credential.username, Camera.code, Camera.id)
        .join(Credential, Credential.camera_id == Camera.id)
        .where(scope.covers(Camera.center_id), Camera.onvif_url.is_not(None))
        .order_by(Camera.code)
    )
    found: dict[tuple[str | None, str], list[tuple[str, str]]] = {}
    for url, username, code, camera_id in session.execute(query):
        found.setdefault((url, username), []).append((code, camera_id))
    return found
