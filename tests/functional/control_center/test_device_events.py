"""The process *events* on simulated devices: what they tell of vehicles is kept, what they tell of people nowhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Engine, inspect, select, text

from analysis.observations import Observation
from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from device_registry.models import Camera
from foundation import metrics
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.keyring import Keyring
from foundation.migrations import migrate
from foundation.settings import Settings
from simulator.onvif_device.notifications import items, notification, plate_read
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = pytest.mark.functional

PATIENCE_S = 90.0


class Center:
    def __init__(self, folder: Path) -> None:
        self.config = folder / "vedette.toml"
        self.config.write_text(f'data_dir = {json.dumps(str(folder / "data"))}\n[devices]\nallow = ["127.0.0.0/8"]\n')
        self.settings = Settings(data_dir=folder / "data")
        self.settings.data_dir.mkdir()
        self.stores = open_stores(self.settings)
        migrate(self.stores)
        with transaction(self.stores.core) as session:
            self.origin = centers.ensure_local(session, self.settings, SYSTEM_CLOCK)

    def register(self, code: str, device: OnvifDevice, password: str = "hunter2") -> str:
        url = "rtsp://127.0.0.1:8554/main"
        fields = CameraFields(code=code, name=code, main_url=url, username="admin", password=password)
        keyring = Keyring.open(self.settings.key_dir)
        with transaction(self.stores.core) as session:
            camera = cameras.save(session, keyring, SYSTEM_CLOCK, self.origin, fields, actor="test").camera
            camera.onvif_url = f"http://{device.authority}/onvif/device_service"
            return camera.id

    def disable(self, camera_id: str) -> None:
        with transaction(self.stores.core) as session:
            camera = session.get_one(Camera, camera_id)
            camera.disabled, camera.updated_us = True, SYSTEM_CLOCK.now_us()

    @contextmanager
    def events(self) -> Iterator[subprocess.Popen[bytes]]:
        command = [sys.executable, "-m", "control_center.processes.child", "events", "0"]
        process = subprocess.Popen(command, env=os.environ | {"VEDETTE_CONFIG": str(self.config)})
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0

    def observed(self) -> list[Observation]:
        with reading(self.stores.observations) as session:
            return list(session.scalars(select(Observation).order_by(Observation.seq)))


@pytest.fixture
def center(tmp_path: Path) -> Iterator[Center]:
    center = Center(tmp_path)
    yield center
    center.stores.dispose()


@pytest.fixture
def device() -> Iterator[OnvifDevice]:
    with OnvifDevice(credentials=Credentials("admin", "hunter2")) as device:
        yield device


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.1)


def everything_in(engine: Engine) -> str:
    names = inspect(engine).get_table_names()
    with engine.connect() as connection:
        rows = {name: connection.execute(text(f'SELECT * FROM "{name}"')).all() for name in names}
    assert len(names) > 1
    return repr(rows)


def test_what_devices_tell_is_kept_and_nothing_of_people_anywhere(
    center: Center, device: OnvifDevice, of_people: ModuleType
) -> None:
    camera_id = center.register("C1", device)
    told = of_people.notifications()
    device.events.properties = told
    with center.events():
        until(lambda: device.events.subscribed)
        for one in told:
            device.events.tell(one)
        device.events.tell(plate_read("沪B·88888", utc=device.events.utc()))
        until(lambda: any(row.detail.get("plate") == "沪B88888" for row in center.observed()))
        numbers = metrics.render(center.settings.run_dir).decode()
    rows = center.observed()
    assert {row.kind for row in rows} == {"motion", "line", "field", "digital_input", "plate_read"}
    assert {(row.camera_id, row.center_id) for row in rows} == {(camera_id, center.origin.center_id)}
    assert {row.detail["source"] for row in rows} == {"device"}
    assert {row.detail["plate"] for row in rows if row.kind == "plate_read"} == {"京A12345", "沪B88888"}
    logs = "".join(file.read_text() for file in center.settings.log_dir.iterdir())
    assert "events_followed" in logs
    assert 'vedette_device_events_dropped_total{reason="topic",topic="RuleEngine/Recognition/Face"}' in numbers
    for kept in (everything_in(center.stores.core), everything_in(center.stores.observations), logs, numbers):
        assert of_people.MARKER not in kept
        assert "hunter2" not in kept


def test_the_registry_is_followed(center: Center, device: OnvifDevice) -> None:
    with center.events():
        camera_id = center.register("C1", device)
        until(lambda: device.events.subscribed == 1)
        center.disable(camera_id)
        until(lambda: device.events.subscribed == 0)
        with OnvifDevice(credentials=Credentials("admin", "other")) as other:
            center.register("C2", other, "other")
            until(lambda: other.events.subscribed == 1)
            other.events.tell(notification("tns1:RuleEngine/LineDetector/Crossed", items(ObjectId="1")))
            until(center.observed)
    assert [row.kind for row in center.observed()] == ["line"]
    assert device.guard.refusals == 0


def test_events_outlast_a_database_that_is_away(center: Center, device: OnvifDevice) -> None:
    center.register("C1", device)
    store = center.settings.data_dir / "observations.sqlite3"
    with center.events():
        until(lambda: device.events.subscribed)
        with center.stores.observations.begin():  # nobody else may write meanwhile
            device.events.tell(notification("tns1:RuleEngine/LineDetector/Crossed", items(ObjectId="1")))
            device.events.tell(plate_read("沪B·88888", utc=device.events.utc()))
            until(lambda: device.events.limits[2:])
        until(lambda: len(center.observed()) == 2)
    assert store.is_file()
