"""Passwords of devices of our own are turned over the API, also of those that misbehave."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from control_center.identity.roles import Role
from device_registry import cameras, credentials, particulars
from device_registry.camera_fields import CameraFields
from device_registry.changing import change_columns
from device_registry.models import Camera
from device_registry.onvif import exchange as exchanges
from device_registry.onvif import users
from foundation.audit import AuditAction, AuditEntry
from foundation.database import reading, transaction
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
ROTATIONS = "/api/v1/password-rotations"
FIRST = "hunter2"
GUARD_S = 120


@dataclass
class Yard:
    """Devices of our own, registered at the stations of a center."""

    center: Any
    stack: ExitStack
    devices: list[OnvifDevice] = field(default_factory=list)
    said: str = ""  # all that the API answered

    def device(self, *faults: str, at: tuple[str, ...] = ("station-1",)) -> OnvifDevice:
        """One that knows the password hunter2 of the user admin; a camera of it at each of the stations."""
        device = self.stack.enter_context(OnvifDevice(credentials=Credentials("admin", FIRST), faults=faults))
        self.devices.append(device)
        for channel, station in enumerate(at):
            self.register(f"D{len(self.devices)}-{channel}", station, device.authority)
        return device

    def register(self, code: str, station: str, onvif: str | None, username: str | None = "admin") -> str:
        fields = CameraFields(
            code=code,
            name=code,
            main_url="rtsp://127.0.0.1:1/main",
            username=username,
            password=FIRST if username else None,
        )
        center = self.center
        with transaction(center.stores.core) as session:
            saved = cameras.save(session, center.keyring, center.clock, center.origins[station], fields, actor="test")
            if onvif is not None:
                given = particulars.parsed(code, {"onvif_url": onvif})
                action = AuditAction.CLI_CAMERA_CHANGE
                change_columns(session, center.clock, saved.camera, given, action=action, actor="test")
            return str(saved.camera.id)

    def passwords(self, code: str) -> list[str]:
        """That the registry has for the cameras whose code begins so."""
        with reading(self.center.stores.core) as session:
            ids = session.scalars(select(Camera.id).where(Camera.code.startswith(code))).all()
            found = [credentials.find(session, self.center.keyring, camera_id) for camera_id in ids]
        return [login.password for login in found if login is not None]

    @contextmanager
    def technician(self, username: str, station: str = "city") -> Iterator[httpx.Client]:
        with self.center.signed_in(username, station, Role.TECHNICIAN) as client:
            client.event_hooks = {"response": [self._hear]}
            client.timeout = GUARD_S
            yield client

    def place(self, station: str) -> str:
        return str(self.center.origins[station].center_id)

    def _hear(self, response: httpx.Response) -> None:
        response.read()
        self.said += response.text


@pytest.fixture
def yard(web_center, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    web_center.settings.devices.allow = ["127.0.0.0/8"]
    monkeypatch.setattr(exchanges, "ANSWER_S", 3.0)
    with ExitStack() as stack:
        yield Yard(web_center, stack)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No device is told anything before this is set."""
    opened, told = threading.Event(), users.set_user

    def gated(*args: Any) -> None:
        assert opened.wait(GUARD_S)
        told(*args)

    monkeypatch.setattr(users, "set_user", gated)
    yield opened
    opened.set()


def password_at(device: OnvifDevice) -> str:
    login = device.users.login("admin")
    assert login is not None
    return login.password


def until(client: httpx.Client, is_so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end_s = time.monotonic() + GUARD_S
    while time.monotonic() < end_s:
        told: dict[str, Any] = client.get(ROTATIONS).json()
        if is_so(told):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def ended(client: httpx.Client) -> dict[str, Any]:
    return until(client, lambda told: not told["running"])


def states(told: dict[str, Any]) -> list[str]:
    return [one["state"] for one in told["devices"]]


def test_a_rotation_is_previewed_run_and_told_without_a_password(yard: Yard) -> None:
    good, bad = yard.device(at=("station-1", "station-2")), yard.device("refuses-user")
    yard.register("LONE", "station-1", None, username=None)
    yard.register("OPEN", "station-1", "10.9.9.9", username=None)
    with yard.technician("tan") as client:
        empty = client.get(ROTATIONS).json()
        assert (empty["running"], empty["id"], empty["devices"]) == (False, None, [])
        wanted: dict[str, Any] = {"center_id": yard.place("city")}
        closed = client.post(f"{ROTATIONS}/preview", json=wanted).json()
        assert closed["devices"] == []
        reasons = [one["reason"] for one in closed["left_out"]]
        assert sorted(reasons) == ["in_clear", "in_clear", "no_address", "no_address", "no_address", "no_login"]
        assert client.post(ROTATIONS, json=wanted).status_code == 422
        wanted["in_clear"] = True
        plan = client.post(f"{ROTATIONS}/preview", json=wanted).json()
        assert [(one["cameras"], one["in_clear"]) for one in plan["devices"]] == [
            (["D1-0", "D1-1"], True),
            (["D2-0"], True),
        ]
        assert (good.asked, bad.asked) == ([], [])
        begun = client.post(ROTATIONS, json=wanted)
        assert begun.status_code == 202, begun.text
        told = ended(client)
        assert (told["started_by"], told["ended"]) == ("tan", None)
        assert [(one["state"], one["cameras"]) for one in told["devices"]] == [
            ("done", ["D1-0", "D1-1"]),
            ("unchanged", ["D2-0"]),
        ]
        assert told["devices"][1]["cause"]
        assert client.post(f"{ROTATIONS}/resume", json={}).status_code == 409  # nothing is left to do
    assert yard.passwords("D1") == [password_at(good)] * 2 != [FIRST] * 2
    assert yard.passwords("D2") == [password_at(bad)] == [FIRST]
    with reading(yard.center.stores.core) as session:
        query = select(AuditEntry).where(AuditEntry.action == "api:credential:rotate").order_by(AuditEntry.seq)
        entries = session.scalars(query).all()
        audited = repr([entry.content() for entry in session.scalars(select(AuditEntry))])
    assert sorted((entry.actor, entry.detail["outcome"]) for entry in entries) == [
        ("tan", "done"),
        ("tan", "unchanged"),
    ]
    for secret in (password_at(good), FIRST):
        assert secret not in yard.said
        assert secret not in audited


def test_a_device_with_cameras_beyond_reach_is_nobodys_to_turn_alone(yard: Yard) -> None:
    both, own = yard.device(at=("station-1", "station-2")), yard.device()
    theirs = yard.register("THEIRS", "station-2", "10.9.9.9")
    with yard.technician("li", "station-1") as client, yard.technician("wu", "station-2") as other:
        wanted = {"center_id": yard.place("station-1"), "in_clear": True}
        plan = client.post(f"{ROTATIONS}/preview", json=wanted).json()
        assert [one["cameras"] for one in plan["devices"]] == [["D2-0"]]
        left_out = {one["reason"]: one for one in plan["left_out"]}
        assert left_out["beyond_reach"]["place"] == f"http://{both.authority}/onvif/device_service"
        assert "D1-1" not in str(plan)
        for foreign in ({"camera_ids": [theirs]}, {"center_id": yard.place("station-2")}):
            assert client.post(f"{ROTATIONS}/preview", json=foreign).status_code == 404
            assert client.post(ROTATIONS, json=foreign).status_code == 404
        assert client.post(f"{ROTATIONS}/preview", json={}).status_code == 422
        assert client.post(ROTATIONS, json=wanted).status_code == 202
        assert states(ended(client)) == ["done"]
        assert other.get(ROTATIONS).json()["devices"] == []
    assert (password_at(both), password_at(own) == FIRST) == (FIRST, False)


def test_a_failed_first_stage_leaves_the_others_waiting_and_is_resumed(yard: Yard) -> None:
    for faults in (("refuses-user",), (), ()):
        yard.device(*faults)
    with yard.technician("tan") as client, yard.technician("li", "station-2") as elsewhere:
        body = {"center_id": yard.place("city"), "in_clear": True, "canary": 1, "wave": 1}
        assert client.post(ROTATIONS, json=body).status_code == 202
        told = ended(client)
        assert states(told) == ["unchanged", "waiting", "waiting"]
        assert told["ended"]["reason"] == "first_stage_failed"
        assert elsewhere.get(ROTATIONS).json()["ended"] is None
        assert client.post(f"{ROTATIONS}/resume", json={}).status_code == 202
        told = ended(client)
        assert (states(told), told["ended"]) == (["unchanged", "done", "done"], None)


def test_one_runs_at_a_time_and_may_be_stopped_by_who_reaches_it(yard: Yard, gate: threading.Event) -> None:
    for _ in range(3):
        yard.device()
    with yard.technician("tan") as client, yard.technician("li", "station-1") as below:
        ids = [one["id"] for one in client.get("/api/v1/cameras").json()["items"] if one["code"].startswith("D")]
        body = {"camera_ids": ids, "in_clear": True, "canary": 1, "wave": 1}
        assert client.post(f"{ROTATIONS}/stop").status_code == 409  # nothing runs
        assert client.post(ROTATIONS, json=body).status_code == 202
        until(client, lambda told: "pending" in states(told))
        assert client.post(ROTATIONS, json=body).status_code == 409
        assert below.post(f"{ROTATIONS}/stop").status_code == 409  # it reaches further than they do
        assert below.get(ROTATIONS).json()["running"]
        assert client.post(f"{ROTATIONS}/stop").json()["stopping"]
        gate.set()
        told = ended(client)
        assert (states(told), told["stopping"]) == (["done", "waiting", "waiting"], False)
        assert told["ended"]["reason"] == "stopped"
        assert client.post(f"{ROTATIONS}/resume", json={}).status_code == 202
        assert states(ended(client)) == ["done"] * 3


def test_what_was_in_the_middle_when_the_api_died_is_resumed_by_the_next(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = yard.device()

    def dies(*_args: object) -> None:
        raise RuntimeError("the machine is gone")

    with yard.technician("tan") as client:
        with monkeypatch.context() as patched:
            patched.setattr(users, "set_user", dies)
            assert client.post(ROTATIONS, json={"center_id": yard.place("city"), "in_clear": True}).status_code == 202
            told = ended(client)
        assert states(told) == ["pending"]
        assert told["ended"]["reason"] == "crashed"
        with yard.center.serving() as url, httpx.Client(base_url=url, headers=client.headers) as next_api:
            next_api.cookies = client.cookies
            next_api.timeout = GUARD_S
            told = next_api.get(ROTATIONS).json()
            assert (states(told), told["running"], told["ended"]) == (["pending"], False, None)
            assert next_api.post(f"{ROTATIONS}/resume", json={}).status_code == 202
            assert states(ended(next_api)) == ["done"]
    assert yard.passwords("D1") == [password_at(device)] != [FIRST]


def test_an_api_that_ends_lets_the_device_in_the_middle_come_to_its_end(yard: Yard, gate: threading.Event) -> None:
    for _ in range(2):
        yard.device()
    with yard.technician("tan") as client:
        with yard.center.serving() as url, httpx.Client(base_url=url, headers=client.headers) as other:
            other.cookies = client.cookies
            other.timeout = GUARD_S
            body = {"center_id": yard.place("city"), "in_clear": True, "canary": 1, "wave": 1}
            assert other.post(ROTATIONS, json=body).status_code == 202
            until(other, lambda told: "pending" in states(told))
            threading.Timer(0.5, gate.set).start()
        assert states(ended(client)) == ["done", "waiting"]
