from __future__ import annotations

import pytest
from sqlalchemy import select

from device_registry import cameras, states
from device_registry.camera_fields import CameraFields
from device_registry.health import maintenance, records, registry
from device_registry.health.models import CameraHealth, CameraMaintenance, DeviceFault, HealthChange
from device_registry.health.verdict import Verdict
from foundation.audit import AuditAction, AuditEntry
from foundation.clock import US_PER_S
from foundation.errors import Conflict, InvalidInput
from foundation.outbox import OutboxEvent
from foundation.scope import Scope

DAY_US = 86_400 * US_PER_S
ONLINE, DEAD = Verdict("online"), Verdict("unreachable", "No connection.", "Check its power.")
BEGIN, END = AuditAction.API_MAINTENANCE_BEGIN, AuditAction.API_MAINTENANCE_END


@pytest.fixture
def camera(session, keyring, clock, origin):
    given = CameraFields(code="C1", name="Gate", main_url="rtsp://u:secret@10.0.0.7/main")
    return cameras.save(session, keyring, clock, origin, given, actor="test").camera


def events(session):
    return [event.body["health"] for event in session.scalars(select(OutboxEvent).order_by(OutboxEvent.position))]


def shown(session, origin):
    return states.directory(session, Scope([origin.center_id]))[0]["health"]


def test_before_its_first_check_a_camera_is_unknown(session, camera, origin):
    assert shown(session, origin) == {
        "state": "unknown",
        "since_us": None,
        "cause": None,
        "mend": None,
        "until_us": None,
    }


def test_a_change_is_kept_with_its_history_and_told(session, camera, clock, origin):
    assert records.note(session, clock, camera.id, ONLINE, 1_000)
    assert not records.note(session, clock, camera.id, ONLINE, 2_000)
    assert records.note(session, clock, camera.id, DEAD, 3_000)
    changes = session.scalars(select(HealthChange).order_by(HealthChange.at_us)).all()
    assert [(row.at_us, row.state, row.cause) for row in changes] == [
        (1_000, "online", None),
        (3_000, "unreachable", "No connection."),
    ]
    wanted = {
        "state": "unreachable",
        "since_us": 3_000,
        "cause": "No connection.",
        "mend": "Check its power.",
        "until_us": None,
    }
    assert shown(session, origin) == wanted
    assert [one["state"] for one in events(session)] == ["unknown", "online", "unreachable"]
    assert events(session)[-1] == wanted


def test_another_cause_is_told_and_is_no_change_of_state(session, camera, clock):
    records.note(session, clock, camera.id, DEAD, 1_000)
    assert records.note(session, clock, camera.id, Verdict("unreachable", "The network went.", "See it."), 5_000)
    assert session.scalars(select(HealthChange.at_us)).all() == [1_000]
    assert session.get_one(CameraHealth, camera.id).since_us == 1_000


def test_two_changes_at_one_moment_keep_their_order(session, camera, clock):
    for verdict in (ONLINE, DEAD, ONLINE):
        records.note(session, clock, camera.id, verdict, 1_000)
    query = select(HealthChange.at_us, HealthChange.state).order_by(HealthChange.at_us)
    assert session.execute(query).all() == [(1_000, "online"), (1_001, "unreachable"), (1_002, "online")]


def test_a_camera_that_is_gone_is_passed_over(session, clock):
    assert not records.note(session, clock, "absent", ONLINE, 1)


def test_old_changes_go_but_for_the_last_of_each_camera(session, camera, clock):
    for at, verdict in enumerate((ONLINE, DEAD, ONLINE, DEAD), start=1):
        records.note(session, clock, camera.id, verdict, at * 1_000)
    assert records.prune(session, 3_500, limit=1) == 1
    assert records.prune(session, 3_500) == 1
    assert records.prune(session, 3_500) == 0
    assert session.scalars(select(HealthChange.at_us).order_by(HealthChange.at_us)).all() == [3_000, 4_000]


def test_who_asks_for_a_check_waits_until_it_was_done(session, camera, clock, settings):
    records.ask(session, clock, camera.id)
    rows = session.connection()
    assert registry.asked_for(rows, settings.center.node) == [camera.id]
    assert registry.asked_for(rows, "node-2") == []
    records.answered(session, [camera.id])
    assert registry.asked_for(rows, settings.center.node) == []


def test_a_fault_of_many_is_opened_and_closed(session, clock, origin):
    key = ("network", "10.0.0.0/24")
    fault_id = records.open_fault(session, clock, origin, key, 5, 200)
    assert list(records.open_faults(session, origin.node)) == [key]
    records.close_fault(session, clock, fault_id)
    session.expire_all()
    assert records.open_faults(session, origin.node) == {}
    row = session.scalars(select(DeviceFault)).one()
    assert (row.since_us, row.until_us, row.devices) == (5, clock.now_us(), 200)


def test_the_channels_of_a_recorder_are_one_device(session, camera, keyring, clock, origin):
    for code, url in {
        "N1": "rtsp://10.0.0.9/1",
        "N2": "rtsp://10.0.0.9/2",
        "S1": "rtsp://10.0.0.8:8554/1",
        "S2": "rtsp://10.0.0.8:8554/2",
    }.items():
        given = CameraFields(code=code, name=code, main_url=url)
        saved = cameras.save(session, keyring, clock, origin, given, actor="test").camera
        saved.onvif_url = "http://10.0.0.9/onvif/device_service" if code.startswith("N") else None
    session.flush()
    found = registry.devices_of(registry.watched(session.connection(), origin.node))
    by_codes = {tuple(row.code for row in device.cameras): device.registered for device in found.values()}
    assert set(by_codes) == {("C1",), ("N1", "N2"), ("S1", "S2")}
    assert by_codes["N1", "N2"].host == "10.0.0.9"
    assert by_codes["S1", "S2"].host == "10.0.0.8:8554"
    signer = found[f"{origin.center_id} 10.0.0.7"].signer
    assert signer.login(keyring).password == "secret"
    assert "secret" not in repr(signer)


def test_maintenance_is_announced_audited_and_ends_by_itself(session, camera, clock, origin):
    until_us = clock.now_us() + DAY_US
    maintenance.begin(session, clock, camera, until_us, " New pole. ", action=BEGIN, actor="li")
    now = shown(session, origin)
    assert (now["state"], now["cause"], now["until_us"]) == ("maintenance", "New pole.", until_us)
    [row] = registry.watched(session.connection(), origin.node)
    assert (row.maintenance_until_us, row.maintenance_reason) == (until_us, "New pole.")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == BEGIN)).one()
    assert (entry.actor, entry.reason, entry.detail["until_us"]) == ("li", "New pole.", until_us)
    assert maintenance.end_overdue(session, clock) == 0
    clock.advance(86_401)
    assert maintenance.end_overdue(session, clock) == 1
    session.expire_all()
    assert session.scalars(select(CameraMaintenance)).one().ended_us == until_us
    [row] = registry.watched(session.connection(), origin.node)
    assert row.maintenance_until_us is None


def test_maintenance_is_replaced_and_ended_and_all_of_it_stays_on_record(session, camera, clock, origin):
    for hours, reason in ((1, "Lens."), (2, "Lens and housing.")):
        until_us = clock.now_us() + hours * 3600 * US_PER_S
        maintenance.begin(session, clock, camera, until_us, reason, action=BEGIN, actor="li")
        clock.advance(60)
    maintenance.end(session, clock, camera, action=END, actor="wang")
    rows = session.scalars(select(CameraMaintenance).order_by(CameraMaintenance.from_us)).all()
    assert [row.reason for row in rows] == ["Lens.", "Lens and housing."]
    assert all(row.ended_us is not None for row in rows)
    assert shown(session, origin)["state"] == "unknown"
    assert registry.asked_for(session.connection(), origin.node) == [camera.id]
    with pytest.raises(Conflict):
        maintenance.end(session, clock, camera, action=END, actor="wang")


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(0, "Lens."), (-5, "Lens."), (31 * 86_400, "Lens."), (60, "  "), (60, "x" * 501), (60, "a\x00b")],
    ids=["now", "past", "too far", "no reason", "long reason", "unprintable"],
)
def test_maintenance_without_reason_or_with_an_odd_end_is_refused(session, camera, clock, seconds, reason):
    with pytest.raises(InvalidInput):
        maintenance.begin(session, clock, camera, clock.now_us() + seconds * US_PER_S, reason, action=BEGIN, actor="li")
    assert session.scalars(select(CameraMaintenance)).all() == []
