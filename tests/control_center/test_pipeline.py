from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from analysis.observations import ObservationWriter
from control_center.alerts.models import Alert, AlertSighting
from control_center.alerts.opening import open_alert
from control_center.pipeline import Comparisons, Pipeline, _repeat
from foundation import audit, outbox
from foundation.audit import check as audit_check
from foundation.database import reading, transaction
from foundation.identifiers import new_id
from matching.center_index.keeping import IndexKeeper
from matching.models import Hit

STATION = "110101010000"
PLATE = "京A12345"


@pytest.fixture
def pipeline(city):
    return Pipeline(city.stores, city.catalogue, city.origin("110000000000"), city.clock)


def see(city, plate, *, at_s=0.0, **more):
    writer = ObservationWriter(city.stores.observations, "node-1", clock=city.clock)
    start_us = city.clock.now_us() + int(at_s * 1e6)
    detail = {"plate": plate, "plate_colour": "blue", "confidence": 0.99} | more
    writer.add(city.centers[STATION], city.cameras[STATION], "plate_read", start_us, start_us + 1_000_000, detail)
    writer.flush()


def see_nonsense(city):
    writer = ObservationWriter(city.stores.observations, "node-1", clock=city.clock)
    writer.add(city.centers[STATION], city.cameras[STATION], "plate_read", 0, 1, {"no": "plate"})
    writer.flush()


def count(city, table):
    with reading(city.stores.core) as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_stolen_plate_becomes_an_alert_of_the_cameras_center(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    assert pipeline.follow() == 1
    with reading(city.stores.core) as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.kind, alert.plate, alert.center_id) == ("plate_hit", PLATE, city.centers[STATION])
        assert session.get_one(Hit, alert.hit_id).observation_id is not None
        assert audit_check.verify(session).fault is None


def test_a_passage_that_a_device_and_the_reader_here_both_tell_of_is_one_sighting(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    for at_s in (3.0, 60.0):
        see(city, PLATE, at_s=at_s, source="device")
    pipeline.follow()
    assert (count(city, Alert), count(city, AlertSighting)) == (1, 2)


def test_a_plate_one_character_off_raises_nothing(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    for plate in ("京A12346", "京A1234", "津A12345", "京AI2345"):
        see(city, plate)
    assert pipeline.follow() == 4
    assert count(city, Alert) == 0


def test_a_cloned_plate_raises_an_alert_that_says_so(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue", make="Aurelia GT")
    see(city, PLATE, plate_colour="white", vehicle_brand="Nordvik", source="device")
    pipeline.follow()
    with reading(city.stores.core) as session:
        hit = session.get_one(Hit, session.scalars(select(Alert)).one().hit_id)
        assert hit.explanation["suspected_clone"] == ["plate_colour", "make"]


def test_a_withdrawn_record_raises_nothing(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue", withdrawn_on="2023-01-01")
    see(city, PLATE)
    pipeline.follow()
    assert count(city, Alert) == 0


def test_passages_soon_after_one_another_are_one_alert(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    see(city, PLATE, at_s=60)
    see(city, PLATE, at_s=3600)
    pipeline.follow()
    assert count(city, Alert) == 2
    assert count(city, AlertSighting) == 3


def test_a_batch_read_twice_derives_nothing_twice(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    pipeline.follow()
    assert pipeline.follow() == 0
    assert Pipeline(city.stores, city.catalogue, city.origin(), city.clock).follow() == 0
    assert count(city, Alert) == 1


def test_a_failing_batch_leaves_nothing_behind_and_is_taken_again(city, pipeline, monkeypatch):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    with monkeypatch.context() as broken:
        broken.setattr(outbox, "append", lambda *_: pytest.fail("disk"))
        with pytest.raises(pytest.fail.Exception):
            pipeline.follow()
    assert (count(city, Hit), count(city, Alert), count(city, audit.AuditEntry) > 0) == (0, 0, True)
    pipeline.follow()
    assert count(city, Alert) == 1


def test_record_hits_become_alerts_once_and_runs_repeat_harmlessly(city, pipeline, tmp_path):
    with transaction(city.stores.core) as session:
        number = "11010519491231002X"
        city.person(session, "wanted", name="王小明", id_number=number, date_of_birth="1949-12-31", sex="F")
        city.reference(session, "wanted_persons", name="王小明", id_number=number, date_of_birth="1949-12-31", sex="F")
    keeper = IndexKeeper(city.stores.core, tmp_path / "indexes")
    comparisons = Comparisons(city.stores.core, city.catalogue, city.origin("110000000000"), city.clock, keeper)
    assert not comparisons.refresh(), "nothing is indexed yet"
    assert keeper.refresh()
    assert comparisons.refresh()
    assert not comparisons.refresh()
    assert pipeline.alert_record_hits() == 1
    assert pipeline.alert_record_hits() == 0
    city.clock.advance(3601)
    assert comparisons.refresh()
    assert pipeline.alert_record_hits() == 0
    with reading(city.stores.core) as session:
        alert = session.scalars(select(Alert)).one()
        assert (alert.kind, alert.subject, alert.verifications_needed) == ("record_hit", "王小明", 2)


def test_an_observation_that_cannot_be_handled_does_not_hold_up_the_others(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see_nonsense(city)
    see(city, PLATE)
    see_nonsense(city)
    assert pipeline.follow() == 3
    assert pipeline.follow() == 0
    assert count(city, Alert) == 1
    with reading(city.stores.core) as session:
        skipped = select(audit.AuditEntry).where(audit.AuditEntry.action == "pipeline:observation:skip")
        assert [entry.detail for entry in session.scalars(skipped)] == [{"error": "KeyError"}] * 2
        assert audit_check.verify(session).fault is None


def test_a_store_that_is_away_is_asked_again_and_nothing_is_passed_over(city, pipeline):
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE, plate_colour="blue")
    see(city, PLATE)
    with city.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE reference_record RENAME TO away"))
    with pytest.raises(DBAPIError):
        pipeline.follow()
    with city.stores.core.begin() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO reference_record"))
    assert pipeline.follow() == 1
    assert count(city, Alert) == 1


def test_a_hit_that_no_alert_can_be_made_of_does_not_hold_up_the_others(city, pipeline, monkeypatch):
    with transaction(city.stores.core) as session:
        ids = [a_hit(city, session, city.person(session, "wanted", name="王小明")) for _ in range(3)]

    def opening(session, catalogue, clock, origin, hit):
        if hit.id == ids[0]:
            raise ValueError
        return open_alert(session, catalogue, clock, origin, hit)

    monkeypatch.setattr("control_center.pipeline.open_alert", opening)
    pipeline.alert_record_hits()
    assert count(city, Alert) == 2
    assert pipeline.alert_record_hits() == 0


def a_hit(city, session, person):
    hit = Hit(
        id=new_id(city.clock),
        center_id=city.centers[STATION],
        node="node-1",
        list_name=person.list_name,
        database="wanted_persons",
        key_person_id=person.id,
        weight_mbits=20_000,
        probability=0.99,
        explanation={"fields": []},
        created_us=city.clock.now_us(),
    )
    session.add(hit)
    session.flush()
    return hit.id


def test_what_repeats_goes_on_after_a_failure(monkeypatch):
    monkeypatch.setattr("control_center.pipeline.AFTER_FAILURE_S", 0)
    stopping, done = threading.Event(), []

    def work():
        done.append(1)
        if len(done) == 1:
            raise RuntimeError("once")
        stopping.set()
        return False

    _repeat(work, stopping, 0)
    assert len(done) == 2
