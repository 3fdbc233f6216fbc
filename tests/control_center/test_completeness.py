from __future__ import annotations

import pytest
from sqlalchemy import select, update

from control_center.completeness import AGAIN_US, RecordedDays
from device_registry.health.availability import DAY_US
from device_registry.health.models import RecordedDay
from device_registry.models import Camera
from foundation.clock import US_PER_S
from foundation.database import reading, transaction
from foundation.errors import DatabaseError
from ingest.footage.index import FootageIndex

STATION, OTHER = "110101010000", "110201010000"
HOUR_US = DAY_US // 24


def hour(day, hour):
    """Seconds since 1970."""
    return day * 86_400 + hour * 3600


@pytest.fixture
def disk(tmp_path, make_disk, city):
    """The camera at the station recorded 15 hours of its first day, twice from 12 to 14 o'clock, and lost one."""
    camera_id = city.cameras[STATION]
    spans = [(19_998, 8, 14), (19_998, 12, 23), (19_999, 0, 24)]
    rows = [(camera_id, "main", hour(day, start), hour(day, end)) for day, start, end in spans]
    lost = (camera_id, "main", hour(19_999, 5), hour(19_999, 6))
    return make_disk(tmp_path / "disk", *rows, (camera_id, "sub", hour(19_998, 0), hour(19_998, 24)), lost=lost)


@pytest.fixture
def days(city, disk):
    """The clock stands at noon of day 20,000."""
    city.clock.step((20_000.5 * DAY_US - city.clock.now_us()) / US_PER_S)
    with transaction(city.stores.core) as session:
        session.execute(update(Camera).values(created_us=19_998 * DAY_US + 6 * HOUR_US, node="node-1"))
    return RecordedDays(city.stores, "node-1", [disk], city.clock, history_days=400)


def known(city):
    with reading(city.stores.core) as session:
        query = select(Camera.id, RecordedDay.day, RecordedDay.span_us, RecordedDay.recorded_us)
        rows = session.execute(query.join(RecordedDay, RecordedDay.camera_id == Camera.id)).all()
    return {(camera_id, day): (span // HOUR_US, recorded // HOUR_US) for camera_id, day, span, recorded in rows}


def settle(days):
    while days.refresh():
        pass


def test_a_day_is_noted_when_it_is_over_from_the_registration_on(city, days, disk):
    settle(days)
    recorded, other = city.cameras[STATION], city.cameras[OTHER]
    assert known(city) == {
        (recorded, 19_998): (18, 15),
        (recorded, 19_999): (24, 23),
        (other, 19_998): (18, 0),
        (other, 19_999): (24, 0),
    }
    city.clock.advance(13 * 3600)  # an hour into the next day
    assert len(known(city)) == 2 * len(city.cameras)
    settle(days)
    assert len(known(city)) == 3 * len(city.cameras)


def test_what_was_noted_is_not_read_again_and_goes_when_it_is_old(city, days):
    settle(days)
    with transaction(city.stores.core) as session:
        session.execute(update(RecordedDay).values(recorded_us=HOUR_US))
        session.add(RecordedDay(camera_id=city.cameras[STATION], day=19_599, span_us=1, recorded_us=1))
    city.clock.advance(AGAIN_US / US_PER_S + 1)
    settle(days)
    assert {recorded for _, recorded in known(city).values()} == {1}
    assert min(day for _, day in known(city)) == 19_998


def test_a_camera_that_is_disabled_or_another_machines_is_left_out(city, days):
    with transaction(city.stores.core) as session:
        session.execute(update(Camera).where(Camera.id == city.cameras[STATION]).values(disabled=True))
        session.execute(update(Camera).where(Camera.id == city.cameras[OTHER]).values(node="node-2"))
    settle(days)
    assert known(city) == {}


def test_a_disk_that_does_not_answer_is_asked_again(city, days, monkeypatch):
    def refuse(*_):
        raise DatabaseError("the index cannot be read.")

    with monkeypatch.context() as broken:
        broken.setattr(FootageIndex, "coverage", refuse)
        settle(days)
    assert known(city) == {}
    city.clock.advance(AGAIN_US / US_PER_S + 1)
    settle(days)
    assert len(known(city)) == 2 * len(city.cameras)
