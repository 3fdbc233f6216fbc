"""Whatever is done to the trail behind its back is found, and the first bad entry named."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from foundation import audit
from foundation.audit import AuditAction
from foundation.audit import purge as audit_purge
from foundation.audit.check import Head, Verification, verify
from foundation.chain import chain_hash
from foundation.clock import ManualClock
from foundation.database import transaction
from foundation.errors import InvalidInput
from foundation.identifiers import Origin

ORIGIN = Origin("0190b7c3-0000-7000-8000-000000000001", "node-1")
COLUMNS = ("id", "center_id", "node", "at_us", "actor", "action", "subject", "detail", "reason", "case_number")
DAY_US = 24 * 3600 * 1_000_000
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
details = st.dictionaries(
    words, words | st.integers(-(2**53), 2**53) | st.none() | st.lists(words, max_size=2), max_size=3
)
entries = st.fixed_dictionaries(
    {
        "actor": words,
        "subject": words,
        "detail": details,
        "reason": st.none() | words,
        "case_number": st.none() | words,
        "action": st.sampled_from([AuditAction.API_ALERT_READ, AuditAction.API_SESSION_OPEN]),
    }
)


def write(core: Engine, facts: list[dict[str, Any]], clock: ManualClock | None = None) -> None:
    clock = clock or ManualClock()
    with transaction(core) as session:
        for fact in facts:
            audit.record(session, origin=ORIGIN, clock=clock, **fact)


def plain(count: int) -> list[dict[str, Any]]:
    return [
        {"action": AuditAction.API_ALERT_READ, "actor": "li", "subject": f"alert-{n}", "detail": {"n": n}}
        for n in range(count)
    ]


def clear(core: Engine) -> None:
    with core.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry"))
        connection.execute(text("DELETE FROM audit_head"))


def tamper(core: Engine, statement: str, **values: object) -> int:
    with core.begin() as connection:
        return connection.execute(text(statement), values).rowcount


def found(core: Engine) -> int:
    """The first bad entry."""
    fault = verify(core).fault
    assert fault is not None
    return fault.seq


@given(facts=st.lists(entries, max_size=8))
def test_what_was_written_holds(core: Engine, facts: list[dict[str, Any]]) -> None:
    clear(core)
    write(core, facts)
    checked = verify(core)
    assert checked == Verification(len(facts), Head(0, ""), checked.head, None)
    assert checked.head.seq == len(facts)


@given(facts=st.lists(entries, min_size=1, max_size=8), data=st.data())
def test_one_changed_value_is_found(core: Engine, facts: list[dict[str, Any]], data: st.DataObject) -> None:
    clear(core)
    write(core, facts)
    seq = data.draw(st.integers(1, len(facts)))
    with core.begin() as connection:
        _flip(connection, data, seq, data.draw(st.sampled_from([*COLUMNS, "prev_hash", "hash"])))
    assert found(core) == seq


@given(facts=st.lists(entries, min_size=2, max_size=8), data=st.data())
def test_after_a_purge_the_rest_is_found_as_before(
    core: Engine, facts: list[dict[str, Any]], data: st.DataObject
) -> None:
    clear(core)
    clock = ManualClock()
    begun_us = clock.now_us()
    for fact in facts:
        write(core, [fact], clock)
        clock.advance(1)
    gone = data.draw(st.integers(1, len(facts) - 1))
    assert audit_purge.purge(core, ORIGIN, "matching", clock, begun_us + gone * 1_000_000).entries == gone
    assert verify(core).fault is None
    seq = data.draw(st.integers(gone + 1, len(facts) + 1))  # the last is the purge itself
    if data.draw(st.booleans()):
        tamper(core, "DELETE FROM audit_entry WHERE seq = :seq", seq=seq)
    else:
        with core.begin() as connection:
            _flip(connection, data, seq, data.draw(st.sampled_from([*COLUMNS, "prev_hash", "hash"])))
    assert found(core) == seq


def _flip(connection: Connection, data: st.DataObject, seq: int, column: str) -> None:
    """One character or one bit of one value."""
    read = f"CAST({column} AS TEXT)" if column == "detail" else column
    value = connection.execute(text(f"SELECT {read} FROM audit_entry WHERE seq = :seq"), {"seq": seq}).scalar_one()
    if isinstance(value, int):
        changed: object = value ^ 1 << data.draw(st.integers(0, 50))
    elif not value:
        changed = "x" if value is None else None if column in ("reason", "case_number") else "x"
    elif column == "detail":
        # It must stay JSON, or PostgreSQL would not take it: a space more, which parses equal.
        changed = value[0] + " " + value[1:]
    else:
        place = data.draw(st.integers(0, len(value) - 1))
        changed = value[:place] + ("b" if value[place] == "a" else "a") + value[place + 1 :]
    cast = "CAST(:new AS JSON)" if column == "detail" and connection.dialect.name == "postgresql" else ":new"
    connection.execute(text(f"UPDATE audit_entry SET {column} = {cast} WHERE seq = :seq"), {"new": changed, "seq": seq})


@given(count=st.integers(1, 8), data=st.data())
def test_a_missing_entry_is_found(core: Engine, count: int, data: st.DataObject) -> None:
    clear(core)
    write(core, plain(count))
    first = data.draw(st.integers(1, count))
    last = data.draw(st.integers(first, count))  # at the end: cut off
    tamper(core, "DELETE FROM audit_entry WHERE seq BETWEEN :first AND :last", first=first, last=last)
    assert found(core) == first


@given(count=st.integers(2, 8), data=st.data())
def test_two_swapped_entries_are_found(core: Engine, count: int, data: st.DataObject) -> None:
    clear(core)
    write(core, plain(count))
    one = data.draw(st.integers(1, count - 1))
    other = data.draw(st.integers(one + 1, count))
    for before, after in ((one, -1), (other, one), (-1, other)):
        tamper(core, "UPDATE audit_entry SET seq = :after WHERE seq = :before", before=before, after=after)
    assert found(core) == one


@given(count=st.integers(1, 8), data=st.data())
def test_an_inserted_entry_is_found(core: Engine, count: int, data: st.DataObject) -> None:
    """Even when it follows from the one before it: then the next one does not."""
    clear(core)
    write(core, plain(count))
    place = data.draw(st.integers(0, count + 1))
    fits = data.draw(st.booleans())
    for seq in range(count, place - 1, -1):
        tamper(core, "UPDATE audit_entry SET seq = :after WHERE seq = :before", before=seq, after=seq + 1)
    _insert(core, place, fits)
    follows = fits and place > 0
    assert found(core) == (min(place + 1, count + 1) if follows else place)


def _insert(core: Engine, seq: int, fits: bool) -> None:
    content = {
        "seq": seq,
        "id": f"forged-{seq}",
        "center_id": ORIGIN.center_id,
        "node": "node-1",
        "at_us": 1,
        "actor": "li",
        "action": "api:alert:read",
        "subject": "forged",
        "detail": {},
    }
    with core.begin() as connection:
        before = connection.execute(text("SELECT hash FROM audit_entry WHERE seq = :seq"), {"seq": seq - 1}).scalar()
        previous = before or ""
        values = content | {
            "detail": "{}",
            "prev": previous,
            "own": chain_hash(previous, content) if fits else "0" * 64,
        }
        connection.execute(
            text(
                "INSERT INTO audit_entry"
                " (seq, id, center_id, node, at_us, actor, action, subject, detail, prev_hash, hash)"
                " VALUES (:seq, :id, :center_id, :node, :at_us, :actor, :action, :subject, :detail, :prev, :own)"
            ),
            values,
        )


HEAD_CHANGES: list[tuple[str, Callable[[int], int]]] = [
    ("last_seq = last_seq + 1", lambda count: count + 1),
    ("last_seq = last_seq - 1", lambda count: count),
    ("last_hash = 'x'", lambda count: count),
    ("purged_seq = 1", lambda _count: 1),
    ("purged_hash = 'x'", lambda _count: 1),
]


@pytest.mark.parametrize(("change", "bad"), HEAD_CHANGES, ids=[change for change, _ in HEAD_CHANGES])
def test_a_changed_head_is_found(core: Engine, change: str, bad: Callable[[int], int]) -> None:
    write(core, plain(5))
    tamper(core, f"UPDATE audit_head SET {change}")
    assert found(core) == bad(5)


def test_a_missing_head_is_found(core: Engine) -> None:
    write(core, plain(2))
    tamper(core, "DELETE FROM audit_head")
    assert found(core) == 1


def test_an_empty_trail_holds_and_an_emptied_one_does_not(core: Engine) -> None:
    assert verify(core) == Verification(0, Head(0, ""), Head(0, ""), None)
    write(core, plain(3))
    tamper(core, "DELETE FROM audit_entry")
    assert found(core) == 1


@pytest.mark.parametrize(
    "detail", ['{"n": 1}', '{"n":1,"n":1}', '{"n":0,"n":1}', '{"n":1.0}', '{"n":1} ', '{"\\u006e":1}', "null", "1"]
)
def test_a_detail_that_means_the_same_in_other_bytes_is_found(core: Engine, detail: str) -> None:
    write(core, plain(3))
    cast = "CAST(:detail AS JSON)" if core.dialect.name == "postgresql" else ":detail"
    tamper(core, f"UPDATE audit_entry SET detail = {cast} WHERE seq = 2", detail=detail)
    assert found(core) == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at_us", 1_700_000_000_000_000.5),
        ("at_us", '1700000000000000,"case_number":"A1"'),
        ("actor", b"li"),
        ("actor", 5),
        ("detail", b'{"n":1}'),
        ("hash", b"x"),
        ("seq", "two"),
    ],
    ids=repr,
)
def test_a_value_of_another_type_is_found(tmp_path: Any, column: str, value: object) -> None:
    """SQLite takes anything into any column."""
    core = _sqlite(tmp_path)
    write(core, plain(3))
    tamper(core, f"UPDATE audit_entry SET {column} = :value WHERE seq = 2", value=value)
    assert found(core) == 2
    core.dispose()


def test_a_text_that_is_no_text_is_found(tmp_path: Any) -> None:
    core = _sqlite(tmp_path)
    write(core, plain(3))
    tamper(core, "UPDATE audit_entry SET actor = CAST(x'6cff' AS TEXT) WHERE seq = 2")
    assert found(core) == 2
    core.dispose()


def test_a_case_number_does_not_hide_in_another_column(tmp_path: Any) -> None:
    core = _sqlite(tmp_path)
    write(core, [fact | {"case_number": "A1"} for fact in plain(1)])
    tamper(core, """UPDATE audit_entry SET case_number = NULL, at_us = at_us || ',"case_number":"A1"'""")
    assert found(core) == 1
    core.dispose()


def test_flipped_bits_of_the_database_file_are_found(tmp_path: Any) -> None:
    """A disk that fails, or a hand with a hex editor."""
    core = _sqlite(tmp_path)
    write(core, plain(12))
    with core.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    core.dispose()
    file = tmp_path / "core.sqlite3"
    whole = file.read_bytes()
    for n in range(12):
        detail = whole.index(b'{"n":%d}' % n)  # in the row alone: no index holds it
        for byte in range(detail - 40, detail + 60, 9):
            file.write_bytes(whole[:byte] + bytes([whole[byte] ^ 1]) + whole[byte + 1 :])
            engine = _sqlite(tmp_path, create=False)
            assert found(engine) == n + 1
            engine.dispose()


def _sqlite(folder: Any, *, create: bool = True) -> Engine:
    from foundation.database import CoreBase, open_engine

    core = open_engine(f"sqlite:///{folder / 'core.sqlite3'}")
    if create:
        CoreBase.metadata.create_all(core, tables=[audit.AuditEntry.__table__, audit.AuditHead.__table__])  # type: ignore[list-item]
    return core


# Retention


def purged(core: Engine) -> ManualClock:
    """Ten entries of which six were let go, in two purges, and the purges themselves."""
    clock = ManualClock()
    for n in range(5):
        write(core, plain(2), clock)
        clock.advance(24 * 3600)
        if n in (1, 3):
            audit_purge.purge(core, ORIGIN, "matching", clock, clock.now_us() - DAY_US)
    assert verify(core).fault is None
    return clock


def test_the_chain_goes_on_after_a_purge(core: Engine) -> None:
    purged(core)
    checked = verify(core)
    assert (checked.anchor.seq, checked.entries, checked.head.seq) == (7, 5, 12)


def test_a_forged_anchor_is_found(core: Engine) -> None:
    """The start is cut off and called a purge."""
    write(core, plain(6))
    tamper(core, "UPDATE audit_head SET purged_seq = 3, purged_hash = (SELECT hash FROM audit_entry WHERE seq = 3)")
    tamper(core, "DELETE FROM audit_entry WHERE seq <= 3")
    assert found(core) == 1


def test_more_cut_off_than_the_newest_purge_says_is_found(core: Engine) -> None:
    purged(core)
    tamper(core, "UPDATE audit_head SET purged_seq = 8, purged_hash = (SELECT hash FROM audit_entry WHERE seq = 8)")
    tamper(core, "DELETE FROM audit_entry WHERE seq <= 8")
    assert found(core) == 8


def test_an_anchor_of_before_the_newest_purge_is_found(core: Engine) -> None:
    purged(core)
    tamper(core, "UPDATE audit_head SET purged_seq = 0, purged_hash = ''")
    assert found(core) == 1


@pytest.mark.parametrize("detail", [{}, {"last_seq": "x", "last_hash": 1}, {"last_seq": 0}])
def test_a_purge_that_does_not_say_what_is_no_purge(core: Engine, detail: dict[str, Any]) -> None:
    """Written by the rules of the chain, by whoever can."""
    write(core, [*plain(2), plain(1)[0] | {"action": AuditAction.RETENTION_AUDIT_PURGE, "detail": detail}])
    assert found(core) == 3


def test_a_purge_keeps_what_does_not_hold(core: Engine) -> None:
    write(core, plain(6))
    tamper(core, "UPDATE audit_entry SET actor = 'wang' WHERE seq = 4")
    gone = audit_purge.purge(core, ORIGIN, "matching", ManualClock(), 1 << 60)
    assert gone.entries == 3
    assert gone.fault is not None
    assert gone.fault.seq == 4
    assert found(core) == 4


def test_a_purge_goes_no_further_than_the_first_that_stays(core: Engine) -> None:
    """A clock that was set back later makes no young entry old."""
    clock = ManualClock()
    write(core, plain(1), clock)
    clock.advance(1000)
    write(core, plain(1), clock)
    clock.step(-5000)
    write(core, plain(1), clock)
    assert audit_purge.purge(core, ORIGIN, "matching", clock, ManualClock().now_us() + 1).entries == 1
    assert verify(core).fault is None


def test_a_purge_of_everything_leaves_the_purge(core: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_purge, "BATCH", 4)
    write(core, plain(10))
    clock = ManualClock()
    clock.advance(10)
    assert audit_purge.purge(core, ORIGIN, "matching", clock, clock.now_us() - 1).entries == 10
    checked = verify(core)
    assert checked.fault is None
    assert checked.anchor.seq == 10


def test_one_purge_takes_only_so_much(core: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_purge, "BATCH", 2)
    monkeypatch.setattr(audit_purge, "MOST_AT_ONCE", 4)
    write(core, plain(10))
    assert audit_purge.purge(core, ORIGIN, "matching", ManualClock(), 1 << 60).entries == 4
    assert verify(core).anchor.seq == 4


# Witness: heads noted elsewhere


def noted(core: Engine, *seqs: int) -> list[Head]:
    with core.connect() as connection:
        query = text("SELECT seq, hash FROM audit_entry ORDER BY seq")
        hashes = {row.seq: row.hash for row in connection.execute(query)}
    return [Head(seq, hashes[seq]) for seq in seqs]


def forge(core: Engine, first: int) -> None:
    """Rewrite an entry and all after it, so that the chain holds."""
    with transaction(core) as session:
        rows = session.query(audit.AuditEntry).order_by(audit.AuditEntry.seq).all()
        previous = ""
        for row in rows:
            if row.seq >= first:
                row.actor = "somebody-else"
                row.prev_hash, row.hash = previous, chain_hash(previous, row.content() | {"actor": "somebody-else"})
            previous = row.hash
        session.query(audit.AuditHead).update({"last_hash": previous})


def test_a_forged_chain_holds_by_itself_and_the_noted_head_finds_it(core: Engine) -> None:
    write(core, plain(8))
    heads = noted(core, 2, 5, 7)
    assert verify(core, heads).fault is None
    assert verify(core, heads, is_gentle=True) == verify(core, heads)
    forge(core, 4)
    assert verify(core).fault is None
    fault = verify(core, heads).fault
    assert fault is not None
    assert fault.seq == 3
    assert "entry 5 is not the one that was noted, entry 2 is" in fault.reason


@pytest.mark.parametrize("at_us", [0, 1 << 62, -(1 << 62)])
def test_a_forger_may_write_any_time(core: Engine, at_us: int) -> None:
    write(core, plain(5))
    heads = noted(core, 2, 4)
    tamper(core, "UPDATE audit_entry SET at_us = :at_us WHERE seq = 3", at_us=at_us)
    forge(core, 3)
    fault = verify(core, heads).fault
    assert fault is not None
    assert ("1970-01-01" if at_us == 0 else "an unknown time") in fault.reason


def test_a_single_noted_head_that_differs_tells_up_to_where(core: Engine) -> None:
    write(core, plain(8))
    heads = noted(core, 5)
    forge(core, 5)
    fault = verify(core, heads).fault
    assert fault is not None
    assert "entry 5 is not the one that was noted: all entries up to it may be forged" in fault.reason


def test_a_chain_cut_off_before_a_noted_head_is_found(core: Engine) -> None:
    write(core, plain(8))
    heads = noted(core, 7)
    tamper(core, "DELETE FROM audit_entry WHERE seq > 5")
    tamper(core, "UPDATE audit_head SET last_seq = 5, last_hash = (SELECT hash FROM audit_entry WHERE seq = 5)")
    assert verify(core).fault is None
    fault = verify(core, heads).fault
    assert fault is not None
    assert fault.seq == 6


def test_of_a_purged_entry_nothing_can_be_said(core: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    write(core, plain(8))
    heads = noted(core, 2, 4, 6)
    monkeypatch.setattr(audit_purge, "BATCH", 4)
    monkeypatch.setattr(audit_purge, "MOST_AT_ONCE", 1)
    audit_purge.purge(core, ORIGIN, "matching", ManualClock(), 1 << 60)
    checked = verify(core, heads)
    assert checked.fault is None
    assert (checked.anchor, checked.unknown) == (heads[1], (heads[0],))


@pytest.mark.parametrize(
    "given_head", ["", "5", "5:", "x:" + "0" * 64, "5:" + "g" * 64, "５:" + "0" * 64, "5:" + "0" * 65]
)
def test_what_is_no_head_is_refused(given_head: str) -> None:
    with pytest.raises(InvalidInput):
        Head.parse(given_head)


def test_a_head_is_read_as_it_is_printed() -> None:
    head = Head(12, string.hexdigits[:16].lower() * 4)
    assert Head.parse(f" {head} ") == head
