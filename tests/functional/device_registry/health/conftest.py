from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from device_registry import cameras, centers, states
from device_registry.camera_fields import CameraFields
from device_registry.health.models import HealthChange
from device_registry.health.process import Health
from device_registry.models import Camera
from foundation.clock import ManualClock
from foundation.database import Stores, reading, transaction
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope
from foundation.settings import Settings
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def device(clock: ManualClock) -> Iterator[Callable[..., OnvifDevice]]:
    """Start devices of our own that know the password hunter2 of the user admin, and misbehave as told."""
    with ExitStack() as stack:

        def started(*faults: str, port: int = 0) -> OnvifDevice:
            credentials = Credentials("admin", "hunter2")
            return stack.enter_context(OnvifDevice(port=port, credentials=credentials, faults=faults, clock=clock))

        yield started


@dataclass
class Watch:
    """A center whose process *health* is ticked by hand, while its recorders say what the test says."""

    settings: Settings
    stores: Stores
    keyring: Keyring
    clock: ManualClock
    origin: Origin
    health: Health = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.health = Health(self.settings, self.stores, self.keyring, self.origin, self.clock)

    def camera(self, code: str, onvif: str | None = None, password: str = "hunter2", **given: object) -> str:
        """Register one, its stream at an address of its own; its id."""
        url = f"rtsp://admin:{password}@127.0.0.1:1/{code}"
        fields = CameraFields(code=code, name=code, main_url=url)
        with transaction(self.stores.core) as session:
            saved = cameras.save(session, self.keyring, self.clock, self.origin, fields, actor="test").camera
            saved.onvif_url = onvif and f"http://{onvif}/onvif/device_service"
            for name, value in given.items():
                setattr(saved, name, value)
            return saved.id

    def reports(self, state: str, *camera_ids: str, cause: str | None = None) -> None:
        """What the recorders say of these cameras, or of all."""
        with transaction(self.stores.core) as session:
            for camera_id in camera_ids or session.scalars(select(Camera.id)).all():
                states.note(session, self.clock, camera_id, state, cause)

    def run(self, seconds: float) -> None:
        """Let the time pass; each check ends within the half second in which it began."""
        for _ in range(int(seconds * 2)):
            self.clock.advance(0.5)
            self.health.tick()
            self._settle()

    def _settle(self) -> None:
        deadline = time.monotonic() + 60
        while self.health._workers._running:
            assert time.monotonic() < deadline, "a check does not end"
            time.sleep(0.001)
            self.health._collect()
        self.health._judge_us = 0
        self.health.tick()

    def shown(self) -> dict[str, dict[str, object]]:
        """The health of each camera, by code, as the API shows it."""
        with reading(self.stores.core) as session:
            views = states.directory(session, Scope([self.origin.center_id]))
        return {view["code"]: view["health"] for view in views}

    def told(self) -> dict[str, str]:
        return {code: str(health["state"]) for code, health in self.shown().items()}

    def history(self) -> list[tuple[str, str]]:
        """Code and state of each change, in order."""
        query = select(Camera.code, HealthChange.state).join(Camera, Camera.id == HealthChange.camera_id)
        with reading(self.stores.core) as session:
            rows = session.execute(query.order_by(HealthChange.at_us, Camera.code)).all()
        return [(code, state) for code, state in rows]


@pytest.fixture
def watch(stores: Stores, tmp_path, clock: ManualClock) -> Watch:
    settings = Settings(data_dir=tmp_path, devices={"allow": ["127.0.0.0/8"]})
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, clock)
    return Watch(settings, stores, Keyring.open(settings.key_dir), clock, origin)
