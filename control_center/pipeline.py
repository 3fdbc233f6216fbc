"""Observation → matching → alert: the one place where what cameras saw meets the lists.

Each batch is one transaction of *core*: hits, alerts, audit rows, events and the moved cursor. Observations lie in
another store; a batch that is read twice after a crash is harmless, because the cursor moves with what was derived.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence

import structlog
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from analysis.observations import Observation, read_after
from control_center.alerts import steps
from control_center.alerts.models import Alert
from control_center.alerts.opening import Sighting, add_sighting, alert_of_same_matter, open_alert, tell
from device_registry import centers
from foundation import cursors, outbox
from foundation.clock import SYSTEM_CLOCK, US_PER_S, Clock
from foundation.database import Stores, open_stores, reading, transaction
from foundation.identifiers import Origin
from foundation.settings import Settings
from matching import hits
from matching.catalogue import Catalogue, load_catalogue
from matching.comparison import compare_all
from matching.models import Hit, RecordVersion
from matching.online import OnlineHit, OnlineMatcher

_log = structlog.get_logger()
CONSUMER = "pipeline"
BATCH = 200
POLL_S = 0.25
# Expiry and review dates take effect by a new comparison; days pass slowly.
COMPARE_AGAIN_US = 3600 * US_PER_S


class Pipeline:
    def __init__(self, stores: Stores, catalogue: Catalogue, origin: Origin, clock: Clock) -> None:
        self._stores = stores
        self._catalogue = catalogue
        self._origin = origin
        self._clock = clock
        self._matcher = OnlineMatcher(stores.core, catalogue, clock)

    def follow(self) -> int:
        """Take the next batch of observations; returns how many there were."""
        with reading(self._stores.core) as session:
            position = cursors.position(session, CONSUMER)
        with reading(self._stores.observations) as session:
            batch = read_after(session, position, BATCH)
        if batch:
            found = [(read, hit) for read in batch if read.kind == "plate_read" for hit in self._look_up(read)]
            with transaction(self._stores.core) as session:
                for read, hit in found:
                    self._derive(session, read, hit)
                cursors.move(session, CONSUMER, position, batch[-1].seq)
        return len(batch)

    def alert_record_hits(self) -> int:
        """Raise the alerts of record hits that have none, and recall those whose hit fell away."""
        missing = select(Hit).outerjoin(Alert, Alert.hit_id == Hit.id).where(Alert.id.is_(None))
        standing = missing.where(Hit.recalled_us.is_(None), Hit.observation_id.is_(None)).limit(50)
        with transaction(self._stores.core) as session:
            unalerted = session.scalars(standing).all()
            for hit in unalerted:
                open_alert(session, self._catalogue, self._clock, Origin(hit.center_id, hit.node), hit)
            return len(unalerted) + steps.recall(session, self._catalogue, self._clock)

    def _look_up(self, read: Observation) -> Sequence[OnlineHit]:
        return self._matcher.plate(read.detail["plate"], read.detail.get("plate_colour"), read.start_us)

    def _derive(self, session: Session, read: Observation, found: OnlineHit) -> None:
        sighting = Sighting(read.id, read.camera_id, read.detail["plate"], read.start_us, read.end_us)
        alert = alert_of_same_matter(session, sighting, found.key_person_id, found.reference_id)
        if alert is not None:
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
    """Runs the 24 comparisons whenever lists or databases changed, and every hour."""

    def __init__(self, core: Engine, catalogue: Catalogue, origin: Origin, clock: Clock) -> None:
        self._core = core
        self._catalogue = catalogue
        self._origin = origin
        self._clock = clock
        self._versions: dict[str, int] = {}
        self._done_us: int | None = None

    def refresh(self) -> bool:
        """Compare when it is due; True when it was."""
        with reading(self._core) as session:
            versions = {row.name: row.version for row in session.scalars(select(RecordVersion))}
        now_us = self._clock.monotonic_us()
        recent = self._done_us is not None and now_us - self._done_us < COMPARE_AGAIN_US
        if not versions or (versions == self._versions and recent):
            return False
        compare_all(self._core, self._catalogue, self._origin, self._clock)
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
    comparisons = threading.Thread(
        target=_keep_comparing, args=(Comparisons(stores.core, catalogue, origin, clock), stopping), daemon=True
    )
    comparisons.start()
    pipeline = Pipeline(stores, catalogue, origin, clock)
    while not stopping.is_set():
        if pipeline.follow() + pipeline.alert_record_hits() == 0:
            stopping.wait(POLL_S)
    comparisons.join()
    stores.dispose()


def _keep_comparing(comparisons: Comparisons, stopping: threading.Event) -> None:
    while not stopping.is_set():
        if comparisons.refresh():
            _log.info("compared")
        stopping.wait(1.0)
