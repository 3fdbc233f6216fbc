"""The whole center with a camera that streams and a device that answers, until either does no more."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from sqlalchemy import select

from control_center.demo.preparation import free_port
from control_center.processes.lock import holders
from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from device_registry.health.models import HealthChange
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, reading, transaction
from foundation.keyring import Keyring
from foundation.migrations import migrate
from foundation.settings import Settings, load_settings
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera import serving
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.long]
_SETTINGS = """\
data_dir = "{folder}"
api.port = {api}
live.port = {live}
devices.allow = ["127.0.0.0/8"]
health.interval_s = 2
health.worse_after_s = 2
health.better_after_s = 2
"""


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    file = tmp_path / "gate.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("libx264", 25, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 320, 192, "yuv420p", 25
        for number in range(100):
            picture = np.zeros((192, 320, 3), np.uint8)
            picture[:, number : number + 20] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return file


class Center:
    def __init__(self, folder: Path, demo: Any) -> None:
        self._folder, self._demo = folder, demo
        self.config = folder / "vedette.toml"
        self.config.write_text(_SETTINGS.format(folder=folder / "data", api=free_port(), live=free_port()))
        self.settings: Settings = load_settings(self.config)
        self.settings.data_dir.mkdir()
        self.stores = open_stores(self.settings)
        migrate(self.stores)
        self.supervisor: subprocess.Popen[bytes] | None = None

    def register(self, code: str, url: str, device: OnvifDevice | None) -> None:
        with transaction(self.stores.core) as session:
            origin = centers.ensure_local(session, self.settings, SYSTEM_CLOCK)
            fields = CameraFields(code=code, name=code, main_url=url, username="admin", password="hunter2")
            keyring = Keyring.open(self.settings.key_dir)
            camera = cameras.save(session, keyring, SYSTEM_CLOCK, origin, fields, actor="test").camera
            camera.onvif_url = device and f"http://{device.authority}/onvif/device_service"

    def start(self) -> None:
        self.supervisor = subprocess.Popen(
            [sys.executable, "-m", "control_center", "run"],
            env=self._demo.environment() | {"VEDETTE_CONFIG": str(self.config)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def vedette(self, *words: str) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = self._demo.vedette(
            *words, cwd=self._folder, timeout=240, VEDETTE_CONFIG=str(self.config)
        )
        return done

    def health(self) -> dict[str, dict[str, Any]]:
        found = json.loads(self.vedette("cameras", "health", "--json").stdout)
        return {camera["code"]: camera["health"] for camera in found["cameras"]}

    def stop(self) -> None:
        if self.supervisor is not None:
            self.supervisor.terminate()
            assert self.supervisor.wait(60) == 0
        assert holders(self.settings.run_dir) == {}
        self.stores.dispose()


@pytest.fixture
def center(tmp_path: Path, demo: Any) -> Iterator[Center]:
    made = Center(tmp_path, demo)
    yield made
    made.stop()


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for it; the time is a guard against hanging, not a requirement."""
    deadline = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.5)


def test_cameras_come_online_and_what_stops_is_told_with_its_cause(center: Center, clip: Path) -> None:
    credentials = Credentials("admin", "hunter2")
    with OnvifDevice(credentials=credentials) as device:
        with serving({"gate": clip}, user="admin", password="hunter2") as camera:
            center.register("C1", camera.url("gate"), device)
            center.register("C2", camera.url("gate"), None)
            center.start()
            waited = center.vedette("cameras", "health", "--wait", "180")
            assert waited.returncode == 0, waited.stdout + waited.stderr
            assert "2 cameras: 2 online." in waited.stdout
            with OnvifDevice(credentials=credentials, faults=["skew:86400"]) as skewed:
                center.register("C3", camera.url("gate"), skewed)
                until(lambda: center.health()["C3"]["state"] == "clock_skew", "the skewed clock")
            until(lambda: center.health()["C3"]["state"] == "degraded", "the device that went")
            assert "It is recorded, but: No connection" in center.health()["C3"]["cause"]
        until(lambda: {one["state"] for one in center.health().values()} == {"stream_failed", "unreachable"}, "faults")
        told = center.health()
        assert told["C1"]["state"] == "stream_failed"
        assert told["C1"]["cause"].startswith("Its device answers, but its stream does not")
        assert told["C2"]["state"] == told["C3"]["state"] == "unreachable"
        assert all(one["mend"] for one in told.values())
        assert center.vedette("cameras", "health", "--wait", "0").returncode == 1
        assert center.vedette("cameras", "maintain", "C1", "--until", "1h", "--reason", "New pole").returncode == 0
        assert center.health()["C1"]["state"] == "maintenance"
    with reading(center.stores.core) as session:
        states = set(session.scalars(select(HealthChange.state)))
    assert {"online", "clock_skew", "degraded", "stream_failed", "unreachable", "maintenance"} <= states
