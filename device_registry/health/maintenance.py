"""Work at a camera, announced with a reason and an end: meanwhile no fault of it is told."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from device_registry.health import records
from device_registry.health.models import CameraHealth, CameraMaintenance
from device_registry.health.verdict import Facts, Verdict, derive
from device_registry.models import Camera
from foundation import audit
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock, to_iso
from foundation.errors import Conflict, InvalidInput
from foundation.identifiers import Origin, new_id

MAX_DAYS: Final = 30
MAX_REASON: Final = 500
_DAY_US: Final = 86_400 * US_PER_S
_OVER: Final = Verdict("unknown", "Maintenance ended; it has not been checked since.", "Wait a moment.")


def running(session: Session, camera_id: str) -> CameraMaintenance | None:
    query = select(CameraMaintenance).where(CameraMaintenance.camera_id == camera_id)
    return session.scalar(query.where(CameraMaintenance.ended_us.is_(None)))


def begin(
    session: Session, clock: Clock, camera: Camera, until_us: int, reason: str, *, action: AuditAction, actor: str
) -> CameraMaintenance:
    """Announce work at the camera, or replace what was announced before. Raises `InvalidInput`."""
    now_us, reason = clock.now_us(), reason.strip()
    where = f"camera {camera.code}"
    if not 0 < len(reason) <= MAX_REASON or not reason.isprintable():
        raise InvalidInput("the reason is missing, too long or not printable.", where=where, mend="Say what is done.")
    if not now_us < until_us <= now_us + MAX_DAYS * _DAY_US:
        mend = f"Name a time within the next {MAX_DAYS} days; disable the camera if nobody knows."
        raise InvalidInput("the end is past, or too far away.", where=where, mend=mend)
    before = running(session, camera.id)
    if before is not None:
        before.ended_us = now_us
        session.flush()  # one at a time, says the index
    row = CameraMaintenance(
        id=new_id(clock), camera_id=camera.id, from_us=now_us, until_us=until_us, reason=reason, actor=actor
    )
    session.add(row)
    session.flush()
    detail: dict[str, Any] = {"code": camera.code, "until_us": until_us}
    if before is not None:
        detail["replaces"] = {"until_us": before.until_us, "reason": before.reason}
    _record(session, clock, camera, action, actor, detail, reason)
    facts = Facts(None, None, None, False, camera.disabled, until_us, reason)
    records.note(session, clock, camera.id, derive(facts), now_us)
    return row


def end(session: Session, clock: Clock, camera: Camera, *, action: AuditAction, actor: str) -> CameraMaintenance:
    """End it before its time. Raises `Conflict` where none is running."""
    row = running(session, camera.id)
    if row is None:
        raise Conflict("it is not in maintenance.", where=f"camera {camera.code}", mend="Nothing is to be ended.")
    row.ended_us = clock.now_us()
    session.flush()
    detail = {"code": camera.code, "until_us": row.until_us}
    _record(session, clock, camera, action, actor, detail, row.reason)
    health = session.get(CameraHealth, camera.id)
    if health is not None and health.state == "maintenance":
        records.note(session, clock, camera.id, _OVER, clock.now_us())
    records.ask(session, clock, camera.id)
    return row


def end_overdue(session: Session, clock: Clock) -> int:
    """End those whose time is over; how many."""
    found = session.execute(
        update(CameraMaintenance)
        .where(CameraMaintenance.ended_us.is_(None), CameraMaintenance.until_us <= clock.now_us())
        .values(ended_us=CameraMaintenance.until_us)
        .execution_options(synchronize_session=False)
        .returning(CameraMaintenance.id)
    )
    return len(found.all())


def _record(
    session: Session, clock: Clock, camera: Camera, action: AuditAction, actor: str, detail: dict[str, Any], reason: str
) -> None:
    detail = detail | {"until": to_iso(detail["until_us"])}
    origin = Origin(camera.center_id, camera.node)
    audit.record(
        session, action, origin=origin, actor=actor, subject=camera.id, detail=detail, reason=reason, clock=clock
    )
