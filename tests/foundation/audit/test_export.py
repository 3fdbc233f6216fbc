"""An export is written a batch at a time, while others write to the trail and retention takes from it."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from foundation import audit
from foundation.audit import AuditAction
from foundation.audit import export as audit_export
from foundation.audit import purge as audit_purge
from foundation.audit.check import Head
from foundation.audit.export import Export
from foundation.audit.file import check_file
from foundation.audit.search import AuditFilter
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.identifiers import Origin
from foundation.scope import Scope
from foundation.signing import Signing

ORIGIN = Origin("center-1", "node-1")


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_export, "_BATCH", 2)


@pytest.fixture
def signing(tmp_path: Path) -> Signing:
    return Signing.open(tmp_path / "keys")


def note(core: Engine, count: int, origin: Origin = ORIGIN) -> Head:
    with transaction(core) as session:
        for n in range(count):
            entry = audit.record(
                session,
                AuditAction.API_ALERT_READ,
                origin=origin,
                actor="li",
                subject=f"门-{n}",
                detail={"n": n, "text": 'ü\x1f"\\'},
                reason="因为\n" if n % 2 else None,
                clock=ManualClock(),
            )
    return Head(entry.seq, entry.hash)


def export(core: Engine, signing: Signing, head: Head, scope: Scope | None = None, **wanted: object) -> Export:
    return Export(
        core=core,
        signing=signing,
        scope=scope,
        wanted=AuditFilter(**wanted),  # type: ignore[arg-type]
        head=head,
        made_by="li",
        made_us=ManualClock().now_us(),
        format="jsonl",
    )


def check(chunks: list[bytes], tmp_path: Path, signing: Signing):  # type: ignore[no-untyped-def]
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join(chunks))
    return check_file(file, signing)


def test_batches_join_and_hold(core: Engine, signing: Signing, tmp_path: Path) -> None:
    head = note(core, 7)
    chunks = list(export(core, signing, head).chunks())
    assert len(chunks) == 4 + 1
    checked = check(chunks, tmp_path, signing)
    assert (checked.entries, checked.gaps, checked.head, checked.fault) == (7, 0, head, None)
    assert checked.signed_by == signing.current_id


def test_what_comes_later_is_not_in_it(core: Engine, signing: Signing, tmp_path: Path) -> None:
    head = note(core, 3)
    chunks = export(core, signing, head).chunks()
    begun = list(islice(chunks, 1))
    note(core, 3)
    checked = check([*begun, *chunks], tmp_path, signing)
    assert (checked.entries, checked.fault) == (3, None)


def test_nobody_waits_for_whoever_takes_it(core: Engine, signing: Signing) -> None:
    """Between two batches no transaction is open: on SQLite, one would keep a purge from its pages."""
    chunks = export(core, signing, note(core, 6)).chunks()
    next(chunks)
    assert core.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert audit_purge.purge(core, ORIGIN, "matching", ManualClock(), 1 << 60).entries == 6
    assert json.loads(b"".join(chunks).splitlines()[-1])["trailer"]["entries"] == 2


def test_a_filter_and_a_scope_leave_gaps_that_are_told(core: Engine, signing: Signing, tmp_path: Path) -> None:
    note(core, 2)
    note(core, 2, Origin("center-2", "node-1"))
    head = note(core, 2)
    checked = check(list(export(core, signing, head, Scope(["center-1"])).chunks()), tmp_path, signing)
    assert (checked.entries, checked.gaps, checked.fault) == (4, 1, None)
    checked = check(list(export(core, signing, head, subject="门-1").chunks()), tmp_path, signing)
    assert (checked.entries, checked.gaps, checked.fault) == (3, 2, None)
    checked = check(list(export(core, signing, head, actor="nobody").chunks()), tmp_path, signing)
    assert (checked.entries, checked.fault) == (0, None)


def test_entries_taken_out_of_the_database_show_in_the_file(core: Engine, signing: Signing, tmp_path: Path) -> None:
    head = note(core, 5)
    with core.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE seq = 3"))
    fault = check(list(export(core, signing, head).chunks()), tmp_path, signing).fault
    assert fault is not None
    assert "entries are missing" in fault.reason


def test_a_file_of_another_center_is_checked_but_for_its_signature(
    core: Engine, signing: Signing, tmp_path: Path
) -> None:
    checked = check(list(export(core, signing, note(core, 2)).chunks()), tmp_path, Signing.open(tmp_path / "other"))
    assert (checked.signed_by, checked.fault) == (None, None)
