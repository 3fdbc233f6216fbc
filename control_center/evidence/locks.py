"""Locking footage as evidence, widening a lock, letting go of it: each audited and told in the caller's transaction.

A lock is only ever widened. To let go of a part of it, the rest is locked first and the whole then released.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from control_center.access_policy import Purpose
from control_center.evidence.models import EvidenceLock
from device_registry.models import Camera
from foundation import audit, outbox
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.identifiers import Origin, new_id
from foundation.scope import Scope

LONGEST_US: Final = 31 * 86_400 * US_PER_S
# What is still to come may be locked with what has been, as while something is going on.
AHEAD_US: Final = 86_400 * US_PER_S


@dataclass(frozen=True, slots=True)
class By:
    """The person who does it."""

    account_id: str
    username: str


@dataclass(frozen=True, slots=True)
class Span:
    start_us: int
    end_us: int


def place(session: Session, clock: Clock, scope: Scope, by: By, camera_id: str, span: Span, why: Purpose) -> str:
    """Lock the span of the camera's footage, all streams; returns the lock's identifier. `why` has its reason."""
    camera = session.scalar(select(Camera).where(Camera.id == camera_id, scope.covers(Camera.center_id)))
    if camera is None:
        raise NotFound("there is no such camera here.", where=f"camera {camera_id}")
    _check(span, clock)
    lock = EvidenceLock(
        id=new_id(clock),
        center_id=camera.center_id,
        node=camera.node,
        camera_id=camera.id,
        start_us=span.start_us,
        end_us=span.end_us,
        reason=why.reason or "",
        case_number=why.case_number,
        version=1,
        locked_us=clock.now_us(),
        locked_by=by.account_id,
        locked_by_name=by.username,
    )
    session.add(lock)
    note(session, clock, lock, AuditAction.API_EVIDENCE_LOCK, by.username, _span_of(lock), why)
    return lock.id


def extend(session: Session, clock: Clock, lock: EvidenceLock, by: By, span: Span, why: Purpose) -> None:
    """Widen the lock, which then waits for the recorders anew."""
    _require_in_force(lock)
    before = Span(lock.start_us, lock.end_us)
    if span == before:
        raise InvalidInput("this is the span that is locked already.", where="end_us", mend="Name a wider one.")
    if span.start_us > before.start_us or span.end_us < before.end_us:
        raise InvalidInput(
            "a lock is never narrowed.",
            where="start_us" if span.start_us > before.start_us else "end_us",
            mend="Lock what is still needed, then have this lock released.",
        )
    _check(span, clock)
    lock.start_us, lock.end_us = span.start_us, span.end_us
    lock.held_us = None
    lock.version += 1
    detail = _span_of(lock) | {"before": {"from_us": before.start_us, "to_us": before.end_us}}
    note(session, clock, lock, AuditAction.API_EVIDENCE_EXTEND, by.username, detail, why)


def release(session: Session, clock: Clock, lock: EvidenceLock, by: By, why: Purpose) -> None:
    """Let go: from now on retention frees the footage as any other."""
    _require_in_force(lock)
    lock.released_us = clock.now_us()
    lock.released_by, lock.released_by_name = by.account_id, by.username
    lock.release_reason, lock.release_case_number = why.reason, why.case_number
    lock.version += 1
    note(session, clock, lock, AuditAction.API_EVIDENCE_RELEASE, by.username, _span_of(lock), why)


def note(
    session: Session,
    clock: Clock,
    lock: EvidenceLock,
    action: AuditAction,
    actor: str,
    detail: Mapping[str, Any],
    why: Purpose = Purpose(None, None),  # noqa: B008 - it is never changed
) -> None:
    """The lock's new state is written, audited, and told to the consoles, which fetch it by themselves."""
    session.flush()
    audit.record(
        session,
        action,
        origin=Origin(lock.center_id, lock.node),
        actor=actor,
        subject=lock.id,
        detail=detail,
        reason=why.reason,
        case_number=why.case_number,
        clock=clock,
    )
    body = {"id": lock.id, "camera_id": lock.camera_id, "version": lock.version}
    outbox.append(session, lock.center_id, outbox.CONSOLE, outbox.Lane.NORMAL, "evidence.changed", body, clock)


def _span_of(lock: EvidenceLock) -> dict[str, Any]:
    return {"camera_id": lock.camera_id, "from_us": lock.start_us, "to_us": lock.end_us}


def _require_in_force(lock: EvidenceLock) -> None:
    if lock.released_us is not None:
        raise Conflict(
            "this lock has been released.", where=f"lock {lock.id}", mend="If the footage is needed, lock it again."
        )


def _check(span: Span, clock: Clock) -> None:
    if span.end_us <= span.start_us:
        raise InvalidInput("the span ends before it begins.", where="end_us", mend="Swap the two times.")
    if span.end_us - span.start_us > LONGEST_US:
        raise InvalidInput("the span is longer than 31 days.", where="end_us", mend="Lock it in several parts.")
    if span.end_us > clock.now_us() + AHEAD_US:
        raise InvalidInput(
            "the span ends more than a day from now.", where="end_us", mend="Lock up to then, and extend it later."
        )
