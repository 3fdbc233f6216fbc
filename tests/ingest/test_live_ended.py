from __future__ import annotations

import json
import multiprocessing
import stat
from pathlib import Path

import pytest

from foundation.clock import SYSTEM_CLOCK, ManualClock
from foundation.errors import NotWritable
from ingest.live import ended
from ingest.live.ended import FILE_NAME, LEAVE_LIFE_US, DamagedFile, Ended, note_ended

HOUR_S = 3600


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_marks_are_added_and_the_newest_time_holds(tmp_path: Path, clock: ManualClock) -> None:
    run_dir = tmp_path / "run"
    first_us = clock.now_us()
    note_ended(run_dir, clock, session_ids=["s1"], account_ids=["a1"])
    clock.advance(5)
    note_ended(run_dir, clock, account_ids=["a1"], locked_session_ids=["s2"])
    later_us = clock.now_us()
    assert ended.read(run_dir / FILE_NAME) == Ended({"s1": first_us}, {"a1": later_us}, {"s2": later_us})
    assert stat.S_IMODE((run_dir / FILE_NAME).stat().st_mode) & 0o137 == 0


def test_nothing_to_note_leaves_no_file(tmp_path: Path, clock: ManualClock) -> None:
    note_ended(tmp_path, clock)
    assert list(tmp_path.iterdir()) == []
    assert ended.read(tmp_path / FILE_NAME) is None


def test_a_mark_goes_when_no_leave_from_before_it_can_be_good(tmp_path: Path, clock: ManualClock) -> None:
    note_ended(tmp_path, clock, session_ids=["old"])
    clock.advance(LEAVE_LIFE_US // 1_000_000 + HOUR_S)
    note_ended(tmp_path, clock, session_ids=["new"])
    known = ended.read(tmp_path / FILE_NAME)
    assert known is not None
    assert set(known.sessions) == {"old", "new"}
    clock.advance(1)
    note_ended(tmp_path, clock, session_ids=["newer"])
    known = ended.read(tmp_path / FILE_NAME)
    assert known is not None
    assert set(known.sessions) == {"new", "newer"}


def test_too_many_marks_become_one_for_everybody(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended, "_MOST", 3)
    note_ended(tmp_path, clock, session_ids=["1", "2", "3"])
    clock.advance(1)
    note_ended(tmp_path, clock, session_ids=["4"], account_ids=["a"])
    assert ended.read(tmp_path / FILE_NAME) == Ended({}, {"a": clock.now_us()}, {}, all_us=clock.now_us())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"sessions": {}, "accounts": {}}',
        b'{"sessions": [], "accounts": {}, "locked": {}, "all_us": 0}',
        b'{"sessions": {"a": "x"}, "accounts": {}, "locked": {}, "all_us": 0}',
        b'{"sessions": {}, "accounts": {}, "locked": {}, "all_us": true}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_told_apart_and_replaced_by_a_mark_for_everybody(
    tmp_path: Path, clock: ManualClock, content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(DamagedFile):
        ended.read(tmp_path / FILE_NAME)
    note_ended(tmp_path, clock, session_ids=["s"])
    now_us = clock.now_us()
    assert ended.read(tmp_path / FILE_NAME) == Ended({"s": now_us}, all_us=now_us)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "run").write_text("a file where the folder should be")
    with pytest.raises(NotWritable, match="run"):
        note_ended(tmp_path / "run", clock, session_ids=["s"])


def _note(run_dir: Path, worker: int) -> None:
    for number in range(10):
        note_ended(run_dir, SYSTEM_CLOCK, session_ids=[f"{worker}-{number}"])


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_note, args=(tmp_path, worker)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    content = json.loads((tmp_path / FILE_NAME).read_bytes())
    assert len(content["sessions"]) == 40
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
