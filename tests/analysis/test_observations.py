from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from analysis.observations import Observation, ObservationWriter, last_seq, read_after
from foundation.clock import ManualClock
from foundation.database import ObservationsBase, Stores, reading, transaction


def _add(writer: ObservationWriter, camera_id: str = "camera-1", start_us: int = 1) -> None:
    writer.add("center-1", camera_id, "motion", start_us, start_us + 5, {"peak_area": 0.5, "box": [0, 0, 1, 1]})


def _all(stores: Stores, seq: int = 0) -> Sequence[Observation]:
    with reading(stores.observations) as session:
        return read_after(session, seq)


def test_rows_carry_their_origin_and_detail(stores: Stores) -> None:
    clock = ManualClock()
    writer = ObservationWriter(stores.observations, "node-7", clock=clock)
    _add(writer)
    assert writer.flush() == 1
    (row,) = _all(stores)
    assert (row.center_id, row.node, row.camera_id, row.kind) == ("center-1", "node-7", "camera-1", "motion")
    assert (row.start_us, row.end_us, row.created_us) == (1, 6, clock.now_us())
    assert row.detail == {"peak_area": 0.5, "box": [0, 0, 1, 1]}
    assert row.id[14] == "7"  # UUIDv7


def test_consumers_read_on_from_their_cursor(stores: Stores) -> None:
    writer = ObservationWriter(stores.observations, "node-1")
    for start_us in range(5):
        _add(writer, start_us=start_us)
    writer.flush()
    seqs = [row.seq for row in _all(stores)]
    assert seqs == sorted(set(seqs))
    assert [row.start_us for row in _all(stores, seqs[2])] == [3, 4]
    with reading(stores.observations) as session:
        assert len(read_after(session, 0, limit=2)) == 2
        assert last_seq(session) == seqs[-1]


def test_a_number_is_never_given_twice(stores: Stores) -> None:
    writer = ObservationWriter(stores.observations, "node-1")
    _add(writer)
    writer.flush()
    (before,) = _all(stores)
    with transaction(stores.observations) as session:
        session.execute(delete(Observation))
    _add(writer)
    writer.flush()
    (after,) = _all(stores)
    assert after.seq > before.seq


def test_several_writers_at_once_lose_and_double_nothing(stores: Stores) -> None:
    writers = [ObservationWriter(stores.observations, f"node-{n}", interval_s=0.001) for n in range(3)]
    for writer in writers:
        writer.start()
    for start_us in range(60):
        _add(writers[start_us % 3], start_us=start_us)
    for writer in writers:
        writer.close()
    assert sorted(row.start_us for row in _all(stores)) == list(range(60))


def test_what_cannot_be_written_is_kept_for_the_next_time(empty_stores: Stores) -> None:
    writer = ObservationWriter(empty_stores.observations, "node-1")
    _add(writer, start_us=1)
    with pytest.raises(SQLAlchemyError):
        writer.flush()
    _add(writer, start_us=2)
    ObservationsBase.metadata.create_all(empty_stores.observations)
    assert writer.flush() == 2
    assert [row.start_us for row in _all(empty_stores)] == [1, 2]
    assert writer.dropped == 0


def test_a_row_that_the_store_refuses_holds_up_no_other(stores: Stores) -> None:
    writer = ObservationWriter(stores.observations, "node-1")
    _add(writer, start_us=1)
    writer.add("center-1", None, "motion", 2, 3, {})  # type: ignore[arg-type]
    _add(writer, start_us=4)
    writer.flush()
    assert [row.start_us for row in _all(stores)] == [1, 4]
    assert writer.dropped == 1
