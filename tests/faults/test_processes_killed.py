"""A whole center, `vedette run` and all, whose processes are killed at moments of chance."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import func, select

from analysis.observations import ObservationWriter, last_seq
from control_center.alerts.models import Alert, AlertSighting
from control_center.demo.preparation import free_port
from control_center.processes.lock import holder
from device_registry import assignments, cameras, centers
from device_registry.camera_fields import CameraFields
from foundation import cursors
from foundation.audit import check as audit_check
from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.database import open_stores, reading, transaction
from foundation.identifiers import new_id
from foundation.keyring import Keyring
from foundation.migrations import migrate
from foundation.settings import load_settings
from ingest.footage import FootageIndex
from matching.models import RecordVersion, ReferenceRecord
from simulator.virtual_camera import VirtualCamera, serving

pytestmark = [pytest.mark.functional, pytest.mark.long, pytest.mark.full]

SEED = 20_261_122
PLATES = [f"京A{number:05}" for number in range(12_000, 12_040)]
STOLEN = PLATES[::2]
CHILDREN = ("recorder-0", "live-0", "analysis-0", "health-0", "events-0", "matching-0", "api-0")
_SETTINGS = """\
data_dir = "{folder}"
api.port = {api}
live.port = {live}
[recorder]
segment_s = 2
sync_s = 0.5
min_free_bytes = 0
"""


class Center:
    """A center with one camera, twenty stolen cars, and a supervisor that can be killed and started again."""

    def __init__(self, folder: Path, camera: VirtualCamera, checks: ModuleType) -> None:
        folder.mkdir()
        self.chance = random.Random(SEED)
        self.checks = checks
        self.config = folder / "vedette.toml"
        self.config.write_text(_SETTINGS.format(folder=folder / "data", api=free_port(), live=free_port()))
        self.settings = load_settings(self.config)
        self.settings.data_dir.mkdir()
        self.disk = self.settings.footage_disks[0]
        self.stores = open_stores(self.settings)
        self.read: Counter[str] = Counter()  # reads written, by plate
        self.supervisor: subprocess.Popen[bytes] | None = None
        migrate(self.stores)
        self._stock(camera)
        self._writer = ObservationWriter(self.stores.observations, "node-1")

    def _stock(self, camera: VirtualCamera) -> None:
        keyring = Keyring.open(self.settings.key_dir)
        with transaction(self.stores.core) as session:
            self.origin = centers.ensure_local(session, self.settings, SYSTEM_CLOCK)
            fields = CameraFields(code="11010101001320000101", name="Gate", main_url=camera.url("gate"))
            saved = cameras.save(session, keyring, SYSTEM_CLOCK, self.origin, fields, actor="test")
            self.camera_id = saved.camera.id
            for plate in STOLEN:
                session.add(
                    ReferenceRecord(
                        id=new_id(SYSTEM_CLOCK),
                        center_id=self.origin.center_id,
                        node=self.origin.node,
                        database="stolen_vehicles",
                        source_record=plate,
                        imported_us=SYSTEM_CLOCK.now_us(),
                        plate=plate,
                        plate_colour="blue",
                    )
                )
            session.merge(RecordVersion(name="references", version=1))

    def start(self) -> None:
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "control_center", "run"],
            env=os.environ | {"VEDETTE_CONFIG": str(self.config)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.checks.until(lambda: self.pid("supervisor") == self.supervisor.pid, "the supervisor")
        for label in CHILDREN:
            self.checks.until(lambda label=label: self.pid(label), label)

    def pid(self, label: str) -> int | None:
        return holder(self.settings.run_dir, label)

    def kill(self, label: str) -> None:
        """Kill the process, and wait for the one that the supervisor starts in its place."""
        killed = self.pid(label)
        assert killed
        os.kill(killed, signal.SIGKILL)
        self.checks.until(lambda: self.pid(label) not in (killed, None), f"another {label} after {killed}", 120)

    def kill_supervisor(self) -> None:
        assert self.supervisor
        self.supervisor.kill()
        self.supervisor.wait()

    def stop(self) -> None:
        assert self.supervisor
        self.supervisor.terminate()
        assert self.supervisor.wait(60) == 0

    def clean_up(self) -> None:
        """Whatever a failed test left running."""
        self._writer.close()
        self.stores.dispose()
        if self.supervisor and self.supervisor.poll() is None:
            self.kill_supervisor()
        for label in CHILDREN:
            if pid := self.pid(label):
                os.kill(pid, signal.SIGKILL)

    def see(self, count: int) -> None:
        """So many reads of plates, stolen ones and others, written as analysis writes them."""
        for _ in range(count):
            plate = self.chance.choice(PLATES)
            now_us = SYSTEM_CLOCK.now_us()
            detail = {"plate": plate, "plate_colour": "blue", "confidence": 0.99}
            self._writer.add(self.origin.center_id, self.camera_id, "plate_read", now_us, now_us + US_PER_S, detail)
            self.read[plate] += 1
        self._writer.flush()

    def segments_after(self, moment_us: int) -> int:
        found = FootageIndex(self.disk).segments(self.camera_id, "main", moment_us, 1 << 62)
        return sum(segment.start_us > moment_us for segment in found)

    def await_footage(self) -> None:
        now_us = SYSTEM_CLOCK.now_us()
        self.checks.until(lambda: self.segments_after(now_us), "new footage")

    def gap_causes(self) -> list[str]:
        return [gap.cause for gap in FootageIndex(self.disk).gaps(self.camera_id, "main", *self.checks.EVER)]

    def fences(self) -> list[int]:
        return [stream["fence"] for stream in assignments.read(self.settings.run_dir)["streams"]]

    def _matched(self) -> bool:
        with reading(self.stores.observations) as session:
            last = last_seq(session)
        with reading(self.stores.core) as session:
            return cursors.position(session, "pipeline") >= last

    def assert_alerts_are_the_model(self) -> None:
        """Each stolen car that was read is one alert, and each of its reads one sighting."""
        self.checks.until(self._matched, "matching to be done")
        seen = select(Alert.plate, func.count(AlertSighting.id)).join(AlertSighting).group_by(Alert.id)
        with reading(self.stores.core) as session:
            found = sorted(tuple(row) for row in session.execute(seen))
            assert audit_check.verify(session).fault is None
        assert found == sorted((plate, self.read[plate]) for plate in STOLEN if self.read[plate])

    def assert_stores_are_whole(self) -> None:
        for name in ("core.sqlite3", "observations.sqlite3"):
            assert self.checks.whole(self.settings.data_dir / name) == "ok"
        self.checks.assert_index_is_true(self.disk)


@pytest.fixture
def center(tmp_path: Path, clip: Path, checks: ModuleType) -> Iterator[Center]:
    with serving({"gate": clip}) as camera:
        made = Center(tmp_path / "center", camera, checks)
        yield made
        made.clean_up()


def _kill_in_turn(center: Center, labels: list[str]) -> None:
    for label in labels:
        center.see(center.chance.randint(100, 400))
        time.sleep(center.chance.uniform(0, 0.6))
        center.kill(label)


def _lose_the_supervisor(center: Center) -> None:
    """Its processes go on without it, and the next one takes them over as they are."""
    before = {label: center.pid(label) for label in CHILDREN}
    fences, gaps = center.fences(), center.gap_causes()
    center.kill_supervisor()
    center.await_footage()
    center.start()
    center.await_footage()
    assert {label: center.pid(label) for label in CHILDREN} == before
    assert (center.fences(), center.gap_causes()) == (fences, gaps)


def test_recorder_matching_and_supervisor_killed(center: Center) -> None:
    center.start()
    center.await_footage()
    _kill_in_turn(center, ["matching-0", "recorder-0"])
    center.await_footage()
    _lose_the_supervisor(center)
    center.assert_alerts_are_the_model()
    center.stop()
    assert center.gap_causes() == ["restart"]
    center.assert_stores_are_whole()


def test_every_process_killed_again_and_again(center: Center) -> None:
    center.start()
    center.await_footage()
    for _ in range(3):
        _kill_in_turn(center, center.chance.sample(CHILDREN, len(CHILDREN)))
        center.await_footage()
        _lose_the_supervisor(center)
    center.assert_alerts_are_the_model()
    center.stop()
    assert center.gap_causes() == ["restart"] * 3
    center.assert_stores_are_whole()
