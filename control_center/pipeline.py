"""Observation → matching → alert: the one place where what cameras saw meets the lists.

Each batch is one transaction of *core*: hits, alerts, audit rows, events and the moved cursor. Observations lie in
another store; a batch that is read twice after a crash is harmless, because the cursor moves with what was derived.

A store that does not answer is asked again until it does. An observation that cannot be handled is passed over, with
an audit row and a count, so that it does not keep all later ones from becoming alerts.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from analysis.observations import Observation, read_after
from control_center.alerts import steps
from control_center.alerts.models import Alert
from control_center.alerts.opening import (
    Sighting,
    add_sighting,
    alert_of_same_matter,
    is_same_passage,
    open_alert,
    tell,
)
from control_center.completeness import RecordedDays
from control_center.retention import Retention
from device_registry import centers
from foundation import audit, cursors, outbox
from foundation.audit import AuditAction
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.database import Stores, open_stores, reading, transaction
from foundation.errors import Conflict
from foundation.identifiers import Origin
from foundation.metrics import counter
from foundation.settings import Settings
from matching import hits, loading
from matching.catalogue import Catalogue, load_catalogue
from matching.center_index.keeping import IndexKeeper
from matching.comparison import compare_all
from matching.models import Hit
from matching.online import OnlineHit, OnlineMatcher

_log = structlog.get_logger()
CONSUMER = "pipeline"
BATCH = 200
POLL_S = 0.25
SLOW_POLL_S = 1.0
AFTER_FAILURE_S = 2.0
# What says that the store is not there (or not as it should be), rather than that it does not want this row.
_UNREACHABLE = (
    OperationalError, InterfaceError, ProgrammingError, InternalError, PoolTimeout, OSError, MemoryError,
)  # fmt: skip
_passed_over = counter("vedette_pipeline_passed_over_total", "Observations and hits that could not be handled.")
_failures = counter("vedette_pipeline_failures_total", "Times that a step of the pipeline failed and was tried again.")
# Expiry and review dates take effect by a new comparison; days pass slowly.
COMPARE_AGAIN_US = 3600 * US_PER_S


class Pipeline:
    def __init__(self, stores: Stores, catalogue: Catalogue, origin: Origin, clock: Clock) -> None:
        self._stores = stores
        self._catalogue = catalogue
        self._origin = origin
        self._clock = clock
        self._matcher = OnlineMatcher(stores.core, catalogue, clock)
        self._refused: set[str] = set()  # hits that no alert could be made of; tried again by the next process

    def follow(self) -> int:
        """Take the next batch of observations; returns how many there were."""
        position = self.position()
        with reading(self._stores.observations) as session:
            batch = read_after(session, position, BATCH)
        if batch:
            try:
                self._consume(position, batch)
            except _UNREACHABLE:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, one observation must not hold up the others
                _log.warning("batch_refused", observations=len(batch), error=type(error).__name__)
                self._consume_one_by_one(position, batch)
        return len(batch)

    def position(self) -> int:
        """How far the observations have been consumed."""
        with reading(self._stores.core) as session:
            return cursors.position(session, CONSUMER)

    def alert_record_hits(self) -> int:
        """Raise the alerts of record hits that have none, and follow the hits that fell away or stand again."""
        with reading(self._stores.core) as session:
            missing = select(Hit.id).outerjoin(Alert, Alert.hit_id == Hit.id).where(Alert.id.is_(None))
            standing = missing.where(Hit.recalled_us.is_(None), Hit.observation_id.is_(None))
            standing = standing.where(Hit.id.not_in(self._refused)).limit(50)
            unalerted, overtaken = session.scalars(standing).all(), steps.overtaken(session)
        if unalerted:  # only then the database's one writer is needed
            self._open_alerts(unalerted)
        if overtaken:
            with transaction(self._stores.core) as session:
                steps.follow_hits(session, self._catalogue, self._clock)
        return len(unalerted) + overtaken

    def _open_alerts(self, hit_ids: Sequence[str]) -> None:
        try:
            with transaction(self._stores.core) as session:
                for hit_id in hit_ids:
                    hit = session.get_one(Hit, hit_id)
                    open_alert(session, self._catalogue, self._clock, Origin(hit.center_id, hit.node), hit)
        except _UNREACHABLE:
            raise
        except Exception as error:  # noqa: BLE001 - as with observations: one must not hold up the others
            if len(hit_ids) > 1:
                for hit_id in hit_ids:
                    self._open_alerts([hit_id])
                return
            _log.error("hit_passed_over", hit=hit_ids[0], exc_info=error)
            _passed_over.inc()
            self._refused.add(hit_ids[0])

    def _consume(self, position: int, batch: Sequence[Observation]) -> None:
        found = [(read, hit) for read in batch if read.kind == "plate_read" for hit in self._look_up(read)]
        with transaction(self._stores.core) as session:
            for read, hit in found:
                self._derive(session, read, hit)
            cursors.move(session, CONSUMER, position, batch[-1].seq)

    def _consume_one_by_one(self, position: int, batch: Sequence[Observation]) -> None:
        for read in batch:
            try:
                self._consume(position, [read])
            except (*_UNREACHABLE, Conflict):
                raise
            except Exception as error:  # noqa: BLE001 - as above
                self._pass_over(position, read, error)
            position = read.seq

    def _pass_over(self, position: int, read: Observation, error: Exception) -> None:
        _log.error("observation_passed_over", observation=read.id, exc_info=error)
        _passed_over.inc()
        with transaction(self._stores.core) as session:
            audit.record(
                session,
                AuditAction.PIPELINE_OBSERVATION_SKIP,
                origin=Origin(read.center_id, read.node),
                actor="matching",
                subject=read.id,
                detail={"error": type(error).__name__},
                clock=self._clock,
            )
            cursors.move(session, CONSUMER, position, read.seq)

    def _look_up(self, read: Observation) -> Sequence[OnlineHit]:
        told = read.detail
        return self._matcher.plate(
            told["plate"], told.get("plate_colour"), read.start_us, make=told.get("vehicle_brand")
        )

    def _derive(self, session: Session, read: Observation, found: OnlineHit) -> None:
        sighting = Sighting(read.id, read.camera_id, read.detail["plate"], read.start_us, read.end_us)
        alert = alert_of_same_matter(session, sighting, found.key_person_id, found.reference_id)
        if alert is not None:
            if read.detail.get("source") == "device" and is_same_passage(session, alert, sighting):
                return
            add_sighting(session, self._clock, alert, sighting)
            tell(session, self._catalogue, self._clock, alert, "alert.changed")
            return
        # The center of the camera acts on what it saw; the listing may belong to another.
        origin = Origin(read.center_id, read.node)
        hit_id = hits.store(session, found, origin, self._clock, observation_id=read.id)
        if hit_id is None:
            return
        hit = session.get_one(Hit, hit_id)
        open_alert(session, self._catalogue, self._clock, origin, hit, sighting)


class Comparisons:
    """Runs the 24 comparisons whenever lists or databases changed and are indexed, and every hour."""

    def __init__(self, core: Engine, catalogue: Catalogue, origin: Origin, clock: Clock, keeper: IndexKeeper) -> None:
        self._keeper = keeper
        self._core = core
        self._catalogue = catalogue
        self._origin = origin
        self._clock = clock
        self._versions: dict[str, int] = {}
        self._done_us: int | None = None

    def refresh(self) -> bool:
        """Compare when it is due; True when it was."""
        with reading(self._core) as session:
            versions = loading.record_versions(session)
        now_us = self._clock.monotonic_us()
        recent = self._done_us is not None and now_us - self._done_us < COMPARE_AGAIN_US
        if not versions or (versions == self._versions and recent) or not self._keeper.is_current():
            return False
        compare_all(self._core, self._catalogue, self._origin, self._clock, self._keeper)
        with transaction(self._core) as session:
            body = {"center_id": self._origin.center_id}
            outbox.append(
                session, self._origin.center_id, outbox.CONSOLE, outbox.Lane.URGENT, "board.changed", body, self._clock
            )
        self._versions, self._done_us = versions, now_us
        return True


def run_pipeline(settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
    """The process *matching*: until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stores = open_stores(settings)
    catalogue = load_catalogue(settings.matching.catalogue)
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, clock)
    pipeline = Pipeline(stores, catalogue, origin, clock)
    keeper = IndexKeeper(stores.core, settings.index_dir)
    comparisons = Comparisons(stores.core, catalogue, origin, clock, keeper)
    retention = Retention(
        stores,
        origin,
        clock,
        observation_days=settings.analysis.retention_days,
        audit_days=settings.audit.retention_days,
    )
    days = RecordedDays(
        stores, settings.center.node, settings.footage_disks, clock, history_days=settings.health.history_days
    )
    slow = threading.Thread(
        target=_repeat,
        args=(
            lambda: comparisons.refresh() or retention.refresh(pipeline.position()) or days.refresh(),
            stopping,
            SLOW_POLL_S,
        ),
    )
    slow.start()
    # By itself: the first index of a large database takes long, and comparisons and retention must not wait for it.
    indexing = threading.Thread(target=_repeat, args=(keeper.refresh, stopping, SLOW_POLL_S))
    indexing.start()
    _repeat(lambda: pipeline.follow() + pipeline.alert_record_hits() > 0, stopping, POLL_S)
    slow.join()
    indexing.join()
    stores.dispose()


def _repeat(work: Callable[[], bool], stopping: threading.Event, poll_s: float) -> None:
    """Until told to stop: at once while there is work, else after a pause, and after a longer one when it fails."""
    while not stopping.is_set():
        try:
            pause_s = 0.0 if work() else poll_s
        except Exception as error:  # noqa: BLE001 - a thread that ended here would be missed by nobody
            _log.error("pipeline_failed", exc_info=error)
            _failures.inc()
            pause_s = AFTER_FAILURE_S
        stopping.wait(pause_s)
