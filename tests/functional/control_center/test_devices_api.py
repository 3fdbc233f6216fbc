"""Devices searched for and asked over the API."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest
from sqlalchemy import select, text

from control_center.identity.roles import Role
from control_center.web_api import devices
from foundation.audit import AuditEntry
from foundation.database import reading
from simulator.onvif_device.server import OnvifDevice
from simulator.virtual_camera.digest import Credentials

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
PROBE, DISCOVER = "/api/v1/devices/probe", "/api/v1/devices/discover"
LOGIN = {"username": "admin", "password": "hunter2"}


@pytest.fixture
def device() -> Iterator[Callable[..., OnvifDevice]]:
    """Start devices of our own that know the password hunter2 of the user admin, and misbehave as told."""
    with ExitStack() as stack:

        def started(*faults: str) -> OnvifDevice:
            return stack.enter_context(OnvifDevice(credentials=Credentials("admin", "hunter2"), faults=faults))

        yield started


@pytest.fixture
def technician(web_center) -> Iterator[httpx.Client]:
    web_center.settings.devices.allow = ["127.0.0.0/8"]
    with web_center.signed_in("tan", "county", Role.TECHNICIAN) as client:
        client.timeout = 120
        yield client


def kind(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).rpartition(":")[2]


def noted(web_center) -> list[tuple[str, str, str, dict[str, object]]]:
    with reading(web_center.stores.core) as session:
        query = select(AuditEntry).where(AuditEntry.action.startswith("api:device:")).order_by(AuditEntry.seq)
        return [(entry.action, entry.actor, entry.subject, entry.detail) for entry in session.scalars(query)]


def test_a_device_is_asked_and_its_camera_registered_from_the_answer(
    web_center, technician: httpx.Client, device: Callable[..., OnvifDevice]
) -> None:
    camera = device()
    answer = technician.post(PROBE, json={"host": camera.authority, **LOGIN})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["information"]["maker"]
    [channel] = found["channels"]
    assert channel["main"]["profile"]["encoding"] in ("H264", "H265")
    assert noted(web_center) == [
        ("api:device:probe", "tan", camera.authority, {"host": camera.authority, "signed_in": True})
    ]
    told = found["information"]
    added = technician.post(
        "/api/v1/cameras",
        json={
            "code": "C1",
            "name": "Gate",
            "main_url": channel["main"]["url"],
            "onvif_url": found["url"],
            "maker": told["maker"],
            "model": told["model"],
            "serial": told["serial"],
            **LOGIN,
        },
    )
    assert added.status_code == 201, added.text
    assert added.json()["onvif_url"] == f"http://{camera.authority}/onvif/device_service"
    assert technician.post(PROBE, json={"host": camera.authority}).status_code == 502


def test_a_wrong_password_is_the_devices_refusal_and_stands_nowhere(
    web_center, technician: httpx.Client, device: Callable[..., OnvifDevice], capfd: pytest.CaptureFixture[str]
) -> None:
    camera = device()
    answer = technician.post(PROBE, json={"host": camera.authority, "username": "admin", "password": "swordfish"})
    assert (answer.status_code, kind(answer)) == (502, "device_auth_failed")
    assert answer.json()["mend"]
    inside = technician.post(PROBE, json={"host": f"http://admin:swordfish@{camera.authority}/"})
    alone = technician.post(PROBE, json={"host": camera.authority, "password": "swordfish"})
    key = technician.post(PROBE, json={"host": camera.authority, **LOGIN}, headers={"Idempotency-Key": "once"})
    assert (inside.status_code, alone.status_code, key.status_code) == (422, 422, 200)
    with web_center.stores.core.begin() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        kept = str([connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])
    told = "".join([answer.text, inside.text, alone.text, key.text, *capfd.readouterr()])
    for secret in ("swordfish", "hunter2"):
        assert secret not in kept
        assert secret not in told


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "169.254.169.254", "[::1]:80", "0.0.0.0", "100.100.100.200", "[::ffff:127.0.0.1]"],
)
def test_what_is_this_machines_own_is_not_dialled(web_center, technician: httpx.Client, host: str) -> None:
    web_center.settings.devices.allow = []
    refused = technician.post(PROBE, json={"host": host})
    assert (refused.status_code, kind(refused)) == (422, "invalid_input")
    assert "devices.allow" in refused.json()["mend"]


@pytest.mark.parametrize(
    "host", ["", " ", "http://", "ftp://10.0.0.1", "10.0.0.1:99999", "a b", "http://[1"], ids=range(7)
)
def test_what_names_no_host_is_refused_and_not_noted(web_center, technician: httpx.Client, host: str) -> None:
    assert technician.post(PROBE, json={"host": host}).status_code == 422
    assert noted(web_center) == []


def test_a_range_is_searched_and_noted(
    web_center, technician: httpx.Client, device: Callable[..., OnvifDevice]
) -> None:
    camera = device()
    port = int(camera.authority.rpartition(":")[2])
    answer = technician.post(DISCOVER, json={"range": "127.0.0.1/32", "port": port, "rate": 50})
    assert answer.status_code == 200, answer.text
    [found] = answer.json()["items"]
    assert (found["address"], found["url"]) == ("127.0.0.1", f"http://{camera.authority}/onvif/device_service")
    [entry] = noted(web_center)
    assert entry == ("api:device:discover", "tan", "127.0.0.1/32", {"range": "127.0.0.1/32", "port": port, "rate": 50})


@pytest.mark.parametrize(
    "body",
    [
        {"range": "10.0.0.0/8"},
        {"range": "everything"},
        {"range": "10.0.0.0/24", "rate": 5000},
        {"range": "10.0.0.0/24", "port": 0},
        {"interfaces": ["no such"]},
        {"interfaces": ["nosuch0"]},
        {"seconds": 3600},
    ],
    ids=range(7),
)
def test_a_search_has_its_bounds(technician: httpx.Client, body: dict[str, object]) -> None:
    refused = technician.post(DISCOVER, json=body)
    assert refused.status_code == 422, refused.text


def test_multicast_is_asked_on_the_interfaces_named(technician: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    found = devices.Discovered("10.0.0.7", "http://10.0.0.7/onvif/device_service", "Gate")
    monkeypatch.setattr(devices.discovery, "discover", lambda *given: asked.append(given) or [found])
    answer = technician.post(DISCOVER, json={"interfaces": ["eth1"], "seconds": 2})
    assert answer.json()["items"] == [
        {"address": "10.0.0.7", "url": found.url, "name": "Gate", "hardware": "", "location": ""}
    ]
    assert asked == [(["eth1"], 2.0)]


def test_others_ask_nobody(web_center) -> None:
    for role in (Role.OPERATOR, Role.ADMINISTRATOR):
        with web_center.signed_in(f"our-{role}", role=role) as client:
            assert client.post(PROBE, json={"host": "10.0.0.1"}).status_code == 403
            assert client.post(DISCOVER, json={}).status_code == 403
    assert noted(web_center) == []


def test_a_slow_device_holds_a_place_and_nothing_else(web_center, technician: httpx.Client) -> None:
    """Four of a session are asked at once; a fifth is refused, and everything else goes on."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as mute, ThreadPoolExecutor(4) as pool:
        body = {"host": f"127.0.0.1:{mute.getsockname()[1]}"}
        asked = [pool.submit(technician.post, PROBE, json=body) for _ in range(4)]
        taken = web_center.app.state.context.probes._taken
        waiting = threading.Event()
        while taken.total() < 4 and not any(one.done() for one in asked):
            waiting.wait(0.01)
        refused = technician.post(PROBE, json=body)
        assert (refused.status_code, kind(refused), "retry-after" in refused.headers) == (429, "too_many", True)
        assert technician.get("/api/v1/cameras").status_code == 200
        assert [kind(one.result()) for one in asked] == ["device_silent"] * 4
    assert taken.total() == 0
