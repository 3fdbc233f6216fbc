from __future__ import annotations

import re
from contextlib import suppress

import pytest
from sqlalchemy import Engine, delete, func, select, update

from foundation import audit
from foundation.audit import AuditAction, AuditEntry, AuditFault
from foundation.clock import ManualClock
from foundation.database import reading, transaction
from foundation.identifiers import Origin

ORIGIN = Origin("center-1", "node-1")


@pytest.fixture
def trail(core: Engine) -> Engine:
    clock = ManualClock()
    for n in range(5):
        with transaction(core) as session:
            audit.record(
                session,
                AuditAction.API_FOOTAGE_READ,
                origin=ORIGIN,
                actor="li",
                subject=f"camera-{n}",
                detail={"start_us": n},
                clock=clock,
            )
        clock.advance(1)
    return core


def _fault(engine: Engine) -> AuditFault | None:
    with reading(engine) as session:
        return audit.verify(session)


def test_a_whole_trail_holds(trail: Engine) -> None:
    assert _fault(trail) is None
    with reading(trail) as session:
        assert list(session.scalars(select(AuditEntry.seq).order_by(AuditEntry.seq))) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "change", [{"actor": "wang"}, {"at_us": 1}, {"detail": {}}, {"subject": "x"}, {"hash": "0" * 64}, {"node": "n"}]
)
def test_a_changed_entry_shows(trail: Engine, change: dict[str, object]) -> None:
    with transaction(trail) as session:
        session.execute(update(AuditEntry).where(AuditEntry.seq == 3).values(**change))
    fault = _fault(trail)
    assert fault is not None
    assert fault.seq == 3


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_removed_entry_shows(trail: Engine, seq: int) -> None:
    with transaction(trail) as session:
        session.execute(delete(AuditEntry).where(AuditEntry.seq == seq))
    fault = _fault(trail)
    assert fault is not None
    assert fault.seq == seq


def test_a_deed_that_fails_leaves_no_entry(trail: Engine) -> None:
    with suppress(ZeroDivisionError), transaction(trail) as session:
        audit.record(session, AuditAction.API_SESSION_OPEN, origin=ORIGIN, actor="li", subject="li")
        raise ZeroDivisionError
    with reading(trail) as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 5
    assert _fault(trail) is None


def test_an_empty_trail_holds(core: Engine) -> None:
    assert _fault(core) is None


def test_actions_are_named_source_subject_action() -> None:
    assert all(re.fullmatch(r"[a-z]+:[a-z_]+:[a-z_]+", action) for action in AuditAction)
