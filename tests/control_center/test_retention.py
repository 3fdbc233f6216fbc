from __future__ import annotations

import pytest
from sqlalchemy import func, select

from analysis.observations import Observation, ObservationWriter
from control_center.pipeline import Pipeline
from control_center.retention import Retention
from foundation import audit, outbox
from foundation.audit import AuditAction
from foundation.audit import check as audit_check
from foundation.database import reading, transaction
from foundation.outbox import OutboxEvent, OutboxStream

CITY, COUNTY, STATION = "110000000000", "110100000000", "110101010000"
PLATE = "京A12345"
DAY_S = 24 * 3600


@pytest.fixture
def retention(city):
    return Retention(city.stores, city.origin(), city.clock, observation_days=21, audit_days=365)


def see(city, plate):
    writer = ObservationWriter(city.stores.observations, "node-1", clock=city.clock)
    now_us = city.clock.now_us()
    writer.add(city.centers[STATION], city.cameras[STATION], "plate_read", now_us, now_us + 1, {"plate": plate})
    writer.flush()


def plates(city):
    with reading(city.stores.observations) as session:
        return [row.detail["plate"] for row in session.scalars(select(Observation).order_by(Observation.seq))]


def test_reads_that_hit_nothing_go_after_their_time_and_the_rest_stays(city, retention):
    pipeline = Pipeline(city.stores, city.catalogue, city.origin(), city.clock)
    with transaction(city.stores.core) as session:
        city.reference(session, "stolen_vehicles", plate=PLATE)
    for plate in (PLATE, "京B00001", "京B00002"):
        see(city, plate)
    pipeline.follow()
    city.clock.advance(20 * DAY_S)
    see(city, "京B00003")
    pipeline.follow()
    retention.refresh(pipeline.position())
    assert len(plates(city)) == 4
    city.clock.advance(2 * DAY_S)
    retention.refresh(pipeline.position())
    assert plates(city) == [PLATE, "京B00003"]
    with reading(city.stores.core) as session:
        query = select(audit.AuditEntry).where(audit.AuditEntry.action == "retention:observation:purge")
        assert [entry.detail["observations"] for entry in session.scalars(query)] == [2]
        assert audit_check.verify(session).fault is None


def test_what_was_not_looked_at_yet_stays_however_old(city, retention):
    see(city, PLATE)
    city.clock.advance(100 * DAY_S)
    retention.refresh(0)
    assert plates(city) == [PLATE]


def test_consoles_events_go_after_a_day_and_the_chain_holds(city, retention):
    origin = city.origin().center_id

    def tell(n, destination=outbox.CONSOLE):
        with transaction(city.stores.core) as session:
            for _ in range(n):
                outbox.append(session, origin, destination, "urgent", "board.changed", {}, city.clock)

    tell(1500)
    tell(2, "city")
    city.clock.advance(DAY_S + 1)
    tell(3)
    retention.refresh(0)
    with reading(city.stores.core) as session:
        kept = dict(session.execute(select(OutboxEvent.stream_id, func.count()).group_by(OutboxEvent.stream_id)).all())
        assert sorted(kept.values()) == [1, 2, 3]  # one is the head of the audit trail, for the county
        for stream_id in kept:
            assert outbox.verify(session, stream_id) is None


def test_old_audit_entries_go_once_a_day_and_the_rest_holds(city, retention):
    def note(subject):
        with transaction(city.stores.core) as session:
            audit.record(
                session,
                AuditAction.API_ALERT_READ,
                origin=city.origin(),
                actor="li",
                subject=subject,
                clock=city.clock,
            )

    note("old")
    city.clock.advance(200 * DAY_S)
    note("young")
    for hour in range(48):
        city.clock.advance(165 * DAY_S if hour == 0 else 3600)
        retention.refresh(0)
    with reading(city.stores.core) as session:
        entries = session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.seq)).all()
    subjects = {entry.subject for entry in entries}
    assert "young" in subjects
    assert "old" not in subjects
    assert sum(entry.action == "retention:audit:purge" for entry in entries) == 1
    assert audit_check.verify(city.stores.core).fault is None


def test_the_head_of_the_trail_goes_to_the_upper_center_when_it_moved(city, retention):
    def told():
        query = select(OutboxEvent.body).join(OutboxStream, OutboxStream.id == OutboxEvent.stream_id)
        query = query.where(OutboxEvent.kind == "audit.head", OutboxStream.origin == city.origin().center_id)
        query = query.where(OutboxStream.destination == city.centers[COUNTY], OutboxStream.lane == "normal")
        with reading(city.stores.core) as session:
            return session.scalars(query.order_by(OutboxEvent.seq)).all()

    for _ in range(3):
        retention.refresh(0)
        city.clock.advance(3601)
    assert len(told()) == 1
    with transaction(city.stores.core) as session:
        audit.record(
            session, AuditAction.API_ALERT_READ, origin=city.origin(), actor="li", subject="a", clock=city.clock
        )
    retention.refresh(0)
    head = audit_check.verify(city.stores.core).head
    assert [(body["seq"], body["hash"]) for body in told()][1:] == [(head.seq, head.hash)]


def test_a_center_without_one_above_tells_no_head(city):
    Retention(city.stores, city.origin(CITY), city.clock, observation_days=21, audit_days=365).refresh(0)
    with reading(city.stores.core) as session:
        assert session.scalar(select(func.count()).select_from(OutboxEvent)) == 0


def test_a_stream_that_fell_silent_keeps_its_newest_event(city, retention):
    with transaction(city.stores.core) as session:
        stream = outbox.append(
            session, city.origin().center_id, outbox.CONSOLE, "urgent", "x", {}, city.clock
        ).stream_id
    city.clock.advance(2 * DAY_S)
    assert retention.refresh(0)
    assert not retention.refresh(0)
    with reading(city.stores.core) as session:
        query = select(func.count()).select_from(OutboxEvent).where(OutboxEvent.stream_id == stream)
        assert session.scalar(query) == 1
        assert outbox.verify(session, stream) is None
