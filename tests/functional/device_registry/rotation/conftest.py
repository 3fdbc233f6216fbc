from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from device_registry import cameras, centers, credentials, particulars
from device_registry.camera_fields import CameraFields
from device_registry.changing import change_columns
from device_registry.models import Camera
from device_registry.onvif import exchange as exchanges
from device_registry.onvif.exchange import Exchange, post
from device_registry.rotation import passwords, planning, report
from device_registry.rotation.ledger import Ledger
from device_registry.rotation.running import resumed
from device_registry.rotation.turning import Turning
from device_registry.rotation.watching import Watching
from device_registry.rotation.waves import Ended, Stages, Waves
from foundation.audit import AuditAction
from foundation.clock import ManualClock
from foundation.database import Stores, reading, transaction
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope
from foundation.settings import Settings
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
FIRST = "hunter2"


@dataclass
class Site:
    """A registry with cameras, and the devices that they belong to."""

    stores: Stores
    settings: Settings
    keyring: Keyring
    origin: Origin
    scope: Scope
    stack: ExitStack
    clock: ManualClock = field(default_factory=ManualClock)
    exchange: Exchange = post
    devices: int = 0
    meanwhile: Callable[[], None] = lambda: None

    def device(self, *faults: str, channels: int = 1, password: str | None = FIRST) -> OnvifDevice:
        """A device of ours that is registered with the password hunter2 of the user admin."""
        known = Credentials("admin", password) if password else None
        device = self.stack.enter_context(OnvifDevice(credentials=known, faults=faults))
        self.devices += 1
        for channel in range(channels):
            self.register(f"D{self.devices:02}-{channel}", device.authority)
        return device

    def register(self, code: str, authority: str, *, password: str = FIRST, onvif: bool = True) -> None:
        fields = CameraFields(
            code=code, name=code, main_url="rtsp://127.0.0.1/main", username="admin", password=password
        )
        with transaction(self.stores.core) as session:
            saved = cameras.save(session, self.keyring, self.clock, self.origin, fields, actor="test")
            if onvif:
                given = particulars.parsed(code, {"onvif_url": authority})
                action = AuditAction.CLI_CAMERA_CHANGE
                change_columns(session, self.clock, saved.camera, given, action=action, actor="test")

    def ledger(self) -> Ledger:
        action = AuditAction.CLI_CREDENTIAL_ROTATE
        return Ledger(
            self.stores.core, self.keyring, self.clock, self.scope, origin=self.origin, actor="cli:test", action=action
        )

    def plan(self, codes: Sequence[str] | None = None) -> planning.Plan:
        with reading(self.stores.core) as session:
            return planning.plan(session, self.keyring, self.scope, codes=codes, in_clear=True)

    def rotate(self, stages: Stages | None = None, codes: Sequence[str] | None = None) -> Ended | None:
        self.clock.advance(1)  # rotations follow each other
        devices = self.plan(codes).devices
        ledger = self.ledger()
        ledger.begin(devices, [passwords.generate() for _ in devices])
        return self._run(ledger, ledger.devices("waiting"), stages or Stages())

    def resume(self) -> Ended | None:
        ledger = self.ledger()
        return resumed(ledger, partial(self._run, ledger), Stages())

    def _run(self, ledger: Ledger, devices: Sequence[str], stages: Stages) -> Ended | None:
        turning = Turning(ledger, LOOPBACK, self.exchange, wait=lambda _: None)
        watching = Watching(ledger, self.clock.now_us(), wait=lambda _: self.meanwhile())
        return Waves(stages, turning, lambda: None, watching, threading.Event()).run(devices)

    def passwords(self) -> list[str]:
        """Of the cameras, as the registry has them, by code."""
        with reading(self.stores.core) as session:
            found = [
                credentials.find(session, self.keyring, one.id) for one in session.query(Camera).order_by(Camera.code)
            ]
        return [login.password for login in found if login]

    def states(self) -> list[str]:
        return [one.state for one in self.reports()]

    def reports(self) -> list[report.DeviceReport]:
        with reading(self.stores.core) as session:
            newest = report.newest(session, self.scope)
            return report.devices(session, self.scope, newest) if newest else []


@pytest.fixture
def site(stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(exchanges, "ANSWER_S", 3.0)  # what hangs need not be waited for longer
    settings = Settings(data_dir=tmp_path)
    keyring = Keyring.open(tmp_path / "keys")
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, settings, ManualClock())
        scope = centers.descendants(session, origin.center_id)
    with ExitStack() as stack:
        yield Site(stores, settings, keyring, origin, scope, stack)


@pytest.fixture
def password_at() -> Callable[[OnvifDevice], str]:
    """That opens the device now."""

    def known(device: OnvifDevice) -> str:
        login = device.users.login("admin")
        assert login is not None
        return login.password

    return known
