"""What each camera's recording is doing now, as the recorders report it; told to consoles when it changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, get_args

from sqlalchemy import Connection, ForeignKey, Integer, Select, String, Text, bindparam, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from device_registry.health.models import CameraHealth
from device_registry.models import Camera, CameraStream, Center
from foundation import outbox
from foundation.clock import Clock
from foundation.database import CoreBase
from foundation.paging import cursor_of, keys_of
from foundation.scope import Scope, covered

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


def tell_all(session: Session, clock: Clock, cameras: Sequence[Camera]) -> None:
    """The same for many, at the price of few statements."""
    if not cameras:
        return
    session.flush()
    ids = [camera.id for camera in cameras]
    scope = Scope(camera.center_id for camera in cameras)
    views = _views(session.connection(), _listed("camera_ids"), {"camera_ids": ids} | scope.bound)
    for center_id in sorted(scope):
        told = [view for view in views if view["center_id"] == center_id]
        outbox.append_all(session, center_id, outbox.CONSOLE, outbox.Lane.URGENT, "camera.changed", told, clock)


def directory(session: Session, scope: Scope, camera_id: str | None = None) -> list[dict[str, Any]]:
    """All cameras of these centers as the API shows them, by code; or the one."""
    session.flush()
    given = {} if camera_id is None else {"camera_id": camera_id}
    return _views(session.connection(), _listed(*given), given | scope.bound)


def page(
    connection: Connection, scope: Scope, *, limit: int, cursor: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """The cameras of these centers as the API shows them, by code, and the cursor of the next page."""
    given: dict[str, Any] = {"fetched": limit + 1}
    if cursor is not None:
        given["after_code"], given["after_id"] = keys_of(cursor, 2)
    found = _views(connection, _listed(*given), given | scope.bound)
    shown = found[:limit]
    return shown, cursor_of(shown[-1]["code"], shown[-1]["id"]) if len(found) > limit else None


@lru_cache
def _listed(*given: str) -> Select[*tuple[Any, ...]]:
    """A row for each stream, a camera's rows together. Built once for each set of conditions, for building it costs as
    much as executing it."""
    chosen = select(Camera.id).where(covered(Camera.center_id))
    if "camera_id" in given:
        chosen = chosen.where(Camera.id == bindparam("camera_id"))
    if "camera_ids" in given:
        chosen = chosen.where(Camera.id.in_(bindparam("camera_ids", expanding=True)))
    if "after_code" in given:
        after = tuple_(bindparam("after_code", type_=String), bindparam("after_id", type_=String))
        chosen = chosen.where(tuple_(Camera.code, Camera.id) > after)
    if "fetched" in given:
        chosen = chosen.order_by(Camera.code, Camera.id).limit(bindparam("fetched", type_=Integer))
    return (
        select(
            Camera.id,
            Camera.code,
            Camera.name,
            Camera.center_id,
            Center.name.label("center_name"),
            Camera.disabled,
            Camera.created_us,
            CameraState.state,
            CameraState.since_us,
            CameraState.cause,
            CameraHealth.state.label("health"),
            CameraHealth.since_us.label("health_since_us"),
            CameraHealth.cause.label("health_cause"),
            CameraHealth.mend,
            CameraHealth.until_us,
            CameraStream.name.label("stream"),
            CameraStream.codec,
            CameraStream.width,
            CameraStream.height,
        )
        .join(Center, Center.id == Camera.center_id)
        .outerjoin(CameraState, CameraState.camera_id == Camera.id)
        .outerjoin(CameraHealth, CameraHealth.camera_id == Camera.id)
        .outerjoin(CameraStream, CameraStream.camera_id == Camera.id)
        .where(Camera.id.in_(chosen))
        .order_by(Camera.code, Camera.id, CameraStream.name)
    )


def _views(connection: Connection, query: Select[*tuple[Any, ...]], given: Mapping[str, Any]) -> list[dict[str, Any]]:
    views: dict[str, dict[str, Any]] = {}
    # Unpacked by position, in the order of `_listed`: by name, each of a thousand values costs a look-up.
    for (
        camera_id,
        code,
        name,
        center_id,
        center_name,
        disabled,
        created_us,
        state,
        since_us,
        cause,
        health,
        health_since_us,
        health_cause,
        mend,
        until_us,
        stream,
        codec,
        width,
        height,
    ) in connection.execute(query, given).all():
        view = views.get(camera_id)
        if view is None:
            view = views[camera_id] = {
                "id": camera_id,
                "code": code,
                "name": name,
                "center_id": center_id,
                "center_name": center_name,
                "state": "disabled" if disabled else state or "connecting",
                "state_since_us": created_us if since_us is None else since_us,
                "cause": cause,
                "health": {
                    "state": health or "unknown",
                    "since_us": health_since_us,
                    "cause": health_cause,
                    "mend": mend,
                    "until_us": until_us,
                },
                "streams": [],
            }
        if stream is not None:
            view["streams"].append({"name": stream, "codec": codec, "width": width, "height": height})
    return list(views.values())
