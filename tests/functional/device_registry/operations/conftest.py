from __future__ import annotations

import ipaddress
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import select

from device_registry import centers
from device_registry.login import Login
from device_registry.onvif.services import Connected, connect
from device_registry.operations.running import Run
from device_registry.operations.targets import Target
from foundation.audit.entries import AuditEntry
from foundation.clock import SYSTEM_CLOCK
from foundation.database import Stores, reading, transaction
from foundation.identifiers import Origin, new_id
from foundation.settings import Settings
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
LOGIN = Login("admin", "hunter2")


@pytest.fixture
def device() -> Iterator[Callable[..., OnvifDevice]]:
    """Start devices of our own that know the password hunter2 of the user admin, and misbehave as told."""
    with ExitStack() as stack:

        def started(*faults: str) -> OnvifDevice:
            return stack.enter_context(OnvifDevice(credentials=Credentials("admin", "hunter2"), faults=faults))

        yield started


@pytest.fixture
def at() -> Callable[[OnvifDevice], Connected]:
    return lambda device: connect(device.authority, LOGIN, allowed=LOOPBACK)


@pytest.fixture
def stores(tmp_path: Path, open_center: Callable[[Path], Stores]) -> Iterator[Stores]:
    """SQLite is enough: the devices are what is tried here."""
    found = open_center(tmp_path)
    yield found
    found.dispose()


@pytest.fixture
def run(stores: Stores) -> Callable[..., Run]:
    return lambda **options: Run(stores.core, "cli:test", LOOPBACK, **options)


@pytest.fixture
def audited(stores: Stores) -> Callable[[], list[AuditEntry]]:
    """What was written into the audit trail of settings of devices."""

    def found() -> list[AuditEntry]:
        with reading(stores.core) as session:
            query = select(AuditEntry).where(AuditEntry.action == "cli:device:configure")
            return list(session.scalars(query))

    return found


@pytest.fixture
def origin(stores: Stores, tmp_path) -> Origin:
    with transaction(stores.core) as session:
        return centers.ensure_local(session, Settings(data_dir=tmp_path), SYSTEM_CLOCK)


@pytest.fixture
def target(origin: Origin) -> Callable[..., Target]:
    """A camera at a device, as the register would give it."""

    def made(device: OnvifDevice | str, code: str = "C1", login: Login | None = LOGIN) -> Target:
        place = device if isinstance(device, str) else device.authority
        return Target(
            camera_id=new_id(),
            code=code,
            name=f"Gate {code}",
            origin=origin,
            onvif_url=f"http://{place}/onvif/device_service",
            main_url="rtsp://127.0.0.1:8554/main",
            sub_url="rtsp://127.0.0.1:8554/sub",
            login=login,
        )

    return made


VEDETTE = [sys.executable, "-c", "from control_center.cli import main; main()"]


@pytest.fixture
def vedette(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `vedette cameras …` on a register of its own."""

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        allowed = {"VEDETTE_DEVICES__ALLOW": '["127.0.0.0/8"]', "VEDETTE_DATA_DIR": str(tmp_path / "var")}
        return subprocess.run(
            [*VEDETTE, "cameras", *arguments],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "200", **allowed},
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture
def registered(vedette, tmp_path: Path) -> Callable[..., None]:
    """Register cameras at these devices, by code."""

    def register(**devices: OnvifDevice) -> None:
        head = "code,name,main_url,sub_url,onvif_url,username,password"
        streams = "rtsp://127.0.0.1:8554/main,rtsp://127.0.0.1:8554/sub"
        rows = [f"{code},Gate,{streams},{one.authority},admin,hunter2" for code, one in devices.items()]
        (tmp_path / "cameras.csv").write_text("\n".join([head, *rows]))
        imported = vedette("import", "cameras.csv")
        assert imported.returncode == 0, imported.stdout + imported.stderr

    return register
