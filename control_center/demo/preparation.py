"""A data folder ready to start: settings, footage, stores, virtual cameras' addresses."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from control_center.demo import stocking
from control_center.demo.footage import Footage, real_footage, render_scenes
from control_center.demo.plan import CITY, PERSONS, SEED, CameraPlan, DemoPlan, make_plan
from foundation import migrations
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.files import ensure_folder, write_atomically
from foundation.keyring import Keyring
from foundation.settings import Settings, load_settings
from matching.catalogue import load_catalogue
from simulator import records
from simulator.virtual_camera.server import VirtualCamera

# Six 1080p cameras fill gigabytes an hour; a demo needs the last hour.
_SETTINGS = """\
# Written by `vedette demo` at each start.
data_dir = {data_dir}

[center]
code = "{code}"
name = "{name}"
level = "{level}"

[recorder]
segment_s = 20.0
retention_days = 0.05

[api]
port = {api_port}

[live]
port = {live_port}

[devices]
allow = ["127.0.0.0/8"]

[identity]
second_factor_roles = []
"""
CAMERA_USER = "viewer"


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything else of the demo stands on."""

    settings: Settings
    settings_file: Path
    plan: DemoPlan | None
    cameras: tuple[CameraPlan, ...]
    footage: dict[str, Footage]
    truth: records.RecordSet


def lay_ground(data: Path, api_port: int, files: list[Path], scenes: Path, tell: Callable[[float], None]) -> Ground:
    """Settings and footage: the scenes of the plan, or the named files. `tell` gets the share of footage done."""
    ensure_folder(data)
    settings_file = data / "vedette.toml"
    live_port = api_port + 1 if api_port else free_port()
    code, name, level = CITY
    text = _SETTINGS.format(
        data_dir=json.dumps(str(data.absolute())),
        code=code,
        name=name,
        level=level,
        api_port=api_port or free_port(),
        live_port=live_port,
    )
    write_atomically(settings_file, text.encode())
    plan = None if files else make_plan()
    if plan is not None:
        cameras = plan.cameras
        footage = render_scenes(cameras, scenes, tell)
    else:
        footage = real_footage(files, scenes, tell)
        cameras = tuple(_camera_of(path, file) for path, file in zip(footage, files, strict=True))
    made = records.generate(
        SEED,
        PERSONS,
        plates_stolen=plan.stolen if plan else (),
        plates_expired=plan.expired if plan else (),
        plates_absent=plan.unlisted if plan else (),
    )
    return Ground(load_settings(settings_file), settings_file, plan, cameras, footage, made)


def stock(ground: Ground, virtual_camera: VirtualCamera, camera_password: str) -> dict[str, str]:
    """Migrate the stores and fill them; returns one-time passwords by user name."""
    settings, clock = ground.settings, SYSTEM_CLOCK
    stores = open_stores(settings)
    try:
        migrations.prepare(stores)
        keyring = Keyring.open(settings.key_dir)
        urls = {
            path: (virtual_camera.url(path), virtual_camera.url(f"{path}-sub") if footage.sub else None)
            for path, footage in ground.footage.items()
        }
        with transaction(stores.core) as session:
            origin = stocking.stock_centers(session, settings, clock)
            login = (CAMERA_USER, camera_password)
            stocking.stock_cameras(session, keyring, clock, origin.node, ground.cameras, urls, login)
        folder = ensure_folder(settings.data_dir / "records")
        ground.truth.write(folder)
        stocking.stock_records(stores, load_catalogue(settings.matching.catalogue), origin, folder, clock)
        return stocking.stock_people(stores, origin, clock)
    finally:
        stores.dispose()


def stream_files(footage: dict[str, Footage]) -> dict[str, Path]:
    """The paths of the virtual cameras and the file behind each."""
    files = {path: shown.main for path, shown in footage.items()}
    files.update({f"{path}-sub": shown.sub for path, shown in footage.items() if shown.sub})
    return files


def new_camera_password() -> str:
    return secrets.token_urlsafe(12)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _camera_of(path: str, file: Path) -> CameraPlan:
    number = int(path.rpartition("-")[2])
    return CameraPlan(f"110101010013200001{number:02}", file.stem, "110101010000", path, "footage")
