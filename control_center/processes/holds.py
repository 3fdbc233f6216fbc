"""Keeps `RUN/holds.json` true, and notes of each lock when the recorders hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from control_center.evidence import holds_file, locks
from control_center.evidence.holds import Hold, LockInForce, alert_holds, locks_in_force
from control_center.evidence.holds_file import KeptLock, Recorders
from control_center.evidence.models import EvidenceLock
from device_registry.models import Camera
from foundation import outbox
from foundation.audit import AuditAction
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, reading, transaction
from foundation.settings import Settings

ACTOR: Final = "supervisor"
ADOPTED: Final = "Held by the recorders, and unknown to the database that was restored."
# Alerts grow too old to hold without anything being written.
AGAIN_US: Final = 10 * US_PER_S
# A city's open alerts are many, and something happens all the time.
ALERTS_AGAIN_US: Final = US_PER_S
_log = structlog.get_logger()


@dataclass(slots=True)
class _Asked:
    """Up to which event of the outbox the database was asked, and when to ask it again."""

    locks_at: int | None = None
    alerts_at: int | None = None
    alerts_again_us: int = 0
    all_again_us: int = 0


class Holds:
    """The file is written when something changed; nothing else waits for it."""

    def __init__(self, settings: Settings, stores: Stores, clock: Clock) -> None:
        self._run_dir = settings.run_dir
        self._file = settings.run_dir / holds_file.FILE_NAME
        self._node = settings.center.node
        self._processes = settings.recorder.processes
        self._core = stores.core
        self._clock = clock
        self._content = holds_file.read(self._run_dir)
        self._asked = _Asked()
        self._held: list[LockInForce] = []
        self._alerts: list[Hold] = []
        self._written: tuple[list[LockInForce], list[Hold]] | None = None  # what the file says
        self._lost: list[LockInForce] = []  # held, with neither lock nor camera in the database
        self._is_reconciled = False

    def refresh(self) -> None:
        if not self._is_reconciled:
            self._reconcile()
        self._ask()
        recorders = holds_file.recorders(self._run_dir, self._processes)
        if self._written != (self._held, self._alerts) or not self._file.exists():
            self._write(recorders)
        self._confirm(recorders)

    def _ask(self) -> None:
        """Whatever changes a hold tells the consoles in the same transaction: the newest event says if to look."""
        now_us, asked = self._clock.monotonic_us(), self._asked
        with reading(self._core) as session:
            position = outbox.newest_position(session.connection())
            if position != asked.locks_at or now_us >= asked.all_again_us:
                self._held = locks_in_force(session, self._node)
                asked.locks_at = position
            is_due = position != asked.alerts_at and now_us >= asked.alerts_again_us
            if is_due or now_us >= asked.all_again_us:
                self._alerts = alert_holds(session, self._node, self._clock.now_us())
                asked.alerts_at = position
                asked.alerts_again_us, asked.all_again_us = now_us + ALERTS_AGAIN_US, now_us + AGAIN_US

    def _write(self, recorders: Recorders) -> None:
        locks = [*self._held, *self._lost]
        content = holds_file.next_content(self._content, locks, self._alerts, self._least(recorders))
        if content is not self._content or not self._file.exists():
            holds_file.write(self._run_dir, content)
            self._content = content
        self._written = self._held, self._alerts

    def _least(self, recorders: Recorders) -> int:
        return max(recorders.newest + 1, self._clock.now_us())

    def _confirm(self, recorders: Recorders) -> None:
        """Note the locks that every recorder of this machine obeys now."""
        assert self._content is not None
        waiting = {lock.id for lock in self._held if lock.held_us is None}
        if not waiting:
            return
        obeyed = [one for one in self._content.locks if one.id in waiting and recorders.all_obey(one.since)]
        if not obeyed:
            return
        with transaction(self._core) as session:
            for one in obeyed:
                self._note_held(session, one)

    def _note_held(self, session: Session, kept: KeptLock) -> None:
        lock = session.get(EvidenceLock, kept.id, with_for_update=True)
        if lock is None or lock.version != kept.version or lock.released_us is not None:
            return  # changed meanwhile: the next round sees to it
        lock.held_us = self._clock.now_us()
        detail = {"camera_id": lock.camera_id, "from_us": lock.start_us, "to_us": lock.end_us}
        locks.note(session, self._clock, lock, AuditAction.SUPERVISOR_EVIDENCE_HOLD, ACTOR, detail)

    def _reconcile(self) -> None:
        """A restore may have taken locks away that recorders hold, and brought back words about holds of another day.

        Locks are never deleted: one that the file names and the database does not know was made after the backup.
        """
        kept = self._content.locks if self._content else []
        with transaction(self._core) as session:
            known = set(session.scalars(select(EvidenceLock.id).where(EvidenceLock.id.in_([one.id for one in kept]))))
            self._lost = [lost for one in kept if one.id not in known and (lost := self._adopt(session, one))]
            current = {(one.id, one.version) for one in kept}
            self._doubt(session, [one for one in locks_in_force(session, self._node) if one[:2] not in current])
        self._is_reconciled = True

    def _adopt(self, session: Session, kept: KeptLock) -> LockInForce | None:
        """Make the lock anew; what cannot be made anew is given back, and stays held."""
        camera = session.get(Camera, kept.camera_id)
        if camera is None:
            _log.error("lock_of_unknown_camera", lock=kept.id, camera_id=kept.camera_id)
            return LockInForce(kept.id, kept.version, kept.camera_id, kept.start_us, kept.end_us, None)
        lock = EvidenceLock(
            id=kept.id,
            center_id=camera.center_id,
            node=camera.node,
            camera_id=camera.id,
            start_us=kept.start_us,
            end_us=kept.end_us,
            reason=ADOPTED,
            version=kept.version,
            locked_us=self._clock.now_us(),
            locked_by="",
            locked_by_name=ACTOR,
        )
        session.add(lock)
        detail = {"camera_id": lock.camera_id, "from_us": lock.start_us, "to_us": lock.end_us}
        locks.note(session, self._clock, lock, AuditAction.SUPERVISOR_EVIDENCE_ADOPT, ACTOR, detail)
        _log.warning("lock_adopted", lock=kept.id, camera_id=kept.camera_id)
        return None

    @staticmethod
    def _doubt(session: Session, unconfirmed: Sequence[LockInForce]) -> None:
        ids = [one.id for one in unconfirmed if one.held_us is not None]
        session.execute(update(EvidenceLock).where(EvidenceLock.id.in_(ids)).values(held_us=None))
