from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_registry import cameras, centers
from device_registry.camera_fields import CameraFields
from device_registry.health import records
from device_registry.health.availability import DAY_US, availability
from device_registry.health.models import HealthChange, RecordedDay
from device_registry.health.verdict import STATES, Verdict
from foundation.identifiers import new_id
from foundation.scope import NOTHING, Scope

HOUR_US = DAY_US // 24
FROM_US, TO_US = 20_000 * DAY_US, 20_007 * DAY_US


@pytest.fixture
def register(session, keyring, clock, origin):
    def register(code: str, center_id: str | None = None) -> str:
        fields = CameraFields(code=code, name=f"Gate {code}", main_url="rtsp://10.0.0.7/main")
        return cameras.save(
            session, keyring, clock, origin, fields, actor="test", center_id=center_id or origin.center_id
        ).camera.id

    return register


def change(session, clock, camera_id, at_us, state):
    records.note(session, clock, camera_id, Verdict(state, "Why."), at_us)


def shares(session, origin, from_us=FROM_US, to_us=TO_US):
    found = availability(session.connection(), Scope([origin.center_id]), from_us, to_us)
    return {row.code: (row.available, row.counted_us) for row in found}


def test_the_share_of_time_that_a_camera_was_of_use(session, clock, origin, register):
    camera_id = register("C1")
    for day, state in {1: "online", 2: "unreachable", 3: "clock_skew", 4: "degraded", 6: "stream_failed"}.items():
        change(session, clock, camera_id, FROM_US + day * DAY_US, state)
    assert shares(session, origin) == {"C1": (4 / 6, 6 * DAY_US)}


def test_a_state_from_before_the_span_counts_from_its_beginning(session, clock, origin, register):
    camera_id = register("C1")
    change(session, clock, camera_id, FROM_US - 90 * DAY_US, "unreachable")
    change(session, clock, camera_id, FROM_US - 30 * DAY_US, "online")
    change(session, clock, camera_id, TO_US - DAY_US, "unreachable")
    change(session, clock, camera_id, TO_US + DAY_US, "online")
    assert shares(session, origin) == {"C1": (6 / 7, 7 * DAY_US)}


def test_what_a_person_chose_does_not_count(session, clock, origin, register):
    camera_id = register("C1")
    change(session, clock, camera_id, FROM_US, "online")
    change(session, clock, camera_id, FROM_US + DAY_US, "maintenance")
    change(session, clock, camera_id, FROM_US + 3 * DAY_US, "unreachable")
    change(session, clock, camera_id, FROM_US + 4 * DAY_US, "disabled")
    assert shares(session, origin) == {"C1": (1 / 2, 2 * DAY_US)}


def test_of_a_camera_without_changes_nothing_is_known(session, origin, register):
    register("C1")
    assert shares(session, origin) == {"C1": (None, 0)}


def test_the_cameras_of_other_centers_are_not_there(session, clock, origin, settings, register):
    below = centers.add(
        session, clock, node=origin.node, code="110105", name="Below", level="station", parent_code=None, actor="t"
    )
    for code, center_id in {"C1": origin.center_id, "C2": below.id}.items():
        change(session, clock, register(code, center_id), FROM_US, "online")
    connection = session.connection()
    assert availability(connection, NOTHING, FROM_US, TO_US) == []
    assert [row.code for row in availability(connection, Scope([below.id]), FROM_US, TO_US)] == ["C2"]
    assert len(availability(connection, Scope([below.id, origin.center_id]), FROM_US, TO_US)) == 2


def test_how_whole_the_footage_is_is_told_of_whole_days(session, origin, register):
    camera_id, other = register("C1"), register("C2")
    for day, hours in {-1: 0, 0: 24, 1: 12, 6: 18, 7: 0}.items():
        session.add(
            RecordedDay(camera_id=camera_id, day=20_000 + day, span_us=24 * HOUR_US, recorded_us=hours * HOUR_US)
        )
    session.flush()
    found = {
        row.id: row.recorded for row in availability(session.connection(), Scope([origin.center_id]), FROM_US, TO_US)
    }
    assert found == {camera_id: 54 / 72, other: None}


changes = st.lists(st.tuples(st.integers(-20, 27), st.sampled_from(STATES)), max_size=20, unique_by=lambda one: one[0])


@given(changes)
def test_the_database_counts_as_a_person_would(session, clock, origin, keyring, made):
    camera_id = new_id(clock)
    session.add(
        cameras.Camera(
            id=camera_id,
            center_id=origin.center_id,
            node=origin.node,
            code=camera_id,
            name="Gate",
            created_us=1,
            updated_us=1,
        )
    )
    session.flush()
    for hour, state in made:
        session.add(HealthChange(id=new_id(clock), camera_id=camera_id, at_us=FROM_US + hour * HOUR_US, state=state))
    session.flush()
    state, of_use, counted = None, 0, 0
    by_hour = dict(made)
    for hour in range(-20, 24):
        state = by_hour.get(hour, state)
        if hour >= 0 and state not in (None, "disabled", "maintenance"):
            counted += 1
            of_use += state in ("online", "clock_skew", "degraded")
    found = shares(session, origin, FROM_US, FROM_US + DAY_US)[camera_id]
    assert found == (of_use / counted if counted else None, counted * HOUR_US)
