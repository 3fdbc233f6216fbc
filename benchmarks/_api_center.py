"""A small city for the benchmarks of the API: three centers, 50 cameras, 50 alerts and an operator who is signed up."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

from control_center.alerts.opening import Sighting, open_alert
from control_center.identity import accounts, passwords
from control_center.identity.authority import Authority
from control_center.identity.models import Account
from control_center.identity.principal import Rules
from control_center.identity.roles import Role
from control_center.identity.sessions import Entrance, Visit, open_session
from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from foundation.clock import SYSTEM_CLOCK
from foundation.database import open_stores, transaction
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring
from foundation.migrations import migrate
from foundation.settings import Settings
from matching.catalogue import load_catalogue
from matching.models import Hit, KeyPerson

USERNAME, PASSWORD = "bench", "four words of mine"
CAMERAS = ALERTS = 50


def stock(folder: Path) -> list[str]:
    """Make the stores in the folder; the ids of the city and its two stations."""
    settings = Settings(data_dir=folder)
    settings.center.level = "city"
    stores = open_stores(settings)
    migrate(stores)
    keyring = Keyring.open(settings.key_dir)
    with transaction(stores.core) as session:
        city = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        stations = [_station(session, n, settings.center.code) for n in (1, 2)]
        seen = [_camera(session, keyring, stations[n % 2], n) for n in range(CAMERAS)]
        _account(session, city)
        for n in range(ALERTS):
            _alert(session, city, stations[n % 2], seen[n])
    stores.dispose()
    return [city.center_id, *(station.center_id for station in stations)]


def sessions_for(folder: Path, count: int, role: Role = Role.OPERATOR) -> list[str]:
    """As many accounts, each with the role at the whole city, signed in; their cookies."""
    settings = Settings(data_dir=folder)
    settings.center.level = "city"
    stores = open_stores(settings)
    cookies = []
    with transaction(stores.core) as session:
        city = centers.ensure_local(session, settings, SYSTEM_CLOCK)
        entrance = Entrance(stores.core, city, Keyring.open(settings.key_dir), SYSTEM_CLOCK, Rules())
        for n in range(count):
            account = _account(session, city, f"{USERNAME}{n}", role)
            opened = open_session(session, entrance, account, "password", Visit())
            cookies.append(f"vedette_session={opened.token}")
    stores.dispose()
    return cookies


def _station(session: Session, n: int, parent_code: str) -> Origin:
    row = centers.add(
        session,
        SYSTEM_CLOCK,
        node="node-1",
        code=f"11010{n}010000",
        name=f"Station {n}",
        level="station",
        parent_code=parent_code,
        actor="benchmark",
    )
    return Origin(row.id, "node-1")


def _camera(session: Session, keyring: Keyring, origin: Origin, n: int) -> str:
    fields = CameraFields(code=f"gate-{n:03}", name=f"Gate {n}", main_url=f"rtsp://127.0.0.1:1/{n}")
    return cameras.save(session, keyring, SYSTEM_CLOCK, origin, fields, actor="benchmark").camera.id


def _account(session: Session, city: Origin, username: str = USERNAME, role: Role = Role.OPERATOR) -> Account:
    account = accounts.create_account(
        session,
        Authority.command_line("cli:benchmark", city),
        SYSTEM_CLOCK,
        username=username,
        display_name="Benchmark",
        center_id=city.center_id,
        roles=[(role, city.center_id)],
    )
    account.password_hash, account.password_state = passwords.hash_password(PASSWORD), "own"
    session.flush()
    return account


def _alert(session: Session, city: Origin, station: Origin, camera_id: str) -> None:
    now_us = SYSTEM_CLOCK.now_us()
    person = KeyPerson(
        id=new_id(SYSTEM_CLOCK),
        center_id=city.center_id,
        node=city.node,
        list_name="missing",
        source_record=new_id(SYSTEM_CLOCK),
        name="张三",
        plate="京A12345",
        ground="missing_person_report",
        issuer="示范市公安局",
        instrument="M-1",
        issued_on="2023-01-01",
        action="核实身份",
        review_on="2030-01-01",
        expires_on="2030-01-01",
        imported_by="importer",
        imported_us=now_us,
    )
    session.add(person)
    session.flush()
    sighting = Sighting(new_id(SYSTEM_CLOCK), camera_id, "京A12345", now_us, now_us + 1)
    hit = Hit(
        id=new_id(SYSTEM_CLOCK),
        center_id=station.center_id,
        node=station.node,
        list_name="missing",
        key_person_id=person.id,
        observation_id=sighting.observation_id,
        weight_mbits=20_000,
        probability=0.99,
        explanation={"fields": []},
        created_us=now_us,
    )
    session.add(hit)
    session.flush()
    open_alert(session, load_catalogue(), SYSTEM_CLOCK, station, hit, sighting)
