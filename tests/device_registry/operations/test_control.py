"""Who steers a camera, by the database's clock, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from device_registry.operations import control
from device_registry.operations.control import Priority, Steerer
from foundation.audit.entries import AuditEntry
from foundation.database import reading
from foundation.errors import Conflict
from foundation.outbox import OutboxEvent

LI, NING = Steerer("li", Priority.OPERATOR), Steerer("ning", Priority.OPERATOR)
ZHAO = Steerer("zhao", Priority.SUPERVISOR)


def taken_by(core) -> list[tuple[str, str | None]]:
    with reading(core) as session:
        found = session.scalars(select(AuditEntry).where(AuditEntry.action == "api:ptz:take").order_by(AuditEntry.seq))
        return [(entry.actor, entry.detail["taken_from"]) for entry in found]


def holder(core, camera) -> str | None:
    with reading(core) as session:
        found = control.holder_of(session, camera.id)
        return found and found.holder


def test_the_first_has_it_and_his_like_does_not(core, clock, camera, written) -> None:
    written(control.use, clock, camera, LI)
    for way in (control.use, control.take):
        with pytest.raises(Conflict, match="li steers this camera") as caught:
            written(way, clock, camera, NING)
        assert caught.value.extensions == {"holder": "li"}
    assert (holder(core, camera), taken_by(core)) == ("li", [("li", None)])


def test_using_it_renews_it_and_is_not_audited_again(core, clock, camera, written) -> None:
    for _ in range(3):
        written(control.use, clock, camera, LI)
    assert taken_by(core) == [("li", None)]


def test_who_is_above_takes_it_and_the_loser_is_told(core, clock, camera, written) -> None:
    written(control.use, clock, camera, LI)
    with pytest.raises(Conflict):
        written(control.use, clock, camera, ZHAO)  # only when it is meant
    lost = written(control.take, clock, camera, ZHAO)
    assert lost.holder == "li"
    with pytest.raises(Conflict, match="zhao steers"):
        written(control.use, clock, camera, LI)
    assert taken_by(core) == [("li", None), ("zhao", "li")]
    with reading(core) as session:
        events = session.scalars(select(OutboxEvent).where(OutboxEvent.kind == "ptz.changed")).all()
        assert [event.body["holder"] for event in events] == ["li", "zhao"]


def test_given_up_or_over_it_is_anybodys(core, clock, camera, written) -> None:
    written(control.take, clock, camera, ZHAO)
    assert not written(control.release, clock, camera, "li")
    assert written(control.release, clock, camera, "zhao")
    assert holder(core, camera) is None
    written(control.take, clock, camera, LI, lease_s=0.0)
    written(control.use, clock, camera, NING)
    assert holder(core, camera) == "ning"


def test_of_many_at_once_one_has_it(core, clock, camera, written) -> None:
    def attempt(number: int) -> str | None:
        try:
            written(control.use, clock, camera, Steerer(f"p{number}", Priority.OPERATOR))
        except Conflict:
            return None
        return f"p{number}"

    with ThreadPoolExecutor(4) as pool:
        found = [name for name in pool.map(attempt, range(8)) if name]
    assert found == [holder(core, camera)]


def test_a_camera_left_elsewhere_is_given_out_once(core, clock, camera, written) -> None:
    written(control.take, clock, camera, LI, lease_s=0.0)
    assert written(control.take_idle, 0.0) == []  # it was not moved
    written(control.note_moved, camera.id, moved=True)
    with reading(core) as session:
        assert control.is_any_idle(session, 0.0)
        assert not control.is_any_idle(session, 3600.0)
    assert written(control.take_idle, 0.0) == [camera.id]
    assert written(control.take_idle, 0.0) == []
