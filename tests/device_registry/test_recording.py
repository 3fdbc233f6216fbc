"""How a camera is recorded: what may be set, what is refused, and what the trail says of it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from device_registry import centers, recording
from device_registry.camera_fields import InvalidCamera
from device_registry.models import Camera
from device_registry.recording import RetentionLimits
from foundation.audit import AuditAction, AuditEntry
from foundation.clock import ManualClock
from foundation.database import Stores, reading, transaction
from foundation.identifiers import new_id
from foundation.settings import Settings

LIMITS = RetentionLimits(1, 90)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def camera_id(stores: Stores, clock: ManualClock) -> str:
    with transaction(stores.core) as session:
        origin = centers.ensure_local(session, Settings(), clock)
        camera = Camera(
            id=new_id(clock),
            center_id=origin.center_id,
            node=origin.node,
            code="C1",
            name="Gate",
            created_us=clock.now_us(),
            updated_us=clock.now_us(),
            streams=[],
        )
        session.add(camera)
    return camera.id


def change(stores: Stores, clock: ManualClock, camera_id: str, **given: Any) -> frozenset[str]:
    with transaction(stores.core) as session:
        camera = session.get_one(Camera, camera_id)
        action = AuditAction.API_CAMERA_CHANGE
        return recording.change(session, clock, camera, given, LIMITS, action=action, actor="zhao")


def test_what_is_set_is_kept_audited_and_can_be_taken_back(stores, clock, camera_id) -> None:
    given = {"transport": "udp", "audio_purpose": " a counter for complaints ", "retention_days": 7.5}
    assert change(stores, clock, camera_id, **given) == set(given)
    assert change(stores, clock, camera_id, **given) == frozenset()
    assert change(stores, clock, camera_id, audio_purpose=None, retention_bytes=1 << 30) == {
        "audio_purpose",
        "retention_bytes",
    }
    with reading(stores.core) as session:
        camera = session.get_one(Camera, camera_id)
        assert [getattr(camera, name) for name in recording.FIELDS] == ["udp", None, 7.5, 1 << 30, None]
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:camera:change")).all()
    assert [entry.detail["changed"]["audio_purpose"] for entry in entries] == [
        {"from": None, "to": "a counter for complaints"},
        {"from": "a counter for complaints", "to": None},
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("transport", "sctp"),
        ("audio_purpose", "  "),
        ("audio_purpose", "x" * 501),
        ("audio_purpose", "a\x00b"),
        ("retention_days", 0.5),
        ("retention_days", 91),
        ("retention_days", math.nan),
        ("retention_days", math.inf),
        ("retention_bytes", 0),
        ("retention_bytes", -1),
        ("retention_bytes", 1 << 61),
        ("tls_sha256", "ab" * 31),
        ("tls_sha256", "zz" * 32),
        ("tls_sha256", ""),
    ],
)
def test_what_is_no_setting_is_refused_with_its_mend(stores, clock, camera_id, name: str, value: Any) -> None:
    with pytest.raises(InvalidCamera, match=f"camera C1, {name}") as caught:
        change(stores, clock, camera_id, **{name: value})
    assert all(problem.mend for problem in caught.value.problems)


def test_a_fingerprint_is_kept_as_the_recorder_compares_it(stores, clock, camera_id) -> None:
    assert change(stores, clock, camera_id, tls_sha256=" " + ":".join(["AB"] * 32)) == {"tls_sha256"}
    assert change(stores, clock, camera_id, tls_sha256="ab" * 32) == frozenset()
    assert change(stores, clock, camera_id, tls_sha256=None) == {"tls_sha256"}


def test_none_takes_back_in_both_languages() -> None:
    texts = {"audio_purpose": "None", "retention_days": "无", "retention_bytes": " 5000000 ", "name": "Gate"}
    assert recording.parsed("C1", texts) == {
        "audio_purpose": None,
        "retention_days": None,
        "retention_bytes": 5_000_000,
    }


@given(st.sampled_from(["retention_days", "retention_bytes"]), st.text(max_size=20))
def test_whatever_is_written_is_a_number_or_refused(name: str, text: str) -> None:
    try:
        value = recording.parsed("C1", {name: text})[name]
    except InvalidCamera:
        return
    assert value is None or isinstance(value, int | float)
