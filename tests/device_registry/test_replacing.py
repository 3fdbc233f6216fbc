from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, credentials, history
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.login import Login
from device_registry.models import Camera
from device_registry.replacing import replace_device
from foundation.audit import AuditEntry
from foundation.clock import ManualClock
from foundation.errors import InvalidInput, NotFound
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope

GATE = CameraFields(code="C1", name="Gate", maker="Acme", main_url="rtsp://viewer:hunter2@10.0.0.5/main")
KEPT = {"serial": "SN-7", "mac": "00:1a:2b:3c:4d:5e", "firmware": "5.7", "height_m": 4.5, "tls_sha256": "ab" * 32}


@pytest.fixture
def camera(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin) -> Camera:
    saved = cameras.save(session, keyring, clock, origin, GATE, actor="cli:test", columns=KEPT)
    cameras.note_seen(session, clock, saved.camera.id, "main", "h264", 1920, 1080)
    return saved.camera


@pytest.fixture
def replace(session: Session, keyring: Keyring, clock: ManualClock, camera: Camera):
    def replace(columns: dict[str, Any] | None = None, reason: str = "struck by lightning", **told: str):
        fields = CameraFields(code="C1", **told)
        return replace_device(
            session, keyring, clock, camera, fields, columns or {}, reason=reason, actor="cli:test", via="cli"
        )

    return replace


def test_the_camera_stays_and_what_went_for_the_old_device_does_not(
    replace, session: Session, keyring: Keyring, camera: Camera
) -> None:
    before = (camera.id, camera.code, camera.name, camera.height_m, camera.created_us)
    replace({"serial": "SN-8"}, model="X2", main_url="rtsp://admin:hunter3@10.0.0.6/main")
    assert (camera.id, camera.code, camera.name, camera.height_m, camera.created_us) == before
    assert (camera.serial, camera.mac, camera.firmware, camera.maker, camera.model) == (
        "SN-8",
        None,
        None,
        "Acme",
        "X2",
    )
    assert (camera.tls_sha256, camera.streams[0].codec, camera.streams[0].url) == (None, None, "rtsp://10.0.0.6/main")
    assert credentials.find(session, keyring, camera.id) == Login("admin", "hunter3")
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    assert (entry.action, entry.reason) == ("cli:camera:replace", "struck by lightning")
    assert entry.detail["changed"]["serial"] == {"from": "SN-7", "to": "SN-8"}
    assert entry.detail["changed"]["credential"] == {"from": "set", "to": "set"}
    assert "hunter" not in str(entry.detail)


def test_addresses_and_login_stay_where_none_are_given(
    replace, session: Session, keyring: Keyring, camera: Camera
) -> None:
    assert replace() == {"serial", "mac", "firmware", "tls_sha256"}
    assert (camera.streams[0].url, camera.streams[0].codec) == ("rtsp://10.0.0.5/main", None)
    assert credentials.find(session, keyring, camera.id) == Login("viewer", "hunter2")


@pytest.mark.parametrize(
    ("columns", "reason", "column"),
    [({"serial": "SN-7"}, "broken", "serial"), ({"mac": "00:1a:2b:3c:4d:5e"}, "broken", "mac"), ({}, " ", "reason")],
    ids=["serial", "mac", "reason"],
)
def test_what_cannot_be_a_replacement_is_told(
    replace, camera: Camera, columns: dict[str, str], reason: str, column: str
) -> None:
    with pytest.raises(InvalidCamera) as caught:
        replace(columns, reason)
    assert [problem.column for problem in caught.value.problems] == [column]
    assert camera.tls_sha256 == "ab" * 32


def test_the_history_is_paged_newest_first_and_scoped(replace, session: Session, camera: Camera) -> None:
    replace()
    scope = Scope([camera.center_id])
    (newest,), cursor = history.page(session, camera.id, scope, limit=1)
    assert (newest.action, newest.reason) == ("cli:camera:replace", "struck by lightning")
    (first,), end = history.page(session, camera.id, scope, limit=1, cursor=cursor)
    assert (first.action, first.changes["name"], end) == ("cli:camera:add", {"from": None, "to": "Gate"}, None)
    with pytest.raises(NotFound):
        history.page(session, camera.id, Scope(["elsewhere"]))
    with pytest.raises(InvalidInput):
        history.page(session, camera.id, scope, cursor="WyJ4Il0")


def test_entries_from_before_tell_the_columns_alone(session: Session, camera: Camera) -> None:
    entry = session.scalars(select(AuditEntry).where(AuditEntry.subject == camera.id)).one()
    entry.detail = {"code": "C1", "changed": ["name"]}
    session.flush()
    (event,), _ = history.page(session, camera.id, Scope([camera.center_id]))
    assert event.changes == {"name": {"from": None, "to": None}}
