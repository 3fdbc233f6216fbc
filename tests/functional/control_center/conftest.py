from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from control_center.alerts.models import Alert
from control_center.alerts.opening import Sighting, open_alert
from control_center.identity import accounts, passwords
from control_center.identity.authority import Authority
from control_center.identity.roles import Role
from control_center.web_api import create_app
from control_center.web_api.serving import SERVING
from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from foundation.clock import ManualClock
from foundation.database import Stores, transaction
from foundation.identifiers import Origin, new_id
from foundation.keyring import Keyring
from foundation.settings import Settings
from matching.catalogue import load_catalogue
from matching.models import Hit, KeyPerson

PASSWORD = "four words of mine"
HEADERS = {"X-Vedette": "1"}


@dataclass
class WebCenter:
    """A city with a county and two stations, a camera at each station, and the API serving it."""

    settings: Settings
    stores: Stores
    keyring: Keyring
    clock: ManualClock
    app: FastAPI
    url: str
    origins: dict[str, Origin] = field(default_factory=dict)
    cameras: dict[str, str] = field(default_factory=dict)

    def account(self, username: str, center: str = "city", role: Role = Role.OPERATOR) -> str:
        """Make an account; returns its one-time password."""
        center_id = self.origins[center].center_id
        authority = self.authority
        with transaction(self.stores.core) as session:
            account = accounts.create_account(
                session,
                authority,
                self.clock,
                username=username,
                display_name=username.title(),
                center_id=center_id,
                roles=[(role, center_id)],
            )
            return accounts.issue_one_time_password(session, authority, self.clock, account)

    @property
    def authority(self) -> Authority:
        """The command line's."""
        return Authority.command_line("cli:test", self.origins["city"])

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The API once more, on the same stores, with the settings as they are now; its address."""
        with _serving(create_app(self.settings, self.stores, self.keyring, self.clock)) as url:
            yield url

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers=HEADERS, trust_env=False, timeout=20)

    @contextmanager
    def signed_in(self, username: str, center: str = "city", role: Role = Role.OPERATOR) -> Iterator[httpx.Client]:
        """A client whose account is made, signed in and has a password of its own."""
        password = self.account(username, center, role)
        with self.client() as client:
            assert client.post("/api/v1/session", json={"username": username, "password": password}).is_success
            assert client.post("/api/v1/session/password", json={"new_password": PASSWORD}).is_success
            yield client

    def alert(self, center: str = "station-1", *, list_name: str = "missing") -> str:
        """A plate hit before the center's camera becomes an alert; returns its id."""
        origin = self.origins[center]
        self.clock.advance(1)
        now_us = self.clock.now_us()
        sighting = Sighting(new_id(self.clock), self.cameras[center], "京A12345", now_us, now_us + 1)
        with transaction(self.stores.core) as session:
            person = _person(self.clock, self.origins["city"], list_name)
            session.add(person)
            session.flush()
            hit = _hit(self.clock, origin, list_name, person.id, sighting.observation_id)
            session.add(hit)
            session.flush()
            alert = open_alert(session, load_catalogue(), self.clock, origin, hit, sighting)
            assert isinstance(alert, Alert)
            return alert.id


def _person(clock: ManualClock, origin: Origin, list_name: str) -> KeyPerson:
    return KeyPerson(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        list_name=list_name,
        source_record=new_id(clock),
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
        imported_us=clock.now_us(),
    )


def _hit(clock: ManualClock, origin: Origin, list_name: str, person_id: str, observation_id: str) -> Hit:
    return Hit(
        id=new_id(clock),
        center_id=origin.center_id,
        node=origin.node,
        list_name=list_name,
        key_person_id=person_id,
        observation_id=observation_id,
        weight_mbits=20_000,
        probability=0.99,
        explanation={"fields": []},
        created_us=clock.now_us(),
    )


@pytest.fixture(autouse=True)
def _cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2id with its least cost: people sign in a hundred times here. A real process has its real cost."""
    hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHash((hasher,)))
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


TREE = (
    ("county", "110100000000", "county", "110000000000"),
    ("station-1", "110101010000", "station", "110100000000"),
    ("station-2", "110102010000", "station", "110000000000"),
)


@pytest.fixture
def web_center(migrated_stores: Stores, tmp_path: Path) -> Iterator[WebCenter]:
    settings = Settings(data_dir=tmp_path / "data")
    settings.center.level = "city"
    settings.identity.second_factor_roles = []  # its own tests ask for one
    clock = ManualClock()
    keyring = Keyring.open(settings.key_dir)
    app = create_app(settings, migrated_stores, keyring, clock)
    with _serving(app) as url:
        center = WebCenter(settings, migrated_stores, keyring, clock, app, url)
        _fill(center)
        yield center


def _fill(center: WebCenter) -> None:
    with transaction(center.stores.core) as session:
        local = centers.ensure_local(session, center.settings, center.clock)
        center.origins["city"] = local
        for key, code, level, parent in TREE:
            row = centers.add(
                session,
                center.clock,
                node="node-1",
                code=code,
                name=key,
                level=level,
                parent_code=parent,
                actor="test",
            )
            center.origins[key] = Origin(row.id, "node-1")
        for key in ("station-1", "station-2"):
            fields = CameraFields(code=f"gate-{key}", name=f"Gate of {key}", main_url="rtsp://127.0.0.1:1/gate")
            saved = cameras.save(session, center.keyring, center.clock, center.origins[key], fields, actor="test")
            center.cameras[key] = saved.camera.id


class _serving:
    """Uvicorn in a thread, on a free port of the loopback."""

    def __init__(self, app: FastAPI) -> None:
        config = uvicorn.Config(app, port=0, **SERVING, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._app = app
        self._thread = threading.Thread(target=self._server.run)

    def __enter__(self) -> str:
        started = threading.Event()
        startup: Callable[..., object] = self._server.startup

        async def noting_startup(*args: object, **kwargs: object) -> None:
            await startup(*args, **kwargs)  # type: ignore[misc]
            started.set()

        self._server.startup = noting_startup  # type: ignore[method-assign]
        self._thread.start()
        assert started.wait(20)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def __exit__(self, *_error: object) -> None:
        self._app.state.context.feed.closing = True
        self._server.should_exit = True
        self._thread.join(20)
