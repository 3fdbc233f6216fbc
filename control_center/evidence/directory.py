"""Evidence locks as the API shows them. Every query names the centers it may see."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from control_center.evidence.models import EvidenceLock
from device_registry.models import Camera, Center
from foundation.errors import NotFound
from foundation.scope import Scope

State = Literal["requested", "held", "released"]


def find(session: Session, scope: Scope, lock_id: str, *, hold: bool = False) -> EvidenceLock:
    """`hold` keeps others from changing it until the transaction ends."""
    query = select(EvidenceLock).where(EvidenceLock.id == lock_id, scope.covers(EvidenceLock.center_id))
    lock = session.scalar(query.with_for_update() if hold else query)
    if lock is None:
        raise NotFound("there is no such lock here.", where=f"lock {lock_id}")
    return lock


def page(
    session: Session,
    scope: Scope,
    *,
    state: State | Literal["in_force"] | None = None,
    camera_id: str | None = None,
    case_number: str | None = None,
    span: tuple[int, int] | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """Newest first, and the cursor of the next page; `span` asks for those that touch it."""
    query = _listed().where(scope.covers(EvidenceLock.center_id))
    if state is not None:
        query = query.where(*_CONDITIONS[state])
    if camera_id is not None:
        query = query.where(EvidenceLock.camera_id == camera_id)
    if case_number is not None:
        query = query.where(EvidenceLock.case_number == case_number)
    if span is not None:
        query = query.where(EvidenceLock.start_us < span[1], EvidenceLock.end_us > span[0])
    if cursor is not None:
        query = query.where(EvidenceLock.id < cursor)
    found = session.execute(query.order_by(EvidenceLock.id.desc()).limit(limit + 1)).all()
    shown = [_view(*row) for row in found[:limit]]
    return shown, shown[-1]["id"] if len(found) > limit else None


def view(session: Session, lock: EvidenceLock) -> dict[str, Any]:
    session.flush()
    return _view(*session.execute(_listed().where(EvidenceLock.id == lock.id)).one())


_IN_FORCE = EvidenceLock.released_us.is_(None)
_CONDITIONS = {
    "requested": (_IN_FORCE, EvidenceLock.held_us.is_(None)),
    "held": (_IN_FORCE, EvidenceLock.held_us.is_not(None)),
    "in_force": (_IN_FORCE,),
    "released": (EvidenceLock.released_us.is_not(None),),
}


def _listed() -> Select[EvidenceLock, str, str, str]:
    return (
        select(EvidenceLock, Camera.name, Camera.code, Center.name)
        .join(Camera, Camera.id == EvidenceLock.camera_id)
        .join(Center, Center.id == EvidenceLock.center_id)
    )


def _view(lock: EvidenceLock, camera_name: str, camera_code: str, center_name: str) -> dict[str, Any]:
    return {
        "id": lock.id,
        "version": lock.version,
        "state": state_of(lock),
        "camera": {"id": lock.camera_id, "code": camera_code, "name": camera_name},
        "center_id": lock.center_id,
        "center_name": center_name,
        "node": lock.node,
        "start_us": lock.start_us,
        "end_us": lock.end_us,
        "reason": lock.reason,
        "case_number": lock.case_number,
        "locked_us": lock.locked_us,
        "locked_by": lock.locked_by_name,
        "held_us": lock.held_us,
        "released_us": lock.released_us,
        "released_by": lock.released_by_name,
        "release_reason": lock.release_reason,
        "release_case_number": lock.release_case_number,
    }


def state_of(lock: EvidenceLock) -> State:
    """What is asked for is not held yet: only the recorders' word makes it so."""
    if lock.released_us is not None:
        return "released"
    return "held" if lock.held_us is not None else "requested"
