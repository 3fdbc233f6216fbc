"""A stream among disks that fail in every way that a write can: none of what waits is lost with one of them."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from foundation.settings import RecorderSettings
from ingest.access_unit import AccessUnit
from ingest.footage import FootageIndex, Segment, storage
from ingest.footage.disk_set import DiskSet
from ingest.footage.disk_writer import DiskWriter
from ingest.footage.fragmenter import Fragmenter
from ingest.footage.holds import HoldsFile
from ingest.footage.intervals import merged

KEY = ("0199a000-0000-7000-8000-000000000001", "main")
EVER = (0, 1 << 62)
SETTINGS = RecorderSettings(segment_s=2, sync_s=0.5, min_free_bytes=0)


class Disks:
    """Two writers on folders of one file system, whose writing a test can spoil for either."""

    def __init__(self, folder: Path, h264: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.h264 = h264
        self.folders = [folder / "first", folder / "second"]
        self.spoil: dict[Path, Callable[[], None]] = {}
        monkeypatch.setattr(storage, "write_parts", self._write)
        holds = HoldsFile(folder)
        self.writers = [DiskWriter(one, folder / "memory", SETTINGS, holds, SYSTEM_CLOCK) for one in self.folders]
        for writer in self.writers:
            assert writer.disk.opened.wait(10)
        self.set = DiskSet(self.writers)
        self._fragmenter = Fragmenter(45_000)
        self.set.begin(KEY, 1)
        self.set.parameters(KEY, h264.parameters)

    def _write(self, descriptor: int, parts: list[bytes]) -> int:
        file = Path(f"/proc/self/fd/{descriptor}").readlink()
        for folder, spoil in self.spoil.items():
            if file.is_relative_to(folder):
                spoil()
        return os.writev(descriptor, parts)

    def feed(self, units: list[AccessUnit]) -> None:
        for unit in units:
            if (fragment := self._fragmenter.push(unit)) is not None:
                self.set.append(KEY, fragment)

    def end(self) -> None:
        for fragment in self._fragmenter.flush():
            self.set.append(KEY, fragment)
        for writer in self.writers:
            writer.close()

    def segments(self) -> list[Segment]:
        found = [one for folder in self.folders for one in FootageIndex(folder).segments(*KEY, *EVER)]
        return sorted(found, key=lambda one: one.start_us)

    def gaps(self) -> list[tuple[str, int, int]]:
        found = [one for folder in self.folders for one in FootageIndex(folder).gaps(*KEY, *EVER)]
        return sorted((one.cause, one.start_us, one.end_us) for one in found)

    def until(self, condition: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    def drained(self) -> None:
        self.until(lambda: not any(writer.queued_bytes for writer in self.writers))


@pytest.fixture
def disks(tmp_path: Path, h264: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disks]:
    made = Disks(tmp_path, h264, monkeypatch)
    yield made
    made.spoil.clear()
    for writer in made.writers:
        if writer.alive:
            writer.close()


def _looped(h264: Any, rounds: int) -> list[AccessUnit]:
    count = len(h264.units)
    begin_us = SYSTEM_CLOCK.now_us() - count * rounds * 40_000
    return [
        replace(h264.units[index % count], start_us=begin_us + index * 40_000, rtp_time=index * 3_600)
        for index in range(count * rounds)
    ]


def _refuse(number: int) -> Callable[[], None]:
    def spoil() -> None:
        raise OSError(number, os.strerror(number))

    return spoil


def _assert_holds(disks: Disks, units: list[AccessUnit]) -> None:
    """Each segment is, byte by byte, what was fed in its time."""
    for segment in disks.segments():
        held = [unit.data for unit in units if segment.start_us <= unit.start_us < segment.end_us]
        assert segment.sha256 == hashlib.sha256(b"".join(held)).digest()


@pytest.mark.parametrize(
    ("number", "cause"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "disk_unavailable"), (errno.EIO, "disk_unavailable")],
)
def test_a_disk_that_fails_costs_what_follows_in_its_group_of_pictures(disks: Disks, number: int, cause: str) -> None:
    units = _looped(disks.h264, 6)
    group = len(disks.h264.units)
    disks.feed(units[: 2 * group + 16])
    disks.drained()
    disks.spoil[disks.folders[0]] = _refuse(number)
    disks.feed(units[2 * group + 16 : 3 * group + 16])
    disks.until(lambda: disks.writers[0].has_failed(KEY))
    disks.feed(units[3 * group + 16 :])
    disks.end()
    assert [one.complete for one in disks.segments()] == [True] * len(disks.segments())
    _assert_holds(disks, units)
    ((told, start_us, end_us),) = disks.gaps()
    assert told == cause
    assert end_us == units[3 * group].start_us
    assert units[2 * group].start_us < start_us <= units[2 * group + 16].start_us
    assert FootageIndex(disks.folders[1]).coverage(*KEY, *EVER) == [(end_us, units[-1].start_us + 40_000)]


def test_a_disk_that_fails_at_a_keyframe_costs_nothing(disks: Disks) -> None:
    units = _looped(disks.h264, 5)
    group = len(disks.h264.units)
    disks.feed(units[: 2 * group])
    disks.drained()
    disks.spoil[disks.folders[0]] = _refuse(errno.ENOSPC)
    disks.feed([replace(units[2 * group], gap_before=False), *units[2 * group + 1 :]])
    disks.until(lambda: disks.writers[0].has_failed(KEY))
    disks.set.tend()
    disks.end()
    _assert_holds(disks, units)
    lost_us = sum(end_us - start_us for _, start_us, end_us in disks.gaps())
    assert lost_us <= 13 * 40_000  # the fragment under way, as it ends after the keyframe came


def test_off_a_disk_that_hangs_goes_all_that_waits(disks: Disks) -> None:
    units = _looped(disks.h264, 6)
    group = len(disks.h264.units)
    disks.feed(units[: 2 * group])
    disks.drained()
    mended, hanging = threading.Event(), threading.Event()

    def hang() -> None:
        hanging.set()
        assert mended.wait(30)

    disks.spoil[disks.folders[0]] = hang
    disks.feed(units[2 * group : 3 * group + 5])
    assert hanging.wait(10)
    disks.until(lambda: disks.writers[0].disk.health.stalled)
    disks.feed(units[3 * group + 5 :])
    disks.until(lambda: FootageIndex(disks.folders[1]).segments(*KEY, *EVER))
    mended.set()
    disks.end()
    _assert_holds(disks, units)
    starts = [one.start_us for one in FootageIndex(disks.folders[1]).segments(*KEY, *EVER)]
    assert starts[0] == units[2 * group].start_us  # the fragment before it hangs
    assert {cause for cause, _, _ in disks.gaps()} <= {"disk_slow"}


def test_where_no_disk_can_be_written_it_goes_on_when_one_can(disks: Disks) -> None:
    units = _looped(disks.h264, 6)
    group = len(disks.h264.units)
    disks.feed(units[:group])
    disks.drained()
    for folder in disks.folders:
        disks.spoil[folder] = _refuse(errno.EIO)
    for number in range(1, 4):
        disks.feed(units[number * group : (number + 1) * group])
        disks.drained()
        disks.set.tend()
    assert disks.set.fault is not None
    disks.spoil.clear()
    disks.until(lambda: any(writer.disk.usable for writer in disks.writers))
    disks.feed(units[4 * group :])
    disks.end()
    _assert_holds(disks, units)
    assert disks.segments()[-1].end_us == units[-1].start_us + 40_000
    spans = [(one.start_us, one.end_us) for one in disks.segments()]
    spans += [(start_us, end_us) for cause, start_us, end_us in disks.gaps() if cause == "disk_unavailable"]
    assert len(merged(spans, US_PER_S // 2)) == 1  # it is there, or it is told why not


def test_a_stream_goes_back_to_a_preferred_disk_without_a_loss(disks: Disks) -> None:
    units = _looped(disks.h264, 6)
    group = len(disks.h264.units)
    disks.set.prefer(disks.writers[::-1])
    disks.feed(units[: 3 * group])
    disks.set.prefer(disks.writers)
    disks.feed(units[3 * group :])
    disks.end()
    _assert_holds(disks, units)
    assert disks.gaps() == []
    kept = [[one.start_us for one in FootageIndex(folder).segments(*KEY, *EVER)] for folder in disks.folders]
    assert all(kept)
    assert sum(one.duration_us for one in disks.segments()) == len(units) * 40_000


def test_a_disk_without_room_for_more_is_passed_by(disks: Disks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.footage.disk_writer.LEAST_ROOM_BYTES", 150_000)
    monkeypatch.setattr("ingest.footage.disk_writer.ROOM_A_STREAM_BYTES", 150_000)
    units = _looped(disks.h264, 6)
    group = len(disks.h264.units)
    go_on = threading.Event()
    disks.spoil[disks.folders[0]] = lambda: go_on.wait(2) and None
    for number in range(6):
        disks.feed(units[number * group : (number + 1) * group])
        disks.until(lambda: disks.writers[1].queued_bytes == 0)
    go_on.set()
    disks.end()
    _assert_holds(disks, units)
    assert FootageIndex(disks.folders[1]).segments(*KEY, *EVER)
    assert {cause for cause, _, _ in disks.gaps()} <= {"disk_slow"}


def test_what_other_disks_hold_is_no_gap(tmp_path: Path, h264: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    units = _looped(h264, 4)
    group = len(h264.units)
    disks = Disks(tmp_path, h264, monkeypatch)
    disks.feed(units[:group])
    disks.set.prefer(disks.writers[::-1])
    disks.feed(units[group : 2 * group])
    disks.end()
    again = Disks(tmp_path, h264, monkeypatch)
    again.feed(units[3 * group :])
    again.end()
    assert again.gaps() == [("restart", units[2 * group].start_us, units[3 * group].start_us)]
