from __future__ import annotations

import os
from pathlib import Path

import pytest

from foundation.clock import ManualClock
from foundation.errors import NotWritable
from ingest.live import ended_watch
from ingest.live.ended import FILE_NAME, note_ended
from ingest.live.ended_watch import EndedWatch
from ingest.live.leaves import ClipLeave, Holder, LiveLeave, clip_leave, live_leave

ZHANG = Holder("zhang", "a1", "s1")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def leaves(clock: ManualClock, holder: Holder = ZHANG) -> tuple[LiveLeave, ClipLeave]:
    return live_leave(clock, holder, ["a"]), clip_leave(clock, holder, "a", "main", 1, 2)


def over(watch: EndedWatch, *given: LiveLeave | ClipLeave) -> list[bool]:
    return [watch.is_over(leave) for leave in given]


def test_without_a_file_a_leave_is_good_until_it_runs_out(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path / "not there yet", clock)
    live = live_leave(clock, ZHANG, [], until_us=clock.now_us() + 1_000_000)
    assert not watch.is_over(live)
    clock.advance(1)
    assert watch.is_over(live)


def test_an_ended_session_ends_all_of_its_leaves_and_nobody_elses(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    ours, others = leaves(clock), leaves(clock, Holder("zhang", "a1", "another session"))
    note_ended(tmp_path, clock, session_ids=["s1"])
    watch.refresh()
    assert over(watch, *ours, *others) == [True, True, False, False]
    clock.advance(1)  # nor is one good that an answer still under way was given
    assert over(watch, *leaves(clock)) == [True, True]


def test_an_accounts_leaves_from_before_its_mark_are_over(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    before, theirs = leaves(clock), leaves(clock, Holder("li", "a2", "s2"))
    clock.advance(1)
    note_ended(tmp_path, clock, account_ids=["a1"])
    same_moment = leaves(clock)
    clock.advance(0.001)
    watch.refresh()
    assert over(watch, *before, *same_moment, *theirs) == [True] * 4 + [False] * 2
    assert over(watch, *leaves(clock)) == [False, False]


def test_a_locked_session_keeps_its_live_pictures(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    before = leaves(clock)
    note_ended(tmp_path, clock, locked_session_ids=["s1"])
    watch.refresh()
    assert over(watch, *before) == [False, True]
    clock.advance(1)  # unlocked again
    assert over(watch, *leaves(clock)) == [False, False]


def test_a_leave_from_before_the_clock_was_set_back_is_over(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    before = leaves(clock)
    clock.step(-3600)
    note_ended(tmp_path, clock, account_ids=["a1"])  # of an earlier time than the leaves
    watch.refresh()
    assert over(watch, *before) == [True, True]
    clock.advance(1)
    assert over(watch, *leaves(clock)) == [False, False]


def test_what_was_read_holds_when_the_file_is_taken_away(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    ours, others = leaves(clock), leaves(clock, Holder("li", "a2", "s2"))
    note_ended(tmp_path, clock, session_ids=["s1"])
    watch.refresh()
    (tmp_path / FILE_NAME).unlink()
    watch.refresh()
    assert over(watch, *ours, *others) == [True, True, False, False]
    note_ended(tmp_path, clock, session_ids=["s2"])
    watch.refresh()
    assert over(watch, *ours, *others) == [True] * 4


def test_a_damaged_file_ends_every_leave_from_before_and_is_mended(tmp_path: Path, clock: ManualClock) -> None:
    watch = EndedWatch(tmp_path, clock)
    before = leaves(clock)
    clock.advance(1)
    (tmp_path / FILE_NAME).write_bytes(b'{"sessions": {"s1')
    watch.refresh()
    assert over(watch, *before) == [True, True]
    clock.advance(1)
    assert over(watch, *leaves(clock)) == [False, False]
    # It is written anew, so that what ends from now on is told again, and a server started later knows as well.
    note_ended(tmp_path, clock, session_ids=["s2"])
    again = EndedWatch(tmp_path, clock)
    assert over(again, *before) == [True, True]
    assert again.is_over(live_leave(clock, Holder("li", "a2", "s2"), []))


def test_what_can_neither_be_read_nor_replaced_shows_nothing_until_it_can(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = EndedWatch(tmp_path, clock)

    def refuse(*_arguments: object) -> None:
        raise NotWritable("the file system is mounted read-only.")

    with monkeypatch.context() as broken:
        broken.setattr(ended_watch, "put", refuse)
        (tmp_path / FILE_NAME).write_bytes(b"?")
        for _ in range(2):
            watch.refresh()
            clock.advance(1)
            assert over(watch, *leaves(clock)) == [True, True]
        before = leaves(clock)
    watch.refresh()
    clock.advance(1)
    assert over(watch, *before) == [True, True]
    assert over(watch, *leaves(clock)) == [False, False]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_replaced(tmp_path: Path, clock: ManualClock) -> None:
    note_ended(tmp_path, clock, session_ids=["s1"])
    (tmp_path / FILE_NAME).chmod(0)
    watch = EndedWatch(tmp_path, clock)
    assert over(watch, *leaves(clock)) == [True, True]
    clock.advance(1)
    assert over(watch, *leaves(clock)) == [False, False]
