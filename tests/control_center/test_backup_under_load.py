"""A backup while everybody writes is one moment: whatever is in it fits together, and nothing committed is missing."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, inspect, select, text

from analysis.observations import Observation, ObservationWriter
from control_center.alerts.models import Alert, AlertSighting, AlertStep
from control_center.pipeline import Pipeline
from control_center.upkeep.settling import ROOMS
from foundation import audit, cursors, outbox
from foundation.audit import AuditAction, AuditEntry
from foundation.audit import check as audit_check
from foundation.backup.reader import BackupFile, Trust
from foundation.backup.restore import restore
from foundation.backup.target import target_of
from foundation.backup.writer import write_backup
from foundation.database import Stores, open_stores, reading, transaction
from foundation.migrations import migrate
from foundation.outbox import OutboxEvent, OutboxStream
from foundation.settings import Settings
from foundation.signing import Signing
from matching.models import Hit

CITY, STATION = "110000000000", "110101010000"
PLATES = [f"京A{number:05}" for number in range(12_000, 12_400)]


@pytest.fixture
def city(empty_stores: Stores, make_city: Callable[[Stores], Any]) -> Any:
    migrate(empty_stores)
    made = make_city(empty_stores)
    with transaction(empty_stores.core) as session:
        for plate in PLATES[::2]:
            made.reference(session, "stolen_vehicles", plate=plate, plate_colour="blue")
    return made


@pytest.fixture
def settings(city: Any, tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path)
    if city.stores.core.dialect.name == "postgresql":
        settings.database_url = city.stores.core.url.render_as_string(hide_password=False)
    return settings


class Writers:
    """Threads that do what a center does, and the model: what each of them knows to be committed."""

    def __init__(self, city: Any) -> None:
        self._city = city
        self._stopping = threading.Event()
        self.seen: list[str] = []
        self.told: list[str] = []
        self.errors: list[BaseException] = []
        origin = city.origin(CITY)
        self._pipeline = Pipeline(city.stores, city.catalogue, origin, city.clock)
        work = (self._see, self._tell, self._tell)
        self._threads = [threading.Thread(target=self._repeat, args=(one,)) for one in work]

    def __enter__(self) -> Writers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        assert self.errors == []

    def committed(self) -> tuple[set[str], set[str]]:
        return set(self.seen), set(self.told)

    def await_more(self) -> None:
        """Until each of them has done something; the time is a guard against hanging, not a requirement."""
        seen, told = len(self.seen), len(self.told)
        deadline = time.monotonic() + 60
        while len(self.seen) < seen + 80 or len(self.told) < told + 20:
            assert self.errors == []
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _repeat(self, work: Callable[[], object]) -> None:
        chance = random.Random(threading.get_ident())
        try:
            while not self._stopping.is_set():
                work()
                time.sleep(chance.uniform(0, 0.01))
        except BaseException as error:  # noqa: BLE001 - told by the test
            self.errors.append(error)

    def _see(self) -> None:
        writer = ObservationWriter(self._city.stores.observations, "node-1", clock=self._city.clock)
        center, camera = self._city.centers[STATION], self._city.cameras[STATION]
        plates = random.choices(PLATES, k=8)
        for plate in plates:
            detail = {"plate": plate, "plate_colour": "blue", "confidence": 0.99}
            now_us = self._city.clock.now_us()
            writer.add(center, camera, "plate_read", now_us, now_us + 1_000_000, detail)
        ids = [row["id"] for row in writer._pending]
        writer.flush()
        self.seen += ids
        while self._pipeline.follow():
            pass

    def _tell(self) -> None:
        with transaction(self._city.stores.core) as session:
            entry = audit.record(
                session,
                AuditAction.CLI_CAMERA_CHANGE,
                origin=self._city.origin(CITY),
                actor="test",
                subject=self._city.cameras[STATION],
                clock=self._city.clock,
            )
            outbox.append(session, self._city.centers[CITY], "upper", "normal", "told", {"entry": entry.id})
        self.told.append(entry.id)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgresql, pytest.mark.functional])])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A machine without data; on PostgreSQL in a schema of its own, beside the other's."""
    settings = Settings(data_dir=tmp_path / "elsewhere")
    settings.data_dir.mkdir()
    if request.param == "postgresql":
        settings.database_url = f"{request.getfixturevalue('postgresql_url')}&options=-csearch_path%3Delsewhere"
        stores = open_stores(settings)
        with stores.core.begin() as connection:
            connection.execute(text("CREATE SCHEMA elsewhere"))
        stores.dispose()
    return settings


@pytest.mark.long
@pytest.mark.functional
def test_a_backup_under_load_is_one_moment(city: Any, settings: Settings, elsewhere: Settings) -> None:
    signing = Signing.open(settings.key_dir)
    with Writers(city) as writers:
        for number in range(3):
            writers.await_more()
            before = writers.committed()
            written = write_backup(settings, city.stores, settings.data_dir / f"{number}.tar", signing)
            after = writers.committed()
    with target_of(elsewhere) as target:
        done = restore(elsewhere, target, BackupFile(written.path), Trust(signing), ROOMS, actor="cli:test")
    assert done.faults == []
    restored = open_stores(elsewhere)
    try:
        assert_fits_together(restored)
        assert_is_between(restored, before, after)
    finally:
        restored.dispose()


def assert_fits_together(stores: Stores) -> None:
    with reading(stores.core) as core, reading(stores.observations) as observations:
        assert audit_check.verify(core).fault is None
        streams = core.scalars(select(OutboxStream.id)).all()
        assert {outbox.verify(core, stream) for stream in streams} == {None}
        seen = set(observations.scalars(select(Observation.id)))
        last = observations.scalar(select(func.max(Observation.seq)))
        assert cursors.position(core, "pipeline") <= last
        assert set(core.scalars(select(AlertSighting.observation_id))) <= seen
        assert set(core.scalars(select(Hit.observation_id))) <= seen
        alerts = set(core.scalars(select(Alert.id)))
        assert alerts
        audited = core.scalars(select(AuditEntry.subject).where(AuditEntry.action == "pipeline:alert:create")).all()
        assert (set(audited), len(audited)) == (alerts, len(alerts))
        created = core.scalars(select(OutboxEvent.body).where(OutboxEvent.kind == "alert.created"))
        assert {body["id"] for body in created} == alerts
        told = core.scalars(select(OutboxEvent.body).where(OutboxEvent.kind == "told"))
        entries = core.scalars(select(AuditEntry.id).where(AuditEntry.action == "cli:camera:change"))
        assert sorted(body["entry"] for body in told) == sorted(entries)
        assert core.scalars(select(AlertStep.alert_id).where(AlertStep.alert_id.not_in(alerts))).all() == []
    assert_every_foreign_key_holds(stores)


def assert_every_foreign_key_holds(stores: Stores) -> None:
    """Asked of the tables themselves, whatever the database believes."""
    with stores.core.connect() as connection:
        found = inspect(connection)
        for table in found.get_table_names():
            for key in found.get_foreign_keys(table):
                [column], [other] = key["constrained_columns"], key["referred_columns"]
                broken = connection.execute(
                    text(
                        f"SELECT count(*) FROM {table} AS a LEFT JOIN {key['referred_table']} AS b "
                        f"ON a.{column} = b.{other} WHERE a.{column} IS NOT NULL AND b.{other} IS NULL"
                    )
                )
                assert broken.scalar_one() == 0, (table, column)


def assert_is_between(stores: Stores, before: tuple[set[str], set[str]], after: tuple[set[str], set[str]]) -> None:
    with reading(stores.core) as core, reading(stores.observations) as observations:
        seen = set(observations.scalars(select(Observation.id)))
        told = set(core.scalars(select(AuditEntry.id).where(AuditEntry.action == "cli:camera:change")))
    assert before[0] <= seen
    assert before[1] <= told
    # What its thread had committed and not yet noted: a batch of observations, an entry of each of two threads.
    assert len(seen - after[0]) <= 8
    assert len(told - after[1]) <= 2
