from __future__ import annotations

import pytest
from sqlalchemy import select, text

from control_center.identity.roles import Role
from device_registry.health import records
from device_registry.health.models import CameraHealth
from device_registry.health.verdict import Verdict
from foundation.audit import AuditEntry
from foundation.clock import US_PER_S
from foundation.database import reading, transaction

pytestmark = [pytest.mark.functional, pytest.mark.parametrize("empty_stores", ["sqlite"], indirect=True)]
API = "/api/v1"
HOUR_US = 3600 * US_PER_S
DEAD = Verdict("unreachable", "The network 10.0.0.0/24 does not answer.", "Check the switch.")


def note(web_center, station, verdict, fault_id=None, ago_us=0):
    with transaction(web_center.stores.core) as session:
        at_us = web_center.clock.now_us() - ago_us
        records.note(session, web_center.clock, web_center.cameras[station], verdict, at_us, fault_id)


def health(client, camera_id):
    [found] = [item["health"] for item in client.get(f"{API}/cameras").json()["items"] if item["id"] == camera_id]
    return found


def test_a_cameras_health_is_in_the_list_and_in_the_event(web_center):
    camera_id = web_center.cameras["station-1"]
    with web_center.signed_in("tang", role=Role.TECHNICIAN) as client:
        assert health(client, camera_id)["state"] == "unknown"
        note(web_center, "station-1", DEAD)
        assert health(client, camera_id) == {
            "state": "unreachable",
            "since_us": web_center.clock.now_us(),
            "cause": DEAD.cause,
            "mend": DEAD.mend,
            "until_us": None,
        }
    with reading(web_center.stores.core) as session:
        query = text("SELECT body FROM outbox_event WHERE kind = 'camera.changed' ORDER BY position DESC LIMIT 1")
        assert '"unreachable"' in session.scalar(query)


def test_a_check_is_asked_for_by_who_may_register(web_center):
    camera_id = web_center.cameras["station-1"]
    with web_center.signed_in("tang", role=Role.TECHNICIAN) as client:
        answer = client.post(f"{API}/cameras/{camera_id}/check")
        assert (answer.status_code, answer.json()) == (202, {"asked_us": web_center.clock.now_us()})
    with reading(web_center.stores.core) as session:
        assert session.get_one(CameraHealth, camera_id).asked_us == web_center.clock.now_us()
    with web_center.signed_in("ouyang", role=Role.OPERATOR) as client:
        assert client.post(f"{API}/cameras/{camera_id}/check").status_code == 403


def test_maintenance_is_announced_replaced_and_ended(web_center):
    camera_id = web_center.cameras["station-1"]
    path = f"{API}/cameras/{camera_id}/maintenance"
    with web_center.signed_in("tang", "station-1", Role.TECHNICIAN) as client:
        assert client.delete(path).status_code == 409
        now_us = web_center.clock.now_us()
        for hours, reason in ((1, "lens"), (2, "lens and housing")):
            answer = client.put(path, json={"until_us": now_us + hours * HOUR_US, "reason": reason})
            assert answer.json() == {
                "from_us": now_us,
                "until_us": now_us + hours * HOUR_US,
                "reason": reason,
                "actor": "tang",
            }
        shown = health(client, camera_id)
        assert (shown["state"], shown["cause"], shown["until_us"]) == (
            "maintenance",
            "lens and housing",
            now_us + 2 * HOUR_US,
        )
        assert client.delete(path).status_code == 204
        assert health(client, camera_id)["state"] == "unknown"
    with reading(web_center.stores.core) as session:
        query = select(AuditEntry).where(AuditEntry.subject == camera_id, AuditEntry.actor == "tang")
        entries = session.scalars(query.order_by(AuditEntry.seq)).all()
    assert [(entry.action, entry.reason) for entry in entries] == [
        ("api:maintenance:begin", "lens"),
        ("api:maintenance:begin", "lens and housing"),
        ("api:maintenance:end", "lens and housing"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"until_us": 1, "reason": "lens"},
        {"until_us": 1 << 61, "reason": "lens"},
        {"until_us": "soon", "reason": "lens"},
        {"until_us": "SOON", "reason": " "},
        {"until_us": "SOON", "reason": "x" * 501},
        {"until_us": "SOON"},
    ],
    ids=["past", "far", "no time", "blank", "long", "no reason"],
)
def test_maintenance_of_no_sense_is_refused(web_center, body):
    camera_id = web_center.cameras["station-1"]
    given = {name: web_center.clock.now_us() + HOUR_US if value == "SOON" else value for name, value in body.items()}
    with web_center.signed_in("tang", role=Role.TECHNICIAN) as client:
        assert client.put(f"{API}/cameras/{camera_id}/maintenance", json=given).status_code == 422
        assert health(client, camera_id)["state"] == "unknown"


def test_a_fault_is_told_with_the_cameras_in_sight_alone(web_center):
    with transaction(web_center.stores.core) as session:
        key, origin = ("network", "10.0.0.0/24"), web_center.origins["city"]
        fault_id = records.open_fault(session, web_center.clock, origin, key, 5, 2)
    for station in ("station-1", "station-2"):
        note(web_center, station, DEAD, fault_id)
    with web_center.signed_in("tang", role=Role.TECHNICIAN) as client:
        [fault] = client.get(f"{API}/devices/faults").json()["items"]
        assert (fault["kind"], fault["network"], fault["since_us"], fault["cameras"]) == (*key, 5, 2)
        assert sorted(fault["camera_ids"]) == sorted(web_center.cameras[name] for name in ("station-1", "station-2"))
    with web_center.signed_in("one", "station-1", Role.TECHNICIAN) as client:
        [fault] = client.get(f"{API}/devices/faults").json()["items"]
        assert (fault["cameras"], fault["camera_ids"]) == (1, [web_center.cameras["station-1"]])
    with transaction(web_center.stores.core) as session:
        records.close_fault(session, web_center.clock, fault_id)
    with web_center.signed_in("chief", role=Role.SUPERVISOR) as client:
        assert client.get(f"{API}/devices/faults").json() == {"items": []}


def test_availability_over_days(web_center):
    note(web_center, "station-1", Verdict("online"), ago_us=4 * 24 * HOUR_US)
    note(web_center, "station-1", DEAD, ago_us=24 * HOUR_US)
    with web_center.signed_in("tang", role=Role.TECHNICIAN) as client:
        found = client.get(f"{API}/cameras/availability").json()
        rows = {row["id"]: row for row in found["items"]}
        row = rows[web_center.cameras["station-1"]]
        assert (row["available"], row["recorded"], row["center_name"]) == (0.75, None, "station-1")
        assert rows[web_center.cameras["station-2"]]["available"] is None
        assert found["to_us"] - found["from_us"] == 7 * 24 * HOUR_US
        center_id = web_center.origins["station-1"].center_id
        narrow = client.get(f"{API}/cameras/availability", params={"center_id": center_id, "days": 2}).json()["items"]
        assert [one["available"] for one in narrow] == [0.5]
        assert client.get(f"{API}/cameras/availability", params={"center_id": "elsewhere"}).json()["items"] == []
        for days in ("0", "-1", "367", "x"):
            assert client.get(f"{API}/cameras/availability", params={"days": days}).status_code == 422
    with web_center.signed_in("one", "station-1", Role.TECHNICIAN) as client:
        other = web_center.origins["station-2"].center_id
        assert client.get(f"{API}/cameras/availability", params={"center_id": other}).json()["items"] == []
        assert [row["center_name"] for row in client.get(f"{API}/cameras/availability").json()["items"]] == [
            "station-1"
        ]
