from __future__ import annotations

import pytest
from sqlalchemy import func, select

from control_center.alerts import directory, steps
from control_center.alerts.flow import ALLOWED, Actor, AlertState
from control_center.alerts.models import Alert, AlertStep
from foundation import audit, outbox
from foundation.audit import check as audit_check
from foundation.database import reading, transaction
from foundation.errors import Conflict, InvalidInput, NotFound
from foundation.scope import Scope
from matching.models import Hit, KeyPerson

ANNA, BO = Actor("a" * 36, "anna"), Actor("b" * 36, "bo")
STATION, OTHER = "110101010000", "110201010000"


def take(city, alert_id, to, *, actor=ANNA, note="seen", version=None, scope=None):
    with transaction(city.stores.core) as session:
        scope = city.centers.values() if scope is None else scope
        version = session.get_one(Alert, alert_id).version if version is None else version
        step = steps.transition(
            session,
            city.catalogue,
            city.clock,
            Scope(scope),
            actor,
            alert_id,
            to=AlertState(to),
            note=note,
            version=version,
        )
        return step.state


def new_alert(city, **kind):
    with transaction(city.stores.core) as session:
        return city.alert(session, **kind).id


def test_a_list_that_may_lead_to_arrest_needs_two_people(city):
    alert = new_alert(city, list_name="wanted")
    assert take(city, alert, "verified") == "acknowledged"
    with pytest.raises(Conflict, match="second person"):
        take(city, alert, "verified")
    assert take(city, alert, "verified", actor=BO) == "verified"


def test_other_lists_need_one(city):
    assert take(city, new_alert(city, list_name="missing"), "verified") == "verified"


def test_the_importer_of_the_listing_may_not_verify(city):
    alert = new_alert(city, list_name="missing")
    with pytest.raises(Conflict, match="imported"):
        take(city, alert, "verified", actor=Actor("c" * 36, "importer"))


def test_nor_may_they_who_imported_it_at_the_command_line(city):
    with transaction(city.stores.core) as session:
        alert = city.alert(session, list_name="missing")
        session.get_one(KeyPerson, session.get_one(Hit, alert.hit_id).key_person_id).imported_by = "cli:Anna"
    with pytest.raises(Conflict, match="imported"):
        take(city, alert.id, "verified", actor=ANNA)


def test_a_dismissal_needs_a_reason_and_forgets_verifications(city):
    alert = new_alert(city, list_name="wanted")
    take(city, alert, "verified")
    with pytest.raises(InvalidInput, match="reason"):
        take(city, alert, "dismissed", note="  ")
    city.clock.advance(1)
    take(city, alert, "dismissed", note="another vehicle")
    city.clock.advance(1)
    take(city, alert, "acknowledged")
    assert take(city, alert, "verified", actor=BO) == "acknowledged"


def test_who_was_slower_is_told(city):
    alert = new_alert(city)
    take(city, alert, "acknowledged", version=1)
    with pytest.raises(Conflict, match="somebody else"):
        take(city, alert, "dismissed", version=1, actor=BO)


@pytest.mark.parametrize("state", list(AlertState))
def test_only_the_allowed_steps_are_taken(city, state):
    alert = new_alert(city, list_name="missing")
    for to in AlertState:
        with transaction(city.stores.core) as session:
            session.get_one(Alert, alert).state = state
        if to not in ALLOWED[state]:
            with pytest.raises(Conflict, match="cannot become"):
                take(city, alert, to)


def test_another_centers_alert_is_not_found(city):
    alert = new_alert(city, code=STATION)
    with pytest.raises(NotFound):
        take(city, alert, "acknowledged", scope=Scope([city.centers[OTHER]]))
    with reading(city.stores.core) as session:
        page, _ = directory.page(session, city.catalogue, Scope([city.centers[OTHER]]))
        assert page == []


def test_each_step_leaves_history_audit_and_event(city):
    alert = new_alert(city, list_name="missing", plate="京A12345")
    take(city, alert, "verified", note="plate and colour agree")
    with reading(city.stores.core) as session:
        shown = directory.detail(session, city.catalogue, session.get_one(Alert, alert))
        stream = outbox.open_stream(session, city.centers[STATION], outbox.CONSOLE, "urgent")
        assert stream is not None
        kinds = [event.kind for event in outbox.events_after(session, stream, 0)]
        assert audit_check.verify(session).fault is None
        actions = session.scalars(select(audit.AuditEntry.action)).all()
    assert [(step["from"], step["to"], step["note"]) for step in shown["history"]] == [
        ("new", "verified", "plate and colour agree")
    ]
    assert shown["clip"]["start_us"] < shown["observed_us"] < shown["clip"]["end_us"]
    assert shown["sightings"] == 1
    assert kinds == ["alert.created", "alert.changed"]
    assert {"pipeline:alert:create", "api:alert:transition"} <= set(actions)


def test_pages_are_newest_first_and_do_not_overlap(city):
    made = []
    for _ in range(5):
        city.clock.advance(1)
        made.append(new_alert(city, list_name="missing"))
    seen, cursor = [], None
    with reading(city.stores.core) as session:
        while True:
            page, cursor = directory.page(session, city.catalogue, Scope(city.centers.values()), limit=2, cursor=cursor)
            seen += [alert["id"] for alert in page]
            if cursor is None:
                break
    assert seen == made[::-1]


def set_hit(city, alert_id, **columns):
    with transaction(city.stores.core) as session:
        hit = session.get_one(Hit, session.get_one(Alert, alert_id).hit_id)
        for name, value in columns.items():
            setattr(hit, name, value)


def follow(city):
    """How many alerts followed their hits."""
    city.clock.advance(1)
    with transaction(city.stores.core) as session:
        overtaken = steps.overtaken(session)
        steps.follow_hits(session, city.catalogue, city.clock)
    with reading(city.stores.core) as session:
        assert steps.overtaken(session) == 0
    return overtaken


def state_of(city, alert_id):
    with reading(city.stores.core) as session:
        return session.get_one(Alert, alert_id).state


def test_a_recalled_hit_closes_its_alert(city):
    alert = new_alert(city)
    set_hit(city, alert, recalled_us=city.clock.now_us(), recall_cause="withdrawn")
    assert follow(city) == 1
    assert state_of(city, alert) == "closed"
    with reading(city.stores.core) as session:
        assert session.scalar(select(AlertStep.note)) == "recalled: withdrawn"
        assert session.scalar(select(func.count()).select_from(Alert)) == 1
        assert audit_check.verify(session).fault is None


def test_a_renewed_listing_raises_its_alert_anew_without_the_old_verification(city):
    alert = new_alert(city, list_name="wanted")
    take(city, alert, "verified")
    set_hit(city, alert, recalled_us=city.clock.now_us(), recall_cause="expired")
    follow(city)
    set_hit(city, alert, recalled_us=None, recall_cause=None)
    assert follow(city) == 1
    assert state_of(city, alert) == "new"
    city.clock.advance(1)
    assert take(city, alert, "verified") == "acknowledged"


def test_what_people_closed_stays_closed(city):
    alert = new_alert(city, list_name="missing")
    set_hit(city, alert, recalled_us=city.clock.now_us(), recall_cause="expired")
    follow(city)
    set_hit(city, alert, recalled_us=None, recall_cause=None)
    follow(city)
    for to in ("dismissed", "closed"):
        city.clock.advance(1)
        take(city, alert, to)
    assert follow(city) == 0
    assert state_of(city, alert) == "closed"
