from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from foundation import audit, outbox
from foundation.audit import check as audit_check
from foundation.chain import canonical_json, chain_hash
from foundation.clock import ManualClock
from foundation.database import reading, transaction
from foundation.identifiers import Origin
from foundation.outbox import Lane, OutboxEvent, OutboxStream

ORIGIN = Origin("center-1", "node-1")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    # PostgreSQL's JSON takes neither NUL nor lone surrogates.
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
    max_leaves=8,
)


def _append(engine: Engine, body: dict[str, object], destination: str = "city", lane: Lane = Lane.URGENT) -> int:
    with transaction(engine) as session:
        return outbox.append(session, ORIGIN.center_id, destination, lane, "alert.created", body).seq


def _numbers(engine: Engine) -> dict[str, list[int]]:
    numbers: dict[str, list[int]] = {}
    with reading(engine) as session:
        for stream_id, seq in session.execute(select(OutboxEvent.stream_id, OutboxEvent.seq).order_by(OutboxEvent.seq)):
            numbers.setdefault(stream_id, []).append(seq)
    return numbers


def test_numbers_start_at_one_in_each_stream(core: Engine) -> None:
    assert [_append(core, {}), _append(core, {}), _append(core, {}, "county"), _append(core, {})] == [1, 2, 1, 3]


def _broken(engine: Engine) -> list[int | None]:
    with reading(engine) as session:
        return [outbox.verify(session, stream.id) for stream in session.scalars(select(OutboxStream))]


def test_concurrent_appends_are_contiguous_and_a_rollback_leaves_no_hole(core: Engine) -> None:
    """Threads append to two streams and the audit trail, in either order; every third transaction is rolled back."""

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for n in range(12):
            steps: list[Callable[..., object]] = [
                lambda s, n=n: outbox.append(s, ORIGIN.center_id, "city", Lane.URGENT, "k", {"seed": seed, "n": n}),
                lambda s: outbox.append(s, ORIGIN.center_id, outbox.CONSOLE, Lane.URGENT, "k", {}),
                lambda s: audit.record(s, audit.AuditAction.API_ALERT_READ, origin=ORIGIN, actor="a", subject="b"),
            ]
            dice.shuffle(steps)
            try:
                with transaction(core) as session:
                    for step in steps:
                        step(session)
                    if n % 3 == 2:
                        raise InterruptedError
            except InterruptedError:
                pass

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert list(_numbers(core).values()) == [list(range(1, 49))] * 2
    assert _broken(core) == [None, None]
    with reading(core) as session:
        assert audit_check.verify(session).fault is None
        assert session.scalar(select(func.count()).select_from(audit.AuditEntry)) == 48


@given(body=st.dictionaries(st.text("abcd", max_size=4), JSON, max_size=4))
def test_any_body_comes_back_equal_and_its_hash_holds(core: Engine, body: dict[str, object]) -> None:
    seq = _append(core, body)
    with reading(core) as session:
        stream = outbox.open_stream(session, ORIGIN.center_id, "city", Lane.URGENT)
        assert stream is not None
        [event] = outbox.events_after(session, stream, seq - 1)
        assert event.body == body
        assert event.hash == chain_hash(event.prev_hash, event.content())
        assert outbox.verify(session, stream.id) is None


def test_a_changed_event_breaks_the_chain(core: Engine) -> None:
    for n in range(4):
        _append(core, {"n": n})
    with transaction(core) as session:
        session.execute(update(OutboxEvent).where(OutboxEvent.seq == 3).values(body={"n": 99}))
    assert _broken(core) == [3]


def test_an_event_cut_off_at_the_end_is_missed(core: Engine) -> None:
    for n in range(3):
        _append(core, {"n": n})
    with transaction(core) as session:
        session.delete(session.scalars(select(OutboxEvent).where(OutboxEvent.seq == 3)).one())
    assert _broken(core) == [3]


def test_a_new_epoch_starts_again_and_keeps_the_old(core: Engine) -> None:
    clock = ManualClock()
    _append(core, {})
    _append(core, {})
    with transaction(core) as session:
        stream = outbox.new_epoch(session, ORIGIN.center_id, "city", Lane.URGENT, clock)
        assert (stream.last_seq, stream.closed_us) == (0, None)
    assert _append(core, {}) == 1
    assert sorted(len(numbers) for numbers in _numbers(core).values()) == [1, 2]


def test_reading_goes_on_after_a_number_and_acknowledging_marks(core: Engine) -> None:
    for n in range(5):
        _append(core, {"n": n})
    with transaction(core) as session:
        stream = outbox.open_stream(session, ORIGIN.center_id, "city", Lane.URGENT)
        assert stream is not None
        assert [event.seq for event in outbox.events_after(session, stream, 2, limit=2)] == [3, 4]
        outbox.acknowledge(session, stream.id, 3)
    with reading(core) as session:
        assert [event.acked for event in outbox.events_after(session, stream, 0)] == [True] * 3 + [False] * 2


def test_what_json_cannot_hold_is_refused(core: Engine) -> None:
    with pytest.raises(ValueError, match="JSON"):
        _append(core, {"probability": float("nan")})
    assert _append(core, {}) == 1


@given(st.dictionaries(st.text(max_size=4), JSON, max_size=5))
def test_canonical_json_does_not_depend_on_order(value: dict[str, object]) -> None:
    assert canonical_json(value) == canonical_json(dict(reversed(value.items())))
