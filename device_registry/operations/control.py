"""Who steers a camera: one at a time, for as long as it is used, unless somebody of higher priority takes it over.

It is no lease of `foundation.leases`, which knows no priority: there the first keeps it until it expires. The time is
the database's clock here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from device_registry.models import Camera
from device_registry.operations.models import PtzControl
from foundation import audit, outbox
from foundation.audit import AuditAction
from foundation.chain import insert_for
from foundation.clock import US_PER_S, Clock
from foundation.errors import Conflict
from foundation.identifiers import Origin
from foundation.leases import now_us

LEASE_S: Final = 30.0  # renewed by each use
LONGEST_LEASE_S: Final = 600.0


class Priority(IntEnum):
    """The higher takes over from the lower, and nobody from his like."""

    PATROL = 0
    OPERATOR = 1
    SENIOR_OPERATOR = 2
    SUPERVISOR = 3


@dataclass(frozen=True, slots=True)
class Steerer:
    """Who wants to steer, and how the audit trail calls the taking."""

    name: str
    priority: Priority
    action: AuditAction = AuditAction.API_PTZ_TAKE


@dataclass(frozen=True, slots=True)
class Control:
    holder: str
    priority: int
    since_us: int
    expires_us: int


def holder_of(session: Session, camera_id: str) -> Control | None:
    """None: nobody steers the camera."""
    row = session.get(PtzControl, camera_id, populate_existing=True)
    if row is None or row.expires_us <= now_us(session):
        return None
    return Control(row.holder, row.priority, row.since_us, row.expires_us)


def take(session: Session, clock: Clock, camera: Camera, who: Steerer, lease_s: float = LEASE_S) -> Control | None:
    """Control for so long, also from somebody of lower priority; whom it was taken from, if from anybody.

    Raises `Conflict` while somebody of the same or a higher priority has it.
    """
    return _hold(session, clock, camera, who, lease_s, above=who.priority)


def use(session: Session, clock: Clock, camera: Camera, who: Steerer) -> None:
    """Renew one's own control, or take it where nobody has it; raises `Conflict` where somebody has."""
    _hold(session, clock, camera, who, LEASE_S, above=Priority.PATROL)


def _hold(
    session: Session, clock: Clock, camera: Camera, who: Steerer, lease_s: float, *, above: Priority
) -> Control | None:
    """Take it unless somebody else has it whose priority is not below `above`."""
    now = now_us(session)
    until = now + int(lease_s * US_PER_S)
    before = holder_of(session, camera.id)
    if before is not None and before.holder == who.name:
        renewed = update(PtzControl).where(PtzControl.camera_id == camera.id, PtzControl.holder == who.name)
        renewed = renewed.values(expires_us=max(until, before.expires_us), priority=int(who.priority))
        if session.scalar(renewed.returning(PtzControl.camera_id)) is None:
            raise _refusal(session, camera)  # it was taken over in this very moment
        return None
    given = {"holder": who.name, "priority": int(who.priority), "since_us": now, "expires_us": until}
    statement = insert_for(session)(PtzControl).values(camera_id=camera.id, home_due=False, **given)
    taken = session.execute(
        statement.on_conflict_do_update(
            index_elements=["camera_id"],
            set_=given,
            where=(PtzControl.expires_us <= now) | (PtzControl.priority < int(above)),
        ).returning(PtzControl.camera_id)
    ).one_or_none()
    if taken is None:
        raise _refusal(session, camera)
    _tell(session, clock, camera, who, before, until)
    return before


def release(session: Session, clock: Clock, camera: Camera, name: str) -> bool:
    """Give up one's own control; False when one had none."""
    now = now_us(session)
    mine = (PtzControl.camera_id == camera.id, PtzControl.holder == name, PtzControl.expires_us > now)
    given_up = session.scalar(update(PtzControl).where(*mine).values(expires_us=now).returning(PtzControl.camera_id))
    if given_up is not None:
        _show(session, clock, camera, None, None)
    return given_up is not None


def note_moved(session: Session, camera_id: str, *, moved: bool) -> None:
    """Whether the camera looks elsewhere than home."""
    session.execute(update(PtzControl).where(PtzControl.camera_id == camera_id).values(home_due=moved))


def is_any_idle(session: Session, idle_s: float) -> bool:
    return session.scalar(select(PtzControl.camera_id).where(_idle(session, idle_s)).limit(1)) is not None


def take_idle(session: Session, idle_s: float) -> Sequence[str]:
    """The cameras that have been left away from home for so long: each is given out once."""
    query = update(PtzControl).where(_idle(session, idle_s)).values(home_due=False).returning(PtzControl.camera_id)
    return session.scalars(query).all()


def _idle(session: Session, idle_s: float) -> ColumnElement[bool]:
    return PtzControl.home_due.is_(True) & (PtzControl.expires_us <= now_us(session) - int(idle_s * US_PER_S))


def camera_to_return(session: Session, camera_id: str) -> Camera | None:
    """None: somebody steers it again, or it is registered no more."""
    if holder_of(session, camera_id) is not None:
        return None
    return session.scalar(select(Camera).where(Camera.id == camera_id))


def _refusal(session: Session, camera: Camera) -> Conflict:
    now = holder_of(session, camera.id)
    left_s = max(now.expires_us - now_us(session), 0) / US_PER_S if now else 0
    name = now.holder if now else "somebody"
    return Conflict(
        f"{name} steers this camera.",
        where=f"camera {camera.code}",
        mend=f"Wait; it is free in {left_s:.0f} s unless it is used on.",
        extensions={"holder": name},
    )


def _tell(
    session: Session, clock: Clock, camera: Camera, who: Steerer, before: Control | None, expires_us: int
) -> None:
    detail = {"code": camera.code, "priority": int(who.priority), "taken_from": before.holder if before else None}
    origin = Origin(camera.center_id, camera.node)
    audit.record(session, who.action, origin=origin, actor=who.name, subject=camera.id, detail=detail, clock=clock)
    _show(session, clock, camera, who.name, expires_us)


def _show(session: Session, clock: Clock, camera: Camera, holder: str | None, expires_us: int | None) -> None:
    view = {"camera_id": camera.id, "holder": holder, "expires_us": expires_us}
    outbox.append(session, camera.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "ptz.changed", view, clock)
