"""Cameras registered, read and changed over the API, one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select, text

from control_center.identity.roles import Role
from device_registry import credentials
from device_registry.login import Login
from device_registry.models import Camera, CameraStream
from foundation.audit import AuditEntry
from foundation.database import reading, transaction

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
CAMERAS = "/api/v1/cameras"
NEW = {"code": "C1", "name": "North gate", "main_url": "rtsp://10.0.0.1/main"}
FULL = NEW | {
    "maker": "Acme",
    "latitude": 39.9042,
    "longitude": 116.4074,
    "sub_url": "rtsp://10.0.0.1/sub",
    "username": "viewer",
    "password": "hunter2",
    "onvif_url": "10.0.0.1:8000",
    "mac": "00-1A-2B-3C-4D-5E",
    "height_m": 4.5,
    "azimuth_deg": 45,
    "contact": "duty officer",
    "installed_on": "2026-11-25",
    "retention_days": 14,
}


@pytest.fixture
def technician(web_center) -> Iterator[httpx.Client]:
    with web_center.signed_in("tan", "county", Role.TECHNICIAN) as client:
        yield client


@pytest.fixture
def supervisor(web_center) -> Iterator[httpx.Client]:
    with web_center.signed_in("su", "county", Role.SUPERVISOR) as client:
        yield client


def fields(refused: httpx.Response) -> list[str]:
    assert refused.status_code == 422
    assert all(error["what"] and error["mend"] for error in refused.json()["errors"])
    return [error["field"] for error in refused.json()["errors"]]


def entries(web_center) -> list[AuditEntry]:
    with reading(web_center.stores.core) as session:
        query = select(AuditEntry).where(AuditEntry.action.startswith("api:camera:")).order_by(AuditEntry.seq)
        return list(session.scalars(query))


def everything_kept(web_center) -> str:
    """The whole store *core*, as text."""
    with web_center.stores.core.begin() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
        return str([connection.execute(text(f'SELECT * FROM "{table}"')).all() for table in tables])


def test_a_camera_with_every_kind_of_column_is_registered_and_read(web_center, supervisor: httpx.Client) -> None:
    added = supervisor.post(CAMERAS, json=FULL)
    assert added.status_code == 201, added.text
    camera = added.json()
    expected = FULL | {"onvif_url": "http://10.0.0.1:8000/onvif/device_service", "mac": "00:1a:2b:3c:4d:5e"}
    del expected["password"]
    assert expected.items() <= camera.items()
    assert (camera["center"], camera["center_name"]) == ("110100000000", "county")
    assert [stream["url"] for stream in camera["streams"]] == ["rtsp://10.0.0.1/main", "rtsp://10.0.0.1/sub"]
    read = supervisor.get(f"{CAMERAS}/{camera['id']}")
    assert (read.json(), read.headers["etag"]) == (camera, added.headers["etag"])
    with reading(web_center.stores.core) as session:
        assert session.get_one(Camera, camera["id"]).node == web_center.origins["city"].node
        assert credentials.find(session, web_center.keyring, camera["id"]) == Login("viewer", "hunter2")
    assert [(entry.action, entry.actor) for entry in entries(web_center)] == [("api:camera:add", "su")]


def test_a_password_stands_in_no_answer_and_nowhere_in_the_database(
    web_center, supervisor: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    told = []
    key = {"Idempotency-Key": "once"}
    for body in (FULL, FULL, {**FULL, "code": "C2", "main_url": "rtsp://viewer:hunter2@10.0.0.2/"}):
        told.append(supervisor.post(CAMERAS, json=body, headers=key if body is FULL else {}))
    path = f"{CAMERAS}/{told[0].json()['id']}"
    for body in (
        {"username": "viewer", "password": "hunter2", "main_url": "rtsp://x:hunter2@10.0.0.1/"},
        {"mac": "hunter2"},
    ):
        told.append(supervisor.patch(path, json=body, headers={"If-Match": told[0].headers["etag"]}))
    told.append(supervisor.patch(path, json={"password": ["hunter2"]}, headers={"If-Match": "x"}))
    assert [answer.status_code for answer in told] == [201, 201, 201, 422, 422, 422]
    assert told[1].headers["idempotency-replayed"] == "true"
    assert not [answer.text for answer in told if "hunter2" in answer.text]
    assert "hunter2" not in everything_kept(web_center)
    assert "hunter2" not in "".join(capfd.readouterr())


def test_who_may_not_register_sees_no_user_name(web_center, supervisor: httpx.Client) -> None:
    camera = supervisor.post(CAMERAS, json=FULL).json()
    path = f"{CAMERAS}/{camera['id']}"
    with web_center.signed_in("li", "county") as operator:
        assert operator.get(path).json() == camera | {"username": None}
        assert "viewer" not in operator.get(path).text
        etag = {"If-Match": operator.get(path).headers["etag"]}
        assert operator.patch(path, json={"name": "Mine"}, headers=etag).status_code == 403
        assert operator.post(CAMERAS, json=NEW).status_code == 403
    supervisor.post("/api/v1/session/lock")
    assert supervisor.get(path).json()["username"] is None


def test_a_change_keeps_what_it_does_not_name_and_clears_what_is_null(
    web_center, supervisor: httpx.Client, technician: httpx.Client
) -> None:
    added = supervisor.post(CAMERAS, json=FULL)
    path = f"{CAMERAS}/{added.json()['id']}"
    body = {"name": "South gate", "maker": None, "latitude": None, "longitude": None, "contact": None, "tilt_deg": -3.5}
    assert technician.patch(path, json=body).status_code == 428
    changed = technician.patch(path, json=body, headers={"If-Match": added.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert changed.json() == added.json() | body | {"updated_us": changed.json()["updated_us"]}
    assert changed.headers["etag"] != added.headers["etag"]
    assert technician.patch(path, json=body, headers={"If-Match": added.headers["etag"]}).status_code == 412
    again = technician.patch(path, json=body, headers={"If-Match": changed.headers["etag"]})
    assert (again.json(), again.headers["etag"]) == (changed.json(), changed.headers["etag"])
    assert technician.patch(path, json={}, headers={"If-Match": again.headers["etag"]}).status_code == 422
    detail = entries(web_center)[-1].detail
    assert detail["changed"]["contact"] == {"from": "duty officer", "to": None}


def test_a_new_address_forgets_what_was_seen_at_the_old_one(web_center, technician: httpx.Client) -> None:
    camera_id = web_center.cameras["station-1"]
    with transaction(web_center.stores.core) as session:
        stream = session.get_one(CameraStream, (camera_id, "main"))
        stream.codec, stream.width, stream.height, stream.seen_us = "h264", 1920, 1080, 1
    path = f"{CAMERAS}/{camera_id}"
    etag = technician.get(path).headers["etag"]
    body = {"main_url": "rtsp://10.0.0.9/main"}
    assert technician.patch(path, json=body, headers={"If-Match": etag}).json()["main_url"] == body["main_url"]
    [camera] = technician.get(CAMERAS).json()["items"]
    assert camera["streams"] == [{"name": "main", "codec": None, "width": None, "height": None}]


def test_a_user_name_alone_keeps_its_password_and_a_password_needs_its_user(
    web_center, technician: httpx.Client
) -> None:
    body = {key: value for key, value in FULL.items() if key != "retention_days"}
    added = technician.post(CAMERAS, json=body)
    path, etag = f"{CAMERAS}/{added.json()['id']}", {"If-Match": added.headers["etag"]}
    assert fields(technician.patch(path, json={"password": "other"}, headers=etag)) == ["username"]
    assert fields(technician.patch(path, json={"username": None, "name": None}, headers=etag)) == ["name", "username"]
    assert technician.patch(path, json={"username": "viewer"}, headers=etag).headers["etag"] == etag["If-Match"]
    renamed = technician.patch(path, json={"username": "root", "password": "new"}, headers=etag)
    assert (renamed.status_code, renamed.json()["username"]) == (200, "root")
    assert renamed.headers["etag"] != etag["If-Match"]
    with reading(web_center.stores.core) as session:
        assert credentials.find(session, web_center.keyring, added.json()["id"]) == Login("root", "new")


def test_everything_that_is_wrong_is_told_at_once_and_nothing_is_kept(web_center, technician: httpx.Client) -> None:
    wrong = {
        "name": "x" * 300,
        "latitude": 99,
        "longitude": 0,
        "main_url": "http://10.0.0.1/",
        "mac": "zz",
        "height_m": -1,
        "installed_on": "yesterday",
        "transport": "smoke",
        "retention_days": 4000,
    }
    assert set(fields(technician.post(CAMERAS, json=NEW | wrong))) == set(wrong) - {"longitude"}
    answer = technician.get(f"{CAMERAS}/{web_center.cameras['station-1']}")
    etag = {"If-Match": answer.headers["etag"]}
    assert set(fields(technician.patch(f"{CAMERAS}/{answer.json()['id']}", json=wrong, headers=etag))) == set(wrong) - {
        "longitude"
    }
    assert [camera["code"] for camera in technician.get(CAMERAS).json()["items"]] == ["gate-station-1"]
    swapped = technician.post(CAMERAS, json=NEW | {"latitude": 116.4, "longitude": 39.9})
    assert "swapped" in swapped.json()["detail"]
    assert technician.post(CAMERAS, json={"code": "C9"}).status_code == 422
    infinite = json.dumps(NEW | {"height_m": float("inf")})
    refused = technician.post(CAMERAS, content=infinite, headers={"Content-Type": "application/json"})
    assert fields(refused) == ["height_m"]


def test_half_a_position_is_refused(web_center, technician: httpx.Client) -> None:
    added = technician.post(CAMERAS, json=NEW | {"latitude": 39.9042, "longitude": 116.4074, "datum": "gcj02"})
    assert added.json()["latitude"] == pytest.approx(39.9028, abs=0.001)
    path, etag = f"{CAMERAS}/{added.json()['id']}", {"If-Match": added.headers["etag"]}
    assert fields(technician.patch(path, json={"latitude": None}, headers=etag)) == ["latitude"]
    assert fields(technician.patch(path, json={"latitude": 40}, headers=etag)) == ["longitude"]


def test_a_code_is_registered_once_in_a_center(web_center, technician: httpx.Client) -> None:
    assert technician.post(CAMERAS, json=NEW).status_code == 201
    assert technician.post(CAMERAS, json=NEW | {"code": " C1 ", "name": "Other"}).status_code == 409
    station = technician.post(CAMERAS, json=NEW | {"center": "110101010000"})
    assert (station.status_code, station.json()["center_name"]) == (201, "station-1")


@pytest.mark.parametrize("center", ["110102010000", "110000000000", "999999", "nowhere"])
def test_no_camera_comes_into_a_center_out_of_reach(web_center, technician: httpx.Client, center: str) -> None:
    refused = technician.post(CAMERAS, json=NEW | {"center": center})
    assert refused.status_code == 404
    path = f"{CAMERAS}/{web_center.cameras['station-2']}"
    assert technician.get(path).status_code == 404
    assert technician.patch(path, json={"name": "Mine"}, headers={"If-Match": '"v1"'}).status_code == 404


def test_how_a_camera_is_recorded_is_for_who_may_configure(web_center, technician: httpx.Client) -> None:
    recorded = {"transport": "udp", "audio_purpose": "desk", "retention_days": 3, "tls_sha256": "ab" * 32}
    assert set(fields(technician.post(CAMERAS, json=NEW | recorded))) == set(recorded)
    added = technician.post(CAMERAS, json=NEW | {"transport": "tcp", "audio_purpose": None})
    assert added.status_code == 201
    path, etag = f"{CAMERAS}/{added.json()['id']}", {"If-Match": added.headers["etag"]}
    assert fields(technician.patch(path, json={"name": "X", "audio_purpose": "desk"}, headers=etag)) == [
        "audio_purpose"
    ]
    assert technician.get(path).json() == added.json()


def test_where_cameras_are_reached_is_listed_for_who_registers(web_center, technician: httpx.Client) -> None:
    body = {key: value for key, value in FULL.items() if key != "retention_days"}
    added = technician.post(CAMERAS, json=body).json()
    items = technician.get(f"{CAMERAS}/addresses").json()["items"]
    assert items[0] == {name: added[name] for name in ("id", "code", "name", "onvif_url", "main_url")}
    assert [item["code"] for item in items] == ["C1", "gate-station-1"]
