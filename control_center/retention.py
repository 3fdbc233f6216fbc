"""What is due by the hour: observations that hit nothing, events that no console can ask for any more and old audit
entries go when their time is over; and the head of the audit trail goes to the upper center, as a witness."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import Row, delete, select

from analysis.observations import Observation
from control_center.alerts.models import AlertSighting
from device_registry.models import Center
from foundation import audit, outbox
from foundation.audit import AuditAction
from foundation.audit import purge as audit_purge
from foundation.audit import witness as audit_witness
from foundation.clock import US_PER_S, Clock
from foundation.database import Stores, reading, transaction
from foundation.identifiers import Origin
from matching.models import Hit

_log = structlog.get_logger()
AGAIN_US = 3600 * US_PER_S
# A console's session is over after twelve hours, so nobody resumes from further back.
CONSOLE_EVENTS_US = 24 * 3600 * US_PER_S
ACTOR = "matching"  # the process that this runs in
BATCH = 1000  # rows a transaction, so that nobody else waits long
_DAY_US = 24 * 3600 * US_PER_S


class Retention:
    def __init__(
        self, stores: Stores, origin: Origin, clock: Clock, *, observation_days: float, audit_days: float
    ) -> None:
        self._stores = stores
        self._origin = origin
        self._clock = clock
        self._observations_us = int(observation_days * _DAY_US)
        self._audit_us = int(audit_days * _DAY_US)
        self._due_us = 0

    def refresh(self, consumed: int) -> bool:
        """Purge when it is due; True when it was. Observations after `consumed` were not looked at yet, and stay."""
        if self._clock.monotonic_us() < self._due_us:
            return False
        events, observations = self._purge_events(), self._purge_observations(consumed)
        entries = self._purge_audit()
        self._tell_audit_head()
        self._due_us = self._clock.monotonic_us() + AGAIN_US
        _log.info("purged", console_events=events, observations=observations, audit_entries=entries)
        return True

    def _purge_events(self) -> int:
        before_us, gone = self._clock.now_us() - CONSOLE_EVENTS_US, 0
        while True:
            with transaction(self._stores.core) as session:
                found = outbox.prune_console(session, before_us, BATCH)
            gone += found
            if found < BATCH:
                return gone

    def _purge_observations(self, consumed: int) -> int:
        """The count is audited after the deed, in the other store: no transaction spans the two."""
        before_us = self._clock.now_us() - self._observations_us
        position, gone = 0, 0
        while batch := self._old(position, consumed, before_us):
            position = batch[-1][0]
            gone += self._drop([observation_id for _, observation_id in batch])
        if gone:
            detail = {"observations": gone, "before_us": before_us}
            with transaction(self._stores.core) as session:
                audit.record(
                    session,
                    AuditAction.RETENTION_OBSERVATION_PURGE,
                    origin=self._origin,
                    actor=ACTOR,
                    subject=self._origin.center_id,
                    detail=detail,
                    clock=self._clock,
                )
        return gone

    def _purge_audit(self) -> int:
        """By whole days, so that a purge, which is an entry too, comes once a day and not every hour."""
        before_us = (self._clock.now_us() - self._audit_us) // _DAY_US * _DAY_US
        purged = audit_purge.purge(self._stores.core, self._origin, ACTOR, self._clock, before_us)
        if purged.fault is not None:
            _log.error("audit_trail_broken", seq=purged.fault.seq, reason=purged.fault.reason)
        return purged.entries

    def _tell_audit_head(self) -> None:
        with transaction(self._stores.core) as session:
            upper = session.scalar(select(Center.parent_id).where(Center.id == self._origin.center_id))
            if upper is not None:
                audit_witness.tell_head(session, self._origin.center_id, upper, self._clock)

    def _old(self, position: int, consumed: int, before_us: int) -> Sequence[Row[int, str]]:
        query = select(Observation.seq, Observation.id).where(
            Observation.seq > position, Observation.seq <= consumed, Observation.created_us < before_us
        )
        with reading(self._stores.observations) as session:
            return session.execute(query.order_by(Observation.seq).limit(BATCH)).all()

    def _drop(self, ids: Sequence[str]) -> int:
        """Delete those that no hit and no alert rests on; how many they were."""
        with reading(self._stores.core) as session:
            kept = set(session.scalars(select(Hit.observation_id).where(Hit.observation_id.in_(ids))))
            kept |= set(
                session.scalars(select(AlertSighting.observation_id).where(AlertSighting.observation_id.in_(ids)))
            )
        free = [one for one in ids if one not in kept]
        with transaction(self._stores.observations) as session:
            session.execute(delete(Observation).where(Observation.id.in_(free)))
        return len(free)
