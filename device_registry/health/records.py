"""What is kept of the cameras' health: the present, each change, and the faults that many share."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from device_registry import states
from device_registry.health.models import CameraHealth, DeviceFault, HealthChange
from device_registry.health.networks import FaultKey, explained
from device_registry.health.verdict import NEVER_CHECKED, Verdict
from device_registry.models import Camera
from foundation.clock import Clock
from foundation.identifiers import Origin, new_id

BATCH: Final = 1000


def note(
    session: Session, clock: Clock, camera_id: str, verdict: Verdict, since_us: int, fault_id: str | None = None
) -> bool:
    """Keep a camera's health and tell the consoles; False when nothing changed or the camera is gone."""
    camera = session.get(Camera, camera_id)
    if camera is None:
        return False
    row = session.get(CameraHealth, camera_id)
    told = (verdict.state, verdict.cause, verdict.mend, verdict.until_us, fault_id)
    if row is not None and told == (row.state, row.cause, row.mend, row.until_us, row.fault_id):
        return False
    if row is None:
        row = CameraHealth(camera_id=camera_id, state="", since_us=since_us - 1)
        session.add(row)
    if row.state != verdict.state:
        row.since_us = max(since_us, row.since_us + 1)  # two changes at one moment would have no order
        change = HealthChange(
            id=new_id(clock), camera_id=camera_id, at_us=row.since_us, state=verdict.state, cause=verdict.cause
        )
        session.add(change)
    row.state, row.cause, row.mend, row.until_us, row.fault_id = told
    session.flush()
    states.tell(session, clock, camera)
    return True


def ask(session: Session, clock: Clock, camera_id: str) -> None:
    """Let the process *health* check the camera's device as soon as it can."""
    row = session.get(CameraHealth, camera_id)
    if row is None:
        note(session, clock, camera_id, NEVER_CHECKED, clock.now_us())
        row = session.get_one(CameraHealth, camera_id)
    row.asked_us = clock.now_us()
    session.flush()


def answered(session: Session, camera_ids: Collection[str]) -> None:
    """These were checked: nobody waits any more."""
    statement = update(CameraHealth).where(CameraHealth.camera_id.in_(camera_ids)).values(asked_us=None)
    session.execute(statement.execution_options(synchronize_session=False))


def open_faults(session: Session, node: str) -> dict[FaultKey, DeviceFault]:
    rows = session.scalars(select(DeviceFault).where(DeviceFault.node == node, DeviceFault.until_us.is_(None)))
    return {(row.kind, row.network): row for row in rows}  # type: ignore[misc]


def open_fault(session: Session, clock: Clock, origin: Origin, key: FaultKey, since_us: int, devices: int) -> str:
    cause, mend = explained(*key)
    row = DeviceFault(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        kind=key[0],
        network=key[1],
        since_us=since_us,
        devices=devices,
        cause=cause,
        mend=mend,
    )
    session.add(row)
    session.flush()
    return row.id


def close_fault(session: Session, clock: Clock, fault_id: str) -> None:
    session.execute(
        update(DeviceFault)
        .where(DeviceFault.id == fault_id, DeviceFault.until_us.is_(None))
        .values(until_us=clock.now_us())
        .execution_options(synchronize_session=False)
    )


def prune(session: Session, before_us: int, limit: int = BATCH) -> int:
    """Drop changes from before the time, at most `limit`; how many there were.

    A camera's last one before it stays, for it says how the camera was from then on.
    """
    later = aliased(HealthChange)
    is_followed = exists().where(
        later.camera_id == HealthChange.camera_id,
        later.at_us <= before_us,
        (later.at_us > HealthChange.at_us) | ((later.at_us == HealthChange.at_us) & (later.id > HealthChange.id)),
    )
    query = select(HealthChange.id).where(HealthChange.at_us < before_us, is_followed).order_by(HealthChange.at_us)
    old: Sequence[str] = session.scalars(query.limit(limit)).all()
    session.execute(delete(HealthChange).where(HealthChange.id.in_(old)))
    return len(old)
