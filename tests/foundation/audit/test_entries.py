from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine, func, select, text

from foundation import audit
from foundation.audit import AuditAction, AuditEntry
from foundation.audit import check as audit_check
from foundation.chain import chain_hash
from foundation.clock import ManualClock
from foundation.database import reading, transaction
from foundation.identifiers import Origin

ORIGIN = Origin("center-1", "node-1")
ROOT = Path(__file__).parents[3]


def note(core: Engine, **facts: object) -> AuditEntry:
    named = {"origin": ORIGIN, "actor": "li", "subject": "camera-1", "clock": ManualClock()}
    with transaction(core) as session:
        return audit.record(session, AuditAction.API_FOOTAGE_READ, **(named | facts))  # type: ignore[arg-type]


def test_entries_are_numbered_and_tied_to_one_another(core: Engine) -> None:
    entries = [note(core) for _ in range(3)]
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert [entry.prev_hash for entry in entries] == ["", entries[0].hash, entries[1].hash]


def test_reason_and_case_number_are_covered_only_where_there_are_any(core: Engine) -> None:
    plain, told = note(core), note(core, reason="theft", case_number="A1101")
    assert {"reason", "case_number"} & set(plain.content()) == set()
    assert (told.content()["reason"], told.content()["case_number"]) == ("theft", "A1101")
    assert plain.hash == chain_hash("", plain.content())


def test_the_detail_is_stored_as_the_hash_covers_it(core: Engine) -> None:
    note(core, detail={"b": [1, 2.5, None], "a": {"k": "门", "c": True}})
    with reading(core) as session:
        stored = session.scalar(text("SELECT CAST(detail AS TEXT) FROM audit_entry"))
        assert stored == r'{"a":{"c":true,"k":"\u95e8"},"b":[1,2.5,null]}'
        assert session.scalars(select(AuditEntry)).one().detail["a"] == {"k": "门", "c": True}
        asked = AuditEntry.detail["a"]["k"].as_string()
        assert session.scalar(select(AuditEntry.seq).where(asked == "门")) == 1


def test_a_deed_that_fails_leaves_no_entry(core: Engine) -> None:
    note(core)
    with suppress(ZeroDivisionError), transaction(core) as session:
        audit.record(session, AuditAction.API_SESSION_OPEN, origin=ORIGIN, actor="li", subject="li")
        raise ZeroDivisionError
    with reading(core) as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 1
    assert audit_check.verify(core).fault is None


def test_actions_are_named_source_subject_action() -> None:
    sources = {"api", "cli", "media", "pipeline", "matching", "retention", "supervisor"}
    for action in AuditAction:
        assert re.fullmatch(r"[a-z]+:[a-z_]+:[a-z_]+", action)
        assert action.partition(":")[0] in sources
        assert action.name == action.upper().replace(":", "_")


def test_every_action_in_the_code_is_one_of_them() -> None:
    """Also one that is written out, where the enum's member would be the thing to name."""
    known = {str(action) for action in AuditAction}
    for room in ("foundation", "device_registry", "matching", "ingest", "analysis", "control_center"):
        for file in (ROOT / room).rglob("*.py"):
            written = re.findall(
                r"""["']((?:api|cli|media|pipeline|retention):[a-z_]+:[a-z_]+)["']""", file.read_text()
            )
            assert set(written) <= known, file
