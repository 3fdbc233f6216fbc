"""A recorder that is killed, and a host whose clock is set: what is on the disk stays, and can be explained."""

from __future__ import annotations

import json
import random
import time
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from foundation.clock import SYSTEM_CLOCK, US_PER_S
from ingest.footage.check import DiskCheck
from ingest.footage.mp4_reader import fragments, read_init
from simulator.virtual_camera import serving

pytestmark = [pytest.mark.functional, pytest.mark.long]

RATE = 25
HOUR_US = 3600 * US_PER_S


def _fragments(disk: Path) -> dict[str, list[bytes]]:
    """What can be read of each file just now: a hash of each fragment's access units."""
    found = {}
    for file in disk.glob("*/*/*/*/*.mp4"):
        with file.open("rb") as stream:
            if file.stat().st_size > 4096:
                whole = fragments(stream, len(read_init(stream)))
                found[file.relative_to(disk).as_posix()] = [
                    sha256(b"".join(sample.data for sample in one.samples)).digest() for one in whole
                ]
    return found


def _start(recording, *names: str) -> None:
    """Start, and wait until the new process says that it records: the status of a killed one still stands there."""
    recording.start()
    status = recording.run / "recorder-0.status.json"
    recording.until(
        lambda: status.exists() and json.loads(status.read_bytes())["pid"] == recording.process.pid, "the recorder"
    )
    for name in names:
        recording.await_state(name, "recording")


@pytest.mark.parametrize("kills", [2, pytest.param(12, marks=pytest.mark.full)])
def test_no_kill_takes_a_fragment_that_was_there(recording, clip: Path, kills: int) -> None:
    chance = random.Random(kills)
    with serving({"gate": clip, "yard": clip}) as camera:
        for name in ("gate", "yard"):
            recording.assign(name, camera.url(name))
        for _ in range(kills):
            _start(recording, "gate", "yard")
            time.sleep(1 + 5 * chance.random())
            before = _fragments(recording.disk)
            recording.kill()
            left = DiskCheck(recording.disk, recording.run, deep=True).look()
            assert left.unexplained == 0, left.findings
            _start(recording, "gate")
            after = _fragments(recording.disk)
            for path, held in before.items():
                assert after[path][: len(held)] == held, path
            recording.stop()
            recording.assert_index_is_true(recording.disk)
    assert set(recording.gap_causes("gate")) == {"restart"}


@pytest.mark.full
def test_a_host_clock_that_is_set_forward_and_back(recording, clip: Path) -> None:
    with serving({"gate": clip}) as camera:
        recording.step_clock(0)
        recording.assign("gate", camera.url("gate"))
        recording.start()
        recording.until(lambda: recording.segments("gate"), "footage")
        recording.step_clock(3600)
        soon_us = SYSTEM_CLOCK.now_us() + HOUR_US // 2
        recording.until(lambda: recording.segments("gate")[-1].start_us > soon_us, "footage under the new time")
        recording.step_clock(0)
        seen = recording.report("gate")["access_units"]
        recording.until(lambda: recording.report("gate")["access_units"] > seen + 6 * RATE, "recording to go on")
        recording.stop()
        sent = camera.counts["gate"].access_units
        assert sent - RATE <= recording.units_on_disk("gate") <= sent
    segments = recording.segments("gate")
    assert all(one.duration_us < 30 * US_PER_S for one in segments)
    assert all(before.start_us < after.start_us for before, after in pairwise(segments))
    assert recording.gap_causes("gate") == {"clock_step": 1}
    recording.assert_index_is_true(recording.disk)


@pytest.mark.full
def test_a_clock_that_is_right_again_after_a_restart(recording, clip: Path) -> None:
    """What is recorded then lies before footage and watermark of the false time, and is repaired all the same."""
    with serving({"gate": clip}) as camera:
        recording.step_clock(3600)
        recording.assign("gate", camera.url("gate"))
        recording.start()
        recording.until(lambda: recording.segments("gate"), "footage under the false time")
        recording.stop()
        recording.step_clock(0)
        for _ in range(2):
            _start(recording, "gate")
            time.sleep(3)
            recording.kill()
        _start(recording, "gate")
        recording.stop()
    now_us = SYSTEM_CLOCK.now_us()
    present = [one for one in recording.segments("gate") if one.start_us < now_us]
    assert len(present) >= 3
    assert recording.gap_causes("gate")["restart"] == 2
    recording.assert_index_is_true(recording.disk)
