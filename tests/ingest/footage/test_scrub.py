"""The slow comparison of old footage with its index, beside a recorder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import US_PER_S
from ingest.footage import FootageIndex
from ingest.footage.check.scrub import Scrubber
from ingest.footage.check.scrub_state import load
from ingest.footage.index_writer import Changes

GATE = ("0199a000-0000-7000-8000-000000000001", "main")
EVER = (0, 1 << 62)
FAST = 1 << 40


@pytest.fixture
def disk(script: Callable[..., Any]) -> Path:
    """Ten segments older than the watermark, one newer."""
    made = script()
    made.open(GATE)
    made.record(33)
    made.close()
    made.open()
    newest = FootageIndex(made.folder).segments(*GATE, *EVER)[-1]
    made.index.apply(Changes(clean_us=newest.start_us))
    made.release()
    folder: Path = made.folder
    return folder


def _quiet() -> bool:
    return False


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-3] ^= 1
    file.write_bytes(data)


def test_a_round_reads_what_is_older_than_the_watermark(disk: Path) -> None:
    segments = FootageIndex(disk).segments(*GATE, *EVER)
    _flip(disk / segments[4].path)
    _flip(disk / segments[-1].path)  # newer
    (disk / segments[6].path).unlink()
    scrubber = Scrubber(disk, _quiet, FAST)
    scrubber.round()
    assert scrubber.findings == 2
    state = load(disk)
    assert (state.position_us, state.findings, state.found) == (0, 0, 2)
    assert state.finished_us > 0
    assert len(list(disk.glob("*/*/*/*/*"))) == len(segments) - 1


def test_it_goes_on_where_it_stopped(disk: Path) -> None:
    segments = FootageIndex(disk).segments(*GATE, *EVER)
    _flip(disk / segments[1].path)
    asked: list[int] = []

    def until_the_fifth() -> bool:
        asked.append(1)
        if len(asked) == 5:
            first.stop()
        return False

    first = Scrubber(disk, until_the_fifth, FAST)
    first.round()
    state = load(disk)
    assert (state.position_us, state.findings) == (segments[3].start_us, 1)
    seen: list[int] = []

    def count() -> bool:
        seen.append(1)
        return False

    second = Scrubber(disk, count, FAST)
    second.round()
    assert len(seen) == 7  # the fourth once more, and the six that were left
    assert load(disk).found == 1


def test_it_keeps_out_of_the_way(disk: Path) -> None:
    """While the disk is busy nothing is read, and telling it to end ends it."""
    scrubber = Scrubber(disk, lambda: True, FAST)
    scrubber.stop()
    scrubber.round()
    assert load(disk).position_us == 0


def test_so_many_bytes_a_second(disk: Path) -> None:
    size = sum(one.size_bytes for one in FootageIndex(disk).segments(*GATE, *EVER)[:-1])
    scrubber = Scrubber(disk, _quiet, size * 4)
    waited: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return False

    scrubber._stop = Stop()
    scrubber.round()
    assert sum(waited) == pytest.approx(0.25)


def test_a_recorder_that_ends_does_not_wait_for_it(script: Callable[..., Any]) -> None:
    made = script(int(time.time()) * US_PER_S)
    made.open(GATE)
    made.close()
    scrubber = Scrubber(made.folder, _quiet)
    scrubber.start()
    scrubber.stop()
    scrubber.join()
