from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, credentials
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.login import Login
from foundation.audit import AuditEntry
from foundation.clock import ManualClock
from foundation.database import CoreBase
from foundation.errors import NotFound
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.outbox import OutboxEvent
from foundation.scope import Scope

GATE = CameraFields(code="C1", name="Gate", main_url="rtsp://viewer:hunter2@10.0.0.5/main", sub_url="rtsp://10.0.0.5/s")


@pytest.fixture
def save(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin):
    def save(fields: CameraFields) -> cameras.Saved:
        return cameras.save(session, keyring, clock, origin, fields, actor="cli:test")

    return save


def test_registers_then_changes_by_code(save, session: Session, origin: Origin) -> None:
    first = save(GATE)
    assert first.created
    assert first.changed == {"name", "main_url", "sub_url", "credential"}
    again = save(GATE)
    assert (again.created, again.changed, again.camera.id) == (False, frozenset(), first.camera.id)
    renamed = save(CameraFields(code="C1", name="North gate"))
    assert renamed.changed == {"name"}
    assert [(stream.name, stream.url) for stream in renamed.camera.streams] == [
        ("main", "rtsp://10.0.0.5/main"),
        ("sub", "rtsp://10.0.0.5/s"),
    ]
    assert [camera.name for camera in cameras.list_cameras(session, Scope([origin.center_id]))] == ["North gate"]


def test_each_change_has_its_audit_and_outbox_rows(save, session: Session) -> None:
    camera_id = save(GATE).camera.id
    save(GATE)
    save(CameraFields(code="C1", disabled=True))
    entries = session.scalars(select(AuditEntry).where(AuditEntry.subject == camera_id).order_by(AuditEntry.seq))
    assert [entry.action for entry in entries] == ["cli:camera:add", "cli:camera:change"]
    events = session.scalars(select(OutboxEvent).order_by(OutboxEvent.seq))
    assert [(event.kind, event.body["id"], event.body["state"]) for event in events] == [
        ("camera.changed", camera_id, "connecting"),
        ("camera.changed", camera_id, "disabled"),
    ]


def test_the_audit_trail_keeps_each_field_before_and_after_and_of_a_login_only_that_it_is(save, session) -> None:
    camera_id = save(GATE).camera.id
    save(CameraFields(code="C1", name="North gate", main_url="rtsp://viewer:hunter3@10.0.0.6/main", disabled=True))
    query = select(AuditEntry.detail).where(AuditEntry.subject == camera_id).order_by(AuditEntry.seq)
    added, changed = session.scalars(query)
    assert added["changed"] == {
        "name": {"from": None, "to": "Gate"},
        "main_url": {"from": None, "to": "rtsp://10.0.0.5/main"},
        "sub_url": {"from": None, "to": "rtsp://10.0.0.5/s"},
        "credential": {"from": None, "to": "set"},
    }
    assert changed["changed"] == {
        "name": {"from": "Gate", "to": "North gate"},
        "main_url": {"from": "rtsp://10.0.0.5/main", "to": "rtsp://10.0.0.6/main"},
        "disabled": {"from": False, "to": True},
        "credential": {"from": "set", "to": "set"},
    }


def test_the_secret_goes_to_the_credential_and_lies_nowhere_in_clear(save, session: Session, keyring: Keyring) -> None:
    camera_id = save(GATE).camera.id
    assert credentials.find(session, keyring, camera_id) == Login("viewer", "hunter2")
    for table in CoreBase.metadata.sorted_tables:
        assert "hunter2" not in str(session.execute(select(table)).all())
    assert "hunter2" not in repr(GATE)


def test_a_user_without_a_password_keeps_the_password_known(save, session: Session, keyring: Keyring) -> None:
    camera_id = save(GATE).camera.id
    assert save(CameraFields(code="C1", username="viewer")).changed == frozenset()
    assert save(CameraFields(code="C1", username="other")).changed == {"credential"}
    assert credentials.find(session, keyring, camera_id) == Login("other", "")


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        (CameraFields(code=" ", name="x", main_url="rtsp://h/"), "code"),
        (CameraFields(code="C2", main_url="rtsp://h/"), "name"),
        (CameraFields(code="C2", name="x"), "main_url"),
        (CameraFields(code="C2", name="x" * 201, main_url="rtsp://h/"), "name"),
        (CameraFields(code="C2", name="a\x1b[2J", main_url="rtsp://h/"), "name"),
        (CameraFields(code="C2", name="x", main_url="http://h/"), "main_url"),
        (CameraFields(code="C2", name="x", main_url="rtsp://h/", sub_url="rtsp://h:0/"), "sub_url"),
        (CameraFields(code="C2", name="x", main_url="rtsp://h/", latitude=91.0, longitude=0.0), "latitude"),
        (CameraFields(code="C2", name="x", main_url="rtsp://h/", latitude=float("nan"), longitude=0.0), "latitude"),
        (CameraFields(code="C2", name="x", main_url="rtsp://h/", latitude=1.0), "longitude"),
        (CameraFields(code="C2", name="x", main_url="rtsp://h/", password="p"), "username"),
        (CameraFields(code="C2", name="x", main_url="rtsp://a:1@h/", sub_url="rtsp://a:2@h/"), "username"),
    ],
)
def test_refuses_naming_camera_and_field(save, fields: CameraFields, column: str) -> None:
    with pytest.raises(InvalidCamera) as caught:
        save(fields)
    assert column in {problem.column for problem in caught.value.problems}
    assert caught.value.where is not None
    assert caught.value.where.startswith("camera ")


def test_a_camera_outside_the_scope_is_not_found(save, session: Session, origin: Origin) -> None:
    camera_id = save(GATE).camera.id
    assert cameras.get(session, camera_id, Scope([origin.center_id])).id == camera_id
    with pytest.raises(NotFound):
        cameras.get(session, camera_id, Scope(["elsewhere"]))
    assert cameras.list_cameras(session, Scope()) == []


def test_what_the_recorder_sees_is_kept_until_the_address_changes(save, session: Session, clock: ManualClock) -> None:
    camera = save(GATE).camera
    assert cameras.note_seen(session, clock, camera.id, "main", "h264", 1920, 1080)
    assert not cameras.note_seen(session, clock, camera.id, "main", "h264", 1920, 1080)
    assert not cameras.note_seen(session, clock, camera.id, "third", "h264", 1, 1)
    assert (camera.streams[0].codec, camera.streams[0].width) == ("h264", 1920)
    save(CameraFields(code="C1", main_url="rtsp://10.0.0.6/main"))
    assert camera.streams[0].codec is None
