from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields, InvalidCamera
from device_registry.gb28181_ids import Assigned, assign
from device_registry.gb_codes import device_id
from device_registry.models import Camera
from foundation.audit import AuditEntry
from foundation.clock import ManualClock
from foundation.errors import InvalidInput
from foundation.identifiers import Origin
from foundation.keyring import Keyring
from foundation.scope import Scope


@pytest.fixture
def save(session: Session, keyring: Keyring, clock: ManualClock, origin: Origin):
    def save(code: str, center_id: str | None = None, gb28181_id: str | None = None) -> Camera:
        fields = CameraFields(code=code, name="Gate", main_url="rtsp://10.0.0.5/main")
        columns = {} if gb28181_id is None else {"gb28181_id": gb28181_id}
        return cameras.save(
            session, keyring, clock, origin, fields, actor="cli:test", center_id=center_id, columns=columns
        ).camera

    return save


@pytest.fixture
def station(session: Session, clock: ManualClock) -> str:
    return centers.add(session, clock, node="n", code="110101570000", name="S", level="station", actor="test").id


def test_cameras_without_an_id_get_the_next_of_their_center(
    save, session: Session, clock: ManualClock, origin: Origin, station: str
) -> None:
    save("C1", gb28181_id="11000000001320000007")
    for code in ("C3", "C2"):
        save(code)
    save("S1", station)
    scope = Scope([origin.center_id, station])
    assigned = assign(session, clock, scope, actor="cli:test", via="cli")
    assert assigned == [
        Assigned("110000000000", "C2", "11000000001320000008"),
        Assigned("110000000000", "C3", "11000000001320000009"),
        Assigned("110101570000", "S1", "11010157001320000001"),
    ]
    assert all((found := device_id(row.gb28181_id)) is not None and found.is_front_end for row in assigned)
    assert assign(session, clock, scope, actor="cli:test", via="cli") == []
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "cli:camera:change")).all()
    assert [entry.detail["changed"] for entry in entries] == [
        {"gb28181_id": {"from": None, "to": row.gb28181_id}} for row in assigned
    ]


def test_other_centers_are_left_alone(save, session: Session, clock: ManualClock, station: str) -> None:
    save("C1")
    assert assign(session, clock, Scope([station]), actor="cli:test", via="cli") == []


@pytest.mark.parametrize(("industry", "network"), [("0", "0"), ("00", "00"), ("٠٠", "0"), ("00", "x")])
def test_digits_that_are_none_are_told(session: Session, clock: ManualClock, industry: str, network: str) -> None:
    with pytest.raises(InvalidInput, match="annex D"):
        assign(session, clock, Scope(), actor="cli:test", industry=industry, network=network, via="cli")


def test_a_center_of_no_division_and_numbers_that_are_used_up_are_told(
    save, session: Session, clock: ManualClock, origin: Origin
) -> None:
    strange = centers.add(session, clock, node="n", code="990101000000", name="S", level="station", actor="test")
    save("S1", strange.id)
    with pytest.raises(InvalidInput, match="no division"):
        assign(session, clock, Scope([strange.id]), actor="cli:test", via="cli")
    save("C1", gb28181_id="11000000001320999999")
    save("C2")
    with pytest.raises(InvalidInput, match="taken"):
        assign(session, clock, Scope([origin.center_id]), actor="cli:test", via="cli")


def test_an_id_names_one_camera(save, station: str) -> None:
    save("C1", gb28181_id="11000000001320000007")
    assert save("C1", gb28181_id="11000000001320000007").gb28181_id == "11000000001320000007"
    with pytest.raises(InvalidCamera, match="another camera has this ID"):
        save("S1", station, gb28181_id="11000000001320000007")
    save("C1", gb28181_id="11000000001320000008")
    save("S1", station, gb28181_id="11000000001320000007")
