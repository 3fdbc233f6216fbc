"""What each camera's recording is doing now, as the recorders report it; told to consoles when it changes."""

from __future__ import annotations

from typing import Any, Literal, get_args

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from device_registry.models import Camera, Center
from foundation import outbox
from foundation.clock import Clock
from foundation.database import CoreBase
from foundation.scope import Scope

State = Literal["recording", "connecting", "silent", "auth_failed", "refused", "unreachable", "disabled"]
STATES: tuple[State, ...] = get_args(State)


class CameraState(CoreBase):
    __tablename__ = "camera_state"
    __table_args__ = ({"comment": "a camera's present state; its history is the outbox and the footage's gaps"},)

    camera_id: Mapped[str] = mapped_column(ForeignKey("camera.id"), primary_key=True, comment="its camera")
    state: Mapped[str] = mapped_column(String(16), comment="state of the worst of its streams")
    since_us: Mapped[int] = mapped_column(comment="since when, UTC microseconds")
    cause: Mapped[str | None] = mapped_column(Text, comment="one sentence when it does not record, with what to do")


def note(session: Session, clock: Clock, camera_id: str, state: str, cause: str | None) -> bool:
    """Keep a camera's state and tell the consoles; False when nothing changed or the camera is gone."""
    camera = session.get(Camera, camera_id)
    row = session.get(CameraState, camera_id)
    if camera is None or (row is not None and (row.state, row.cause) == (state, cause)):
        return False
    if row is None:
        row = CameraState(camera_id=camera_id, state=state, since_us=clock.now_us(), cause=cause)
        session.add(row)
    else:
        row.since_us = row.since_us if row.state == state else clock.now_us()
        row.state, row.cause = state, cause
    session.flush()
    tell(session, clock, camera)
    return True


def tell(session: Session, clock: Clock, camera: Camera) -> None:
    """Show the consoles the camera as it is now."""
    view = directory(session, Scope([camera.center_id]), camera.id)[0]
    outbox.append(session, camera.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "camera.changed", view, clock)


def directory(session: Session, scope: Scope, camera_id: str | None = None) -> list[dict[str, Any]]:
    """The cameras of these centers as the API shows them, by code."""
    query = (
        select(Camera, Center.name, CameraState)
        .join(Center, Center.id == Camera.center_id)
        .outerjoin(CameraState, CameraState.camera_id == Camera.id)
        .where(scope.covers(Camera.center_id))
        .order_by(Camera.code, Camera.id)
    )
    if camera_id is not None:
        query = query.where(Camera.id == camera_id)
    return [_view(camera, center_name, state) for camera, center_name, state in session.execute(query)]


def _view(camera: Camera, center_name: str, row: CameraState | None) -> dict[str, Any]:
    return {
        "id": camera.id,
        "code": camera.code,
        "name": camera.name,
        "center_id": camera.center_id,
        "center_name": center_name,
        "state": "disabled" if camera.disabled else row.state if row else "connecting",
        "state_since_us": row.since_us if row else camera.created_us,
        "cause": row.cause if row else None,
        "streams": [
            {"name": stream.name, "codec": stream.codec, "width": stream.width, "height": stream.height}
            for stream in sorted(camera.streams, key=lambda stream: stream.name)
        ],
    }
